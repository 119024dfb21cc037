import { Domain, type Protocol, SockAddr, type Socket, supportOf, Type } from '@sock/core';
import { AssertionError } from './assert.js';
import type { Backend, BackendSocket } from './case.js';

/** The kind of a connection: a stream or datagrams, over IPv4 or IPv6. */
export type Link = 'tcp4' | 'udp4' | 'tcp6' | 'udp6';

export const links: readonly Link[] = ['tcp4', 'udp4', 'tcp6', 'udp6'];

const SILENCE_ATTEMPTS = 64;

/** What a case works with. It closes every socket that was made through it when the case ends. */
export class Context {
  readonly #tracked = new Set<Socket>();
  readonly #endings: (() => unknown)[] = [];

  constructor(readonly backend: Backend) {}

  get Socket(): BackendSocket {
    return this.backend.Socket;
  }

  get MSG(): Readonly<Record<string, number>> {
    return this.backend.MSG;
  }

  /** The number of a message flag. The case must list the flag in its `needs`. */
  flag(name: string): number {
    const number = this.MSG[name];
    if (number === undefined) throw new AssertionError(`the backend has no flag ${name}`);
    return number;
  }

  /** Whether the backend supports this operation, option or domain. */
  supports(name: string): boolean {
    return supportOf(this.Socket.driver, name).level !== 'unsupported';
  }

  /** Closes the socket when the case ends. */
  track<T extends Socket>(socket: T): T {
    this.#tracked.add(socket);
    return socket;
  }

  open(domain: Domain, type: Type, protocol?: Protocol | null): Socket {
    return this.track(new this.Socket(domain, type, protocol));
  }

  /** An unbound socket. */
  socket(link: Link): Socket {
    return this.open(domainOf(link), isStream(link) ? Type.STREAM : Type.DGRAM);
  }

  /** A socket bound to the loopback address, on a port that the system chooses. */
  bound(link: Link): Socket {
    const socket = this.socket(link);
    socket.bind(loopback(domainOf(link)));
    return socket;
  }

  /** A stream socket that listens on the loopback address. */
  listener(link: 'tcp4' | 'tcp6' = 'tcp4', backlog = 16): Socket {
    const socket = this.bound(link);
    socket.listen(backlog);
    return socket;
  }

  accept(listener: Socket): [Socket, SockAddr] {
    const [socket, address] = listener.accept();
    return [this.track(socket), address];
  }

  /** Two sockets that are connected to each other over the loopback interface. */
  connectedPair(link: Link = 'tcp4'): [Socket, Socket] {
    if (isStream(link)) {
      const listener = this.listener(link as 'tcp4' | 'tcp6');
      const client = this.socket(link);
      client.connect(listener.localAddr());
      const [accepted] = this.accept(listener);
      listener.close();
      return [client, accepted];
    }
    const [one, other] = [this.bound(link), this.bound(link)];
    one.connect(other.localAddr());
    other.connect(one.localAddr());
    return [one, other];
  }

  /** A loopback address where nobody listens: a port that was free a moment ago. */
  refusingAddress(domain: 'ipv4' | 'ipv6' = 'ipv4'): SockAddr {
    const socket = this.bound(domain === 'ipv4' ? 'tcp4' : 'tcp6');
    const address = socket.localAddr();
    socket.close();
    return address;
  }

  /** An address that answers no connection request. */
  async silentAddress(): Promise<SockAddr> {
    if (this.backend.silentPeer !== undefined) return this.backend.silentPeer(this);
    const listener = this.listener('tcp4', 0);
    const address = listener.localAddr();
    for (let attempt = 0; attempt < SILENCE_ATTEMPTS; attempt++) {
      const socket = this.socket('tcp4');
      if (socket.tryConnect(address) === true) continue;
      try {
        await socket.writable({ timeout: 100 });
      } catch {
        return address;
      }
    }
    throw new AssertionError(
      'a listener with a full queue still connects: the backend needs a silentPeer',
    );
  }

  /** Sends all of `data`. Waits while the socket is not writable. */
  async sendAll(socket: Socket, data: Uint8Array): Promise<void> {
    let sent = 0;
    while (sent < data.length) {
      const count = socket.trySend(data.subarray(sent));
      if (count === undefined) await socket.writable({ timeout: 5000 });
      else sent += count;
    }
  }

  /** Receives exactly `length` bytes, or fewer if the stream ends before. */
  recvAll(socket: Socket, length: number): Uint8Array {
    const data = new Uint8Array(length);
    let received = 0;
    while (received < length) {
      const count = socket.recv(data.subarray(received));
      if (count === 0) break;
      received += count;
    }
    return data.subarray(0, received);
  }

  /** Registers a function that runs at the end of the case, after its sockets are closed. The case awaits it. */
  finally(ending: () => unknown): void {
    this.#endings.push(ending);
  }

  async close(): Promise<void> {
    for (const socket of this.#tracked) socket.close();
    this.#tracked.clear();
    for (const ending of this.#endings.splice(0)) await ending();
  }
}

export function domainOf(link: Link): 'ipv4' | 'ipv6' {
  return link.endsWith('4') ? Domain.IPV4 : Domain.IPV6;
}

export function isStream(link: Link): boolean {
  return link.startsWith('tcp');
}

/** The loopback address of a domain. */
export function loopback(domain: 'ipv4' | 'ipv6', port = 0): SockAddr {
  return domain === 'ipv4' ? SockAddr.ipv4('127.0.0.1', port) : SockAddr.ipv6('::1', port);
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(), milliseconds);
  });
}
