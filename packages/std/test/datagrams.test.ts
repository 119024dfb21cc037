/** Datagram sockets on every path: they behave as those of node:dgram. */
import { execFile } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Domain, Protocol, SockAddr, Socket, Type } from '@sock/native';
import { intoDgramSocket } from '@sock/std';
import { afterEach, describe, expect, test } from 'vitest';
import { type AnySocket, wasiSocket } from './paths.js';

const open: dgram.Socket[] = [];
afterEach(() => {
  for (const it of open.splice(0)) {
    try {
      it.close();
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('ERR_SOCKET_DGRAM_NOT_RUNNING');
    }
  }
});

type Make = (type?: 'udp4' | 'udp6') => dgram.Socket;
const from =
  (SocketOf: AnySocket, duplex: boolean): Make =>
  (type = 'udp4') => {
    const domain = type === 'udp6' ? Domain.IPV6 : Domain.IPV4;
    return intoDgramSocket(new SocketOf(domain, Type.DGRAM), { duplex });
  };
const makers: [string, Make][] = [
  ['an adopted descriptor', from(Socket, false)],
  ['the Duplex path', from(Socket, true)],
  ['the Duplex path on @sock/wasi', from(wasiSocket, false)],
];

const kept = (socket: dgram.Socket): dgram.Socket => {
  open.push(socket);
  return socket;
};
/** A peer made by node:dgram. */
async function peer(): Promise<[dgram.Socket, number]> {
  const socket = kept(dgram.createSocket('udp4'));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return [socket, socket.address().port];
}
const sent = (send: (done: (error: Error | null, bytes: number) => void) => void) =>
  new Promise((resolve) => send((error, bytes) => resolve(error ?? bytes)));
function codeOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
  return undefined;
}

const cases: Record<string, (make: Make) => Promise<unknown>> = {
  'bind, then listening, and an address': async (make) => {
    const socket = kept(make());
    let calls = 0;
    socket.bind(0, '127.0.0.1', () => {
      calls += 1;
    });
    const twice = codeOf(() => socket.bind(0));
    await once(socket, 'listening');
    const { address, family, port } = socket.address();
    return [calls, twice, codeOf(() => socket.bind(0)), address, family, port > 0];
  },
  'bind with options': async (make) => {
    const socket = kept(make());
    socket.bind({ port: 0, address: 'localhost' });
    await once(socket, 'listening');
    return socket.address().address;
  },
  'a port in use is an error': async (make) => {
    const [, port] = await peer();
    const socket = kept(make());
    socket.bind(port, '127.0.0.1');
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    return [error.code, error.syscall];
  },
  'a message has the address of its sender': async (make) => {
    const [other, port] = await peer();
    const socket = kept(make());
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    other.send('hello', socket.address().port, '127.0.0.1');
    const [message, from_] = (await once(socket, 'message')) as [Buffer, dgram.RemoteInfo];
    const { address, family, size } = from_;
    return [Buffer.isBuffer(message), String(message), address, family, size, from_.port === port];
  },
  'send binds the socket, and accepts every form of arguments': async (make) => {
    const [other, port] = await peer();
    const socket = kept(make());
    const listening = once(socket, 'listening');
    const heard: string[] = [];
    const all = new Promise<void>((resolve) =>
      other.on('message', (message) => {
        heard.push(String(message));
        if (heard.length === 6) resolve();
      }),
    );
    const results = [];
    const text = Buffer.from('abcdef');
    for (const send of [
      (done: never) => socket.send('string', port, '127.0.0.1', done),
      (done: never) => socket.send(text, port, done),
      (done: never) => socket.send(text, 1, 3, port, '127.0.0.1', done),
      (done: never) => socket.send(text, 2, 2, port, done),
      (done: never) => socket.send(['one', Buffer.from('two')], port, 'localhost', done),
      (done: never) => socket.send('', port, '127.0.0.1', done),
    ]) {
      results.push(await sent(send as never));
    }
    await Promise.all([listening, all]);
    return [results, heard];
  },
  'a message that cannot be sent throws': async (make) => {
    const socket = kept(make());
    return [
      codeOf(() => socket.send(7 as never, 1)),
      codeOf(() => socket.send('x', 0)),
      codeOf(() => socket.send('x', 65536)),
      codeOf(() => socket.send(Buffer.from('abc'), 2, 7, 9)),
      codeOf(() => socket.send('x', 9, 9 as never)),
    ];
  },
  'a host that does not exist': async (make) => {
    const socket = kept(make());
    const error = (await sent((done) =>
      socket.send('x', 9, 'no-such-host.invalid', done),
    )) as NodeJS.ErrnoException;
    return [error instanceof Error, error.syscall];
  },
  'connect, send without an address, and receive only from the peer': async (make) => {
    const [other, port] = await peer();
    const [stranger] = await peer();
    const socket = kept(make());
    const notYet = codeOf(() => socket.remoteAddress());
    socket.connect(port, '127.0.0.1');
    const again = codeOf(() => socket.connect(port));
    await once(socket, 'connect');
    const { address, family } = socket.remoteAddress();
    const count = await sent((done) => socket.send('direct', done));
    const [message, { port: mine }] = (await once(other, 'message')) as [Buffer, dgram.RemoteInfo];
    const withAddress = codeOf(() => socket.send('part', 0, 2, port, '127.0.0.1'));
    const heard = once(socket, 'message');
    await sent((done) => stranger.send('not you', mine, '127.0.0.1', done));
    other.send('you', mine, '127.0.0.1');
    const [answer] = (await heard) as [Buffer];
    const told = [String(message), String(answer)];
    return [notYet, again, address, family, count, withAddress, told];
  },
  'close, then every call throws': async (make) => {
    const socket = make();
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const closed = new Promise<string>((resolve) => socket.close(() => resolve('called back')));
    return [
      await closed,
      codeOf(() => socket.close()),
      codeOf(() => socket.send('x', 9)),
      codeOf(() => socket.address()),
      codeOf(() => socket.bind(0)),
    ];
  },
  IPv6: async (make) => {
    const socket = kept(make('udp6'));
    socket.bind(0, '::1');
    await once(socket, 'listening');
    const { address, family, port } = socket.address();
    socket.send('to myself', port, '::1');
    const [message, info] = (await once(socket, 'message')) as [Buffer, dgram.RemoteInfo];
    return [address, family, String(message), info.address, info.family, info.port === port];
  },
};

