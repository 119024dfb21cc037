/** How long packages with an addon take to install, and how much they bring: ours and two that are well known. */
import { lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeProgram } from '../node-program.mjs';
import { versions } from '../run.mjs';
import { command } from './command.mjs';
import { npm, npmScript, npmVersion } from './npm.mjs';

/** What is compared. `loads`: a program that fails unless the addon is there. */
const contestants = (version) => [
  {
    name: '@sock/native',
    version,
    loads: "new (require('@sock/native').Socket)('ipv4', 'dgram').close()",
  },
  {
    name: 'better-sqlite3',
    version: versions.npm['better-sqlite3'],
    loads: "new (require('better-sqlite3'))(':memory:').close()",
  },
  { name: 'sharp', version: versions.npm.sharp, loads: "require('sharp').versions.vips.length" },
];

/** Files, and their bytes, in a folder. */
function weigh(folder) {
  let [files, bytes] = [0, 0];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    files++;
    bytes += lstatSync(join(entry.parentPath ?? entry.path, entry.name)).size;
  }
  return { files, bytes };
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];

/**
 * Installs each in turn, `rounds` times after a first one that fills npm's cache, with scripts off.
 * @returns for each: name, version, packages, files, bytes, seconds (median), and whether it runs
 */
export async function measure(folder, { use, version, rounds }) {
  // A version on which all of them run.
  const node = nodeProgram('24');
  const cache = join(folder, 'cache');
  const list = contestants(version).map((one) => ({ ...one, times: [] }));
  for (let round = 0; round <= rounds; round++) {
    for (const one of list) {
      const project = join(folder, `${one.name.replace('/', '-')}-${round}`);
      mkdirSync(project, { recursive: true });
      const dependencies = { [one.name]: one.version };
      writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true, dependencies }));
      use(project);
      const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--cache', cache];
      const started = performance.now();
      const args = [npmScript, 'install', ...flags, '--prefer-offline'];
      await command(node, args, { cwd: project });
      if (round > 0) one.times.push((performance.now() - started) / 1000);
      one.project = project;
    }
  }
  for (const one of list) {
    Object.assign(one, weigh(join(one.project, 'node_modules')));
    const listed = await command(...npm('ls', '--all', '--parseable'), { cwd: one.project });
    one.packages = listed.trim().split('\n').length - 1;
    try {
      await command(node, ['-e', one.loads], { cwd: one.project });
      one.runs = true;
    } catch {
      one.runs = false;
    }
    one.seconds = median(one.times);
  }
  return list;
}

export const HEAD = ['package', 'packages', 'files', 'MB', 'install, s', 'ratio', 'runs'];

/** The rows of the table. The ratio is that of the time to ours, in the same run. */
export function rowsOf(list) {
  const [ours] = list;
  return list.map(({ name, version, packages, files, bytes, seconds, runs }) => [
    `${name} ${version}`,
    String(packages),
    String(files),
    (bytes / 1e6).toFixed(2),
    seconds.toFixed(2),
    (seconds / ours.seconds).toFixed(2),
    runs ? 'yes' : 'no',
  ]);
}

/** The page docs/install-cost.md. */
export function pageOf(list) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return `<!-- Made by \`npm run release:dry -- --write\`, from what it measured. -->
# What an install costs

Installing \`@sock/native\` is a download: no script runs, and nothing is compiled. The addon is in a package of its own for
each platform; [Installing](installing.md) has the list.

An install into an empty folder with scripts off and a filled cache, on Linux x64, with npm ${npmVersion()}; median of
${list[0].times.length} rounds, in each of which the packages take turns. Times say more of the machine than of
the package; the ratios are to \`@sock/native\` in the same run. \`runs\` says whether the addon works after that.

${line(HEAD)}
${line(HEAD.map(() => '---'))}
${rowsOf(list).map(line).join('\n')}
`;
}
