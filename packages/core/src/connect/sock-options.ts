/** Socket options by name: what can be done to a socket before bind, connect or listen. */
import { Protocol } from '../constants.js';
import type { Driver } from '../driver.js';
import { optionRow, supportOf } from '../driver/support.js';
import type { SockError } from '../errors.js';
import { options as rows } from '../options.js';
import type { Socket } from '../socket.js';
import type { TcpKeepaliveInit } from '../socket/tcp-keepalive.js';
import { refusedOption } from './refused-options.js';

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
        ? Exclude<Uncapitalize<Name>, BlockingName | 'linger'>
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

/** Names that no value makes useful in an object of node's: {@link OptionsByName} does not have them. */
type BlockingName = 'readTimeout' | 'writeTimeout' | 'nonblocking' | 'noInherit' | 'noPeercred';

/**
 * What is done to a socket before it binds, connects or listens, in the order of the properties.
 *
 * An option has its name in the option table, and takes what its setter takes; a setter of several
 * parameters takes the list of them. A membership takes one such list, or several.
 */
export interface OptionsByName extends Setters, Actions, Memberships {
  /** The protocol that the socket is made with, such as `Protocol.MPTCP`: socket(2). */
  readonly protocol?: Protocol;
  /** The interface that the socket is bound to: `bindDevice`, SO_BINDTODEVICE. */
  readonly device?: string | null;
  /** `bindDeviceByIndexV4`. */
  readonly deviceIndexV4?: number | null;
  /** `bindDeviceByIndexV6`. */
  readonly deviceIndexV6?: number | null;
  /** `setTcpKeepalive({ time })`, in milliseconds; turns keep-alive on. */
  readonly tcpKeepaliveTime?: number;
  /** `setTcpKeepalive({ interval })`, in milliseconds; turns keep-alive on. */
  readonly tcpKeepaliveInterval?: number;
  /** `setTcpKeepalive({ retries })`; turns keep-alive on. */
  readonly tcpKeepaliveRetries?: number;
}

/** Socket options before connect, of a socket without an object of node's above it. */
export interface HostSockOptions extends OptionsByName {
  /** `setLinger`, in milliseconds. */
  readonly linger?: number | null;
  /** `setReadTimeout`, in milliseconds. */
  readonly readTimeout?: number | null;
  /** `setWriteTimeout`, in milliseconds. */
  readonly writeTimeout?: number | null;
  /** `setNonblocking`. */
  readonly nonblocking?: boolean;
}

const KEEPALIVE: Readonly<Record<string, keyof TcpKeepaliveInit>> = {
  tcpKeepaliveTime: 'time',
  tcpKeepaliveInterval: 'interval',
  tcpKeepaliveRetries: 'retries',
};
const ACTION = /^(attach|bindDevice|joinMulticast|joinSsm|blockSource)/;
/** Given to socket(2), not to a method. */
const PROTOCOL = 'protocol';

/** What is read of a backend's `Socket` class. */
export interface OptionsTarget {
  readonly prototype: Socket;
  readonly driver: Driver;
  borrowRawFd(fd: number): Socket;
}

/** The class of a Socket. */
const classOf = (socket: Socket): OptionsTarget => socket.constructor as unknown as OptionsTarget;

/** The name of the method that sets an option; `undefined` if there is none. */
function methodOf(name: string, { prototype }: OptionsTarget): string | undefined {
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
export function withOptionName(error: unknown, name: string): Error {
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
const closedSockets = new WeakMap<OptionsTarget, Socket>();

function closedSocket(SocketOf: OptionsTarget): Socket {
  const known = closedSockets.get(SocketOf);
  if (known !== undefined) return known;
  const closed = SocketOf.borrowRawFd(0);
  closed.close();
  closedSockets.set(SocketOf, closed);
  return closed;
}

function checkValue(name: string, value: unknown, SocketOf: OptionsTarget): void {
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
 * an effect, and that its value is one that the setter takes.
 * @param SocketOf the class of the sockets
 * @param refuse says why an option is refused. Default: why it has no effect on a stream socket
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE` unless `options` is an object, or for a wrong value
 * @throws {TypeError} `ERR_INVALID_ARG_VALUE` for a name that is not in the table or has no setter
 * @throws {RangeError} `ERR_OUT_OF_RANGE` for a wrong value
 * @throws {Error} `ERR_SOCK_UNSUPPORTED` for an option that the backend does not support, or that is refused
 */
export function checkSockOptions(
  options: HostSockOptions,
  SocketOf: OptionsTarget,
  refuse: (name: string, value: unknown) => string | undefined = (name) =>
    refusedOption(name, 'stream'),
): void {
  if (typeof options !== 'object' || options === null) {
    throw Object.assign(new TypeError('The "options.sock" property must be of type object'), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  }
  for (const [name, value] of Object.entries(options)) {
    const method = methodOf(name, SocketOf);
    const reason =
      refuse(name, value) ?? (name === PROTOCOL ? undefined : missing(method, SocketOf.driver));
    if (reason !== undefined) {
      throw Object.assign(new Error(`options.sock.${name} is not supported: ${reason}`), {
        code: 'ERR_SOCK_UNSUPPORTED',
        option: name,
      });
    }
    if (method === undefined && name !== PROTOCOL) {
      throw Object.assign(
        new TypeError(
          `The property 'options.sock.${name}' is not a socket option that can be set${hintFor(name)}`,
        ),
        { code: 'ERR_INVALID_ARG_VALUE', option: name },
      );
    }
    if (value === undefined) continue;
    try {
      checkValue(name, value, SocketOf);
    } catch (error) {
      throw withOptionName(error, name);
    }
  }
}

/** What else there is to say of an option that cannot be set. */
function hintFor(name: string): string {
  if (optionRow(name) !== undefined) return ': it can only be read';
  // node and the system write some names with other capitals: noDelay.
  const alike = rows.find((row) => row.name.toLowerCase() === name.toLowerCase());
  return alike === undefined ? '' : `: it is called '${alike.name}'`;
}

/** Why the backend does not support a method; `undefined` if it does. */
function missing(method: string | undefined, driver: Driver): string | undefined {
  if (method === undefined) return undefined;
  const { level, reason } = supportOf(driver, method);
  return level === 'unsupported' ? (reason ?? '') : undefined;
}

/**
 * Sets every option, in the order of the object's properties. `undefined` sets nothing.
 * @throws the error of the setter, which names the option
 */
export function applySockOptions(socket: Socket, options: HostSockOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    try {
      if (name === PROTOCOL) checkProtocol(socket, value as Protocol);
      else apply(socket, name, value);
    } catch (error) {
      throw withOptionName(error, name);
    }
  }
}
