/**
 * Asks which services of a type there are on this link, by multicast DNS.
 *
 *   node --import tsx examples/mdns/query.ts _http._tcp
 */
import { Command } from 'commander';
import * as check from '../arguments.js';
import { printable } from '../printable.js';
import { decode, type DnsRecord, encode, RecordType } from './dns-message.js';
import { findLink, GROUP, openSocket } from './link.js';

const program = new Command('query.ts')
  .description('Lists the services of a type that multicast DNS knows.')
  .argument('[type]', 'the type of the services', '_http._tcp')
  .option('--interface <name>', 'default: the first one with an IPv4 address')
  .option('--time <ms>', 'how long to wait for answers', check.whole(1, 60_000), 1000)
  .parse();
const [type] = program.processedArgs as [string];
const { interface: name, time } = program.opts<{ interface?: string; time: number }>();

/** From a port of its own, so the answers come by unicast: RFC 6762, section 5.1. */
const socket = openSocket(findLink(name), 0);
const question = { name: `${type}.local`, type: RecordType.PTR, unicast: false };
const message = { id: 1, isAnswer: false, questions: [question], records: [] };
await socket.sendToAsync(encode(message), GROUP);

const records: DnsRecord[] = [];
const buffer = new Uint8Array(9000);
for await (const [length] of socket.datagrams(buffer, { signal: AbortSignal.timeout(time) })) {
  const answer = decode(buffer.subarray(0, length));
  if (answer?.isAnswer === true) records.push(...answer.records);
}
socket.close();

const of = (owner: unknown, kind: number): DnsRecord['data'] | undefined =>
  records.find((record) => record.name === owner && record.type === kind)?.data;
const instances = records.filter((it) => it.type === RecordType.PTR && it.name === question.name);
for (const instance of new Set(instances.map(({ data }) => data as string))) {
  const at = of(instance, RecordType.SRV) as { port: number; target: string } | undefined;
  const text = of(instance, RecordType.TXT) as string[] | undefined;
  const address = of(at?.target, RecordType.A) ?? 'no address';
  console.log(printable(`${instance} ${address}:${at?.port} ${text?.join(' ') ?? ''}`).trim());
}
