/** Sockets into node's own objects and back, so that a codebase adopts them one call site at a time. */
export {
  SockAgent,
  type SockAgentOptions,
  sockConnector,
  SockHttpsAgent,
  type SockHttpsAgentOptions,
} from './agent.js';
export { DatagramEmitter } from './datagram-emitter.js';
export { DuplexServer } from './duplex-server.js';
export { DuplexSocket, type DuplexSocketOptions } from './duplex-socket.js';
export { type FromOptions, type SocketClass, socketFrom, sockRef } from './from.js';
export {
  intoDgramSocket,
  type IntoDgramSocketOptions,
  intoNetServer,
  type IntoNetServerOptions,
  intoNetSocket,
  type IntoNetSocketOptions,
  type IntoOptions,
} from './into.js';
export { resolve, type ResolveOptions, SockAddr } from './resolve.js';
export type { SockOptions } from './sock-options.js';
export { listenFds, type ListenFd, type ListenFdsOptions, notify } from './systemd.js';
