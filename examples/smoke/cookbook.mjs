/** The recipes of examples/cookbook: each prints what its heading says, on every backend that the heading names. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, Program } from './program.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = `${root}examples/cookbook/`;

/**
 * A recipe is one file. Its opening comment has a title, text, and lines `Backends:`, `Systems:` (both optional) and
 * `Prints:`. The site makes a page of it.
 */
export function readRecipe(name) {
  const source = readFileSync(`${folder}${name}.ts`, 'utf8');
  const comment = /^\/\*\*\n(.*?)\n \*\/\n/s.exec(source);
  if (comment === null) throw new Error(`examples/cookbook/${name}.ts has no opening comment`);
  const lines = comment[1].split('\n').map((line) => line.replace(/^ \* ?/, ''));
  const field = (label) => {
    const prefix = `${label}: `;
    const line = lines.find((it) => it.startsWith(prefix));
    return line?.slice(prefix.length).replace(/\.$/, '').split(', ');
  };
  const prints = field('Prints')?.join(', ');
  if (prints === undefined) throw new Error(`examples/cookbook/${name}.ts has no line 'Prints:'`);
  return {
    name,
    title: lines[0],
    text: lines
      .slice(1)
      .filter((line) => !/^(?:Backends|Systems|Prints): /.test(line))
      .join('\n')
      .trim(),
    backends: field('Backends') ?? ['native'],
    systems: field('Systems'),
    prints,
    code: source.slice(comment[0].length),
  };
}

export const recipeNames = readdirSync(folder)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3));

async function runRecipe({ name, systems, prints }, preload) {
  if (systems !== undefined && !systems.includes(process.platform)) {
    return `skipped: only on ${systems.join(', ')}`;
  }
  const command = [process.execPath, '--import', 'tsx', ...preload, `examples/cookbook/${name}.ts`];
  const output = await new Program(command).end();
  expect(output.includes(prints) ? prints : output, prints);
  return undefined;
}

/** Every block of code in the document stands in the example that the comment above it names. */
const snippets = (document) => () => {
  const text = readFileSync(root + document, 'utf8');
  const blocks = [...text.matchAll(/(?:<!-- from (\S+) -->\n)?```ts\n(.*?)```/gs)];
  expect(blocks.length > 0, true);
  for (const [, file, code] of blocks) {
    if (file === undefined) throw new Error(`a block names no file that it comes from:\n${code}`);
    const source = readFileSync(root + file, 'utf8');
    for (const part of code.split(/^\/\/ \.\.\.\n/m)) {
      if (!source.includes(part.trim())) throw new Error(`${file} does not have:\n${part}`);
    }
  }
};

/** The map in CONTRIBUTING.md names files that exist. */
function contributing() {
  const text = readFileSync(`${root}CONTRIBUTING.md`, 'utf8');
  const paths = [
    ...text.matchAll(/`((?:packages|native|wasm|tools|site|examples)\/[\w./-]+)[ `]/g),
  ];
  expect(paths.length > 20, true);
  for (const [, path] of paths) {
    if (!existsSync(root + path))
      throw new Error(`CONTRIBUTING.md names ${path}, which does not exist`);
  }
}

const recipes = recipeNames.map(readRecipe);
const preloads = { native: [], wasi: ['--import', './examples/smoke/on-wasi.mjs'] };
export const cookbook = {
  ...Object.fromEntries(
    recipes.flatMap((recipe) =>
      recipe.backends.map((backend) => [
        `cookbook/${recipe.name} on ${backend}`,
        () => runRecipe(recipe, preloads[backend]),
      ]),
    ),
  ),
  readme: snippets('README.md'),
  recipes: snippets('docs/recipes.md'),
  contributing,
};
