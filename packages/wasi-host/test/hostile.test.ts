/** Components that misbehave: their calls trap, and nothing of the host is lost. */
import { readdirSync } from 'node:fs';
import { createHost } from '@sock/wasi-host';
import { describe, expect, test } from 'vitest';
import { fuzz } from './fuzz-lowered.js';
import { LoweredGuest } from './lowered-guest.js';

const all = { tcp: { connect: ['*'], listen: ['*'] }, udp: { bind: ['*'], send: ['*'] } };
const descriptors = (): number => readdirSync('/proc/self/fd').length;
const trap = WebAssembly.RuntimeError;

/** A datagram socket with its streams: handles. */
function datagramSocket(guest: LoweredGuest): [socket: number, incoming: number, outgoing: number] {
  const socket = guest.create('udp');
  const network = guest.call('wasi:sockets/instance-network#instance-network') as number;
  const view = new DataView(guest.memory.buffer);
  guest.call(
    'wasi:sockets/udp#[method]udp-socket.start-bind',
    socket,
    network,
    0,
    0,
    127,
    0,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    1024,
  );
  expect(view.getUint8(1024)).toBe(0);
  guest.call('wasi:sockets/udp#[method]udp-socket.finish-bind', socket, 1024);
  guest.call(
    'wasi:sockets/udp#[method]udp-socket.stream',
    socket,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    1024,
  );
  expect(view.getUint8(1024)).toBe(0);
  return [socket, view.getUint32(1028, true), view.getUint32(1032, true)];
}

describe('a handle traps', () => {
  test('that was dropped', () => {
    const guest = new LoweredGuest(all);
    const socket = guest.create('tcp');
    guest.drop('tcp-socket', socket);
    expect(() => guest.call('wasi:sockets/tcp#[method]tcp-socket.finish-bind', socket, 0)).toThrow(
      trap,
    );
    expect(() => guest.drop('tcp-socket', socket)).toThrow(trap);
    guest.scope.closeAll();
  });

  test('that is of another type', () => {
    const guest = new LoweredGuest(all);
    const socket = guest.create('tcp');
    expect(() => guest.call('wasi:sockets/udp#[method]udp-socket.finish-bind', socket, 0)).toThrow(
      trap,
    );
    expect(() => guest.call('wasi:io/streams#[method]input-stream.read', socket, 1n, 0)).toThrow(
      trap,
    );
    guest.scope.closeAll();
  });

  test("that is another component's", () => {
    const guest = new LoweredGuest(all);
    const other = new LoweredGuest(all);
    const socket = guest.create('tcp');
    expect(() => other.call('wasi:sockets/tcp#[method]tcp-socket.finish-bind', socket, 0)).toThrow(
      trap,
    );
    guest.scope.closeAll();
    other.scope.closeAll();
  });

  for (const number of [0, -1, 12345, 0x7fffffff]) {
    test(`that is ${number}`, () => {
      const guest = new LoweredGuest(all);
      expect(() => guest.call('wasi:io/poll#[method]pollable.block', number)).toThrow(trap);
    });
  }
});

describe('a pointer traps', () => {
  const size = 4 * 65536;
  for (const pointer of [size, size - 4, -8, 3]) {
    test(`a result at ${pointer}`, () => {
      const guest = new LoweredGuest(all);
      const name = 'wasi:sockets/tcp-create-socket#create-tcp-socket';
      expect(() => guest.call(name, 0, pointer)).toThrow(trap);
      expect(guest.scope.sockets).toBe(0);
    });
  }

  for (const [pointer, length] of [
    [size, 1],
    [size - 10, 11],
    [0, size + 1],
    [16, -1],
  ] as const) {
    test(`a datagram at ${pointer} with ${length} bytes`, () => {
      const guest = new LoweredGuest(all);
      const [, , outgoing] = datagramSocket(guest);
      guest.call('wasi:sockets/udp#[method]outgoing-datagram-stream.check-send', outgoing, 1024);
      const view = new DataView(guest.memory.buffer);
      view.setUint32(2048, pointer, true);
      view.setInt32(2052, length, true);
      const send = 'wasi:sockets/udp#[method]outgoing-datagram-stream.send';
      expect(() => guest.call(send, outgoing, 2048, 1, 1024)).toThrow(trap);
      guest.scope.closeAll();
    });
  }

  test('a list of more pollables than there is memory', () => {
    const guest = new LoweredGuest(all);
    expect(() => guest.call('wasi:io/poll#poll', 0, 0x7fffffff, 1024)).toThrow(trap);
    expect(() => guest.call('wasi:io/poll#poll', 0, 0, 1024)).toThrow(trap);
  });
});

test('more datagrams than check-send permitted trap, and a permit is for one send', () => {
  const guest = new LoweredGuest(all);
  const [, , outgoing] = datagramSocket(guest);
  const send = 'wasi:sockets/udp#[method]outgoing-datagram-stream.send';
  expect(() => guest.call(send, outgoing, 2048, 1, 1024)).toThrow(trap);
  guest.call('wasi:sockets/udp#[method]outgoing-datagram-stream.check-send', outgoing, 1024);
  guest.call(send, outgoing, 2048, 0, 1024);
  expect(() => guest.call(send, outgoing, 2048, 1, 1024)).toThrow(trap);
  guest.scope.closeAll();
});

