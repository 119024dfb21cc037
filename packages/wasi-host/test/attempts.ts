/** Attempts to get around a policy. Each is refused before a packet leaves. */
import { createHost, type Host, type PolicyInit } from '@sock/wasi-host';

/** An address as a component gives it. */
export interface WitAddress {
  tag: 'ipv4' | 'ipv6';
  val: { port: number; address: number[]; flowInfo?: number; scopeId?: number };
}

export const v4 = (text: string, port: number): WitAddress => ({
  tag: 'ipv4',
  val: { port, address: text.split('.').map(Number) },
});

export function v6(words: number[], port: number, scopeId = 0): WitAddress {
  const address = [
    ...words.slice(0, -1),
    ...Array<number>(8 - words.length).fill(0),
    words.at(-1) ?? 0,
  ];
  return { tag: 'ipv6', val: { port, flowInfo: 0, address, scopeId } };
}

const at = (position: number, ...words: number[]): number[] => {
  const list = Array<number>(8).fill(0);
  words.forEach((word, index) => {
    list[position + index] = word;
  });
  return list;
};
const full = (words: number[], port: number, scopeId = 0): WitAddress => ({
  tag: 'ipv6',
  val: { port, flowInfo: 0, address: words, scopeId },
});

// oxlint-disable-next-line typescript/no-explicit-any
type Wit = any;

export interface Guest {
  readonly host: Host;
  connect(address: WitAddress): unknown;
  listen(address: WitAddress): unknown;
  bindUdp(address: WitAddress): Wit;
  sendTo(address: WitAddress): unknown;
  connectUdp(address: WitAddress): unknown;
  lookup(name: string): Promise<unknown[]>;
}

/** What a component can do, by the interfaces of a host. */
export function guestOf(policy: PolicyInit, more: object = {}): Guest {
  const host = createHost({ policy, ...more });
  const { tcpCreateSocket, udpCreateSocket, instanceNetwork, ipNameLookup } = host as Wit;
  const network = instanceNetwork.instanceNetwork();
  const any = ({ tag }: WitAddress): WitAddress =>
    tag === 'ipv4' ? v4('0.0.0.0', 0) : full(at(0), 0);
  const bound = (address: WitAddress): Wit => {
    const socket = udpCreateSocket.createUdpSocket(address.tag);
    socket.startBind(network, address);
    socket.finishBind();
    return socket;
  };
  return {
    host,
    connect: (address) =>
      tcpCreateSocket.createTcpSocket(address.tag).startConnect(network, address),
    listen(address) {
      const socket = tcpCreateSocket.createTcpSocket(address.tag);
      socket.startBind(network, address);
      socket.finishBind();
      socket.startListen();
      return socket.finishListen();
    },
    bindUdp: bound,
    sendTo(address) {
      const [, outgoing] = bound(any(address)).stream(undefined);
      outgoing.checkSend();
      return outgoing.send([{ data: new Uint8Array(8), remoteAddress: address }]);
    },
    connectUdp: (address) => bound(any(address)).stream(address),
    async lookup(name) {
      const stream = ipNameLookup.resolveAddresses(network, name);
      stream.subscribe().block();
      const found: unknown[] = [];
      for (;;) {
        const next = stream.resolveNextAddress();
        if (next === undefined) return found;
        found.push(next);
      }
    },
  };
}

export interface Attempt {
  readonly name: string;
  readonly policy: PolicyInit;
  /** Given to createHost as well. */
  readonly more?: object;
  run(guest: Guest): unknown;
  /** The codes of the interface that refuse it. Left out: access-denied. */
  readonly codes?: readonly string[];
}

const DENIED = ['access-denied'];
const MALFORMED = ['invalid-argument'];
const nothing: PolicyInit = {};
const loopbackOnly: PolicyInit = {
  tcp: { connect: ['127.0.0.1:80'] },
  udp: { send: ['127.0.0.1:53'] },
};
const noInternal: PolicyInit = {
  tcp: { connect: ['*'], listen: ['*'] },
  udp: { send: ['*'], bind: ['*'] },
  lookup: true,
  deny: ['internal'],
};
const mapped = (...tail: number[]): number[] => at(5, 0xffff, ...tail);

