import type { SockError, Socket } from '@sock/core';

/** What a socket is, as far as node's objects care. */
export interface Kind {
  readonly domain: string | number;
  readonly type: string | number;
  readonly listening: boolean;
  readonly connected: boolean;
  readonly bound: boolean;
  /** Whether libuv has a handle for it: an fd, of a domain and type it knows. */
  readonly native: boolean;
}

/** @throws {TypeError} `ERR_INVALID_ARG_VALUE` when the socket is closed */
export function kindOf(socket: Socket): Kind {
  if (socket.closed) throw wrongKind('an open socket', 'a closed socket');
  const domain = socket.domain();
  const type = socket.type();
  const local = socket.localAddr();
  let connected = true;
  try {
    socket.peerAddr();
  } catch {
    connected = false;
  }
  const ip = domain === 'ipv4' || domain === 'ipv6';
  return {
    domain,
    type,
    listening: type !== 'dgram' && socket.isListener(),
    connected,
    bound: ip ? local.port !== 0 : local.path !== undefined && local.path !== '',
    native:
      socket.backend === 'native' &&
      socket.supports('asRawFd').level === 'native' &&
      ((ip && (type === 'stream' || type === 'dgram')) || (domain === 'unix' && type === 'stream')),
  };
}

/** An error as that of the call that node names in its own; what has no call of the system's stays. */
export function asCall<T extends Error>(error: T, syscall: string): T {
  const { code, syscall: called } = error as Partial<SockError>;
  if (code === undefined || called === undefined) return error;
  return Object.assign(error, { syscall, message: `${syscall} ${code}` });
}

/** Why a connection that was under way did not come about; `null` when it did. */
export function connectionError(socket: Socket): Error | null {
  const error = socket.takeError();
  if (error !== null) return asCall(error, 'connect');
  try {
    socket.peerAddr();
    return null;
  } catch (failure) {
    return failure as Error;
  }
}

/** In words: `a listening ipv6 stream socket`. */
export function describe({ domain, type, listening, connected, bound }: Kind): string {
  const state = listening ? 'listening' : connected ? 'connected' : bound ? 'bound' : 'unbound';
  return `${/^[aeiou]/.test(state) ? 'an' : 'a'} ${state} ${domain} ${type} socket`;
}

/** The error for a socket of the wrong kind. */
export function wrongKind(wanted: string, got: string): TypeError {
  return Object.assign(new TypeError(`The "socket" argument must be ${wanted}. Received ${got}`), {
    code: 'ERR_INVALID_ARG_VALUE',
  });
}
