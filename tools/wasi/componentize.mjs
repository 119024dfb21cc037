/**
 * Makes a TypeScript program into a component, composed with sock.wasm and ready to run: bundled for
 * the condition `wasi`, on the engine of componentize-js. The program exports `run`, of the world
 * `program` in wasm/wit.
 *
 *   node tools/wasi/componentize.mjs ENTRY.ts OUT.wasm
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { componentize } from '@bytecodealliance/componentize-js';
import { build } from 'esbuild';
import { compose } from './compose.mjs';
import { root, run, wasmtime } from './toolchain.mjs';

const execute = promisify(execFile);

/** `define`: what constants of the program are, as esbuild takes it. */
export async function makeProgram(entry, out, { define = {} } = {}) {
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
  const [{ text }] = outputFiles;
  const witWorld = readFileSync(join(root, 'wasm/wit/socket.wit'), 'utf8');
  const stamp = createHash('sha256')
    .update(text)
    .update(witWorld)
    .update(readFileSync(join(root, 'packages/wasi/component/sock.wasm')))
    .digest('hex');
  const stampFile = `${out}.stamp`;
  const made = [out, stampFile].every((file) => existsSync(file));
  if (made && readFileSync(stampFile, 'utf8') === stamp) return;
  const { component } = await componentize(text, {
    witWorld,
    worldName: 'program',
    disableFeatures: ['http', 'fetch-event'],
  });
  mkdirSync(dirname(out), { recursive: true });
  const alone = `${out}.alone`;
  writeFileSync(alone, component);
  compose(alone, out);
  rmSync(alone);
  writeFileSync(stampFile, stamp);
}

/** Runs `run` of a component in wasmtime. Returns what it says; throws why it failed. */
export async function runProgram(component, { network = true, timeout = 240_000 } = {}) {
  // Compiled ahead: the engine of a script is large.
  const compiled = component.replace(/\.wasm$/, '.cwasm');
  if (!existsSync(compiled) || statSync(compiled).mtimeMs < statSync(component).mtimeMs) {
    run(wasmtime(), ['compile', component, '-o', compiled]);
  }
  const flags = network ? ['-S', 'inherit-network'] : [];
  const args = ['run', '--allow-precompiled', ...flags, '--invoke', 'run()', compiled];
  const { stdout } = await execute(wasmtime(), args, { maxBuffer: 1 << 26, timeout });
  const answer = /(?:^|\n)(ok|err)\("([\s\S]*)"\)\s*$/.exec(stdout);
  if (answer === null) throw new Error(`the component answered: ${stdout.slice(-2000)}`);
  // WAVE, the text of component values, escapes as JSON does but for two things.
  const json = answer[2]
    .replaceAll("\\'", "'")
    .replace(/\\u\{([0-9a-f]+)\}/g, (_, code) =>
      JSON.stringify(String.fromCodePoint(Number.parseInt(code, 16))).slice(1, -1),
    );
  const said = JSON.parse(`"${json}"`);
  if (answer[1] === 'err') throw new Error(said);
  return said;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [entry, out] = process.argv.slice(2);
  if (entry === undefined || out === undefined) {
    console.error('usage: node tools/wasi/componentize.mjs ENTRY.ts OUT.wasm');
    process.exit(2);
  }
  await makeProgram(resolve(entry), resolve(out));
}
