/**
 * The interface that a backend implements. Core builds everything that users see on it: core turns names
 * into numbers before a call, and a negative result into a `SockError` after it.
 *
 * Every function returns a number >= 0 on success, or a negative error number of the backend's
 * system (`errors` gives its name). No function throws or allocates.
 */

/** Byte offsets of the fields in {@link Driver.memory}, as `struct sock_address` and `struct sock_value` lay them out. */
export const Layout = {
  /** `struct sock_address`, in and out. */
  address: 0,
  addressFamily: 0,
  addressPort: 2,
  addressFlowinfo: 4,
  addressScopeId: 8,
  addressLength: 12,
  addressData: 16,
  addressDataSize: 112,
  /** `struct sock_value`: float64 number, uint32 length, bytes. */
  value: 128,
  valueNumber: 128,
  valueLength: 136,
  valueBytes: 140,
  valueBytesSize: 244,
  /** int32: `msg_flags` of the last `recvVectored`; the second handle of `pair`. */
  flags: 384,
  /** int32: bytes of control messages that the last `recvMessage` filled. */
  controlLength: 388,
  /** `struct sock_spliced`, uint32 each: the bytes in the pipe, those that were sent, and the last piece received. */
  splicedHeld: 416,
  splicedSent: 420,
  splicedPiece: 424,
  /** Size of the memory, in bytes. */
  size: 512,
} as const;

/** The error number of an operation or option that the backend does not support. */
export const EUNSUPPORTED = 100000;

/** `flags` of {@link Driver.open}, {@link Driver.pair} and {@link Driver.accept}. */
export const OpenFlags = { INHERITABLE: 1, DONTWAIT: 2 } as const;

/** Why {@link Driver.splice} returned: SOCK_SPLICE_ of libsock. */
export const Spliced = { MORE: 0, RECV: 1, SEND: 2, END: 3 } as const;

/** Bits of interest and readiness of {@link Driver.watch}. */
export const Readiness = {
  READABLE: 1,
  WRITABLE: 2,
  ERROR: 4,
  HANGUP: 8,
  PRIORITY: 16,
  /**
   * Reported, never asked for: another Socket closed the handle. Its number may belong to somebody else by now, so
   * no call may be made on it. A wait alone could not tell this from an error of the socket.
   */
  CLOSED: 256,
} as const;

/** How well a backend does an operation or an option. */
export type SupportLevel = 'native' | 'emulated' | 'advisory' | 'unsupported';

/** A {@link SupportLevel}, and the reason if the level is not `native`. */
export interface Support {
  readonly level: SupportLevel;
  readonly reason?: string;
}

/** The number by which a driver knows a socket: its file descriptor on POSIX systems. Negative: no socket. */
export type Handle = number;

/** The interface of a backend. */
export interface Driver {
  /** `'native'`, `'wasi'`, ...: the value of {@link Socket.backend}. */
  readonly name: string;
  /** The operating system, in `process.platform`'s words, or `'wasi'`. */
  readonly system: string;
  /** The system's numbers: `AF_INET`, `SOCK_STREAM`, `IPPROTO_TCP`, `MSG_PEEK`, ... */
  readonly constants: Readonly<Record<string, number>>;
  /** Error names to positive error numbers. */
  readonly errors: Readonly<Record<string, number>>;
  /** The memory through which addresses, option values and flags pass ({@link Layout}). Never reallocated. */
  readonly memory: ArrayBuffer;
  /** The support of this backend where it differs from core's tables, by the name of the method. */
  readonly support?: Readonly<Record<string, Support>>;

  open(domain: number, type: number, protocol: number, flags: number): Handle;
  /** Returns the first handle; the second is at {@link Layout.flags}. */
  pair(domain: number, type: number, protocol: number, flags: number): Handle;
  close(handle: Handle): number;
  /** Becomes the owner of a descriptor from elsewhere, after checking that it is a socket. */
  adopt(handle: Handle): number;
  /** Releases a handle: the driver no longer owns it, and it stays open. */
  release(handle: Handle): number;
  setCloexec(handle: Handle, on: boolean): number;

