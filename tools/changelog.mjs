/**
 * Makes CHANGELOG.md: first the changesets, which are not released yet, then the change logs of the packages.
 *
 *   node tools/changelog.mjs
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import readModule from '@changesets/read';
import { root } from './run.mjs';

// It is a CommonJS module with a default export of its own.
const readChangesets = readModule.default ?? readModule;

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
