/**
 * Runs every example as its users do, and looks at what it prints. Ends with
 * `N passed, N failed, N skipped`.
 *
 *   node examples/smoke.mjs [name...]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import dgram from 'node:dgram';
import net from 'node:net';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsx = (file, ...args) => [process.execPath, '--import', 'tsx', `examples/${file}`, ...args];

/** Runs to its end; the output must have `expected` and the status be 0. */
async function runs(file, expected, ...args) {
  const [command, ...rest] = tsx(file, ...args);
  const child = spawn(command, rest, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const [status] = await once(child, 'close');
  clearTimeout(timer);
  if (output.startsWith('skipped: ')) return output.trim();
  if (status !== 0 || !expected.test(output)) {
    throw new Error(`status ${status}, and it printed:\n${output}`);
  }
  return undefined;
}

/** Starts a server, talks to it, ends it by Ctrl-C; it must end by itself then. */
async function serves(file, args, talk) {
  const [command, ...rest] = tsx(file, ...args);
  const child = spawn(command, rest, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  try {
    const [line] = await once(child.stdout, 'data');
    await talk(Number(/127\.0\.0\.1:(\d+)/.exec(line.toString())?.[1]));
    child.kill('SIGINT');
    const [status, signal] = await once(child, 'close');
    if (status !== 0) throw new Error(`ended with ${status ?? signal} after Ctrl-C`);
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}

function expect(actual, wanted) {
  if (actual !== wanted) throw new Error(`expected '${wanted}', got '${actual}'`);
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

const examples = {
  demo: () => runs('demo/demo.ts', /yes[\s\S]*yes/),
  'poller/echo': () => serves('poller/echo.ts', ['--port', '0'], echo),
  'poller/relay': relay,
  'poller/http': () =>
    serves('poller/http.ts', ['--port', '0'], async (port) => {
      expect(await (await fetch(`http://127.0.0.1:${port}/x`)).text(), 'Hello, World!');
    }),
  'transparent-proxy': () => runs('transparent-proxy/demo.ts', /The server saw the client itself/),
  'adopting/tune-http': () => runs('adopting/tune-http.ts', /user time-out 10000 ms/),
  'adopting/clients': () => runs('adopting/clients.ts', /from 127\.0\.0\.9, user time-out 5000 ms/),
  'adopting/reuse-port': () =>
    runs('adopting/reuse-port.ts', /(?:process \d+ answered \d+ requests\s+){2}/),
  'adopting/restart': () => runs('adopting/restart.ts', /after: the new process/),
  'adopting/imports': () => runs('adopting/imports.ts', /@sock\/std\/dgram: tcp and udp/),
};

const chosen = process.argv.slice(2);
const sum = { passed: 0, failed: 0, skipped: 0 };
for (const [name, run] of Object.entries(examples)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  try {
    const reason = await run();
    if (reason === undefined) sum.passed += 1;
    else sum.skipped += 1;
    console.log(`${name}: ${reason ?? 'ok'}`);
  } catch (error) {
    sum.failed += 1;
    console.error(`${name}: FAILED: ${error.message}`);
  }
}
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exit(sum.failed === 0 ? 0 : 1);
