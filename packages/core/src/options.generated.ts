// Made by tools/generate-options.mjs from options.ts: change that, then `npm run generate`.
import { ipv4Bytes, ipv6Bytes } from './address.js';
import { type Domain, type Protocol, readableName, type Type } from './constants.js';
import { Descriptor } from './descriptor.js';
import { checkBoolean, checkDuration, checkInteger, type SockError } from './errors.js';
import { formatIpv4 } from './ip.js';
import { bytesOfText, checkLinger, orNull, protocolOf, textOf, u64Of } from './option-value.js';

/** The typed getters and setters of every row of the option table. */
export abstract class SocketOptions extends Descriptor {
  // Socket options, level SOL_SOCKET.

  /**
   * Whether this socket may send packets to a broadcast address.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_BROADCAST`: socket(7)
   */
  broadcast(): boolean {
    return this.getNumber(1, 'broadcast') !== 0;
  }

  /**
   * Sets {@link SocketOptions.broadcast | broadcast}: Whether this socket may send packets to a broadcast address.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_BROADCAST`: socket(7)
   */
  setBroadcast(broadcast: boolean): void {
    this.setNumber(1, 'setBroadcast', checkBoolean('broadcast', broadcast) ? 1 : 0);
  }

  /**
   * Retrieves the stored error of the socket, clearing it in the process.
   * Useful for checking errors between calls, and for the result of a non-blocking connect.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_ERROR`: socket(7)
   */
  takeError(): SockError | null {
    return this.errorOf(this.getNumber(2, 'takeError'));
  }

  /**
   * Whether keep-alive messages are sent on a connection-oriented socket.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_KEEPALIVE`: socket(7)
   */
  keepalive(): boolean {
    return this.getNumber(3, 'keepalive') !== 0;
  }

  /**
   * Sets {@link SocketOptions.keepalive | keepalive}: Whether keep-alive messages are sent on a connection-oriented socket.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_KEEPALIVE`: socket(7)
   */
  setKeepalive(keepalive: boolean): void {
    this.setNumber(3, 'setKeepalive', checkBoolean('keepalive', keepalive) ? 1 : 0);
  }

  /**
   * How long close(2) waits for queued messages to be sent; `null`: it returns at once and the system goes on in the background.
   * @returns in milliseconds, >= 0; `null` for none
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_LINGER`: socket(7)
   */
  linger(): number | null {
    return orNull(this.getNumber(4, 'linger'));
  }

  /**
   * Sets {@link SocketOptions.linger | linger}: How long close(2) waits for queued messages to be sent; `null`: it returns at once and the system goes on in the background.
   * With 0 a close resets the connection and discards what is queued. The system keeps whole seconds: the rest is cut off.
   * @param duration in milliseconds, >= 0; `null` for none
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_LINGER`: socket(7)
   */
  setLinger(duration: number | null): void {
    this.setNumber(4, 'setLinger', duration === null ? -1 : checkLinger('duration', duration));
  }

  /**
   * Whether out-of-band data is placed into the receive data stream; otherwise it is passed only with the `MSG_OOB` flag.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_OOBINLINE`: socket(7), RFC 6093
   */
  outOfBandInline(): boolean {
    return this.getNumber(5, 'outOfBandInline') !== 0;
  }

  /**
   * Sets {@link SocketOptions.outOfBandInline | outOfBandInline}: Whether out-of-band data is placed into the receive data stream; otherwise it is passed only with the `MSG_OOB` flag.
   * RFC 6093 encourages TCP sockets that use the urgent mechanism to set it.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_OOBINLINE`: socket(7), RFC 6093
   */
  setOutOfBandInline(outOfBandInline: boolean): void {
    this.setNumber(5, 'setOutOfBandInline', checkBoolean('outOfBandInline', outOfBandInline) ? 1 : 0);
  }

  /**
   * The size of the operating system's receive buffer, in bytes.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_RCVBUF`: socket(7)
   */
  recvBufferSize(): number {
    return this.getNumber(6, 'recvBufferSize');
  }

  /**
   * Sets {@link SocketOptions.recvBufferSize | recvBufferSize}: The size of the operating system's receive buffer, in bytes.
   * Linux doubles the value for its bookkeeping and returns the doubled value.
   * @param size 0 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_RCVBUF`: socket(7)
   */
  setRecvBufferSize(size: number): void {
    this.setNumber(6, 'setRecvBufferSize', checkInteger('size', size, 0, 2147483647));
  }

  /**
   * How long a blocking receive waits before it fails with EAGAIN; `null`: for ever.
   * @returns in milliseconds, > 0; `null` for none
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_RCVTIMEO`: socket(7)
   */
  readTimeout(): number | null {
    return orNull(this.getNumber(7, 'readTimeout'));
  }

  /**
   * Sets {@link SocketOptions.readTimeout | readTimeout}: How long a blocking receive waits before it fails with EAGAIN; `null`: for ever.
   * @param duration in milliseconds, > 0; `null` for none
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_RCVTIMEO`: socket(7)
   */
  setReadTimeout(duration: number | null): void {
    this.setNumber(7, 'setReadTimeout', duration === null ? -1 : checkDuration('duration', duration));
  }

  /**
   * Whether a later bind may reuse a local address that is still held, for instance by a connection in TIME_WAIT.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_REUSEADDR`: socket(7)
   */
  reuseAddress(): boolean {
    return this.getNumber(8, 'reuseAddress') !== 0;
  }

