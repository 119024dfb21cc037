// Made by tools/generate-options.mjs from options/: change that, then `npm run generate`.
import { type SockAddr } from '../address.js';
import { formatIpv4, ipv4Bytes, ipv6Bytes } from '../address/ip.js';
import { hardwareBytes } from '../address/packet-address.js';
import { type Domain, type Type, type Protocol, readableName } from '../constants.js';
import { type SockError, checkInteger, checkBoolean, checkDuration, checkSeconds } from '../errors.js';
import { SocketHandle } from '../socket/socket-handle.js';
import { getNumber, getBytes, getAddress, setNumber, setBytes, errorOf } from './option-access.js';
import { type Credentials, type MemoryInfo, type TxTime, type PacketStatistics, type PacketMembership, type Fanout, type PathMtuDiscovery, credentialsOf, memoryInfoOf, packetStatisticsOf, txTimeOf, txTimeBytes, fanoutOf, fanoutNumber, pathMtuOf, pathMtuNumber, portRangeOf, portRangeNumber, membershipBytes, boundedBytes, sizedAddress } from './option-struct.js';
import { orNull, checkLinger, textOf, bytesOfText, u64Of, bytesOfU64, deviceOf, protocolOf } from './option-value.js';
import { type TcpInfo, tcpInfoOf } from './tcp-info.js';

/** The codecs of the option table. */
export type Codec = 'bool' | 'boolU8' | 'int' | 'u32' | 'u8' | 'byte' | 'interfaceIndex' | 'seconds' | 'milliseconds' | 'timeval' | 'linger' | 'device' | 'portRange' | 'pathMtu' | 'fanout' | 'unit' | 'errno' | 'domain' | 'type' | 'protocol' | 'address' | 'ipv4' | 'string' | 'u64' | 'bytes' | 'credentials' | 'memoryInfo' | 'tcpInfo' | 'packetStatistics' | 'txTime' | 'ipMreq' | 'ipMreqn' | 'ipMreqSource' | 'ipv6Mreq' | 'ipv6MreqSource' | 'packetMreq' | 'tcpMd5' | 'tcpMd5Prefix';

/** The typed getters and setters of every row of the option table. */
export abstract class SocketOptions extends SocketHandle {
  // Socket options, level SOL_SOCKET.

  /**
   * Whether this socket may send packets to a broadcast address.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_BROADCAST`: socket(7)
   */
  broadcast(): boolean {
    return getNumber(this, 1, 'broadcast') !== 0;
  }

  /**
   * Sets {@link SocketOptions.broadcast | broadcast}: Whether this socket may send packets to a broadcast address.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_BROADCAST`: socket(7)
   * @example
   * socket.setBroadcast(true);
   */
  setBroadcast(broadcast: boolean): void {
    setNumber(this, 1, 'setBroadcast', checkBoolean('broadcast', broadcast) ? 1 : 0);
  }

  /**
   * Retrieves the stored error of the socket, clearing it in the process.
   * Useful for checking errors between calls, and for the result of a non-blocking connect.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_ERROR`: socket(7)
   */
  takeError(): SockError | null {
    return errorOf(this, getNumber(this, 2, 'takeError'));
  }

  /**
   * Whether keep-alive messages are sent on a connection-oriented socket.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_KEEPALIVE`: socket(7)
   */
  keepalive(): boolean {
    return getNumber(this, 3, 'keepalive') !== 0;
  }

  /**
   * Sets {@link SocketOptions.keepalive | keepalive}: Whether keep-alive messages are sent on a connection-oriented socket.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_KEEPALIVE`: socket(7)
   * @example
   * socket.setKeepalive(true);
   */
  setKeepalive(keepalive: boolean): void {
    setNumber(this, 3, 'setKeepalive', checkBoolean('keepalive', keepalive) ? 1 : 0);
  }

  /**
   * How long close(2) waits for queued messages to be sent; `null`: it returns at once and the system goes on in the background.
   * @returns in milliseconds, >= 0; `null` for none
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_LINGER`: socket(7)
   */
  linger(): number | null {
    return orNull(getNumber(this, 4, 'linger'));
  }

  /**
   * Sets {@link SocketOptions.linger | linger}: How long close(2) waits for queued messages to be sent; `null`: it returns at once and the system goes on in the background.
   * With 0 a close resets the connection and discards what is queued. The system keeps whole seconds: the rest is cut off, so less than 1000 is 0. On Linux close(2) waits in non-blocking mode too, which stops an event loop.
   * @param duration in milliseconds, >= 0; `null` for none
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_LINGER`: socket(7)
   * @example
   * socket.setLinger(0); // close() resets the connection
   */
  setLinger(duration: number | null): void {
    setNumber(this, 4, 'setLinger', duration === null ? -1 : checkLinger('duration', duration));
  }

  /**
   * Whether out-of-band data is placed into the receive data stream; otherwise it is passed only with the `MSG_OOB` flag.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_OOBINLINE`: socket(7), RFC 6093
   */
  outOfBandInline(): boolean {
    return getNumber(this, 5, 'outOfBandInline') !== 0;
  }

  /**
   * Sets {@link SocketOptions.outOfBandInline | outOfBandInline}: Whether out-of-band data is placed into the receive data stream; otherwise it is passed only with the `MSG_OOB` flag.
   * RFC 6093 encourages TCP sockets that use the urgent mechanism to set it.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_OOBINLINE`: socket(7), RFC 6093
   */
  setOutOfBandInline(outOfBandInline: boolean): void {
    setNumber(this, 5, 'setOutOfBandInline', checkBoolean('outOfBandInline', outOfBandInline) ? 1 : 0);
  }

  /**
   * The size of the operating system's receive buffer, in bytes.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_RCVBUF`: socket(7)
   */
  recvBufferSize(): number {
    return getNumber(this, 6, 'recvBufferSize');
  }

  /**
   * Sets {@link SocketOptions.recvBufferSize | recvBufferSize}: The size of the operating system's receive buffer, in bytes.
   * Linux doubles the value for its bookkeeping and returns the doubled value.
   * @param size 0 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_RCVBUF`: socket(7)
   * @example
   * socket.setRecvBufferSize(1 << 20);
   */
  setRecvBufferSize(size: number): void {
    setNumber(this, 6, 'setRecvBufferSize', checkInteger('size', size, 0, 2147483647));
  }

  /**
   * How long a blocking receive waits before it fails with EAGAIN; `null`: for ever.
   * @returns in milliseconds, > 0; `null` for none
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_RCVTIMEO`: socket(7)
   */
  readTimeout(): number | null {
    return orNull(getNumber(this, 7, 'readTimeout'));
  }

  /**
   * Sets {@link SocketOptions.readTimeout | readTimeout}: How long a blocking receive waits before it fails with EAGAIN; `null`: for ever.
   * @param duration in milliseconds, > 0; `null` for none
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_RCVTIMEO`: socket(7)
   * @example
   * socket.setReadTimeout(5000); // recv() then throws EAGAIN
   */
  setReadTimeout(duration: number | null): void {
    setNumber(this, 7, 'setReadTimeout', duration === null ? -1 : checkDuration('duration', duration));
  }

  /**
   * Whether a later bind may reuse a local address that is still held, for instance by a connection in TIME_WAIT.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_REUSEADDR`: socket(7)
   */
  reuseAddress(): boolean {
    return getNumber(this, 8, 'reuseAddress') !== 0;
  }

  /**
   * Sets {@link SocketOptions.reuseAddress | reuseAddress}: Whether a later bind may reuse a local address that is still held, for instance by a connection in TIME_WAIT.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_REUSEADDR`: socket(7)
   * @example
   * socket.setReuseAddress(true);
   */
  setReuseAddress(reuseAddress: boolean): void {
    setNumber(this, 8, 'setReuseAddress', checkBoolean('reuseAddress', reuseAddress) ? 1 : 0);
  }

  /**
   * The size of the operating system's send buffer, in bytes.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_SNDBUF`: socket(7)
   */
  sendBufferSize(): number {
    return getNumber(this, 9, 'sendBufferSize');
  }

  /**
   * Sets {@link SocketOptions.sendBufferSize | sendBufferSize}: The size of the operating system's send buffer, in bytes.
   * Linux doubles the value for its bookkeeping and returns the doubled value.
   * @param size 0 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_SNDBUF`: socket(7)
   */
  setSendBufferSize(size: number): void {
    setNumber(this, 9, 'setSendBufferSize', checkInteger('size', size, 0, 2147483647));
  }

  /**
   * How long a blocking send waits before it fails with EAGAIN; `null`: for ever.
   * @returns in milliseconds, > 0; `null` for none
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_SNDTIMEO`: socket(7)
   */
  writeTimeout(): number | null {
    return orNull(getNumber(this, 10, 'writeTimeout'));
  }

  /**
   * Sets {@link SocketOptions.writeTimeout | writeTimeout}: How long a blocking send waits before it fails with EAGAIN; `null`: for ever.
   * @param duration in milliseconds, > 0; `null` for none
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_SNDTIMEO`: socket(7)
   */
  setWriteTimeout(duration: number | null): void {
    setNumber(this, 10, 'setWriteTimeout', duration === null ? -1 : checkDuration('duration', duration));
  }

  /**
   * Whether several sockets may bind the same address, the system sharing connections or datagrams out among them.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_REUSEPORT`: socket(7)
   */
  reusePort(): boolean {
    return getNumber(this, 11, 'reusePort') !== 0;
  }

  /**
   * Sets {@link SocketOptions.reusePort | reusePort}: Whether several sockets may bind the same address, the system sharing connections or datagrams out among them.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_REUSEPORT`: socket(7)
   * @example
   * socket.setReusePort(true); // each worker binds the same port
   */
  setReusePort(reusePort: boolean): void {
    setNumber(this, 11, 'setReusePort', checkBoolean('reusePort', reusePort) ? 1 : 0);
  }

  /**
   * The type that the socket was made with.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_TYPE`: socket(7)
   */
  type(): Type {
    return readableName(this.driver, 'type', getNumber(this, 12, 'type')) as Type;
  }

  /**
   * The domain that the socket was made with.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_DOMAIN`: socket(7)
   */
  domain(): Domain {
    return readableName(this.driver, 'domain', getNumber(this, 13, 'domain')) as Domain;
  }

  /**
   * The protocol that the socket was made with; `null` where it has none.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_PROTOCOL`: socket(7)
   */
  protocol(): Protocol | null {
    return protocolOf(this.driver, getNumber(this, 14, 'protocol'));
  }

  /**
   * Whether the socket accepts connections, listen(2) having been called.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_ACCEPTCONN`: socket(7)
   */
  isListener(): boolean {
    return getNumber(this, 15, 'isListener') !== 0;
  }

  /**
   * The network interface that this socket is bound to, such as `eth0`; `null`: any.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_BINDTODEVICE`: socket(7)
   */
  device(): string | null {
    return textOf(getBytes(this, 16, 'device'));
  }

  /**
   * Sets {@link SocketOptions.device | device}: The network interface that this socket is bound to, such as `eth0`; `null`: any.
   * @param interfaceName `null` for none
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_BINDTODEVICE`: socket(7)
   * @example
   * socket.bindDevice('eth0');
   */
  bindDevice(interfaceName: string | null): void {
    setBytes(this, 16, 'bindDevice', 0, bytesOfText('interfaceName', interfaceName));
  }

  /**
   * The mark put on every packet of this socket, for routing and filtering. Setting it needs CAP_NET_ADMIN.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_MARK`: socket(7)
   */
  mark(): number {
    return getNumber(this, 17, 'mark');
  }

  /**
   * Sets {@link SocketOptions.mark | mark}: The mark put on every packet of this socket, for routing and filtering. Setting it needs CAP_NET_ADMIN.
   * @param mark 0 to 4294967295
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_MARK`: socket(7)
   */
  setMark(mark: number): void {
    setNumber(this, 17, 'setMark', checkInteger('mark', mark, 0, 4294967295));
  }

  /**
   * The priority of all packets sent; above 6 it needs CAP_NET_ADMIN.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_PRIORITY`: socket(7)
   */
  priority(): number {
    return getNumber(this, 18, 'priority');
  }

  /**
   * Sets {@link SocketOptions.priority | priority}: The priority of all packets sent; above 6 it needs CAP_NET_ADMIN.
   * @param priority 0 to 4294967295
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_PRIORITY`: socket(7)
   */
  setPriority(priority: number): void {
    setNumber(this, 18, 'setPriority', checkInteger('priority', priority, 0, 4294967295));
  }

  /**
   * Whether SCM_CREDENTIALS control messages are received on a unix socket.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_PASSCRED`: unix(7)
   */
  passcred(): boolean {
    return getNumber(this, 19, 'passcred') !== 0;
  }

  /**
   * Sets {@link SocketOptions.passcred | passcred}: Whether SCM_CREDENTIALS control messages are received on a unix socket.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_PASSCRED`: unix(7)
   */
  setPasscred(passcred: boolean): void {
    setNumber(this, 19, 'setPasscred', checkBoolean('passcred', passcred) ? 1 : 0);
  }

  /**
   * The CPU that this socket prefers to receive on; -1 while none was set or seen.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_INCOMING_CPU`: socket(7)
   */
  cpuAffinity(): number {
    return getNumber(this, 20, 'cpuAffinity');
  }

