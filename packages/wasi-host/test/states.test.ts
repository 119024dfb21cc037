/**
 * What each function of wasi:sockets answers in each state of a socket, as wasi:sockets 0.2 says and as the test programs
 * of wasmtime's host expect it: for IPv4 and IPv6.
 */
import { createHost, everything, type Host } from '@sock/wasi-host';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WitAddress } from './attempts.js';

// oxlint-disable-next-line typescript/no-explicit-any
type Wit = any;
type Family = 'ipv4' | 'ipv6';
const SECOND = 1_000_000_000n;
const U64_MAX = 2n ** 64n - 1n;

let host: Host;
let network: Wit;
beforeEach(() => {
  host = createHost({ policy: everything });
  network = (host as Wit).instanceNetwork.instanceNetwork();
});
afterEach(() => host.close());

const words = (family: Family, ...tail: number[]): number[] => [
  ...Array<number>((family === 'ipv4' ? 4 : 8) - tail.length).fill(0),
  ...tail,
];
const at = (family: Family, address: number[], port: number): WitAddress => ({
  tag: family,
  val: { port, address, ...(family === 'ipv6' && { flowInfo: 0, scopeId: 0 }) },
});
const loopback = (family: Family, port = 0): WitAddress =>
  at(family, family === 'ipv4' ? [127, 0, 0, 1] : words('ipv6', 1), port);
const unspecified = (family: Family, port = 0): WitAddress => at(family, words(family), port);
const documentation = (family: Family): WitAddress =>
  at(family, family === 'ipv4' ? [192, 0, 2, 0] : [0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 0);
const mapped = (port: number): WitAddress =>
  at('ipv6', words('ipv6', 0xffff, 0x7f00, 0x0001), port);
const otherOf = (family: Family): Family => (family === 'ipv4' ? 'ipv6' : 'ipv4');

/** What a call answers: its value, or the code that it fails with. */
function answer(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    const { payload } = error as { payload?: unknown };
    if (payload === undefined) throw error;
    return typeof payload === 'object' ? (payload as { tag: string }).tag : payload;
  }
}

const tcpSocket = (family: Family): Wit => (host as Wit).tcpCreateSocket.createTcpSocket(family);
const udpSocket = (family: Family): Wit => (host as Wit).udpCreateSocket.createUdpSocket(family);

/** start-bind and finish-bind. */
function bind(socket: Wit, address: WitAddress): Wit {
  socket.startBind(network, address);
  socket.finishBind();
  return socket;
}

function listener(family: Family, address = loopback(family)): Wit {
  const socket = bind(tcpSocket(family), address);
  socket.startListen();
  socket.finishListen();
  return socket;
}

function connect(family: Family, address: WitAddress): Wit[] {
  const socket = tcpSocket(family);
  socket.startConnect(network, address);
  socket.subscribe().block();
  return [socket, ...socket.finishConnect()];
}

/** Both ends of a connection: socket, input, output. */
function pair(family: Family): { client: Wit[]; server: Wit[]; listening: Wit } {
  const listening = listener(family);
  const client = connect(family, listening.localAddress());
  listening.subscribe().block();
  return { client, server: listening.accept(), listening };
}

/** Every function of a tcp-socket that takes no part in the state's own work: what it answers. */
function tcpAnswers(socket: Wit, family: Family): Record<string, unknown> {
  return {
    startBind: answer(() => socket.startBind(network, loopback(family))),
    finishBind: answer(() => socket.finishBind()),
    startConnect: answer(() => socket.startConnect(network, loopback(family, 1))),
    finishConnect: answer(() => socket.finishConnect()),
    startListen: answer(() => socket.startListen()),
    finishListen: answer(() => socket.finishListen()),
    accept: answer(() => socket.accept()),
    shutdown: answer(() => socket.shutdown('both')),
    remoteAddress: answer(() => socket.remoteAddress()),
    isListening: socket.isListening(),
    addressFamily: socket.addressFamily(),
  };
}

const isFailure = (value: unknown): boolean => typeof value === 'string';

