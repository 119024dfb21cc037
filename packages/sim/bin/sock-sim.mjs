#!/usr/bin/env node
/** Replays what a search found, and runs scenarios. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const HELP = `usage: sock-sim run SCENARIO [--seed N] [--faults JSON] [--runs N] [--capture FILE]
       sock-sim replay REPLAY -- COMMAND...

run     runs a module's default export, a function of {network}, under one seed; its export \`options\`
        are the options of the search. Prints the trace. The exit status is 1 when the scenario throws.
replay  runs a command, such as \`npx vitest run -t NAME\`, in which every testNetwork runs once, under
        the seed and the faults of REPLAY: the JSON that a failed test printed, or a file of it.

  --seed N        the seed of the run; default 0
  --faults JSON   a schedule of faults: a JSON array, or a file of one
  --runs N        looks for a failure under N seeds, and shrinks its faults
  --capture FILE  writes the packets as pcapng, for Wireshark and tshark
  --help          shows this text`;

function fail(message) {
  console.error(`sock-sim: ${message}\n\n${HELP}`);
  process.exit(2);
}

const jsonOf = (text) => JSON.parse(/^\s*[[{]/.test(text) ? text : readFileSync(text, 'utf8'));

function replay([text, ...rest]) {
  const command = rest[0] === '--' ? rest.slice(1) : rest;
  if (text === undefined || command.length === 0) fail('replay takes a REPLAY and a command');
  const { seed, faults } = jsonOf(text);
  const { status, error } = spawnSync(command[0], command.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, SOCK_SIM_REPLAY: JSON.stringify({ seed, faults }) },
  });
  if (error) fail(error.message);
  process.exit(status ?? 1);
}

async function run(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '0' },
      faults: { type: 'string', default: '[]' },
      runs: { type: 'string' },
      capture: { type: 'string' },
    },
  });
  const [file] = positionals;
  if (file === undefined) fail('run takes a module');
  const { default: scenario, options = {} } = await import(pathToFileURL(file).href);
  if (typeof scenario !== 'function') fail(`${file} has no default export that is a function`);
  const search = await import('../dist/search.js');
  let outcome;
  if (values.runs !== undefined) {
    const failure = await search.findFailure(scenario, { ...options, runs: Number(values.runs) });
    if (failure === undefined) {
      console.log(`${values.runs} runs, no failure`);
      return;
    }
    outcome = { ...failure, failed: true, text: failure.report };
  } else {
    const one = { seed: Number(values.seed), faults: jsonOf(values.faults) };
    outcome = await search.replay(scenario, one, options);
    outcome.text = outcome.network.report(Infinity);
  }
  console.log(outcome.text);
  if (values.capture !== undefined) writeFileSync(values.capture, outcome.network.capture());
  if (!outcome.failed) return;
  console.error(outcome.error);
  process.exitCode = 1;
}

const [command, ...rest] = process.argv.slice(2);
if (command === '--help' || command === '-h') console.log(HELP);
else if (command === 'replay') replay(rest);
else if (command === 'run') {
  try {
    await run(rest);
  } catch (error) {
    if (!String(error?.code).startsWith('ERR_PARSE_ARGS')) throw error;
    fail(error.message);
  }
} else fail(command === undefined ? 'a command is missing' : `there is no command '${command}'`);