  /**
   * Sets {@link SocketOptions.cpuAffinity | cpuAffinity}: The CPU that this socket prefers to receive on; -1 while none was set or seen.
   * @param cpu 0 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_INCOMING_CPU`: socket(7)
   */
  setCpuAffinity(cpu: number): void {
    setNumber(this, 20, 'setCpuAffinity', checkInteger('cpu', cpu, 0, 2147483647));
  }

  /**
   * The number by which the kernel and its tools know this socket.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_COOKIE`: socket(7), Linux include/uapi/asm-generic/socket.h
   */
  cookie(): bigint {
    return u64Of(getBytes(this, 21, 'cookie'));
  }

  /**
   * How long a blocking receive polls the device when there is no data, in microseconds.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_BUSY_POLL`: socket(7)
   */
  busyPoll(): number {
    return getNumber(this, 22, 'busyPoll');
  }

  /**
   * Sets {@link SocketOptions.busyPoll | busyPoll}: How long a blocking receive polls the device when there is no data, in microseconds.
   * @param microseconds 0 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_BUSY_POLL`: socket(7)
   */
  setBusyPoll(microseconds: number): void {
    setNumber(this, 22, 'setBusyPoll', checkInteger('microseconds', microseconds, 0, 2147483647));
  }

  /**
   * Whether the time of arrival comes with received datagrams, in microseconds.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_TIMESTAMP`: socket(7)
   */
  timestamp(): boolean {
    return getNumber(this, 23, 'timestamp') !== 0;
  }

  /**
   * Sets {@link SocketOptions.timestamp | timestamp}: Whether the time of arrival comes with received datagrams, in microseconds.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_TIMESTAMP`: socket(7)
   */
  setTimestamp(timestamp: boolean): void {
    setNumber(this, 23, 'setTimestamp', checkBoolean('timestamp', timestamp) ? 1 : 0);
  }

  /**
   * Whether the time of arrival comes with received datagrams, in nanoseconds.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_TIMESTAMPNS`: socket(7), Linux Documentation/networking/timestamping.rst, linux/net_tstamp.h
   */
  timestampns(): boolean {
    return getNumber(this, 24, 'timestampns') !== 0;
  }

  /**
   * Sets {@link SocketOptions.timestampns | timestampns}: Whether the time of arrival comes with received datagrams, in nanoseconds.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_TIMESTAMPNS`: socket(7), Linux Documentation/networking/timestamping.rst, linux/net_tstamp.h
   */
  setTimestampns(timestampns: boolean): void {
    setNumber(this, 24, 'setTimestampns', checkBoolean('timestampns', timestampns) ? 1 : 0);
  }

  /**
   * Which times are taken of packets received and sent, and where: `Timestamping` flags.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_TIMESTAMPING`: Linux Documentation/networking/timestamping.rst, linux/net_tstamp.h
   */
  timestamping(): number {
    return getNumber(this, 25, 'timestamping');
  }

  /**
   * Sets {@link SocketOptions.timestamping | timestamping}: Which times are taken of packets received and sent, and where: `Timestamping` flags.
   * Times of sent packets come from the error queue: `recvmsg` with `MSG.ERRQUEUE`.
   * @param flags 0 to 4294967295
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_TIMESTAMPING`: Linux Documentation/networking/timestamping.rst, linux/net_tstamp.h
   */
  setTimestamping(flags: number): void {
    setNumber(this, 25, 'setTimestamping', checkInteger('flags', flags, 0, 4294967295));
  }

  /**
   * Whether the number of datagrams dropped so far comes with received ones.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_RXQ_OVFL`: socket(7)
   */
  rxqOvfl(): boolean {
    return getNumber(this, 26, 'rxqOvfl') !== 0;
  }

  /**
   * Sets {@link SocketOptions.rxqOvfl | rxqOvfl}: Whether the number of datagrams dropped so far comes with received ones.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_RXQ_OVFL`: socket(7)
   */
  setRxqOvfl(rxqOvfl: boolean): void {
    setNumber(this, 26, 'setRxqOvfl', checkBoolean('rxqOvfl', rxqOvfl) ? 1 : 0);
  }

  /**
   * By which clock packets leave at the time that an SCM_TXTIME control message gives.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_TXTIME`: tc-etf(8), linux/net_tstamp.h
   */
  txtime(): TxTime {
    return txTimeOf(getBytes(this, 27, 'txtime'));
  }

  /**
   * Sets {@link SocketOptions.txtime | txtime}: By which clock packets leave at the time that an SCM_TXTIME control message gives.
   * A clock other than `monotonic` needs CAP_NET_ADMIN.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_TXTIME`: tc-etf(8), linux/net_tstamp.h
   */
  setTxtime(txTime: TxTime): void {
    setBytes(this, 27, 'setTxtime', 0, txTimeBytes('txTime', txTime));
  }

  /**
   * Whether `MSG_ZEROCOPY` may send straight from the caller’s memory. A message in the error queue says when that memory may be used again.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_ZEROCOPY`: Linux Documentation/networking/msg_zerocopy.rst, Linux include/uapi/asm-generic/socket.h
   */
  zerocopy(): boolean {
    return getNumber(this, 28, 'zerocopy') !== 0;
  }

  /**
   * Sets {@link SocketOptions.zerocopy | zerocopy}: Whether `MSG_ZEROCOPY` may send straight from the caller’s memory. A message in the error queue says when that memory may be used again.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_ZEROCOPY`: Linux Documentation/networking/msg_zerocopy.rst, Linux include/uapi/asm-generic/socket.h
   */
  setZerocopy(zerocopy: boolean): void {
    setNumber(this, 28, 'setZerocopy', checkBoolean('zerocopy', zerocopy) ? 1 : 0);
  }

  /**
   * The offset at which the next peek starts, in bytes. Each peek moves it forward. With -1 every peek starts at the front.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_PEEK_OFF`: socket(7)
   */
  peekOff(): number {
    return getNumber(this, 29, 'peekOff');
  }

  /**
   * Sets {@link SocketOptions.peekOff | peekOff}: The offset at which the next peek starts, in bytes. Each peek moves it forward. With -1 every peek starts at the front.
   * @param offset -1 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_PEEK_OFF`: socket(7)
   */
  setPeekOff(offset: number): void {
    setNumber(this, 29, 'setPeekOff', checkInteger('offset', offset, -1, 2147483647));
  }

  /**
   * Whether a filled error queue makes the socket ready with `PRIORITY` beside `ERROR`.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_SELECT_ERR_QUEUE`: Linux include/uapi/asm-generic/socket.h
   */
  selectErrQueue(): boolean {
    return getNumber(this, 130, 'selectErrQueue') !== 0;
  }

  /**
   * Sets {@link SocketOptions.selectErrQueue | selectErrQueue}: Whether a filled error queue makes the socket ready with `PRIORITY` beside `ERROR`.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_SELECT_ERR_QUEUE`: Linux include/uapi/asm-generic/socket.h
   */
  setSelectErrQueue(on: boolean): void {
    setNumber(this, 130, 'setSelectErrQueue', checkBoolean('on', on) ? 1 : 0);
  }

  /**
   * Whether the mark of received packets comes with them.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_RCVMARK`: Linux include/uapi/asm-generic/socket.h
   */
  recvMark(): boolean {
    return getNumber(this, 131, 'recvMark') !== 0;
  }

  /**
   * Sets {@link SocketOptions.recvMark | recvMark}: Whether the mark of received packets comes with them.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_RCVMARK`: Linux include/uapi/asm-generic/socket.h
   */
  setRecvMark(recvMark: boolean): void {
    setNumber(this, 131, 'setRecvMark', checkBoolean('recvMark', recvMark) ? 1 : 0);
  }

  /**
   * Whether the security context of the sender comes with unix datagrams.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_PASSSEC`: unix(7)
   */
  passsec(): boolean {
    return getNumber(this, 132, 'passsec') !== 0;
  }

  /**
   * Sets {@link SocketOptions.passsec | passsec}: Whether the security context of the sender comes with unix datagrams.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_PASSSEC`: unix(7)
   */
  setPasssec(passsec: boolean): void {
    setNumber(this, 132, 'setPasssec', checkBoolean('passsec', passsec) ? 1 : 0);
  }

  /**
   * The process, user and group of the peer of a unix socket, as of connect(2), listen(2) or socketpair(2).
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_PEERCRED`: unix(7)
   */
  peercred(): Credentials {
    return credentialsOf(getBytes(this, 133, 'peercred'));
  }

  /**
   * The security context of the peer of a unix or TCP socket; ENOPROTOOPT without a security module.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_PEERSEC`: unix(7)
   */
  peersec(): string | null {
    return textOf(getBytes(this, 134, 'peersec'));
  }

  /**
   * Turns the exchange of credentials off, so that connect does not wait for the peer to accept. Call it before connect.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_PEERCRED`: unix(7)
   */
  setNoPeercred(): void {
    setNumber(this, 135, 'setNoPeercred', 0);
  }

  /**
   * The memory that the socket uses, and how many packets it dropped.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_MEMINFO`: sock_diag(7), Linux include/uapi/asm-generic/socket.h
   */
  meminfo(): MemoryInfo {
    return memoryInfoOf(getBytes(this, 136, 'meminfo'));
  }

  /**
   * Sets the size of the receive buffer beyond the system’s limit, in bytes. Needs CAP_NET_ADMIN.
   * @param size 0 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_RCVBUFFORCE`: socket(7)
   */
  setRecvBufferSizeForce(size: number): void {
    setNumber(this, 137, 'setRecvBufferSizeForce', checkInteger('size', size, 0, 2147483647));
  }

  /**
   * Sets the size of the send buffer beyond the system’s limit, in bytes. Needs CAP_NET_ADMIN.
   * @param size 0 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_SNDBUFFORCE`: socket(7)
   */
  setSendBufferSizeForce(size: number): void {
    setNumber(this, 138, 'setSendBufferSizeForce', checkInteger('size', size, 0, 2147483647));
  }

  /**
   * How many bytes a stream must have before a receive returns and the socket is readable.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_RCVLOWAT`: socket(7)
   */
  recvLowat(): number {
    return getNumber(this, 139, 'recvLowat');
  }

  /**
   * Sets {@link SocketOptions.recvLowat | recvLowat}: How many bytes a stream must have before a receive returns and the socket is readable.
   * @param bytes 0 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_RCVLOWAT`: socket(7)
   */
  setRecvLowat(bytes: number): void {
    setNumber(this, 139, 'setRecvLowat', checkInteger('bytes', bytes, 0, 2147483647));
  }

  /**
   * Whether packets go only to hosts that are connected directly, without a gateway.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_DONTROUTE`: socket(7)
   */
  dontRoute(): boolean {
    return getNumber(this, 140, 'dontRoute') !== 0;
  }

  /**
   * Sets {@link SocketOptions.dontRoute | dontRoute}: Whether packets go only to hosts that are connected directly, without a gateway.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_DONTROUTE`: socket(7)
   */
  setDontRoute(dontRoute: boolean): void {
    setNumber(this, 140, 'setDontRoute', checkBoolean('dontRoute', dontRoute) ? 1 : 0);
  }

  /**
   * The most bytes a second that leave the socket; all ones: no limit.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_MAX_PACING_RATE`: tc-fq(8), Linux include/uapi/asm-generic/socket.h
   */
  maxPacingRate(): bigint {
    return u64Of(getBytes(this, 141, 'maxPacingRate'));
  }

  /**
   * Sets {@link SocketOptions.maxPacingRate | maxPacingRate}: The most bytes a second that leave the socket; all ones: no limit.
   * @param rate 0 to 2^64 - 1
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_MAX_PACING_RATE`: tc-fq(8), Linux include/uapi/asm-generic/socket.h
   */
  setMaxPacingRate(rate: bigint): void {
    setBytes(this, 141, 'setMaxPacingRate', 0, bytesOfU64('rate', rate));
  }

  /**
   * Whether busy polling goes before interrupts. Setting it needs CAP_NET_ADMIN.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_PREFER_BUSY_POLL`: Linux Documentation/networking/napi.rst, Linux include/uapi/asm-generic/socket.h
   */
  preferBusyPoll(): boolean {
    return getNumber(this, 142, 'preferBusyPoll') !== 0;
  }

  /**
   * Sets {@link SocketOptions.preferBusyPoll | preferBusyPoll}: Whether busy polling goes before interrupts. Setting it needs CAP_NET_ADMIN.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_PREFER_BUSY_POLL`: Linux Documentation/networking/napi.rst, Linux include/uapi/asm-generic/socket.h
   */
  setPreferBusyPoll(prefer: boolean): void {
    setNumber(this, 142, 'setPreferBusyPoll', checkBoolean('prefer', prefer) ? 1 : 0);
  }

  /**
   * How many packets one round of busy polling takes at most. Above 8 it needs CAP_NET_ADMIN.
   * @param packets 0 to 65535
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_BUSY_POLL_BUDGET`: Linux include/uapi/asm-generic/socket.h
   */
  setBusyPollBudget(packets: number): void {
    setNumber(this, 143, 'setBusyPollBudget', checkInteger('packets', packets, 0, 65535));
  }

  /**
   * The number of the device queue that the last packet came from; 0: none.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_INCOMING_NAPI_ID`: Linux Documentation/networking/napi.rst, Linux include/uapi/asm-generic/socket.h
   */
  incomingNapiId(): number {
    return getNumber(this, 144, 'incomingNapiId');
  }

