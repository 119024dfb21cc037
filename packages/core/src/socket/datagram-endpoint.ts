/**
 * Datagrams in runs: what a protocol over UDP needs of a socket, by the fastest way that the system has. The way is
 * found out once, and given up where the system or the device refuses it.
 */
import { SockAddr } from '../address.js';
import { Domain } from '../constants.js';
import { Layout } from '../driver.js';
import { Memory } from '../driver/memory.js';
import { checkBoolean, checkInteger, invalidType, outOfRange, SockError } from '../errors.js';
import { isInstance } from '../instances.js';
import type { Socket } from '../socket.js';
import type { ColumnName } from './batch-columns.js';
import { checkBytes } from './buffer.js';
import { DatagramBatch } from './datagram-batch.js';
import { ErrorQueue } from './error-queue.js';
import type { WaitOptions } from './waits.js';

/** UDP_MAX_SEGMENTS of Linux before 6.9; later kernels take twice as many. */
const SEGMENTS = 64;
/** The most bytes of one UDP datagram over IPv4, and so of a run. */
const RUN_MAX = 65507;
const GRO_MAX = 65536;

/** The arguments of {@link DatagramEndpoint}. */
export interface DatagramEndpointInit {
  /** The most bytes of one datagram. Default 1472: an Ethernet frame without the headers of IPv4 and UDP. */
  readonly size?: number;
  /** The number of runs, or of datagrams where none are made, that one call sends or receives. Default 32. */
  readonly count?: number;
  /** The columns of what is sent and received. Their options are turned on. Default: none. */
  readonly columns?: readonly ColumnName[];
  /** Whether to use segmentation offload: UDP_SEGMENT. Default `true`: where the system has it. */
  readonly gso?: boolean;
  /** Whether to let the system join what it receives: UDP_GRO. Default `true`: where the system has it. */
  readonly gro?: boolean;
  /** Whether to keep packets from being fragmented: IP_MTU_DISCOVER. Default `true`: where the system can. */
  readonly dontFragment?: boolean;
  /** Is called for each datagram that did not leave. */
  readonly onFailure?: (failure: DatagramFailure) => void;
  /** Is called for each error that the network reported of datagrams that had left. */
  readonly onReport?: (report: DatagramReport) => void;
}

/** What an endpoint found out about its socket. */
export interface DatagramPath {
  /** Whether runs are cut by the system. Becomes `false` when the system or the device refuses. */
  readonly gso: boolean;
  /** Whether the system may join received datagrams. */
  readonly gro: boolean;
  /** The most datagrams of one run. */
  readonly maxSegments: number;
  /** Whether packets leave unfragmented or not at all. */
  readonly dontFragment: boolean;
  /** Whether errors come with their reason from the error queue. */
  readonly errorQueue: boolean;
}

/** A datagram that did not leave. */
export interface DatagramFailure {
  /** `refused`: the system had no room for it (ENOBUFS), and a later one may go. `failed`: any other error. */
  readonly outcome: 'refused' | 'failed';
  readonly error: SockError;
  /** Where it was to go; `undefined` on a connected socket. */
  readonly address: SockAddr | undefined;
  /** Its bytes. The memory is used again after the call. */
  readonly bytes: Uint8Array;
  /** EMSGSIZE: the path MTU in bytes, with the headers of IP and UDP, if the system says it. */
  readonly mtu: number | undefined;
}

/** An error of a datagram that had left: IP_RECVERR. */
export interface DatagramReport {
  readonly error: SockError;
  /** Where it went. */
  readonly address: SockAddr | undefined;
  /** Who reported it: `'icmp'`, `'icmp6'`, `'local'`, `'txtime'`, ... */
  readonly origin: string | number;
  /** EMSGSIZE: the MTU of the hop that refused it, in bytes. */
  readonly mtu: number | undefined;
}