const expected = new Map<string, Promise<unknown>>();

describe.each(makers)('through %s', (_, make) => {
  test.each(Object.keys(cases))('%s', async (name) => {
    const play = cases[name] as (make: Make) => Promise<unknown>;
    if (!expected.has(name)) {
      expected.set(
        name,
        play((type = 'udp4') => dgram.createSocket(type)),
      );
    }
    expect(await play(make)).toEqual(await expected.get(name));
  });

  test('an aborted signal closes it', async () => {
    const controller = new AbortController();
    const SocketOf = make === makers[2]?.[1] ? wasiSocket : Socket;
    const duplex = make === makers[1]?.[1];
    const socket = new SocketOf(Domain.IPV4, Type.DGRAM);
    const made = intoDgramSocket(socket, { duplex, signal: controller.signal });
    controller.abort();
    await once(made, 'close');
    expect(codeOf(() => made.close())).toBe('ERR_SOCKET_DGRAM_NOT_RUNNING');
  });
});

test.each([false, true])('multicast by its methods, duplex: %s', async (duplex) => {
  const socket = kept(intoDgramSocket(new Socket(Domain.IPV4, Type.DGRAM), { duplex }));
  socket.bind(0, '0.0.0.0');
  await once(socket, 'listening');
  socket.addMembership('239.7.7.7', '127.0.0.1');
  socket.setMulticastInterface('127.0.0.1');
  expect([socket.setMulticastTTL(1), socket.setMulticastLoopback(true)].map(Boolean)).toEqual([
    true,
    true,
  ]);
  socket.send('to all', socket.address().port, '239.7.7.7');
  const [message] = (await once(socket, 'message')) as [Buffer];
  expect(String(message)).toBe('to all');
  socket.dropMembership('239.7.7.7', '127.0.0.1');
  expect(() => socket.dropMembership('239.7.7.7', '127.0.0.1')).toThrow(/EADDRNOTAVAIL/);
});