  /**
   * The number of the network namespace that the socket is in.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_NETNS_COOKIE`: Linux include/uapi/asm-generic/socket.h
   */
  netnsCookie(): bigint {
    return u64Of(getBytes(this, 145, 'netnsCookie'));
  }

  /**
   * The index of the network interface that this socket is bound to; `null`: any.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_BOUND_IF`: socket(7), Linux include/uapi/asm-generic/socket.h
   */
  deviceIndexV4(): number | null {
    return deviceOf(getNumber(this, 146, 'deviceIndexV4'));
  }

  /**
   * Sets {@link SocketOptions.deviceIndexV4 | deviceIndexV4}: The index of the network interface that this socket is bound to; `null`: any.
   * On Linux it is `SO_BINDTOIFINDEX`, one for both versions of IP.
   * @param interfaceIndex the index of the interface; `null` for any
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_BOUND_IF`: socket(7), Linux include/uapi/asm-generic/socket.h
   */
  bindDeviceByIndexV4(interfaceIndex: number | null): void {
    setNumber(this, 146, 'bindDeviceByIndexV4', interfaceIndex === null ? 0 : checkInteger('interfaceIndex', interfaceIndex, 1, 2147483647));
  }

  /**
   * The index of the network interface that this socket is bound to; `null`: any.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_BOUND_IF`: socket(7), Linux include/uapi/asm-generic/socket.h
   */
  deviceIndexV6(): number | null {
    return deviceOf(getNumber(this, 147, 'deviceIndexV6'));
  }

  /**
   * Sets {@link SocketOptions.deviceIndexV6 | deviceIndexV6}: The index of the network interface that this socket is bound to; `null`: any.
   * On Linux it is `SO_BINDTOIFINDEX`, one for both versions of IP.
   * @param interfaceIndex the index of the interface; `null` for any
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_BOUND_IF`: socket(7), Linux include/uapi/asm-generic/socket.h
   */
  bindDeviceByIndexV6(interfaceIndex: number | null): void {
    setNumber(this, 147, 'bindDeviceByIndexV6', interfaceIndex === null ? 0 : checkInteger('interfaceIndex', interfaceIndex, 1, 2147483647));
  }

  /**
   * Takes the packet filter away, of either kind.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_DETACH_FILTER`: socket(7), packet(7)
   */
  detachFilter(): void {
    setNumber(this, 148, 'detachFilter', 0);
  }

  /**
   * Whether the packet filter can no longer be changed or taken away. Can’t be undone.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_LOCK_FILTER`: socket(7)
   */
  lockFilter(): boolean {
    return getNumber(this, 149, 'lockFilter') !== 0;
  }

  /**
   * Sets {@link SocketOptions.lockFilter | lockFilter}: Whether the packet filter can no longer be changed or taken away. Can’t be undone.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_LOCK_FILTER`: socket(7)
   */
  setLockFilter(locked: boolean): void {
    setNumber(this, 149, 'setLockFilter', checkBoolean('locked', locked) ? 1 : 0);
  }

  /**
   * Attaches an extended BPF program, given by its file descriptor, as the packet filter.
   * @param fd 0 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_ATTACH_BPF`: socket(7), bpf(2)
   */
  attachBpf(fd: number): void {
    setNumber(this, 150, 'attachBpf', checkInteger('fd', fd, 0, 2147483647));
  }

  /**
   * Attaches an extended BPF program, given by its file descriptor, that chooses the socket among those that share a port.
   * @param fd 0 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_ATTACH_REUSEPORT_EBPF`: socket(7), bpf(2)
   */
  attachReusePortBpf(fd: number): void {
    setNumber(this, 151, 'attachReusePortBpf', checkInteger('fd', fd, 0, 2147483647));
  }

  /**
   * Takes the program away that chooses among the sockets that share a port, of either kind.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_DETACH_REUSEPORT_BPF`: Linux include/uapi/asm-generic/socket.h
   */
  detachReusePortFilter(): void {
    setNumber(this, 152, 'detachReusePortFilter', 0);
  }

  /**
   * Whether sending on a broken connection raises no SIGPIPE.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_NOSIGPIPE`: sys/socket.h of Darwin
   */
  setNosigpipe(nosigpipe: boolean): void {
    setNumber(this, 153, 'setNosigpipe', checkBoolean('nosigpipe', nosigpipe) ? 1 : 0);
  }

  /**
   * The routing table that the socket’s packets go by.
   * @param fib 0 to 4294967295
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_SETFIB`: setsockopt(2) of FreeBSD, setfib(2)
   */
  setFib(fib: number): void {
    setNumber(this, 154, 'setFib', checkInteger('fib', fib, 0, 4294967295));
  }

  /**
   * Whether several sockets may bind the same address, connections being shared out evenly among them.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_REUSEPORT_LB`: setsockopt(2) of FreeBSD
   */
  reusePortLb(): boolean {
    return getNumber(this, 155, 'reusePortLb') !== 0;
  }

  /**
   * Sets {@link SocketOptions.reusePortLb | reusePortLb}: Whether several sockets may bind the same address, connections being shared out evenly among them.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_REUSEPORT_LB`: setsockopt(2) of FreeBSD
   */
  setReusePortLb(reuse: boolean): void {
    setNumber(this, 155, 'setReusePortLb', checkBoolean('reuse', reuse) ? 1 : 0);
  }

  // Options of IPv4 sockets, level IPPROTO_IP.

  /**
   * The time-to-live field of every packet sent from this socket.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_TTL`: ip(7)
   */
  ttl(): number {
    return getNumber(this, 35, 'ttl');
  }

  /**
   * Sets {@link SocketOptions.ttl | ttl}: The time-to-live field of every packet sent from this socket.
   * @param ttl 1 to 255
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_TTL`: ip(7)
   * @example
   * socket.setTtl(1); // stays in the local network
   */
  setTtl(ttl: number): void {
    setNumber(this, 35, 'setTtl', checkInteger('ttl', ttl, 1, 255));
  }

  /**
   * The time-to-live field of every packet sent from this socket.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_TTL`: ip(7)
   */
  ttlV4(): number {
    return getNumber(this, 35, 'ttl');
  }

  /**
   * Sets {@link SocketOptions.ttlV4 | ttlV4}: The time-to-live field of every packet sent from this socket.
   * @param ttl 1 to 255
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_TTL`: ip(7)
   * @example
   * socket.setTtl(1); // stays in the local network
   */
  setTtlV4(ttl: number): void {
    setNumber(this, 35, 'setTtl', checkInteger('ttl', ttl, 1, 255));
  }

  /**
   * The type-of-service field (DSCP and ECN) of every packet sent from this socket.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_TOS`: ip(7), RFC 2474
   */
  tosV4(): number {
    return getNumber(this, 36, 'tosV4');
  }

  /**
   * Sets {@link SocketOptions.tosV4 | tosV4}: The type-of-service field (DSCP and ECN) of every packet sent from this socket.
   * On a TCP socket the two ECN bits are the kernel’s and stay as they are.
   * @param tos 0 to 255
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_TOS`: ip(7), RFC 2474
   */
  setTosV4(tos: number): void {
    setNumber(this, 36, 'setTosV4', checkInteger('tos', tos, 0, 255));
  }

  /**
   * Whether IP_TOS control messages come with received packets.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_RECVTOS`: ip(7)
   */
  recvTosV4(): boolean {
    return getNumber(this, 37, 'recvTosV4') !== 0;
  }

  /**
   * Sets {@link SocketOptions.recvTosV4 | recvTosV4}: Whether IP_TOS control messages come with received packets.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_RECVTOS`: ip(7)
   */
  setRecvTosV4(recvTos: boolean): void {
    setNumber(this, 37, 'setRecvTosV4', checkBoolean('recvTos', recvTos) ? 1 : 0);
  }

  /**
   * Whether the socket may bind to an address that is not local or does not exist yet.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_FREEBIND`: ip(7)
   */
  freebindV4(): boolean {
    return getNumber(this, 39, 'freebindV4') !== 0;
  }

  /**
   * Sets {@link SocketOptions.freebindV4 | freebindV4}: Whether the socket may bind to an address that is not local or does not exist yet.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_FREEBIND`: ip(7)
   */
  setFreebindV4(freebind: boolean): void {
    setNumber(this, 39, 'setFreebindV4', checkBoolean('freebind', freebind) ? 1 : 0);
  }

  /**
   * Whether transparent proxying is on: binding to and accepting for foreign addresses. Needs CAP_NET_ADMIN.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_TRANSPARENT`: ip(7)
   */
  ipTransparentV4(): boolean {
    return getNumber(this, 40, 'ipTransparentV4') !== 0;
  }

  /**
   * Sets {@link SocketOptions.ipTransparentV4 | ipTransparentV4}: Whether transparent proxying is on: binding to and accepting for foreign addresses. Needs CAP_NET_ADMIN.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_TRANSPARENT`: ip(7)
   */
  setIpTransparentV4(transparent: boolean): void {
    setNumber(this, 40, 'setIpTransparentV4', checkBoolean('transparent', transparent) ? 1 : 0);
  }

  /**
   * Whether a bind to port 0 leaves the port to be chosen by connect, when more are free.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_BIND_ADDRESS_NO_PORT`: ip(7)
   */
  bindAddressNoPort(): boolean {
    return getNumber(this, 45, 'bindAddressNoPort') !== 0;
  }

  /**
   * Sets {@link SocketOptions.bindAddressNoPort | bindAddressNoPort}: Whether a bind to port 0 leaves the port to be chosen by connect, when more are free.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_BIND_ADDRESS_NO_PORT`: ip(7)
   */
  setBindAddressNoPort(bindAddressNoPort: boolean): void {
    setNumber(this, 45, 'setBindAddressNoPort', checkBoolean('bindAddressNoPort', bindAddressNoPort) ? 1 : 0);
  }

  /**
   * Whether what is sent on a raw socket starts with the IP header.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_HDRINCL`: raw(7), ip(7)
   */
  headerIncludedV4(): boolean {
    return getNumber(this, 46, 'headerIncludedV4') !== 0;
  }

  /**
   * Sets {@link SocketOptions.headerIncludedV4 | headerIncludedV4}: Whether what is sent on a raw socket starts with the IP header.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_HDRINCL`: raw(7), ip(7)
   */
  setHeaderIncludedV4(included: boolean): void {
    setNumber(this, 46, 'setHeaderIncludedV4', checkBoolean('included', included) ? 1 : 0);
  }

  /**
   * The destination of a connection before the system redirected it to this socket.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `SO_ORIGINAL_DST`: iptables-extensions(8), Linux include/uapi/linux/netfilter_ipv4.h
   */
  originalDstV4(): SockAddr {
    return getAddress(this, 47, 'originalDstV4');
  }

  /**
   * Whether the path MTU is found out, and packets are never fragmented on the way.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_MTU_DISCOVER`: ip(7)
   */
  mtuDiscoverV4(): PathMtuDiscovery {
    return pathMtuOf(getNumber(this, 48, 'mtuDiscoverV4'));
  }

  /**
   * Sets {@link SocketOptions.mtuDiscoverV4 | mtuDiscoverV4}: Whether the path MTU is found out, and packets are never fragmented on the way.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_MTU_DISCOVER`: ip(7)
   */
  setMtuDiscoverV4(discovery: PathMtuDiscovery): void {
    setNumber(this, 48, 'setMtuDiscoverV4', pathMtuNumber('discovery', discovery));
  }

  /**
   * The path MTU of a connected socket, in bytes. ENOTCONN without a peer.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_MTU`: ip(7)
   */
  mtuV4(): number {
    return getNumber(this, 49, 'mtuV4');
  }

  /**
   * Whether errors of sent packets come, with who reported them, from the error queue.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_RECVERR`: ip(7)
   */
  recvErrV4(): boolean {
    return getNumber(this, 50, 'recvErrV4') !== 0;
  }

  /**
   * Sets {@link SocketOptions.recvErrV4 | recvErrV4}: Whether errors of sent packets come, with who reported them, from the error queue.
   * Read them by `recvmsg` with `MSG.ERRQUEUE`.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_RECVERR`: ip(7)
   */
  setRecvErrV4(recvErr: boolean): void {
    setNumber(this, 50, 'setRecvErrV4', checkBoolean('recvErr', recvErr) ? 1 : 0);
  }

  /**
   * Whether the interface and local address that a datagram came to come with it.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_PKTINFO`: ip(7)
   */
  pktinfoV4(): boolean {
    return getNumber(this, 51, 'pktinfoV4') !== 0;
  }

  /**
   * Sets {@link SocketOptions.pktinfoV4 | pktinfoV4}: Whether the interface and local address that a datagram came to come with it.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_PKTINFO`: ip(7)
   */
  setPktinfoV4(pktinfo: boolean): void {
    setNumber(this, 51, 'setPktinfoV4', checkBoolean('pktinfo', pktinfo) ? 1 : 0);
  }

  /**
   * Whether IP_TTL control messages come with received packets.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_RECVTTL`: ip(7)
   */
  recvTtlV4(): boolean {
    return getNumber(this, 52, 'recvTtlV4') !== 0;
  }

