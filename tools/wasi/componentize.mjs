/**
 * Makes a component of a TypeScript program: bundled for the condition `wasi`, with the engine of
 * componentize-js, composed with sock.wasm. The program exports `run` of the world `program` in wasm/wit.
 *
 *   node tools/wasi/componentize.mjs ENTRY.ts OUT.wasm
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { componentize } from '@bytecodealliance/componentize-js';
import { build } from 'esbuild';
import { root, run } from '../run.mjs';
import { compose } from './compose.mjs';
import { wasmtime } from './toolchain.mjs';

/**
 * Makes the component `out` and compiles it for wasmtime, as `.cwasm`: compiling the engine takes seconds.
 * @param define values of constants in the program, as esbuild takes them
 */
export async function makeProgram(entry, out, { define = {} } = {}) {
  console.log(`making ${out.slice(out.lastIndexOf('/') + 1)} of a TypeScript program`);
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['wasi'],
    external: ['sock:*'],
    define,
    write: false,
    logLevel: 'error',
  });
  const { component } = await componentize(outputFiles[0].text, {
    witWorld: readFileSync(join(root, 'wasm/wit/socket.wit'), 'utf8'),
    worldName: 'program',
    disableFeatures: ['http', 'fetch-event'],
  });
  mkdirSync(dirname(out), { recursive: true });
  const alone = `${out}.alone`;
  writeFileSync(alone, component);
  compose(alone, out);
  rmSync(alone);
  run(wasmtime(), ['compile', out, '-o', compiledOf(out)]);
}

const compiledOf = (component) => component.replace(/\.wasm$/, '.cwasm');

/**
 * Calls `run` of a component that `makeProgram` made, in wasmtime.
 * @returns the text that it returns
 * @throws {Error} with the text of its error
 */
export async function runProgram(component, { network = true, timeout = 240_000 } = {}) {
  const flags = network ? ['-S', 'inherit-network', '-S', 'allow-ip-name-lookup'] : [];
  const args = ['run', '--allow-precompiled', ...flags, '--invoke', 'run()', compiledOf(component)];
  const { stdout } = await promisify(execFile)(wasmtime(), args, { maxBuffer: 1 << 26, timeout });
  const answer = /(?:^|\n)(ok|err)\("([\s\S]*)"\)\s*$/.exec(stdout);
  if (answer === null) throw new Error(`the component answered: ${stdout.slice(-2000)}`);
  // WAVE, the text form of component values, escapes like JSON, except for ' and \u{...}.
  const json = answer[2]
    .replaceAll("\\'", "'")
    .replace(/\\u\{([0-9a-f]+)\}/g, (_, code) =>
      JSON.stringify(String.fromCodePoint(Number.parseInt(code, 16))).slice(1, -1),
    );
  const text = JSON.parse(`"${json}"`);
  if (answer[1] === 'err') throw new Error(text);
  return text;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [entry, out] = process.argv.slice(2);
  if (out === undefined || entry.startsWith('-')) {
    console.error('usage: node tools/wasi/componentize.mjs ENTRY.ts OUT.wasm');
    process.exit(entry === '--help' ? 0 : 2);
  }
  await makeProgram(resolve(entry), resolve(out));
}
