/** Sockets bound to an interface: two namespaces on one wire. */
import { Domain, SockAddr, type Socket, Type } from '@sock/core';
import { equal, throwsCode } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import { lacksNamespaces } from '../lacks.js';
import { type End, LOOPBACK_INDEX, WIRE, wired } from '../namespace.js';
import type { NodeBackend } from '../program.js';

const ARRIVAL = 5000;

interface Version {
  readonly domain: 'ipv4' | 'ipv6';
  readonly any: SockAddr;
  readonly local: (port: number) => SockAddr;
  readonly at: (end: End, port: number) => SockAddr;
}

const v4: Version = {
  domain: Domain.IPV4,
  any: SockAddr.ipv4('0.0.0.0', 0),
  local: (port) => SockAddr.ipv4('127.0.0.1', port),
  at: (end, port) => SockAddr.ipv4(end.v4, port),
};
const v6: Version = {
  domain: Domain.IPV6,
  any: SockAddr.ipv6('::', 0),
  local: (port) => SockAddr.ipv6('::1', port),
  at: (end, port) => SockAddr.ipv6(end.v6, port),
};

/**
 * Sends to a socket on all addresses, over the wire and over the loopback interface. Fails unless it
 * receives what arrived on the interfaces `names`, and nothing else.
 */
function hears(
  ends: readonly [End, End],
  { domain, any, at, local }: Version,
  names: readonly string[],
  bind: (socket: Socket) => void,
): void {
  const [here, there] = ends;
  const receiver = here.namespace.open(domain, Type.DGRAM);
  bind(receiver);
  receiver.bind(any);
  receiver.setReadTimeout(ARRIVAL);
  const { port } = receiver.localAddr();
  there.namespace.open(domain, Type.DGRAM).sendTo(bytes(WIRE), at(here, port));
  here.namespace.open(domain, Type.DGRAM).sendTo(bytes('lo'), local(port));
  const buffer = new Uint8Array(8);
  const heard = names.map(() => text(buffer, receiver.recv(buffer)));
  equal(heard.toSorted().join(), names.toSorted().join());
  equal(receiver.tryRecv(buffer), undefined, 'anything else');
}

function byIndex(
  backend: NodeBackend,
  version: Version,
  set: 'bindDeviceByIndexV4' | 'bindDeviceByIndexV6',
  get: 'deviceIndexV4' | 'deviceIndexV6',
): Case {
  return {
    name: `${set} receives only packets that arrive on that interface`,
    methods: [set, get],
    observes: [set, get],
    needs: [set, get],
    lacks: lacksNamespaces,
    timeout: 60_000,
    run(t) {
      const ends = wired(t, backend);
      const [{ index: wire }] = ends;
      for (const [name, index] of [
        [WIRE, wire],
        ['lo', LOOPBACK_INDEX],
      ] as const) {
        hears(ends, version, [name], (socket) => {
          equal(socket[get](), null);
          socket[set](index);
          equal(socket[get](), index);
        });
      }
      hears(ends, version, [WIRE, 'lo'], (socket) => {
        socket[set](wire);
        socket[set](null);
      });
    },
  };
}

export const devices = (backend: NodeBackend): Case[] => [
  {
    name: 'bindDevice receives only packets that arrive on that interface',
    methods: ['bindDevice', 'device'],
    observes: ['bindDevice', 'device'],
    needs: ['bindDevice', 'device'],
    lacks: lacksNamespaces,
    timeout: 60_000,
    run(t) {
      const ends = wired(t, backend);
      for (const name of [WIRE, 'lo']) {
        hears(ends, v4, [name], (socket) => {
          equal(socket.device(), null);
          socket.bindDevice(name);
          equal(socket.device(), name);
        });
      }
      hears(ends, v4, [WIRE, 'lo'], (socket) => {
        socket.bindDevice(WIRE);
        socket.bindDevice(null);
        equal(socket.device(), null);
      });
      const socket = ends[0].namespace.open(Domain.IPV4, Type.DGRAM);
      throwsCode('ENODEV', () => socket.bindDevice('nothing'));
    },
  },
  byIndex(backend, v4, 'bindDeviceByIndexV4', 'deviceIndexV4'),
  byIndex(backend, v6, 'bindDeviceByIndexV6', 'deviceIndexV6'),
];
