/** `run`: a command component from its file, without a build. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readComponent } from '../component/binary.js';
import { compileModules, Linker } from '../component/instantiate.js';
import { createScope, type HostInit } from '../create-scope.js';
import { interfaces, LoaderInterfaces } from '../host-interfaces.js';
import { commandLine, Exit, type ProgramInit } from './command-line.js';
import { filesystemOf } from './filesystem.js';

/** How {@link run} runs a component. */
export interface RunInit extends HostInit, ProgramInit {
  /** Folders that the program may use: its name of one, and the folder. */
  readonly preopens?: Readonly<Record<string, string>>;
}

const isBytes = (source: unknown): source is Uint8Array => source instanceof Uint8Array;

/**
 * Runs a command component of WASI 0.2 (one that exports wasi:cli/run) in this thread, which it holds up until it ends.
 * Its sockets are closed then.
 * @param source the component's file, or its bytes
 * @returns the exit code: what the program gave to `exit`; 1 when its `run` failed
 * @throws {SyntaxError} for what is no component
 * @throws {UnsupportedComponentError} for one that needs what this host does not have
 * @throws {WebAssembly.RuntimeError} when it traps
 */
export async function run(source: string | URL | Uint8Array, init: RunInit = {}): Promise<number> {
  const path = source instanceof URL ? fileURLToPath(source) : source;
  const bytes = isBytes(path) ? path : await readFile(path);
  const component = readComponent(bytes);
  const modules = await compileModules(component);
  const scope = createScope(init);
  try {
    const name = init.name ?? (isBytes(path) ? 'program.wasm' : basename(path));
    const definitions = { ...interfaces, ...commandLine({ ...init, name }) };
    const files = await filesystemOf(scope, init.preopens ?? {});
    const linker = new Linker(new LoaderInterfaces(scope, definitions, files), modules);
    const exports = linker.instantiate(component);
    const main = exports.func('wasi:cli/run', 'run');
    if (main === undefined) {
      throw new TypeError(
        `the component is no command: it exports ${exports.names.join(', ')} and no wasi:cli/run`,
      );
    }
    const { tag } = main() as { tag: string };
    return tag === 'ok' ? 0 : 1;
  } catch (error) {
    if (error instanceof Exit) return error.code;
    throw error;
  } finally {
    scope.closeAll();
  }
}