test('drops in any order close the socket with the last of them', () => {
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ] as const;
  const kinds = ['udp-socket', 'incoming-datagram-stream', 'outgoing-datagram-stream'] as const;
  for (const order of orders) {
    const guest = new LoweredGuest(all);
    const handles = datagramSocket(guest);
    const subscribed = guest.call(
      'wasi:sockets/udp#[method]incoming-datagram-stream.subscribe',
      handles[1],
    );
    order.forEach((which, at) => {
      expect(guest.scope.sockets).toBe(1);
      guest.drop(kinds[which], handles[which]);
      expect(guest.scope.sockets).toBe(at === 2 ? 0 : 1);
    });
    // Of a socket that is closed: it asks nothing of a descriptor that may be another's by now.
    expect(guest.call('wasi:io/poll#[method]pollable.ready', subscribed as number)).toBe(1);
    guest.drop('pollable', subscribed as number);
  }
});

/** Every order of a list. */
function ordersOf<T>(list: readonly T[]): T[][] {
  if (list.length < 2) return [[...list]];
  return list.flatMap((first) =>
    ordersOf(list.filter((other) => other !== first)).map((rest) => [first, ...rest]),
  );
}

describe('TCP', () => {
  const v4 = (port: number): object => ({ tag: 'ipv4', val: { port, address: [127, 0, 0, 1] } });
  // oxlint-disable-next-line typescript/no-explicit-any
  const connected = (): { host: any; parts: any[]; listener: any } => {
    // oxlint-disable-next-line typescript/no-explicit-any
    const host: any = createHost({ policy: all });
    const network = host.instanceNetwork.instanceNetwork();
    const [listener, client] = [1, 2].map(() => host.tcpCreateSocket.createTcpSocket('ipv4'));
    listener.startBind(network, v4(0));
    listener.finishBind();
    listener.startListen();
    listener.finishListen();
    client.startConnect(network, listener.localAddress());
    client.subscribe().block();
    const [input, output] = client.finishConnect();
    return { host, listener, parts: [client, input, output, input.subscribe()] };
  };

  test('drops in any order close the socket, and a pollable that is left is ready', () => {
    for (const order of ordersOf([0, 1, 2, 3])) {
      const before = descriptors();
      const { host, listener, parts } = connected();
      expect(descriptors()).toBe(before + 2);
      for (const which of order) parts[which][Symbol.dispose]();
      expect(descriptors()).toBe(before + 1);
      listener[Symbol.dispose]();
      host.close();
      expect(descriptors()).toBe(before);
    }
  });

  test('a host that is discarded in mid-flight closes what connects, listens, sends and waits', () => {
    connected().host.close();
    const before = descriptors();
    const { host, listener, parts } = connected();
    const network = host.instanceNetwork.instanceNetwork();
    const [, , output] = parts;
    // More than the system takes: the rest waits to be sent.
    for (let permit = 1n; permit > 0n; permit = output.checkWrite()) {
      output.write(new Uint8Array(Number(output.checkWrite())));
    }
    const connecting = host.tcpCreateSocket.createTcpSocket('ipv4');
    connecting.startConnect(network, listener.localAddress());
    host.udpCreateSocket.createUdpSocket('ipv6').startBind(network, {
      tag: 'ipv6',
      val: { port: 0, flowInfo: 0, address: [0, 0, 0, 0, 0, 0, 0, 1], scopeId: 0 },
    });
    expect(descriptors()).toBeGreaterThanOrEqual(before + 4);
    host.close();
    // The wait to send made the addon's epoll descriptor, which it keeps.
    expect(descriptors()).toBeLessThanOrEqual(before + 1);
    expect(() => host.tcpCreateSocket.createTcpSocket('ipv4')).toThrow('new-socket-limit');
  });
});

test('a hundred thousand resources are made and dropped, and none is left', () => {
  const guest = new LoweredGuest(all);
  const made: number[] = [];
  for (let at = 0; at < 100_000; at++) {
    made.push(guest.call('wasi:clocks/monotonic-clock#subscribe-duration', 1n) as number);
  }
  expect(guest.scope.count).toBe(100_000);
  for (const handle of made) guest.drop('pollable', handle);
  expect(guest.scope.count).toBe(0);
  expect(guest.handles.size).toBe(0);
});

describe('a host that is discarded closes its sockets', () => {
  test('by close()', () => {
    const before = descriptors();
    const guest = new LoweredGuest(all);
    for (let at = 0; at < 20; at++) datagramSocket(guest);
    expect(descriptors()).toBe(before + 20);
    guest.scope.closeAll();
    expect(descriptors()).toBe(before);
    expect(() => guest.create('tcp')).toThrow('code 10');
  });

  test('by Symbol.dispose', () => {
    const before = descriptors();
    const host = createHost({ policy: all });
    // oxlint-disable-next-line typescript/no-explicit-any
    (host as any).tcpCreateSocket.createTcpSocket('ipv4');
    expect(descriptors()).toBe(before + 1);
    host[Symbol.dispose]();
    expect(descriptors()).toBe(before);
  });
});

test('random calls return or trap, and leave nothing open', () => {
  // The first wait on the event loop makes the addon's epoll descriptor, which it keeps.
  fuzz(20_000, 6);
  const { returned, trapped, left } = fuzz(60_000, 7);
  expect(returned).toBeGreaterThan(10_000);
  expect(trapped).toBeGreaterThan(10_000);
  expect(left).toBeLessThanOrEqual(0);
});
