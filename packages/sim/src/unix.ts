/** Unix domain sockets of one host: unix(7). Nothing that goes wrong on a network happens here. */
import { Readiness } from '@sock/core';
import { type Address, Family } from './address.js';
import { constants, errors } from './numbers.js';
import { Queue } from './queue.js';
import {
  AT_ONCE,
  CommonOptions,
  costOf,
  ENDED,
  gather,
  lengthOf,
  scatter,
  SimSocket,
} from './sim-socket.js';

const LEAST_COST = 768;
/** Linux's net.unix.max_dgram_qlen. */
const MOST_DATAGRAMS = 10;
const AUTO = 5;

interface Message {
  data: Uint8Array;
  /** What it costs of its sender's buffer. */
  readonly cost: number;
  readonly sender: UnixSocket;
}

/** A unix domain socket of any type. */
export class UnixSocket extends SimSocket {
  override readonly options = new CommonOptions(212_992, 212_992);
  /** Its name, one character a byte; none is empty. */
  name = '';
  peer: UnixSocket | undefined;
  /** Its name is told even when it is gone. */
  #lastPeer: UnixSocket | undefined;
  #peerEnded = false;
  listening = false;
  #backlog = 0;
  readonly #accepted = new Queue<UnixSocket>();
  readonly #queue = new Queue<Message>();
  /** What is on its way from here and was not received. */
  #outstanding = 0;
  #closed = false;

