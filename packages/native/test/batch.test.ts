/** Many datagrams with one call. */
import { type ColumnName, DatagramBatch, Domain, MSG, SockAddr, Socket, Type } from '@sock/native';
import { expect, test } from 'vitest';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

function bound(): Socket {
  const socket = new Socket(Domain.IPV4, Type.DGRAM);
  socket.bind(SockAddr.ipv4('127.0.0.1', 0));
  return socket;
}

test('sends a batch to its addresses and receives it with the senders', () => {
  using sender = bound();
  using first = bound();
  using second = bound();
  const batch = new DatagramBatch({ count: 4, size: 100 });
  batch.push(bytes('one'), first.localAddr());
  batch.push(bytes('two'), second.localAddr());
  batch.push(bytes(''), first.localAddr());
  expect(sender.sendBatch(batch)).toBe(3);
  const received = new DatagramBatch({ count: 4, size: 100 });
  expect(first.recvBatch(received)).toBe(2);
  expect([text(received.bytes(0)), text(received.bytes(1))]).toEqual(['one', '']);
  expect(received.address(0).toString()).toBe(sender.localAddr().toString());
  expect(second.tryRecvBatch(received)).toBe(1);
  expect(text(received.bytes(0))).toBe('two');
  expect(second.tryRecvBatch(received)).toBeUndefined();
  expect(received.length).toBe(0);
});

test('more datagrams than one system call carries keep their order', () => {
  using receiver = bound();
  using sender = bound();
  receiver.setRecvBufferSize(1 << 20);
  sender.connect(receiver.localAddr());
  const batch = new DatagramBatch({ count: 200, size: 4, addresses: false });
  for (let i = 0; i < 200; i++) batch.push(Uint8Array.of(i));
  expect(sender.sendBatch(batch)).toBe(200);
  const received = new DatagramBatch({ count: 256, size: 4 });
  expect(receiver.recvBatch(received)).toBe(200);
  for (let i = 0; i < 200; i++) expect(received.bytes(i)).toEqual(Uint8Array.of(i));
});

test('a datagram longer than its room is cut short and says so', () => {
  using socket = bound();
  socket.connect(socket.localAddr());
  socket.send(bytes('0123456789'));
  socket.send(bytes('01'));
  const batch = new DatagramBatch({ count: 2, size: 4 });
  expect(socket.recvBatch(batch)).toBe(2);
  expect(text(batch.bytes(0))).toBe('0123');
  expect((batch.flags[0] as number) & (MSG['TRUNC'] as number)).not.toBe(0);
  expect(batch.flags[1]).toBe(0);
});

test('segments are cut from one datagram, and joined again where the receiver asks for it', () => {
  using receiver = bound();
  using plain = bound();
  using sender = bound();
  receiver.setUdpGro(true);
  const batch = new DatagramBatch({ count: 2, size: 65536 });
  const data = Uint8Array.from({ length: 2500 }, (_, index) => index & 255);
  batch.push(data, receiver.localAddr(), 1000);
  batch.push(data, plain.localAddr(), 1000);
  expect(sender.sendBatch(batch)).toBe(2);

  const received = new DatagramBatch({ count: 8, size: 65536 });
  expect(plain.recvBatch(received)).toBe(3);
  expect([...received.lengths.subarray(0, 3)]).toEqual([1000, 1000, 500]);
  expect([...received.segments.subarray(0, 3)]).toEqual([0, 0, 0]);

  expect(receiver.recvBatch(received)).toBe(1);
  expect(received.lengths[0]).toBe(2500);
  expect(received.segments[0]).toBe(1000);
  expect(received.bytes(0)).toEqual(data);
});

test('a socket cuts all that it sends once it is told the size', () => {
  using receiver = bound();
  using sender = bound();
  sender.connect(receiver.localAddr());
  sender.setUdpSegment(1000);
  expect(sender.udpSegment()).toBe(1000);
  sender.send(new Uint8Array(2500));
  const received = new DatagramBatch({ count: 8, size: 2000 });
  expect(receiver.recvBatch(received)).toBe(3);
  expect([...received.lengths.subarray(0, 3)]).toEqual([1000, 1000, 500]);
});

test('what the system refuses to cut, as it makes no checksum, is sent in pieces too', () => {
  using receiver = bound();
  using sender = bound();
  const { SOL_SOCKET, SO_NO_CHECK = 11 } = Socket.driver.constants;
  sender.setsockoptRaw(SOL_SOCKET as number, SO_NO_CHECK, Uint8Array.of(1, 0, 0, 0));
  const batch = new DatagramBatch({ count: 1, size: 4096 });
  const data = Uint8Array.from({ length: 2500 }, (_, index) => index & 255);
  batch.push(data, receiver.localAddr(), 1000);
  expect(sender.sendBatch(batch)).toBe(1);
  const received = new DatagramBatch({ count: 8, size: 2000 });
  expect(receiver.recvBatch(received)).toBe(3);
  expect([...received.lengths.subarray(0, 3)]).toEqual([1000, 1000, 500]);
  expect(received.bytes(2)).toEqual(data.subarray(2000));
});

