/** Sockets in the kernel's tables: /proc/net. */
import { Domain, Protocol, SockAddr, type Socket, Type } from '@sock/core';
import { equal, fail, ok } from '../../assert.js';
import type { Case } from '../../case.js';
import type { Context } from '../../context.js';
import { lacksRaw } from '../../privilege.js';
import { temporaryFolder } from '../folder.js';
import { lineOf } from '../proc-net.js';

/** Fails unless the socket is in this table and in none of the others. */
function expectTable(socket: Socket, expected: string, tables: readonly string[]): string[] {
  for (const table of tables) {
    equal(lineOf(table, socket) !== undefined, table === expected, `${socket} in ${table}`);
  }
  return lineOf(expected, socket) ?? fail(expected);
}

const IP_TABLES = ['tcp', 'tcp6', 'udp', 'udp6', 'udplite', 'udplite6'];
const STATE = 3;
const LISTENING = '0A';

/** A socket that the tables show: it is bound, and listens if its type can. */
function shown(t: Context, domain: 'ipv4' | 'ipv6', type: Type, protocol: Protocol): Socket {
  const socket = t.open(domain, type, protocol);
  socket.bind(domain === Domain.IPV4 ? SockAddr.ipv4('127.0.0.1', 0) : SockAddr.ipv6('::1', 0));
  if (type === Type.STREAM) socket.listen(1);
  return socket;
}

/** An address as /proc/net/tcp prints it: words in the processor's byte order, and the port. */
function hexadecimal(address: SockAddr): string {
  const words = new Uint8Array(Uint32Array.of(0x01020304).buffer)[0] === 1 ? 1 : -1;
  const bytes = address.address.split('.').map((byte) => Number(byte));
  const hex = (number: number, width: number): string =>
    number.toString(16).toUpperCase().padStart(width, '0');
  const ordered = words === 1 ? bytes : bytes.toReversed();
  return `${ordered.map((byte) => hex(byte, 2)).join('')}:${hex(address.port, 4)}`;
}

