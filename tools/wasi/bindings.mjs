/**
 * Makes the C bindings of wasm/wit with wit-bindgen, at the version in versions.json. Git keeps them,
 * so that a build needs no wit-bindgen.
 *
 *   node tools/wasi/bindings.mjs           makes them
 *   node tools/wasi/bindings.mjs --check   checks, without wit-bindgen, that neither they nor the WIT changed since
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, runs, ToolchainError, versions } from '../run.mjs';

const version = versions.crates['wit-bindgen-cli'];
const worlds = { core: 'wasm/bindings', guest: 'wasm/bindings-guest' };
const digestFile = join(root, 'wasm/bindings.sha256');

/** The digest of the WIT, the bindings and the version that made them. */
function digest() {
  const hash = createHash('sha256').update(version);
  for (const folder of ['wasm/wit', ...Object.values(worlds)]) {
    for (const name of readdirSync(join(root, folder)).toSorted()) {
      hash.update(name).update(readFileSync(join(root, folder, name)));
    }
  }
  return `${hash.digest('hex')}\n`;
}

/** The path of wit-bindgen, which cargo builds into .cache/ on first use. */
function witBindgen() {
  const home = join(root, `.cache/wasi/wit-bindgen-${version}`);
  const program = join(home, 'bin/wit-bindgen');
  if (existsSync(program)) return program;
  if (!runs('cargo')) throw new ToolchainError('building wit-bindgen needs cargo');
  console.log(`building wit-bindgen ${version} with cargo, which takes minutes`);
  const args = ['install', '--locked', '--root', home, `wit-bindgen-cli@${version}`];
  run('cargo', args, { stdio: 'inherit' });
  return program;
}

if (process.argv.includes('--check')) {
  const fresh = readFileSync(digestFile, 'utf8') === digest();
  const advice = 'run `node tools/wasi/bindings.mjs`';
  console.log(`the C bindings are ${fresh ? 'fresh' : `stale: ${advice}`}`);
  process.exit(fresh ? 0 : 1);
}
const program = witBindgen();
for (const [world, folder] of Object.entries(worlds)) {
  run(program, ['c', 'wasm/wit', '-w', world, '--out-dir', folder], { cwd: root });
}
writeFileSync(digestFile, digest());