function expectNoAllocation(columns: readonly ColumnName[]): void {
  using socket = bound();
  socket.connect(socket.localAddr());
  const out = new DatagramBatch({ count: 8, size: 64, addresses: false, columns });
  for (let i = 0; i < 8; i++) out.push(bytes('datagram'));
  const into = new DatagramBatch({ count: 8, size: 64, columns });
  into.enable(socket);
  const cycle = (times: number): number => {
    let moved = 0;
    for (let i = 0; i < times; i++) moved += socket.sendBatch(out) + socket.recvBatch(into);
    return moved;
  };
  const allocated = (): number => {
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    expect(cycle(20_000)).toBe(20_000 * 16);
    return (process.memoryUsage().heapUsed - before) / 20_000;
  };
  // The best of several rounds, because `heapUsed` right after a collection is not steady: it grows by up to
  // 300 KB without any call, while V8 goes on sweeping the heap and compiling, longer under sanitizers. That
  // comes once; an allocation in each call would show in every round. A negative figure means that the round
  // had a collection in it, and says nothing.
  const rounds = Array.from({ length: 8 }, allocated).filter((bytes) => bytes >= 0);
  // A number or an object each time would be 16 bytes or more.
  expect(Math.min(...rounds)).toBeLessThan(8);
}

test('sending and receiving batches allocates nothing once it is under way', () => {
  expectNoAllocation([]);
});

test('sending and receiving batches with columns allocates nothing once it is under way', () => {
  expectNoAllocation(['ecn', 'tos', 'destination', 'interface', 'ttl', 'timestamp', 'drops']);
});

test('what the system would not cut is sent in pieces', () => {
  using receiver = bound();
  using sender = bound();
  receiver.setRecvBufferSize(1 << 20);
  const batch = new DatagramBatch({ count: 1, size: 4096 });
  // More segments than the kernel takes in one call.
  const data = Uint8Array.from({ length: 600 }, (_, index) => index & 255);
  batch.push(data, receiver.localAddr(), 2);
  expect(sender.sendBatch(batch)).toBe(1);
  const received = new DatagramBatch({ count: 400, size: 16 });
  expect(receiver.recvBatch(received)).toBe(300);
  expect(received.bytes(299)).toEqual(data.subarray(598));
});

test('fails with the error of the first datagram, and counts those before a later one', () => {
  using socket = new Socket(Domain.IPV4, Type.DGRAM);
  const unconnected = new DatagramBatch({ count: 1, size: 8, addresses: false });
  unconnected.push(bytes('x'));
  expect(() => socket.sendBatch(unconnected)).toThrow(/sendmmsg EDESTADDRREQ/);
  using receiver = bound();
  const mixed = new DatagramBatch({ count: 2, size: 8 });
  mixed.push(bytes('x'), receiver.localAddr());
  mixed.push(bytes('y'), SockAddr.ipv6('::1', 9));
  expect(socket.sendBatch(mixed)).toBe(1);
});

test('wrong batches and closed sockets are refused', () => {
  const batch = new DatagramBatch({ count: 1, size: 8 });
  expect(() => new DatagramBatch({ count: 0, size: 8 })).toThrow(RangeError);
  expect(() => new DatagramBatch({ count: 1, size: 65537 })).toThrow(RangeError);
  expect(() => batch.push(new Uint8Array(9), SockAddr.ipv4('127.0.0.1', 1))).toThrow(RangeError);
  expect(() => batch.push(bytes('x'))).toThrow(TypeError);
  expect(() => batch.bytes(1)).toThrow(RangeError);
  const socket = bound();
  expect(() => socket.recvBatch({} as DatagramBatch)).toThrow(TypeError);
  expect(() => socket.sendBatch(null as never)).toThrow(TypeError);
  structuredClone(batch.lengths.buffer, { transfer: [batch.lengths.buffer as ArrayBuffer] });
  expect(() => socket.recvBatch(batch)).toThrow(/EINVAL/);
  socket.close();
  expect(() => socket.recvBatch(new DatagramBatch({ count: 1, size: 8 }))).toThrow(/EBADF/);
});

test('packets come in batches too, where the kernel refuses flags that it does not know', (context) => {
  let packets: Socket;
  try {
    packets = new Socket(Domain.PACKET, Type.DGRAM, 0x0300);
  } catch (error) {
    return context.skip(`a packet socket: ${(error as Error).message}`);
  }
  using socket = bound();
  packets.setReadTimeout(5000);
  socket.sendTo(bytes('packet'), socket.localAddr());
  expect(packets.recvBatch(new DatagramBatch({ count: 4, size: 256 }))).toBeGreaterThan(0);
  packets.close();
});
