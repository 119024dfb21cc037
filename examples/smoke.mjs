/**
 * Runs every example as its users do, and checks what it prints. Ends with
 * `N passed, N failed, N skipped`. A name chooses all examples that begin with it.
 *
 *   node examples/smoke.mjs [name...]
 */
import { once } from 'node:events';
import dgram from 'node:dgram';
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Tally } from '../tools/tally.mjs';
import { example, expect, Program, withPrograms } from './smoke/program.mjs';
import { cookbook } from './smoke/cookbook.mjs';
import { servers } from './smoke/servers.mjs';
import { socketExamples } from './smoke/sockets.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Runs an example to its end. Its output must match `expected`, and its status must be 0. */
async function runs(file, expected, ...args) {
  const output = await new Program(example(file, ...args)).end();
  if (output.startsWith('skipped: ')) return output.trim();
  expect(output, expected);
  return undefined;
}

/** Starts a server, talks to it, and ends it by Ctrl-C. */
function serves(file, args, talk) {
  return withPrograms(async (start) => {
    const server = start(example(file, ...args));
    const [, port] = await server.printed(/127\.0\.0\.1:(\d+)/);
    await talk(Number(port));
    await server.interrupt();
  });
}

async function relay() {
  const server = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(server, 'listening');
  server.on('message', (message, from) => server.send(`re: ${message}`, from.port, from.address));
  await serves(
    'poller/relay.ts',
    ['--port', '0', '--to', `127.0.0.1:${server.address().port}`],
    async (port) => {
      const client = dgram.createSocket('udp4');
      client.send('hello', port, '127.0.0.1');
      const [message] = await once(client, 'message');
      expect(message.toString(), 're: hello');
      client.close();
    },
  );
  server.close();
}

async function echo(port) {
  const client = net.connect(port, '127.0.0.1');
  client.end(Buffer.alloc(3_000_000, 'x'));
  let bytes = 0;
  for await (const piece of client) bytes += piece.length;
  expect(bytes, 3_000_000);
}

/** Every program that takes arguments describes them. */
async function help() {
  const files = readdirSync(here, { recursive: true }).filter((file) => file.endsWith('.ts'));
  const programs = files.filter((file) => {
    return readFileSync(join(here, file), 'utf8').includes('new Command(');
  });
  expect(programs.length > 0, true);
  for (const file of programs) {
    expect(await new Program(example(file, '--help')).end(), /^Usage: .*\n\n[^]+\.\n\n[^]*--help/);
  }
}

const examples = {
  help,
  // The output has no colour codes, because it does not go to a terminal.
  demo: () => runs('demo/demo.ts', /^[\P{Cc}\s]*yes[\P{Cc}\s]*yes[\P{Cc}\s]*$/u),
  'poller/echo': () => serves('poller/echo.ts', ['--port', '0'], echo),
  'poller/relay': relay,
  'poller/http': () =>
    serves('poller/http.ts', ['--port', '0'], async (port) => {
      expect(await (await fetch(`http://127.0.0.1:${port}/x`)).text(), 'Hello, World!');
    }),
  ...cookbook,
  ...servers,
  ...socketExamples,
  'simulated-network': () =>
    runs('simulated-network/main.ts', /the bank has \d+, and not 50[^]*CarefulLedger passes/),
  'transparent-proxy': () => runs('transparent-proxy/demo.ts', /The server saw the client itself/),
  'dead-peer': () =>
    runs(
      'dead-peer/demo.ts',
      /heartbeat: recv ETIMEDOUT[^]*Only the heartbeat noticed it: 2 others wait\.[^]*drops(?=[^]*keepalive: recv ETIMEDOUT)(?=[^]*user-timeout: recv ETIMEDOUT)(?=[^]*heartbeat: recv ETIMEDOUT)[^]*All noticed it/,
    ),
  'adopting/clients': () => runs('adopting/clients.ts', /from 127\.0\.0\.9, user time-out 5000 ms/),
  'adopting/reuse-port': () =>
    runs('adopting/reuse-port.ts', /(?:process \d+ answered \d+ requests\s+){2}/),
  'adopting/restart': () => runs('adopting/restart.ts', /after: the new process/),
  'adopting/imports': () => runs('adopting/imports.ts', /@sock\/std\/dgram: tcp and udp/),
};

const chosen = process.argv.slice(2);
const tally = new Tally();
for (const [name, run] of Object.entries(examples)) {
  if (chosen.length > 0 && !chosen.some((part) => name.startsWith(part))) continue;
  try {
    const reason = await run();
    tally.add(reason === undefined ? 'passed' : 'skipped', name, reason);
  } catch (error) {
    tally.add('failed', name, error.message);
  }
}
tally.finish();
process.exit();
