/** Makes of the component the JavaScript and the WebAssembly modules that Node runs: jco. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transpile } from '@bytecodealliance/jco';

const folder = fileURLToPath(new URL('../component/', import.meta.url));
const component = join(folder, 'sock.wasm');
const target = join(folder, 'sock.js');
if (!existsSync(target) || statSync(target).mtimeMs < statSync(component).mtimeMs) {
  // Synchronously instantiated, so that `require` loads the package too.
  const { files } = await transpile(readFileSync(component), {
    name: 'sock',
    instantiation: 'sync',
  });
  for (const [name, contents] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents);
  }
}