  /**
   * Sets {@link SocketOptions.recvTtlV4 | recvTtlV4}: Whether IP_TTL control messages come with received packets.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_RECVTTL`: ip(7)
   */
  setRecvTtlV4(recvTtl: boolean): void {
    setNumber(this, 52, 'setRecvTtlV4', checkBoolean('recvTtl', recvTtl) ? 1 : 0);
  }

  /**
   * Whether the address that a datagram was first meant for comes with it.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_RECVORIGDSTADDR`: ip(7)
   */
  recvOrigDstAddrV4(): boolean {
    return getNumber(this, 53, 'recvOrigDstAddrV4') !== 0;
  }

  /**
   * Sets {@link SocketOptions.recvOrigDstAddrV4 | recvOrigDstAddrV4}: Whether the address that a datagram was first meant for comes with it.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_RECVORIGDSTADDR`: ip(7)
   */
  setRecvOrigDstAddrV4(recvOrigDstAddr: boolean): void {
    setNumber(this, 53, 'setRecvOrigDstAddrV4', checkBoolean('recvOrigDstAddr', recvOrigDstAddr) ? 1 : 0);
  }

  /**
   * The range from which the system chooses a port if the program names none. `null`: the range of the system.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_LOCAL_PORT_RANGE`: ip(7), Linux Documentation/networking/ip-sysctl.rst, linux/in.h
   */
  localPortRange(): [low: number, high: number] | null {
    return portRangeOf(getNumber(this, 54, 'localPortRange'));
  }

  /**
   * Sets {@link SocketOptions.localPortRange | localPortRange}: The range from which the system chooses a port if the program names none. `null`: the range of the system.
   * @param range the lowest and the highest port, 0 for the system’s; `null` for no range
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_LOCAL_PORT_RANGE`: ip(7), Linux Documentation/networking/ip-sysctl.rst, linux/in.h
   */
  setLocalPortRange(range: [low: number, high: number] | null): void {
    setNumber(this, 54, 'setLocalPortRange', portRangeNumber('range', range));
  }

  /**
   * Packets with a smaller time-to-live are dropped; 0: none.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_MINTTL`: ip(7), RFC 5082
   */
  minTtlV4(): number {
    return getNumber(this, 57, 'minTtlV4');
  }

  /**
   * Sets {@link SocketOptions.minTtlV4 | minTtlV4}: Packets with a smaller time-to-live are dropped; 0: none.
   * @param ttl 0 to 255
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_MINTTL`: ip(7), RFC 5082
   */
  setMinTtlV4(ttl: number): void {
    setNumber(this, 57, 'setMinTtlV4', checkInteger('ttl', ttl, 0, 255));
  }

  /**
   * Whether fragments that a raw socket sends are not put together on the way out.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_NODEFRAG`: ip(7)
   */
  nodefragV4(): boolean {
    return getNumber(this, 58, 'nodefragV4') !== 0;
  }

  /**
   * Sets {@link SocketOptions.nodefragV4 | nodefragV4}: Whether fragments that a raw socket sends are not put together on the way out.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_NODEFRAG`: ip(7)
   */
  setNodefragV4(nodefrag: boolean): void {
    setNumber(this, 58, 'setNodefragV4', checkBoolean('nodefrag', nodefrag) ? 1 : 0);
  }

  /**
   * Whether a raw socket is passed the packets to be forwarded that have the router alert option.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_ROUTER_ALERT`: ip(7), RFC 2113
   */
  setRouterAlertV4(alert: boolean): void {
    setNumber(this, 59, 'setRouterAlertV4', checkBoolean('alert', alert) ? 1 : 0);
  }

  /**
   * Joins a multicast group on the interface with the given local address; with `0.0.0.0` the system chooses one.
   * @param multiaddr the group, an IPv4 multicast address
   * @param interfaceAddress the local address of the interface; `0.0.0.0`: any
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_ADD_MEMBERSHIP`: ip(7)
   * @example
   * socket.joinMulticastV4('239.1.1.1', '0.0.0.0');
   */
  joinMulticastV4(multiaddr: string, interfaceAddress: string): void {
    setBytes(this, 30, 'joinMulticastV4', 0, ipv4Bytes('multiaddr', multiaddr), ipv4Bytes('interfaceAddress', interfaceAddress));
  }

  /**
   * Leaves a multicast group that was joined with the same arguments.
   * @param multiaddr the group, an IPv4 multicast address
   * @param interfaceAddress the local address of the interface; `0.0.0.0`: any
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_DROP_MEMBERSHIP`: ip(7)
   */
  leaveMulticastV4(multiaddr: string, interfaceAddress: string): void {
    setBytes(this, 31, 'leaveMulticastV4', 0, ipv4Bytes('multiaddr', multiaddr), ipv4Bytes('interfaceAddress', interfaceAddress));
  }

  /**
   * The local address of the interface that multicast packets are routed through.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_MULTICAST_IF`: ip(7)
   */
  multicastIfV4(): string {
    return formatIpv4(getBytes(this, 32, 'multicastIfV4'));
  }

  /**
   * Sets {@link SocketOptions.multicastIfV4 | multicastIfV4}: The local address of the interface that multicast packets are routed through.
   * @param interfaceAddress an IPv4 address
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_MULTICAST_IF`: ip(7)
   */
  setMulticastIfV4(interfaceAddress: string): void {
    setBytes(this, 32, 'setMulticastIfV4', 0, ipv4Bytes('interfaceAddress', interfaceAddress));
  }

  /**
   * Whether multicast packets are looped back to the local sockets. May have no effect on IPv6 sockets.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_MULTICAST_LOOP`: ip(7)
   */
  multicastLoopV4(): boolean {
    return getNumber(this, 33, 'multicastLoopV4') !== 0;
  }

  /**
   * Sets {@link SocketOptions.multicastLoopV4 | multicastLoopV4}: Whether multicast packets are looped back to the local sockets. May have no effect on IPv6 sockets.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_MULTICAST_LOOP`: ip(7)
   */
  setMulticastLoopV4(loop: boolean): void {
    setNumber(this, 33, 'setMulticastLoopV4', checkBoolean('loop', loop) ? 1 : 0);
  }

  /**
   * The time-to-live of outgoing multicast packets; 1 by default: they stay in the local network. May have no effect on IPv6 sockets.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_MULTICAST_TTL`: ip(7)
   */
  multicastTtlV4(): number {
    return getNumber(this, 34, 'multicastTtlV4');
  }

  /**
   * Sets {@link SocketOptions.multicastTtlV4 | multicastTtlV4}: The time-to-live of outgoing multicast packets; 1 by default: they stay in the local network. May have no effect on IPv6 sockets.
   * @param ttl 0 to 255
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_MULTICAST_TTL`: ip(7)
   */
  setMulticastTtlV4(ttl: number): void {
    setNumber(this, 34, 'setMulticastTtlV4', checkInteger('ttl', ttl, 0, 255));
  }

  /**
   * Whether messages of all groups joined on the system are delivered, not only of those joined on this socket.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP_MULTICAST_ALL`: ip(7)
   */
  multicastAllV4(): boolean {
    return getNumber(this, 38, 'multicastAllV4') !== 0;
  }

  /**
   * Sets {@link SocketOptions.multicastAllV4 | multicastAllV4}: Whether messages of all groups joined on the system are delivered, not only of those joined on this socket.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_MULTICAST_ALL`: ip(7)
   */
  setMulticastAllV4(all: boolean): void {
    setNumber(this, 38, 'setMulticastAllV4', checkBoolean('all', all) ? 1 : 0);
  }

  /**
   * Joins a multicast group on an interface given by its index or its local address.
   * @param multiaddr the group, an IPv4 multicast address
   * @param localInterface the local address or the index of the interface
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_ADD_MEMBERSHIP`: ip(7)
   */
  joinMulticastV4N(multiaddr: string, localInterface: string | number): void {
    setBytes(this, 41, 'joinMulticastV4N', typeof localInterface === 'number' ? checkInteger('localInterface', localInterface, 0, 2147483647) : 0, ipv4Bytes('multiaddr', multiaddr), ipv4Bytes('localInterface', typeof localInterface === 'number' ? '0.0.0.0' : localInterface));
  }

  /**
   * Leaves a multicast group that was joined with the same arguments.
   * @param multiaddr the group, an IPv4 multicast address
   * @param localInterface the local address or the index of the interface
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_DROP_MEMBERSHIP`: ip(7)
   */
  leaveMulticastV4N(multiaddr: string, localInterface: string | number): void {
    setBytes(this, 42, 'leaveMulticastV4N', typeof localInterface === 'number' ? checkInteger('localInterface', localInterface, 0, 2147483647) : 0, ipv4Bytes('multiaddr', multiaddr), ipv4Bytes('localInterface', typeof localInterface === 'number' ? '0.0.0.0' : localInterface));
  }

  /**
   * Joins a multicast group, receiving only from one source.
   * @param source the address of the sender
   * @param group the group, an IPv4 multicast address
   * @param interfaceAddress the local address of the interface; `0.0.0.0`: any
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_ADD_SOURCE_MEMBERSHIP`: ip(7), RFC 4607
   */
  joinSsmV4(source: string, group: string, interfaceAddress: string): void {
    setBytes(this, 43, 'joinSsmV4', 0, ipv4Bytes('group', group), ipv4Bytes('interfaceAddress', interfaceAddress), ipv4Bytes('source', source));
  }

  /**
   * Leaves a source-specific multicast group that was joined with the same arguments.
   * @param source the address of the sender
   * @param group the group, an IPv4 multicast address
   * @param interfaceAddress the local address of the interface; `0.0.0.0`: any
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_DROP_SOURCE_MEMBERSHIP`: ip(7), RFC 4607
   */
  leaveSsmV4(source: string, group: string, interfaceAddress: string): void {
    setBytes(this, 44, 'leaveSsmV4', 0, ipv4Bytes('group', group), ipv4Bytes('interfaceAddress', interfaceAddress), ipv4Bytes('source', source));
  }

  /**
   * Stops receiving from one source in a multicast group that was joined for any.
   * @param source the address of the sender
   * @param group the group, an IPv4 multicast address
   * @param interfaceAddress the local address of the interface; `0.0.0.0`: any
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_BLOCK_SOURCE`: ip(7), RFC 3678
   */
  blockSourceV4(source: string, group: string, interfaceAddress: string): void {
    setBytes(this, 55, 'blockSourceV4', 0, ipv4Bytes('group', group), ipv4Bytes('interfaceAddress', interfaceAddress), ipv4Bytes('source', source));
  }

  /**
   * Receives again from a source that was blocked with the same arguments.
   * @param source the address of the sender
   * @param group the group, an IPv4 multicast address
   * @param interfaceAddress the local address of the interface; `0.0.0.0`: any
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_UNBLOCK_SOURCE`: ip(7), RFC 3678
   */
  unblockSourceV4(source: string, group: string, interfaceAddress: string): void {
    setBytes(this, 56, 'unblockSourceV4', 0, ipv4Bytes('group', group), ipv4Bytes('interfaceAddress', interfaceAddress), ipv4Bytes('source', source));
  }

  // Options of IPv6 sockets, level IPPROTO_IPV6.

  /**
   * The hop limit of unicast packets.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_UNICAST_HOPS`: ipv6(7), RFC 3493
   */
  unicastHopsV6(): number {
    return getNumber(this, 65, 'unicastHopsV6');
  }

  /**
   * Sets {@link SocketOptions.unicastHopsV6 | unicastHopsV6}: The hop limit of unicast packets.
   * @param hops 1 to 255
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_UNICAST_HOPS`: ipv6(7), RFC 3493
   */
  setUnicastHopsV6(hops: number): void {
    setNumber(this, 65, 'setUnicastHopsV6', checkInteger('hops', hops, 1, 255));
  }

  /**
   * Whether the socket is restricted to IPv6 packets. Otherwise it also sends to and receives from IPv4-mapped addresses.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_V6ONLY`: ipv6(7), RFC 3493
   */
  onlyV6(): boolean {
    return getNumber(this, 66, 'onlyV6') !== 0;
  }

  /**
   * Sets {@link SocketOptions.onlyV6 | onlyV6}: Whether the socket is restricted to IPv6 packets. Otherwise it also sends to and receives from IPv4-mapped addresses.
   * When true, an IPv4 and an IPv6 application can bind the same port at the same time. WASI sockets are always restricted: only `true` can be set.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_V6ONLY`: ipv6(7), RFC 3493
   * @example
   * socket.setOnlyV6(false); // IPv4 peers too, as ::ffff:192.0.2.1
   */
  setOnlyV6(onlyV6: boolean): void {
    setNumber(this, 66, 'setOnlyV6', checkBoolean('onlyV6', onlyV6) ? 1 : 0);
  }

  /**
   * The traffic class of every packet sent from this socket.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_TCLASS`: RFC 3542
   */
  tclassV6(): number {
    return getNumber(this, 67, 'tclassV6');
  }

  /**
   * Sets {@link SocketOptions.tclassV6 | tclassV6}: The traffic class of every packet sent from this socket.
   * On a TCP socket the two ECN bits are the kernel’s and stay as they are.
   * @param tclass 0 to 255
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_TCLASS`: RFC 3542
   */
  setTclassV6(tclass: number): void {
    setNumber(this, 67, 'setTclassV6', checkInteger('tclass', tclass, 0, 255));
  }

  /**
   * Whether IPV6_TCLASS control messages come with received packets.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_RECVTCLASS`: RFC 3542
   */
  recvTclassV6(): boolean {
    return getNumber(this, 68, 'recvTclassV6') !== 0;
  }

