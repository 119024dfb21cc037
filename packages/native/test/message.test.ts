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
  type ControlMessage,
  Domain,
  MSG,
  type OwnedFd,
  type ReceivedControlMessage,
  SockAddr,
  Socket,
  Type,
} from '@sock/native';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSockets } from './descriptors.js';

const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);
const constant = (name: string): number => Socket.driver.constants[name] as number;

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

describe('messages of IP sockets', () => {
  test('IP_PKTINFO: where a datagram arrived, and where one is sent from', () => {
    using receiver = new Socket(Domain.IPV4, Type.DGRAM);
    receiver.bind(SockAddr.ipv4('0.0.0.0', 0));
    receiver.setsockoptRaw(
      constant('IPPROTO_IP'),
      constant('IP_PKTINFO'),
      Uint8Array.of(1, 0, 0, 0),
    );
    using sender = new Socket(Domain.IPV4, Type.DGRAM);
    const to = SockAddr.ipv4('127.0.0.5', receiver.localAddr().port);
    sender.sendmsg({
      buffers: [bytes('x')],
      address: to,
      control: [{ kind: 'ipv4PacketInfo', interfaceIndex: 0, address: '127.0.0.9' }],
    });
    const message = received(receiver);
    expect(message.address.address).toBe('127.0.0.9');
    expect(only(message.control, 'ipv4PacketInfo')).toEqual({
      kind: 'ipv4PacketInfo',
      interfaceIndex: 1,
      address: '127.0.0.5',
      destination: '127.0.0.5',
    });
  });

  test('IPV6_PKTINFO, hop limit and traffic class cross both ways', () => {
    using receiver = udp(Domain.IPV6);
    using sender = udp(Domain.IPV6);
    receiver.setsockoptRaw(constant('IPPROTO_IPV6'), 49, Uint8Array.of(1, 0, 0, 0));
    receiver.setsockoptRaw(constant('IPPROTO_IPV6'), 51, Uint8Array.of(1, 0, 0, 0));
    receiver.setsockoptRaw(constant('IPPROTO_IPV6'), 66, Uint8Array.of(1, 0, 0, 0));
    sender.sendmsg({
      buffers: [bytes('x')],
      address: receiver.localAddr(),
      control: [
        { kind: 'hopLimit', value: 42 },
        { kind: 'trafficClass', value: 0x20 },
        { kind: 'ipv6PacketInfo', interfaceIndex: 1, address: '::1' },
      ],
    });
    expect(received(receiver).control).toEqual(
      expect.arrayContaining([
        { kind: 'hopLimit', value: 42 },
        { kind: 'trafficClass', value: 0x20 },
        { kind: 'ipv6PacketInfo', interfaceIndex: 1, address: '::1' },
      ]),
    );
  });

  test('time to live and type of service of one datagram', () => {
    using receiver = udp();
    using sender = udp();
    receiver.setsockoptRaw(constant('IPPROTO_IP'), 12, Uint8Array.of(1, 0, 0, 0)); // IP_RECVTTL
    receiver.setsockoptRaw(constant('IPPROTO_IP'), 13, Uint8Array.of(1, 0, 0, 0)); // IP_RECVTOS
    sender.sendmsg({
      buffers: [bytes('x')],
      address: receiver.localAddr(),
      control: [
        { kind: 'ttl', value: 7 },
        { kind: 'tos', value: 0x10 },
      ],
    });
    expect(received(receiver).control).toEqual(
      expect.arrayContaining([
        { kind: 'ttl', value: 7 },
        { kind: 'tos', value: 0x10 },
      ]),
    );
  });

  test('timestamps of microseconds, of nanoseconds, and of SO_TIMESTAMPING', () => {
    using socket = udp();
    const level = constant('SOL_SOCKET');
    const near = (nanoseconds: bigint | null): void => {
      expect(Math.abs(Number((nanoseconds ?? 0n) / 1_000_000n) - Date.now())).toBeLessThan(60_000);
    };
    const on = (name: string, value: number): void =>
      socket.setsockoptRaw(level, constant(name), Uint8Array.of(value, 0, 0, 0));
    on('SCM_TIMESTAMP', 1);
    socket.sendTo(bytes('x'), socket.localAddr());
    near(only(received(socket).control, 'timestamp').nanoseconds);
    on('SCM_TIMESTAMPNS', 1);
    socket.sendTo(bytes('x'), socket.localAddr());
    near(only(received(socket).control, 'timestamp').nanoseconds);
    on('SCM_TIMESTAMPNS', 0);
    on('SCM_TIMESTAMPING', 0b11000); // receive and report in software
    // The system starts stamping some time after the call: the first packets may lack it.
    const deadline = Date.now() + 5000;
    let control: ReceivedControlMessage<Socket>[];
    do {
      socket.sendTo(bytes('x'), socket.localAddr());
      ({ control } = received(socket));
    } while (control.length === 0 && Date.now() < deadline);
    const { software, hardware } = only(control, 'timestamping');
    near(software);
    expect(hardware).toBeNull();
  });

  test('UDP_SEGMENT cuts one message; UDP_GRO tells the size of what was joined', () => {
    using receiver = udp();
    using sender = udp();
    receiver.setUdpGro(true);
    sender.sendmsg({
      buffers: [new Uint8Array(1500)],
      address: receiver.localAddr(),
      control: [{ kind: 'udpSegment', size: 600 }],
    });
    const message = received(receiver);
    expect(message.length).toBe(1500);
    expect(only(message.control, 'udpGro').size).toBe(600);
  });

  test('the error queue tells which datagram was refused, and by whom', async () => {
    using socket = udp();
    socket.setsockoptRaw(constant('IPPROTO_IP'), constant('IP_RECVERR'), Uint8Array.of(1, 0, 0, 0));
    const gone = udp();
    const nobody = gone.localAddr();
    gone.close();
    socket.sendTo(bytes('refused'), nobody);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const message = received(socket, 512, MSG['ERRQUEUE']);
    expect(message.data).toEqual(bytes('refused'));
    expect(message.address.toString()).toBe(nobody.toString());
    const { error, origin, icmpType, icmpCode, offender } = only(message.control, 'error');
    expect([error.code, origin, icmpType, icmpCode, offender]).toEqual([
      'ECONNREFUSED',
      'icmp',
      3,
      3,
      '127.0.0.1',
    ]);
  });

  test('what has no type of its own comes as level, type and data, and goes so', () => {
    using receiver = udp();
    using sender = udp();
    receiver.setsockoptRaw(constant('IPPROTO_IP'), 12, Uint8Array.of(1, 0, 0, 0));
    const raw = {
      level: constant('IPPROTO_IP'),
      type: constant('IP_TTL'),
      data: Uint8Array.of(9, 0, 0, 0),
    };
    sender.sendmsg({ buffers: [bytes('x')], address: receiver.localAddr(), control: [raw] });
    expect(received(receiver).control).toEqual([{ kind: 'ttl', value: 9 }]);
    receiver.setsockoptRaw(constant('IPPROTO_IP'), 20, Uint8Array.of(1, 0, 0, 0)); // IP_RECVORIGDSTADDR
    sender.sendTo(bytes('x'), receiver.localAddr());
    const kinds = received(receiver).control.map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['ttl', 'raw']));
  });
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
