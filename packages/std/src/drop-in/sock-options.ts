/** The `sock` option of the drop-in modules: what can be done to a socket before bind, connect or listen. */
import {
  type Driver,
  optionRow,
  Protocol,
  type SockError,
  type Socket,
  supportOf,
  type TcpKeepaliveInit,
} from '@sock/core';
import { nativeSocket } from '../native-backend.js';
import { type OptionUse, refusal, type RefusedName } from './refused-options.js';

/** The value of a setter: its parameter; of several parameters the list; `true` for a setter without one. */
type ValueOf<Method> = Method extends (...values: infer Values) => void
  ? Values extends []
    ? true
    : Values extends [infer Value]
      ? Value
      : Readonly<Values>
  : never;

/** `setTtl` as `ttl`, for every setter of Socket. */
type Setters = {
  readonly [
    Method in keyof Socket as Method extends `set${infer Name}`
      ? Name extends Capitalize<Name>
        ? Exclude<Uncapitalize<Name>, RefusedName | 'linger'>
        : never
      : never
  ]?: ValueOf<Socket[Method]>;
};

/** The methods whose names do not begin with `set`, under their own names. */
type ActionName =
  | 'attachBpf'
  | 'attachFilter'
  | 'attachReusePortBpf'
  | 'attachReusePortFilter'
  | 'attachReuseportFilter'
  | 'bindDevice'
  | 'bindDeviceByIndexV4'
  | 'bindDeviceByIndexV6';
type Actions = { readonly [Name in ActionName]?: ValueOf<Socket[Name]> };

/** The methods that may be called more than once: the arguments of one call, or a list of those. */
type MembershipName =
  | 'joinMulticastV4'
  | 'joinMulticastV4N'
  | 'joinMulticastV6'
  | 'joinSsmV4'
  | 'joinSsmV6'
  | 'blockSourceV4'
  | 'blockSourceV6';
type Memberships = {
  readonly [Name in MembershipName]?:
    | Readonly<Parameters<Socket[Name]>>
    | readonly Readonly<Parameters<Socket[Name]>>[];
};

/** How {@link SockOptions.happyEyeballs} connects. */
export interface HappyEyeballsOptions {
  /** As in the options of `connectHost`. Default: `autoSelectFamilyAttemptTimeout` of the call, or 250. */
  readonly attemptDelay?: number;
}

/**
 * What is done to a socket before it binds, connects or listens, in the order of the properties.
 *
 * An option has its name in the option table, and takes what its setter takes; a setter of several
 * parameters takes the list of them. A membership takes one such list, or several.
 *
 * @example
 * connect({ port: 5432, sock: { device: 'eth0', tcpKeepalive: { time: 30_000, retries: 3 } } });
 * createSocket({ type: 'udp4', sock: { joinMulticastV4: [['239.1.2.3', '0.0.0.0']] } });
 */
export interface SockOptions extends Setters, Actions, Memberships {
  /** The protocol that the socket is made with, such as `Protocol.MPTCP`: socket(2). */
  readonly protocol?: Protocol;
  /** The interface that the socket is bound to: `bindDevice`, SO_BINDTODEVICE. */
  readonly device?: string | null;
  /** `bindDeviceByIndexV4`. */
  readonly deviceIndexV4?: number | null;
  /** `bindDeviceByIndexV6`. */
  readonly deviceIndexV6?: number | null;
  /** `0`: a close resets the connection; `null`: the system sends what is queued in the background. */
  readonly linger?: 0 | null;
  /** `setTcpKeepalive({ time })`, in milliseconds; turns keep-alive on. */
  readonly tcpKeepaliveTime?: number;
  /** `setTcpKeepalive({ interval })`, in milliseconds; turns keep-alive on. */
  readonly tcpKeepaliveInterval?: number;
  /** `setTcpKeepalive({ retries })`; turns keep-alive on. */
  readonly tcpKeepaliveRetries?: number;
  /**
   * Whether a call that connects tries the addresses of a name in parallel, as `connectHost` does: RFC 8305. Node itself
   * tries one address after the other. It changes nothing for an address or a path. Default: `false` in `connect`;
   * in the agents and in `sockConnector` node's `autoSelectFamily`, which is on unless it was turned off.
   */
  readonly happyEyeballs?: boolean | HappyEyeballsOptions;
}

const KEEPALIVE: Readonly<Record<string, keyof TcpKeepaliveInit>> = {
  tcpKeepaliveTime: 'time',
  tcpKeepaliveInterval: 'interval',
  tcpKeepaliveRetries: 'retries',
};
const ACTION = /^(attach|bindDevice|joinMulticast|joinSsm|blockSource)/;
/** Applied by {@link openSocket}, not by a method. */
const PROTOCOL = 'protocol';

/** What is read of a backend's `Socket` class. */
interface Target {
  readonly prototype: Socket;
  readonly driver: Driver;
  borrowRawFd(fd: number): Socket;
}

/** The class of a Socket. */
const classOf = (socket: Socket): Target => socket.constructor as unknown as Target;

