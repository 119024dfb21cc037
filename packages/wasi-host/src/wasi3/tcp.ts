/** `tcp-socket` of wasi:sockets/types@0.3, on the state machine of 0.2. */
import { fromWit, toWit, type WitAddress } from '../interfaces/define.js';
import { Failure } from '../failure.js';
import { Address } from '../address.js';
import type { Network } from '../sockets/resource.js';
import type { Scope } from '../sockets/scope.js';
import { CLOSED } from '../sockets/stream.js';
import { TcpSocket } from '../sockets/tcp.js';
import { check, errorOf, errorOfSystem, invalidState } from './errors.js';
import { ByteParts, type ByteReader, type Source, sourceOf } from './streams.js';
import type { Waits } from './waits.js';

const CHUNK = 65536;
const room = new Uint8Array(CHUNK);
const RECEIVE = 0;
const SEND = 1;

type Done = Promise<void>;

/** A promise that jco lowers to a `future`; nobody may ask for it. */
function quiet(promise: Done): Done {
  promise.catch(() => {});
  return promise;
}

export class Tcp {
  /** The component's handle, and each stream that is under way. */
  #users = 1;
  #isDropped = false;
  #isSending = false;
  #isReceiving = false;

  constructor(
    readonly socket: TcpSocket,
    private readonly waits: Waits,
  ) {}

  static create(scope: Scope, waits: Waits, family: 'ipv4' | 'ipv6'): Tcp {
    const socket = TcpSocket.create(scope, family === 'ipv4' ? 4 : 6);
    if (typeof socket === 'number') throw errorOf(socket);
    return new Tcp(socket, waits);
  }

  #bind(address: Address): void {
    check(this.socket.startBind(undefined as unknown as Network, address));
    check(this.socket.finishBind());
  }

  bind(address: WitAddress): void {
    this.#bind(fromWit(address));
  }

  async connect(address: WitAddress): Promise<void> {
    const { socket } = this;
    check(socket.startConnect(undefined as unknown as Network, fromWit(address)));
    for (;;) {
      const result = socket.finishConnect();
      if (result === 0) return;
      if (result !== Failure.WOULD_BLOCK) throw errorOf(result);
      await this.waits.until(socket);
    }
  }

  /** @param face makes what the component gets of each connection */
  listen<T>(face: (connection: Tcp) => T): Source<T> {
    const { socket } = this;
    // 0.3 binds a socket that listens without having been bound.
    if (socket.state === 'unbound') this.#bind(Address.any(socket.family));
    check(socket.startListen());
    check(socket.finishListen());
    this.#users += 1;
    return sourceOf(
      async () => {
        const connection = await this.#accept();
        return connection && face(connection);
      },
      () => this.#release(),
    );
  }

  /** The next connection; `undefined` when the host was closed. */
  async #accept(): Promise<Tcp | undefined> {
    const { socket, waits } = this;
    for (;;) {
      const made = socket.accept();
      if (typeof made !== 'number') return new Tcp(made, waits);
      if (made === Failure.INVALID_STATE || socket.scope.closed) return undefined;
      // A connection that ended in the queue is not there any more; where there is no room for one, time makes it.
      if (made !== Failure.WOULD_BLOCK) await new Promise((resolve) => setTimeout(resolve, 10));
      try {
        await waits.until(socket);
      } catch {
        return undefined;
      }
    }
  }

  /** Sends what the stream gives, and tells the peer the end. */
  async send(data: ByteReader): Promise<void> {
    const { socket, waits } = this;
    const { output } = socket;
    const parts = new ByteParts(data);
    if (socket.state !== 'connected' || output === undefined || this.#isSending) {
      parts.cancel();
      throw invalidState();
    }
    this.#isSending = true;
    this.#users += 1;
    let isOver = false;
    try {
      for (;;) {
        const permit = output.permit();
        if (permit < 0) throw this.#failure(output.errno, permit);
        if (permit === 0) {
          await waits.until(output);
          continue;
        }
        const part = await parts.next(Math.min(CHUNK, permit));
        if (part === undefined) break;
        const result = part.length === 0 ? 0 : output.write(part);
        if (result < 0) throw this.#failure(output.errno, result);
      }
      isOver = true;
      while (socket.queue !== undefined) await waits.until(output);
      if (socket.broken !== 0) throw errorOfSystem(socket.scope.system, socket.broken);
      socket.shutdown(SEND);
    } finally {
      if (!isOver) parts.cancel();
      this.#release();
    }
  }

  #failure(errno: number, result: number): Error {
    const { system } = this.socket.scope;
    return errorOfSystem(system, result === CLOSED ? system.EPIPE : errno);
  }

  receive(): [stream: Source<Uint8Array>, done: Done] {
    const { socket, waits } = this;
    const { input } = socket;
    if (socket.state !== 'connected' || input === undefined || this.#isReceiving) {
      const nothing = sourceOf<Uint8Array>(
        () => Promise.resolve(undefined),
        () => {},
      );
      return [nothing, quiet(Promise.reject(invalidState()))];
    }
    this.#isReceiving = true;
    this.#users += 1;
    let failure: Error | undefined;
    let settle = (): void => {};
    const done = quiet(
      new Promise<void>((resolve, reject) => {
        settle = () => (failure === undefined ? resolve() : reject(failure));
      }),
    );
    const next = async (): Promise<Uint8Array | undefined> => {
      for (;;) {
        const got = input.read(room, false);
        if (got > 0) return room.slice(0, got);
        if (got === CLOSED) return undefined;
        if (got < 0) {
          failure = errorOfSystem(socket.scope.system, input.errno);
          return undefined;
        }
        try {
          await waits.until(input);
        } catch (error) {
          failure = error as Error;
          return undefined;
        }
      }
    };
    const stream = sourceOf(next, (isDropped) => {
      if (isDropped) socket.shutdown(RECEIVE);
      settle();
      this.#release();
    });
    return [stream, done];
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

  #release(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    const { socket, waits } = this;
    for (const part of [socket.input, socket.output, socket]) {
      if (part === undefined) continue;
      waits.endOf(part);
      part.drop();
    }
  }

  /** The component dropped its handle. */
  drop(): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    this.#release();
  }
}