  /**
   * Sets {@link SocketOptions.reuseAddress | reuseAddress}: Whether a later bind may reuse a local address that is still held, for instance by a connection in TIME_WAIT.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_REUSEADDR`: socket(7)
   */
  setReuseAddress(reuseAddress: boolean): void {
    this.setNumber(8, 'setReuseAddress', checkBoolean('reuseAddress', reuseAddress) ? 1 : 0);
  }

  /**
   * The size of the operating system's send buffer, in bytes.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_SNDBUF`: socket(7)
   */
  sendBufferSize(): number {
    return this.getNumber(9, 'sendBufferSize');
  }

  /**
   * Sets {@link SocketOptions.sendBufferSize | sendBufferSize}: The size of the operating system's send buffer, in bytes.
   * Linux doubles the value for its bookkeeping and returns the doubled value.
   * @param size 0 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_SNDBUF`: socket(7)
   */
  setSendBufferSize(size: number): void {
    this.setNumber(9, 'setSendBufferSize', checkInteger('size', size, 0, 2147483647));
  }

  /**
   * How long a blocking send waits before it fails with EAGAIN; `null`: for ever.
   * @returns in milliseconds, > 0; `null` for none
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_SNDTIMEO`: socket(7)
   */
  writeTimeout(): number | null {
    return orNull(this.getNumber(10, 'writeTimeout'));
  }

  /**
   * Sets {@link SocketOptions.writeTimeout | writeTimeout}: How long a blocking send waits before it fails with EAGAIN; `null`: for ever.
   * @param duration in milliseconds, > 0; `null` for none
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_SNDTIMEO`: socket(7)
   */
  setWriteTimeout(duration: number | null): void {
    this.setNumber(10, 'setWriteTimeout', duration === null ? -1 : checkDuration('duration', duration));
  }

  /**
   * Whether several sockets may bind the same address, the system sharing connections or datagrams out among them.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_REUSEPORT`: socket(7)
   */
  reusePort(): boolean {
    return this.getNumber(11, 'reusePort') !== 0;
  }

  /**
   * Sets {@link SocketOptions.reusePort | reusePort}: Whether several sockets may bind the same address, the system sharing connections or datagrams out among them.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_REUSEPORT`: socket(7)
   */
  setReusePort(reusePort: boolean): void {
    this.setNumber(11, 'setReusePort', checkBoolean('reusePort', reusePort) ? 1 : 0);
  }

  /**
   * The type that the socket was made with.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_TYPE`: socket(7)
   */
  type(): Type {
    return readableName(this.driver, 'type', this.getNumber(12, 'type')) as Type;
  }

  /**
   * The domain that the socket was made with.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_DOMAIN`: socket(7)
   */
  domain(): Domain {
    return readableName(this.driver, 'domain', this.getNumber(13, 'domain')) as Domain;
  }

  /**
   * The protocol that the socket was made with; `null` where it has none.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_PROTOCOL`: socket(7)
   */
  protocol(): Protocol | null {
    return protocolOf(this.driver, this.getNumber(14, 'protocol'));
  }

  /**
   * Whether the socket accepts connections, listen(2) having been called.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_ACCEPTCONN`: socket(7)
   */
  isListener(): boolean {
    return this.getNumber(15, 'isListener') !== 0;
  }

  /**
   * The network interface that this socket is bound to, such as `eth0`; `null`: any.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_BINDTODEVICE`: socket(7)
   */
  device(): string | null {
    return textOf(this.getBytes(16, 'device'));
  }

  /**
   * Sets {@link SocketOptions.device | device}: The network interface that this socket is bound to, such as `eth0`; `null`: any.
   * @param interface_ `null` for none
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_BINDTODEVICE`: socket(7)
   */
  bindDevice(interface_: string | null): void {
    this.setBytes(16, 'bindDevice', 0, bytesOfText('interface_', interface_));
  }

  /**
   * The mark put on every packet of this socket, for routing and filtering. Setting it needs CAP_NET_ADMIN.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_MARK`: socket(7)
   */
  mark(): number {
    return this.getNumber(17, 'mark');
  }

  /**
   * Sets {@link SocketOptions.mark | mark}: The mark put on every packet of this socket, for routing and filtering. Setting it needs CAP_NET_ADMIN.
   * @param mark 0 to 4294967295
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_MARK`: socket(7)
   */
  setMark(mark: number): void {
    this.setNumber(17, 'setMark', checkInteger('mark', mark, 0, 4294967295));
  }

  /**
   * The priority of all packets sent; above 6 it needs CAP_NET_ADMIN.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_PRIORITY`: socket(7)
   */
  priority(): number {
    return this.getNumber(18, 'priority');
  }

  /**
   * Sets {@link SocketOptions.priority | priority}: The priority of all packets sent; above 6 it needs CAP_NET_ADMIN.
   * @param priority 0 to 4294967295
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_PRIORITY`: socket(7)
   */
  setPriority(priority: number): void {
    this.setNumber(18, 'setPriority', checkInteger('priority', priority, 0, 4294967295));
  }

  /**
   * Whether SCM_CREDENTIALS control messages are received on a unix socket.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_PASSCRED`: unix(7)
   */
  passcred(): boolean {
    return this.getNumber(19, 'passcred') !== 0;
  }

  /**
   * Sets {@link SocketOptions.passcred | passcred}: Whether SCM_CREDENTIALS control messages are received on a unix socket.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_PASSCRED`: unix(7)
   */
  setPasscred(passcred: boolean): void {
    this.setNumber(19, 'setPasscred', checkBoolean('passcred', passcred) ? 1 : 0);
  }