/** The name of the method that sets an option; `undefined` if there is none. */
function methodOf(name: string, { prototype }: Target): string | undefined {
  if (Object.hasOwn(KEEPALIVE, name)) return 'setTcpKeepalive';
  const row = optionRow(name);
  const setter =
    row !== undefined && row.name === name && row.setter !== undefined
      ? row.setter
      : ACTION.test(name)
        ? name
        : `set${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const method = (prototype as unknown as Record<string, unknown>)[setter];
  return typeof method === 'function' ? setter : undefined;
}

/** The arguments of each call of the method. */
function callsOf(
  methods: Record<string, (...values: unknown[]) => void>,
  name: string,
  method: string,
  value: unknown,
): readonly unknown[][] {
  const keepalive = Object.hasOwn(KEEPALIVE, name) ? KEEPALIVE[name] : undefined;
  if (keepalive !== undefined) return [[{ [keepalive]: value }]];
  const { length } = methods[method] as { length: number };
  if (length <= 1) return [[value]];
  if (!Array.isArray(value)) {
    throw Object.assign(new TypeError(`must be an array of the ${length} arguments of ${method}`), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  }
  return value.every((entry) => Array.isArray(entry)) ? (value as unknown[][]) : [value];
}

function apply(socket: Socket, name: string, value: unknown): void {
  const method = methodOf(name, classOf(socket));
  if (method === undefined) return;
  const methods = socket as unknown as Record<string, (...values: unknown[]) => void>;
  for (const values of callsOf(methods, name, method, value)) methods[method]?.(...values);
}

const protocolNames = (): string[] => Object.values(Protocol).map(String);

/** A descriptor that exists has its protocol already. */
function checkProtocol(socket: Socket, wanted: Protocol): void {
  const actual = socket.protocol();
  const { constants } = classOf(socket).driver;
  if (actual === wanted || constants[`IPPROTO_${String(actual).toUpperCase()}`] === wanted) return;
  throw Object.assign(
    new Error(`the descriptor exists already, and its protocol is ${actual}, not ${wanted}`),
    { code: 'ERR_SOCK_UNSUPPORTED' },
  );
}

/** Adds the option's name to an error that does not have it. */
export function named(error: unknown, name: string): Error {
  const it = error as SockError & { option?: string };
  const { message } = it;
  // Core's errors of an option name the setter and the value.
  const known = it.option !== undefined && message.includes(it.option);
  return Object.assign(it, {
    option: it.option ?? name,
    ...(known ? {} : { message: `options.sock.${name}: ${message}` }),
  });
}

/** A closed Socket of each backend: its setters check their arguments, and then fail with EBADF. */
const closedSockets = new WeakMap<Target, Socket>();

function closedSocket(SocketOf: Target): Socket {
  const known = closedSockets.get(SocketOf);
  if (known !== undefined) return known;
  const closed = SocketOf.borrowRawFd(0);
  closed.close();
  closedSockets.set(SocketOf, closed);
  return closed;
}

function checkValue(name: string, value: unknown, SocketOf: Target): void {
  if (name === PROTOCOL) {
    if (typeof value === 'number') return;
    const known = typeof value === 'string' && protocolNames().includes(value);
    if (known) return;
    throw Object.assign(
      new TypeError(`must be one of ${protocolNames().join(', ')}, or a number`),
      {
        code: 'ERR_INVALID_ARG_VALUE',
      },
    );
  }
  try {
    apply(closedSocket(SocketOf), name, value);
  } catch (error) {
    if ((error as SockError).code !== 'EBADF') throw error;
  }
}

/**
 * Checks, before anything is opened, that every option can be set on a socket of the backend and has
 * an effect in node's object, and that its value is one that the setter takes.
 * @param SocketOf the class of the sockets; default: that of @sock/native
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE` unless `options` is an object, or for a wrong value
 * @throws {TypeError} `ERR_INVALID_ARG_VALUE` for a name that is not in the table or has no setter
 * @throws {RangeError} `ERR_OUT_OF_RANGE` for a wrong value
 * @throws {Error} `ERR_SOCK_UNSUPPORTED` for an option that the system does not support, or that has no effect
 */
export function checkOptions(
  options: SockOptions,
  use: OptionUse,
  SocketOf: Target = nativeSocket(),
): void {
  if (typeof options !== 'object' || options === null) {
    throw Object.assign(new TypeError('The "options.sock" property must be of type object'), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  }
  for (const [name, value] of Object.entries(options)) {
    const method = methodOf(name, SocketOf);
    const reason =
      refusal(name, value, use) ??
      (name === PROTOCOL ? undefined : missing(method, SocketOf.driver));
    if (reason !== undefined) {
      throw Object.assign(new Error(`options.sock.${name} is not supported: ${reason}`), {
        code: 'ERR_SOCK_UNSUPPORTED',
        option: name,
      });
    }
    if (method === undefined && name !== PROTOCOL) {
      const readable = optionRow(name) !== undefined ? ': it can only be read' : '';
      throw Object.assign(
        new TypeError(
          `The property 'options.sock.${name}' is not a socket option that can be set${readable}`,
        ),
        { code: 'ERR_INVALID_ARG_VALUE', option: name },
      );
    }
    if (value === undefined) continue;
    try {
      checkValue(name, value, SocketOf);
    } catch (error) {
      throw named(error, name);
    }
  }
}

/** Why the backend does not support a method; `undefined` if it does. */
function missing(method: string | undefined, driver: Driver): string | undefined {
  if (method === undefined) return undefined;
  const { level, reason } = supportOf(driver, method);
  return level === 'unsupported' ? (reason ?? '') : undefined;
}

/** Sets every option, in the order of the object's properties. `undefined` sets nothing. */
export function applySockOptions(socket: Socket, options: SockOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    try {
      if (name === PROTOCOL) checkProtocol(socket, value as Protocol);
      else apply(socket, name, value);
    } catch (error) {
      throw named(error, name);
    }
  }
}
