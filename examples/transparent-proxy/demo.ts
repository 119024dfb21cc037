/**
 * Shows the transparent proxy at work. A client, the proxy and a web server run in a network namespace each. The
 * namespaces end with this program.
 *
 *   node --import tsx examples/transparent-proxy/demo.ts
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { NetworkNamespace } from '../network-namespace.js';
import { makeTopology } from './topology.js';

const PORT = 8080;
const obstacle = NetworkNamespace.obstacle();
if (obstacle !== undefined) {
  console.log(`skipped: ${obstacle}`);
  process.exit(0);
}

const topology = await makeTopology(PORT);
const children: ChildProcess[] = [];
process.once('exit', () => {
  for (const child of children) child.kill();
});
process.once('SIGINT', () => process.exit(130));

/** Starts a program in a namespace. Resolves once it has printed its first line. */
async function start(namespace: NetworkNamespace, ...command: string[]): Promise<void> {
  const [file, ...args] = namespace.command(...command);
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  child.stdout.pipe(process.stdout, { end: false });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${command.join(' ')} ended`);
  });
  await Promise.race([once(child.stdout, 'data'), ended]);
  // Nobody waits for the program's end, so it must not be reported as unhandled.
  ended.catch(() => {});
}

const server = `
  require('node:http').createServer((request, response) => {
    response.end(request.socket.remoteAddress + ' asked ' + request.headers.host);
  }).listen(${PORT}, '${topology.serverAddress}', () => console.log('server: listening'));
`;
const client = `
  fetch('http://${topology.serverAddress}:${PORT}/').then((response) => response.text()).then(console.log);
`;
await start(topology.server, process.execPath, '--eval', server);
const proxy = fileURLToPath(new URL('proxy.ts', import.meta.url));
await start(topology.proxy, process.execPath, '--import', 'tsx', proxy, '--port', `${PORT}`);
const answer = topology.client.run(process.execPath, '--eval', client).trim();
console.log(`client: ${answer}`);

// The server saw the client's own address, although the proxy made the connection.
const expected = `${topology.clientAddress} asked ${topology.serverAddress}:${PORT}`;
if (answer !== expected) throw new Error(`expected '${expected}', got '${answer}'`);
console.log('The server saw the client itself; the client saw the server itself.');
process.exit();