  /**
   * The CPU that this socket prefers to receive on; -1 while none was set or seen.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_INCOMING_CPU`: socket(7)
   */
  cpuAffinity(): number {
    return this.getNumber(20, 'cpuAffinity');
  }

  /**
   * Sets {@link SocketOptions.cpuAffinity | cpuAffinity}: The CPU that this socket prefers to receive on; -1 while none was set or seen.
   * @param cpu 0 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_INCOMING_CPU`: socket(7)
   */
  setCpuAffinity(cpu: number): void {
    this.setNumber(20, 'setCpuAffinity', checkInteger('cpu', cpu, 0, 2147483647));
  }

  /**
   * The number by which the kernel and its tools know this socket.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_COOKIE`: socket(7), Linux include/uapi/asm-generic/socket.h
   */
  cookie(): bigint {
    return u64Of(this.getBytes(21, 'cookie'));
  }

  /**
   * How long a blocking receive polls the device when there is no data, in microseconds.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `SO_BUSY_POLL`: socket(7)
   */
  busyPoll(): number {
    return this.getNumber(22, 'busyPoll');
  }

  /**
   * Sets {@link SocketOptions.busyPoll | busyPoll}: How long a blocking receive polls the device when there is no data, in microseconds.
   * @param microseconds 0 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `SO_BUSY_POLL`: socket(7)
   */
  setBusyPoll(microseconds: number): void {
    this.setNumber(22, 'setBusyPoll', checkInteger('microseconds', microseconds, 0, 2147483647));
  }

  // Options of IPv4 sockets, level IPPROTO_IP.

  /**
   * Joins a multicast group on the interface with the given local address; with `0.0.0.0` the system chooses one.
   * @param multiaddr the group, an IPv4 multicast address
   * @param interfaceAddress the local address of the interface; `0.0.0.0`: any
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_ADD_MEMBERSHIP`: ip(7)
   */
  joinMulticastV4(multiaddr: string, interfaceAddress: string): void {
    this.setBytes(30, 'joinMulticastV4', 0, ipv4Bytes('multiaddr', multiaddr), ipv4Bytes('interfaceAddress', interfaceAddress));
  }

  /**
   * Leaves a multicast group that was joined with the same arguments.
   * @param multiaddr the group, an IPv4 multicast address
   * @param interfaceAddress the local address of the interface; `0.0.0.0`: any
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_DROP_MEMBERSHIP`: ip(7)
   */
  leaveMulticastV4(multiaddr: string, interfaceAddress: string): void {
    this.setBytes(31, 'leaveMulticastV4', 0, ipv4Bytes('multiaddr', multiaddr), ipv4Bytes('interfaceAddress', interfaceAddress));
  }

  /**
   * The local address of the interface that multicast packets are routed through.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IP_MULTICAST_IF`: ip(7)
   */
  multicastIfV4(): string {
    return formatIpv4(this.getBytes(32, 'multicastIfV4'));
  }

  /**
   * Sets {@link SocketOptions.multicastIfV4 | multicastIfV4}: The local address of the interface that multicast packets are routed through.
   * @param interface_ an IPv4 address
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_MULTICAST_IF`: ip(7)
   */
  setMulticastIfV4(interface_: string): void {
    this.setBytes(32, 'setMulticastIfV4', 0, ipv4Bytes('interface_', interface_));
  }

  /**
   * Whether multicast packets are looped back to the local sockets. May have no effect on IPv6 sockets.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IP_MULTICAST_LOOP`: ip(7)
   */
  multicastLoopV4(): boolean {
    return this.getNumber(33, 'multicastLoopV4') !== 0;
  }

  /**
   * Sets {@link SocketOptions.multicastLoopV4 | multicastLoopV4}: Whether multicast packets are looped back to the local sockets. May have no effect on IPv6 sockets.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_MULTICAST_LOOP`: ip(7)
   */
  setMulticastLoopV4(loop: boolean): void {
    this.setNumber(33, 'setMulticastLoopV4', checkBoolean('loop', loop) ? 1 : 0);
  }

  /**
   * The time-to-live of outgoing multicast packets; 1 by default: they stay in the local network. May have no effect on IPv6 sockets.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IP_MULTICAST_TTL`: ip(7)
   */
  multicastTtlV4(): number {
    return this.getNumber(34, 'multicastTtlV4');
  }

  /**
   * Sets {@link SocketOptions.multicastTtlV4 | multicastTtlV4}: The time-to-live of outgoing multicast packets; 1 by default: they stay in the local network. May have no effect on IPv6 sockets.
   * @param ttl 0 to 255
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_MULTICAST_TTL`: ip(7)
   */
  setMulticastTtlV4(ttl: number): void {
    this.setNumber(34, 'setMulticastTtlV4', checkInteger('ttl', ttl, 0, 255));
  }

  /**
   * The time-to-live field of every packet sent from this socket.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IP_TTL`: ip(7)
   */
  ttl(): number {
    return this.getNumber(35, 'ttl');
  }

  /**
   * Sets {@link SocketOptions.ttl | ttl}: The time-to-live field of every packet sent from this socket.
   * @param ttl 1 to 255
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_TTL`: ip(7)
   */
  setTtl(ttl: number): void {
    this.setNumber(35, 'setTtl', checkInteger('ttl', ttl, 1, 255));
  }

  /**
   * The time-to-live field of every packet sent from this socket.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IP_TTL`: ip(7)
   */
  ttlV4(): number {
    return this.getNumber(35, 'ttl');
  }

