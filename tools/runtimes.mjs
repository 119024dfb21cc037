/**
 * Runs the contract, the programs that show how waits live and end with their process, and the conversions of
 * @sock/std, on runtimes other than Node, with the addon as it is built. Ends with `N passed, N failed, N skipped`.
 *
 *   node tools/runtimes.mjs [bun | deno]...
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programs } from '../packages/native/test/event-loop-programs.mjs';
import { runContract } from './platforms/contract.mjs';
import { root, versions } from './run.mjs';
import { runtimeProgram } from './runtime-program.mjs';
import { Tally } from './tally.mjs';

const names = Object.keys(versions.runtimes);
const asked = process.argv.slice(2);
if (asked.includes('--help') || asked.some((name) => !names.includes(name))) {
  console.log(`usage: node tools/runtimes.mjs [RUNTIME...]   default: ${names.join(' ')}`);
  process.exit(asked.includes('--help') ? 0 : 2);
}

const tally = new Tally();
const environment = {
  ...process.env,
  ELECTRON_RUN_AS_NODE: '1',
  SOCK_ADDON: process.env.SOCK_ADDON ?? join(root, 'packages/native/build/sock.node'),
};
// Inside the repository: the programs import the packages as the root has them.
const folder = join(root, '.cache/runtimes/programs');

async function contract(name, command) {
  const [program, ...first] = command;
  const start = (...args) => [program, [...first, ...args], { SOCK_ADDON: environment.SOCK_ADDON }];
  for (const entry of ['smoke', 'guest']) {
    const result = await runContract(start, { label: `${name}-${entry}`, entry });
    const { version, passed, unsupported, skipped, failed, failures } = result;
    for (const { name: test, detail, stack } of failures) {
      tally.add('failed', `${name}: ${test}`, stack ?? detail);
    }
    const what = entry === 'guest' ? 'the contract' : 'the smoke test';
    console.log(
      `${name} ${version}, ${what}: ${passed} passed, ${unsupported} unsupported, ${skipped} skipped, ${failed} failed`,
    );
    tally.passed += passed + unsupported;
    tally.skipped += skipped;
  }
}

function waits(name, [program, ...first]) {
  for (const [index, { name: what, source, prints, status }] of programs.entries()) {
    const file = join(folder, `${index}.mjs`);
    writeFileSync(file, source);
    const ended = spawnSync(program, [...first, file], {
      encoding: 'utf8',
      timeout: 30_000,
      env: environment,
    });
    const printed = ended.stdout.split('\n').filter((line) => line !== '');
    const right = ended.status === status && printed.join('\n') === prints.join('\n');
    const detail = right
      ? ''
      : `${ended.signal ?? ended.status}, printed '${ended.stdout}', and said '${ended.stderr}'`;
    tally.check(`${name}: ${what}`, right, detail);
  }
}

/** Runs the conversions of @sock/std. */
function conversions(name, [program, ...first]) {
  const file = join(folder, 'conversions.mjs');
  copyFileSync(join(root, 'packages/std/test/conversions.mjs'), file);
  const { stdout, stderr, status, signal } = spawnSync(program, [...first, file], {
    encoding: 'utf8',
    timeout: 240_000,
    env: environment,
  });
  let ended = false;
  for (const line of stdout.split('\n').filter((text) => text.startsWith('{'))) {
    const { name: what, outcome, detail, end } = JSON.parse(line);
    if (end === true) ended = true;
    else tally.add(outcome, `${name}: ${what}`, detail);
  }
  if (!ended) tally.check(`${name}: the conversions`, false, `${signal ?? status}: ${stderr}`);
}

/** Whether a connection by name that is still being made obeys `ref` and `unref`. */
function connecting(name, [program, ...first]) {
  const file = join(folder, 'unref-connecting.mjs');
  copyFileSync(join(root, 'packages/std/test/fixtures/unref-connecting.mjs'), file);
  for (const [calls, expected] of [
    ['unref', 'connected, ends'],
    ['unref,ref', 'connected, alive'],
  ]) {
    const args = [...first, file, 'happyEyeballs', calls];
    const { stdout, stderr } = spawnSync(program, args, {
      encoding: 'utf8',
      timeout: 30_000,
      env: environment,
    });
    const right = stdout.trim() === expected;
    const detail = right ? '' : `printed '${stdout}', and said '${stderr}'`;
    tally.check(`${name}: ${calls} of a connection that is being made: ${expected}`, right, detail);
  }
}

/** What each backend's package says when Deno may read no environment variable. */
const WITHOUT_ENVIRONMENT = `
for (const name of ['native', 'auto']) {
  const { Socket } = await import('@sock/' + name);
  const socket = new Socket('ipv4', 'stream');
  console.log(name, socket.backend);
  socket.close();
}
try {
  console.log(Deno.env.get('SOCK_ADDON'));
} catch (error) {
  console.log(error.name);
}
`;

/** Deno without --allow-env: a variable that may not be read counts as not set. */
function permissions([program]) {
  const file = join(folder, 'permissions.mjs');
  writeFileSync(file, WITHOUT_ENVIRONMENT);
  const flags = ['--allow-ffi', '--allow-read', '--no-prompt', '--quiet', '--no-lock'];
  const { stdout, stderr } = spawnSync(program, ['run', ...flags, file], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  const right = stdout === 'native native\nauto native\nNotCapable\n';
  const detail = right ? '' : `printed '${stdout}', and said '${stderr}'`;
  tally.check('deno: the addon loads without --allow-env', right, detail);
}

mkdirSync(folder, { recursive: true });
try {
  conversions('node', [process.execPath]);
  for (const name of asked.length > 0 ? asked : names) {
    let command;
    try {
      command = runtimeProgram(name);
    } catch (error) {
      tally.add('skipped', name, `it could not be installed: ${error.message.split('\n')[0]}`);
      continue;
    }
    try {
      await contract(name, command);
    } catch (error) {
      tally.check(`${name}: the contract`, false, error.message);
    }
    waits(name, command);
    if (name === 'deno') permissions(command);
    conversions(name, command);
    connecting(name, command);
  }
} finally {
  rmSync(folder, { recursive: true });
}
tally.finish();
