/**
 * The transparent proxy at work: a client, the proxy and a web server, each in a network namespace of its
 * own, which this program makes and removes. Linux, as root.
 *
 *   node --import tsx examples/transparent-proxy/demo.ts
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { makeTopology, obstacle } from './topology.js';

const PORT = 8080;
const reason = obstacle();
if (reason !== undefined) {
  console.log(`skipped: network namespaces can't be made here: ${reason}`);
  process.exit(0);
}

const topology = makeTopology(PORT);
const children: ChildProcess[] = [];

/** Starts a program in a namespace; resolves when it has printed its first line. */
async function start(namespace: string, ...command: string[]): Promise<ChildProcess> {
  const child = spawn('ip', ['netns', 'exec', namespace, ...command], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  child.stdout.pipe(process.stdout, { end: false });
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => {
      throw new Error(`${command.join(' ')} ended`);
    }),
  ]);
  return child;
}

const server = `
  require('node:http').createServer((request, response) => {
    response.end(request.socket.remoteAddress + ' asked ' + request.headers.host);
  }).listen(${PORT}, '${topology.serverAddress}', () => console.log('server: listening'));
`;
let answer = '';
try {
  await start(topology.server, process.execPath, '--eval', server);
  const proxy = fileURLToPath(new URL('proxy.ts', import.meta.url));
  await start(topology.proxy, process.execPath, '--import', 'tsx', proxy, '--port', `${PORT}`);
  const client = `
    fetch('http://${topology.serverAddress}:${PORT}/').then((response) => response.text()).then(console.log);
  `;
  answer = execFileSync(
    'ip',
    ['netns', 'exec', topology.client, process.execPath, '--eval', client],
    { timeout: 20_000 },
  )
    .toString()
    .trim();
  console.log(`client: ${answer}`);
} finally {
  for (const child of children) {
    child.kill();
    await once(child, 'exit');
  }
  topology.remove();
}
// The server saw the client's own address, though the connection was the proxy's.
const expected = `${topology.clientAddress} asked ${topology.serverAddress}:${PORT}`;
if (answer !== expected) throw new Error(`expected '${expected}', got '${answer}'`);
console.log('The server saw the client itself; the client saw the server itself.');
