/**
 * Connects a component that imports `sock:socket/socket` to sock.wasm: with `wac plug` if wac is
 * installed, otherwise with `wasm-tools compose`, which does the same for one import.
 *
 *   node tools/wasi/compose.mjs GUEST.wasm OUT.wasm
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, run, runs } from '../run.mjs';
import { wasmTools } from './toolchain.mjs';

const socket = join(root, 'packages/wasi/component/sock.wasm');

export function compose(guest, out) {
  if (runs('wac')) run('wac', ['plug', '--plug', socket, guest, '-o', out]);
  else run(wasmTools(), ['compose', guest, '-d', socket, '-o', out]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [guest, out] = process.argv.slice(2);
  if (out === undefined || guest.startsWith('-')) {
    console.error('usage: node tools/wasi/compose.mjs GUEST.wasm OUT.wasm');
    process.exit(guest === '--help' ? 0 : 2);
  }
  compose(guest, out);
}
