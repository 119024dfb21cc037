import { EventEmitter } from 'node:events';
import { SockAddr, type Socket } from '@sock/core';
import { addressOf } from './duplex-socket.js';

const LARGEST = 65536;

type SendCallback = (error: Error | null, bytes?: number) => void;

/**
 * A `dgram.Socket` without a descriptor, or of a type that node has none for (unix datagrams, sequenced
 * packets, raw): its interface and events, over `readable()` and `writable()`. Where addresses are not
 * of IP, `rinfo.address` is the path and `rinfo.port` 0.
 */
export class DatagramEmitter extends EventEmitter {
  readonly #socket: Socket;
  readonly #buffer = new Uint8Array(LARGEST);
  #queued = 0;
  #queuedBytes = 0;
  #closed = false;

  constructor(socket: Socket, { signal }: { readonly signal?: AbortSignal | undefined } = {}) {
    super();
    this.#socket = socket;
    signal?.addEventListener('abort', () => this.close(), { once: true });
    process.nextTick(() => {
      if (!this.#closed) this.emit('listening');
    });
    this.#receive().catch((error: Error) => {
      if (!this.#closed) this.emit('error', error);
    });
  }

  async #receive(): Promise<void> {
    while (!this.#closed) {
      const received = this.#socket.tryRecvFrom(this.#buffer);
      if (received === undefined) {
        await this.#socket.readable();
        continue;
      }
      const [length, from] = received;
      const message = Buffer.from(this.#buffer.subarray(0, length));
      const ip = from.isIpv4() || from.isIpv6();
      this.emit('message', message, {
        address: ip ? from.address : (from.path ?? ''),
        family: from.isIpv4() ? 'IPv4' : from.isIpv6() ? 'IPv6' : from.family,
        port: ip ? from.port : 0,
        size: length,
      });
    }
  }

  /** `send(msg[, offset, length][, port][, address][, callback])`, or a path in the place of port and address. */
  send(message: unknown, ...rest: unknown[]): void {
    const callback = typeof rest.at(-1) === 'function' ? (rest.pop() as SendCallback) : undefined;
    let bytes = bytesOf(message);
    if (
      rest.length >= 3 ||
      (rest.length === 2 && typeof rest[0] === 'number' && typeof rest[1] === 'number')
    ) {
      const [offset, length] = rest.splice(0, 2) as [number, number];
      bytes = bytes.subarray(offset, offset + length);
    }
    const to = rest.length === 0 ? undefined : this.#addressOf(rest);
    this.#queued += 1;
    this.#queuedBytes += bytes.length;
    this.#send(bytes, to).then(
      (count) => {
        this.#sent(bytes.length);
        callback?.(null, count);
      },
      (error: Error) => {
        this.#sent(bytes.length);
        if (callback !== undefined) callback(error);
        else if (!this.#closed) this.emit('error', error);
      },
    );
  }

  #sent(bytes: number): void {
    this.#queued -= 1;
    this.#queuedBytes -= bytes;
  }

  async #send(bytes: Uint8Array, to: SockAddr | undefined): Promise<number> {
    for (;;) {
      const count =
        to === undefined ? this.#socket.trySend(bytes) : this.#socket.trySendTo(bytes, to);
      if (count !== undefined) return count;
      await this.#socket.writable();
    }
  }

  #addressOf([first, second]: unknown[]): SockAddr {
    if (typeof first === 'string') return SockAddr.unix(first);
    const ipv6 = this.#socket.domain() === 'ipv6';
    const host = typeof second === 'string' ? second : ipv6 ? '::1' : '127.0.0.1';
    return ipv6 ? SockAddr.ipv6(host, Number(first)) : SockAddr.ipv4(host, Number(first));
  }

  close(callback?: () => void): this {
    if (callback !== undefined) this.once('close', callback);
    if (this.#closed) return this;
    this.#closed = true;
    this.#socket.close();
    process.nextTick(() => this.emit('close'));
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) await new Promise<void>((resolve) => this.close(() => resolve()));
  }

  address(): { address?: string; port?: number; family?: string } {
    return addressOf(() => this.#socket.localAddr(), this.#closed);
  }

  remoteAddress(): { address?: string; port?: number; family?: string } {
    return addressOf(() => this.#socket.peerAddr(), this.#closed);
  }

  getRecvBufferSize(): number {
    return this.#socket.recvBufferSize();
  }

  getSendBufferSize(): number {
    return this.#socket.sendBufferSize();
  }

  setRecvBufferSize(size: number): void {
    this.#socket.setRecvBufferSize(size);
  }

  setSendBufferSize(size: number): void {
    this.#socket.setSendBufferSize(size);
  }

  getSendQueueCount(): number {
    return this.#queued;
  }

  getSendQueueSize(): number {
    return this.#queuedBytes;
  }

  setBroadcast(on: boolean): void {
    this.#socket.setBroadcast(on);
  }

  setTTL(ttl: number): number {
    this.#socket.setTtl(ttl);
    return ttl;
  }

  /** Waiting keeps the process alive, which these can't change: kept for node's interface. */
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

function bytesOf(message: unknown): Uint8Array {
  if (typeof message === 'string') return Buffer.from(message);
  if (Array.isArray(message)) return Buffer.concat(message.map(bytesOf));
  if (ArrayBuffer.isView(message)) {
    return new Uint8Array(message.buffer as ArrayBuffer, message.byteOffset, message.byteLength);
  }
  throw Object.assign(
    new TypeError('The "msg" argument must be a string, an ArrayBufferView or an array of them'),
    { code: 'ERR_INVALID_ARG_TYPE' },
  );
}