  /** The address is in {@link Driver.memory}. */
  bind(handle: Handle): number;
  connect(handle: Handle): number;
  tryConnect(handle: Handle): number;
  connectTimeout(handle: Handle, milliseconds: number): number;
  listen(handle: Handle, backlog: number): number;
  /** The peer's address goes to {@link Driver.memory}. */
  accept(handle: Handle, flags: number): Handle;
  /** accept4(2), with the system's flags. Left out if the system does not have it. */
  accept4?(handle: Handle, flags: number): Handle;
  /**
   * {@link accept} until `count` connections are accepted, none waits or one fails; only the first may wait. Fills
   * `handles`, and `peers` with a `struct sock_address` each ({@link Layout.addressSize} bytes). Returns how many, or
   * the error of the first. Left out if it is no faster than a loop over `accept`: core has that.
   */
  acceptBatch?(
    handle: Handle,
    flags: number,
    count: number,
    handles: Int32Array,
    peers: Uint8Array,
  ): number;
  localAddress(handle: Handle): number;
  peerAddress(handle: Handle): number;
  duplicate(handle: Handle): Handle;
  nonblocking(handle: Handle): number;
  setNonblocking(handle: Handle, on: boolean): number;
  /** `how`: 0 read, 1 write, 2 both. */
  shutdown(handle: Handle, how: number): number;

  recv(handle: Handle, buffer: Uint8Array, flags: number): number;
  /** The sender's address goes to {@link Driver.memory}. */
  recvFrom(handle: Handle, buffer: Uint8Array, flags: number): number;
  /** `msg_flags` go to {@link Layout.flags}; with `from` the sender's address to {@link Driver.memory}. */
  recvVectored(
    handle: Handle,
    buffers: readonly Uint8Array[],
    flags: number,
    from: boolean,
  ): number;
  send(handle: Handle, buffer: Uint8Array, flags: number): number;
  /** To the address in {@link Driver.memory}. */
  sendTo(handle: Handle, buffer: Uint8Array, flags: number): number;
  /** With `to`: to the address in {@link Driver.memory}. */
  sendVectored(handle: Handle, buffers: readonly Uint8Array[], flags: number, to: boolean): number;

  /**
   * sendmsg(2), with `to` to the address in {@link Driver.memory}; `control`: `struct sock_control`s.
   * Left out if the backend does not support control messages.
   */
  sendMessage?(
    handle: Handle,
    buffers: readonly Uint8Array[],
    flags: number,
    to: boolean,
    control: Uint8Array,
  ): number;
  /** recvmsg(2): fills `control`, {@link Layout.controlLength}, {@link Layout.flags} and the sender's address. */
  recvMessage?(
    handle: Handle,
    buffers: readonly Uint8Array[],
    flags: number,
    control: Uint8Array,
  ): number;

  /**
   * Receives at most `count` datagrams, one into each slot of `data`, and fills the other arrays with the
   * length, address and flags of each (`struct sock_batch`). Returns their number. Left out if the backend
   * does not support batches.
   */
  recvBatch?(handle: Handle, batch: BatchArrays, count: number, flags: number): number;
  /** Sends the first `count` slots. */
  sendBatch?(handle: Handle, batch: BatchArrays, count: number, flags: number): number;

  /** sendfile(2). Left out if the backend does not support it. */
  sendFile?(handle: Handle, file: number, offset: number, length: number): number;
  /**
   * pipe2(2): what {@link splice} moves data through. Returns the end to read from; the end to write to is at
   * {@link Layout.flags}. Both are closed like sockets. Left out with `splice`.
   */
  pipe?(): Handle;
  /**
   * splice(2): moves bytes from a stream socket to another through a pipe, until a call would block, `from` ends, at least
   * `most` bytes are sent, or a piece was no longer than `small`. No other member moves data without a copy through
   * the program. {@link Layout.splicedHeld} holds how many bytes are in the pipe, before and after; it and the two after it
   * hold what was done also when the result is an error.
   * @returns one of {@link Spliced}, or an error
   */
  splice?(from: Handle, out: Handle, into: Handle, to: Handle, most: number, small: number): number;
  /** SO_ATTACH_FILTER, or SO_ATTACH_REUSEPORT_CBPF: `struct sock_filter`s. Left out if the backend does not support it. */
  attachFilter?(handle: Handle, program: Uint8Array, reusePort: boolean): number;

  /** The index of the interface with this name. if_nametoindex(3); left out if the backend does not support it. */
  interfaceIndex?(name: Uint8Array): number;
  /** Fills `name`; returns its length. if_indextoname(3). */
  interfaceName?(index: number, name: Uint8Array): number;
  /** Fills `list` with `struct sock_interface`s; returns the number of interfaces, which may be larger than the list. if_nameindex(3). */
  interfaces?(list: Uint8Array): number;

  /** The value goes to {@link Driver.memory}. */
  getOption(handle: Handle, option: number): number;
  /** The value is in {@link Driver.memory}. */
  setOption(handle: Handle, option: number): number;
  /** Fills `data`; returns how many bytes the system wrote. */
  getOptionRaw(handle: Handle, level: number, name: number, data: Uint8Array): number;
  setOptionRaw(handle: Handle, level: number, name: number, data: Uint8Array): number;