  get #isDatagram(): boolean {
    return this.type === constants.SOCK_DGRAM;
  }

  get #isStream(): boolean {
    return this.type === constants.SOCK_STREAM;
  }

  override get isListening(): boolean {
    return this.listening;
  }

  describe(): string {
    const text = this.name.startsWith('\0') ? `@${this.name.slice(1)}` : this.name;
    return `${this.host.name}: unix ${text === '' ? '(unnamed)' : text}`;
  }

  readiness(): number {
    let ready = 0;
    if (this.listening) return this.#accepted.length > 0 ? Readiness.READABLE : 0;
    if (this.error !== 0) ready |= Readiness.ERROR;
    if (this.#queue.length > 0 && !this.host.readsNothing) ready |= Readiness.READABLE;
    if (this.#isDatagram) {
      if (this.shutRead) ready |= Readiness.READABLE;
      if (this.shutRead && this.shutWrite) ready |= Readiness.HANGUP;
      if (this.#hasRoom(this.peer)) ready |= Readiness.WRITABLE;
      return ready;
    }
    const ended = this.#peerEnded || this.shutRead;
    if (ended && this.shutWrite) ready |= Readiness.HANGUP;
    if (ended) ready |= Readiness.READABLE | ENDED;
    if (this.peer === undefined && !this.#peerEnded)
      return ready | Readiness.HANGUP | Readiness.WRITABLE;
    if (this.peer === undefined || this.#outstanding * 4 <= this.options.sendBuffer) {
      ready |= Readiness.WRITABLE;
    }
    return ready;
  }

  bind(address: Address): number {
    if (address.family !== Family.UNIX) return -errors.EINVAL;
    const { unixNames } = this.host;
    let { path } = address;
    if (path === '') {
      if (this.name !== '') return 0;
      path = this.host.unusedName(AUTO);
    }
    const isAbstract = path.startsWith('\0');
    // The file of a path is made first, and nothing is known of the socket then.
    if (isAbstract && this.name !== '') return -errors.EINVAL;
    if (unixNames.has(this.#key(path))) return -errors.EADDRINUSE;
    if (this.name !== '') return -errors.EINVAL;
    unixNames.set(this.#key(path), this);
    this.name = path;
    return 0;
  }

  /** Abstract names belong to a type of sockets, paths to all. */
  #key(path: string): string {
    return path.startsWith('\0') ? `${this.type}${path}` : path;
  }

  #find({ family, path }: Address): UnixSocket | number {
    if (family !== Family.UNIX) return -errors.EINVAL;
    if (path === '') return -errors.EINVAL;
    const found = this.host.unixNames.get(this.#key(path));
    if (found === undefined) return path.startsWith('\0') ? -errors.ECONNREFUSED : -errors.ENOENT;
    if (found === null || found.#closed) return -errors.ECONNREFUSED;
    return found.type === this.type ? found : -errors.EPROTOTYPE;
  }

  connect(address: Address, milliseconds: number): number {
    if (address.family === Family.UNSPEC) {
      if (!this.#isDatagram) return -errors.EINVAL;
      if (this.peer !== undefined) this.#leavePeer(this.peer);
      this.peer = undefined;
      this.#lastPeer = undefined;
      return 0;
    }
    const found = this.#find(address);
    if (typeof found === 'number') return found;
    if (this.#isDatagram) {
      if (found.peer !== undefined && found.peer !== this) return -errors.EPERM;
      const before = this.peer;
      if (before !== undefined && before !== found) this.#leavePeer(before);
      this.peer = found;
      this.#lastPeer = found;
      return 0;
    }
    if (!found.listening || found.shutRead) return -errors.ECONNREFUSED;
    if (this.listening) return -errors.EINVAL;
    if (this.peer !== undefined || this.#peerEnded) return -errors.EISCONN;
    if (found.#accepted.length > found.#backlog) {
      if (milliseconds === AT_ONCE) return -errors.EAGAIN;
      const result = this.block(
        () => found.#accepted.length <= found.#backlog || !found.listening,
        milliseconds,
      );
      if (result < 0) return result;
      if (!found.listening) return -errors.ECONNREFUSED;
    }
    const { host } = this;
    const server = new UnixSocket(
      host,
      host.network.nextCookie(),
      this.domain,
      this.type,
      this.protocol,
    );
    server.name = found.name;
    server.references = 0;
    this.join(server);
    found.#accepted.push(server);
    found.changed();
    this.changed();
    return 0;
  }

  /** What a datagram socket had received is lost when it turns to somebody else. */
  #leavePeer(before: UnixSocket): void {
    if (this.#queue.length === 0) return;
    this.#purge();
    if (!before.#closed && before.peer === this) before.fail(errors.ECONNRESET);
  }

  #purge(): void {
    for (const { sender, cost } of this.#queue) sender.#release(cost);
    this.#queue.clear();
  }

  /** Connects two sockets with each other. */
  join(other: UnixSocket): void {
    this.peer = other;
    other.peer = this;
    this.#lastPeer = other;
    other.#lastPeer = this;
  }

  listen(backlog: number): number {
    if (this.#isDatagram) return -errors.EOPNOTSUPP;
    if (this.name === '' || this.peer !== undefined || this.#peerEnded) return -errors.EINVAL;
    this.listening = true;
    this.#backlog = backlog < 0 ? constants.SOMAXCONN : Math.min(backlog, constants.SOMAXCONN);
    return 0;
  }

  accept(wait: boolean): SimSocket | number {
    if (this.#isDatagram) return -errors.EOPNOTSUPP;
    if (!this.listening) return -errors.EINVAL;
    if (this.#accepted.length === 0) {
      if (this.shutRead) return -errors.EINVAL;
      if (!wait) return -errors.EAGAIN;
      const result = this.block(() => this.#accepted.length > 0, this.options.readTimeout);
      if (result < 0) return result;
      if (this.dead) return -errors.ENETDOWN;
    }
    const connection = this.#accepted.shift() as UnixSocket;
    connection.references = 1;
    return connection;
  }

  localAddress(): number {
    this.host.addresses_.writeUnix(this.name);
    return 0;
  }

  peerAddress(): number {
    if (this.peer === undefined && !this.#peerEnded) return -errors.ENOTCONN;
    this.host.addresses_.writeUnix(this.#lastPeer?.name ?? '');
    return 0;
  }

  /** The name of the other end, for accept(2). */
  writePeer(): void {
    this.host.addresses_.writeUnix(this.#lastPeer?.name ?? '');
  }

  shutdown(how: number): number {
    if (how !== 1) this.shutRead = true;
    if (how !== 0) this.shutWrite = true;
    const { peer } = this;
    if (peer !== undefined && !this.#isDatagram) {
      if (how !== 1) peer.shutWrite = true;
      if (how !== 0) peer.shutRead = true;
      peer.changed();
    }
    this.changed();
    return 0;
  }

  #hasRoom(target: UnixSocket | undefined): boolean {
    if (this.#outstanding > this.options.sendBuffer - LEAST_COST) return false;
    // Two that are connected with each other are bounded by their buffers alone.
    if (target === undefined || target.peer === this) return true;
    return target.#queue.length <= MOST_DATAGRAMS;
  }

  send(buffers: readonly Uint8Array[], flags: number, to: Address | undefined): number {
    if (this.#isStream) return this.#sendStream(buffers, flags, to);
    const length = lengthOf(buffers);
    if (this.#isDatagram) {
      if (to !== undefined && (to.family !== Family.UNIX || to.path === '')) return -errors.EINVAL;
    } else {
      if (this.error !== 0) return this.takeError();
      if (this.peer === undefined && !this.#peerEnded) return -errors.ENOTCONN;
    }
    if (length > this.options.sendBuffer - 32) return -errors.EMSGSIZE;
    if (this.error !== 0) return this.takeError();
    if (this.shutWrite) return -errors.EPIPE;
    let receiver = this.peer;
    if (this.#isDatagram && to !== undefined) {
      const found = this.#find(to);
      if (typeof found === 'number') return found;
      receiver = found;
    }
    if (receiver === undefined) return this.#peerEnded ? -errors.EPIPE : -errors.ENOTCONN;
    if (receiver.#closed) {
      if (receiver === this.peer) {
        this.peer = undefined;
        this.#purge();
      }
      return this.#isDatagram ? -errors.ECONNREFUSED : -errors.EPIPE;
    }
    const target = receiver;
    if (target.shutRead) return -errors.EPIPE;
    // One that is connected to somebody else takes nothing from others.
    if (this.#isDatagram && target.peer !== undefined && target.peer !== this) {
      return -errors.EPERM;
    }
    if (!this.#hasRoom(target)) {
      if (!this.waits(flags)) return -errors.EAGAIN;
      const result = this.block(
        () => this.#hasRoom(target) || target.#closed || this.shutWrite,
        this.options.writeTimeout,
      );
      if (result < 0) return result;
      return this.send(buffers, flags, to);
    }
    target.#push(this, gather(buffers, 0, length));
    return length;
  }

  #sendStream(buffers: readonly Uint8Array[], flags: number, to: Address | undefined): number {
    if (to !== undefined) {
      const connected = this.peer !== undefined || this.#peerEnded;
      return connected ? -errors.EISCONN : -errors.EOPNOTSUPP;
    }
    const length = lengthOf(buffers);
    let sent = 0;
    do {
      const { peer } = this;
      if (peer === undefined && !this.#peerEnded) return sent || -errors.ENOTCONN;
      if (this.shutWrite || peer === undefined) return sent || -errors.EPIPE;
      if (this.error !== 0) return sent || this.takeError();
      if (length === 0) return 0;
      const room = this.options.sendBuffer - this.#outstanding;
      if (room <= 0) {
        if (!this.waits(flags)) return sent || -errors.EAGAIN;
        const result = this.block(
          () =>
            this.#outstanding < this.options.sendBuffer ||
            this.peer === undefined ||
            this.shutWrite,
          this.options.writeTimeout,
        );
        if (result < 0) return sent || result;
        continue;
      }
      const part = Math.min(room, length - sent);
      peer.#push(this, gather(buffers, sent, part));
      sent += part;
    } while (sent < length);
    return sent;
  }

  #push(sender: UnixSocket, data: Uint8Array): void {
    const cost = this.#isStream ? data.length + 256 : costOf(data.length, LEAST_COST);
    sender.#outstanding += cost;
    this.#queue.push({ data, cost, sender });
    this.changed();
  }

  receive(buffers: readonly Uint8Array[], flags: number, from: boolean): number {
    const { host } = this;
    const length = lengthOf(buffers);
    const peek = (flags & constants.MSG_PEEK) !== 0;
    const all = (flags & constants.MSG_WAITALL) !== 0 && !peek && this.#isStream;
    let got = 0;
    if (from) host.addresses_.writeNone();
    if (!this.#isDatagram && this.peer === undefined && !this.#peerEnded) {
      return this.#isStream ? -errors.EINVAL : -errors.ENOTCONN;
    }
    for (;;) {
      if (this.error !== 0 && !this.#isStream) return this.takeError();
      if (this.#queue.length > 0 && !host.readsNothing) {
        if (!this.#isStream) return this.#takeMessage(buffers, flags, from, peek);
        const { name = '' } = this.#queue.first?.sender ?? {};
        if (from && name !== '') host.addresses_.writeUnix(name);
        got += this.#takeBytes(buffers, got, length - got, peek);
        if (!all || got >= length) return got;
      }
      if (length === 0 && this.#isStream) return 0;
      if (this.error !== 0) return got > 0 ? got : this.takeError();
      if (this.shutRead || this.#peerEnded) {
        if (this.#isDatagram && !this.shutRead) {
          // A datagram socket whose peer is gone may hear from others.
        } else return got;
      }
      if (!this.waits(flags)) return got > 0 ? got : -errors.EAGAIN;
      const result = this.block(
        () =>
          (this.#queue.length > 0 && !host.readsNothing) ||
          this.error !== 0 ||
          this.shutRead ||
          (this.#peerEnded && !this.#isDatagram),
        this.options.readTimeout,
      );
      if (this.dead) return -errors.ENETDOWN;
      if (result < 0) return got > 0 ? got : result;
    }
  }

  #takeMessage(
    buffers: readonly Uint8Array[],
    flags: number,
    from: boolean,
    peek: boolean,
  ): number {
    const message = (peek ? this.#queue.first : this.#queue.shift()) as Message;
    const { data, sender, cost } = message;
    const copied = scatter(data, buffers);
    if (copied < data.length) this.host.received.flags = constants.MSG_TRUNC;
    if (from && sender.name !== '') this.host.addresses_.writeUnix(sender.name);
    if (!peek) sender.#release(cost);
    return (flags & constants.MSG_TRUNC) !== 0 ? data.length : copied;
  }

  #takeBytes(buffers: readonly Uint8Array[], start: number, most: number, peek: boolean): number {
    let at = start;
    const end = start + most;
    if (peek) {
      for (const { data } of this.#queue) {
        if (at >= end) break;
        at += scatter(data.subarray(0, end - at), buffers, at);
      }
      return at - start;
    }
    while (at < end) {
      const message = this.#queue.first;
      if (message === undefined) break;
      const part = message.data.subarray(0, end - at);
      scatter(part, buffers, at);
      at += part.length;
      if (part.length === message.data.length) {
        this.#queue.shift();
        message.sender.#release(message.cost);
      } else message.data = message.data.subarray(part.length);
    }
    return at - start;
  }

  #release(cost: number): void {
    this.#outstanding -= cost;
    this.changed();
    // Others may wait for room in the queue of the receiver.
    for (const other of this.host.unixSockets) if (other !== this) other.changed();
  }

  close(): number {
    const { host, peer } = this;
    this.#closed = true;
    host.unixSockets.delete(this);
    const key = this.#key(this.name);
    if (this.name !== '' && host.unixNames.get(key) === this) {
      // A path stays where it is when its socket is gone.
      if (this.name.startsWith('\0')) host.unixNames.delete(key);
      else host.unixNames.set(key, null);
    }
    for (const connection of this.#accepted) connection.close();
    this.#accepted.clear();
    this.listening = false;
    // Linux passes over a first message that is empty.
    const unread = this.#queue.length > 1 || (this.#queue.first?.data.length ?? 0) > 0;
    this.#purge();
    // A datagram socket finds out when it sends to somebody who is gone.
    if (peer === undefined || peer.peer !== this || this.#isDatagram) return 0;
    this.peer = undefined;
    peer.peer = undefined;
    peer.#peerEnded = true;
    peer.shutWrite = true;
    if (unread) peer.error = errors.ECONNRESET;
    peer.changed();
    return 0;
  }

  die(): void {
    this.dead = true;
    this.#closed = true;
    this.changed();
  }
}
