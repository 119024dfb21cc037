/**
 * Makes a TypeScript program into a component, composed with sock.wasm and ready to run: bundled for
 * the condition `wasi`, on the engine of componentize-js. The program exports `run`, of the world
 * `program` in wasm/wit.
 *
 *   node tools/wasi/componentize.mjs ENTRY.ts OUT.wasm
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { componentize } from '@bytecodealliance/componentize-js';
import { build } from 'esbuild';
import { compose } from './compose.mjs';
import { root } from './toolchain.mjs';

export async function makeProgram(entry, out) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['wasi'],
    external: ['sock:*'],
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
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [entry, out] = process.argv.slice(2);
  if (entry === undefined || out === undefined) {
    console.error('usage: node tools/wasi/componentize.mjs ENTRY.ts OUT.wasm');
    process.exit(2);
  }
  await makeProgram(resolve(entry), resolve(out));
}
