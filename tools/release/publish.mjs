/**
 * Publishes the tarballs of a folder: each after what it depends on, so the packages with the binaries come first.
 * Publishes none unless all are there. `npm run release:dry` publishes with it too, into a registry of its own.
 *
 *   node tools/release/publish.mjs FOLDER [FLAG...]
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { command } from './command.mjs';
import { npm } from './npm.mjs';
import { unpack } from './tarballs.mjs';

/** The tarballs of a folder, with their manifests. */
export function tarballsIn(folder) {
  const files = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  return files.map((name) => {
    const file = resolve(folder, name);
    const work = mkdtempSync(join(tmpdir(), 'sock-tarball-'));
    try {
      const manifest = readFileSync(join(unpack(file, work), 'package.json'), 'utf8');
      return { file, manifest: JSON.parse(manifest) };
    } finally {
      rmSync(work, { recursive: true });
    }
  });
}

/** The packages of ours that a package needs, with the ranges of their versions. */
const needsOf = ({ dependencies, optionalDependencies, peerDependencies }) =>
  Object.entries({ ...peerDependencies, ...dependencies, ...optionalDependencies }).filter(
    ([name]) => name.startsWith('@sock/'),
  );

/** The tarballs in the order in which they have to be published. */
export function publishingOrder(tarballs) {
  const byName = new Map(tarballs.map((tarball) => [tarball.manifest.name, tarball]));
  const order = new Set();
  const visit = (tarball, path) => {
    if (tarball === undefined || order.has(tarball)) return;
    const { name } = tarball.manifest;
    if (path.includes(name)) throw new Error(`a circle: ${[...path, name].join(' -> ')}`);
    for (const [needed] of needsOf(tarball.manifest)) visit(byName.get(needed), [...path, name]);
    order.add(tarball);
  };
  const sorted = [...tarballs].sort((a, b) => (a.manifest.name < b.manifest.name ? -1 : 1));
  for (const tarball of sorted) visit(tarball, []);
  return [...order];
}

/** What keeps a set of tarballs from being published: a list of sentences. */
export function obstacles(tarballs) {
  const versions = new Map(tarballs.map(({ manifest }) => [manifest.name, manifest.version]));
  const found = [];
  for (const { manifest } of tarballs) {
    for (const [name, range] of needsOf(manifest)) {
      const version = versions.get(name);
      if (version === undefined) found.push(`${manifest.name} needs ${name}, which is not there`);
      else if (range.replace(/^[\^~]/, '') !== version) {
        found.push(`${manifest.name} needs ${name} ${range}; there is ${version}`);
      }
    }
  }
  if (tarballs.length === 0) found.push('there is no tarball');
  return found;
}

/** The registry that npm publishes to from a folder. */
async function registryOf(cwd) {
  for (const key of ['@sock:registry', 'registry']) {
    const url = (await command(...npm('config', 'get', key), { cwd })).trim();
    if (/^https?:/.test(url)) return url.endsWith('/') ? url : `${url}/`;
  }
  throw new Error('npm has no registry');
}

/** Whether a registry has this version. */
async function isPublished(registry, { name, version }) {
  const answer = await fetch(registry + name.replace('/', '%2f'));
  if (answer.status === 404) return false;
  if (!answer.ok) throw new Error(`${name}: the registry answers ${answer.status}`);
  return (await answer.json()).versions?.[version] !== undefined;
}

/**
 * Publishes a complete set of tarballs, less what is published already.
 * @param options.cwd a folder whose .npmrc npm reads
 * @param options.flags more arguments of `npm publish`
 * @throws before anything is published when a package is missing
 */
export async function publishAll(tarballs, { cwd, flags = [], log = console.log }) {
  const found = obstacles(tarballs);
  if (found.length > 0) throw new Error(`nothing was published:\n${found.join('\n')}`);
  const registry = await registryOf(cwd);
  const order = publishingOrder(tarballs);
  for (const [index, { file, manifest }] of order.entries()) {
    const label = `${index + 1}/${order.length} ${manifest.name} ${manifest.version}`;
    if (await isPublished(registry, manifest)) {
      log(`${label}: published before`);
      continue;
    }
    await command(...npm('publish', file, '--access', 'public', ...flags), { cwd });
    log(`${label}: published`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder, ...flags] = process.argv.slice(2);
  if (folder === undefined || folder.startsWith('-')) {
    console.log(`usage: node tools/release/publish.mjs FOLDER [FLAG OF NPM PUBLISH...]

Publishes the tarballs in FOLDER with npm, each after what it depends on, and none unless all are there. A version
that is published already is left out. .github/workflows/release.yml runs it; \`npm run release:dry\` tries it.`);
    process.exit(folder === '--help' ? 0 : 2);
  }
  await publishAll(tarballsIn(folder), { cwd: folder, flags });
}