  /**
   * Sets {@link SocketOptions.ttlV4 | ttlV4}: The time-to-live field of every packet sent from this socket.
   * @param ttl 1 to 255
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_TTL`: ip(7)
   */
  setTtlV4(ttl: number): void {
    this.setNumber(35, 'setTtl', checkInteger('ttl', ttl, 1, 255));
  }

  /**
   * The type-of-service field (DSCP and ECN) of every packet sent from this socket.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IP_TOS`: ip(7), RFC 2474
   */
  tosV4(): number {
    return this.getNumber(36, 'tosV4');
  }

  /**
   * Sets {@link SocketOptions.tosV4 | tosV4}: The type-of-service field (DSCP and ECN) of every packet sent from this socket.
   * On a TCP socket the two ECN bits are the kernel’s and stay as they are.
   * @param tos 0 to 255
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_TOS`: ip(7), RFC 2474
   */
  setTosV4(tos: number): void {
    this.setNumber(36, 'setTosV4', checkInteger('tos', tos, 0, 255));
  }

  /**
   * Whether IP_TOS control messages come with received packets.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IP_RECVTOS`: ip(7)
   */
  recvTosV4(): boolean {
    return this.getNumber(37, 'recvTosV4') !== 0;
  }

  /**
   * Sets {@link SocketOptions.recvTosV4 | recvTosV4}: Whether IP_TOS control messages come with received packets.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_RECVTOS`: ip(7)
   */
  setRecvTosV4(recvTos: boolean): void {
    this.setNumber(37, 'setRecvTosV4', checkBoolean('recvTos', recvTos) ? 1 : 0);
  }

  /**
   * Whether messages of all groups joined on the system are delivered, not only of those joined on this socket.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IP_MULTICAST_ALL`: ip(7)
   */
  multicastAllV4(): boolean {
    return this.getNumber(38, 'multicastAllV4') !== 0;
  }

  /**
   * Sets {@link SocketOptions.multicastAllV4 | multicastAllV4}: Whether messages of all groups joined on the system are delivered, not only of those joined on this socket.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_MULTICAST_ALL`: ip(7)
   */
  setMulticastAllV4(all: boolean): void {
    this.setNumber(38, 'setMulticastAllV4', checkBoolean('all', all) ? 1 : 0);
  }

  /**
   * Whether the socket may bind to an address that is not local or does not exist yet.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IP_FREEBIND`: ip(7)
   */
  freebindV4(): boolean {
    return this.getNumber(39, 'freebindV4') !== 0;
  }

  /**
   * Sets {@link SocketOptions.freebindV4 | freebindV4}: Whether the socket may bind to an address that is not local or does not exist yet.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_FREEBIND`: ip(7)
   */
  setFreebindV4(freebind: boolean): void {
    this.setNumber(39, 'setFreebindV4', checkBoolean('freebind', freebind) ? 1 : 0);
  }

  /**
   * Whether transparent proxying is on: binding to and accepting for foreign addresses. Needs CAP_NET_ADMIN.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IP_TRANSPARENT`: ip(7)
   */
  ipTransparentV4(): boolean {
    return this.getNumber(40, 'ipTransparentV4') !== 0;
  }

  /**
   * Sets {@link SocketOptions.ipTransparentV4 | ipTransparentV4}: Whether transparent proxying is on: binding to and accepting for foreign addresses. Needs CAP_NET_ADMIN.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_TRANSPARENT`: ip(7)
   */
  setIpTransparentV4(transparent: boolean): void {
    this.setNumber(40, 'setIpTransparentV4', checkBoolean('transparent', transparent) ? 1 : 0);
  }

  /**
   * Joins a multicast group on an interface given by its index or its local address.
   * @param multiaddr the group, an IPv4 multicast address
   * @param interface_ the local address or the index of the interface
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_ADD_MEMBERSHIP`: ip(7)
   */
  joinMulticastV4N(multiaddr: string, interface_: string | number): void {
    this.setBytes(41, 'joinMulticastV4N', typeof interface_ === 'number' ? checkInteger('interface', interface_, 0, 2147483647) : 0, ipv4Bytes('multiaddr', multiaddr), ipv4Bytes('interface', typeof interface_ === 'number' ? '0.0.0.0' : interface_));
  }

  /**
   * Leaves a multicast group that was joined with the same arguments.
   * @param multiaddr the group, an IPv4 multicast address
   * @param interface_ the local address or the index of the interface
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_DROP_MEMBERSHIP`: ip(7)
   */
  leaveMulticastV4N(multiaddr: string, interface_: string | number): void {
    this.setBytes(42, 'leaveMulticastV4N', typeof interface_ === 'number' ? checkInteger('interface', interface_, 0, 2147483647) : 0, ipv4Bytes('multiaddr', multiaddr), ipv4Bytes('interface', typeof interface_ === 'number' ? '0.0.0.0' : interface_));
  }

  /**
   * Joins a multicast group, receiving only from one source.
   * @param source the only address to receive from
   * @param group the group, an IPv4 multicast address
   * @param interfaceAddress the local address of the interface; `0.0.0.0`: any
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_ADD_SOURCE_MEMBERSHIP`: ip(7), RFC 4607
   */
  joinSsmV4(source: string, group: string, interfaceAddress: string): void {
    this.setBytes(43, 'joinSsmV4', 0, ipv4Bytes('group', group), ipv4Bytes('interfaceAddress', interfaceAddress), ipv4Bytes('source', source));
  }

