/**
 * What reads bytes that a system, or a peer through it, filled in: whatever they are, it throws
 * nothing, reads nothing beyond them and leaves no descriptor to nobody.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decodeControl,
  encodeControl,
  type ControlMessage,
} from '../src/message/control-message.js';
import type { Driver } from '../src/driver.js';
import { DriverContext } from '../src/driver/context.js';
import type { SocketClass } from '../src/socket/socket-handle.js';
import { Layout, Socket, SockAddr } from '../src/index.js';
import { Memory } from '../src/driver/memory.js';
import { ScriptedDriver } from './scripted-driver.js';

const RUNS = { numRuns: 5000, seed: 20_261_125 };

/** Linux's numbers, so that every kind of control message is known. */
const constants = {
  SOL_SOCKET: 1,
  SCM_RIGHTS: 1,
  SCM_CREDENTIALS: 2,
  SCM_TIMESTAMP: 29,
  SCM_TIMESTAMPNS: 35,
  SCM_TIMESTAMPING: 37,
  SO_RXQ_OVFL: 40,
  IPPROTO_IP: 0,
  IP_TOS: 1,
  IP_TTL: 2,
  IP_PKTINFO: 8,
  IP_RECVERR: 11,
  IPPROTO_IPV6: 41,
  IPV6_RECVERR: 25,
  IPV6_PKTINFO: 50,
  IPV6_HOPLIMIT: 52,
  IPV6_TCLASS: 67,
  IPPROTO_UDP: 17,
  UDP_SEGMENT: 103,
  UDP_GRO: 104,
  AF_INET: 2,
  AF_INET6: 10,
};

class LinuxDriver extends ScriptedDriver {
  // The base class's numbers are no system's.
  override readonly constants = constants as never;
  readonly closed: number[] = [];
  override close(handle: number): number {
    this.closed.push(handle);
    return 0;
  }
}

function backend(): {
  driver: Driver & LinuxDriver;
  context: DriverContext;
  Class: SocketClass<Socket>;
} {
  const driver = new LinuxDriver() as Driver & LinuxDriver;
  class Scripted extends Socket {
    static override readonly driver = driver;
  }
  return { driver, context: DriverContext.of(driver), Class: Scripted };
}

const LEVELS = [constants.SOL_SOCKET, constants.IPPROTO_IP, constants.IPPROTO_IPV6, 17];
const TYPES = Object.values(constants);

/** A control message whose header may lie about its length. */
const record = fc
  .record({
    level: fc.oneof(fc.constantFrom(...LEVELS), fc.integer()),
    type: fc.oneof(fc.constantFrom(...TYPES), fc.integer()),
    data: fc.uint8Array({ maxLength: 80 }),
    lie: fc.option(fc.integer({ min: 0, max: 0xffffffff }), { freq: 4 }),
  })
  .map(({ level, type, data, lie }) => {
    const bytes = new Uint8Array(16 + Math.ceil(data.length / 8) * 8);
    const view = new DataView(bytes.buffer);
    view.setInt32(0, level, true);
    view.setInt32(4, type, true);
    view.setUint32(8, lie ?? data.length, true);
    bytes.set(data, 16);
    return bytes;
  });
const control = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.tuple(fc.array(record, { maxLength: 4 }), fc.nat(20)).map(([records, cut]) => {
    const all = records.flatMap((bytes) => [...bytes]);
    return Uint8Array.from(all.slice(0, Math.max(0, all.length - cut)));
  }),
);

/** Bytes between others, which must not be read. */
function between(bytes: Uint8Array, fill: number): Uint8Array {
  const room = new Uint8Array(bytes.length + 64).fill(fill);
  room.set(bytes, 32);
  return room.subarray(32, 32 + bytes.length);
}

test('decodeControl takes any bytes', () => {
  const { context, Class } = backend();
  fc.assert(
    fc.property(control, (bytes) => {
      const decode = (fill: number) => decodeControl(context, Class, between(bytes, fill));
      const read = decode(0x00);
      // The same, whatever stands around them.
      const shown = (messages: unknown): string =>
        JSON.stringify(messages, (_key, value: unknown) =>
          typeof value === 'bigint' ? String(value) : value,
        );
      expect(shown(decode(0xff))).toBe(shown(read));
      for (const message of read) {
        if (message.kind === 'raw')
          expect(message.data.buffer.byteLength).toBe(message.data.length);
      }
    }),
    RUNS,
  );
}, 60_000);

