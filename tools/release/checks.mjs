/** What every tarball has to pass before it may be published. */
import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from '../run.mjs';
import { command } from './command.mjs';
import { checkDeclarations } from './declarations.mjs';
import { metadataProblems, published, untestedBounds } from './manifests.mjs';
import { contentProblems, pack, tarballName, unpack } from './tarballs.mjs';

const counted = (tally, name, problems) =>
  tally.check(name, problems.length === 0, problems.join('; '));

/** Runs a program of the workspace as a test. */
async function passes(tally, name, program, args) {
  let problem = '';
  try {
    await command(join(root, 'node_modules/.bin', program), args, { cwd: root });
  } catch (error) {
    problem = error.message;
  }
  tally.check(`${name}, ${program}`, problem === '', problem);
}

/** Checks the metadata and the files of one tarball, and its manifest with publint. */
export async function checkTarball(tally, tarball, { folder, manifest, directory }) {
  const { name } = manifest;
  counted(tally, `${name}, metadata`, metadataProblems(manifest, directory));
  counted(tally, `${name}, files`, contentProblems(folder));
  await passes(tally, name, 'publint', ['run', tarball, '--strict']);
}

/**
 * Packs and checks the packages of the workspace, and compiles their types as users do.
 * @param out the folder of the tarballs
 * @param work a folder to work in
 */
export async function packAndCheck(tally, out, work) {
  counted(tally, 'engines says what a suite runs on', untestedBounds());
  const unpackedOf = (name) => join(work, 'unpacked', name);
  const checks = published.map(async ({ folder, manifest }) => {
    const { name } = manifest;
    const tarball = join(out, tarballName(name));
    await pack(folder, tarball);
    const directory = relative(root, folder).replaceAll('\\', '/');
    const unpacked = unpack(tarball, unpackedOf(name));
    // Entries that are no modules have no types: the component and the interface definition.
    const files = Object.entries(manifest.exports)
      .filter(([, target]) => typeof target === 'string' && !/\.(?:js|json)$/.test(target))
      .map(([entry]) => entry);
    const excluded = files.length > 0 ? ['--exclude-entrypoints', ...files] : [];
    await Promise.all([
      checkTarball(tally, tarball, { folder: unpacked, manifest, directory }),
      passes(tally, name, 'attw', [tarball, '--profile', 'esm-only', '--no-emoji', ...excluded]),
    ]);
  });
  await Promise.all(checks);
  const project = join(work, 'declarations');
  await checkDeclarations(project, unpackedOf, (name, problem) => {
    tally.check(name, problem === '', problem);
  });
  rmSync(project, { recursive: true });
}