  /**
   * Leaves a source-specific multicast group that was joined with the same arguments.
   * @param source the only address to receive from
   * @param group the group, an IPv4 multicast address
   * @param interfaceAddress the local address of the interface; `0.0.0.0`: any
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_DROP_SOURCE_MEMBERSHIP`: ip(7), RFC 4607
   */
  leaveSsmV4(source: string, group: string, interfaceAddress: string): void {
    this.setBytes(44, 'leaveSsmV4', 0, ipv4Bytes('group', group), ipv4Bytes('interfaceAddress', interfaceAddress), ipv4Bytes('source', source));
  }

  /**
   * Whether a bind to port 0 leaves the port to be chosen by connect, when more are free.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IP_BIND_ADDRESS_NO_PORT`: ip(7)
   */
  bindAddressNoPort(): boolean {
    return this.getNumber(45, 'bindAddressNoPort') !== 0;
  }

  /**
   * Sets {@link SocketOptions.bindAddressNoPort | bindAddressNoPort}: Whether a bind to port 0 leaves the port to be chosen by connect, when more are free.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IP_BIND_ADDRESS_NO_PORT`: ip(7)
   */
  setBindAddressNoPort(bindAddressNoPort: boolean): void {
    this.setNumber(45, 'setBindAddressNoPort', checkBoolean('bindAddressNoPort', bindAddressNoPort) ? 1 : 0);
  }

  // Options of IPv6 sockets, level IPPROTO_IPV6.

  /**
   * Joins a multicast group on the interface with the given index; 0: any.
   * Some systems call the option `IPV6_JOIN_GROUP`.
   * @param multiaddr the group, an IPv6 multicast address
   * @param interfaceIndex the index of the interface; 0: any
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_ADD_MEMBERSHIP`: ipv6(7), RFC 3493
   */
  joinMulticastV6(multiaddr: string, interfaceIndex: number): void {
    this.setBytes(60, 'joinMulticastV6', checkInteger('interfaceIndex', interfaceIndex, 0, 2147483647), ipv6Bytes('multiaddr', multiaddr));
  }

  /**
   * Leaves a multicast group that was joined with the same arguments.
   * Some systems call the option `IPV6_LEAVE_GROUP`.
   * @param multiaddr the group, an IPv6 multicast address
   * @param interfaceIndex the index of the interface; 0: any
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_DROP_MEMBERSHIP`: ipv6(7), RFC 3493
   */
  leaveMulticastV6(multiaddr: string, interfaceIndex: number): void {
    this.setBytes(61, 'leaveMulticastV6', checkInteger('interfaceIndex', interfaceIndex, 0, 2147483647), ipv6Bytes('multiaddr', multiaddr));
  }

  /**
   * How many routers multicast packets may pass; 1 by default: they stay in the local network.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IPV6_MULTICAST_HOPS`: ipv6(7), RFC 3493
   */
  multicastHopsV6(): number {
    return this.getNumber(62, 'multicastHopsV6');
  }

  /**
   * Sets {@link SocketOptions.multicastHopsV6 | multicastHopsV6}: How many routers multicast packets may pass; 1 by default: they stay in the local network.
   * @param hops 0 to 255
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_MULTICAST_HOPS`: ipv6(7), RFC 3493
   */
  setMulticastHopsV6(hops: number): void {
    this.setNumber(62, 'setMulticastHopsV6', checkInteger('hops', hops, 0, 255));
  }

  /**
   * The index of the interface that multicast packets are routed through. Unlike IPv4, IPv6 generally needs it, as routing prefixes may overlap.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IPV6_MULTICAST_IF`: ipv6(7), RFC 3493
   */
  multicastIfV6(): number {
    return this.getNumber(63, 'multicastIfV6');
  }

  /**
   * Sets {@link SocketOptions.multicastIfV6 | multicastIfV6}: The index of the interface that multicast packets are routed through. Unlike IPv4, IPv6 generally needs it, as routing prefixes may overlap.
   * @param interface_ 0 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_MULTICAST_IF`: ipv6(7), RFC 3493
   */
  setMulticastIfV6(interface_: number): void {
    this.setNumber(63, 'setMulticastIfV6', checkInteger('interface_', interface_, 0, 2147483647));
  }

  /**
   * Whether this socket sees the multicast packets it sends itself. May have no effect on IPv4 sockets.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IPV6_MULTICAST_LOOP`: ipv6(7), RFC 3493
   */
  multicastLoopV6(): boolean {
    return this.getNumber(64, 'multicastLoopV6') !== 0;
  }

  /**
   * Sets {@link SocketOptions.multicastLoopV6 | multicastLoopV6}: Whether this socket sees the multicast packets it sends itself. May have no effect on IPv4 sockets.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_MULTICAST_LOOP`: ipv6(7), RFC 3493
   */
  setMulticastLoopV6(loop: boolean): void {
    this.setNumber(64, 'setMulticastLoopV6', checkBoolean('loop', loop) ? 1 : 0);
  }

  /**
   * The hop limit of unicast packets.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IPV6_UNICAST_HOPS`: ipv6(7), RFC 3493
   */
  unicastHopsV6(): number {
    return this.getNumber(65, 'unicastHopsV6');
  }

  /**
   * Sets {@link SocketOptions.unicastHopsV6 | unicastHopsV6}: The hop limit of unicast packets.
   * @param hops 1 to 255
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_UNICAST_HOPS`: ipv6(7), RFC 3493
   */
  setUnicastHopsV6(hops: number): void {
    this.setNumber(65, 'setUnicastHopsV6', checkInteger('hops', hops, 1, 255));
  }

  /**
   * Whether the socket is restricted to IPv6 packets. Otherwise it also sends to and receives from IPv4-mapped addresses.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IPV6_V6ONLY`: ipv6(7), RFC 3493
   */
  onlyV6(): boolean {
    return this.getNumber(66, 'onlyV6') !== 0;
  }

