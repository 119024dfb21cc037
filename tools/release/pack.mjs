/**
 * Packs everything that a release publishes, and checks each tarball.
 *
 *   node tools/release/pack.mjs FOLDER [TARGET...]
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../run.mjs';
import { Tally } from '../tally.mjs';
import { checkTarball, packAndCheck } from './checks.mjs';
import { command, endWithThisProcess } from './command.mjs';
import { unpack } from './tarballs.mjs';

/** The targets whose binaries get published. */
export const targets = JSON.parse(
  readFileSync(join(root, 'tools/platforms/targets.json'), 'utf8'),
).filter(({ extra }) => extra !== true);

/**
 * Packs the packages of the workspace, and the binaries of the named targets.
 * @param out the folder of the tarballs
 * @param work a folder to work in
 * @param say is told what goes on
 */
export async function packAll({ tally, out, work, names, say }) {
  mkdirSync(out, { recursive: true });
  say('packing and checking the packages of the workspace');
  await packAndCheck(tally, out, work);
  say(`building the binaries of ${names.join(', ')}`);
  const program = join(root, 'tools/platforms/packages.mjs');
  const args = [program, '--out', join(work, 'platforms'), ...names];
  const made = await command(process.execPath, args, { cwd: root, timeout: 3_600_000 });
  for (const file of made.trim().split('\n')) {
    const tarball = join(out, basename(file));
    copyFileSync(file, tarball);
    const folder = unpack(tarball, join(work, 'unpacked', basename(file)));
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    await checkTarball(tally, tarball, { folder, manifest });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [out, ...names] = process.argv.slice(2);
  if (out === undefined || out.startsWith('-')) {
    console.log(`usage: node tools/release/pack.mjs FOLDER [TARGET...]

Packs every package that gets published, and checks each tarball. The folder must not exist. Ends with
\`N passed, N failed, N skipped\`.
Targets: ${targets.map(({ name }) => name).join(', ')}; default: all of them`);
    process.exit(out === '--help' ? 0 : 2);
  }
  const work = mkdtempSync(join(tmpdir(), 'sock-pack-'));
  endWithThisProcess(() => rmSync(work, { recursive: true, force: true }));
  const tally = new Tally();
  mkdirSync(out);
  const chosen = names.length > 0 ? names : targets.map(({ name }) => name);
  const say = (text) => console.log(`--- ${text}`);
  await packAll({ tally, out, work, names: chosen, say });
  tally.finish();
}
