/**
 * Makes a service known by multicast DNS (RFC 6762, RFC 6763), as Bonjour and Avahi do.
 *
 *   node --import tsx examples/mdns/responder.ts --name "My shop" --type _http._tcp --port 8080
 */
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import * as check from '../arguments.js';
import { stopSignal } from '../stop-signal.js';
import { decode, encode } from './dns-message.js';
import { findLink, GROUP, openSocket } from './link.js';
import { Service } from './service.js';

const options = new Command('responder.ts')
  .description('Makes a service known by multicast DNS.')
  .requiredOption('--name <name>', 'what people see, such as My shop')
  .requiredOption('--port <port>', 'the port of the service', check.whole(1, 65_535))
  .option('--type <type>', 'the type of the service', '_http._tcp')
  .option('--text <key=value...>', 'what else to say about it', [])
  .option('--host <name>', 'the name of this host', hostname().split('.')[0] as string)
  .option('--interface <name>', 'default: the first one with an IPv4 address')
  .parse()
  .opts<{
    name: string;
    port: number;
    type: string;
    text: string[];
    host: string;
    interface?: string;
  }>();

const signal = stopSignal();
const link = findLink(options.interface);
const service = new Service({ ...options, address: link.address });
const socket = openSocket(link, GROUP.port);
console.log(`responder: ${service.instance} at ${link.address}:${options.port}; Ctrl-C ends it`);

/** Tells the group, unasked. RFC 6762, section 8.3: twice, a second apart. */
async function announce(): Promise<void> {
  const message = encode({ id: 0, isAnswer: true, questions: [], records: service.records });
  for (let times = 0; times < 2 && !signal.aborted; times++) {
    await socket.sendToAsync(message, GROUP);
    await delay(1000, undefined, { signal }).catch(() => {});
  }
}

const announcing = announce();
const buffer = new Uint8Array(9000);
for await (const [length, sender] of socket.datagrams(buffer, { signal })) {
  const message = decode(buffer.subarray(0, length));
  if (message === undefined || message.isAnswer) continue;
  const { id, questions } = message;
  const records = service.answers(questions);
  if (records.length === 0) continue;
  // RFC 6762, section 6.7: a simple resolver asks from another port. It wants an answer as of unicast DNS.
  const isSimple = sender.port !== GROUP.port;
  const isUnicast = isSimple || questions.every(({ unicast }) => unicast);
  const answer = isSimple
    ? {
        id,
        isAnswer: true,
        questions,
        records: records.map((record) => ({ ...record, ttl: 10, isUnique: false })),
      }
    : { id: 0, isAnswer: true, questions: [], records };
  await socket.sendToAsync(encode(answer), isUnicast ? sender : GROUP);
}
await announcing;
// RFC 6762, section 10.1: a goodbye, so that nobody has to wait for the end of the time.
const records = service.records.map((record) => ({ ...record, ttl: 0 }));
await socket.sendToAsync(encode({ id: 0, isAnswer: true, questions: [], records }), GROUP);
socket.close();