  /**
   * Sets {@link SocketOptions.onlyV6 | onlyV6}: Whether the socket is restricted to IPv6 packets. Otherwise it also sends to and receives from IPv4-mapped addresses.
   * When true, an IPv4 and an IPv6 application can bind the same port at the same time. WASI sockets are always restricted: only `true` can be set.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_V6ONLY`: ipv6(7), RFC 3493
   */
  setOnlyV6(onlyV6: boolean): void {
    this.setNumber(66, 'setOnlyV6', checkBoolean('onlyV6', onlyV6) ? 1 : 0);
  }

  /**
   * The traffic class of every packet sent from this socket.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IPV6_TCLASS`: RFC 3542
   */
  tclassV6(): number {
    return this.getNumber(67, 'tclassV6');
  }

  /**
   * Sets {@link SocketOptions.tclassV6 | tclassV6}: The traffic class of every packet sent from this socket.
   * On a TCP socket the two ECN bits are the kernel’s and stay as they are.
   * @param tclass 0 to 255
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_TCLASS`: RFC 3542
   */
  setTclassV6(tclass: number): void {
    this.setNumber(67, 'setTclassV6', checkInteger('tclass', tclass, 0, 255));
  }

  /**
   * Whether IPV6_TCLASS control messages come with received packets.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IPV6_RECVTCLASS`: RFC 3542
   */
  recvTclassV6(): boolean {
    return this.getNumber(68, 'recvTclassV6') !== 0;
  }

  /**
   * Sets {@link SocketOptions.recvTclassV6 | recvTclassV6}: Whether IPV6_TCLASS control messages come with received packets.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_RECVTCLASS`: RFC 3542
   */
  setRecvTclassV6(recvTclass: boolean): void {
    this.setNumber(68, 'setRecvTclassV6', checkBoolean('recvTclass', recvTclass) ? 1 : 0);
  }

  /**
   * Whether IPV6_HOPLIMIT control messages come with received packets.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IPV6_RECVHOPLIMIT`: RFC 3542
   */
  recvHoplimitV6(): boolean {
    return this.getNumber(69, 'recvHoplimitV6') !== 0;
  }

  /**
   * Sets {@link SocketOptions.recvHoplimitV6 | recvHoplimitV6}: Whether IPV6_HOPLIMIT control messages come with received packets.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_RECVHOPLIMIT`: RFC 3542
   */
  setRecvHoplimitV6(recvHoplimit: boolean): void {
    this.setNumber(69, 'setRecvHoplimitV6', checkBoolean('recvHoplimit', recvHoplimit) ? 1 : 0);
  }

  /**
   * Whether messages of all groups joined on the system are delivered, not only of those joined on this socket.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IPV6_MULTICAST_ALL`: Linux include/uapi/linux/in6.h
   */
  multicastAllV6(): boolean {
    return this.getNumber(70, 'multicastAllV6') !== 0;
  }

  /**
   * Sets {@link SocketOptions.multicastAllV6 | multicastAllV6}: Whether messages of all groups joined on the system are delivered, not only of those joined on this socket.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_MULTICAST_ALL`: Linux include/uapi/linux/in6.h
   */
  setMulticastAllV6(all: boolean): void {
    this.setNumber(70, 'setMulticastAllV6', checkBoolean('all', all) ? 1 : 0);
  }

  /**
   * Whether the socket may bind to an address that is not local or does not exist yet.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IPV6_FREEBIND`: Linux include/uapi/linux/in6.h
   */
  freebindV6(): boolean {
    return this.getNumber(71, 'freebindV6') !== 0;
  }

  /**
   * Sets {@link SocketOptions.freebindV6 | freebindV6}: Whether the socket may bind to an address that is not local or does not exist yet.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_FREEBIND`: Linux include/uapi/linux/in6.h
   */
  setFreebindV6(freebind: boolean): void {
    this.setNumber(71, 'setFreebindV6', checkBoolean('freebind', freebind) ? 1 : 0);
  }

  /**
   * Whether transparent proxying is on: binding to and accepting for foreign addresses. Needs CAP_NET_ADMIN.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `IPV6_TRANSPARENT`: Linux include/uapi/linux/in6.h
   */
  ipTransparentV6(): boolean {
    return this.getNumber(72, 'ipTransparentV6') !== 0;
  }

  /**
   * Sets {@link SocketOptions.ipTransparentV6 | ipTransparentV6}: Whether transparent proxying is on: binding to and accepting for foreign addresses. Needs CAP_NET_ADMIN.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `IPV6_TRANSPARENT`: Linux include/uapi/linux/in6.h
   */
  setIpTransparentV6(transparent: boolean): void {
    this.setNumber(72, 'setIpTransparentV6', checkBoolean('transparent', transparent) ? 1 : 0);
  }

  // Options of TCP sockets, level IPPROTO_TCP.

  /**
   * How long a connection is idle before keep-alive probes are sent, in milliseconds. Set by `setTcpKeepalive`.
   * @returns in milliseconds, > 0; the system keeps whole seconds, at least one
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `TCP_KEEPIDLE`: tcp(7)
   */
  tcpKeepaliveTime(): number {
    return this.getNumber(90, 'tcpKeepaliveTime');
  }

  /**
   * The time between keep-alive probes, in milliseconds. Set by `setTcpKeepalive`.
   * @returns in milliseconds, > 0; the system keeps whole seconds, at least one
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `TCP_KEEPINTVL`: tcp(7)
   */
  tcpKeepaliveInterval(): number {
    return this.getNumber(91, 'tcpKeepaliveInterval');
  }

