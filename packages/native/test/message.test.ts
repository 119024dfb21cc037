/** Messages beyond the contract: collected descriptors and wrong arguments. */
import {
  assembleFilter,
  Domain,
  ifNameToIndex,
  type ReceivedControlMessage,
  SockAddr,
  Socket,
  Type,
} from '@sock/native';
import { afterEach, beforeEach, expect, test } from 'vitest';
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

function udp(): Socket {
  const socket = new Socket(Domain.IPV4, Type.DGRAM);
  socket.bind(SockAddr.ipv4('127.0.0.1', 0));
  socket.setReadTimeout(5000);
  return socket;
}

function withPair(run: (sender: Socket, receiver: Socket) => void): void {
  const [sender, receiver] = Socket.pair(Domain.UNIX, Type.DGRAM);
  try {
    run(sender, receiver);
  } finally {
    sender.close();
    receiver.close();
  }
}

test('a descriptor that nobody takes is closed when it is collected', async () => {
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
