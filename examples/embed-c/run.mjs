/**
 * Compiles the C guest for wasm32-wasip2, composes it with sock.wasm and runs it in wasmtime, with the
 * network and without it. Without it, the guest must print EACCES.
 *
 *   node examples/embed-c/run.mjs
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../tools/run.mjs';
import { compose } from '../../tools/wasi/compose.mjs';
import { makeComponent, wasmtime } from '../../tools/wasi/toolchain.mjs';

const out = join(root, '.cache/wasi/embed-c');
const bindings = join(root, 'wasm/bindings-guest');
mkdirSync(out, { recursive: true });
const guest = join(out, 'guest.wasm');
makeComponent(guest, [join(root, 'examples/embed-c/echo.c'), join(bindings, 'guest.c')], {
  flags: [`-I${bindings}`],
  link: [join(bindings, 'guest_component_type.o')],
});
const program = join(out, 'echo.wasm');
compose(guest, program);

const allowed = spawnSync(wasmtime(), ['run', '-S', 'inherit-network', program], {
  encoding: 'utf8',
});
console.log(`with the network: ${allowed.stdout.trim()}${allowed.stderr}`);
const denied = spawnSync(wasmtime(), ['run', program], { encoding: 'utf8' });
console.log(`without it: ${denied.stdout.trim()}${denied.stderr}`);
const good = allowed.status === 0 && allowed.stdout.includes('received: hello from C');
const refused = denied.status === 1 && denied.stdout.includes('EACCES');
process.exit(good && refused ? 0 : 1);
