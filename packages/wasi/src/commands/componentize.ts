/**
 * Makes a command component from a TypeScript or JavaScript program: bundles it, adds an engine, and composes it
 * with sock.wasm.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import { CommandError } from './command-error.js';
import { compose } from './compose.js';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The interface of commands. The package sock:socket does not include it. */
const RUN = `
package wasi:cli@0.2.0 {
    interface run {
        run: func() -> result;
    }
}
`;

/** The world of the program: sockets in, \`run\` out. */
const WORLD = `
/// A command that uses the sockets.
world command {
    include guest;
    export wasi:cli/run@0.2.0;
}
`;

/**
 * What a host calls: the program's function, whose Error goes to standard error with its stack, and makes the exit code
 * 1. A number that it returns is an exit code too; hosts of WASI 0.2 tell 0 and 1 apart.
 */
const entry = (program: string): string => `
import * as program from ${JSON.stringify(program)};

const main = program.run ?? program.main ?? program.default;

export const run = {
  async run() {
    let failed = false;
    try {
      if (typeof main !== 'function') throw new TypeError('the program exports no function run, main or default');
      const code = await (typeof main.run === 'function' ? main.run() : main());
      failed = typeof code === 'number' && code !== 0;
    } catch (error) {
      const { name, message, stack } = error ?? {};
      console.error(message === undefined ? String(error) : name + ': ' + message + '\\n' + (stack ?? ''));
      failed = true;
    }
    if (failed) throw undefined;
  },
};
`;

interface Esbuild {
  build(options: object): Promise<{ outputFiles: { text: string }[] }>;
}

interface Componentize {
  componentize(source: string, options: object): Promise<{ component: Uint8Array }>;
}

/** Loads a package that only this command needs. The user installs it. */
async function needed<T>(name: string): Promise<T> {
  try {
    return (await import(name)) as T;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new CommandError(`componentize needs ${name}: npm install --save-dev ${name}`, { cause });
  }
}

/** @param out the component's file */
export async function componentize(program: string, out: string): Promise<void> {
  const file = resolve(program);
  if (!existsSync(file)) throw new CommandError(`there is no ${program}`);
  const esbuild = await needed<Esbuild>('esbuild');
  const engine = await needed<Componentize>('@bytecodealliance/componentize-js');
  const guest = here('../guest.js');
  const { outputFiles } = await esbuild.build({
    stdin: { contents: entry(file), resolveDir: dirname(file), sourcefile: 'entry.js' },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['wasi'],
    alias: { '@sock/wasi': guest, '@sock/wasi/guest': guest },
    external: ['sock:*'],
    write: false,
    logLevel: 'error',
  });
  const wit = readFileSync(here('../../wit/socket.wit'), 'utf8');
  const { component } = await engine.componentize((outputFiles[0] as { text: string }).text, {
    witWorld: wit + WORLD + RUN,
    worldName: 'command',
    disableFeatures: ['http', 'fetch-event'],
  });
  const work = mkdtempSync(join(tmpdir(), 'sock-wasi-'));
  try {
    const alone = join(work, 'alone.wasm');
    writeFileSync(alone, component);
    compose(alone, resolve(out));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
