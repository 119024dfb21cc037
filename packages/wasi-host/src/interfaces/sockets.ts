/** wasi:sockets: network, instance-network, tcp, tcp-create-socket, udp, udp-create-socket, ip-name-lookup. */
import type { Address } from '../address.js';
import type { CoreFunction } from '../component/call.js';
import type { LowerContext } from '../component/instantiate.js';
import { codeIndex, codeOf, Failure } from '../failure.js';
import {
  lowerAddressResult,
  lowerMaking,
  lowerMakingTo,
  lowerUnit,
  lowerWithAddress,
} from '../lowered/addresses.js';
import { receive, send } from '../lowered/datagrams.js';
import { subscribe } from '../lowered/streams.js';
import { type ResolveAddressStream, resolveAddresses } from '../sockets/lookup.js';
import { type IoError, Network } from '../sockets/resource.js';
import type { Scope } from '../sockets/scope.js';
import { TcpSocket } from '../sockets/tcp.js';
import { type IncomingDatagrams, type OutgoingDatagrams, UdpSocket } from '../sockets/udp.js';
import {
  addressResult,
  doneOf,
  err,
  type FunctionDefinition,
  fromWit,
  type InterfaceDefinition,
  numbersOf,
  ok,
  resultOf,
  toWit,
  type WitAddress,
} from './define.js';
import { networkErrorCode } from './io.js';
import { tcpOptions, udpOptions } from './options.js';

const familyOf = (name: 'ipv4' | 'ipv6'): 4 | 6 => (name === 'ipv4' ? 4 : 6);
const UNIT = ') -> result<_, error-code>';
const ADDRESS = ') -> result<ip-socket-address, error-code>';

const unit = (resource: string, call: (self: never) => number): FunctionDefinition => ({
  type: `(borrow<${resource}>${UNIT}`,
  call: (_: Scope, self: never) => doneOf(call(self)),
  lower: (c) => lowerUnit(c, resource, call),
});

const withAddress = (
  resource: string,
  call: (self: never, network: Network, address: ReturnType<typeof fromWit>) => number,
): FunctionDefinition => ({
  type: `(borrow<${resource}>, borrow<network>, ip-socket-address${UNIT}`,
  call: (_: Scope, self: never, network: Network, address: WitAddress) =>
    doneOf(call(self, network, fromWit(address))),
  lower: (c) => lowerWithAddress(c, resource, call),
});

const addresses = (resource: string): InterfaceDefinition => ({
  [`[method]${resource}.local-address`]: {
    type: `(borrow<${resource}>${ADDRESS}`,
    call: (_: Scope, self: TcpSocket) => addressResult(self.localAddress()),
    lower: (c) => lowerAddressResult(c, resource, (self: TcpSocket) => self.localAddress()),
  },
  [`[method]${resource}.remote-address`]: {
    type: `(borrow<${resource}>${ADDRESS}`,
    call: (_: Scope, self: TcpSocket) => addressResult(self.remoteAddress()),
    lower: (c) => lowerAddressResult(c, resource, (self: TcpSocket) => self.remoteAddress()),
  },
  [`[method]${resource}.address-family`]: {
    type: `(borrow<${resource}>) -> ip-address-family`,
    call: (_: Scope, self: TcpSocket) => `ipv${self.family}`,
  },
  [`[method]${resource}.subscribe`]: {
    type: `(borrow<${resource}>) -> own<pollable>`,
    call: (_: Scope, self: TcpSocket) => self.subscribe(),
    lower: (c) => subscribe(c, resource),
  },
});

/** create-tcp-socket, create-udp-socket: programs that open many sockets call it as often as anything. */
const create = (
  resource: 'tcp-socket' | 'udp-socket',
  make: (scope: Scope, family: 4 | 6) => object | number,
): FunctionDefinition => ({
  type: `(ip-address-family) -> result<own<${resource}>, error-code>`,
  call: (scope: Scope, family: 'ipv4' | 'ipv6') => resultOf(make(scope, familyOf(family))),
  lower: (c: LowerContext, scope: Scope): CoreFunction => {
    const { memory } = c;
    const own = c.owner(resource);
    return (family, pointer) => {
      memory.refresh();
      const ret = memory.at(pointer as number, 8, 4);
      const made = make(scope, family === 0 ? 4 : 6);
      if (typeof made === 'number') {
        memory.u8[ret] = 1;
        memory.u8[ret + 4] = codeIndex(made);
      } else {
        memory.u8[ret] = 0;
        memory.i32[(ret + 4) >> 2] = own(made);
      }
      return undefined;
    };
  },
});