test('a network error is emitted, and the socket stays usable', async () => {
  for (const duplex of [false, true]) {
    const nobody = new Socket(Domain.IPV4, Type.DGRAM);
    nobody.bind(SockAddr.ipv4('127.0.0.1', 0));
    const address = nobody.localAddr();
    nobody.close();
    const socket = new Socket(Domain.IPV4, Type.DGRAM);
    socket.connect(address);
    const made = kept(intoDgramSocket(socket, { duplex }));
    await once(made, 'listening');
    made.send('is anybody there');
    const [error] = (await once(made, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    const revived = new Socket(Domain.IPV4, Type.DGRAM);
    revived.bind(address);
    revived.connect(SockAddr.ipv4('127.0.0.1', made.address().port));
    revived.send(new TextEncoder().encode('now'));
    const [message] = (await once(made, 'message')) as [Buffer];
    expect(String(message)).toBe('now');
    revived.close();
  }
});

test('unix datagrams are sent to a path and report the path of the sender', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sock-unix-'));
  const at = (name: string): [dgram.Socket, string] => {
    const socket = new Socket(Domain.UNIX, Type.DGRAM);
    const path = join(folder, name);
    socket.bind(SockAddr.unix(path));
    return [kept(intoDgramSocket(socket)), path];
  };
  const [one, here] = at('one');
  const [other, there] = at('other');
  one.send('by path', there as never);
  const [message, from_] = (await once(other, 'message')) as [Buffer, dgram.RemoteInfo];
  expect([String(message), from_]).toEqual([
    'by path',
    { address: here, family: 'unix', port: 0, size: 7 },
  ]);
  rmSync(folder, { recursive: true });
});

test('raw sockets: an echo request and its reply', async () => {
  const socket = kept(intoDgramSocket(new Socket(Domain.IPV4, Type.RAW, Protocol.ICMPV4)));
  // Type 8, code 0, checksum, identifier 0x1234, sequence 1.
  const request = Buffer.from([8, 0, 0xe5, 0xca, 0x12, 0x34, 0, 1]);
  const answered = new Promise<[Buffer, dgram.RemoteInfo]>((resolve) =>
    socket.on('message', (message, from_) => {
      const header = ((message[0] ?? 0) & 15) * 4;
      if (message[header] === 0) resolve([message.subarray(header), from_]);
    }),
  );
  socket.send(request, SockAddr.ipv4('127.0.0.1', 0) as never);
  const [answer, from_] = await answered;
  expect(answer.subarray(4)).toEqual(request.subarray(4));
  expect([from_.address, from_.family]).toEqual(['127.0.0.1', 'IPv4']);
});

test('netlink: a request to the kernel', async () => {
  const socket = kept(intoDgramSocket(new Socket(Domain.NETLINK, Type.RAW, 0)));
  // nlmsghdr: 32 bytes, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, sequence 7; then an empty ifinfomsg.
  const question = Buffer.alloc(32);
  question.writeUInt32LE(32, 0);
  question.writeUInt16LE(18, 4);
  question.writeUInt16LE(0x301, 6);
  question.writeUInt32LE(7, 8);
  socket.send(question, SockAddr.netlink(0) as never);
  const [answer, from_] = (await once(socket, 'message')) as [Buffer, dgram.RemoteInfo];
  expect([answer.readUInt32LE(8), from_.family]).toEqual([7, 'netlink']);
});

test('an exception of a listener is uncaught, and the next message is emitted', async () => {
  const script = `
    import { Domain, Socket, Type } from '@sock/native';
    import { intoDgramSocket, intoNetSocket } from '@sock/std';
    const uncaught = [];
    process.on('uncaughtException', (error, origin) => uncaught.push([error.message, origin]));
    const [one, other] = Socket.pair(Domain.UNIX, Type.DGRAM);
    const made = intoDgramSocket(one);
    made.on('message', (message) => { throw new Error('of ' + message); });
    other.send(new TextEncoder().encode('first'));
    other.send(new TextEncoder().encode('second'));
    const [left, right] = Socket.pair(Domain.UNIX, Type.STREAM);
    const stream = intoNetSocket(left, { duplex: true });
    stream.on('data', () => { throw new Error('of data'); });
    right.send(new TextEncoder().encode('piece'));
    const look = setInterval(() => {
      if (uncaught.length < 3) return;
      clearInterval(look);
      made.close();
      stream.destroy();
      console.log(JSON.stringify(uncaught.sort()));
    }, 5);
  `;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', script],
    { cwd: import.meta.dirname },
  );
  expect(JSON.parse(stdout)).toEqual([
    ['of data', 'uncaughtException'],
    ['of first', 'uncaughtException'],
    ['of second', 'uncaughtException'],
  ]);
});
