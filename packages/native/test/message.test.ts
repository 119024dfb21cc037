/** Control messages both ways, each observed through the kernel. */
import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  assembleFilter,
  type ControlMessage,
  Domain,
  ifNameToIndex,
  type OwnedFd,
  type ReceivedControlMessage,
  SockAddr,
  Socket,
  Type,
} from '@sock/native';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSockets } from './descriptors.js';

const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

let before: string[];
beforeEach(() => {
  globalThis.gc?.();
  before = openSockets();
});
afterEach(() => expect(openSockets()).toEqual(before));

function received(socket: Socket, control = 512, flags = 0) {
  const data = new Uint8Array(2048);
  const message = socket.recvmsg({ buffers: [data], control }, flags);
  return { ...message, data: data.subarray(0, message.length) };
}

function only<K extends ReceivedControlMessage['kind']>(
  control: ReceivedControlMessage<Socket>[],
  kind: K,
): Extract<ReceivedControlMessage<Socket>, { kind: K }> {
  expect(control.map((message) => message.kind)).toEqual([kind]);
  return control[0] as Extract<ReceivedControlMessage<Socket>, { kind: K }>;
}

function udp(domain: Domain = Domain.IPV4): Socket {
  const socket = new Socket(domain, Type.DGRAM);
  socket.bind(domain === Domain.IPV4 ? SockAddr.ipv4('127.0.0.1', 0) : SockAddr.ipv6('::1', 0));
  socket.setReadTimeout(5000);
  return socket;
}

function withPair(run: (sender: Socket, receiver: Socket) => void, type: Type = Type.DGRAM): void {
  const [sender, receiver] = Socket.pair(Domain.UNIX, type);
  try {
    run(sender, receiver);
  } finally {
    sender.close();
    receiver.close();
  }
}

describe('SCM_RIGHTS', () => {
  test('a file and a socket arrive as descriptors of their own, close-on-exec', () => {
    withPair((sender, receiver) => {
      const folder = mkdtempSync(join(tmpdir(), 'sock-'));
      const path = join(folder, 'file');
      writeFileSync(path, 'content');
      const file = openSync(path, 'r');
      const sent = udp();
      sender.sendmsg({ buffers: [bytes('x')], control: [{ kind: 'rights', fds: [file, sent] }] });
      const { fds } = only(received(receiver).control, 'rights');
      closeSync(file);
      expect(fds.length).toBe(2);
      const [first, second] = fds as [OwnedFd<Socket>, OwnedFd<Socket>];
      expect(readFileSync(first.asRawFd(), 'utf8')).toBe('content');
      const flags = readFileSync(`/proc/self/fdinfo/${first.asRawFd()}`, 'utf8');
      expect(Number.parseInt(/flags:\s*(\d+)/.exec(flags)?.[1] ?? '0', 8) & 0o2000000).not.toBe(0);
      expect(() => first.intoSocket()).toThrow(/ENOTSOCK/);
      expect(first.closed).toBe(false);
      first.close();
      expect(() => first.asRawFd()).toThrow(/EBADF/);
      const socket = second.intoSocket();
      expect(socket).toBeInstanceOf(Socket);
      expect(socket.localAddr().toString()).toBe(sent.localAddr().toString());
      expect(second.closed).toBe(true);
      socket.close();
      sent.close();
      rmSync(folder, { recursive: true });
    });
  });

  test('what nobody takes is closed when it is collected', async () => {
    withPair((sender, receiver) => {
      for (let i = 0; i < 20; i++) {
        sender.sendmsg({ buffers: [bytes('x')], control: [{ kind: 'rights', fds: [sender] }] });
        received(receiver);
      }
    });
    for (let i = 0; i < 50 && openSockets().length > before.length; i++) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });

  test('nothing leaks where the room is too small for all of them, or there is none', () => {
    withPair((sender, receiver) => {
      const control: ControlMessage[] = [{ kind: 'rights', fds: Array(10).fill(sender) }];
      sender.sendmsg({ buffers: [bytes('x')], control });
      const some = received(receiver, 32);
      expect(some.flags.isControlTruncated).toBe(true);
      const { fds } = only(some.control, 'rights');
      expect(fds.length).toBeGreaterThan(0);
      expect(fds.length).toBeLessThan(10);
      for (const fd of fds) fd.close();
      sender.sendmsg({ buffers: [bytes('x')], control });
      const none = received(receiver, 0);
      expect(none.control).toEqual([]);
      expect(none.flags.isControlTruncated).toBe(true);
    });
  });

  test('intoRawFd gives the descriptor away', () => {
    withPair((sender, receiver) => {
      sender.sendmsg({ buffers: [bytes('x')], control: [{ kind: 'rights', fds: [sender] }] });
      const { fds } = only(received(receiver).control, 'rights');
      const fd = (fds[0] as OwnedFd<Socket>).intoRawFd();
      expect(fstatSync(fd).isSocket()).toBe(true);
      closeSync(fd);
    });
  });
});

