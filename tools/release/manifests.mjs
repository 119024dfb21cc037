/** The packages that get published, and what each of their manifests has to say. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, versions } from '../run.mjs';

const read = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** The root manifest: the one place of repository, homepage, bugs, author, licence and engines. */
export const project = read(join(root, 'package.json'));

/** The packages of the workspace that get published: `{ folder, manifest }`, by name. */
export const published = readdirSync(join(root, 'packages'))
  .map((name) => join(root, 'packages', name))
  .filter((folder) => existsSync(join(folder, 'package.json')))
  .map((folder) => ({ folder, manifest: read(join(folder, 'package.json')) }))
  .filter(({ manifest }) => manifest.private !== true);

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/**
 * What is wrong with a manifest: a list of sentences.
 * @param directory where the package is in the repository, such as `packages/core`; undefined for one that the build makes
 */
export function metadataProblems(manifest, directory) {
  const problems = [];
  for (const field of ['license', 'author', 'homepage', 'bugs', 'engines']) {
    if (!same(manifest[field], project[field])) {
      problems.push(`${field} is not that of the root package.json`);
    }
  }
  const { directory: stated, ...repository } = manifest.repository ?? {};
  if (!same(repository, project.repository)) {
    problems.push('repository is not that of the root package.json');
  }
  if (directory !== undefined && stated !== directory) {
    problems.push(`repository.directory is ${stated}, not ${directory}`);
  }
  if (!same(manifest.publishConfig, { access: 'public', provenance: true })) {
    problems.push('publishConfig is not { access: public, provenance: true }');
  }
  if (!(manifest.keywords?.length >= 3)) problems.push('it has fewer than three keywords');
  if (!(manifest.description?.length >= 10)) problems.push('it has no description');
  for (const name of ['preinstall', 'install', 'postinstall']) {
    if (manifest.scripts?.[name] !== undefined) problems.push(`it has a script ${name}`);
  }
  return problems;
}

/** Which lower bounds of `engines` no suite runs on: `node` in tools/versions.json has to list them. */
export function untestedBounds() {
  const bounds = [...project.engines.node.matchAll(/(\d+)\.(\d+)/g)].map(([bound]) => `${bound}.0`);
  if (bounds.length === 0) throw new Error(`engines has no lower bound: ${project.engines.node}`);
  return bounds.filter((bound) => !versions.node.includes(bound));
}