  /**
   * Sets {@link SocketOptions.recvTclassV6 | recvTclassV6}: Whether IPV6_TCLASS control messages come with received packets.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_RECVTCLASS`: RFC 3542
   */
  setRecvTclassV6(recvTclass: boolean): void {
    setNumber(this, 68, 'setRecvTclassV6', checkBoolean('recvTclass', recvTclass) ? 1 : 0);
  }

  /**
   * Whether IPV6_HOPLIMIT control messages come with received packets.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_RECVHOPLIMIT`: RFC 3542
   */
  recvHoplimitV6(): boolean {
    return getNumber(this, 69, 'recvHoplimitV6') !== 0;
  }

  /**
   * Sets {@link SocketOptions.recvHoplimitV6 | recvHoplimitV6}: Whether IPV6_HOPLIMIT control messages come with received packets.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_RECVHOPLIMIT`: RFC 3542
   */
  setRecvHoplimitV6(recvHoplimit: boolean): void {
    setNumber(this, 69, 'setRecvHoplimitV6', checkBoolean('recvHoplimit', recvHoplimit) ? 1 : 0);
  }

  /**
   * Whether the socket may bind to an address that is not local or does not exist yet.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_FREEBIND`: Linux include/uapi/linux/in6.h
   */
  freebindV6(): boolean {
    return getNumber(this, 71, 'freebindV6') !== 0;
  }

  /**
   * Sets {@link SocketOptions.freebindV6 | freebindV6}: Whether the socket may bind to an address that is not local or does not exist yet.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_FREEBIND`: Linux include/uapi/linux/in6.h
   */
  setFreebindV6(freebind: boolean): void {
    setNumber(this, 71, 'setFreebindV6', checkBoolean('freebind', freebind) ? 1 : 0);
  }

  /**
   * Whether transparent proxying is on: binding to and accepting for foreign addresses. Needs CAP_NET_ADMIN.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_TRANSPARENT`: Linux include/uapi/linux/in6.h
   */
  ipTransparentV6(): boolean {
    return getNumber(this, 72, 'ipTransparentV6') !== 0;
  }

  /**
   * Sets {@link SocketOptions.ipTransparentV6 | ipTransparentV6}: Whether transparent proxying is on: binding to and accepting for foreign addresses. Needs CAP_NET_ADMIN.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_TRANSPARENT`: Linux include/uapi/linux/in6.h
   */
  setIpTransparentV6(transparent: boolean): void {
    setNumber(this, 72, 'setIpTransparentV6', checkBoolean('transparent', transparent) ? 1 : 0);
  }

  /**
   * Whether what is sent on a raw socket starts with the IPv6 header.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_HDRINCL`: Linux include/uapi/linux/in6.h
   */
  headerIncludedV6(): boolean {
    return getNumber(this, 73, 'headerIncludedV6') !== 0;
  }

  /**
   * Sets {@link SocketOptions.headerIncludedV6 | headerIncludedV6}: Whether what is sent on a raw socket starts with the IPv6 header.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_HDRINCL`: Linux include/uapi/linux/in6.h
   */
  setHeaderIncludedV6(included: boolean): void {
    setNumber(this, 73, 'setHeaderIncludedV6', checkBoolean('included', included) ? 1 : 0);
  }

  /**
   * The destination of a connection before the system redirected it to this socket.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IP6T_SO_ORIGINAL_DST`: iptables-extensions(8), Linux include/uapi/linux/netfilter_ipv6/ip6_tables.h
   */
  originalDstV6(): SockAddr {
    return getAddress(this, 74, 'originalDstV6');
  }

  /**
   * Whether the path MTU is found out.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_MTU_DISCOVER`: ipv6(7)
   */
  mtuDiscoverV6(): PathMtuDiscovery {
    return pathMtuOf(getNumber(this, 75, 'mtuDiscoverV6'));
  }

  /**
   * Sets {@link SocketOptions.mtuDiscoverV6 | mtuDiscoverV6}: Whether the path MTU is found out.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_MTU_DISCOVER`: ipv6(7)
   */
  setMtuDiscoverV6(discovery: PathMtuDiscovery): void {
    setNumber(this, 75, 'setMtuDiscoverV6', pathMtuNumber('discovery', discovery));
  }

  /**
   * The path MTU of a connected socket, in bytes. ENOTCONN without a peer.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_MTU`: ipv6(7)
   */
  mtuV6(): number {
    return getNumber(this, 76, 'mtuV6');
  }

  /**
   * Sets {@link SocketOptions.mtuV6 | mtuV6}: The path MTU of a connected socket, in bytes. ENOTCONN without a peer.
   * Setting it fragments what is larger, before the device’s MTU does; at least 1280.
   * @param mtu 1280 to 65535
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_MTU`: ipv6(7)
   */
  setMtuV6(mtu: number): void {
    setNumber(this, 76, 'setMtuV6', checkInteger('mtu', mtu, 1280, 65535));
  }

  /**
   * Whether errors of sent packets come, with who reported them, from the error queue.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_RECVERR`: ipv6(7)
   */
  recvErrV6(): boolean {
    return getNumber(this, 77, 'recvErrV6') !== 0;
  }

  /**
   * Sets {@link SocketOptions.recvErrV6 | recvErrV6}: Whether errors of sent packets come, with who reported them, from the error queue.
   * Read them by `recvmsg` with `MSG.ERRQUEUE`.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_RECVERR`: ipv6(7)
   */
  setRecvErrV6(recvErr: boolean): void {
    setNumber(this, 77, 'setRecvErrV6', checkBoolean('recvErr', recvErr) ? 1 : 0);
  }

  /**
   * Whether the interface and local address that a datagram came to come with it.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_RECVPKTINFO`: ipv6(7), RFC 3542
   */
  recvPktinfoV6(): boolean {
    return getNumber(this, 78, 'recvPktinfoV6') !== 0;
  }

  /**
   * Sets {@link SocketOptions.recvPktinfoV6 | recvPktinfoV6}: Whether the interface and local address that a datagram came to come with it.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_RECVPKTINFO`: ipv6(7), RFC 3542
   */
  setRecvPktinfoV6(recvPktinfo: boolean): void {
    setNumber(this, 78, 'setRecvPktinfoV6', checkBoolean('recvPktinfo', recvPktinfo) ? 1 : 0);
  }

  /**
   * Whether the address that a datagram was first meant for comes with it.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_RECVORIGDSTADDR`: Linux include/uapi/linux/in6.h
   */
  recvOrigDstAddrV6(): boolean {
    return getNumber(this, 79, 'recvOrigDstAddrV6') !== 0;
  }

  /**
   * Sets {@link SocketOptions.recvOrigDstAddrV6 | recvOrigDstAddrV6}: Whether the address that a datagram was first meant for comes with it.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_RECVORIGDSTADDR`: Linux include/uapi/linux/in6.h
   */
  setRecvOrigDstAddrV6(recvOrigDstAddr: boolean): void {
    setNumber(this, 79, 'setRecvOrigDstAddrV6', checkBoolean('recvOrigDstAddr', recvOrigDstAddr) ? 1 : 0);
  }

  /**
   * Whether a datagram larger than the path MTU fails with EMSGSIZE instead of being fragmented.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_DONTFRAG`: RFC 3542
   */
  dontFragV6(): boolean {
    return getNumber(this, 80, 'dontFragV6') !== 0;
  }

  /**
   * Sets {@link SocketOptions.dontFragV6 | dontFragV6}: Whether a datagram larger than the path MTU fails with EMSGSIZE instead of being fragmented.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_DONTFRAG`: RFC 3542
   */
  setDontFragV6(dontFrag: boolean): void {
    setNumber(this, 80, 'setDontFragV6', checkBoolean('dontFrag', dontFrag) ? 1 : 0);
  }

  /**
   * The offset of the checksum in the packets of a raw socket, in bytes. The system fills it in when sending and checks it when receiving; -1: it does neither.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_CHECKSUM`: RFC 3542
   */
  checksumV6(): number {
    return getNumber(this, 85, 'checksumV6');
  }

  /**
   * Sets {@link SocketOptions.checksumV6 | checksumV6}: The offset of the checksum in the packets of a raw socket, in bytes. The system fills it in when sending and checks it when receiving; -1: it does neither.
   * @param offset -1 to 65534
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_CHECKSUM`: RFC 3542
   */
  setChecksumV6(offset: number): void {
    setNumber(this, 85, 'setChecksumV6', checkInteger('offset', offset, -1, 65534));
  }

  /**
   * Packets with a smaller hop limit are dropped; 0: none.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_MINHOPCOUNT`: Linux include/uapi/linux/in6.h, RFC 5082
   */
  minHopCountV6(): number {
    return getNumber(this, 86, 'minHopCountV6');
  }

  /**
   * Sets {@link SocketOptions.minHopCountV6 | minHopCountV6}: Packets with a smaller hop limit are dropped; 0: none.
   * @param hops 0 to 255
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_MINHOPCOUNT`: Linux include/uapi/linux/in6.h, RFC 5082
   */
  setMinHopCountV6(hops: number): void {
    setNumber(this, 86, 'setMinHopCountV6', checkInteger('hops', hops, 0, 255));
  }

  /**
   * Whether packets without a flow label get one made of the flow.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_AUTOFLOWLABEL`: Linux include/uapi/linux/in6.h, RFC 6437
   */
  autoFlowLabelV6(): boolean {
    return getNumber(this, 87, 'autoFlowLabelV6') !== 0;
  }

  /**
   * Sets {@link SocketOptions.autoFlowLabelV6 | autoFlowLabelV6}: Whether packets without a flow label get one made of the flow.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_AUTOFLOWLABEL`: Linux include/uapi/linux/in6.h, RFC 6437
   */
  setAutoFlowLabelV6(on: boolean): void {
    setNumber(this, 87, 'setAutoFlowLabelV6', checkBoolean('on', on) ? 1 : 0);
  }

  /**
   * Joins a multicast group on the interface with the given index; 0: any.
   * Some systems call the option `IPV6_JOIN_GROUP`.
   * @param multiaddr the group, an IPv6 multicast address
   * @param interfaceIndex the index of the interface; 0: any
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_ADD_MEMBERSHIP`: ipv6(7), RFC 3493
   * @example
   * socket.joinMulticastV6('ff02::fb', 0);
   */
  joinMulticastV6(multiaddr: string, interfaceIndex: number): void {
    setBytes(this, 60, 'joinMulticastV6', checkInteger('interfaceIndex', interfaceIndex, 0, 2147483647), ipv6Bytes('multiaddr', multiaddr));
  }

  /**
   * Leaves a multicast group that was joined with the same arguments.
   * Some systems call the option `IPV6_LEAVE_GROUP`.
   * @param multiaddr the group, an IPv6 multicast address
   * @param interfaceIndex the index of the interface; 0: any
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_DROP_MEMBERSHIP`: ipv6(7), RFC 3493
   */
  leaveMulticastV6(multiaddr: string, interfaceIndex: number): void {
    setBytes(this, 61, 'leaveMulticastV6', checkInteger('interfaceIndex', interfaceIndex, 0, 2147483647), ipv6Bytes('multiaddr', multiaddr));
  }

  /**
   * How many routers multicast packets may pass; 1 by default: they stay in the local network.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_MULTICAST_HOPS`: ipv6(7), RFC 3493
   */
  multicastHopsV6(): number {
    return getNumber(this, 62, 'multicastHopsV6');
  }

  /**
   * Sets {@link SocketOptions.multicastHopsV6 | multicastHopsV6}: How many routers multicast packets may pass; 1 by default: they stay in the local network.
   * @param hops 0 to 255
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_MULTICAST_HOPS`: ipv6(7), RFC 3493
   */
  setMulticastHopsV6(hops: number): void {
    setNumber(this, 62, 'setMulticastHopsV6', checkInteger('hops', hops, 0, 255));
  }

  /**
   * The index of the interface that multicast packets are routed through. Unlike IPv4, IPv6 generally needs it, as routing prefixes may overlap.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_MULTICAST_IF`: ipv6(7), RFC 3493
   */
  multicastIfV6(): number {
    return getNumber(this, 63, 'multicastIfV6');
  }

  /**
   * Sets {@link SocketOptions.multicastIfV6 | multicastIfV6}: The index of the interface that multicast packets are routed through. Unlike IPv4, IPv6 generally needs it, as routing prefixes may overlap.
   * @param interfaceIndex 0 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_MULTICAST_IF`: ipv6(7), RFC 3493
   */
  setMulticastIfV6(interfaceIndex: number): void {
    setNumber(this, 63, 'setMulticastIfV6', checkInteger('interfaceIndex', interfaceIndex, 0, 2147483647));
  }

  /**
   * Whether this socket sees the multicast packets it sends itself. May have no effect on IPv4 sockets.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_MULTICAST_LOOP`: ipv6(7), RFC 3493
   */
  multicastLoopV6(): boolean {
    return getNumber(this, 64, 'multicastLoopV6') !== 0;
  }

  /**
   * Sets {@link SocketOptions.multicastLoopV6 | multicastLoopV6}: Whether this socket sees the multicast packets it sends itself. May have no effect on IPv4 sockets.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_MULTICAST_LOOP`: ipv6(7), RFC 3493
   */
  setMulticastLoopV6(loop: boolean): void {
    setNumber(this, 64, 'setMulticastLoopV6', checkBoolean('loop', loop) ? 1 : 0);
  }

