/**
 * Whether the types of the published packages compile in a user's project: with the oldest TypeScript that we
 * support and the newest, with `skipLibCheck: false`, under both ways to resolve modules, from ES modules and from
 * CommonJS, and without @types/node and without the DOM, except where a package says that it needs them.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root, versions } from '../run.mjs';
import { command } from './command.mjs';
import { published } from './manifests.mjs';
import { installed } from './npm.mjs';

/** What entry points need beyond the language. `node`: @types/node. `dom`: the DOM library, for `WebAssembly`. */
const NEEDS = {
  '@sock/std': 'node',
  '@sock/std/*': 'node',
  '@sock/conformance/node': 'node',
  '@sock/wasi-host': 'dom',
  '@sock/wasi-host/*': 'dom',
};

const needOf = (entry) => NEEDS[entry] ?? NEEDS[`${entry.split('/').slice(0, 2).join('/')}/*`];

/** The entry points of a package that have types. */
const entriesOf = ({ name, exports }) =>
  Object.entries(exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([path]) => join(name, path));

/** The ways in which a program imports: from ES modules, through a bundler, and from CommonJS. */
const ways = [
  { module: 'node16', moduleResolution: 'node16', extension: 'mts' },
  { module: 'esnext', moduleResolution: 'bundler', extension: 'ts' },
  // TypeScript knows since 5.8 that `require` loads ES modules.
  { module: 'nodenext', moduleResolution: 'nodenext', extension: 'cts', since: 5.8 },
];

/** What a program's compiler knows besides the language, and which needs that meets. */
const surroundings = [
  { name: 'neither @types/node nor the DOM', meets: [undefined], types: [], lib: ['es2022'] },
  { name: 'no @types/node', meets: [undefined, 'dom'], types: [] },
  { name: '@types/node', meets: [undefined, 'dom', 'node'], types: ['node'] },
];

/** Makes a project with the unpacked packages in its node_modules. */
function makeProject(project, unpackedOf) {
  const modules = join(project, 'node_modules');
  const link = (name, target) => {
    const place = join(modules, name);
    mkdirSync(dirname(place), { recursive: true });
    if (!existsSync(place)) symlinkSync(target, place, 'junction');
  };
  for (const { folder, manifest } of published) {
    // Copied: the compiler would look for imports around the target of a link.
    cpSync(unpackedOf(manifest.name), join(modules, manifest.name), { recursive: true });
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
      if (!name.startsWith('@sock/')) link(name, join(folder, 'node_modules', name));
    }
  }
  link('@types/node', join(root, 'node_modules/@types/node'));
}

/**
 * Compiles a program for each way to import, in each surroundings, with each compiler.
 * @param project a folder to make
 * @param unpackedOf gives the folder of a package by its name
 * @param report is called with a name and a problem, which is '' when there is none
 */
export async function checkDeclarations(project, unpackedOf, report) {
  makeProject(project, unpackedOf);
  const entries = published.flatMap(({ manifest }) => entriesOf(manifest));
  const compilers = [
    installed('typescript', versions.npm.typescript),
    join(root, 'node_modules/typescript'),
  ];
  for (const compiler of compilers) {
    const { version } = JSON.parse(readFileSync(join(compiler, 'package.json'), 'utf8'));
    for (const { name, meets, types, lib } of surroundings) {
      for (const { module, moduleResolution, extension, since = 0 } of ways) {
        if (Number.parseFloat(version) < since) continue;
        const chosen = entries.filter((entry) => meets.includes(needOf(entry)));
        const files = chosen.map((entry) => `${entry.replaceAll(/[@/]/g, '-')}.${extension}`);
        for (const [i, entry] of chosen.entries()) {
          const program = `import * as all from '${entry}';\nexport const names: string[] = Object.keys(all);\n`;
          writeFileSync(join(project, files[i]), program);
        }
        const compilerOptions = {
          ...{ noEmit: true, strict: true, skipLibCheck: false, target: 'es2022' },
          ...{ module, moduleResolution, types, ...(lib && { lib }) },
        };
        writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
        let problem = '';
        try {
          await command(process.execPath, [join(compiler, 'bin/tsc'), '-p', '.'], { cwd: project });
        } catch (error) {
          problem = error.message;
        }
        const what = `types of ${files.length} entries, ${extension}, ${moduleResolution}, ${name}`;
        report(`TypeScript ${version}: ${what}`, problem);
      }
    }
  }
}