describe('messages of unix sockets', () => {
  test('SCM_CREDENTIALS: the process, user and group of the sender', () => {
    withPair((sender, receiver) => {
      receiver.setPasscred(true);
      const mine = {
        kind: 'credentials',
        pid: process.pid,
        uid: process.getuid?.() as number,
        gid: process.getgid?.() as number,
      } as const;
      sender.sendmsg({ buffers: [bytes('x')], control: [mine] });
      expect(received(receiver).control).toEqual([mine]);
      sender.send(bytes('the system adds them to whatever is sent'));
      expect(received(receiver).control).toEqual([mine]);
    });
  });

  test('a sequenced packet keeps its boundaries and ends its record', () => {
    withPair((sender, receiver) => {
      sender.sendmsg({ buffers: [bytes('one'), bytes('two')] });
      sender.sendmsg({ buffers: [bytes('three')] });
      const small = new Uint8Array(4);
      const first = receiver.recvmsg({ buffers: [small] });
      expect([first.length, first.flags.isTruncated]).toEqual([4, true]);
      expect(received(receiver).data).toEqual(bytes('three'));
    }, Type.SEQPACKET);
  });
});

test('a packet, of a socket that knows not every flag of recvmsg(2), comes with its time', (context) => {
  let packets: Socket;
  try {
    packets = new Socket(Domain.PACKET, Type.RAW, 0);
  } catch (error) {
    return context.skip(`CAP_NET_RAW: ${(error as Error).message}`);
  }
  using receiver = packets;
  using sender = udp();
  const { port } = sender.localAddr();
  receiver.attachFilter(assembleFilter({ protocol: 17, port }));
  receiver.setTimestampns(true);
  receiver.setReadTimeout(5000);
  const ETH_P_ALL = 3;
  const interfaceIndex = ifNameToIndex('lo');
  receiver.bind(SockAddr.packet({ interfaceIndex, protocol: ETH_P_ALL }));
  sender.sendTo(bytes('packet'), sender.localAddr());
  const { data, control, address } = received(receiver);
  expect(data.subarray(-6)).toEqual(bytes('packet'));
  expect(only(control, 'timestamp').nanoseconds).toBeGreaterThan(0n);
  expect(address.asPacketAddress()?.interfaceIndex).toBe(interfaceIndex);
});

test('nothing to receive is undefined, wrong messages are refused, a closed socket is EBADF', () => {
  const socket = udp();
  const to = socket.localAddr();
  const one = { buffers: [bytes('x')], address: to };
  expect(socket.tryRecvmsg({ buffers: [new Uint8Array(1)] })).toBeUndefined();
  expect(socket.trySendmsg(one)).toBe(1);
  const wrong: [unknown, typeof TypeError | typeof RangeError][] = [
    [null, TypeError],
    [{ buffers: 'x' }, TypeError],
    [{ ...one, address: 'x' }, TypeError],
    [{ ...one, control: 'x' }, TypeError],
    [{ ...one, control: [null] }, TypeError],
    [{ ...one, control: [{ kind: 'nonsense' }] }, TypeError],
    [{ ...one, control: [{ kind: 'rights', fds: [] }] }, RangeError],
    [{ ...one, control: [{ kind: 'rights', fds: [-1] }] }, RangeError],
    [{ ...one, control: [{ kind: 'rights', fds: ['x'] }] }, TypeError],
    [{ ...one, control: [{ kind: 'ttl', value: 256 }] }, RangeError],
    [{ ...one, control: [{ level: 0, type: 0, data: [] }] }, TypeError],
  ];
  for (const [message, Kind] of wrong) {
    expect(() => socket.sendmsg(message as never), JSON.stringify(message)).toThrow(Kind);
  }
  const huge = { level: 1, type: 1, data: new Uint8Array(20_000) };
  expect(() => socket.sendmsg({ ...one, control: [huge] })).toThrow(/EINVAL/);
  expect(() => socket.recvmsg({ buffers: [], control: 20_000 })).toThrow(RangeError);
  expect(() => socket.recvmsg(undefined as never)).toThrow(TypeError);
  socket.close();
  expect(() => socket.sendmsg(one)).toThrow(/EBADF/);
  expect(() => socket.recvmsg({ buffers: [new Uint8Array(1)] })).toThrow(/EBADF/);
});