  /**
   * Whether messages of all groups joined on the system are delivered, not only of those joined on this socket.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `IPV6_MULTICAST_ALL`: Linux include/uapi/linux/in6.h
   */
  multicastAllV6(): boolean {
    return getNumber(this, 70, 'multicastAllV6') !== 0;
  }

  /**
   * Sets {@link SocketOptions.multicastAllV6 | multicastAllV6}: Whether messages of all groups joined on the system are delivered, not only of those joined on this socket.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_MULTICAST_ALL`: Linux include/uapi/linux/in6.h
   */
  setMulticastAllV6(all: boolean): void {
    setNumber(this, 70, 'setMulticastAllV6', checkBoolean('all', all) ? 1 : 0);
  }

  /**
   * Joins a multicast group, receiving only from one source.
   * @param source the address of the sender
   * @param group the group, an IPv6 multicast address
   * @param interfaceIndex the index of the interface; 0: any
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `MCAST_JOIN_SOURCE_GROUP`: ipv6(7), RFC 3678
   */
  joinSsmV6(source: string, group: string, interfaceIndex: number): void {
    setBytes(this, 81, 'joinSsmV6', checkInteger('interfaceIndex', interfaceIndex, 0, 2147483647), ipv6Bytes('group', group), ipv6Bytes('source', source));
  }

  /**
   * Leaves a source-specific multicast group that was joined with the same arguments.
   * @param source the address of the sender
   * @param group the group, an IPv6 multicast address
   * @param interfaceIndex the index of the interface; 0: any
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `MCAST_LEAVE_SOURCE_GROUP`: ipv6(7), RFC 3678
   */
  leaveSsmV6(source: string, group: string, interfaceIndex: number): void {
    setBytes(this, 82, 'leaveSsmV6', checkInteger('interfaceIndex', interfaceIndex, 0, 2147483647), ipv6Bytes('group', group), ipv6Bytes('source', source));
  }

  /**
   * Stops receiving from one source in a multicast group that was joined for any.
   * @param source the address of the sender
   * @param group the group, an IPv6 multicast address
   * @param interfaceIndex the index of the interface; 0: any
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `MCAST_BLOCK_SOURCE`: ipv6(7), RFC 3678
   */
  blockSourceV6(source: string, group: string, interfaceIndex: number): void {
    setBytes(this, 83, 'blockSourceV6', checkInteger('interfaceIndex', interfaceIndex, 0, 2147483647), ipv6Bytes('group', group), ipv6Bytes('source', source));
  }

  /**
   * Receives again from a source that was blocked with the same arguments.
   * @param source the address of the sender
   * @param group the group, an IPv6 multicast address
   * @param interfaceIndex the index of the interface; 0: any
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `MCAST_UNBLOCK_SOURCE`: ipv6(7), RFC 3678
   */
  unblockSourceV6(source: string, group: string, interfaceIndex: number): void {
    setBytes(this, 84, 'unblockSourceV6', checkInteger('interfaceIndex', interfaceIndex, 0, 2147483647), ipv6Bytes('group', group), ipv6Bytes('source', source));
  }

  // Options of TCP sockets, level IPPROTO_TCP.

  /**
   * How long a connection is idle before keep-alive probes are sent, in milliseconds. Set by `setTcpKeepalive`.
   * @returns in milliseconds, >= 1000; the system keeps whole seconds
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_KEEPIDLE`: tcp(7)
   */
  tcpKeepaliveTime(): number {
    return getNumber(this, 90, 'tcpKeepaliveTime');
  }

  /**
   * The time between keep-alive probes, in milliseconds. Set by `setTcpKeepalive`.
   * @returns in milliseconds, >= 1000; the system keeps whole seconds
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_KEEPINTVL`: tcp(7)
   */
  tcpKeepaliveInterval(): number {
    return getNumber(this, 91, 'tcpKeepaliveInterval');
  }

  /**
   * How many unanswered keep-alive probes end a connection. Set by `setTcpKeepalive`.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_KEEPCNT`: tcp(7)
   */
  tcpKeepaliveRetries(): number {
    return getNumber(this, 92, 'tcpKeepaliveRetries');
  }

  /**
   * Whether the Nagle algorithm is off: segments are sent as soon as possible, even with little data.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_NODELAY`: tcp(7)
   */
  nodelay(): boolean {
    return getNumber(this, 93, 'nodelay') !== 0;
  }

  /**
   * Sets {@link SocketOptions.nodelay | nodelay}: Whether the Nagle algorithm is off: segments are sent as soon as possible, even with little data.
   * When off, data is buffered until there is enough to send, which avoids many small packets.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_NODELAY`: tcp(7)
   * @example
   * socket.setNodelay(true);
   */
  setNodelay(nodelay: boolean): void {
    setNumber(this, 93, 'setNodelay', checkBoolean('nodelay', nodelay) ? 1 : 0);
  }

  /**
   * Whether the Nagle algorithm is off: segments are sent as soon as possible, even with little data.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_NODELAY`: tcp(7)
   */
  tcpNodelay(): boolean {
    return getNumber(this, 93, 'nodelay') !== 0;
  }

  /**
   * Sets {@link SocketOptions.tcpNodelay | tcpNodelay}: Whether the Nagle algorithm is off: segments are sent as soon as possible, even with little data.
   * When off, data is buffered until there is enough to send, which avoids many small packets.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_NODELAY`: tcp(7)
   * @example
   * socket.setNodelay(true);
   */
  setTcpNodelay(nodelay: boolean): void {
    setNumber(this, 93, 'setNodelay', checkBoolean('nodelay', nodelay) ? 1 : 0);
  }

  /**
   * How long transmitted data may stay unacknowledged before the connection is closed with ETIMEDOUT; `null`: the system decides.
   * @returns in milliseconds, > 0; `null` for none
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_USER_TIMEOUT`: tcp(7), RFC 5482
   */
  tcpUserTimeout(): number | null {
    return orNull(getNumber(this, 94, 'tcpUserTimeout'));
  }

  /**
   * Sets {@link SocketOptions.tcpUserTimeout | tcpUserTimeout}: How long transmitted data may stay unacknowledged before the connection is closed with ETIMEDOUT; `null`: the system decides.
   * @param timeout in milliseconds, > 0; `null` for none
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_USER_TIMEOUT`: tcp(7), RFC 5482
   * @example
   * socket.setTcpUserTimeout(10_000); // milliseconds
   */
  setTcpUserTimeout(timeout: number | null): void {
    setNumber(this, 94, 'setTcpUserTimeout', timeout === null ? -1 : checkDuration('timeout', timeout));
  }

  /**
   * Whether partial frames are held back until this is cleared, or for 200 ms.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_CORK`: tcp(7)
   */
  tcpCork(): boolean {
    return getNumber(this, 95, 'tcpCork') !== 0;
  }

  /**
   * Sets {@link SocketOptions.tcpCork | tcpCork}: Whether partial frames are held back until this is cleared, or for 200 ms.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_CORK`: tcp(7)
   */
  setTcpCork(cork: boolean): void {
    setNumber(this, 95, 'setTcpCork', checkBoolean('cork', cork) ? 1 : 0);
  }

  /**
   * Whether acknowledgements are sent at once. Not permanent: the system may go back to delaying them.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_QUICKACK`: tcp(7)
   */
  tcpQuickack(): boolean {
    return getNumber(this, 96, 'tcpQuickack') !== 0;
  }

  /**
   * Sets {@link SocketOptions.tcpQuickack | tcpQuickack}: Whether acknowledgements are sent at once. Not permanent: the system may go back to delaying them.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_QUICKACK`: tcp(7)
   */
  setTcpQuickack(quickack: boolean): void {
    setNumber(this, 96, 'setTcpQuickack', checkBoolean('quickack', quickack) ? 1 : 0);
  }

  /**
   * The maximum size of outgoing segments, in bytes.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_MAXSEG`: tcp(7)
   */
  tcpMss(): number {
    return getNumber(this, 97, 'tcpMss');
  }

  /**
   * Sets {@link SocketOptions.tcpMss | tcpMss}: The maximum size of outgoing segments, in bytes.
   * Set before connecting it is also announced to the peer; before that Linux reads the default back.
   * @param mss 88 to 65535
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_MAXSEG`: tcp(7)
   */
  setTcpMss(mss: number): void {
    setNumber(this, 97, 'setTcpMss', checkInteger('mss', mss, 88, 65535));
  }

  /**
   * The socket is writable only while less than this many bytes are not sent yet.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_NOTSENT_LOWAT`: tcp(7)
   */
  tcpNotsentLowat(): number {
    return getNumber(this, 98, 'tcpNotsentLowat');
  }

  /**
   * Sets {@link SocketOptions.tcpNotsentLowat | tcpNotsentLowat}: The socket is writable only while less than this many bytes are not sent yet.
   * @param lowat 0 to 4294967295
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_NOTSENT_LOWAT`: tcp(7)
   */
  setTcpNotsentLowat(lowat: number): void {
    setNumber(this, 98, 'setTcpNotsentLowat', checkInteger('lowat', lowat, 0, 4294967295));
  }

  /**
   * The name of the congestion control algorithm.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_CONGESTION`: tcp(7)
   */
  tcpCongestion(): string | null {
    return textOf(getBytes(this, 99, 'tcpCongestion'));
  }

  /**
   * Sets {@link SocketOptions.tcpCongestion | tcpCongestion}: The name of the congestion control algorithm.
   * @param name `null` for none
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_CONGESTION`: tcp(7)
   */
  setTcpCongestion(name: string | null): void {
    setBytes(this, 99, 'setTcpCongestion', 0, bytesOfText('name', name));
  }

  /**
   * Whether a thin stream retransmits at a constant pace instead of backing off.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_THIN_LINEAR_TIMEOUTS`: Linux include/uapi/linux/tcp.h
   */
  tcpThinLinearTimeouts(): boolean {
    return getNumber(this, 100, 'tcpThinLinearTimeouts') !== 0;
  }

  /**
   * Sets {@link SocketOptions.tcpThinLinearTimeouts | tcpThinLinearTimeouts}: Whether a thin stream retransmits at a constant pace instead of backing off.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_THIN_LINEAR_TIMEOUTS`: Linux include/uapi/linux/tcp.h
   */
  setTcpThinLinearTimeouts(timeouts: boolean): void {
    setNumber(this, 100, 'setTcpThinLinearTimeouts', checkBoolean('timeouts', timeouts) ? 1 : 0);
  }

  /**
   * The most that the window announced to the peer may be, in bytes.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_WINDOW_CLAMP`: tcp(7)
   */
  tcpWindowClamp(): number {
    return getNumber(this, 105, 'tcpWindowClamp');
  }

  /**
   * Sets {@link SocketOptions.tcpWindowClamp | tcpWindowClamp}: The most that the window announced to the peer may be, in bytes.
   * @param bytes 0 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_WINDOW_CLAMP`: tcp(7)
   */
  setTcpWindowClamp(bytes: number): void {
    setNumber(this, 105, 'setTcpWindowClamp', checkInteger('bytes', bytes, 0, 2147483647));
  }

  /**
   * What the system knows of the connection: round-trip time, congestion window, retransmissions, ...
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_INFO`: tcp(7), Linux include/uapi/linux/tcp.h
   */
  tcpInfo(): TcpInfo {
    return tcpInfoOf(getBytes(this, 108, 'tcpInfo'));
  }

  /**
   * The upper layer protocol in the kernel, such as `tls`, that goes on top of the connection; `null`: none.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_ULP`: Linux Documentation/networking/tls.rst, Linux include/uapi/linux/tcp.h
   */
  tcpUlp(): string | null {
    return textOf(getBytes(this, 111, 'tcpUlp'));
  }

  /**
   * Sets {@link SocketOptions.tcpUlp | tcpUlp}: The upper layer protocol in the kernel, such as `tls`, that goes on top of the connection; `null`: none.
   * @param name `null` for none
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_ULP`: Linux Documentation/networking/tls.rst, Linux include/uapi/linux/tcp.h
   */
  setTcpUlp(name: string | null): void {
    setBytes(this, 111, 'setTcpUlp', 0, bytesOfText('name', name));
  }

  /**
   * How long an orphaned connection waits for the peer to close it, in milliseconds.
   * @returns in milliseconds, >= 1000; the system keeps whole seconds
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_LINGER2`: tcp(7)
   */
  tcpLinger2(): number {
    return getNumber(this, 113, 'tcpLinger2');
  }

  /**
   * Sets {@link SocketOptions.tcpLinger2 | tcpLinger2}: How long an orphaned connection waits for the peer to close it, in milliseconds.
   * @param duration in milliseconds, >= 1000; the system keeps whole seconds
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_LINGER2`: tcp(7)
   */
  setTcpLinger2(duration: number): void {
    setNumber(this, 113, 'setTcpLinger2', checkSeconds('duration', duration));
  }

  /**
   * Whether the number of bytes that are left to be received comes with received ones.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_INQ`: Linux include/uapi/linux/tcp.h
   */
  tcpInq(): boolean {
    return getNumber(this, 114, 'tcpInq') !== 0;
  }

