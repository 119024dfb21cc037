/** Makes WASI components of the benchmark's C programs, and runs them in wasmtime with the network. */
import { join } from 'node:path';
import { options } from '@sock/core';
import { root, run } from '../tools/run.mjs';
import { compose } from '../tools/wasi/compose.mjs';
import { makeComponent, wasmtime } from '../tools/wasi/toolchain.mjs';

/** Compiles a program into `folder` and returns the component's file. */
export function wasiComponent(source, name, folder) {
  const out = join(folder, `${name}.wasm`);
  makeComponent(out, [join(root, source)], { flags: ['-O2'] });
  return out;
}

const inWasmtime = (component) => [wasmtime(), 'run', '-S', 'inherit-network', component];

/** Compiles a program into `folder` and returns the command that runs it in wasmtime. */
export const wasiProgram = (source, name, folder) =>
  inWasmtime(wasiComponent(source, name, folder));

/** The same for a program over `sock:socket/socket`, composed with sock.wasm. */
export function socketProgram(source, name, folder) {
  const bindings = join(root, 'wasm/bindings-guest');
  const { id } = options.find((option) => option.name === 'keepalive');
  const guest = join(folder, `${name}.guest.wasm`);
  makeComponent(guest, [join(root, source), join(bindings, 'guest.c')], {
    flags: ['-O2', `-I${bindings}`, `-DKEEPALIVE=${id}`],
    link: [join(bindings, 'guest_component_type.o')],
  });
  const out = join(folder, `${name}.wasm`);
  compose(guest, out);
  return inWasmtime(out);
}

export const wasmtimeVersion = () => run(wasmtime(), ['--version']);
