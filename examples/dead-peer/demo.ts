/**
 * Shows what notices which death. A client and a server run in a network namespace each, with a router between them.
 * First the server's program stops, and then the router drops every packet.
 *
 *   node --import tsx examples/dead-peer/demo.ts
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { NetworkNamespace } from '../network-namespace.js';
import { ways } from './ways.js';

const obstacle = NetworkNamespace.obstacle();
if (obstacle !== undefined) {
  console.log(`skipped: ${obstacle}`);
  process.exit(0);
}

const client = await NetworkNamespace.make();
const [router, server] = [await NetworkNamespace.make(client), await NetworkNamespace.make(client)];
NetworkNamespace.join([client, 'to-router', '10.77.1.1/24'], [router, 'to-client', '10.77.1.2/24']);
NetworkNamespace.join([router, 'to-server', '10.77.2.1/24'], [server, 'to-router', '10.77.2.2/24']);
client.ip('route', 'add', 'default', 'via', '10.77.1.2');
server.ip('route', 'add', 'default', 'via', '10.77.2.1');
router.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');

const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
process.once('SIGINT', () => process.exit(130));

/** Starts a program, and resolves once it has printed something. */
async function start(namespace: NetworkNamespace, ...command: string[]): Promise<ChildProcess> {
  const [file, ...args] = namespace.command(process.execPath, ...command);
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.add(child);
  child.stdout.pipe(process.stdout, { end: false });
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  return child;
}

const echo = `require('node:net').createServer((socket) => socket.pipe(socket).on('error', () => {}))
  .listen(7000, '0.0.0.0', () => console.log('server: process ' + process.pid))`;
const peer = await start(server, '--eval', echo);
const watch = fileURLToPath(new URL('watch.ts', import.meta.url));
const startWatch = (way: string): Promise<ChildProcess> =>
  start(client, '--import', 'tsx', watch, '10.77.2.2', '--way', way);
const names = Object.keys(ways);

console.log('The program of the server stops:');
const watches = await Promise.all(names.map(startWatch));
peer.kill('SIGSTOP');
await once(watches[names.indexOf('heartbeat')] as ChildProcess, 'exit');
const late = watches.filter((child) => child.exitCode === null);
console.log(`Only the heartbeat noticed it: ${late.length} others wait.`);
peer.kill('SIGCONT');

console.log('The router drops every packet:');
late.push(await startWatch('heartbeat'));
router.ip('route', 'add', 'blackhole', '10.77.2.2/32');
router.ip('route', 'add', 'blackhole', '10.77.1.1/32');
await Promise.all(late.map((child) => child.exitCode ?? once(child, 'exit')));
console.log('All noticed it.');
process.exit();