/** Answers of a look-up, one after the other. */
const answers = (...list: string[][]): object => {
  let next = 0;
  return { lookup: () => () => ({ addresses: list[Math.min(next++, list.length - 1)] }) };
};
const byName: PolicyInit = {
  tcp: { connect: ['good.example:80'] },
  udp: { send: ['good.example:53'] },
  lookup: ['good.example'],
};

const connect = (
  name: string,
  policy: PolicyInit,
  address: WitAddress,
  codes = DENIED,
): Attempt => ({
  name: `connect ${name}`,
  policy,
  codes,
  run: (guest) => guest.connect(address),
});
const send = (name: string, policy: PolicyInit, address: WitAddress, codes = DENIED): Attempt => ({
  name: `send ${name}`,
  policy,
  codes,
  run: (guest) => guest.sendTo(address),
});
const listen = (
  name: string,
  policy: PolicyInit,
  address: WitAddress,
  codes = DENIED,
): Attempt => ({
  name: `listen ${name}`,
  policy,
  codes,
  run: (guest) => guest.listen(address),
});
const lookup = (name: string, policy: PolicyInit, host: string, codes = DENIED): Attempt => ({
  name: `look up ${name}`,
  policy,
  codes,
  run: (guest) => guest.lookup(host),
});

export const attempts: readonly Attempt[] = [
  connect('without a policy', nothing, v4('127.0.0.1', 80)),
  connect('without a policy, IPv6', nothing, v6([1], 80)),
  listen('without a policy', nothing, v4('127.0.0.1', 0)),
  listen('without a policy on the wildcard', nothing, v4('0.0.0.0', 0)),
  send('without a policy', nothing, v4('127.0.0.1', 53)),
  lookup('without a policy', nothing, 'example.com'),
  {
    name: 'bind a datagram socket without a policy',
    policy: nothing,
    run: (guest) => guest.bindUdp(v4('127.0.0.1', 0)),
  },
  {
    name: 'connect a datagram socket without a policy',
    policy: nothing,
    run: (guest) => guest.connectUdp(v4('127.0.0.1', 53)),
  },
  connect('to another port', loopbackOnly, v4('127.0.0.1', 81)),
  connect('to the port before', loopbackOnly, v4('127.0.0.1', 79)),
  connect('to another address of the range', loopbackOnly, v4('127.0.0.2', 80)),
  connect('by the wildcard address', loopbackOnly, v4('0.0.0.0', 80), MALFORMED),
  connect('by the wildcard address, IPv6', loopbackOnly, v6([0], 80), MALFORMED),
  connect('by a mapped address', loopbackOnly, full(mapped(0x7f00, 1), 80), MALFORMED),
  connect('by a compatible address', loopbackOnly, full(at(6, 0x7f00, 1), 80)),
  connect('by IPv6 loopback', loopbackOnly, v6([1], 80)),
  connect('by IPv6 loopback with a zone', loopbackOnly, full(at(7, 1), 80, 1)),
  connect('to a multicast address', { tcp: { connect: ['*'] } }, v4('224.0.0.1', 80), MALFORMED),
  connect(
    'to the broadcast address',
    { tcp: { connect: ['*'] } },
    v4('255.255.255.255', 80),
    MALFORMED,
  ),
  connect('to port 0', { tcp: { connect: ['*'] } }, v4('127.0.0.1', 0), MALFORMED),
  connect('outside a range of bits', { tcp: { connect: ['10.0.0.0/9:*'] } }, v4('10.128.0.0', 80)),
  connect('outside a range of ports', { tcp: { connect: ['*:1024-2048'] } }, v4('127.0.0.1', 2049)),
  connect(
    'an IPv6 address that a rule of IPv4 for everything has not',
    { tcp: { connect: ['0.0.0.0/0:*'] } },
    v6([1], 80),
  ),
  connect('with a rule to listen', { tcp: { listen: ['*'] } }, v4('127.0.0.1', 80)),
  connect('with a rule to send', { udp: { send: ['*'] } }, v4('127.0.0.1', 80)),
  send('with a rule to connect', { tcp: { connect: ['*'] } }, v4('127.0.0.1', 53)),
  send('with a rule to bind', { udp: { bind: ['*'] } }, v4('127.0.0.1', 53)),
  listen('with a rule to connect', { tcp: { connect: ['*'] } }, v4('127.0.0.1', 0)),
  listen(
    'on the wildcard with a rule of loopback',
    { tcp: { listen: ['loopback'] } },
    v4('0.0.0.0', 0),
  ),
  listen(
    'on the IPv6 wildcard with a rule of loopback',
    { tcp: { listen: ['loopback'] } },
    v6([0], 0),
  ),
  listen('on the wildcard with a range', { tcp: { listen: ['0.0.0.0/8:*'] } }, v4('0.0.0.0', 8080)),
  listen(
    'on a port of the system with a range of ports',
    { tcp: { listen: ['127.0.0.1:8000-9000'] } },
    v4('127.0.0.1', 0),
  ),
  listen('on a mapped address', { tcp: { listen: ['*'] } }, full(mapped(0x7f00, 1), 0), MALFORMED),
  {
    name: 'bind a datagram socket to the wildcard and a port of its own with a rule to send',
    policy: { udp: { send: ['127.0.0.1:53'] } },
    run: (guest) => guest.bindUdp(v4('0.0.0.0', 5353)),
  },
  {
    name: 'bind a datagram socket to an address with a rule to send',
    policy: { udp: { send: ['127.0.0.1:53'] } },
    run: (guest) => guest.bindUdp(v4('127.0.0.1', 0)),
  },
  {
    name: 'connect a datagram socket elsewhere',
    policy: loopbackOnly,
    run: (guest) => guest.connectUdp(v4('127.0.0.1', 54)),
  },
  {
    name: 'send elsewhere on a socket with a peer',
    policy: { udp: { send: ['127.0.0.1:53'] } },
    codes: MALFORMED,
    run(guest) {
      const [, outgoing] = guest.connectUdp(v4('127.0.0.1', 53)) as Wit[];
      outgoing.checkSend();
      return outgoing.send([{ data: new Uint8Array(1), remoteAddress: v4('127.0.0.1', 54) }]);
    },
  },
  {
    name: 'send elsewhere right after what is allowed',
    policy: { udp: { send: ['127.0.0.1:53'] } },
    run(guest) {
      const [, outgoing] = guest.bindUdp(v4('0.0.0.0', 0)).stream(undefined);
      const data = new Uint8Array(0);
      // A look at what is allowed, which leaves it as the last receiver.
      outgoing.checkSend();
      outgoing.send([]);
      outgoing.checkSend();
      return outgoing.send([{ data, remoteAddress: v4('127.0.0.1', 54) }]);
    },
  },
  send('to a mapped address', loopbackOnly, full(mapped(0x7f00, 1), 53), MALFORMED),
  send('to the wildcard address', loopbackOnly, v4('0.0.0.0', 53), MALFORMED),
  send('to the broadcast address', loopbackOnly, v4('255.255.255.255', 53)),
  connect('loopback where internal is denied', noInternal, v4('127.0.0.1', 80)),
  connect('IPv6 loopback where internal is denied', noInternal, v6([1], 80)),
  connect('a private address where internal is denied', noInternal, v4('10.1.2.3', 80)),
  connect('172.31 where internal is denied', noInternal, v4('172.31.255.255', 80)),
  connect('192.168 where internal is denied', noInternal, v4('192.168.0.1', 80)),
  connect('carrier-grade NAT where internal is denied', noInternal, v4('100.64.0.1', 80)),
  connect('the metadata of a cloud', noInternal, v4('169.254.169.254', 80)),
  connect(
    'the metadata of a cloud, IPv6',
    noInternal,
    full([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 80),
  ),
  connect('a unique local address', noInternal, full([0xfc00, 0, 0, 0, 0, 0, 0, 1], 80)),
  connect(
    'a link-local address with a zone',
    noInternal,
    full([0xfe80, 0, 0, 0, 0, 0, 0, 1], 80, 2),
  ),
  connect(
    'a private address through NAT64',
    noInternal,
    full([0x64, 0xff9b, 0, 0, 0, 0, 0x0a00, 1], 80),
  ),
  connect('metadata through 6to4', noInternal, full([0x2002, 0xa9fe, 0xa9fe, 0, 0, 0, 0, 1], 80)),
  connect(
    'a private address through Teredo',
    noInternal,
    full([0x2001, 0, 1, 1, 0, 0, 0xf5ff, 0xfffe], 80),
  ),
  connect(
    'a private address through ISATAP',
    noInternal,
    full([0x2001, 0xdb8, 0, 0, 0, 0x5efe, 0x0a00, 1], 80),
  ),
  connect('0.0.0.1 where internal is denied', noInternal, v4('0.0.0.1', 80)),
  listen('on the wildcard where internal is denied', noInternal, v4('0.0.0.0', 0)),
  send('to a private address where internal is denied', noInternal, v4('10.0.0.1', 53)),
  send('to a multicast group where internal is denied', noInternal, v4('224.0.0.251', 53)),
  lookup('another name', byName, 'bad.example'),
  lookup('a name that ends the same', byName, 'notgood.example'),
  lookup('a name under it', byName, 'x.good.example'),
  lookup('the name above', { lookup: ['*.good.example'] }, 'good.example'),
  lookup('a URL', byName, 'http://good.example', MALFORMED),
  lookup('a name with a NUL', byName, 'good.example\0.bad.example', MALFORMED),
  lookup('a name with a port', byName, 'good.example:80', MALFORMED),
  lookup('a number that is an address to some', { lookup: true }, '2130706433', MALFORMED),
  connect('an address that no look-up gave', byName, v4('93.184.216.34', 80)),
  {
    name: 'connect to another port of a name',
    policy: byName,
    more: answers(['93.184.216.34']),
    async run(guest) {
      await guest.lookup('good.example');
      guest.connect(v4('93.184.216.34', 81));
    },
  },
  {
    name: 'connect to loopback that a name resolves to',
    policy: byName,
    more: answers(['127.0.0.1']),
    async run(guest) {
      await guest.lookup('good.example');
      guest.connect(v4('127.0.0.1', 80));
    },
  },
  {
    name: 'connect to metadata after a second answer (rebinding)',
    policy: byName,
    more: answers(['93.184.216.34'], ['169.254.169.254']),
    async run(guest) {
      await guest.lookup('good.example');
      await guest.lookup('good.example');
      guest.connect(v4('169.254.169.254', 80));
    },
  },
  {
    name: 'connect to a private address in mapped form that a name resolves to',
    policy: byName,
    more: answers(['::ffff:10.0.0.1']),
    async run(guest) {
      await guest.lookup('good.example');
      guest.connect(v4('10.0.0.1', 80));
    },
  },
  {
    name: 'connect to an address that a name had an hour ago',
    policy: byName,
    more: { lookup: () => () => ({ addresses: ['93.184.216.34'], ttl: 0 }) },
    async run(guest) {
      await guest.lookup('good.example');
      guest.connect(v4('93.184.216.34', 80));
    },
  },
  {
    name: 'use what a look-up of another component gave',
    policy: byName,
    async run(guest) {
      const other = guestOf(byName, answers(['93.184.216.34']));
      await other.lookup('good.example');
      guest.connect(v4('93.184.216.34', 80));
    },
  },
  {
    name: 'use a network of another component',
    policy: nothing,
    run(guest) {
      const other = guestOf({ tcp: { connect: ['*'] } });
      const { instanceNetwork } = other.host as Wit;
      const { tcpCreateSocket } = guest.host as Wit;
      const network = instanceNetwork.instanceNetwork();
      return tcpCreateSocket.createTcpSocket('ipv4').startConnect(network, v4('127.0.0.1', 80));
    },
  },
  {
    name: 'connect where decide answers something truthy',
    policy: { decide: () => 1 as unknown as boolean },
    run: (guest) => guest.connect(v4('127.0.0.1', 80)),
  },
  {
    name: 'connect more often in a second than allowed',
    policy: { tcp: { connect: ['*'] }, limits: { connectionsPerSecond: 0 } },
    run: (guest) => guest.connect(v4('127.0.0.1', 80)),
  },
  {
    name: 'open more sockets than allowed',
    policy: { tcp: { connect: ['*'] }, limits: { sockets: 0 } },
    codes: ['new-socket-limit'],
    run: (guest) => guest.connect(v4('127.0.0.1', 80)),
  },
];

/** The code of the interface that an attempt was refused with, or what else became of it. */
export async function refusal({ policy, more, run }: Attempt): Promise<string> {
  const guest = guestOf(policy, more);
  try {
    await run(guest);
    return 'it was not refused';
  } catch (error) {
    const { payload } = error as { payload?: unknown };
    return typeof payload === 'string' ? payload : String(error);
  } finally {
    guest.host.close();
  }
}