test('every descriptor among any bytes is owned, once, and closed by its owner', () => {
  const { driver, context, Class } = backend();
  fc.assert(
    fc.property(control, (bytes) => {
      driver.closed.length = 0;
      const expected: number[] = [];
      for (const message of decodeControl(context, Class, bytes)) {
        if (message.kind !== 'rights') {
          expect(message).not.toMatchObject({ level: constants.SOL_SOCKET, type: 1 });
          continue;
        }
        for (const fd of message.fds) {
          if (!fd.closed) expected.push(fd.asRawFd());
          fd.close();
          fd.close();
        }
      }
      expect(driver.closed).toEqual(expected);
    }),
    RUNS,
  );
}, 60_000);

test('control messages that are sent read back as they were', () => {
  const { context, Class } = backend();
  const messages = fc.array(
    fc.oneof(
      fc.record({
        kind: fc.constant('rights' as const),
        fds: fc.array(fc.nat(1000), { minLength: 1, maxLength: 5 }),
      }),
      fc.record({
        kind: fc.constant('raw' as const),
        level: fc.integer({ min: 500 }),
        type: fc.integer(),
        data: fc.uint8Array({ maxLength: 40 }),
      }),
      fc.record({
        kind: fc.constantFrom('ttl' as const, 'hopLimit' as const, 'trafficClass' as const),
        value: fc.nat(255),
      }),
    ),
    { maxLength: 4 },
  );
  fc.assert(
    fc.property(messages, (sent: ControlMessage[]) => {
      const read = decodeControl(context, Class, encodeControl(context, sent));
      expect(
        read.map((message) =>
          message.kind === 'rights'
            ? { kind: 'rights', fds: message.fds.map((fd) => fd.asRawFd()) }
            : message,
        ),
      ).toEqual(sent);
    }),
    RUNS,
  );
}, 60_000);

/** A whole `struct sock_address`, and one behind it that must not be read. */
const address = fc
  .record({
    family: fc.oneof(fc.nat(9), fc.nat(0xffff)),
    length: fc.oneof(fc.nat(130), fc.nat(0xffffffff)),
    rest: fc.uint8Array({ minLength: 122, maxLength: 122 }),
  })
  .map(({ family, length, rest }) => {
    const bytes = new Uint8Array(128);
    bytes.set(rest.subarray(0, 10), 2);
    bytes.set(rest.subarray(10), 16);
    const view = new DataView(bytes.buffer);
    view.setUint16(Layout.addressFamily, family, true);
    view.setUint32(Layout.addressLength, length, true);
    return bytes;
  });

test('SockAddr.read takes any bytes', () => {
  fc.assert(
    fc.property(address, (bytes) => {
      const read = (fill: number): SockAddr => {
        const memory = new Memory(new ArrayBuffer(512));
        memory.u8.fill(fill).set(bytes, 128);
        return SockAddr.read(memory, 128);
      };
      const one = read(0x00);
      expect(one.equals(read(0xff))).toBe(true);
      // Nothing that shows it throws.
      for (const key of Reflect.ownKeys(SockAddr.prototype)) {
        const { get, value } = Object.getOwnPropertyDescriptor(SockAddr.prototype, key) ?? {};
        if (get !== undefined) get.call(one);
        else if (key !== 'constructor' && (value as () => void).length === 0) {
          (value as () => void).call(one);
        }
      }
      // Written where another stands behind it, it touches that one not at all.
      const memory = new Memory(new ArrayBuffer(512));
      memory.u8.fill(0x55);
      SockAddr.write(memory, one, 128);
      expect(memory.u8.subarray(256).every((byte) => byte === 0x55)).toBe(true);
      expect(memory.u8.subarray(0, 128).every((byte) => byte === 0x55)).toBe(true);
      expect(SockAddr.read(memory, 128).equals(one)).toBe(true);
    }),
    RUNS,
  );
}, 60_000);
