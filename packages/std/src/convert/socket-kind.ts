/** Which of node's objects a Socket can become. */
import type { Socket } from '@sock/core';
import { invalidArgument } from '../node-errors.js';

/** The properties of a socket that decide which of node's objects fits. */
export interface SocketKind {
  readonly domain: string | number;
  readonly type: string | number;
  readonly listening: boolean;
  readonly connected: boolean;
  readonly bound: boolean;
  /** Whether libuv has a handle for it: a descriptor of a domain and type that libuv supports. */
  readonly native: boolean;
}

/** @throws {TypeError} `ERR_INVALID_ARG_VALUE` if the socket is closed */
export function kindOf(socket: Socket): SocketKind {
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

/** The kind in words: `a listening ipv6 stream socket`. */
export function describe({ domain, type, listening, connected, bound }: SocketKind): string {
  const state = listening ? 'listening' : connected ? 'connected' : bound ? 'bound' : 'unbound';
  return `${/^[aeiou]/.test(state) ? 'an' : 'a'} ${state} ${domain} ${type} socket`;
}

/** The error for a socket of the wrong kind. */
export function wrongKind(wanted: string, got: string): TypeError {
  return invalidArgument(
    'ERR_INVALID_ARG_VALUE',
    `The "socket" argument must be ${wanted}. Received ${got}`,
  );
}
