/**
 * Gives a component that imports `sock:socket/socket` the sockets of sock.wasm: by `wac plug` where
 * wac is there, otherwise by `wasm-tools compose`, which does the same for one import.
 *
 *   node tools/wasi/compose.mjs GUEST.wasm OUT.wasm
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, run, wasmTools } from './toolchain.mjs';

const socket = join(root, 'packages/wasi/component/sock.wasm');

export function compose(guest, out) {
  if (spawnSync('wac', ['--version'], { stdio: 'ignore' }).status === 0) {
    run('wac', ['plug', '--plug', socket, guest, '-o', out]);
  } else {
    run(wasmTools(), ['compose', guest, '-d', socket, '-o', out]);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [guest, out] = process.argv.slice(2);
  if (guest === undefined || out === undefined) {
    console.error('usage: node tools/wasi/compose.mjs GUEST.wasm OUT.wasm');
    process.exit(2);
  }
  compose(guest, out);
}