  /**
   * Sets {@link SocketOptions.tcpInq | tcpInq}: Whether the number of bytes that are left to be received comes with received ones.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_INQ`: Linux include/uapi/linux/tcp.h
   */
  setTcpInq(inq: boolean): void {
    setNumber(this, 114, 'setTcpInq', checkBoolean('inq', inq) ? 1 : 0);
  }

  /**
   * How long segments are held back before they leave, in microseconds.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_TX_DELAY`: Linux include/uapi/linux/tcp.h
   */
  tcpTxDelay(): number {
    return getNumber(this, 115, 'tcpTxDelay');
  }

  /**
   * Sets {@link SocketOptions.tcpTxDelay | tcpTxDelay}: How long segments are held back before they leave, in microseconds.
   * @param microseconds 0 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_TX_DELAY`: Linux include/uapi/linux/tcp.h
   */
  setTcpTxDelay(microseconds: number): void {
    setNumber(this, 115, 'setTcpTxDelay', checkInteger('microseconds', microseconds, 0, 2147483647));
  }

  /**
   * Whether a thin stream retransmits after one duplicate acknowledgement. Linux 4.11 and later accept it and do nothing.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_THIN_DUPACK`: Linux include/uapi/linux/tcp.h
   */
  setTcpThinDupack(on: boolean): void {
    setNumber(this, 116, 'setTcpThinDupack', checkBoolean('on', on) ? 1 : 0);
  }

  /**
   * After how many segments an acknowledgement is sent.
   * @param frequency 0 to 255
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SIO_TCP_SET_ACK_FREQUENCY`: SIO_TCP_SET_ACK_FREQUENCY, mstcpip.h of Windows
   */
  setTcpAckFrequency(frequency: number): void {
    setNumber(this, 117, 'setTcpAckFrequency', checkInteger('frequency', frequency, 0, 255));
  }

  /**
   * How long a listener waits for the first data before a connection can be accepted, in milliseconds; the system rounds it up to a retransmission.
   * @returns in milliseconds, >= 1000; the system keeps whole seconds
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_DEFER_ACCEPT`: tcp(7)
   */
  tcpDeferAccept(): number {
    return getNumber(this, 101, 'tcpDeferAccept');
  }

  /**
   * Sets {@link SocketOptions.tcpDeferAccept | tcpDeferAccept}: How long a listener waits for the first data before a connection can be accepted, in milliseconds; the system rounds it up to a retransmission.
   * @param duration in milliseconds, >= 1000; the system keeps whole seconds
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_DEFER_ACCEPT`: tcp(7)
   */
  setTcpDeferAccept(duration: number): void {
    setNumber(this, 101, 'setTcpDeferAccept', checkSeconds('duration', duration));
  }

  /**
   * How often a SYN is sent again before connecting fails.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_SYNCNT`: tcp(7)
   */
  tcpSyncnt(): number {
    return getNumber(this, 102, 'tcpSyncnt');
  }

  /**
   * Sets {@link SocketOptions.tcpSyncnt | tcpSyncnt}: How often a SYN is sent again before connecting fails.
   * @param count 1 to 255
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_SYNCNT`: tcp(7)
   */
  setTcpSyncnt(count: number): void {
    setNumber(this, 102, 'setTcpSyncnt', checkInteger('count', count, 1, 255));
  }

  /**
   * How many Fast Open requests a listener keeps waiting; 0: none are taken.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_FASTOPEN`: tcp(7), RFC 7413
   */
  tcpFastopen(): number {
    return getNumber(this, 103, 'tcpFastopen');
  }

  /**
   * Sets {@link SocketOptions.tcpFastopen | tcpFastopen}: How many Fast Open requests a listener keeps waiting; 0: none are taken.
   * @param queueLength 0 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_FASTOPEN`: tcp(7), RFC 7413
   */
  setTcpFastopen(queueLength: number): void {
    setNumber(this, 103, 'setTcpFastopen', checkInteger('queueLength', queueLength, 0, 2147483647));
  }

  /**
   * Whether connect waits for the first data and sends it in the SYN.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_FASTOPEN_CONNECT`: Linux include/uapi/linux/tcp.h, RFC 7413
   */
  tcpFastopenConnect(): boolean {
    return getNumber(this, 104, 'tcpFastopenConnect') !== 0;
  }

  /**
   * Sets {@link SocketOptions.tcpFastopenConnect | tcpFastopenConnect}: Whether connect waits for the first data and sends it in the SYN.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_FASTOPEN_CONNECT`: Linux include/uapi/linux/tcp.h, RFC 7413
   */
  setTcpFastopenConnect(fastopen: boolean): void {
    setNumber(this, 104, 'setTcpFastopenConnect', checkBoolean('fastopen', fastopen) ? 1 : 0);
  }

  /**
   * Whether a listener keeps the headers of the SYN for `tcpSavedSyn`: 0 no, 1 from the IP header on, 2 from the link layer’s.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_SAVE_SYN`: Linux include/uapi/linux/tcp.h
   */
  tcpSaveSyn(): number {
    return getNumber(this, 106, 'tcpSaveSyn');
  }

  /**
   * Sets {@link SocketOptions.tcpSaveSyn | tcpSaveSyn}: Whether a listener keeps the headers of the SYN for `tcpSavedSyn`: 0 no, 1 from the IP header on, 2 from the link layer’s.
   * @param mode 0 to 2
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_SAVE_SYN`: Linux include/uapi/linux/tcp.h
   */
  setTcpSaveSyn(mode: number): void {
    setNumber(this, 106, 'setTcpSaveSyn', checkInteger('mode', mode, 0, 2));
  }

  /**
   * The headers of the SYN that opened an accepted connection; empty if the listener saved none. The system discards them after the first read.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_SAVED_SYN`: Linux include/uapi/linux/tcp.h
   */
  tcpSavedSyn(): Uint8Array {
    return getBytes(this, 107, 'tcpSavedSyn');
  }

  /**
   * Signs segments to a peer, and expects its to be signed, with a shared key.
   * @param address the peer, IPv4 or IPv6
   * @param key at most 80 bytes; empty takes the key away
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_MD5SIG`: tcp(7), RFC 2385
   */
  setTcpMd5sig(address: string, key: Uint8Array): void {
    setBytes(this, 109, 'setTcpMd5sig', -1, sizedAddress('address', address), boundedBytes('key', key, 80));
  }

  /**
   * Signs segments to all peers of a network, and expects theirs to be signed, with a shared key.
   * @param address the network of the peers, IPv4 or IPv6
   * @param prefixLength how many of its bits count, 0 to 128
   * @param key at most 80 bytes; empty takes the key away
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_MD5SIG_EXT`: Linux include/uapi/linux/tcp.h, RFC 2385
   */
  setTcpMd5sigExt(address: string, prefixLength: number, key: Uint8Array): void {
    setBytes(this, 110, 'setTcpMd5sigExt', checkInteger('prefixLength', prefixLength, 0, 128), sizedAddress('address', address), boundedBytes('key', key, 80));
  }

  /**
   * Whether Fast Open goes without a cookie.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `TCP_FASTOPEN_NO_COOKIE`: Linux include/uapi/linux/tcp.h, RFC 7413
   */
  tcpFastopenNoCookie(): boolean {
    return getNumber(this, 112, 'tcpFastopenNoCookie') !== 0;
  }

  /**
   * Sets {@link SocketOptions.tcpFastopenNoCookie | tcpFastopenNoCookie}: Whether Fast Open goes without a cookie.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_FASTOPEN_NO_COOKIE`: Linux include/uapi/linux/tcp.h, RFC 7413
   */
  setTcpFastopenNoCookie(noCookie: boolean): void {
    setNumber(this, 112, 'setTcpFastopenNoCookie', checkBoolean('noCookie', noCookie) ? 1 : 0);
  }

  // Options of UDP and UDP-Lite sockets, levels IPPROTO_UDP and IPPROTO_UDPLITE.

  /**
   * The size that everything sent is cut into, one datagram for each piece, in bytes; 0: it is sent whole.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `UDP_SEGMENT`: udp(7)
   */
  udpSegment(): number {
    return getNumber(this, 120, 'udpSegment');
  }

  /**
   * Sets {@link SocketOptions.udpSegment | udpSegment}: The size that everything sent is cut into, one datagram for each piece, in bytes; 0: it is sent whole.
   * @param size 0 to 65535
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `UDP_SEGMENT`: udp(7)
   */
  setUdpSegment(size: number): void {
    setNumber(this, 120, 'setUdpSegment', checkInteger('size', size, 0, 65535));
  }

  /**
   * Whether the system may join datagrams of the same sender and size into one. `recvBatch` reports the size of the originals.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `UDP_GRO`: udp(7)
   */
  udpGro(): boolean {
    return getNumber(this, 121, 'udpGro') !== 0;
  }

  /**
   * Sets {@link SocketOptions.udpGro | udpGro}: Whether the system may join datagrams of the same sender and size into one. `recvBatch` reports the size of the originals.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `UDP_GRO`: udp(7)
   */
  setUdpGro(coalesce: boolean): void {
    setNumber(this, 121, 'setUdpGro', checkBoolean('coalesce', coalesce) ? 1 : 0);
  }

  /**
   * How many bytes of what is sent the checksum covers, the header included; 0: all, otherwise at least 8.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `UDPLITE_SEND_CSCOV`: udplite(7), RFC 3828
   */
  udpliteSendCscov(): number {
    return getNumber(this, 122, 'udpliteSendCscov');
  }

  /**
   * Sets {@link SocketOptions.udpliteSendCscov | udpliteSendCscov}: How many bytes of what is sent the checksum covers, the header included; 0: all, otherwise at least 8.
   * @param bytes 0 to 65535
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `UDPLITE_SEND_CSCOV`: udplite(7), RFC 3828
   */
  setUdpliteSendCscov(bytes: number): void {
    setNumber(this, 122, 'setUdpliteSendCscov', checkInteger('bytes', bytes, 0, 65535));
  }

  /**
   * How many bytes the checksum of what is received must cover at least; 0: all.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `UDPLITE_RECV_CSCOV`: udplite(7), RFC 3828
   */
  udpliteRecvCscov(): number {
    return getNumber(this, 123, 'udpliteRecvCscov');
  }

  /**
   * Sets {@link SocketOptions.udpliteRecvCscov | udpliteRecvCscov}: How many bytes the checksum of what is received must cover at least; 0: all.
   * @param bytes 0 to 65535
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `UDPLITE_RECV_CSCOV`: udplite(7), RFC 3828
   */
  setUdpliteRecvCscov(bytes: number): void {
    setNumber(this, 123, 'setUdpliteRecvCscov', checkInteger('bytes', bytes, 0, 65535));
  }

  // Options of DCCP sockets, level SOL_DCCP.

  /**
   * The service code, by which client and server agree on the application.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `DCCP_SOCKOPT_SERVICE`: Linux include/uapi/linux/dccp.h, RFC 4340
   */
  dccpService(): number {
    return getNumber(this, 160, 'dccpService');
  }

  /**
   * Sets {@link SocketOptions.dccpService | dccpService}: The service code, by which client and server agree on the application.
   * @param code 0 to 4294967295
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `DCCP_SOCKOPT_SERVICE`: Linux include/uapi/linux/dccp.h, RFC 4340
   */
  setDccpService(code: number): void {
    setNumber(this, 160, 'setDccpService', checkInteger('code', code, 0, 4294967295));
  }

  /**
   * Sets the congestion control of both directions, by its number.
   * @param ccid 0 to 255
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `DCCP_SOCKOPT_CCID`: Linux include/uapi/linux/dccp.h, RFC 4340
   */
  setDccpCcid(ccid: number): void {
    setNumber(this, 161, 'setDccpCcid', checkInteger('ccid', ccid, 0, 255));
  }

  /**
   * The number of the congestion control of what is sent.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `DCCP_SOCKOPT_TX_CCID`: Linux include/uapi/linux/dccp.h, RFC 4340
   */
  dccpTxCcid(): number {
    return getNumber(this, 162, 'dccpTxCcid');
  }

  /**
   * The number of the congestion control of what is received.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `DCCP_SOCKOPT_RX_CCID`: Linux include/uapi/linux/dccp.h, RFC 4340
   */
  dccpXxCcid(): number {
    return getNumber(this, 163, 'dccpXxCcid');
  }

  /**
   * Whether the server, not the client, holds the state of a closed connection.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `DCCP_SOCKOPT_SERVER_TIMEWAIT`: Linux include/uapi/linux/dccp.h, RFC 4340
   */
  dccpServerTimewait(): boolean {
    return getNumber(this, 164, 'dccpServerTimewait') !== 0;
  }

  /**
   * Sets {@link SocketOptions.dccpServerTimewait | dccpServerTimewait}: Whether the server, not the client, holds the state of a closed connection.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `DCCP_SOCKOPT_SERVER_TIMEWAIT`: Linux include/uapi/linux/dccp.h, RFC 4340
   */
  setDccpServerTimewait(hold: boolean): void {
    setNumber(this, 164, 'setDccpServerTimewait', checkBoolean('hold', hold) ? 1 : 0);
  }

  /**
   * How much of what is sent the checksum covers.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `DCCP_SOCKOPT_SEND_CSCOV`: Linux include/uapi/linux/dccp.h, RFC 4340
   */
  dccpSendCscov(): number {
    return getNumber(this, 165, 'dccpSendCscov');
  }