/** The options of a tcp-socket can be read and set in every state. */
function checkTcpOptions(socket: Wit): void {
  socket.setKeepAliveEnabled(false);
  expect(socket.keepAliveEnabled()).toBe(false);
  socket.setKeepAliveIdleTime(1n);
  expect(socket.keepAliveIdleTime()).toBe(SECOND);
  socket.setKeepAliveInterval(1n);
  expect(socket.keepAliveInterval()).toBe(SECOND);
  socket.setKeepAliveCount(1);
  expect(socket.keepAliveCount()).toBe(1);
  socket.setHopLimit(255);
  expect(socket.hopLimit()).toBe(255);
  socket.setReceiveBufferSize(16000n);
  expect(socket.receiveBufferSize()).toBe(16000n);
  socket.setSendBufferSize(16000n);
  expect(socket.sendBufferSize()).toBe(16000n);
}

describe.each<Family>(['ipv4', 'ipv6'])('%s', (family) => {
  describe('a tcp-socket', () => {
    test('that is unbound', () => {
      const socket = tcpSocket(family);
      expect(answer(() => socket.localAddress())).toBe('invalid-state');
      socket.setListenBacklogSize(32n);
      checkTcpOptions(socket);
      expect(answer(() => socket.remoteAddress())).toBe('invalid-state');
      expect([socket.isListening(), socket.addressFamily()]).toEqual([false, family]);
      expect(answer(() => socket.finishBind())).toBe('not-in-progress');
      expect(answer(() => socket.finishConnect())).toBe('not-in-progress');
      expect(answer(() => socket.startListen())).toBe('invalid-state');
      expect(answer(() => socket.finishListen())).toBe('not-in-progress');
      expect(answer(() => socket.accept())).toBe('invalid-state');
      expect(answer(() => socket.shutdown('both'))).toBe('invalid-state');
    });

    test('whose bind is not finished has no address and does nothing else', () => {
      const socket = tcpSocket(family);
      socket.startBind(network, loopback(family));
      expect(answer(() => socket.localAddress())).toBe('concurrency-conflict');
      expect(answer(() => socket.startBind(network, loopback(family)))).toBe(
        'concurrency-conflict',
      );
      expect(answer(() => socket.startListen())).toBe('concurrency-conflict');
      socket.finishBind();
      expect(answer(() => socket.finishBind())).toBe('not-in-progress');
    });

    test('that is bound', () => {
      const socket = bind(tcpSocket(family), loopback(family));
      const { tag, val } = socket.localAddress();
      expect({ tag, isNumbered: val.port > 0 }).toEqual({ tag: family, isNumbered: true });
      socket.setListenBacklogSize(32n);
      checkTcpOptions(socket);
      expect(answer(() => socket.startBind(network, loopback(family)))).toBe('invalid-state');
      expect(answer(() => socket.finishBind())).toBe('not-in-progress');
      expect(answer(() => socket.finishConnect())).toBe('not-in-progress');
      expect(answer(() => socket.finishListen())).toBe('not-in-progress');
      expect(answer(() => socket.accept())).toBe('invalid-state');
      expect(answer(() => socket.shutdown('both'))).toBe('invalid-state');
      expect(answer(() => socket.remoteAddress())).toBe('invalid-state');
      expect(socket.isListening()).toBe(false);
    });

    test('that listens', () => {
      const socket = listener(family);
      expect(isFailure(answer(() => socket.localAddress()))).toBe(false);
      socket.setListenBacklogSize(32n);
      checkTcpOptions(socket);
      expect(tcpAnswers(socket, family)).toEqual({
        startBind: 'invalid-state',
        finishBind: 'not-in-progress',
        startConnect: 'invalid-state',
        finishConnect: 'not-in-progress',
        startListen: 'invalid-state',
        finishListen: 'not-in-progress',
        accept: 'would-block',
        shutdown: 'invalid-state',
        remoteAddress: 'invalid-state',
        isListening: true,
        addressFamily: family,
      });
    });

    test('that is connected', () => {
      const { client, listening } = pair(family);
      const [socket] = client;
      expect(socket.remoteAddress()).toEqual(listening.localAddress());
      checkTcpOptions(socket);
      expect(answer(() => socket.setListenBacklogSize(32n))).toBe('invalid-state');
      const { shutdown, remoteAddress, ...answers } = tcpAnswers(socket, family);
      expect([shutdown, remoteAddress]).toEqual([undefined, listening.localAddress()]);
      expect(answers).toEqual({
        startBind: 'invalid-state',
        finishBind: 'not-in-progress',
        startConnect: 'invalid-state',
        finishConnect: 'not-in-progress',
        startListen: 'invalid-state',
        finishListen: 'not-in-progress',
        accept: 'invalid-state',
        isListening: false,
        addressFamily: family,
      });
    });

    test('whose connect was refused tells why once, and is of no use any more', () => {
      const listening = listener(family);
      const address = listening.localAddress();
      listening[Symbol.dispose]();
      const socket = tcpSocket(family);
      socket.startConnect(network, address);
      socket.subscribe().block();
      expect(answer(() => socket.finishConnect())).toBe('connection-refused');
      expect(answer(() => socket.finishConnect())).toBe('not-in-progress');
      expect(answer(() => socket.startConnect(network, address))).toBe('invalid-state');
      expect(answer(() => socket.startBind(network, loopback(family)))).toBe('invalid-state');
    });

    test('can be bound before it connects', () => {
      const listening = listener(family);
      const socket = bind(tcpSocket(family), loopback(family));
      const { val } = socket.localAddress();
      socket.startConnect(network, listening.localAddress());
      socket.subscribe().block();
      socket.finishConnect();
      expect(socket.localAddress().val.port).toBe(val.port);
    });
  });

  describe('tcp: bind', () => {
    test.each([
      ['the loopback address', loopback],
      ['the wildcard address', unspecified],
    ])('to %s gives a port', (_, of) => {
      const { val } = bind(tcpSocket(family), of(family)).localAddress();
      expect(val.address).toEqual(of(family).val.address);
      expect(val.port).toBeGreaterThan(0);
    });

    test('to an address that listens already is address-in-use', () => {
      const address = listener(family).localAddress();
      expect(answer(() => bind(tcpSocket(family), address))).toBe('address-in-use');
    });

    test('to the address of a listener that ended while a connection lingers works', () => {
      const free = bind(tcpSocket(family), loopback(family));
      const address = free.localAddress();
      free[Symbol.dispose]();
      const listening = listener(family, address);
      const client = connect(family, address);
      listening.subscribe().block();
      const server = listening.accept();
      server[2].blockingWriteZeroesAndFlush(10n);
      for (const resource of [...server, listening].reverse()) resource[Symbol.dispose]();
      expect(answer(() => listener(family, address).isListening())).toBe(true);
      expect(client[0].remoteAddress()).toEqual(address);
    });

    test('to an address of no interface is address-not-bindable', () => {
      expect(answer(() => bind(tcpSocket(family), documentation(family)))).toBe(
        'address-not-bindable',
      );
    });

    test('to an address of the other family, or of many, is invalid-argument', () => {
      const wrong = [loopback(otherOf(family))];
      if (family === 'ipv4') {
        wrong.push(at('ipv4', [255, 255, 255, 255], 0), at('ipv4', [224, 254, 0, 0], 0));
      } else wrong.push(at('ipv6', [0xff00, 0, 0, 0, 0, 0, 0, 0], 0), mapped(0));
      for (const address of wrong) {
        expect(answer(() => bind(tcpSocket(family), address))).toBe('invalid-argument');
      }
    });
  });

  test('tcp: connect takes no wildcard, port 0, other family or address of many', () => {
    const wrong = [unspecified(family, 47), loopback(family, 0), loopback(otherOf(family), 47)];
    if (family === 'ipv4') {
      wrong.push(at('ipv4', [255, 255, 255, 255], 47), at('ipv4', [224, 254, 0, 0], 47));
    } else wrong.push(at('ipv6', [0xff00, 0, 0, 0, 0, 0, 0, 0], 47), mapped(47));
    for (const address of wrong) {
      expect(answer(() => tcpSocket(family).startConnect(network, address))).toBe(
        'invalid-argument',
      );
    }
  });

  describe('tcp: options', () => {
    test('have values before they are set', () => {
      const socket = tcpSocket(family);
      expect(socket.keepAliveEnabled()).toBe(false);
      expect(socket.keepAliveIdleTime()).toBeGreaterThan(0n);
      expect(socket.keepAliveInterval()).toBeGreaterThan(0n);
      expect(socket.keepAliveCount()).toBeGreaterThan(0);
      expect(socket.hopLimit()).toBeGreaterThan(0);
      expect(socket.receiveBufferSize()).toBeGreaterThan(0n);
      expect(socket.sendBufferSize()).toBeGreaterThan(0n);
    });

    test('refuse 0, and take the nearest value that the system has for others', () => {
      const socket = tcpSocket(family);
      const setters: Record<string, [zero: unknown, most: unknown]> = {
        setListenBacklogSize: [0n, U64_MAX],
        setKeepAliveIdleTime: [0n, U64_MAX],
        setKeepAliveInterval: [0n, U64_MAX],
        setKeepAliveCount: [0, 0xffffffff],
        setHopLimit: [0, 255],
        setReceiveBufferSize: [0n, U64_MAX],
        setSendBufferSize: [0n, U64_MAX],
      };
      for (const [name, [zero, most]] of Object.entries(setters)) {
        const one = typeof zero === 'bigint' ? 1n : 1;
        expect([name, answer(() => socket[name](zero))]).toEqual([name, 'invalid-argument']);
        expect([name, answer(() => socket[name](one))]).toEqual([name, undefined]);
        expect([name, answer(() => socket[name](most))]).toEqual([name, undefined]);
      }
    });

    test('are read as they were set', () => {
      const socket = tcpSocket(family);
      for (const on of [true, false]) {
        socket.setKeepAliveEnabled(on);
        expect(socket.keepAliveEnabled()).toBe(on);
      }
      socket.setKeepAliveIdleTime(42n * SECOND);
      socket.setKeepAliveInterval(43n * SECOND);
      socket.setKeepAliveCount(44);
      socket.setHopLimit(45);
      socket.setReceiveBufferSize(0x10000n);
      socket.setSendBufferSize(0x10000n);
      expect([
        socket.keepAliveIdleTime(),
        socket.keepAliveInterval(),
        socket.keepAliveCount(),
        socket.hopLimit(),
        socket.receiveBufferSize(),
        socket.sendBufferSize(),
      ]).toEqual([42n * SECOND, 43n * SECOND, 44, 45, 0x10000n, 0x10000n]);
    });

    test.each(['before', 'after'])(
      'of a listener, set %s it listens, are its connections',
      (when) => {
        const socket = bind(tcpSocket(family), loopback(family));
        const set = (seconds: bigint): void => {
          socket.setKeepAliveEnabled(seconds === 42n);
          socket.setKeepAliveIdleTime(seconds * SECOND);
          socket.setKeepAliveInterval(seconds * SECOND);
          socket.setKeepAliveCount(Number(seconds));
          socket.setHopLimit(Number(seconds));
          socket.setReceiveBufferSize(seconds === 42n ? 0x10000n : 0x20000n);
          socket.setSendBufferSize(seconds === 42n ? 0x10000n : 0x20000n);
        };
        if (when === 'before') set(42n);
        socket.startListen();
        socket.finishListen();
        if (when === 'after') set(42n);
        connect(family, socket.localAddress());
        socket.subscribe().block();
        const [accepted] = socket.accept();
        const read = (): unknown[] => [
          accepted.keepAliveEnabled(),
          accepted.keepAliveIdleTime(),
          accepted.keepAliveInterval(),
          accepted.keepAliveCount(),
          accepted.hopLimit(),
          accepted.receiveBufferSize(),
          accepted.sendBufferSize(),
        ];
        const expected = [true, 42n * SECOND, 42n * SECOND, 42, 42, 0x10000n, 0x10000n];
        expect(read()).toEqual(expected);
        // A connection that was accepted has its own.
        set(43n);
        expect(read()).toEqual(expected);
      },
    );
  });

  describe('tcp: streams', () => {
    test('end when the peer shuts down, for reads of 0 bytes too', () => {
      const { client, server } = pair(family);
      server[0].shutdown('send');
      client[1].subscribe().block();
      expect(answer(() => client[1].read(10n))).toBe('closed');
      expect(answer(() => client[1].read(0n))).toBe('closed');
    });

    test('end when this side shuts down, though data is there', () => {
      const { client, server } = pair(family);
      server[2].blockingWriteAndFlush(new Uint8Array(8));
      client[1].subscribe().block();
      client[0].shutdown('receive');
      expect(answer(() => client[1].read(10n))).toBe('closed');
      expect(answer(() => client[1].read(0n))).toBe('closed');
    });

    test('take nothing after this side shut down', () => {
      const { client } = pair(family);
      expect(client[2].checkWrite()).toBeGreaterThan(8n);
      client[0].shutdown('send');
      expect(answer(() => client[2].checkWrite())).toBe('closed');
      expect(answer(() => client[2].write(new Uint8Array(8)))).toBe('closed');
      expect(answer(() => client[2].flush())).toBe('closed');
    });

    test('lose no data when this side shuts down with a full buffer', () => {
      const { client, server } = pair(family);
      client[0].setSendBufferSize(4096n);
      const sent = 1_000_000;
      for (let done = 0; done < sent;) {
        const permit = Number(client[2].checkWrite());
        if (permit === 0) break;
        const part = Math.min(permit, sent - done);
        client[2].write(new Uint8Array(part).fill(7));
        done += part;
      }
      client[0].shutdown('send');
      for (const resource of [...client].reverse()) resource[Symbol.dispose]();
      let got = 0;
      for (;;) {
        const part = answer(() => server[1].blockingRead(65536n));
        if (part === 'closed') break;
        expect((part as Uint8Array).every((byte) => byte === 7)).toBe(true);
        got += (part as Uint8Array).length;
      }
      expect(got).toBeGreaterThan(100_000);
    });

    test('carry data one way after the other was shut down', () => {
      const { client, server } = pair(family);
      client[0].shutdown('send');
      expect(answer(() => server[1].blockingRead(1n))).toBe('closed');
      server[2].blockingWriteAndFlush(Uint8Array.of(1, 2, 3));
      expect([...client[1].blockingRead(10n)]).toEqual([1, 2, 3]);
    });
  });

  describe('a udp-socket', () => {
    const options = (socket: Wit): void => {
      socket.setUnicastHopLimit(255);
      expect(socket.unicastHopLimit()).toBe(255);
      socket.setReceiveBufferSize(16000n);
      expect(socket.receiveBufferSize()).toBe(16000n);
      socket.setSendBufferSize(16000n);
      expect(socket.sendBufferSize()).toBe(16000n);
    };

    test('that is unbound', () => {
      const socket = udpSocket(family);
      expect(answer(() => socket.finishBind())).toBe('not-in-progress');
      expect(answer(() => socket.stream(undefined))).toBe('invalid-state');
      expect(answer(() => socket.stream(loopback(family, 47)))).toBe('invalid-state');
      expect(answer(() => socket.localAddress())).toBe('invalid-state');
      expect(answer(() => socket.remoteAddress())).toBe('invalid-state');
      expect(socket.addressFamily()).toBe(family);
      options(socket);
    });

    test('that is bound, and has a peer', () => {
      const socket = bind(udpSocket(family), loopback(family));
      for (const peer of [undefined, loopback(family, 54321)]) {
        if (peer !== undefined) socket.stream(peer);
        expect(answer(() => socket.startBind(network, loopback(family)))).toBe('invalid-state');
        expect(answer(() => socket.finishBind())).toBe('not-in-progress');
        expect(socket.localAddress().val.port).toBeGreaterThan(0);
        expect(answer(() => socket.remoteAddress())).toEqual(peer ?? 'invalid-state');
        options(socket);
      }
    });

    test('changes its peer, and loses it, and stays bound', () => {
      const socket = bind(udpSocket(family), unspecified(family));
      const { val } = socket.localAddress();
      const [one, two] = [loopback(family, 4321), loopback(family, 4320)];
      for (const peer of [undefined, undefined, one, one, two, undefined, one]) {
        socket.stream(peer);
        expect(answer(() => socket.remoteAddress())).toEqual(peer ?? 'invalid-state');
        expect(socket.localAddress().val.port).toBe(val.port);
      }
    });

    test('is bound as a tcp-socket is', () => {
      const { val } = bind(udpSocket(family), loopback(family)).localAddress();
      expect(answer(() => bind(udpSocket(family), loopback(family, val.port)))).toBe(
        'address-in-use',
      );
      expect(answer(() => bind(udpSocket(family), documentation(family)))).toBe(
        'address-not-bindable',
      );
      expect(answer(() => bind(udpSocket(family), loopback(otherOf(family))))).toBe(
        'invalid-argument',
      );
      if (family === 'ipv6') {
        expect(answer(() => bind(udpSocket(family), mapped(0)))).toBe('invalid-argument');
      }
    });

    test('takes no wildcard, port 0 or other family as its peer', () => {
      const socket = bind(udpSocket(family), unspecified(family));
      const wrong = [unspecified(family, 47), loopback(family, 0), loopback(otherOf(family), 47)];
      if (family === 'ipv6') wrong.push(mapped(47));
      for (const address of wrong) {
        expect(answer(() => socket.stream(address))).toBe('invalid-argument');
      }
    });

    test('has options with ranges', () => {
      const socket = udpSocket(family);
      for (const [name, zero, most] of [
        ['setUnicastHopLimit', 0, 255],
        ['setReceiveBufferSize', 0n, U64_MAX],
        ['setSendBufferSize', 0n, U64_MAX],
      ] as const) {
        expect(answer(() => socket[name](zero))).toBe('invalid-argument');
        expect(answer(() => socket[name](typeof zero === 'bigint' ? 1n : 1))).toBe(undefined);
        expect(answer(() => socket[name](most))).toBe(undefined);
      }
    });
  });

  describe('udp: datagrams', () => {
    const datagram = (text: string, remoteAddress?: WitAddress): unknown => ({
      data: new TextEncoder().encode(text),
      remoteAddress,
    });
    const textOf = ({ data }: { data: Uint8Array }): string => new TextDecoder().decode(data);

    test('go and come several at a time', () => {
      const [to, from] = [udpSocket(family), udpSocket(family)].map((socket) =>
        bind(socket, loopback(family)),
      );
      const [, outgoing] = from.stream(to.localAddress());
      expect(outgoing.checkSend()).toBeGreaterThanOrEqual(2n);
      expect(outgoing.send([datagram('1'), datagram('2')])).toBe(2n);
      const [incoming] = to.stream(from.localAddress());
      incoming.subscribe().block();
      const list = incoming.receive(2n);
      expect(list.map(textOf)).toEqual(['1', '2']);
      expect(list[0].remoteAddress).toEqual(from.localAddress());
      expect(incoming.receive(2n)).toEqual([]);
    });

    test('of others that came before there was a peer are left out', () => {
      const [to, one, two] = [1, 2, 3].map(() => bind(udpSocket(family), loopback(family)));
      for (const [socket, text] of [
        [one, 'A'],
        [two, 'B'],
        [one, 'A'],
      ]) {
        const [, outgoing] = socket.stream(to.localAddress());
        outgoing.checkSend();
        outgoing.send([datagram(text)]);
      }
      const [incoming] = to.stream(two.localAddress());
      incoming.subscribe().block();
      const list = incoming.receive(100n);
      expect(list.map(textOf)).toEqual(['B']);
    });

    test('may name their receiver again, and no other', () => {
      const socket = bind(udpSocket(family), loopback(family));
      const [, outgoing] = socket.stream(loopback(family, 4320));
      outgoing.checkSend();
      expect(outgoing.send([datagram('x', loopback(family, 4320))])).toBe(1n);
      outgoing.checkSend();
      expect(answer(() => outgoing.send([datagram('x', loopback(family, 4321))]))).toBe(
        'invalid-argument',
      );
      const [, free] = bind(udpSocket(family), loopback(family)).stream(undefined);
      free.checkSend();
      expect(answer(() => free.send([datagram('x')]))).toBe('invalid-argument');
    });

    test('to a port that nobody has are refused at the next receive', () => {
      const gone = bind(udpSocket(family), loopback(family));
      const address = gone.localAddress();
      gone[Symbol.dispose]();
      const [incoming, outgoing] = bind(udpSocket(family), loopback(family)).stream(address);
      outgoing.checkSend();
      outgoing.send([datagram('hello')]);
      incoming.subscribe().block();
      expect(answer(() => incoming.receive(1n))).toBe('connection-refused');
      expect(incoming.receive(1n)).toEqual([]);
    });

    test('that are too large are datagram-too-large', () => {
      const [, outgoing] = bind(udpSocket(family), loopback(family)).stream(loopback(family, 9));
      outgoing.checkSend();
      const data = new Uint8Array(65536);
      expect(answer(() => outgoing.send([{ data, remoteAddress: undefined }]))).toBe(
        'datagram-too-large',
      );
    });

    test('can be sent as soon as the stream says so, each time', () => {
      for (let round = 0; round < 256; round++) {
        const socket = bind(udpSocket(family), loopback(family));
        const [incoming, outgoing] = socket.stream(loopback(family, 4320));
        outgoing.subscribe().block();
        expect(outgoing.checkSend()).toBeGreaterThan(0n);
        expect(outgoing.send([datagram('hello')])).toBe(1n);
        for (const resource of [incoming, outgoing, socket]) resource[Symbol.dispose]();
      }
    });
  });
});