  /**
   * How many unanswered keep-alive probes end a connection. Set by `setTcpKeepalive`.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `TCP_KEEPCNT`: tcp(7)
   */
  tcpKeepaliveRetries(): number {
    return this.getNumber(92, 'tcpKeepaliveRetries');
  }

  /**
   * Whether the Nagle algorithm is off: segments are sent as soon as possible, even with little data.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `TCP_NODELAY`: tcp(7)
   */
  nodelay(): boolean {
    return this.getNumber(93, 'nodelay') !== 0;
  }

  /**
   * Sets {@link SocketOptions.nodelay | nodelay}: Whether the Nagle algorithm is off: segments are sent as soon as possible, even with little data.
   * When off, data is buffered until there is enough to send, which avoids many small packets.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_NODELAY`: tcp(7)
   */
  setNodelay(nodelay: boolean): void {
    this.setNumber(93, 'setNodelay', checkBoolean('nodelay', nodelay) ? 1 : 0);
  }

  /**
   * Whether the Nagle algorithm is off: segments are sent as soon as possible, even with little data.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `TCP_NODELAY`: tcp(7)
   */
  tcpNodelay(): boolean {
    return this.getNumber(93, 'nodelay') !== 0;
  }

  /**
   * Sets {@link SocketOptions.tcpNodelay | tcpNodelay}: Whether the Nagle algorithm is off: segments are sent as soon as possible, even with little data.
   * When off, data is buffered until there is enough to send, which avoids many small packets.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_NODELAY`: tcp(7)
   */
  setTcpNodelay(nodelay: boolean): void {
    this.setNumber(93, 'setNodelay', checkBoolean('nodelay', nodelay) ? 1 : 0);
  }

  /**
   * How long transmitted data may stay unacknowledged before the connection is closed with ETIMEDOUT; `null`: the system decides.
   * @returns in milliseconds, > 0; `null` for none
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `TCP_USER_TIMEOUT`: tcp(7), RFC 5482
   */
  tcpUserTimeout(): number | null {
    return orNull(this.getNumber(94, 'tcpUserTimeout'));
  }

  /**
   * Sets {@link SocketOptions.tcpUserTimeout | tcpUserTimeout}: How long transmitted data may stay unacknowledged before the connection is closed with ETIMEDOUT; `null`: the system decides.
   * @param timeout in milliseconds, > 0; `null` for none
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_USER_TIMEOUT`: tcp(7), RFC 5482
   */
  setTcpUserTimeout(timeout: number | null): void {
    this.setNumber(94, 'setTcpUserTimeout', timeout === null ? -1 : checkDuration('timeout', timeout));
  }

  /**
   * Whether partial frames are held back until this is cleared, or for 200 ms.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `TCP_CORK`: tcp(7)
   */
  tcpCork(): boolean {
    return this.getNumber(95, 'tcpCork') !== 0;
  }

  /**
   * Sets {@link SocketOptions.tcpCork | tcpCork}: Whether partial frames are held back until this is cleared, or for 200 ms.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_CORK`: tcp(7)
   */
  setTcpCork(cork: boolean): void {
    this.setNumber(95, 'setTcpCork', checkBoolean('cork', cork) ? 1 : 0);
  }

  /**
   * Whether acknowledgements are sent at once. Not permanent: the system may go back to delaying them.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `TCP_QUICKACK`: tcp(7)
   */
  tcpQuickack(): boolean {
    return this.getNumber(96, 'tcpQuickack') !== 0;
  }

  /**
   * Sets {@link SocketOptions.tcpQuickack | tcpQuickack}: Whether acknowledgements are sent at once. Not permanent: the system may go back to delaying them.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_QUICKACK`: tcp(7)
   */
  setTcpQuickack(quickack: boolean): void {
    this.setNumber(96, 'setTcpQuickack', checkBoolean('quickack', quickack) ? 1 : 0);
  }

  /**
   * The maximum size of outgoing segments, in bytes.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `TCP_MAXSEG`: tcp(7)
   */
  tcpMss(): number {
    return this.getNumber(97, 'tcpMss');
  }

  /**
   * Sets {@link SocketOptions.tcpMss | tcpMss}: The maximum size of outgoing segments, in bytes.
   * Set before connecting it is also announced to the peer; before that Linux reads the default back.
   * @param mss 88 to 65535
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_MAXSEG`: tcp(7)
   */
  setTcpMss(mss: number): void {
    this.setNumber(97, 'setTcpMss', checkInteger('mss', mss, 88, 65535));
  }

  /**
   * The socket is writable only while less than this many bytes are not sent yet.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `TCP_NOTSENT_LOWAT`: tcp(7)
   */
  tcpNotsentLowat(): number {
    return this.getNumber(98, 'tcpNotsentLowat');
  }

  /**
   * Sets {@link SocketOptions.tcpNotsentLowat | tcpNotsentLowat}: The socket is writable only while less than this many bytes are not sent yet.
   * @param lowat 0 to 4294967295
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_NOTSENT_LOWAT`: tcp(7)
   */
  setTcpNotsentLowat(lowat: number): void {
    this.setNumber(98, 'setTcpNotsentLowat', checkInteger('lowat', lowat, 0, 4294967295));
  }

  /**
   * The name of the congestion control algorithm.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `TCP_CONGESTION`: tcp(7)
   */
  tcpCongestion(): string | null {
    return textOf(this.getBytes(99, 'tcpCongestion'));
  }