  /**
   * Sets {@link SocketOptions.dccpSendCscov | dccpSendCscov}: How much of what is sent the checksum covers.
   * @param coverage 0 to 4294967295
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `DCCP_SOCKOPT_SEND_CSCOV`: Linux include/uapi/linux/dccp.h, RFC 4340
   */
  setDccpSendCscov(coverage: number): void {
    setNumber(this, 165, 'setDccpSendCscov', checkInteger('coverage', coverage, 0, 4294967295));
  }

  /**
   * How much of what is received the checksum must cover.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `DCCP_SOCKOPT_RECV_CSCOV`: Linux include/uapi/linux/dccp.h, RFC 4340
   */
  dccpRecvCscov(): number {
    return getNumber(this, 166, 'dccpRecvCscov');
  }

  /**
   * Sets {@link SocketOptions.dccpRecvCscov | dccpRecvCscov}: How much of what is received the checksum must cover.
   * @param coverage 0 to 4294967295
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `DCCP_SOCKOPT_RECV_CSCOV`: Linux include/uapi/linux/dccp.h, RFC 4340
   */
  setDccpRecvCscov(coverage: number): void {
    setNumber(this, 166, 'setDccpRecvCscov', checkInteger('coverage', coverage, 0, 4294967295));
  }

  /**
   * How many packets wait to be sent at most; 0: no limit.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `DCCP_SOCKOPT_QPOLICY_TXQLEN`: Linux include/uapi/linux/dccp.h, RFC 4340
   */
  dccpQpolicyTxqlen(): number {
    return getNumber(this, 167, 'dccpQpolicyTxqlen');
  }

  /**
   * Sets {@link SocketOptions.dccpQpolicyTxqlen | dccpQpolicyTxqlen}: How many packets wait to be sent at most; 0: no limit.
   * @param packets 0 to 4294967295
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `DCCP_SOCKOPT_QPOLICY_TXQLEN`: Linux include/uapi/linux/dccp.h, RFC 4340
   */
  setDccpQpolicyTxqlen(packets: number): void {
    setNumber(this, 167, 'setDccpQpolicyTxqlen', checkInteger('packets', packets, 0, 4294967295));
  }

  /**
   * The numbers of the congestion controls that both ends may use.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `DCCP_SOCKOPT_AVAILABLE_CCIDS`: Linux include/uapi/linux/dccp.h, RFC 4340
   */
  dccpAvailableCcids(): Uint8Array {
    return getBytes(this, 168, 'dccpAvailableCcids');
  }

  /**
   * The size of the largest packet that can be sent now, in bytes.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `DCCP_SOCKOPT_GET_CUR_MPS`: Linux include/uapi/linux/dccp.h, RFC 4340
   */
  dccpCurMps(): number {
    return getNumber(this, 169, 'dccpCurMps');
  }

  // Options of packet sockets, level SOL_PACKET.

  /**
   * Receives more than what is sent to an interface: all of it, or what is sent to another address.
   * @param interfaceIndex the index of the interface
   * @param kind what to receive
   * @param address the link-layer address of a `multicast` or `unicast` membership: `02:00:00:00:00:01`, or at most 8 bytes
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `PACKET_ADD_MEMBERSHIP`: packet(7)
   */
  addPacketMembership(interfaceIndex: number, kind: PacketMembership, address?: string | Uint8Array): void {
    setBytes(this, 180, 'addPacketMembership', checkInteger('interfaceIndex', interfaceIndex, 0, 2147483647), membershipBytes('kind', kind), hardwareBytes('address', address ?? '', 8));
  }

  /**
   * Ends a membership that was added with the same arguments.
   * @param interfaceIndex the index of the interface
   * @param kind what to receive
   * @param address the link-layer address of a `multicast` or `unicast` membership: `02:00:00:00:00:01`, or at most 8 bytes
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `PACKET_DROP_MEMBERSHIP`: packet(7)
   */
  dropPacketMembership(interfaceIndex: number, kind: PacketMembership, address?: string | Uint8Array): void {
    setBytes(this, 181, 'dropPacketMembership', checkInteger('interfaceIndex', interfaceIndex, 0, 2147483647), membershipBytes('kind', kind), hardwareBytes('address', address ?? '', 8));
  }

  /**
   * How many packets came and were dropped since the last call.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `PACKET_STATISTICS`: packet(7)
   */
  packetStatistics(): PacketStatistics {
    return packetStatisticsOf(getBytes(this, 182, 'packetStatistics'));
  }

  /**
   * Whether received packets carry a control message with their length, flags and VLAN tag.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `PACKET_AUXDATA`: packet(7)
   */
  packetAuxdata(): boolean {
    return getNumber(this, 183, 'packetAuxdata') !== 0;
  }

  /**
   * Sets {@link SocketOptions.packetAuxdata | packetAuxdata}: Whether received packets carry a control message with their length, flags and VLAN tag.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `PACKET_AUXDATA`: packet(7)
   */
  setPacketAuxdata(auxdata: boolean): void {
    setNumber(this, 183, 'setPacketAuxdata', checkBoolean('auxdata', auxdata) ? 1 : 0);
  }

  /**
   * The group of packet sockets that share packets out among them; `null`: none.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `PACKET_FANOUT`: packet(7)
   */
  packetFanout(): Fanout | null {
    return fanoutOf(getNumber(this, 184, 'packetFanout'));
  }

  /**
   * Sets {@link SocketOptions.packetFanout | packetFanout}: The group of packet sockets that share packets out among them; `null`: none.
   * A socket must be bound to join one, and stays in it.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `PACKET_FANOUT`: packet(7)
   */
  setPacketFanout(fanout: Fanout): void {
    setNumber(this, 184, 'setPacketFanout', fanoutNumber('fanout', fanout));
  }

  /**
   * Whether what is sent goes straight to the device, past the queueing discipline.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `PACKET_QDISC_BYPASS`: packet(7)
   */
  packetQdiscBypass(): boolean {
    return getNumber(this, 185, 'packetQdiscBypass') !== 0;
  }

  /**
   * Sets {@link SocketOptions.packetQdiscBypass | packetQdiscBypass}: Whether what is sent goes straight to the device, past the queueing discipline.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `PACKET_QDISC_BYPASS`: packet(7)
   */
  setPacketQdiscBypass(bypass: boolean): void {
    setNumber(this, 185, 'setPacketQdiscBypass', checkBoolean('bypass', bypass) ? 1 : 0);
  }

  /**
   * Whether what this system sends is not received.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `PACKET_IGNORE_OUTGOING`: Linux include/uapi/linux/if_packet.h
   */
  packetIgnoreOutgoing(): boolean {
    return getNumber(this, 186, 'packetIgnoreOutgoing') !== 0;
  }

  /**
   * Sets {@link SocketOptions.packetIgnoreOutgoing | packetIgnoreOutgoing}: Whether what this system sends is not received.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `PACKET_IGNORE_OUTGOING`: Linux include/uapi/linux/if_packet.h
   */
  setPacketIgnoreOutgoing(ignore: boolean): void {
    setNumber(this, 186, 'setPacketIgnoreOutgoing', checkBoolean('ignore', ignore) ? 1 : 0);
  }

  // Options of netlink sockets, level SOL_NETLINK.

  /**
   * Joins a multicast group of the protocol, by its number.
   * Bind the socket first: the kernel sends group messages to bound sockets only.
   * @param group 1 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `NETLINK_ADD_MEMBERSHIP`: netlink(7)
   */
  addNetlinkMembership(group: number): void {
    setNumber(this, 200, 'addNetlinkMembership', checkInteger('group', group, 1, 2147483647));
  }

  /**
   * Leaves a multicast group of the protocol.
   * @param group 1 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `NETLINK_DROP_MEMBERSHIP`: netlink(7)
   */
  dropNetlinkMembership(group: number): void {
    setNumber(this, 201, 'dropNetlinkMembership', checkInteger('group', group, 1, 2147483647));
  }

  /**
   * Whether received messages carry a control message that names their group.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `NETLINK_PKTINFO`: netlink(7)
   */
  netlinkPktinfo(): boolean {
    return getNumber(this, 202, 'netlinkPktinfo') !== 0;
  }

  /**
   * Sets {@link SocketOptions.netlinkPktinfo | netlinkPktinfo}: Whether received messages carry a control message that names their group.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `NETLINK_PKTINFO`: netlink(7)
   */
  setNetlinkPktinfo(pktinfo: boolean): void {
    setNumber(this, 202, 'setNetlinkPktinfo', checkBoolean('pktinfo', pktinfo) ? 1 : 0);
  }

  /**
   * Whether a sender of notifications learns that this socket had no room for one.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `NETLINK_BROADCAST_ERROR`: netlink(7)
   */
  netlinkBroadcastError(): boolean {
    return getNumber(this, 203, 'netlinkBroadcastError') !== 0;
  }

  /**
   * Sets {@link SocketOptions.netlinkBroadcastError | netlinkBroadcastError}: Whether a sender of notifications learns that this socket had no room for one.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `NETLINK_BROADCAST_ERROR`: netlink(7)
   */
  setNetlinkBroadcastError(report: boolean): void {
    setNumber(this, 203, 'setNetlinkBroadcastError', checkBoolean('report', report) ? 1 : 0);
  }

  /**
   * Whether a lost notification is not reported with ENOBUFS.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `NETLINK_NO_ENOBUFS`: netlink(7)
   */
  netlinkNoEnobufs(): boolean {
    return getNumber(this, 204, 'netlinkNoEnobufs') !== 0;
  }

  /**
   * Sets {@link SocketOptions.netlinkNoEnobufs | netlinkNoEnobufs}: Whether a lost notification is not reported with ENOBUFS.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `NETLINK_NO_ENOBUFS`: netlink(7)
   */
  setNetlinkNoEnobufs(noEnobufs: boolean): void {
    setNumber(this, 204, 'setNetlinkNoEnobufs', checkBoolean('noEnobufs', noEnobufs) ? 1 : 0);
  }

  /**
   * Whether an acknowledgement leaves out the request that it answers.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `NETLINK_CAP_ACK`: netlink(7)
   */
  netlinkCapAck(): boolean {
    return getNumber(this, 205, 'netlinkCapAck') !== 0;
  }

  /**
   * Sets {@link SocketOptions.netlinkCapAck | netlinkCapAck}: Whether an acknowledgement leaves out the request that it answers.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `NETLINK_CAP_ACK`: netlink(7)
   */
  setNetlinkCapAck(cap: boolean): void {
    setNumber(this, 205, 'setNetlinkCapAck', checkBoolean('cap', cap) ? 1 : 0);
  }

  /**
   * Whether an acknowledgement says in words what was wrong.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `NETLINK_EXT_ACK`: netlink(7)
   */
  netlinkExtAck(): boolean {
    return getNumber(this, 206, 'netlinkExtAck') !== 0;
  }

  /**
   * Sets {@link SocketOptions.netlinkExtAck | netlinkExtAck}: Whether an acknowledgement says in words what was wrong.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `NETLINK_EXT_ACK`: netlink(7)
   */
  setNetlinkExtAck(extended: boolean): void {
    setNumber(this, 206, 'setNetlinkExtAck', checkBoolean('extended', extended) ? 1 : 0);
  }

  /**
   * Whether the kernel takes the filters of a request for a list by their word.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `NETLINK_GET_STRICT_CHK`: netlink(7)
   */
  netlinkStrictCheck(): boolean {
    return getNumber(this, 207, 'netlinkStrictCheck') !== 0;
  }

  /**
   * Sets {@link SocketOptions.netlinkStrictCheck | netlinkStrictCheck}: Whether the kernel takes the filters of a request for a list by their word.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `NETLINK_GET_STRICT_CHK`: netlink(7)
   */
  setNetlinkStrictCheck(strict: boolean): void {
    setNumber(this, 207, 'setNetlinkStrictCheck', checkBoolean('strict', strict) ? 1 : 0);
  }

  // Options of raw sockets.

  /**
   * The types of ICMP messages that a raw socket is not passed: bit n set for type n.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `ICMP_FILTER`: raw(7)
   */
  icmpFilter(): number {
    return getNumber(this, 220, 'icmpFilter');
  }

  /**
   * Sets {@link SocketOptions.icmpFilter | icmpFilter}: The types of ICMP messages that a raw socket is not passed: bit n set for type n.
   * @param types 0 to 4294967295
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `ICMP_FILTER`: raw(7)
   */
  setIcmpFilter(types: number): void {
    setNumber(this, 220, 'setIcmpFilter', checkInteger('types', types, 0, 4294967295));
  }

  /**
   * The types of ICMPv6 messages that a raw socket is not passed: 32 bytes, the words of `struct icmp6_filter`.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @see getsockopt(2), `ICMP6_FILTER`: RFC 3542, Linux include/uapi/linux/icmpv6.h
   */
  icmp6Filter(): Uint8Array {
    return getBytes(this, 221, 'icmp6Filter');
  }

  /**
   * Sets {@link SocketOptions.icmp6Filter | icmp6Filter}: The types of ICMPv6 messages that a raw socket is not passed: 32 bytes, the words of `struct icmp6_filter`.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `ICMP6_FILTER`: RFC 3542, Linux include/uapi/linux/icmpv6.h
   */
  setIcmp6Filter(filter: Uint8Array): void {
    setBytes(this, 221, 'setIcmp6Filter', 0, boundedBytes('filter', filter, 244));
  }
}
