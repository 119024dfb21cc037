/**
 * One end of an exchange, as a process of its own. main.ts starts a server and a client, and prints what they found.
 * Its argument is an {@link EndInit} in JSON. It prints its address once it listens, and then an {@link EndReport}.
 */
import { SockAddr } from '@sock/native';
import { DgramTransport } from './dgram-transport.js';
import { EndpointTransport } from './endpoint-transport.js';
import { Exchange, type ExchangeResult } from './exchange.js';
import { Peer } from './peer.js';
import { type ConnectionCounts, makeStack, type MarkCounts, type StackEvent } from './stack.js';
import type { TransportCounts } from './transport.js';

export interface EndInit {
  readonly transport: 'endpoint' | 'dgram';
  /** The server's address, as it listens, or as the client finds it. */
  readonly address: string;
  /** SO_SNDBUF in bytes. */
  readonly sendBuffer: number;
  readonly certificate: string;
  /** The server's key. Without it this is the client. */
  readonly key?: string;
  /** How much this end sends. */
  readonly bytes: number;
}

export interface EndReport {
  readonly exchange: ExchangeResult;
  readonly transport: TransportCounts;
  readonly stack: ConnectionCounts;
  readonly marks: MarkCounts;
  /** From the handshake to the last acknowledgement. */
  readonly seconds: number;
  /** Processor time of the same time, in this process and in the kernel for it. */
  readonly cpuSeconds: number;
}

const init = JSON.parse(process.argv[2] as string) as EndInit;
const { certificate, key, bytes, sendBuffer } = init;
const isServer = key !== undefined;
const address = SockAddr.parse(init.address);
const any = address.isIpv6() ? SockAddr.ipv6('::', 0) : SockAddr.ipv4('0.0.0.0', 0);
const local = isServer ? address : any;
const transport =
  init.transport === 'dgram'
    ? await DgramTransport.make(local, sendBuffer)
    : new EndpointTransport(local, sendBuffer);
// What an Ethernet frame holds.
const largestDatagram = address.isIpv6() ? 1452 : 1472;
const stack = makeStack({ certificate, key, largestDatagram });

let exchange: Exchange | undefined;
let counts: ConnectionCounts | undefined;
let began = performance.now();
let cpu = process.cpuUsage();
let time = { seconds: 0, cpuSeconds: 0 };
const peer = new Peer(stack, transport, handle);

function handle(event: StackEvent): void {
  const { connection, kind, stream } = event;
  if (kind === 'connected') {
    began = performance.now();
    cpu = process.cpuUsage();
    if (!isServer) start(connection, stack.open(connection));
  } else if (kind === 'opened') {
    start(connection, stream);
  } else if (kind === 'lost') {
    if (exchange?.isDone !== true) throw new Error(`the connection was lost: ${event.reason}`);
  } else {
    exchange?.handle(event);
  }
  if (exchange?.isDone === true && counts === undefined) {
    const { user, system } = process.cpuUsage(cpu);
    time = { seconds: (performance.now() - began) / 1e3, cpuSeconds: (user + system) / 1e6 };
    counts = stack.counts(connection);
    // The client has the server's last bytes and acknowledgements, so it ends the connection.
    if (!isServer) stack.close(connection);
  }
}

function start(connection: number, stream: number | null | undefined): void {
  if (stream === null || stream === undefined) throw new Error('the peer allows no stream');
  exchange = new Exchange(stack, connection, stream, bytes);
}

if (isServer) console.log(String(transport.address));
else peer.connect(address, 'localhost');
peer.step();

// A closed connection answers late packets of its peer for a while.
const watch = setInterval(() => {
  if (exchange === undefined || counts === undefined || stack.connections > 0) return;
  clearInterval(watch);
  const report: EndReport = {
    exchange: exchange.result(),
    transport: transport.counts(),
    stack: counts,
    marks: stack.marks(),
    ...time,
  };
  peer.close();
  console.log(JSON.stringify(report));
}, 20);
