/** Options of sockets, with the limits that the kernel has and the interface asks hosts to keep to. */
import type { CoreFunction } from '../component/call.js';
import type { LowerContext } from '../component/instantiate.js';
import { codeIndex, Failure } from '../failure.js';
import type { Scope } from '../sockets/scope.js';
import { Option } from '../sockets/system.js';
import type { TcpSocket } from '../sockets/tcp.js';
import type { UdpSocket } from '../sockets/udp.js';
import { doneOf, err, type FunctionDefinition, type InterfaceDefinition, ok } from './define.js';
import { codeOf } from '../failure.js';

type AnySocket = TcpSocket | UdpSocket;

const INT_MAX = 0x7fffffffn;
const NS_PER_S = 1_000_000_000n;
const NS_PER_MS = 1e6;
/** What Linux takes for TCP_KEEPIDLE and TCP_KEEPINTVL, in seconds, and for TCP_KEEPCNT. */
const KEEPALIVE_SECONDS = 32767n;
const KEEPALIVE_COUNT = 127;

const hops = ({ family }: AnySocket): number => (family === 4 ? Option.TTL : Option.HOPS_V6);

function getNumber(socket: AnySocket, option: number): number {
  const { system } = socket.scope;
  const failed = system.getOption(socket.handle, option);
  return failed < 0 ? failed : system.number;
}

function setNumber(socket: AnySocket, option: number, value: number): number {
  return socket.scope.system.setOption(socket.handle, option, value);
}

/** Linux doubles a buffer's size that it is given: what was set is what is read. */
function getBuffer(socket: AnySocket, option: number): number {
  return socket.buffers.get(option) ?? getNumber(socket, option);
}

function setBuffer(socket: AnySocket, option: number, size: bigint): number {
  if (size === 0n) return Failure.INVALID_ARGUMENT;
  const value = Number(size > INT_MAX ? INT_MAX : size);
  const failed = setNumber(socket, option, value);
  if (failed < 0) return failed;
  const now = getNumber(socket, option);
  // More than the system allows is cut to what it allows.
  socket.buffers.set(option, now < 0 ? value : Math.min(value, now));
  return 0;
}

/** A getter whose value crosses as one number. */
function getter(
  type: string,
  get: (socket: never) => number,
  bytes: 1 | 4 | 8,
  encode: (value: number) => unknown,
): FunctionDefinition {
  return {
    type,
    call(_: Scope, self: AnySocket) {
      const value = get(self as never);
      return value < 0 ? err(codeOf(value)) : ok(encode(value));
    },
    lower: (c) => lowerGetter(c, type.includes('tcp') ? 'tcp-socket' : 'udp-socket', get, bytes),
  };
}

function lowerGetter(
  c: LowerContext,
  resource: string,
  get: (socket: never) => number,
  bytes: 1 | 4 | 8,
): CoreFunction {
  const { memory } = c;
  const find = c.finder(resource);
  return (self, pointer) => {
    memory.refresh();
    const ret = memory.at(pointer as number, 2 * bytes, bytes);
    const value = get(find(self as number) as never);
    const { u8, i32 } = memory;
    if (value < 0) {
      u8[ret] = 1;
      u8[ret + bytes] = codeIndex(value);
    } else {
      u8[ret] = 0;
      if (bytes === 1) u8[ret + 1] = value;
      else if (bytes === 4) i32[(ret + 4) >> 2] = value;
      else {
        i32[(ret + 8) >> 2] = value | 0;
        i32[(ret + 12) >> 2] = value / 4294967296;
      }
    }
    return undefined;
  };
}

const setter = (
  type: string,
  set: (socket: never, value: never) => number,
): FunctionDefinition => ({
  type,
  call: (_: Scope, self: never, value: never) => doneOf(set(self, value)),
});

const on = (resource: string, rest: string): string => `(borrow<${resource}>${rest}`;

