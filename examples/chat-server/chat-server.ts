/**
 * A chat server: each line of a client goes to all others. The first line of a client is its name. Two terminals with
 * `nc 127.0.0.1 7000` are a chat.
 *
 *   node --import tsx examples/chat-server/chat-server.ts --port 7000
 */
import { Domain, SockAddr, type SockError, Socket, Type } from '@sock/native';
import { Command } from 'commander';
import { acceptConnections } from '../accept-connections.js';
import * as check from '../arguments.js';
import { stopSignal } from '../stop-signal.js';
import { Member } from './member.js';

const options = new Command('chat-server.ts')
  .description('A chat over TCP. Clients send lines; the first one is their name.')
  .option('--host <address>', 'the IPv4 address to listen on', '127.0.0.1')
  .option('--port <port>', '0: any that is free', check.port, 7000)
  .parse()
  .opts<{ host: string; port: number }>();

const signal = stopSignal();
const listener = new Socket(Domain.IPV4, Type.STREAM);
listener.setReuseAddress(true);
listener.bind(SockAddr.ipv4(options.host, options.port));
listener.listen(128);
console.log(`chat: ${listener.localAddr()}; Ctrl-C ends it`);

const members = new Set<Member>();

function tell(text: string, from?: Member): void {
  for (const member of members) if (member !== from) member.say(text);
}

async function serve(connection: Socket): Promise<void> {
  const member = new Member(connection);
  let name: string | undefined;
  try {
    member.say('Your name?');
    for await (const line of member.lines(signal)) {
      if (name !== undefined) tell(`${name}: ${line}`, member);
      else {
        name = line;
        members.add(member);
        tell(`${name} joined`);
      }
    }
  } finally {
    members.delete(member);
    connection.close();
    if (name !== undefined) tell(`${name} left`);
  }
}

for await (const [connection, peer] of acceptConnections(listener, signal)) {
  serve(connection).catch((error: SockError) => {
    if (!signal.aborted) console.error(`chat: ${peer}: ${error.message}`);
  });
}
listener.close();
