/** The caller's code that runs in the middle of a call: getters, constructors, listeners. */
import {
  type BufferSource,
  DatagramBatch,
  Domain,
  Events,
  Interest,
  type OwnedFd,
  Poller,
  SockAddr,
  Socket,
  Type,
} from '@sock/native';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSockets } from './descriptors.js';

const { driver } = Socket;
const EINVAL = driver.errors['EINVAL'] as number;

let before: string[];
beforeEach(() => {
  globalThis.gc?.();
  before = openSockets();
});
afterEach(() => expect(openSockets()).toEqual(before));

/** Detaches the memory of a view and frees it. */
function detach(view: ArrayBufferView): void {
  structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] });
  globalThis.gc?.();
}

function pair(type: Type = Type.DGRAM): [Socket, Socket] {
  const sockets = Socket.pair(Domain.UNIX, type);
  for (const socket of sockets) socket.setReadTimeout(5000);
  return sockets;
}

/** A list whose last element detaches the memory of the others when it is read. */
function trap(...list: Uint8Array[]): Uint8Array[] {
  const last = list.pop() as Uint8Array;
  return Object.defineProperty(list, list.length, {
    enumerable: true,
    get() {
      for (const other of list.slice(0, -1)) if (other.length > 0) detach(other);
      return last;
    },
  });
}

describe('a buffer that a getter detaches', () => {
  test('is refused in a list of buffers, before any system call', () => {
    const [one, other] = pair();
    one.send(new Uint8Array(32).fill(7));
    const calls: ((list: BufferSource[]) => unknown)[] = [
      (list) => other.recvVectored(list),
      (list) => other.recvFromVectored(list),
      (list) => other.sendVectored(list),
      (list) => other.recvmsg({ buffers: list }),
      (list) => other.sendmsg({ buffers: list }),
    ];
    for (const call of calls) {
      expect(() => call(trap(new Uint8Array(16), new Uint8Array(16)))).toThrow(
        /must not be detached/,
      );
    }
    expect(other.recv(new Uint8Array(64))).toBe(32);
    expect(one.tryRecv(new Uint8Array(64))).toBeUndefined();
    one.close();
    other.close();
  });

  test('is refused when a control message detaches it', () => {
    const [one, other] = pair();
    const bytes = new Uint8Array(16);
    const fds = [{ asRawFd: () => (detach(bytes), one.asRawFd()) }];
    expect(() => one.sendmsg({ buffers: [bytes], control: [{ kind: 'rights', fds }] })).toThrow(
      /must not be detached/,
    );
    expect(other.tryRecv(new Uint8Array(16))).toBeUndefined();
    one.close();
    other.close();
  });

  test('has no bytes for the addon, which reads every element before it looks at one', () => {
    const [one, other] = pair();
    one.send(new Uint8Array(8).fill(7));
    const last = new Uint8Array(16);
    const fd = other.asRawFd();
    expect(driver.recvVectored(fd, trap(new Uint8Array(4096), last), 0, false)).toBe(8);
    expect([...last.subarray(0, 9)]).toEqual([7, 7, 7, 7, 7, 7, 7, 7, 0]);
    one.send(new Uint8Array(8).fill(7));
    expect(driver.recvMessage?.(fd, trap(new Uint8Array(4096), last), 0, last)).toBe(8);
    one.close();
    other.close();
  });
});