/** What an endpoint counted since it was made. */
export interface DatagramStatistics {
  /** Datagrams that the system took. */
  sent: number;
  sentBytes: number;
  /** Datagrams for which the system had no room: ENOBUFS. */
  refused: number;
  /** Datagrams that failed for another reason. */
  failed: number;
  /** Of the failed, those that were longer than the path MTU: EMSGSIZE. */
  tooBig: number;
  /** Calls of sendmmsg(2) and recvmmsg(2). */
  calls: number;
  /** Runs that the system cut: UDP_SEGMENT. */
  runs: number;
  /** Runs that the system or the device refused to cut, by the name of the error. Each was sent in pieces. */
  refusedRuns: { EIO: number; EINVAL: number; EMSGSIZE: number; ENOBUFS: number };
  /** How often the socket had no room to send: EAGAIN. */
  waits: number;
  received: number;
  receivedBytes: number;
  /** Received datagrams that came joined: UDP_GRO. */
  joined: number;
  /** Received datagrams that were longer than their room. */
  truncated: number;
  /** Errors that the network reported. */
  reports: number;
}

/** What goes with one datagram. Each needs its column. */
export interface DatagramMeta {
  readonly ecn?: number;
  readonly source?: SockAddr | undefined;
  readonly interface?: number;
  /** In nanoseconds of the monotonic clock. */
  readonly transmitTime?: bigint;
}

const NO_META: DatagramMeta = {};

/**
 * Sends and receives datagrams of a UDP socket in batches and, where the system can, in runs: one buffer of equal
 * datagrams that the system cuts (UDP_SEGMENT) and joins (UDP_GRO).
 *
 * Every datagram that was pushed is counted once: as sent, refused or failed. The last two are also told to
 * `onFailure`. The order in which datagrams leave is the order in which they were pushed.
 *
 * The socket stays the caller's: the endpoint does not close it. Its blocking mode does not matter.
 *
 * @see udp(7), ip(7), sendmmsg(2), recvmmsg(2)
 * @example
 * const endpoint = new DatagramEndpoint(socket, { size: 1200, columns: ['ecn'] });
 * for (const packet of packets) {
 *   if (!endpoint.push(packet, peer, { ecn: 2 })) {
 *     await endpoint.flush();
 *     endpoint.push(packet, peer, { ecn: 2 });
 *   }
 * }
 * await endpoint.flush();
 */
export class DatagramEndpoint {
  readonly socket: Socket;
  readonly statistics: DatagramStatistics = {
    sent: 0,
    sentBytes: 0,
    refused: 0,
    failed: 0,
    tooBig: 0,
    calls: 0,
    runs: 0,
    refusedRuns: { EIO: 0, EINVAL: 0, EMSGSIZE: 0, ENOBUFS: 0 },
    waits: 0,
    received: 0,
    receivedBytes: 0,
    joined: 0,
    truncated: 0,
    reports: 0,
  };
  /** The batch of the last {@link tryReceive}: its columns, one element a slot. See {@link slotOf}. */
  readonly received: DatagramBatch;
  readonly #path: { -readonly [Name in keyof DatagramPath]: DatagramPath[Name] };
  readonly #queue: ErrorQueue;
  readonly #onFailure: ((failure: DatagramFailure) => void) | undefined;
  readonly #size: number;
  /** The runs to send. */
  readonly #out: DatagramBatch;
  /** The datagrams of a run that was refused. They leave before the others. */
  readonly #pieces: DatagramBatch;
  /** What belongs to the last slot of {@link #out}, which may grow. `undefined`: it may not. */
  #last: { readonly address: SockAddr | undefined; readonly meta: DatagramMeta } | undefined;
  /** The pieces of a run that was refused with EINVAL, and whether one of them failed as well. */
  #suspect: { left: number; failed: boolean } | undefined;
  #flushing: Promise<void> | undefined;
  #isSending = false;
  /** Where the received datagrams are: slot, offset in `received.data`, length. */
  #slots: Uint16Array;
  #offsets: Uint32Array;
  #lengths: Uint32Array;
  #length = 0;

