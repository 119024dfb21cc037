#!/usr/bin/env node
/** `npx @sock/wasi`: makes components. */
import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CommandError } from './command-error.js';
import { componentize } from './componentize.js';
import { compose } from './compose.js';

const USAGE = `usage: npx @sock/wasi componentize PROGRAM.ts -o OUT.wasm
       npx @sock/wasi compose COMPONENT.wasm -o OUT.wasm

componentize  bundles a program that imports @sock/wasi, makes it a component that exports wasi:cli/run, and gives it
              the sockets. The program exports a function: run, main or default. An Error that it throws goes to standard
              error with its stack, and the exit code is 1. Needs esbuild and @bytecodealliance/componentize-js.
compose       gives the sockets to a component of any language that imports sock:socket/socket.

Both need wac or wasm-tools on PATH. The result runs in any host of WASI 0.2:
  npx @sock/wasi-host run OUT.wasm --allow-tcp 127.0.0.0/8
  wasmtime run -S inherit-network -S tcp,udp OUT.wasm
`;

class UsageError extends Error {}

async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { out: { type: 'string', short: 'o' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  const [command, input, ...more] = positionals;
  if (input === undefined || more.length > 0 || values.out === undefined) {
    throw new UsageError('a command, a file and -o OUT.wasm are wanted');
  }
  if (command === 'componentize') await componentize(input, values.out);
  else if (command === 'compose') compose(input, values.out);
  else throw new UsageError(`no command '${String(command)}'`);
  const megabytes = (statSync(values.out).size / 1e6).toFixed(1);
  process.stdout.write(`${values.out}: ${megabytes} MB\n`);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException;
  if (error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS')) {
    process.stderr.write(`${message}\n\n${USAGE}`);
    process.exitCode = 2;
  } else {
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write(`${message}\n`);
    process.exitCode = 1;
  }
}
