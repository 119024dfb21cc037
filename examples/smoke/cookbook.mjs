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

/** Every call in the second column of the tables of docs/coming-from.md exists. */
async function comingFrom() {
  const modules = await Promise.all(
    ['native', 'std', 'std/net', 'std/dgram', 'std/sockets'].map((name) => import(`@sock/${name}`)),
  );
  const [native] = modules;
  // `prototype` of what is no class is undefined.
  const members = [native.Socket, native.SockAddr, native.Poller, native.DatagramBatch].flatMap(
    (of) => [of, of.prototype],
  );
  const globals = [Promise, AbortSignal];
  const has = (objects, name) => objects.some((object) => name in object);
  const text = readFileSync(`${root}docs/coming-from.md`, 'utf8');
  let calls = 0;
  let table = false;
  for (const line of text.split('\n')) {
    // A point outside of code ends no cell; `|` in code would.
    const cells = line.split('|').map((cell) => cell.trim());
    if (cells[2] === '@sock' && cells.length === 5) table = true;
    else if (!line.startsWith('|')) table = false;
    if (!table || /^-+$/.test(cells[2])) continue;
    if (cells.length !== 5) throw new Error(`not three cells: ${line}`);
    for (const [, code] of cells[2].matchAll(/`([^`]+)`/g)) {
      const plain = code.replaceAll(/'[^']*'/g, "''");
      for (const [, dot, name] of plain.matchAll(/(\.)?\b([a-zA-Z]\w*)\(/g)) {
        calls += 1;
        const known = dot === undefined ? modules : [...members, ...globals];
        // The reader's own function.
        if (has(known, name) || ['handle', 'catch', 'of'].includes(name)) continue;
        throw new Error(`there is no ${name}: ${line}`);
      }
      for (const [, group, name] of plain.matchAll(/\b(Domain|Type|Interest)\.(\w+)/g)) {
        if (!has([native[group]], name)) throw new Error(`there is no ${group}.${name}: ${line}`);
      }
      for (const [, name] of plain.matchAll(/sock: \{ (\w+)/g)) {
        const row = native.optionRow(name);
        if (row === undefined) throw new Error(`there is no option ${name}: ${line}`);
      }
    }
  }
  expect(calls > 100, true);
}

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
  'coming-from': comingFrom,
  contributing,
};