/** What a call makes, or a failure. */
type Made = readonly unknown[] | number;

const madeOf = (made: Made): unknown => (typeof made === 'number' ? err(codeOf(made)) : ok(made));

function connected(self: TcpSocket): Made {
  const result = self.finishConnect();
  return result < 0 ? result : [self.input, self.output];
}

function accepted(self: TcpSocket): Made {
  const made = self.accept();
  return typeof made === 'number' ? made : [made, made.input, made.output];
}

function streamed(self: UdpSocket, remote: Address | undefined): Made {
  const result = self.stream(remote);
  return result < 0 ? result : [self.incoming, self.outgoing];
}

const HALVES = ['receive', 'send', 'both'];

export const network: InterfaceDefinition = {
  'network-error-code': {
    type: '(borrow<error>) -> option<error-code>',
    call: (scope: Scope, error: IoError) => networkErrorCode(scope, error),
  },
};

export const instanceNetwork: InterfaceDefinition = {
  'instance-network': { type: '() -> own<network>', call: (scope: Scope) => new Network(scope) },
};

export const tcpCreateSocket: InterfaceDefinition = {
  'create-tcp-socket': create('tcp-socket', (scope, family) => TcpSocket.create(scope, family)),
};

export const udpCreateSocket: InterfaceDefinition = {
  'create-udp-socket': create('udp-socket', (scope, family) => UdpSocket.create(scope, family)),
};

export const tcp: InterfaceDefinition = {
  '[method]tcp-socket.start-bind': withAddress('tcp-socket', (self: TcpSocket, net, address) =>
    self.startBind(net, address),
  ),
  '[method]tcp-socket.finish-bind': unit('tcp-socket', (self: TcpSocket) => self.finishBind()),
  '[method]tcp-socket.start-connect': withAddress('tcp-socket', (self: TcpSocket, net, address) =>
    self.startConnect(net, address),
  ),
  '[method]tcp-socket.finish-connect': {
    type: '(borrow<tcp-socket>) -> result<tuple<own<input-stream>, own<output-stream>>, error-code>',
    call(_: Scope, self: TcpSocket) {
      return madeOf(connected(self));
    },
    lower: (c) => lowerMaking(c, 'tcp-socket', ['input-stream', 'output-stream'], connected),
  },
  '[method]tcp-socket.start-listen': unit('tcp-socket', (self: TcpSocket) => self.startListen()),
  '[method]tcp-socket.finish-listen': unit('tcp-socket', (self: TcpSocket) => self.finishListen()),
  '[method]tcp-socket.accept': {
    type: '(borrow<tcp-socket>) -> result<tuple<own<tcp-socket>, own<input-stream>, own<output-stream>>, error-code>',
    call(_: Scope, self: TcpSocket) {
      return madeOf(accepted(self));
    },
    lower: (c) =>
      lowerMaking(c, 'tcp-socket', ['tcp-socket', 'input-stream', 'output-stream'], accepted),
  },
  ...addresses('tcp-socket'),
  '[method]tcp-socket.is-listening': {
    type: '(borrow<tcp-socket>) -> bool',
    call: (_: Scope, self: TcpSocket) => self.state === 'listening',
  },
  '[method]tcp-socket.set-listen-backlog-size': {
    type: `(borrow<tcp-socket>, u64${UNIT}`,
    call: (_: Scope, self: TcpSocket, size: bigint) => doneOf(self.setListenBacklogSize(size)),
  },
  '[method]tcp-socket.shutdown': {
    type: `(borrow<tcp-socket>, shutdown-type${UNIT}`,
    call: (_: Scope, self: TcpSocket, half: string) => doneOf(self.shutdown(HALVES.indexOf(half))),
  },
  ...tcpOptions,
};

interface WitDatagram {
  readonly data: Uint8Array;
  readonly remoteAddress: WitAddress | undefined;
}

/** No datagram is longer. */
const LONGEST = 65536;
const room = new Uint8Array(LONGEST);
/** What one call receives at most: more would only be asked for by who wants everything. */
const MOST = 64;