  /**
   * Sets {@link SocketOptions.tcpCongestion | tcpCongestion}: The name of the congestion control algorithm.
   * @param name `null` for none
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_CONGESTION`: tcp(7)
   */
  setTcpCongestion(name: string | null): void {
    this.setBytes(99, 'setTcpCongestion', 0, bytesOfText('name', name));
  }

  /**
   * Whether a thin stream retransmits at a constant pace instead of backing off.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `TCP_THIN_LINEAR_TIMEOUTS`: Linux include/uapi/linux/tcp.h
   */
  tcpThinLinearTimeouts(): boolean {
    return this.getNumber(100, 'tcpThinLinearTimeouts') !== 0;
  }

  /**
   * Sets {@link SocketOptions.tcpThinLinearTimeouts | tcpThinLinearTimeouts}: Whether a thin stream retransmits at a constant pace instead of backing off.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_THIN_LINEAR_TIMEOUTS`: Linux include/uapi/linux/tcp.h
   */
  setTcpThinLinearTimeouts(timeouts: boolean): void {
    this.setNumber(100, 'setTcpThinLinearTimeouts', checkBoolean('timeouts', timeouts) ? 1 : 0);
  }

  /**
   * How long a listener waits for the first data before a connection can be accepted, in milliseconds; the system rounds it up to a retransmission.
   * @returns in milliseconds, > 0; the system keeps whole seconds, at least one
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `TCP_DEFER_ACCEPT`: tcp(7)
   */
  tcpDeferAccept(): number {
    return this.getNumber(101, 'tcpDeferAccept');
  }

  /**
   * Sets {@link SocketOptions.tcpDeferAccept | tcpDeferAccept}: How long a listener waits for the first data before a connection can be accepted, in milliseconds; the system rounds it up to a retransmission.
   * @param duration in milliseconds, > 0; the system keeps whole seconds, at least one
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_DEFER_ACCEPT`: tcp(7)
   */
  setTcpDeferAccept(duration: number): void {
    this.setNumber(101, 'setTcpDeferAccept', checkDuration('duration', duration));
  }

  /**
   * How often a SYN is sent again before connecting fails.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `TCP_SYNCNT`: tcp(7)
   */
  tcpSyncnt(): number {
    return this.getNumber(102, 'tcpSyncnt');
  }

  /**
   * Sets {@link SocketOptions.tcpSyncnt | tcpSyncnt}: How often a SYN is sent again before connecting fails.
   * @param count 1 to 255
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_SYNCNT`: tcp(7)
   */
  setTcpSyncnt(count: number): void {
    this.setNumber(102, 'setTcpSyncnt', checkInteger('count', count, 1, 255));
  }

  /**
   * How many Fast Open requests a listener keeps waiting; 0: none are taken.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `TCP_FASTOPEN`: tcp(7), RFC 7413
   */
  tcpFastopen(): number {
    return this.getNumber(103, 'tcpFastopen');
  }

  /**
   * Sets {@link SocketOptions.tcpFastopen | tcpFastopen}: How many Fast Open requests a listener keeps waiting; 0: none are taken.
   * @param queueLength 0 to 2147483647
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_FASTOPEN`: tcp(7), RFC 7413
   */
  setTcpFastopen(queueLength: number): void {
    this.setNumber(103, 'setTcpFastopen', checkInteger('queueLength', queueLength, 0, 2147483647));
  }

  /**
   * Whether connect waits for the first data and sends it in the SYN.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `TCP_FASTOPEN_CONNECT`: Linux include/uapi/linux/tcp.h, RFC 7413
   */
  tcpFastopenConnect(): boolean {
    return this.getNumber(104, 'tcpFastopenConnect') !== 0;
  }

  /**
   * Sets {@link SocketOptions.tcpFastopenConnect | tcpFastopenConnect}: Whether connect waits for the first data and sends it in the SYN.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `TCP_FASTOPEN_CONNECT`: Linux include/uapi/linux/tcp.h, RFC 7413
   */
  setTcpFastopenConnect(fastopen: boolean): void {
    this.setNumber(104, 'setTcpFastopenConnect', checkBoolean('fastopen', fastopen) ? 1 : 0);
  }

  // Options of UDP sockets, level IPPROTO_UDP.

  /**
   * The size that everything sent is cut into, one datagram for each piece, in bytes; 0: it is sent whole.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `UDP_SEGMENT`: udp(7)
   */
  udpSegment(): number {
    return this.getNumber(120, 'udpSegment');
  }

  /**
   * Sets {@link SocketOptions.udpSegment | udpSegment}: The size that everything sent is cut into, one datagram for each piece, in bytes; 0: it is sent whole.
   * @param size 0 to 65535
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `UDP_SEGMENT`: udp(7)
   */
  setUdpSegment(size: number): void {
    this.setNumber(120, 'setUdpSegment', checkInteger('size', size, 0, 65535));
  }

  /**
   * Whether datagrams of one sender and size may arrive joined; `recvBatch` tells the size of each.
   * @throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @see getsockopt(2), `UDP_GRO`: udp(7)
   */
  udpGro(): boolean {
    return this.getNumber(121, 'udpGro') !== 0;
  }

  /**
   * Sets {@link SocketOptions.udpGro | udpGro}: Whether datagrams of one sender and size may arrive joined; `recvBatch` tells the size of each.
   * @throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`
   * @see setsockopt(2), `UDP_GRO`: udp(7)
   */
  setUdpGro(coalesce: boolean): void {
    this.setNumber(121, 'setUdpGro', checkBoolean('coalesce', coalesce) ? 1 : 0);
  }
}
