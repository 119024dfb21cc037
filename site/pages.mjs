/** Puts the pages of the site together in site/.pages, from docs/, examples/, packages/ and the option table. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { readRecipe, recipeNames } from '../examples/smoke/cookbook.mjs';
import { rewriteLinks } from './links.mjs';
import { groupPage, groups, matrixData } from './options.mjs';
import { programNames, programPage } from './programs.mjs';

/** Documents that the site shows in another form. */
const REPLACED = new Set(['support.md']);
/** Documents with tables that need the whole width. */
const WIDE = new Set(['benchmarks.md', 'comparison.md', 'coming-from.md']);
const WIDE_HEAD = '---\naside: false\npageClass: wide\n---\n\n';

export const recipes = () =>
  recipeNames.map(readRecipe).sort((a, b) => a.title.localeCompare(b.title));

export function packageNames(root) {
  return readdirSync(join(root, 'packages')).filter((name) =>
    existsSync(join(root, 'packages', name, 'README.md')),
  );
}

function recipePage({ name, title, text, backends, systems, prints, code }) {
  const where = [
    `Runs on ${backends.map((backend) => `@sock/${backend}`).join(' and ')}`,
    systems === undefined ? '' : ` (${systems.join(', ')})`,
  ].join('');
  const file = `examples/cookbook/${name}.ts`;
  return `# ${title}\n\n${text}\n\n${where}: \`node --import tsx ${file}\`. It prints \`${prints}\`; the tests check that.\n\n\`\`\`ts\n${code.trim()}\n\`\`\`\n`;
}

function cookbookPage(root) {
  const list = recipes().map(({ name, title }) => `- [${title}](/cookbook/${name})`);
  const readme = readFileSync(join(root, 'examples/README.md'), 'utf8');
  const programs = rewriteLinks(root, 'examples/README.md', readme).replace(
    /^# .*$/m,
    '## Programs',
  );
  return `# Cookbook\n\nEach recipe is one file that you can run, and the tests do run it.\n\n${list.join('\n')}\n\n${programs}`;
}

/** @param pages the folder of the pages; whatever it held before goes, except the API reference */
export function writePages(root, pages) {
  mkdirSync(pages, { recursive: true });
  for (const name of readdirSync(pages)) {
    if (name !== 'api') rmSync(join(pages, name), { recursive: true });
  }
  const write = (path, text) => {
    mkdirSync(dirname(join(pages, path)), { recursive: true });
    writeFileSync(join(pages, path), text);
  };
  cpSync(join(root, 'site/pages'), pages, { recursive: true });
  for (const file of readdirSync(join(root, 'docs'), { recursive: true }).map(String)) {
    const source = join(root, 'docs', file);
    if (file.startsWith('images') || REPLACED.has(file)) continue;
    if (file.endsWith('.md')) {
      const text = rewriteLinks(root, `docs/${file}`, readFileSync(source, 'utf8'));
      write(file, WIDE.has(file) ? WIDE_HEAD + text : text);
    } else if (file.endsWith('.svg')) write(file, readFileSync(source));
    else if (file.endsWith('.json')) write(`public/${file}`, readFileSync(source));
  }
  for (const recipe of recipes()) write(`cookbook/${recipe.name}.md`, recipePage(recipe));
  for (const name of programNames(root)) {
    write(`cookbook/programs/${name}.md`, programPage(root, name));
  }
  write('cookbook/index.md', cookbookPage(root));
  for (const group of groups) write(`options/${group.group}.md`, groupPage(group));
  for (const name of packageNames(root)) {
    const file = `packages/${name}/README.md`;
    write(`packages/${name}.md`, rewriteLinks(root, file, readFileSync(join(root, file), 'utf8')));
  }
  for (const name of ['CONTRIBUTING.md', 'CHANGELOG.md']) {
    write(name.toLowerCase(), rewriteLinks(root, name, readFileSync(join(root, name), 'utf8')));
  }
  write('matrix.json', JSON.stringify(matrixData()));
}
