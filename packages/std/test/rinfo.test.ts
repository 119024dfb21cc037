/** What `rinfo` says of a datagram beside its sender, where a program asks for it. */
import { execFile } from 'node:child_process';
import nodeDgram from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import {
  DatagramEmitter,
  intoDgramSocket,
  type RinfoField,
  type RinfoWith,
  sockRef,
} from '@sock/std';
import { createSocket } from '@sock/std/dgram';
import { describe, expect, test } from 'vitest';
import { kept } from './kept.js';
import { wasiSocket } from './paths.js';
import { typeErrors } from './type-errors.js';

const run = promisify(execFile);

type Kind = 'IPv4' | 'IPv6' | 'IPv4-mapped';
const KINDS: Kind[] = ['IPv4', 'IPv6', 'IPv4-mapped'];
/** Where a sender sends to, and what the receiver calls it. */
const TARGET = {
  IPv4: ['127.0.0.7', '127.0.0.7'],
  IPv6: ['::1', '::1'],
  'IPv4-mapped': ['127.0.0.7', '::ffff:127.0.0.7'],
} as const;

type Receiver = nodeDgram.Socket;
const ways = {
  'createSocket of the drop-in': (kind: Kind, rinfo: RinfoField[]): Receiver =>
    createSocket({ type: kind === 'IPv4' ? 'udp4' : 'udp6', rinfo }).bind(0),
  intoDgramSocket: (kind: Kind, rinfo: RinfoField[]): Receiver => {
    const socket = new Socket(kind === 'IPv4' ? Domain.IPV4 : Domain.IPV6, Type.DGRAM);
    if (kind !== 'IPv4') socket.setOnlyV6(kind === 'IPv6');
    socket.bind(kind === 'IPv4' ? SockAddr.ipv4('0.0.0.0', 0) : SockAddr.ipv6('::', 0));
    return intoDgramSocket(socket, { rinfo });
  },
};

async function listening<T extends Receiver>(socket: T): Promise<T> {
  kept(socket);
  await once(socket, 'listening');
  return socket;
}

