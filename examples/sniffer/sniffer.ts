/**
 * Shows received and sent packets, one a line, from a packet socket. The kernel filters them with a classic BPF
 * program, and counts the packets that it dropped. Needs CAP_NET_RAW.
 *
 *   node --import tsx examples/sniffer/sniffer.ts --interface lo --protocol udp --port 53
 */
import {
  assembleFilter,
  Domain,
  ifIndexToName,
  ifNameToIndex,
  MSG,
  type ReceivedMessage,
  SockAddr,
  type SockError,
  Socket,
  Type,
} from '@sock/native';
import { Command, Option } from 'commander';
import * as check from '../arguments.js';
import { whenReadable } from '../when-readable.js';
import { decodeFrame, SNAP_LENGTH } from './decode.js';

const protocols: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, icmp6: 58 };

const options = new Command('sniffer.ts')
  .description('Shows packets, one a line, until Ctrl-C.')
  .option('-i, --interface <name>', 'only packets of this interface')
  .option('--host <address>', 'only from or to this IPv4 or IPv6 address')
  .option('--port <port>', 'only from or to this port', check.port)
  .addOption(
    new Option('--protocol <name>', 'only of this protocol').choices(Object.keys(protocols)),
  )
  .option('--promiscuous', 'also what is meant for other hosts (needs --interface)')
  .option('--incoming', 'not what this system sends')
  .option('-c, --count <count>', 'end after so many packets', check.whole(1, 1e9))
  .parse()
  .opts<{
    interface?: string;
    host?: string;
    port?: number;
    protocol?: string;
    promiscuous?: boolean;
    incoming?: boolean;
    count?: number;
  }>();

// linux/if_ether.h, linux/if_arp.h
const ETH_P_ALL = 3;
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;
const CONTROL_ROOM = 64;
const DIRECTIONS: Readonly<Record<string, string>> = {
  host: 'In ',
  broadcast: 'B  ',
  multicast: 'M  ',
  otherHost: 'P  ',
  outgoing: 'Out',
};

function open(): Socket {
  if (options.promiscuous === true && options.interface === undefined) {
    throw new Error('--promiscuous needs --interface');
  }
  // With protocol 0 it receives nothing until it is bound; by then the filter is attached.
  const socket = new Socket(Domain.PACKET, Type.RAW, 0);
  const { host, port, protocol, promiscuous, incoming } = options;
  if ([host, port, protocol].some((part) => part !== undefined)) {
    const number = protocol === undefined ? undefined : protocols[protocol];
    socket.attachFilter(assembleFilter({ host, port, protocol: number }));
  }
  const interfaceIndex = options.interface === undefined ? 0 : ifNameToIndex(options.interface);
  if (promiscuous === true) socket.addPacketMembership(interfaceIndex, 'promiscuous');
  if (incoming === true) socket.setPacketIgnoreOutgoing(true);
  socket.setTimestampns(true);
  socket.bind(SockAddr.packet({ interfaceIndex, protocol: ETH_P_ALL }));
  return socket;
}

function show(frame: Buffer, { length, address, control }: ReceivedMessage): void {
  const link = address.asPacketAddress();
  const stamp = control.find((item) => item.kind === 'timestamp');
  if (link === null) return;
  const { interfaceIndex, hardwareType, packetType } = link;
  const isEthernet = hardwareType === ARPHRD_ETHER || hardwareType === ARPHRD_LOOPBACK;
  const what = isEthernet
    ? decodeFrame(frame.subarray(0, length), length)
    : `hardware type ${hardwareType}, length ${length}`;
  const where = `${nameOf(interfaceIndex)} ${DIRECTIONS[packetType] ?? packetType}`;
  console.log(`${timeOf(stamp?.nanoseconds ?? 0n)} ${where} ${what}`);
}

const names = new Map<number, string>();
function nameOf(index: number): string {
  let name = names.get(index);
  if (name === undefined) {
    try {
      name = ifIndexToName(index);
    } catch {
      // The interface was removed before its last packets were read.
      name = `if${index}`;
    }
    names.set(index, name);
  }
  return name;
}

/** The local time of day, to the microsecond. */
function timeOf(nanoseconds: bigint): string {
  const date = new Date(Number(nanoseconds / 1_000_000n));
  const micros = String((nanoseconds / 1000n) % 1_000_000n).padStart(6, '0');
  return `${date.toLocaleTimeString('en-GB')}.${micros}`;
}

function start(): Socket {
  try {
    return open();
  } catch (error) {
    const { code, message } = error as SockError;
    const reasons: Readonly<Record<string, string>> = {
      EPERM: 'not permitted: needs CAP_NET_RAW',
      ENODEV: `no interface ${options.interface}`,
    };
    console.error(`sniffer: ${reasons[code] ?? message}`);
    process.exit(1);
  }
}

using socket = start();
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
console.error(`sniffer: listening on ${options.interface ?? 'all interfaces'}`);

let shown = 0;
const frame = Buffer.alloc(SNAP_LENGTH);
const { signal } = stop;
for await (const _ of whenReadable(socket, signal)) {
  // Read only so many packets in a turn of the event loop: Ctrl-C waits for the turn to end.
  for (let turn = 0; turn < 64 && !signal.aborted; turn++) {
    // With MSG_TRUNC the length is that of the whole frame, even if the buffer is shorter.
    const message = socket.tryRecvmsg({ buffers: [frame], control: CONTROL_ROOM }, MSG['TRUNC']);
    if (message === undefined) break;
    show(frame, message);
    shown += 1;
    if (shown === options.count) stop.abort();
  }
}

const { packets, drops } = socket.packetStatistics();
console.error(
  `${shown} packets captured\n${packets} packets received by filter\n${drops} packets dropped by kernel`,
);