describe('a DatagramBatch', () => {
  const members = ['data', 'lengths', 'flags', 'addresses', 'segments', 'size', 'capacity'];

  test('keeps its arrays: no getter stands in their place', () => {
    const batch = new DatagramBatch({ count: 2, size: 16 });
    for (const name of members) {
      expect(() => Object.defineProperty(batch, name, { get: () => 1 }), name).toThrow(TypeError);
    }
    class Getters extends DatagramBatch {}
    const get = (): never => {
      throw new Error('not called');
    };
    for (const name of members) Object.defineProperty(Getters.prototype, name, { get });
    using socket = new Socket(Domain.IPV4, Type.DGRAM);
    expect(socket.tryRecvBatch(new Getters({ count: 1, size: 16 }))).toBeUndefined();
    for (const copy of [{ ...batch }, Object.create(batch), new Proxy(batch, {})]) {
      expect(() => socket.tryRecvBatch(copy as DatagramBatch)).toThrow(/instance of DatagramBatch/);
    }
  });

  test('is refused by the addon when a member that is read later frees one read before', () => {
    const [one, other] = pair();
    one.send(new Uint8Array(8));
    const data = new Uint8Array(32);
    const arrays = {
      size: 16,
      data,
      lengths: new Uint32Array(2),
      flags: new Int32Array(2),
      addresses: undefined,
      get segments() {
        detach(data);
        return new Uint32Array(2);
      },
    };
    expect(driver.recvBatch?.(other.asRawFd(), arrays, 2, 0)).toBe(-EINVAL);
    expect(other.recv(new Uint8Array(16))).toBe(8);
    one.close();
    other.close();
  });

  test('whose arrays were detached is refused', () => {
    const batch = new DatagramBatch({ count: 2, size: 16 });
    using socket = new Socket(Domain.IPV4, Type.DGRAM);
    detach(batch.lengths);
    expect(() => socket.tryRecvBatch(batch)).toThrow(/EINVAL/);
  });

  test('closes the descriptors that come with a datagram, which nobody asked for', () => {
    const [one, other] = pair();
    for (const fds of [[one], [one, other], [one, one, one]]) {
      one.sendmsg({ buffers: [new Uint8Array(4)], control: [{ kind: 'rights', fds }] });
    }
    const open = openSockets();
    expect(other.recvBatch(new DatagramBatch({ count: 4, size: 16 }))).toBe(3);
    expect(openSockets()).toEqual(open);
    one.close();
    other.close();
  });

  test("reads addresses that a program wrote: never more than an address's own bytes", () => {
    const batch = new DatagramBatch({ count: 2, size: 16 });
    const bytes = batch.addresses as Uint8Array;
    for (let family = 0; family < 8; family++) {
      bytes.fill(0xff);
      bytes.set([family, 0], 0);
      const address = batch.address(0);
      expect(typeof address.toString()).toBe('string');
      expect(typeof address.address).toBe('string');
      batch.length = 0;
      batch.push(new Uint8Array(1), address);
      batch.push(new Uint8Array(1), SockAddr.ipv4('127.0.0.1', 80));
      expect(batch.address(0).equals(address)).toBe(true);
      expect(batch.address(1).toString()).toBe('127.0.0.1:80');
    }
  });
});

describe('a socket that is closed in the middle of a call', () => {
  /** A view whose getter of byteLength closes the socket and opens another one with its number. */
  function closing(socket: Socket, others: Socket[]): Uint16Array {
    // Of a Uint8Array no getter is called.
    return Object.defineProperty(new Uint16Array(8), 'byteLength', {
      get() {
        socket.close();
        others.push(...Socket.pair(Domain.UNIX, Type.DGRAM));
        return 16;
      },
    });
  }

  const calls: Record<string, (socket: Socket, view: Uint16Array) => unknown> = {
    recv: (socket, view) => socket.recv(view),
    tryRecv: (socket, view) => socket.tryRecv(view),
    recvFrom: (socket, view) => socket.recvFrom(view),
    tryRecvFrom: (socket, view) => socket.tryRecvFrom(view),
    recvOutOfBand: (socket, view) => socket.recvOutOfBand(view),
    recvWithFlags: (socket, view) => socket.recvWithFlags(view, 0),
    recvFromWithFlags: (socket, view) => socket.recvFromWithFlags(view, 0),
    peek: (socket, view) => socket.peek(view),
    send: (socket, view) => socket.send(view),
    trySend: (socket, view) => socket.trySend(view),
    sendTo: (socket, view) => socket.sendTo(view, SockAddr.unix('')),
    sendVectored: (socket, view) => socket.sendVectored([view]),
    recvVectored: (socket, view) => socket.recvVectored([view]),
    sendmsg: (socket, view) => socket.sendmsg({ buffers: [view] }),
    recvmsg: (socket, view) => socket.recvmsg({ buffers: [view] }),
  };
  for (const [name, call] of Object.entries(calls)) {
    test(`${name} throws EBADF and makes no call on whoever has its number now`, () => {
      const others: Socket[] = [];
      const socket = new Socket(Domain.IPV4, Type.DGRAM);
      const fd = socket.asRawFd();
      expect(() => call(socket, closing(socket, others))).toThrow(/EBADF/);
      const [first, second] = others as [Socket, Socket];
      expect(first.asRawFd()).toBe(fd);
      expect(second.tryRecv(new Uint8Array(16))).toBeUndefined();
      for (const other of others) other.close();
    });
  }

  test('readable rejects with EBADF when its options close the socket', async () => {
    const socket = new Socket(Domain.IPV4, Type.DGRAM);
    const others: Socket[] = [];
    const options = {
      get timeout(): number {
        socket.close();
        others.push(...Socket.pair(Domain.UNIX, Type.DGRAM));
        return 5;
      },
    };
    await expect(socket.readable(options)).rejects.toThrow(/EBADF/);
    for (const other of others) other.close();
  });
});