/** A sender to the receiver's port, with these values in the header. */
function sender(kind: Kind, receiver: Receiver, tos = 0, ttl = 64): Socket {
  const socket = kept(new Socket(kind === 'IPv6' ? Domain.IPV6 : Domain.IPV4, Type.DGRAM));
  if (kind === 'IPv6') {
    socket.setTclassV6(tos);
    socket.setUnicastHopsV6(ttl);
  } else {
    socket.setTosV4(tos);
    socket.setTtl(ttl);
  }
  const [address] = TARGET[kind];
  const { port } = receiver.address();
  socket.connect(kind === 'IPv6' ? SockAddr.ipv6(address, port) : SockAddr.ipv4(address, port));
  return socket;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

async function next(receiver: Receiver): Promise<[string, RinfoWith<RinfoField>]> {
  const [message, rinfo] = (await once(receiver, 'message')) as [Buffer, RinfoWith<RinfoField>];
  return [message.toString(), rinfo];
}

function codeOf(call: () => unknown): unknown {
  try {
    kept(call() as Receiver);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

const LINUX = process.platform === 'linux';

describe.runIf(LINUX).each(Object.entries(ways))('%s', (_, make) => {
  test.each(KINDS)('of an %s datagram', async (kind) => {
    const receiver = await listening(
      make(kind, ['localAddress', 'interface', 'ecn', 'tos', 'ttl', 'timestamp']),
    );
    const before = BigInt(Date.now() - 1) * 1_000_000n;
    const peer = sender(kind, receiver, 0xb9, 17);
    peer.send(text('hello'));
    const [message, { timestamp = 0n, ...rinfo }] = await next(receiver);
    const after = BigInt(Date.now() + 1) * 1_000_000n;
    expect(message).toBe('hello');
    const name = sockRef(receiver).domain();
    expect(rinfo).toEqual({
      address: kind === 'IPv6' ? '::1' : kind === 'IPv4' ? '127.0.0.1' : '::ffff:127.0.0.1',
      family: name === 'ipv4' ? 'IPv4' : 'IPv6',
      port: peer.localAddr().port,
      size: 5,
      localAddress: TARGET[kind][1],
      interface: { index: 1, name: 'lo' },
      ecn: 1,
      tos: 0xb9,
      ttl: 17,
    });
    expect(timestamp).toBeGreaterThan(before);
    expect(timestamp).toBeLessThan(after);
  });

  test('has what is asked for and nothing else', async () => {
    const receiver = await listening(make('IPv4', ['ecn']));
    sender('IPv4', receiver).send(text('x'));
    const [, rinfo] = await next(receiver);
    expect(Object.keys(rinfo).toSorted()).toEqual(['address', 'ecn', 'family', 'port', 'size']);
    expect(rinfo.ecn).toBe(0);
  });

  test('every datagram of a burst, in its order, each with its own values', async () => {
    const receiver = await listening(make('IPv4', ['tos', 'ttl']));
    const seen: unknown[] = [];
    const done = new Promise<void>((resolve) =>
      receiver.on('message', (message, rinfo) => {
        seen.push([message.toString(), (rinfo as RinfoWith<RinfoField>).ttl]);
        if (seen.length === 100) resolve();
      }),
    );
    const peer = sender('IPv4', receiver);
    for (let index = 0; index < 100; index += 1) {
      peer.setTtl(index + 1);
      peer.send(text(`${index}`));
    }
    await done;
    expect(seen).toEqual(Array.from({ length: 100 }, (__, index) => [`${index}`, index + 1]));
  });

  test('an empty datagram, the longest one, and a close in a listener', async () => {
    const receiver = await listening(make('IPv4', ['ecn']));
    const peer = sender('IPv4', receiver, 2);
    peer.send(new Uint8Array(0));
    expect((await next(receiver))[1]).toMatchObject({ size: 0, ecn: 2 });
    peer.send(new Uint8Array(65_507));
    expect((await next(receiver))[1]).toMatchObject({ size: 65_507, ecn: 2 });
    const seen: string[] = [];
    receiver.on('message', (message) => {
      seen.push(message.toString());
      receiver.close();
    });
    for (const name of ['one', 'two', 'three']) peer.send(text(name));
    await once(receiver, 'close');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen).toEqual(['one']);
  });

  test('a datagram that nobody received is an error, and the next one arrives', async () => {
    const receiver = await listening(make('IPv4', ['ecn']));
    const silent = kept(new Socket(Domain.IPV4, Type.DGRAM));
    silent.bind(SockAddr.ipv4('127.0.0.1', 0));
    const { port } = silent.localAddr();
    silent.close();
    receiver.connect(port, '127.0.0.1');
    await once(receiver, 'connect');
    receiver.send('x');
    const [error] = (await once(receiver, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    const heard = kept(new Socket(Domain.IPV4, Type.DGRAM));
    heard.bind(SockAddr.ipv4('127.0.0.1', port));
    heard.setTosV4(3);
    heard.sendTo(text('still there'), SockAddr.ipv4('127.0.0.1', receiver.address().port));
    expect(await next(receiver)).toMatchObject(['still there', { ecn: 3 }]);
  });

  test('wrong values are refused by the call', () => {
    for (const [rinfo, code] of [
      ['ecn', 'ERR_INVALID_ARG_TYPE'],
      [null, 'ERR_INVALID_ARG_TYPE'],
      [{ length: 1, 0: 'ecn' }, 'ERR_INVALID_ARG_TYPE'],
      [['ecm'], 'ERR_INVALID_ARG_VALUE'],
      [['ecn', undefined], 'ERR_INVALID_ARG_VALUE'],
      [[7], 'ERR_INVALID_ARG_VALUE'],
      [['toString'], 'ERR_INVALID_ARG_VALUE'],
      // Of no datagram that is received.
      [['source'], 'ERR_INVALID_ARG_VALUE'],
    ] as const) {
      expect([rinfo, codeOf(() => make('IPv4', rinfo as never))]).toEqual([rinfo, code]);
    }
    // oxlint-disable-next-line no-sparse-arrays
    expect(codeOf(() => make('IPv4', [, 'ecn'] as never))).toBe('ERR_INVALID_ARG_VALUE');
  });
});

describe.runIf(LINUX)('the socket', () => {
  test('is node’s own where nothing is asked for', async () => {
    for (const rinfo of [undefined, []]) {
      const socket = kept(new Socket(Domain.IPV4, Type.DGRAM));
      socket.bind(SockAddr.ipv4('127.0.0.1', 0));
      const converted = await listening(intoDgramSocket(socket, { rinfo }));
      expect(converted).not.toBeInstanceOf(DatagramEmitter);
      const made = await listening(createSocket({ type: 'udp4', rinfo }).bind(0, '127.0.0.1'));
      for (const receiver of [converted, made]) {
        // A descriptor of node's, without the options.
        expect(sockRef(receiver).recvTosV4()).toBe(false);
        expect(sockRef(receiver).pktinfoV4()).toBe(false);
        nodeDgram
          .createSocket('udp4')
          .unref()
          .send('x', receiver.address().port, '127.0.0.1', function (this: Receiver) {
            this?.close?.();
          });
        const [, rinfo_] = await next(receiver);
        expect(Object.keys(rinfo_)).toEqual(['address', 'family', 'port', 'size']);
      }
    }
  });

  test('has the options of `sock` too; joined datagrams are separate messages', async () => {
    const receiver = await listening(
      createSocket({ type: 'udp4', rinfo: ['ecn'], sock: { udpGro: true } }).bind(0, '127.0.0.1'),
    );
    const peer = kept(new Socket(Domain.IPV4, Type.DGRAM));
    peer.setTosV4(1);
    peer.setUdpSegment(100);
    peer.connect(SockAddr.ipv4('127.0.0.1', receiver.address().port));
    const sizes: unknown[] = [];
    const done = new Promise<void>((resolve) =>
      receiver.on('message', ({ length }, { size, ecn }) => {
        sizes.push([length, size, ecn]);
        if (sizes.length === 4) resolve();
      }),
    );
    peer.send(new Uint8Array(350));
    await done;
    expect(sizes).toEqual([
      [100, 100, 1],
      [100, 100, 1],
      [100, 100, 1],
      [50, 50, 1],
    ]);
  });

  test('says how many datagrams were lost', async () => {
    const receiver = await listening(
      createSocket({ type: 'udp4', rinfo: ['drops'], sock: { recvBufferSize: 2048 } }).bind(0),
    );
    const peer = sender('IPv4', receiver);
    for (let index = 0; index < 50; index += 1) peer.send(new Uint8Array(500));
    const drops: (number | undefined)[] = [];
    const lost = new Promise<number>((resolve) =>
      receiver.on('message', (message, rinfo) => {
        if (message.length === 1) resolve(rinfo.drops ?? 0);
        else drops.push(rinfo.drops);
      }),
    );
    setTimeout(() => peer.send(text('!')), 50);
    expect((await lost) + drops.length).toBe(50);
    expect(drops[0]).toBe(undefined);
  });

  test('given a descriptor to bind to', async () => {
    const bound = kept(new Socket(Domain.IPV4, Type.DGRAM));
    bound.bind(SockAddr.ipv4('0.0.0.0', 0));
    const receiver = createSocket({ type: 'udp4', rinfo: ['localAddress', 'ttl'] });
    kept(receiver.bind({ fd: bound.tryClone().intoRawFd() }));
    sender('IPv4', receiver, 0, 5).send(text('x'));
    expect((await next(receiver))[1]).toMatchObject({ localAddress: '127.0.0.7', ttl: 5 });
  });

  test("in a cluster's worker", async () => {
    const { stdout } = await run(process.execPath, [
      join(import.meta.dirname, 'fixtures', 'cluster-datagrams.mjs'),
    ]);
    const told = { text: 'hello', localAddress: '127.0.0.1', ecn: 1, ttl: 9, size: 5 };
    expect(JSON.parse(stdout)).toEqual(told);
  });

  test('an exception of a listener is uncaught, and the rest of the batch is emitted', async () => {
    const script = `
      import { Domain, SockAddr, Socket, Type } from '@sock/native';
      import { intoDgramSocket } from '@sock/std';
      const uncaught = [];
      process.on('uncaughtException', (error, origin) => uncaught.push([error.message, origin]));
      const socket = new Socket(Domain.IPV4, Type.DGRAM);
      socket.bind(SockAddr.ipv4('127.0.0.1', 0));
      for (const name of ['one', 'two', 'three']) {
        socket.sendTo(new TextEncoder().encode(name), socket.localAddr());
      }
      const made = intoDgramSocket(socket, { rinfo: ['ttl'] });
      made.on('message', (message, { ttl }) => { throw new Error(message + ' ' + ttl); });
      const look = setInterval(() => {
        if (uncaught.length < 3) return;
        clearInterval(look);
        made.close();
        console.log(JSON.stringify(uncaught));
      }, 5);`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: import.meta.dirname,
    });
    const uncaught = ['one 64', 'two 64', 'three 64'].map((message) => [
      message,
      'uncaughtException',
    ]);
    expect(JSON.parse(stdout)).toEqual(uncaught);
  });
});

test('a backend that lacks a field, and a socket that has none, are refused; the socket stays open', () => {
  const component = kept(new wasiSocket(Domain.IPV4, Type.DGRAM));
  expect(() => intoDgramSocket(component, { rinfo: ['ecn'] })).toThrow(
    expect.objectContaining({ code: 'ERR_SOCK_UNSUPPORTED' }) as Error,
  );
  expect(() => intoDgramSocket(component, { rinfo: ['ecn'] })).toThrow(
    /'ecn' .*@sock\/wasi: .{10}/,
  );
  expect(component.closed).toBe(false);
  if (process.platform === 'win32') return;
  const [unix, other] = Socket.pair(Domain.UNIX, Type.DGRAM);
  kept(other);
  expect(codeOf(() => intoDgramSocket(kept(unix), { rinfo: ['timestamp'] }))).toBe(
    'ERR_INVALID_ARG_VALUE',
  );
  expect(unix.closed).toBe(false);
});

test('types: `rinfo` has the fields that were asked for, and no others', () => {
  const source = `
    import type dgram from 'node:dgram';
    import { Domain, Socket, Type } from '@sock/native';
    import { intoDgramSocket } from '@sock/std';
    import { createSocket } from '@sock/std/dgram';
    const plain: dgram.Socket = createSocket({ type: 'udp4', rinfo: ['ecn'] }, (message, rinfo) => {
      const ecn: number | undefined = rinfo.ecn;
    });
    intoDgramSocket(new Socket(Domain.IPV4, Type.DGRAM), { rinfo: ['localAddress', 'timestamp', 'interface'] })
      .on('message', (message, { address, localAddress, timestamp, interface: by }) => {
        const text: string | undefined = localAddress;
        const time: bigint | undefined = timestamp;
        const name: string | undefined = by?.name;
      })
      .on('error', (error) => error.message)
      .bind(1);
    createSocket({ type: 'udp4' }).on('message', (message, rinfo) => rinfo.size);
  `;
  expect(typeErrors(source)).toBe('');
  const wrong = typeErrors(`
    import { createSocket } from '@sock/std/dgram';
    createSocket({ type: 'udp4', rinfo: ['ecn'] }).on('message', (message, rinfo) => rinfo.ttl);
    createSocket({ type: 'udp4' }).on('message', (message, rinfo) => rinfo.ecn);
    createSocket({ type: 'udp4', rinfo: ['ecm'] });
  `);
  expect(wrong).toContain("Property 'ttl' does not exist");
  expect(wrong).toContain("Property 'ecn' does not exist");
  expect(wrong).toContain(`Type '"ecm"' is not assignable`);
}, 60_000);