describe('ip-name-lookup', () => {
  const resolve = (name: string): unknown =>
    answer(() => {
      const stream = (host as Wit).ipNameLookup.resolveAddresses(network, name);
      stream.subscribe().block();
      return stream.resolveNextAddress();
    });

  test.each([
    ['0.0.0.0', [0, 0, 0, 0]],
    ['127.0.0.1', [127, 0, 0, 1]],
    ['192.0.2.0', [192, 0, 2, 0]],
    ['::', words('ipv6')],
    ['::1', words('ipv6', 1)],
    ['[::]', words('ipv6')],
    ['2001:0db8:0:0:0:0:0:0', [0x2001, 0xdb8, 0, 0, 0, 0, 0, 0]],
    ['dead:beef::', [0xdead, 0xbeef, 0, 0, 0, 0, 0, 0]],
    ['DEAD:BEEF::0', [0xdead, 0xbeef, 0, 0, 0, 0, 0, 0]],
    ['::ffff:127.0.0.1', [127, 0, 0, 1]],
  ])('%s is an address by itself', (name, numbers) => {
    const tag = numbers.length === 4 ? 'ipv4' : 'ipv6';
    expect(resolve(name)).toEqual({ tag, val: numbers });
  });

  test.each(['', ' ', 'a.b<&>', '127.0.0.1:80', '[::]:80', 'http://example.com/', 'a b', 'a..b'])(
    '%j is invalid-argument',
    (name) => {
      expect(resolve(name)).toBe('invalid-argument');
    },
  );

  test('localhost is loopback, and a stream ends after its addresses', () => {
    const stream = (host as Wit).ipNameLookup.resolveAddresses(network, 'localhost');
    stream.subscribe().block();
    let next = stream.resolveNextAddress();
    expect([words('ipv6', 1), [127, 0, 0, 1]]).toContainEqual(next.val);
    while (next !== undefined) next = stream.resolveNextAddress();
    expect(stream.resolveNextAddress()).toBe(undefined);
  });

  test('tells how a look-up failed', () => {
    for (const [code, failure] of [
      ['ENOTFOUND', 'name-unresolvable'],
      ['EAI_AGAIN', 'temporary-resolver-failure'],
      ['EAI_FAIL', 'permanent-resolver-failure'],
    ] as const) {
      host.close();
      host = createHost({ policy: everything, lookup: () => () => ({ code }) });
      network = (host as Wit).instanceNetwork.instanceNetwork();
      expect(resolve('example.com')).toBe(failure);
    }
  });

  test('has nothing before the answer is there, and asks for no wait', () => {
    let answered = false;
    const lookup = () => (): { addresses: string[] } | undefined =>
      answered ? { addresses: ['192.0.2.1'] } : undefined;
    host.close();
    host = createHost({ policy: everything, lookup });
    network = (host as Wit).instanceNetwork.instanceNetwork();
    const stream = (host as Wit).ipNameLookup.resolveAddresses(network, 'example.com');
    expect(answer(() => stream.resolveNextAddress())).toBe('would-block');
    expect(stream.subscribe().ready()).toBe(false);
    answered = true;
    expect(stream.resolveNextAddress()).toEqual({ tag: 'ipv4', val: [192, 0, 2, 1] });
  });
});

describe('wasi:io and wasi:random', () => {
  test('poll of an empty list traps', () => {
    expect(() => (host as Wit).poll.poll([])).toThrow(WebAssembly.RuntimeError);
  });

  test('the insecure seed is the same each time, and not that of another host', () => {
    const { insecureSeed } = (host as Wit).insecureSeed;
    const other = createHost();
    expect(insecureSeed()).toEqual(insecureSeed());
    expect((other as Wit).insecureSeed.insecureSeed()).not.toEqual(insecureSeed());
  });

  test('a timer of zero is ready at once, and one of an hour is not', () => {
    const { subscribeDuration } = (host as Wit).monotonicClock;
    const [now, later] = [subscribeDuration(0n), subscribeDuration(3600n * SECOND)];
    expect([now.ready(), later.ready()]).toEqual([true, false]);
    expect([...(host as Wit).poll.poll([later, now])]).toEqual([1]);
  });
});