export const udp: InterfaceDefinition = {
  '[method]udp-socket.start-bind': withAddress('udp-socket', (self: UdpSocket, net, address) =>
    self.startBind(net, address),
  ),
  '[method]udp-socket.finish-bind': unit('udp-socket', (self: UdpSocket) => self.finishBind()),
  '[method]udp-socket.stream': {
    type: '(borrow<udp-socket>, option<ip-socket-address>) -> result<tuple<own<incoming-datagram-stream>, own<outgoing-datagram-stream>>, error-code>',
    call(_: Scope, self: UdpSocket, remote: WitAddress | undefined) {
      return madeOf(streamed(self, remote && fromWit(remote)));
    },
    lower: (c) =>
      lowerMakingTo(
        c,
        'udp-socket',
        ['incoming-datagram-stream', 'outgoing-datagram-stream'],
        streamed,
      ),
  },
  ...addresses('udp-socket'),
  ...udpOptions,
  '[method]incoming-datagram-stream.receive': {
    type: '(borrow<incoming-datagram-stream>, u64) -> result<list<incoming-datagram>, error-code>',
    call({ system }: Scope, self: IncomingDatagrams, max: bigint) {
      const most = max > BigInt(MOST) ? MOST : Number(max);
      const list: unknown[] = [];
      if (self.failed !== 0) {
        const { failed } = self;
        self.failed = 0;
        return err(codeOf(system.failure(failed)));
      }
      while (list.length < most) {
        const got = self.receive(room);
        if (got === system.EAGAIN) break;
        if (got < 0) {
          if (list.length === 0) return err(codeOf(system.failure(got)));
          self.failed = got;
          break;
        }
        list.push({
          data: room.slice(0, got),
          remoteAddress: toWit(self.sender ?? system.takeAddress()),
        });
      }
      return ok(list);
    },
    lower: receive,
  },
  '[method]incoming-datagram-stream.subscribe': {
    type: '(borrow<incoming-datagram-stream>) -> own<pollable>',
    call: (_: Scope, self: IncomingDatagrams) => self.subscribe(),
    lower: (c) => subscribe(c, 'incoming-datagram-stream'),
  },
  '[method]outgoing-datagram-stream.check-send': {
    type: '(borrow<outgoing-datagram-stream>) -> result<u64, error-code>',
    call: (_: Scope, self: OutgoingDatagrams) => ok(BigInt(self.checkSend())),
    lower(c) {
      const { memory } = c;
      const find = c.finder('outgoing-datagram-stream') as (handle: number) => OutgoingDatagrams;
      return (self, pointer) => {
        memory.refresh();
        const ret = memory.at(pointer as number, 16, 8);
        const permit = find(self as number).checkSend();
        memory.u8[ret] = 0;
        memory.i32[(ret + 8) >> 2] = permit;
        memory.i32[(ret + 12) >> 2] = 0;
        return undefined;
      };
    },
  },
  '[method]outgoing-datagram-stream.send': {
    type: '(borrow<outgoing-datagram-stream>, list<outgoing-datagram>) -> result<u64, error-code>',
    call({ system }: Scope, self: OutgoingDatagrams, datagrams: readonly WitDatagram[]) {
      self.use(datagrams.length);
      let count = 0;
      for (const { data, remoteAddress } of datagrams) {
        let result: number;
        if (remoteAddress !== undefined) result = self.aim(fromWit(remoteAddress));
        else result = self.remote === undefined ? Failure.INVALID_ARGUMENT : 0;
        if (result === 0) {
          const sent = self.send(data);
          if (sent === system.EAGAIN) break;
          if (sent < 0) result = system.failure(sent);
        }
        if (result < 0) {
          if (count === 0) return err(codeOf(result));
          break;
        }
        count += 1;
      }
      return ok(BigInt(count));
    },
    lower: send,
  },
  '[method]outgoing-datagram-stream.subscribe': {
    type: '(borrow<outgoing-datagram-stream>) -> own<pollable>',
    call: (_: Scope, self: OutgoingDatagrams) => self.subscribe(),
    lower: (c) => subscribe(c, 'outgoing-datagram-stream'),
  },
};

export const ipNameLookup: InterfaceDefinition = {
  'resolve-addresses': {
    type: '(borrow<network>, string) -> result<own<resolve-address-stream>, error-code>',
    call: (scope: Scope, _network: Network, name: string) =>
      resultOf(resolveAddresses(scope, name)),
  },
  '[method]resolve-address-stream.resolve-next-address': {
    type: '(borrow<resolve-address-stream>) -> result<option<ip-address>, error-code>',
    call(_: Scope, self: ResolveAddressStream) {
      const next = self.next();
      if (typeof next === 'number') return err(codeOf(next));
      return ok(next && { tag: next.length === 4 ? 'ipv4' : 'ipv6', val: numbersOf(next) });
    },
  },
  '[method]resolve-address-stream.subscribe': {
    type: '(borrow<resolve-address-stream>) -> own<pollable>',
    call: (_: Scope, self: ResolveAddressStream) => self.subscribe(),
  },
};