  /**
   * @param socket a UDP socket
   * @throws {SockError} `ERR_SOCK_UNSUPPORTED` for a column that the backend does not support
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_VALUE`
   */
  constructor(socket: Socket, init: DatagramEndpointInit = {}) {
    if (!isInstance(socket, 'Socket')) throw invalidType('socket', 'a Socket', socket);
    if (typeof init !== 'object' || init === null)
      throw invalidType('init', 'of type object', init);
    const { size = 1472, count = 32, columns = [], gso = true, gro = true } = init;
    const { dontFragment = true, onFailure, onReport } = init;
    this.#size = checkInteger('size', size, 1, RUN_MAX);
    checkInteger('count', count, 1, 1024);
    for (const [name, value] of Object.entries({ gso, gro, dontFragment }))
      checkBoolean(name, value);
    for (const [name, value] of Object.entries({ onFailure, onReport })) {
      if (value !== undefined && typeof value !== 'function') {
        throw invalidType(name, 'of type function', value);
      }
    }
    this.socket = socket;
    this.#onFailure = onFailure;
    const connected = isConnected(socket);
    const cuts = gso && canCut(socket);
    const joins = gro && canJoin(socket);
    this.#out = new DatagramBatch({
      count,
      size: cuts ? Math.min(RUN_MAX, size * SEGMENTS) : size,
      columns,
      addresses: !connected,
      // The endpoint has to know what was refused. Where nothing is cut, nothing can be.
      ...(cuts ? { fallback: false } : {}),
    });
    this.#pieces = new DatagramBatch({ count: SEGMENTS, size, columns, addresses: !connected });
    this.received = new DatagramBatch({ count, size: joins ? GRO_MAX : size, columns });
    this.received.enable(socket);
    this.#queue = new ErrorQueue(socket, (report) => {
      this.statistics.reports++;
      onReport?.(report);
    });
    this.#path = {
      gso: cuts,
      gro: joins,
      maxSegments: cuts ? SEGMENTS : 1,
      dontFragment: dontFragment && keepWhole(socket),
      errorQueue: this.#queue.open(),
    };
    const most = joins ? count * SEGMENTS : count;
    this.#slots = new Uint16Array(most);
    this.#offsets = new Uint32Array(most);
    this.#lengths = new Uint32Array(most);
  }

  /** What the endpoint found out about its socket. */
  get path(): DatagramPath {
    return this.#path;
  }

  /**
   * The path MTU in bytes, with all headers: to an address as far as the system reported it, or to the peer of a
   * connected socket: IP_MTU, IPV6_MTU.
   */
  pathMtu(address?: SockAddr): number | undefined {
    if (address !== undefined) return this.#queue.mtu(address);
    const { socket } = this;
    let mtu: number | undefined;
    const ask = (name: string, call: () => number): boolean =>
      attempt(socket, name, () => {
        mtu = call();
      });
    if (socket.domain() !== Domain.IPV6 || !ask('mtuV6', () => socket.mtuV6())) {
      ask('mtuV4', () => socket.mtuV4());
    }
    return mtu;
  }

  /** How many datagrams wait to be sent. */
  get pending(): number {
    return count(this.#out) + count(this.#pieces);
  }

  // Sending

  /**
   * Adds a datagram, which is copied. It joins the run of the one before it if both have the same address, meta
   * data and length; a shorter one ends the run.
   * @param address left out on a socket that was connected when the endpoint was made
   * @returns `false` if there is no room: {@link trySend} or {@link flush} first
   * @throws `ERR_OUT_OF_RANGE` if it is longer than `size`
   */
  push(bytes: Uint8Array, address?: SockAddr, meta: DatagramMeta = NO_META): boolean {
    checkBytes('bytes', bytes);
    if (typeof meta !== 'object' || meta === null)
      throw invalidType('meta', 'of type object', meta);
    if (bytes.length > this.#size)
      throw outOfRange('bytes.length', `<= ${this.#size}`, bytes.length);
    const batch = this.#out;
    if (this.#grow(bytes, address, meta)) return true;
    const index = batch.length;
    if (index === batch.capacity) return false;
    batch.push(bytes, address);
    try {
      setMeta(batch, index, meta);
    } catch (error) {
      batch.length = index;
      throw error;
    }
    // A datagram without bytes cannot be a segment.
    const canGrow = this.#path.gso && bytes.length > 0;
    this.#last = canGrow ? { address, meta: copyOf(meta) } : undefined;
    return true;
  }

  /**
   * Adds a run: datagrams of one length, one after another, of which the last may be shorter. Protocol stacks make
   * such runs (`segment_size` of quinn's `Transmit`). Adding one costs a copy, and not one {@link push} a datagram.
   * Where the system cuts no runs, they are separate datagrams.
   * @param bytes the datagrams, which are copied
   * @param segment the bytes of each, 1 to `size`
   * @param address left out on a socket that was connected when the endpoint was made
   * @returns how many bytes it took, in whole datagrams. Fewer than `bytes.length`: there is no more room: {@link trySend}
   * or {@link flush}, and then add the rest
   * @throws `ERR_OUT_OF_RANGE`, `ERR_INVALID_ARG_TYPE`
   * @see udp(7): UDP_SEGMENT
   * @example
   * let taken = endpoint.pushRun(transmit, 1200, peer, { ecn: 2 });
   * while (taken < transmit.length) {
   *   await endpoint.flush();
   *   taken += endpoint.pushRun(transmit.subarray(taken), 1200, peer, { ecn: 2 });
   * }
   */
  pushRun(
    bytes: Uint8Array,
    segment: number,
    address?: SockAddr,
    meta: DatagramMeta = NO_META,
  ): number {
    checkBytes('bytes', bytes);
    checkInteger('segment', segment, 1, this.#size);
    let taken = 0;
    while (taken < bytes.length) {
      const first = bytes.subarray(taken, taken + segment);
      if (!this.push(first, address, meta)) break;
      taken += first.length;
      taken += this.#fill(bytes, taken, segment);
    }
    return taken;
  }

  /**
   * Adds datagrams to the last slot, to which the datagram before them was added.
   * @returns how many bytes it took
   */
  #fill(bytes: Uint8Array, start: number, segment: number): number {
    if (this.#last === undefined) return 0;
    const batch = this.#out;
    const index = batch.length - 1;
    const length = batch.lengths[index] as number;
    if (((batch.segments[index] as number) || length) !== segment) return 0;
    const most = Math.min(Math.floor(batch.size / segment), this.#path.maxSegments);
    const part = Math.min(most * segment - length, bytes.length - start);
    if (part <= 0) return 0;
    batch.data.set(bytes.subarray(start, start + part), index * batch.size + length);
    batch.lengths[index] = length + part;
    batch.segments[index] = segment;
    // A shorter one ends the run.
    if (part % segment !== 0) this.#last = undefined;
    return part;
  }

  /** Adds a datagram to the run of the last slot, if it belongs there. */
  #grow(bytes: Uint8Array, address: SockAddr | undefined, meta: DatagramMeta): boolean {
    const last = this.#last;
    const batch = this.#out;
    const index = batch.length - 1;
    if (last === undefined || index < 0 || bytes.length === 0) return false;
    const length = batch.lengths[index] as number;
    const segment = (batch.segments[index] as number) || length;
    if (bytes.length > segment || length + bytes.length > batch.size) return false;
    if (length / segment >= this.#path.maxSegments) return false;
    if (!sameAddress(last.address, address) || !sameMeta(last.meta, meta)) return false;
    batch.data.set(bytes, index * batch.size + length);
    batch.lengths[index] = length + bytes.length;
    batch.segments[index] = segment;
    if (bytes.length < segment) this.#last = undefined;
    return true;
  }

  /**
   * Sends what was pushed, without waiting. From within `onFailure` and `onReport` it does nothing: push there, and
   * the call that is under way sends it.
   * @returns whether nothing is left to send. `false`: the socket has no room: `await socket.writable()`, or {@link flush}
   */
  trySend(): boolean {
    // Called from `onFailure` or `onReport`: the call that is under way sends what they pushed.
    if (this.#isSending) return false;
    this.#isSending = true;
    try {
      return this.#send();
    } finally {
      this.#isSending = false;
    }
  }

  #send(): boolean {
    this.#last = undefined;
    while (this.pending > 0) {
      const batch = this.#pieces.length > 0 ? this.#pieces : this.#out;
      let sent: number | undefined;
      this.statistics.calls++;
      try {
        sent = this.socket.trySendBatch(batch);
      } catch (error) {
        if (!(error instanceof SockError) || error.code === 'EBADF') throw error;
        this.#failed(batch, error);
        continue;
      }
      if (sent === undefined) {
        this.statistics.waits++;
        // An error in the queue makes the socket ready, so a wait for room would end at once, again and again.
        this.#queue.drain();
        return false;
      }
      this.#sent(batch, sent);
    }
    return true;
  }

  /**
   * Sends all that was pushed. Waits while the socket has no room. Calls of it follow one another.
   * @throws {SockError} ETIMEDOUT, EBADF; what was not sent stays pending
   */
  flush(options?: WaitOptions): Promise<void> {
    const before = this.#flushing ?? Promise.resolve();
    const run = before.catch(() => {}).then(() => this.#flush(options));
    this.#flushing = run;
    return run;
  }

  async #flush(options: WaitOptions | undefined): Promise<void> {
    while (!this.trySend()) await this.socket.writable(options);
  }

  #sent(batch: DatagramBatch, slots: number): void {
    const { statistics } = this;
    for (let i = 0; i < slots; i++) {
      const number = countOf(batch, i);
      statistics.sent += number;
      statistics.sentBytes += batch.lengths[i] as number;
      if (number > 1) statistics.runs++;
    }
    batch.drop(slots);
    this.#settle(batch, slots, false);
  }

  /** Counts the pieces of a run that was refused with EINVAL. If all of them went, it was the run that is wrong. */
  #settle(batch: DatagramBatch, pieces: number, failed: boolean): void {
    const suspect = this.#suspect;
    if (suspect === undefined || batch !== this.#pieces) return;
    suspect.left -= pieces;
    suspect.failed ||= failed;
    if (suspect.left > 0) return;
    this.#suspect = undefined;
    if (!suspect.failed) this.#stopCutting();
  }

  #stopCutting(): void {
    this.#path.gso = false;
    this.#path.maxSegments = 1;
  }

  /** The first datagram or run of a batch failed. */
  #failed(batch: DatagramBatch, error: SockError): void {
    // The error may be of a datagram that had left: the system tells it to the next call.
    if (this.#queue.take(error)) return;
    const { statistics } = this;
    const { code } = error;
    if (countOf(batch, 0) > 1) {
      const refused = statistics.refusedRuns;
      if (code in refused) refused[code as keyof typeof refused]++;
      // The device cannot make the checksums of segments: it never will.
      if (code === 'EIO') this.#stopCutting();
      if (code !== 'ENOBUFS') {
        this.#split();
        if (code === 'EINVAL') this.#suspect = { left: this.#pieces.length, failed: false };
        return;
      }
    }
    const mtu = code === 'EMSGSIZE' ? this.#mtuOf(batch) : undefined;
    const outcome = code === 'ENOBUFS' ? 'refused' : 'failed';
    const number = countOf(batch, 0);
    statistics[outcome] += number;
    if (code === 'EMSGSIZE') statistics.tooBig += number;
    try {
      this.#tell(batch, outcome, error, mtu);
    } finally {
      // It is counted, so it must not be sent again, even if the callback throws.
      batch.drop(1);
      this.#settle(batch, 1, true);
    }
  }

  /** Tells the caller of each datagram in the first slot. */
  #tell(
    batch: DatagramBatch,
    outcome: DatagramFailure['outcome'],
    error: SockError,
    mtu: number | undefined,
  ): void {
    if (this.#onFailure === undefined) return;
    const address = addressOf(batch, 0);
    const length = batch.lengths[0] as number;
    const segment = (batch.segments[0] as number) || length;
    let start = 0;
    do {
      const bytes = batch.data.subarray(start, Math.min(start + segment, length));
      this.#onFailure({ outcome, error, address, bytes, mtu });
      start += segment;
    } while (start < length);
  }

  #mtuOf(batch: DatagramBatch): number | undefined {
    return this.pathMtu(addressOf(batch, 0));
  }

  /** Moves the datagrams of the first run to the pieces. */
  #split(): void {
    const from = this.#out;
    const to = this.#pieces;
    const length = from.lengths[0] as number;
    const segment = from.segments[0] as number;
    const address = addressOf(from, 0) as SockAddr;
    for (let start = 0; start < length; start += segment) {
      const index = to.length;
      to.push(from.data.subarray(start, Math.min(start + segment, length)), address);
      copyMeta(from, to, index);
    }
    from.drop(1);
  }

  // Receiving

  /**
   * Receives what has arrived, without waiting. The datagrams are numbered from 0; {@link bytes} and
   * {@link addressOf} give them until the next call.
   * @returns how many; `undefined` if none has arrived
   * @throws {SockError} an error of the socket that the error queue does not explain
   */
  tryReceive(): number | undefined {
    const { socket, statistics, received } = this;
    for (;;) {
      statistics.calls++;
      let slots: number | undefined;
      try {
        slots = socket.tryRecvBatch(received);
      } catch (error) {
        if (error instanceof SockError && error.code !== 'EBADF' && this.#queue.take(error))
          continue;
        throw error;
      }
      this.#length = 0;
      if (slots === undefined) {
        this.#queue.drain();
        return undefined;
      }
      for (let slot = 0; slot < slots; slot++) this.#take(slot);
      statistics.received += this.#length;
      return this.#length;
    }
  }

  /** {@link tryReceive} that waits for the first datagram. */
  async receive(options?: WaitOptions): Promise<number> {
    for (;;) {
      const arrived = this.tryReceive();
      if (arrived !== undefined) return arrived;
      await this.socket.readable(options);
    }
  }

  /** Splits what the system joined. */
  #take(slot: number): void {
    const { received, statistics } = this;
    const length = Math.min(received.lengths[slot] as number, received.size);
    const segment = (received.segments[slot] as number) || length;
    const base = slot * received.size;
    const first = this.#length;
    const number = segment === 0 ? 1 : Math.ceil(length / segment);
    if (first + number > this.#slots.length) this.#makeRoom(first + number);
    for (let i = 0; i < number; i++) {
      this.#slots[first + i] = slot;
      this.#offsets[first + i] = base + i * segment;
      this.#lengths[first + i] = Math.min(segment, length - i * segment);
    }
    this.#length = first + number;
    statistics.receivedBytes += length;
    if (number > 1) statistics.joined += number;
    if (((received.flags[slot] as number) & this.#queue.TRUNC) !== 0) statistics.truncated++;
  }

  /** A system may join more datagrams than Linux does today. */
  #makeRoom(most: number): void {
    const grown = Math.max(most, 2 * this.#slots.length);
    const [slots, offsets, lengths] = [this.#slots, this.#offsets, this.#lengths];
    this.#slots = new Uint16Array(grown);
    this.#offsets = new Uint32Array(grown);
    this.#lengths = new Uint32Array(grown);
    this.#slots.set(slots);
    this.#offsets.set(offsets);
    this.#lengths.set(lengths);
  }

  /** How many datagrams the last receive brought. */
  get length(): number {
    return this.#length;
  }

  /** The bytes of received datagram `index`: a view that the next receive overwrites. */
  bytes(index: number): Uint8Array {
    const start = this.#offsets[this.#check(index)] as number;
    return this.received.data.subarray(start, start + (this.#lengths[index] as number));
  }

  /** Where the bytes of received datagram `index` start in `received.data`. Allocates nothing. */
  offsetOf(index: number): number {
    return this.#offsets[this.#check(index)] as number;
  }

  /** The number of bytes of received datagram `index`. Allocates nothing. */
  lengthOf(index: number): number {
    return this.#lengths[this.#check(index)] as number;
  }

  /** The slot of {@link received} in which datagram `index` came. The columns of the slot are its columns. */
  slotOf(index: number): number {
    return this.#slots[this.#check(index)] as number;
  }

  /** The sender of received datagram `index`. */
  addressOf(index: number): SockAddr {
    return this.received.address(this.slotOf(index));
  }

  #check(index: number): number {
    return checkInteger('index', index, 0, this.#length - 1);
  }
}

/** The number of datagrams in a slot. */
function countOf(batch: DatagramBatch, index: number): number {
  const segment = batch.segments[index] as number;
  return segment === 0 ? 1 : Math.max(1, Math.ceil((batch.lengths[index] as number) / segment));
}

function count(batch: DatagramBatch): number {
  let sum = 0;
  for (let i = 0; i < batch.length; i++) sum += countOf(batch, i);
  return sum;
}

function addressOf(batch: DatagramBatch, index: number): SockAddr | undefined {
  return batch.addresses === undefined ? undefined : batch.address(index);
}

/** Where two addresses are compared in the driver's form, which makes no text of them. */
const sides = [new Memory(new ArrayBuffer(128)), new Memory(new ArrayBuffer(128))] as const;

function sameAddress(one: SockAddr | undefined, other: SockAddr | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  const [first, second] = sides;
  SockAddr.write(first, one);
  SockAddr.write(second, other);
  const length = first.u32[Layout.addressLength >> 2] as number;
  const words = (Layout.addressData + length + 3) >> 2;
  // The last word of a path may hold bytes of an earlier address. Then the run ends although it could go on.
  for (let i = 0; i < words; i++) if (first.u32[i] !== second.u32[i]) return false;
  return true;
}

function sameMeta(one: DatagramMeta, other: DatagramMeta): boolean {
  if (one === other) return true;
  return (
    one.ecn === other.ecn &&
    one.interface === other.interface &&
    one.transmitTime === other.transmitTime &&
    sameAddress(one.source, other.source)
  );
}

/** The caller may change its object for the next datagram. */
function copyOf(meta: DatagramMeta): DatagramMeta {
  if (meta === NO_META) return meta;
  const { ecn, source, interface: interfaceIndex, transmitTime } = meta;
  return { ecn, source, interface: interfaceIndex, transmitTime } as DatagramMeta;
}

function setMeta(batch: DatagramBatch, index: number, meta: DatagramMeta): void {
  const { ecn, source, interface: interfaceIndex, transmitTime } = meta;
  if (ecn !== undefined) columnOf(batch.ecn, 'ecn')[index] = checkInteger('meta.ecn', ecn, 0, 3);
  if (source !== undefined) batch.setSource(index, source);
  if (interfaceIndex !== undefined) {
    checkInteger('meta.interface', interfaceIndex, 0, 0x7fffffff);
    columnOf(batch.interfaces, 'interface')[index] = interfaceIndex;
  }
  if (transmitTime !== undefined) {
    if (typeof transmitTime !== 'bigint') {
      throw invalidType('meta.transmitTime', 'of type bigint', transmitTime);
    }
    columnOf(batch.transmitTimes, 'transmitTime')[index] = transmitTime;
  }
}

function columnOf<T>(column: T | undefined, name: ColumnName): T {
  if (column !== undefined) return column;
  throw invalidType('columns', `an array with '${name}' for this datagram`, undefined);
}

function copyMeta(from: DatagramBatch, to: DatagramBatch, index: number): void {
  for (const name of ['ecn', 'tos', 'ttl', 'interfaces', 'transmitTimes'] as const) {
    const [source, target] = [from[name], to[name]];
    if (source !== undefined && target !== undefined) target[index] = source[0] as never;
  }
  if (from.hasSource) to.setSource(index, from.source(0));
}

function isConnected(socket: Socket): boolean {
  return attempt(socket, 'peerAddr', () => socket.peerAddr());
}

/** Whether the system cuts segments. Linux before 4.18 does not know the option. */
function canCut(socket: Socket): boolean {
  return attempt(socket, 'udpSegment', () => socket.udpSegment());
}

function canJoin(socket: Socket): boolean {
  return attempt(socket, 'setUdpGro', () => socket.setUdpGro(true));
}

/** Keeps packets from being fragmented, at each protocol of the socket. */
function keepWhole(socket: Socket): boolean {
  const ipv6 = socket.domain() === Domain.IPV6;
  const v6 =
    !ipv6 ||
    attempt(socket, 'setMtuDiscoverV6', () => socket.setMtuDiscoverV6('do')) ||
    attempt(socket, 'setDontFragV6', () => socket.setDontFragV6(true));
  const dual = ipv6 && attempt(socket, 'dualStack', () => {}) && !socket.onlyV6();
  const v4 =
    (ipv6 && !dual) || attempt(socket, 'setMtuDiscoverV4', () => socket.setMtuDiscoverV4('do'));
  return v6 && v4;
}

/** Whether a call that the backend may lack works. An older kernel does not know the option. */
function attempt(socket: Socket, name: string, call: () => unknown): boolean {
  if (socket.supports(name).level === 'unsupported') return false;
  try {
    call();
    return true;
  } catch (error) {
    if (error instanceof SockError && error.code !== 'EBADF') return false;
    throw error;
  }
}
