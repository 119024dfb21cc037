/** From Sockets to node's own objects and back, so that a codebase adopts them one call site at a time. */
export {
  SockAgent,
  type SockAgentOptions,
  sockConnector,
  type SockConnectorOptions,
  SockHttpsAgent,
  type SockHttpsAgentOptions,
} from './agents.js';
export { connectHost } from './connect/connect-host.js';
export type {
  ConnectHostOptions,
  ConnectingClass,
  FoundAddress,
  HostLookup,
  HostLookupOptions,
  HostSockOptions,
} from '@sock/core';
export { type FromOptions, socketFrom, sockRef } from './convert/from.js';
export {
  intoDgramSocket,
  type IntoDgramSocketOptions,
  intoNetServer,
  type IntoNetServerOptions,
  intoNetSocket,
  type IntoNetSocketOptions,
  type IntoOptions,
} from './convert/into.js';
export type { HappyEyeballsOptions, SockOptions } from './drop-in/sock-options.js';
export type { SocketClass } from './native-backend.js';
export { DatagramEmitter } from './node-objects/datagram-emitter.js';
export { DuplexServer } from './node-objects/duplex-server.js';
export { DuplexSocket, type DuplexSocketOptions } from './node-objects/duplex-socket.js';
export {
  type DatagramSocket,
  joinAll,
  type JoinAllOptions,
  type JoinedGroup,
  type JoinsAll,
  type MembershipChange,
} from './multicast/join-all.js';
export type { MulticastInterface } from './multicast/interface-list.js';
export type {
  RinfoField,
  RinfoFields,
  RinfoInterface,
  RinfoOption,
  RinfoWith,
  SocketWithRinfo,
} from './node-objects/rinfo-columns.js';
export { resolve, type ResolveOptions, SockAddr } from './resolve.js';
export { listenFds, type ListenFd, type ListenFdsOptions, notify } from './systemd.js';
export { receiveSocket, sendSocket } from './transfer/transfer.js';
export type {
  MovingClass,
  ProcessChannel,
  SocketChannel,
  ThreadChannel,
} from './transfer/channel-kind.js';
export type { TransferSocketOptions } from './transfer/transfer-options.js';
export { sendFile, type SendFileOptions, type SentFile } from './send-file/send-file.js';
export type { FileToSend } from './send-file/file-source.js';
export type { FileResponse } from './send-file/response.js';
export { splice, type SpliceOptions } from './splice/splice.js';
export { type ListedSocket, listSockets, type ListSocketsOptions } from './netlink/list-sockets.js';
export {
  type InterfaceAddress,
  listInterfaces,
  type ListInterfacesOptions,
  type NetworkInterface,
} from './netlink/list-interfaces.js';
export type { InterfaceChange, InterfaceLink } from './netlink/route-message.js';
export { watchInterfaces, type WatchInterfacesOptions } from './netlink/watch-interfaces.js';
export {
  type SnapshotSource,
  type SocketSnapshot,
  socketSnapshot,
} from './metrics/socket-snapshot.js';
export { SocketMetrics, type SocketMetricsOptions } from './metrics/socket-metrics.js';
export {
  type MetricsPublisher,
  publishMetrics,
  type PublishMetricsOptions,
} from './metrics/publish-metrics.js';
export { prometheusText } from './metrics/prometheus-text.js';
export type {
  Attributes,
  HistogramPoint,
  Metric,
  MetricsSnapshot,
  NumberPoint,
} from './metrics/snapshot.js';
