/**
 * The standard ways to open sockets: `connect` of WinterTC's Sockets API, as Cloudflare Workers has it, and the classes
 * of Direct Sockets. What is exported here works over @sock/native; {@link binding} makes the same for any backend.
 *
 * @see https://sockets-api.proposal.wintertc.org/
 * @see https://wicg.github.io/direct-sockets/
 *
 * @example
 * import { connect } from '@sock/std/sockets';
 * const { readable, writable } = connect('example.com:443', { secureTransport: 'on' });
 */
import type { ConnectingClass, Socket as AnySocket } from '@sock/core';
import { nativeSocket } from '../native-backend.js';
import { type Binding, bindingOf, type BindingOptions } from './binding.js';

export type { AnySocketAddress, Binding, BindingOptions, SocketOptions } from './binding.js';
export {
  Socket,
  type SecureTransport,
  type SocketInfo,
  type StartTlsOptions,
} from './connection.js';
export type {
  DirectSocket,
  DirectSockets,
  SocketDnsQueryType,
  TCPServerSocketOpenInfo,
  TCPServerSocketOptions,
  TCPSocketOpenInfo,
  TCPSocketOptions,
  TCPSocketShape,
  UDPMessage,
  UDPSocketOpenInfo,
  UDPSocketOptions,
} from './direct-sockets.js';
export type {
  MulticastController,
  MulticastGroupOptions,
  MulticastMembership,
} from './multicast-controller.js';
export { SocketError } from './socket-error.js';

/**
 * The Sockets API and Direct Sockets over a backend: a binding object, as the draft calls it.
 * @param SocketOf the `Socket` class of any backend
 * @param options of every connection; those of a call come first
 * @returns `connect`, `TCPSocket`, `TCPServerSocket`, `UDPSocket`
 * @see https://sockets-api.proposal.wintertc.org/
 * @example
 * import { Socket } from '@sock/wasi';
 * const { connect } = binding(Socket, { timeout: 5000 });
 */
export const binding = (
  SocketOf: ConnectingClass<AnySocket>,
  options: BindingOptions = {},
): Binding => bindingOf(() => SocketOf, options);

/** Over @sock/native. */
export const { connect, TCPSocket, TCPServerSocket, UDPSocket } = bindingOf(
  () => nativeSocket() as unknown as ConnectingClass<AnySocket>,
);