describe('a signal that throws', () => {
  const socketOf = (): Socket => new Socket(Domain.IPV4, Type.DGRAM);
  const thrown = new Error('of the caller');
  const fail = (): never => {
    throw thrown;
  };

  test('when it is listened to rejects the wait, which is over', async () => {
    using socket = socketOf();
    const signal = {
      aborted: false,
      reason: undefined,
      addEventListener: fail,
      removeEventListener: () => {},
    };
    await expect(socket.readable({ signal })).rejects.toBe(thrown);
    await expect(socket.writable()).resolves.toBeUndefined();
  });

  test('when it is let go does not keep others from being told', async () => {
    using socket = socketOf();
    const signal = {
      aborted: false,
      reason: undefined,
      addEventListener: () => {},
      removeEventListener: fail,
    };
    await Promise.all([socket.writable({ signal }), socket.writable()]);
  });
});

describe('a subclass whose constructor fails', () => {
  for (const name of ['throws', 'passes nothing on']) {
    test(`when it ${name}: no descriptor is left`, () => {
      let failing = false;
      class Failing extends Socket {
        // oxlint-disable-next-line no-explicit-any
        constructor(...values: any[]) {
          if (failing && name === 'throws') throw new Error('of the caller');
          super(...((failing ? ['ipv4', 'dgram'] : values) as [Domain, Type]));
        }
      }
      const listener = new Failing(Domain.IPV4, Type.STREAM);
      listener.bind(SockAddr.ipv4('127.0.0.1', 0));
      listener.listen(4);
      const client = new Socket(Domain.IPV4, Type.STREAM);
      client.connect(listener.localAddr());
      const [one, other] = Failing.pair(Domain.UNIX, Type.DGRAM);
      one.sendmsg({ buffers: [new Uint8Array(1)], control: [{ kind: 'rights', fds: [client] }] });
      const [message] = other.recvmsg({ buffers: [new Uint8Array(1)], control: 64 }).control;
      const arrived = message?.kind === 'rights' ? (message.fds[0] as OwnedFd<Socket>) : undefined;

      failing = true;
      const made: unknown[] = [];
      const calls = [() => listener.accept()[0], () => one.tryClone(), () => arrived?.intoSocket()];
      for (const call of calls) {
        try {
          made.push(call());
        } catch (error) {
          expect((error as Error).message).toBe('of the caller');
        }
      }
      expect(arrived?.closed).toBe(true);
      for (const socket of [listener, client, one, other, ...(made as Socket[])]) socket.close();
    });
  }
});

test('a message whose last descriptors have no room for their padding brings them all the same', () => {
  const [one, other] = pair();
  other.setPasscred(true);
  for (const count of [1, 3, 5]) {
    one.sendmsg({
      buffers: [new Uint8Array(1)],
      control: [{ kind: 'rights', fds: Array(count).fill(one) }],
    });
    // The credentials with their padding, and the descriptors without it.
    const room = 32 + 16 + 4 * count;
    const { control, flags } = other.recvmsg({ buffers: [new Uint8Array(1)], control: room });
    expect(flags.isControlTruncated).toBe(false);
    const rights = control.find((message) => message.kind === 'rights');
    expect(rights?.fds.length).toBe(count);
    for (const fd of rights?.fds ?? []) fd.close();
  }
  one.close();
  other.close();
});

test('the events of an attached poller may be detached by its own handler', async () => {
  using poller = new Poller();
  using socket = new Socket(Domain.IPV4, Type.DGRAM);
  poller.register(socket, 5, Interest.WRITABLE);
  const events = new Events(4);
  let calls = 0;
  const uncaught = new Promise<Error>((resolve) => {
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', (error) => {
      for (const listener of listeners) process.on('uncaughtException', listener);
      resolve(error);
    });
  });
  poller.attach(() => {
    calls += 1;
    detach(events.data);
  }, events);
  expect(await uncaught).toMatchObject({ name: 'TypeError', code: 'ERR_INVALID_ARG_VALUE' });
  expect(calls).toBe(1);
  // It is detached from the loop and can be attached again.
  expect(() => poller.attach(() => {}, events)).toThrow(/EINVAL/);
  poller.attach(() => poller.detach());
  poller.detach();
});