function seconds(socket: TcpSocket, option: number, nanoseconds: bigint): number {
  if (nanoseconds === 0n) return Failure.INVALID_ARGUMENT;
  let whole = nanoseconds / NS_PER_S;
  if (whole * NS_PER_S < nanoseconds) whole += 1n;
  return setNumber(
    socket,
    option,
    1000 * Number(whole > KEEPALIVE_SECONDS ? KEEPALIVE_SECONDS : whole),
  );
}

function buffers(resource: string): InterfaceDefinition {
  const rows: Record<string, FunctionDefinition> = {};
  for (const [name, option] of [
    ['receive-buffer-size', Option.RECV_BUFFER],
    ['send-buffer-size', Option.SEND_BUFFER],
  ] as const) {
    rows[`[method]${resource}.${name}`] = getter(
      on(resource, ') -> result<u64, error-code>'),
      (socket) => getBuffer(socket, option),
      8,
      BigInt,
    );
    rows[`[method]${resource}.set-${name}`] = setter(
      on(resource, ', u64) -> result<_, error-code>'),
      (socket, size) => setBuffer(socket, option, size),
    );
  }
  return rows;
}

function hopLimit(resource: string, name: string): InterfaceDefinition {
  return {
    [`[method]${resource}.${name}`]: getter(
      on(resource, ') -> result<u8, error-code>'),
      (socket) => getNumber(socket, hops(socket)),
      1,
      Number,
    ),
    [`[method]${resource}.set-${name}`]: setter(
      on(resource, ', u8) -> result<_, error-code>'),
      (socket: AnySocket, value: number) =>
        value === 0 ? Failure.INVALID_ARGUMENT : setNumber(socket, hops(socket), value),
    ),
  };
}

const time = (name: string, option: number): InterfaceDefinition => ({
  [`[method]tcp-socket.${name}`]: getter(
    on('tcp-socket', ') -> result<u64, error-code>'),
    (socket) => {
      const value = getNumber(socket, option);
      return value < 0 ? value : value * NS_PER_MS;
    },
    8,
    BigInt,
  ),
  [`[method]tcp-socket.set-${name}`]: setter(
    on('tcp-socket', ', u64) -> result<_, error-code>'),
    (socket: TcpSocket, value: bigint) => seconds(socket, option, value),
  ),
});

export const tcpOptions: InterfaceDefinition = {
  '[method]tcp-socket.keep-alive-enabled': getter(
    on('tcp-socket', ') -> result<bool, error-code>'),
    (socket) => Math.min(1, getNumber(socket, Option.KEEPALIVE)),
    1,
    (value) => value !== 0,
  ),
  '[method]tcp-socket.set-keep-alive-enabled': setter(
    on('tcp-socket', ', bool) -> result<_, error-code>'),
    (socket, value) => setNumber(socket, Option.KEEPALIVE, value ? 1 : 0),
  ),
  ...time('keep-alive-idle-time', Option.KEEPALIVE_TIME),
  ...time('keep-alive-interval', Option.KEEPALIVE_INTERVAL),
  '[method]tcp-socket.keep-alive-count': getter(
    on('tcp-socket', ') -> result<u32, error-code>'),
    (socket) => getNumber(socket, Option.KEEPALIVE_RETRIES),
    4,
    Number,
  ),
  '[method]tcp-socket.set-keep-alive-count': setter(
    on('tcp-socket', ', u32) -> result<_, error-code>'),
    (socket, count: number) =>
      count === 0
        ? Failure.INVALID_ARGUMENT
        : setNumber(socket, Option.KEEPALIVE_RETRIES, Math.min(KEEPALIVE_COUNT, count)),
  ),
  ...hopLimit('tcp-socket', 'hop-limit'),
  ...buffers('tcp-socket'),
};

export const udpOptions: InterfaceDefinition = {
  ...hopLimit('udp-socket', 'unicast-hop-limit'),
  ...buffers('udp-socket'),
};
