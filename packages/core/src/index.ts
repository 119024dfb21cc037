/// <reference lib="esnext.disposable" preserve="true" />
/** The abstract socket: interface, option tables, addresses and errors, for any backend. */
export { SockAddr, type SockAddrInit, type SocketAddress } from './address.js';
export type { BufferSource } from './socket/buffer.js';
export { Domain, messageFlags, Protocol, Shutdown, socketTypes, Type } from './constants.js';
export type {
  ControlMessage,
  FdSource,
  RawControlMessage,
  ReceivedControlMessage,
} from './message/control-message.js';
export { DatagramBatch, type DatagramBatchInit } from './socket/datagram-batch.js';
export {
  DatagramEndpoint,
  type DatagramEndpointInit,
  type DatagramFailure,
  type DatagramMeta,
  type DatagramPath,
  type DatagramReport,
  type DatagramStatistics,
} from './socket/datagram-endpoint.js';
export type { ColumnName } from './socket/batch-columns.js';
export {
  type BatchArrays,
  type BatchColumns,
  Column,
  type Driver,
  EUNSUPPORTED,
  type Handle,
  Layout,
  OpenFlags,
  type PollerDriver,
  Readiness,
  Spliced,
  type Support,
  type SupportLevel,
} from './driver.js';
export { SockError, type SockErrorDetails } from './errors.js';
export {
  assembleFilter,
  type FilterRule,
  SockFilter,
  type SockFilterInit,
} from './message/filter.js';
export { type InterfaceNames, interfaceNames, type NetworkInterface } from './driver/interfaces.js';
export {
  type MessageRoom,
  type MessageToSend,
  MsgHdr,
  MsgHdrMut,
  type ReceivedMessage,
} from './message/message-header.js';
export { type OperationName, type OperationRow, operations } from './driver/operations.js';
export type { Codec, OptionGroup, OptionRow, Sample, System } from './options/option-row.js';
export type {
  Credentials,
  Fanout,
  MemoryInfo,
  PacketMembership,
  PacketStatistics,
  PathMtuDiscovery,
  TxTime,
} from './options/option-struct.js';
export { type OptionMethodName, type OptionName, options } from './options.js';
export { OwnedFd } from './message/owned-fd.js';
export type { PacketAddress, PacketAddressInit, PacketType } from './address/packet-address.js';
export { Events, Interest, Poller } from './poller.js';
export { RecvFlags } from './socket/recv-flags.js';
export { Socket } from './socket.js';
export { optionRow, supportOf } from './driver/support.js';
export {
  TCP_STATES,
  type TcpCongestionState,
  type TcpInfo,
  type TcpState,
} from './options/tcp-info.js';
export { TcpKeepalive, type TcpKeepaliveInit } from './socket/tcp-keepalive.js';
export { Timestamping } from './message/timestamping.js';
export type { Progress, TransferOptions, WholeTransferOptions } from './async/async-options.js';
export type {
  ReadableBytes,
  SocketStreams,
  StreamOptions,
  WritableBytes,
} from './async/streams.js';
export type { WaitOptions, WaitSignal } from './socket/waits.js';
export type { Clock } from './connect/attempts.js';
export {
  type AddressBlockList,
  type ConnectEvents,
  connectHost,
  type ConnectHostOptions,
  connectHostWith,
  type ConnectSurroundings,
} from './connect/connect-host.js';
export type { ConnectingClass } from './connect/connecting-class.js';
export { firstAddress } from './connect/first-address.js';
export type { FoundAddress, HostLookup, HostLookupOptions } from './connect/host-lookup.js';
export { refusedOption, type SocketOptionKind } from './connect/refused-options.js';
export {
  applySockOptions,
  checkSockOptions,
  type HostSockOptions,
  type OptionsByName,
  type OptionsTarget,
  withOptionName,
} from './connect/sock-options.js';
export type { FactsOfSources, SourceFacts } from './connect/source-address.js';
export { shareInstances } from './instances.js';
export { type Ready, Watchers } from './driver/watchers.js';
export {
  type BackendOfDriver,
  makeBackend,
  type PollerOfDriver,
  type SocketOfDriver,
} from './backend.js';
