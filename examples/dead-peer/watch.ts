/**
 * Connects to an echo server, and reports when the server is gone without a word: its machine lost power, or a cable
 * was pulled. There are three ways, for three states of a connection.
 *
 *   node --import tsx examples/dead-peer/watch.ts 192.0.2.1 --port 7000 --way heartbeat
 */
import { type SockError, Socket } from '@sock/native';
import { connectHost } from '@sock/std';
import { Command, Option } from 'commander';
import * as check from '../arguments.js';
import { ways } from './ways.js';

const program = new Command('watch.ts')
  .description('Connects to an echo server, and reports when it is gone.')
  .argument('<host>', 'the echo server')
  .option('--port <port>', 'its port', check.whole(1, 65_535), 7000)
  .addOption(new Option('--way <way>').choices(Object.keys(ways)).default('heartbeat'))
  .parse();
const [host] = program.processedArgs as [string];
const { port, way } = program.opts<{ port: number; way: keyof typeof ways }>();

const socket = await connectHost(Socket, host, port, { timeout: 5000 });
console.log(`${way}: connected`);
let last = performance.now();
try {
  await ways[way](socket, () => {
    last = performance.now();
  });
  console.log(`${way}: the server ended the connection`);
} catch (error) {
  const seconds = ((performance.now() - last) / 1000).toFixed(1);
  console.log(`${way}: ${(error as SockError).message}, ${seconds} s after the last sign of life`);
}
socket.close();
