/**
 * Makes CHANGELOG.md: what the changesets say is to be released, then what the packages' own change logs say was.
 *
 *   node tools/changelog.mjs
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import readModule from '@changesets/read';

// It is a CommonJS module with a default export of its own.
const readChangesets = readModule.default ?? readModule;
const root = fileURLToPath(new URL('..', import.meta.url));

const unreleased = (await readChangesets(root)).map(({ summary, releases }) => {
  const packages = releases.map(({ name, type }) => `${name} (${type})`).join(', ');
  return `${summary.trim()}\n\n${packages}\n`;
});
const released = readdirSync(join(root, 'packages'))
  .map((name) => join(root, 'packages', name, 'CHANGELOG.md'))
  .filter((file) => existsSync(file))
  .map((file) => readFileSync(file, 'utf8').replace(/^#/gm, '##').trim());
const sections = [
  '<!-- Made by tools/changelog.mjs from the changesets: `npm run changelog`. -->\n# Changelog',
  ...(unreleased.length === 0 ? [] : [`## Not released yet\n\n${unreleased.join('\n')}`.trim()]),
  ...released,
];
writeFileSync(join(root, 'CHANGELOG.md'), `${sections.join('\n\n')}\n`);
