/** What the documentation of `dgram` states, checked on `node:dgram` and on `@sock/std/dgram`. */
import nodeDgram from 'node:dgram';
import { once } from 'node:events';
import stdDgram from '@sock/std/dgram';
import { afterEach, describe, expect, test } from 'vitest';

const open: nodeDgram.Socket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) {
    try {
      socket.close();
    } catch {
      // The test has closed it.
    }
  }
});

const variants: [string, typeof nodeDgram, object][] = [
  ['node:dgram', nodeDgram, {}],
  ['@sock/std/dgram', stdDgram as unknown as typeof nodeDgram, {}],
  [
    '@sock/std/dgram with options',
    stdDgram as unknown as typeof nodeDgram,
    { sock: { priority: 1 } },
  ],
  // A Socket of ours below node's class.
  [
    '@sock/std/dgram with rinfo',
    stdDgram as unknown as typeof nodeDgram,
    { rinfo: ['localAddress'] },
  ],
];

describe.each(variants)('%s', (_, dgram, extra) => {
  function make(options: object = {}): nodeDgram.Socket {
    const socket = dgram.createSocket({ type: 'udp4', ...options, ...extra });
    open.push(socket);
    return socket;
  }
  async function bound(options: object = {}): Promise<nodeDgram.Socket> {
    const socket = make(options);
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return socket;
  }

  test('bind emits listening, and address() returns the address', async () => {
    const socket = await bound();
    expect(socket.address()).toMatchObject({ address: '127.0.0.1', family: 'IPv4' });
    expect(socket.address().port).toBeGreaterThan(0);
  });
  test('bind without an address binds to all addresses', async () => {
    const socket = make();
    socket.bind();
    await once(socket, 'listening');
    expect(socket.address().address).toBe('0.0.0.0');
  });
  test('udp6 binds to an IPv6 address', async () => {
    const socket = dgram.createSocket({ type: 'udp6', ...extra });
    open.push(socket);
    socket.bind(0, '::1');
    await once(socket, 'listening');
    expect(socket.address()).toMatchObject({ address: '::1', family: 'IPv6' });
  });
  test('binding twice throws ERR_SOCKET_ALREADY_BOUND', async () => {
    const socket = await bound();
    expect(() => socket.bind(0)).toThrow(
      expect.objectContaining({ code: 'ERR_SOCKET_ALREADY_BOUND' }) as Error,
    );
  });
  test('a port in use is EADDRINUSE, an event', async () => {
    const first = await bound();
    const second = make();
    second.bind(first.address().port, '127.0.0.1');
    const [error] = (await once(second, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('EADDRINUSE');
  });
  test('reuseAddr lets a second socket bind the port', async () => {
    const first = await bound({ reuseAddr: true });
    const second = make({ reuseAddr: true });
    second.bind(first.address().port, '127.0.0.1');
    await once(second, 'listening');
    expect(second.address().port).toBe(first.address().port);
  });
  // Node has it since 22.12 and 23.1.
  test.skipIf(/^v(?:1\d|20|21)\./.test(process.version) || process.platform !== 'linux')(
    'reusePort lets a second socket bind the port',
    async () => {
      const first = await bound({ reusePort: true });
      const second = make({ reusePort: true });
      second.bind(first.address().port, '127.0.0.1');
      await once(second, 'listening');
      expect(second.address().port).toBe(first.address().port);
    },
  );
  test('a message has the address of its sender', async () => {
    const receiver = await bound();
    const sender = await bound();
    sender.send('hello', receiver.address().port, '127.0.0.1');
    const [message, from] = (await once(receiver, 'message')) as [Buffer, nodeDgram.RemoteInfo];
    expect(message.toString()).toBe('hello');
    expect(from).toEqual({
      ...('rinfo' in extra ? { localAddress: '127.0.0.1' } : {}),
      address: '127.0.0.1',
      family: 'IPv4',
      port: sender.address().port,
      size: 5,
    });
  });
  test('send binds a socket that is not bound', async () => {
    const receiver = await bound();
    const sender = make();
    sender.send('x', receiver.address().port, '127.0.0.1');
    await once(sender, 'listening');
    expect(sender.address().port).toBeGreaterThan(0);
  });
  test('the callback of send gets the number of bytes', async () => {
    const receiver = await bound();
    const sender = make();
    const bytes = await new Promise((resolve) => {
      sender.send(Buffer.from('four'), receiver.address().port, '127.0.0.1', (_error, count) =>
        resolve(count),
      );
    });
    expect(bytes).toBe(4);
  });
  test('offset and length send a part of the buffer', async () => {
    const receiver = await bound();
    make().send('0123456789', 2, 3, receiver.address().port, '127.0.0.1');
    const [message] = (await once(receiver, 'message')) as [Buffer];
    expect(message.toString()).toBe('234');
  });
  test('an array is sent as one message', async () => {
    const receiver = await bound();
    make().send([Buffer.from('one '), 'two'], receiver.address().port, '127.0.0.1');
    const [message] = (await once(receiver, 'message')) as [Buffer];
    expect(message.toString()).toBe('one two');
  });
  test('an empty message is received', async () => {
    const receiver = await bound();
    make().send(Buffer.alloc(0), receiver.address().port, '127.0.0.1');
    const [message, { size }] = (await once(receiver, 'message')) as [Buffer, nodeDgram.RemoteInfo];
    expect([message.length, size]).toEqual([0, 0]);
  });
  test('a port of 0 or above 65535 throws ERR_SOCKET_BAD_PORT', () => {
    for (const port of [0, 65536, -1]) {
      expect(() => make().send('x', port, '127.0.0.1')).toThrow(
        expect.objectContaining({ code: 'ERR_SOCKET_BAD_PORT' }) as Error,
      );
    }
  });
  test('a message that is too long is EMSGSIZE', async () => {
    const receiver = await bound();
    const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
      make().send(Buffer.alloc(70_000), receiver.address().port, '127.0.0.1', resolve);
    });
    expect(error?.code).toBe('EMSGSIZE');
  });
  test('connect sets the peer, and send takes no address', async () => {
    const receiver = await bound();
    const sender = make();
    sender.connect(receiver.address().port, '127.0.0.1');
    await once(sender, 'connect');
    expect(sender.remoteAddress()).toMatchObject({ port: receiver.address().port });
    sender.send('to my peer');
    const [message] = (await once(receiver, 'message')) as [Buffer];
    expect(message.toString()).toBe('to my peer');
    expect(() => sender.connect(1)).toThrow(
      expect.objectContaining({ code: 'ERR_SOCKET_DGRAM_IS_CONNECTED' }) as Error,
    );
    sender.disconnect();
    expect(() => sender.remoteAddress()).toThrow(
      expect.objectContaining({ code: 'ERR_SOCKET_DGRAM_NOT_CONNECTED' }) as Error,
    );
  });
  test('close emits close, and closing twice throws', async () => {
    const socket = await bound();
    const closed = once(socket, 'close');
    socket.close();
    await closed;
    expect(() => socket.close()).toThrow(
      expect.objectContaining({ code: 'ERR_SOCKET_DGRAM_NOT_RUNNING' }) as Error,
    );
    expect(() => socket.send('x', 1, '127.0.0.1')).toThrow(
      expect.objectContaining({ code: 'ERR_SOCKET_DGRAM_NOT_RUNNING' }) as Error,
    );
  });
  test('an abort signal closes it', async () => {
    const controller = new AbortController();
    const socket = await bound({ signal: controller.signal });
    const closed = once(socket, 'close');
    controller.abort();
    await closed;
  });
  test('setTTL, setMulticastTTL and setMulticastLoopback return what was set', async () => {
    const socket = await bound();
    expect([
      socket.setTTL(9),
      socket.setMulticastTTL(3),
      socket.setMulticastLoopback(true),
    ]).toEqual([9, 3, true]);
    expect(() => socket.setTTL(256)).toThrow(/EINVAL/);
  });
  test('setBroadcast takes effect', async () => {
    const socket = await bound();
    expect(socket.setBroadcast(true)).toBeUndefined();
  });
  test('options of a socket that is not open are EBADF', () => {
    const socket = make();
    for (const call of [
      () => socket.address(),
      () => socket.setBroadcast(true),
      () => socket.setTTL(1),
      () => socket.setMulticastTTL(1),
      () => socket.setMulticastLoopback(true),
      () => socket.setMulticastInterface('0.0.0.0'),
      () => socket.getRecvBufferSize(),
      () => socket.setSendBufferSize(1000),
    ]) {
      expect(call).toThrow(/EBADF/);
    }
    expect(() => socket.getRecvBufferSize()).toThrow(/bad file descriptor/);
  });
  test('the receive buffer is not the send buffer', async () => {
    const socket = await bound();
    socket.setRecvBufferSize(10_000);
    socket.setSendBufferSize(15_000);
    expect([socket.getRecvBufferSize(), socket.getSendBufferSize()]).toEqual([20_000, 30_000]);
  });
  test('an empty text is no interface', async () => {
    const socket = await bound();
    expect(() => socket.setMulticastInterface('')).toThrow(/EINVAL/);
    expect(() => socket.addMembership('239.1.2.3', '')).toThrow(/EINVAL/);
  });
  test('buffer sizes are set and read', async () => {
    const socket = await bound();
    socket.setRecvBufferSize(20_000);
    socket.setSendBufferSize(20_000);
    expect(socket.getRecvBufferSize()).toBeGreaterThanOrEqual(20_000);
    expect(socket.getSendBufferSize()).toBeGreaterThanOrEqual(20_000);
  });
  test('recvBufferSize of the options is set', async () => {
    const socket = await bound({ recvBufferSize: 30_000 });
    expect(socket.getRecvBufferSize()).toBeGreaterThanOrEqual(30_000);
  });
  test('a group can be joined and left only once', async () => {
    const socket = await bound();
    socket.addMembership('239.1.2.3', '127.0.0.1');
    expect(() => socket.addMembership('239.1.2.3', '127.0.0.1')).toThrow(/EADDRINUSE/);
    socket.dropMembership('239.1.2.3', '127.0.0.1');
    expect(() => socket.dropMembership('239.1.2.3', '127.0.0.1')).toThrow(/EADDRNOTAVAIL/);
  });
  test('ref and unref return the socket', async () => {
    const socket = await bound();
    expect(socket.unref().ref()).toBe(socket);
  });
  test('the lookup option is used', async () => {
    const receiver = await bound();
    const asked: string[] = [];
    const sender = make({
      lookup: (host: string, _family: unknown, callback: (...values: unknown[]) => void) => {
        asked.push(host);
        callback(null, '127.0.0.1', 4);
      },
    });
    sender.bind(0, '127.0.0.1');
    sender.send('x', receiver.address().port, 'anywhere.invalid');
    await once(receiver, 'message');
    expect(asked).toContain('anywhere.invalid');
  });
  test('the second argument of createSocket is a listener of messages', async () => {
    const got = new Promise<string>((resolve) => {
      const receiver = dgram.createSocket({ type: 'udp4', ...extra }, (message) =>
        resolve(message.toString()),
      );
      open.push(receiver);
      receiver.bind(0, '127.0.0.1', () =>
        make().send('heard', receiver.address().port, '127.0.0.1'),
      );
    });
    expect(await got).toBe('heard');
  });
  test('an unknown type throws ERR_SOCKET_BAD_TYPE', () => {
    expect(() => dgram.createSocket({ type: 'udp5' as never })).toThrow(
      expect.objectContaining({ code: 'ERR_SOCKET_BAD_TYPE' }) as Error,
    );
  });
});
