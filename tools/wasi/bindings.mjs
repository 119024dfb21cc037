/**
 * Makes the C bindings of wasm/wit, which are committed: wit-bindgen, of the version in versions.json.
 *
 *   node tools/wasi/bindings.mjs           makes them
 *   node tools/wasi/bindings.mjs --check   that they are of this WIT and as they were made; needs no wit-bindgen
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, versions, witBindgen } from './toolchain.mjs';

const worlds = { core: 'wasm/bindings', guest: 'wasm/bindings-guest' };
const stampFile = join(root, 'wasm/bindings.sha256');

/** Of what goes in and what came out. */
function digest() {
  const hash = createHash('sha256').update(versions.crates['wit-bindgen-cli']);
  for (const folder of ['wasm/wit', ...Object.values(worlds)]) {
    for (const name of readdirSync(join(root, folder)).toSorted()) {
      hash.update(name).update(readFileSync(join(root, folder, name)));
    }
  }
  return `${hash.digest('hex')}\n`;
}

if (process.argv.includes('--check')) {
  const fresh = readFileSync(stampFile, 'utf8') === digest();
  console.log(
    `the C bindings are ${fresh ? 'fresh' : 'stale: node tools/wasi/bindings.mjs makes them'}`,
  );
  process.exit(fresh ? 0 : 1);
}
const program = witBindgen();
if (program === undefined) {
  console.error('wit-bindgen is not on PATH, and there is no cargo to build it with');
  process.exit(1);
}
for (const [world, folder] of Object.entries(worlds)) {
  run(program, ['c', join(root, 'wasm/wit'), '-w', world, '--out-dir', join(root, folder)]);
}
writeFileSync(stampFile, digest());
