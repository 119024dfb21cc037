/**
 * Makes what JavaScript needs from the component: the modules that Node runs (made by jco), and the numbers of its
 * constants and errors. A component that is initialised ahead of time cannot ask for those.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transpile } from '@bytecodealliance/jco';
import { transform } from 'esbuild';

const folder = fileURLToPath(new URL('../component/', import.meta.url));
const component = join(folder, 'sock.wasm');

function write(name, contents) {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, contents);
}

/** Removes the code that reads the environment in every call. */
async function withoutDebugging(contents) {
  const { code } = await transform(Buffer.from(contents), {
    define: { 'globalThis.process.env.JCO_DEBUG': 'undefined' },
    minifySyntax: true,
    minifyWhitespace: true,
  });
  if (code.includes('JCO_DEBUG')) throw new Error('jco looks for JCO_DEBUG in another way now');
  return code;
}

/** A host without functions: asking for the numbers needs none. */
const nothing = new Proxy(function Nothing() {}, {
  get: (target, key) => (key === 'prototype' ? target.prototype : nothing),
});

// Instantiated synchronously, so `require` can load the package too.
const { files } = await transpile(readFileSync(component), {
  name: 'sock',
  instantiation: 'sync',
});
for (const [name, contents] of Object.entries(files)) {
  write(name, name.endsWith('.js') ? await withoutDebugging(contents) : contents);
}

const { instantiate } = await import(pathToFileURL(join(folder, 'sock.js')).href);
const module = (name) => new WebAssembly.Module(readFileSync(join(folder, name)));
const { socket } = instantiate(module, nothing);
write('core-module.d.ts', 'export declare const coreModule: string;\n');
write(
  'core-module.js',
  `/** sock.core.wasm in base64: loading \`node:fs\` to read it would take longer than all of it. */\nexport const coreModule =\n  '${readFileSync(join(folder, 'sock.core.wasm')).toString('base64')}';\n`,
);
const table = (list) => Object.fromEntries(list.map(({ name, value }) => [name, value]));
const lines = Object.entries({
  constants: table(socket.constants()),
  errors: table(socket.errors()),
});
write(
  'numbers.d.ts',
  lines
    .map(([name]) => `export declare const ${name}: Readonly<Record<string, number>>;\n`)
    .join(''),
);
write(
  'numbers.js',
  lines
    .map(([name, value]) => `export const ${name} = ${JSON.stringify(value, null, 2)};\n`)
    .join(''),
);
