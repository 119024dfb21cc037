/** `udp-socket` of wasi:sockets/types@0.3, on the state machine of 0.2. */
import { Address } from '../address.js';
import { Failure } from '../failure.js';
import { fromWit, toWit, type WitAddress } from '../interfaces/define.js';
import type { Network } from '../sockets/resource.js';
import type { Scope } from '../sockets/scope.js';
import { UdpSocket } from '../sockets/udp.js';
import { check, errorOf, errorOfSystem, invalidState } from './errors.js';
import type { Waits } from './waits.js';

/** No datagram is longer. */
const room = new Uint8Array(65536);

export class Udp {
  constructor(
    readonly socket: UdpSocket,
    private readonly waits: Waits,
  ) {}

  static create(scope: Scope, waits: Waits, family: 'ipv4' | 'ipv6'): Udp {
    const socket = UdpSocket.create(scope, family === 'ipv4' ? 4 : 6);
    if (typeof socket === 'number') throw errorOf(socket);
    return new Udp(socket, waits);
  }

  #bind(address: Address): void {
    check(this.socket.startBind(undefined as unknown as Network, address));
    check(this.socket.finishBind());
  }

  bind(address: WitAddress): void {
    this.#bind(fromWit(address));
  }

  /** Binds a socket that connects or sends without having been bound. */
  #bindToSend(): void {
    const { socket } = this;
    if (socket.state !== 'unbound') return;
    this.#bind(Address.any(socket.family));
  }

  /** Gives the socket a peer, or takes it away. */
  #stream(remote: Address | undefined): void {
    const { socket, waits } = this;
    const { incoming, outgoing } = socket;
    check(socket.stream(remote));
    for (const old of [incoming, outgoing]) {
      if (old === undefined) continue;
      waits.endOf(old);
      old.drop();
    }
  }

  connect(address: WitAddress): void {
    const remote = fromWit(address);
    const wrong = this.socket.checkRemote(remote);
    if (wrong < 0) throw errorOf(wrong);
    this.#bindToSend();
    this.#stream(remote);
  }

  disconnect(): void {
    if (this.socket.remote === undefined) throw invalidState();
    this.#stream(undefined);
  }

  async send(data: Uint8Array, address: WitAddress | undefined): Promise<void> {
    const { socket, waits } = this;
    const { system } = socket.scope;
    const to = address && fromWit(address);
    if (to === undefined && socket.remote === undefined) throw errorOf(Failure.INVALID_ARGUMENT);
    if (to !== undefined && socket.remote === undefined) {
      const wrong = socket.checkRemote(to);
      if (wrong < 0) throw errorOf(wrong);
    }
    this.#bindToSend();
    if (socket.outgoing === undefined) this.#stream(undefined);
    for (;;) {
      const { outgoing } = socket;
      if (outgoing === undefined || outgoing.rep === 0) throw invalidState();
      if (outgoing.checkSend() === 0) {
        await waits.until(outgoing);
        continue;
      }
      outgoing.use(1);
      const wrong = to === undefined ? 0 : outgoing.aim(to);
      if (wrong < 0) throw errorOf(wrong);
      const sent = outgoing.send(data);
      if (sent >= 0) return;
      if (sent !== system.EAGAIN) throw errorOfSystem(system, sent);
    }
  }

  async receive(): Promise<[data: Uint8Array, from: WitAddress]> {
    const { socket, waits } = this;
    const { system } = socket.scope;
    if (socket.state !== 'bound') throw invalidState();
    if (socket.incoming === undefined) this.#stream(undefined);
    for (;;) {
      const { incoming } = socket;
      if (incoming === undefined || incoming.rep === 0) throw invalidState();
      const got = incoming.receive(room);
      if (got >= 0) return [room.slice(0, got), toWit(incoming.sender ?? system.takeAddress())];
      if (got !== system.EAGAIN) throw errorOfSystem(system, got);
      try {
        await waits.until(incoming);
      } catch (error) {
        // The socket has other streams now, since its peer changed.
        if (socket.rep === 0 || socket.incoming === incoming) throw error;
      }
    }
  }

  localAddress(): WitAddress {
    const address = this.socket.localAddress();
    if (typeof address === 'number') throw errorOf(address);
    return toWit(address);
  }

  remoteAddress(): WitAddress {
    const address = this.socket.remoteAddress();
    if (typeof address === 'number') throw errorOf(address);
    return toWit(address);
  }

  /** The component dropped its handle. */
  drop(): void {
    const { socket, waits } = this;
    for (const part of [socket.incoming, socket.outgoing, socket]) {
      if (part === undefined) continue;
      waits.endOf(part);
      part.drop();
    }
  }
}
