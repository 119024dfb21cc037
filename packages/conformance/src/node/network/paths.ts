/** The path between two hosts: its MTU, and whether it has a gateway. */
import { Domain, SockAddr, type Socket, Type } from '@sock/core';
import { deepEqual, equal, notEqual, throwsCode } from '../../assert.js';
import { bytes } from '../../bytes.js';
import type { Case } from '../../case.js';
import type { Context } from '../../context.js';
import { only, received } from '../../control.js';
import { eventually } from '../../silence.js';
import { lacksNamespaces } from '../lacks.js';
import { type End, Namespace, wired } from '../namespace.js';
import type { NodeBackend } from '../program.js';

/** The MTU of Ethernet. */
const MTU = 1500;

/** The calls and sizes of one version of IP. */
interface PathOptions {
  readonly domain: 'ipv4' | 'ipv6';
  readonly any: SockAddr;
  readonly at: (end: End, port: number) => SockAddr;
  /** Bytes of the IP and UDP headers. */
  readonly headers: number;
  readonly reportErrors: (socket: Socket) => void;
  readonly discover: (socket: Socket, how: 'do' | 'dont') => void;
  readonly mtu: (socket: Socket) => number;
}

const v4: PathOptions = {
  domain: Domain.IPV4,
  any: SockAddr.ipv4('0.0.0.0', 0),
  at: (end, port) => SockAddr.ipv4(end.v4, port),
  headers: 28,
  reportErrors: (socket) => socket.setRecvErrV4(true),
  discover: (socket, how) => socket.setMtuDiscoverV4(how),
  mtu: (socket) => socket.mtuV4(),
};
const v6: PathOptions = {
  domain: Domain.IPV6,
  any: SockAddr.ipv6('::', 0),
  at: (end, port) => SockAddr.ipv6(end.v6, port),
  headers: 48,
  reportErrors: (socket) => socket.setRecvErrV6(true),
  discover: (socket, how) => socket.setMtuDiscoverV6(how),
  mtu: (socket) => socket.mtuV6(),
};

/** A datagram larger than the MTU is refused, and the error queue holds the MTU; or it is sent in fragments. */
async function tooLarge(
  t: Context,
  [here, there]: readonly [End, End],
  options: PathOptions,
): Promise<void> {
  const { domain, any, at, headers, reportErrors, discover } = options;
  const receiver = there.namespace.open(domain, Type.DGRAM);
  receiver.bind(any);
  const sender = here.namespace.open(domain, Type.DGRAM);
  sender.connect(at(there, receiver.localAddr().port));
  reportErrors(sender);
  equal(options.mtu(sender), MTU);
  const datagram = new Uint8Array(MTU - headers + 1);
  discover(sender, 'do');
  throwsCode('EMSGSIZE', () => sender.send(datagram));
  const flags = t.flag('ERRQUEUE') | t.flag('DONTWAIT');
  const { error, origin, info } = only(received(sender, { flags }).control, 'error');
  deepEqual([error.code, origin, info], ['EMSGSIZE', 'local', MTU]);
  discover(sender, 'dont');
  sender.send(datagram);
  const length = await eventually('the datagram', () => receiver.tryRecv(new Uint8Array(2000)));
  equal(length, datagram.length);
}

export const paths = (backend: NodeBackend): Case[] => [
  ...(
    [
      [v4, 'setMtuDiscoverV4', 'mtuV4', 'setRecvErrV4'],
      [v6, 'setMtuDiscoverV6', 'mtuV6', 'setRecvErrV6'],
    ] as const
  ).map(([options, ...methods]): Case => ({
    name: `${methods[0]}: a datagram too large for the path is refused and reported, or sent in fragments`,
    methods: [...methods, 'send'],
    needs: [...methods, 'recvmsg', 'MSG_ERRQUEUE'],
    lacks: lacksNamespaces,
    timeout: 60_000,
    run: (t) => tooLarge(t, wired(t, backend), options),
  })),
  {
    name: 'setDontRoute(true) sends only to hosts that need no gateway',
    methods: ['setDontRoute', 'dontRoute', 'sendTo'],
    needs: ['setDontRoute'],
    lacks: lacksNamespaces,
    timeout: 60_000,
    run(t) {
      const [here, there] = wired(t, backend);
      // Reserved for documentation: RFC 5737.
      here.namespace.run('ip', 'route', 'add', '192.0.2.0/24', 'via', there.v4);
      const beyond = SockAddr.ipv4('192.0.2.1', 9);
      const sender = here.namespace.open(Domain.IPV4, Type.DGRAM);
      equal(sender.sendTo(bytes('x'), beyond), 1, 'by the gateway');
      sender.setDontRoute(true);
      equal(sender.dontRoute(), true);
      throwsCode('ENETUNREACH', () => sender.sendTo(bytes('x'), beyond));
      equal(sender.sendTo(bytes('x'), SockAddr.ipv4(there.v4, 9)), 1, 'by the wire');
    },
  },
  {
    name: 'netnsCookie is the same for all sockets of a network namespace, and differs between namespaces',
    methods: ['netnsCookie'],
    needs: ['netnsCookie'],
    lacks: lacksNamespaces,
    timeout: 60_000,
    run(t) {
      const other = new Namespace(t, backend);
      const cookie = t.socket('udp4').netnsCookie();
      equal(t.socket('tcp6').netnsCookie(), cookie);
      const theirs = other.open(Domain.IPV4, Type.DGRAM).netnsCookie();
      equal(other.open(Domain.IPV6, Type.STREAM).netnsCookie(), theirs);
      notEqual(theirs, cookie);
    },
  },
];