  /**
   * Calls `ready` once when the handle is ready for some of `interest`, from the event loop and
   * never from inside this call; the process stays alive while it waits. A second call with the
   * same `ready` replaces the first, and interest 0 ends it. Calls with different functions are separate
   * waits, as several Sockets may share a handle. `Readiness.HANGUP` says that the peer sends
   * no more, and ends waits to read only; `WRITABLE` also means that a send would fail at once.
   * The socket's blocking mode stays as it is.
   * @param drained the caller waits again after an event, and has just seen that the call would still block: a driver
   * that is told of changes as well as of states has nothing to do then. A driver may ignore it.
   */
  watch(
    handle: Handle,
    interest: number,
    ready: (readiness: number) => void,
    drained?: boolean,
  ): number;

  /**
   * poll(2) on `count` entries of four int32 each: the handle in two, bits of interest, what is ready. Waits for the
   * first; negative `milliseconds`: without end. Returns how many are ready. A host that waits for other sockets each
   * time would otherwise register them with a {@link poller} for every wait. Left out where the backend can't.
   */
  poll?(entries: Int32Array, count: number, milliseconds: number): number;

  /**
   * Looks up the addresses of a host: getaddrinfo(3). Calls `done` once, from the event loop and never from inside this
   * call: with addresses as text, which may have a zone, or with the code of the failure, such as `'ENOTFOUND'` or
   * `'EAI_AGAIN'`; `'EACCES'` where a policy denies the look-up. Left out if the backend looks up no names.
   * @param family 4 or 6 for addresses of that family only, 0 for both
   */
  lookup?(
    name: string,
    family: 0 | 4 | 6,
    done: (code: string | undefined, addresses: readonly string[]) => void,
  ): void;

  /** Waiting on many sockets at once; left out if the backend does not support it. */
  readonly poller?: PollerDriver;
}

/** The arrays of a {@link DatagramBatch}: slot `i` of each belongs to datagram `i`. */
export interface BatchArrays {
  /** The datagrams, `size` bytes of room each. */
  readonly data: Uint8Array;
  readonly lengths: Uint32Array;
  readonly flags: Int32Array;
  /** `struct sock_address` each; `undefined` if the batch was made without addresses. */
  readonly addresses: Uint8Array | undefined;
  readonly segments: Uint32Array;
  readonly size: number;
  /** What else comes and goes with each datagram; `undefined` if the batch was made without columns. */
  readonly columns?: BatchColumns | undefined;
}

/** The columns of a {@link DatagramBatch}, as they pass to a driver: `sock_columns_layout` of libsock. */
export interface BatchColumns {
  /** The columns one after the other, in the order of their bits, `capacity` elements each. Aligned to 8. */
  readonly memory: Uint8Array;
  /** Bits of {@link Column}. */
  readonly wanted: number;
  readonly capacity: number;
}

/** Bits of {@link BatchColumns.wanted}. */
export const Column = {
  /** `struct sock_address`. */
  DESTINATION: 1 << 0,
  /** `struct sock_address`. */
  SOURCE: 1 << 1,
  /** uint64, as the two after it. */
  TIMESTAMP: 1 << 2,
  HARDWARE_TIMESTAMP: 1 << 3,
  TRANSMIT_TIME: 1 << 4,
  /** uint32, as the one after it. */
  INTERFACE: 1 << 5,
  DROPS: 1 << 6,
  /** uint16: which of the columns the system gave for a received datagram. Always there. */
  FILLED: 1 << 7,
  /** uint8, as the two after it. */
  TOS: 1 << 8,
  ECN: 1 << 9,
  TTL: 1 << 10,
  /** No column: a system that refuses to cut a datagram into segments is an error of `sendBatch`. */
  WHOLE: 1 << 11,
} as const;

/** What a backend implements for {@link Poller}. */
export interface PollerDriver {
  /** Returns the poller's handle. */
  open(): number;
  /** `interest`: bits of {@link Interest}. */
  add(poller: number, handle: Handle, token: number, interest: number): number;
  modify(poller: number, handle: Handle, token: number, interest: number): number;
  remove(poller: number, handle: Handle): number;
  /** Fills pairs of token and readiness; returns how many pairs. Negative `milliseconds`: no limit. */
  wait(poller: number, events: Uint32Array, milliseconds: number): number;
  /** Returns the handle for {@link wake}, which is closed like a poller. */
  waker(poller: number): number;
  /** Wakes the poller of any thread. */
  wake(waker: number): number;
  /** Has the event loop fill `events` and call `ready` with their number; keeps the process alive. */
  attach(poller: number, events: Uint32Array, ready: (count: number) => void): number;
  detach(poller: number): number;
  keepAlive(poller: number, on: boolean): number;
  close(poller: number): number;
}
