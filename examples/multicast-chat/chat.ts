/**
 * A chat without a server: every member of the multicast group reads every line that is sent to it.
 *
 *   node --import tsx examples/multicast-chat/chat.ts --name Ada --interface eth0
 *   node --import tsx examples/multicast-chat/chat.ts --name Bob --interface eth0 --group ff02::4a1
 */
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline';
import { ifNameToIndex, SockAddr, SockError } from '@sock/native';
import { Command } from 'commander';
import * as check from '../arguments.js';
import { whenReadable } from '../when-readable.js';
import { Group, isMulticast } from './group.js';
import { decodeLine, encodeLine, ROOM } from './message.js';

const options = new Command('chat.ts')
  .description('Sends each line of its input to a multicast group, and shows what others send.')
  .option('--group <address>', 'the group, IPv4 or IPv6', '239.255.74.1')
  .option('--port <port>', 'the UDP port', check.whole(1, 65_535), 7401)
  .option('--interface <name>', 'default: the one that the routes choose')
  .option('--name <name>', 'what to call you', userInfo().username)
  .parse()
  .opts<{ group: string; port: number; interface?: string; name: string }>();

function join(): Group {
  const { group, port, interface: name } = options;
  try {
    const address = SockAddr.from({ address: group, port });
    if (!isMulticast(address)) throw new Error(`${group} is not the address of a group`);
    return new Group(address, name === undefined ? 0 : ifNameToIndex(name));
  } catch (error) {
    const { code, message } = error as SockError;
    console.error(
      `chat: ${code === 'ENODEV' ? `no interface for it: ${name ?? 'no route'}` : message}`,
    );
    process.exit(1);
  }
}

const group = join();
const { socket } = group;
const stop = new AbortController();
const { signal } = stop;
process.once('SIGINT', () => stop.abort());
console.log(`chat: ${options.name} in ${group.address}; Ctrl-C leaves`);

function say(text: string): void {
  try {
    group.send(encodeLine(options.name, text));
  } catch (error) {
    // After ENETUNREACH, ENOBUFS and the like only this line is lost.
    if (!(error instanceof SockError)) throw error;
    console.error(`chat: ${error.message}`);
  }
}

const input = createInterface({ input: process.stdin, signal });
input.on('line', (line) => {
  if (line.trim() !== '') say(line);
});

const buffer = new Uint8Array(ROOM);
for await (const _ of whenReadable(socket, signal)) {
  const received = socket.tryRecvFrom(buffer);
  if (received === undefined) continue;
  const [length, sender] = received;
  const line = decodeLine(buffer.subarray(0, length));
  if (line !== undefined) console.log(`${line.name} (${sender.address}): ${line.text}`);
}
socket.close();
input.close();
