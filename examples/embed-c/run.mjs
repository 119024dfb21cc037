/**
 * Compiles the C guest for wasm32-wasip2, composes it with sock.wasm and runs it in wasmtime, with the
 * network and without it. Without it, the guest must print EACCES.
 *
 *   node examples/embed-c/run.mjs
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { flagsFor } from '../../tools/wasi/build.mjs';
import { compose } from '../../tools/wasi/compose.mjs';
import { compiler, root, run, wasmTools, wasmtime } from '../../tools/wasi/toolchain.mjs';

const out = join(root, '.cache/wasi/embed-c');
const bindings = join(root, 'wasm/bindings-guest');
mkdirSync(out, { recursive: true });
const { clang, ld, builtins, sysroot } = compiler();
const lib = join(sysroot, 'lib/wasm32-wasip2');
const objects = [join(root, 'examples/embed-c/echo.c'), join(bindings, 'guest.c')].map(
  (source, index) => {
    const object = join(out, `${index}.o`);
    run(clang, [...flagsFor(sysroot), `-I${bindings}`, '-c', source, '-o', object]);
    return object;
  },
);
const core = join(out, 'core.wasm');
run(ld, [
  `-L${lib}`,
  join(lib, 'crt1-command.o'),
  ...objects,
  join(bindings, 'guest_component_type.o'),
  '-lc',
  builtins,
  '-o',
  core,
]);
const guest = join(out, 'guest.wasm');
const program = join(out, 'echo.wasm');
run(wasmTools(), ['component', 'new', core, '-o', guest]);
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