export const tables: readonly Case[] = [
  {
    name: "domain, type and protocol decide which of the kernel's tables an IP socket is in",
    methods: ['new', 'domain', 'type', 'protocol'],
    observes: ['new', 'domain', 'type', 'protocol', 'Domain.forAddress'],
    needs: ['domain', 'type', 'protocol'],
    run(t) {
      for (const domain of [Domain.IPV4, Domain.IPV6]) {
        const six = domain === Domain.IPV6 ? '6' : '';
        for (const [type, protocol, table] of [
          [Type.STREAM, Protocol.TCP, 'tcp'],
          [Type.DGRAM, Protocol.UDP, 'udp'],
        ] as const) {
          const socket = shown(t, domain, type, protocol);
          expectTable(socket, `${table}${six}`, IP_TABLES);
          equal(socket.domain(), domain);
          equal(socket.type(), type);
          equal(socket.protocol(), protocol);
          equal(Domain.forAddress(socket.localAddr()), domain);
        }
      }
    },
  },
  {
    name: "a unix socket of each type is in the kernel's table with its type and its path or name",
    methods: ['new', 'bind', 'localAddr', 'domain', 'type'],
    observes: [
      'SockAddr.unix',
      'SockAddr.isUnix',
      'SockAddr.asUnix',
      'SockAddr.asPathname',
      'SockAddr.asAbstractNamespace',
      'SockAddr.isUnnamed',
    ],
    needs: ['unix', 'seqpacket', 'domain'],
    run(t) {
      const TYPE = 4;
      const PATH = 7;
      const folder = temporaryFolder(t);
      for (const [type, number] of [
        [Type.STREAM, '0001'],
        [Type.DGRAM, '0002'],
        [Type.SEQPACKET, '0005'],
      ] as const) {
        const path = `${folder}/${type}`;
        const name = `sock-${process.pid}-${type}`;
        const [pathname, abstract, unnamed] = [0, 0, 0].map(() => t.open(Domain.UNIX, type)) as [
          Socket,
          Socket,
          Socket,
        ];
        pathname.bind(SockAddr.unix(path));
        abstract.bind(SockAddr.abstract(name));
        for (const [socket, shownAs] of [
          [pathname, path],
          [abstract, `@${name}`],
          [unnamed, undefined],
        ] as const) {
          const line = lineOf('unix', socket) ?? fail(`${socket} in unix`);
          equal(line[TYPE], number, 'the type');
          equal(line[PATH], shownAs, 'the path');
          const address = socket.localAddr();
          equal(address.isUnix(), true);
          ok(address.asUnix() !== null, 'a unix address');
          equal(address.asPathname(), socket === pathname ? path : null);
          equal(address.isUnnamed(), socket === unnamed);
          const bytes = address.asAbstractNamespace();
          equal(
            bytes === null ? null : String.fromCharCode(...bytes),
            socket === abstract ? name : null,
          );
        }
      }
    },
  },
  {
    name: 'raw, packet and netlink sockets are each in the table of their kind',
    methods: ['new', 'domain', 'type'],
    needs: ['raw', 'packet', 'netlink', 'domain'],
    lacks: lacksRaw,
    run(t) {
      const all = ['raw', 'raw6', 'packet', 'netlink'];
      for (const [domain, type, protocol, table] of [
        [Domain.IPV4, Type.RAW, Protocol.ICMPV4, 'raw'],
        [Domain.IPV6, Type.RAW, Protocol.ICMPV6, 'raw6'],
        [Domain.PACKET, Type.RAW, null, 'packet'],
        [Domain.NETLINK, Type.RAW, null, 'netlink'],
      ] as const) {
        const socket = t.open(domain, type, protocol);
        if (domain === Domain.NETLINK) socket.bind(SockAddr.netlink(0, 0));
        expectTable(socket, table, all);
        equal(socket.domain(), domain);
        equal(socket.type(), type);
      }
    },
  },
  {
    name: 'isListener agrees with the state in the kernel',
    methods: ['listen', 'isListener'],
    observes: ['listen', 'isListener'],
    needs: ['isListener'],
    run(t) {
      const socket = t.bound('tcp4');
      equal(socket.isListener(), false);
      equal(lineOf('tcp', socket)?.[STATE] === LISTENING, false, 'in the table before listen');
      socket.listen(1);
      equal(socket.isListener(), true);
      equal(lineOf('tcp', socket)?.[STATE], LISTENING);
    },
  },
  {
    name: 'bind and connect enter both addresses into the table, as localAddr and peerAddr return them',
    methods: ['bind', 'connect', 'localAddr', 'peerAddr'],
    observes: [
      'bind',
      'connect',
      'localAddr',
      'peerAddr',
      'SockAddr.family',
      'SockAddr.domain',
      'SockAddr.isIpv4',
      'SockAddr.isIpv6',
      'SockAddr.asSocket',
      'SockAddr.asSocketIpv4',
      'SockAddr.asSocketIpv6',
    ],
    run(t) {
      const [one] = t.connectedPair('tcp4');
      const line = lineOf('tcp', one) ?? fail('the connection');
      const [local, peer] = [one.localAddr(), one.peerAddr()];
      equal(line[1], hexadecimal(local), 'the local address');
      equal(line[2], hexadecimal(peer), "the peer's");
      for (const address of [local, peer]) {
        equal(address.family, Domain.IPV4);
        equal(address.domain(), Domain.IPV4);
        ok(address.isIpv4() && !address.isIpv6(), 'IPv4');
        equal(address.asSocket()?.port, address.port);
        equal(address.asSocketIpv4()?.address, '127.0.0.1');
        equal(address.asSocketIpv6(), null);
      }
      const [six] = t.connectedPair('udp6');
      const port = six.localAddr().port.toString(16).toUpperCase().padStart(4, '0');
      ok(lineOf('udp6', six)?.[1]?.endsWith(`:${port}`) === true, 'the port in the table of UDP');
      ok(six.localAddr().isIpv6() && !six.localAddr().isIpv4(), 'IPv6');
      equal(six.localAddr().asSocketIpv6()?.address, '::1');
    },
  },
  {
    name: "SockAddr.raw is an address in the system's layout, and bind accepts it",
    methods: ['bind', 'localAddr'],
    observes: ['SockAddr.raw', 'SockAddr.len'],
    run(t) {
      const AF_INET = t.Socket.driver.constants['AF_INET'] as number;
      const { port } = t.refusingAddress();
      // The rest of struct sockaddr_in: port and address in network order, padding.
      const rest = Uint8Array.of(port >> 8, port & 0xff, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
      const address = SockAddr.raw(AF_INET, rest);
      equal(address.len(), 16);
      const socket = t.socket('udp4');
      socket.bind(address);
      equal(socket.localAddr().toString(), `127.0.0.1:${port}`);
      equal(socket.localAddr().len(), address.len());
      equal(lineOf('udp', socket)?.[1], hexadecimal(SockAddr.ipv4('127.0.0.1', port)));
    },
  },
];
