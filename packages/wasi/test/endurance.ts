/** A large transfer and many connections, on every backend, inside a component too. */
import { Domain, SockAddr, type Socket, Type } from '@sock/core';

/** The class that a backend exports. */
export type SocketClass = new (domain: Domain, type: Type) => Socket;

const BLOCK = 65_536;
const TIMEOUT = 30_000;

/** FNV-1a over 32-bit words: a checksum without a library, which depends on every byte and its position. */
class Checksum {
  #hash = 0x811c9dc5;

  add(words: Uint32Array): void {
    let hash = this.#hash;
    for (let index = 0; index < words.length; index++) {
      hash = Math.imul(hash ^ (words[index] as number), 0x01000193);
    }
    this.#hash = hash;
  }

  toString(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }
}

/** Bytes that look random and are different in each block. */
function* blocks(count: number): Generator<Uint8Array<ArrayBuffer>> {
  const words = new Uint32Array(BLOCK / 4);
  let state = 0x9e3779b9;
  for (let block = 0; block < count; block++) {
    for (let index = block % 64; index < words.length; index += 64) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      words[index] = state;
    }
    yield new Uint8Array(words.buffer);
  }
}

async function connection(SocketOf: SocketClass, listener: Socket): Promise<[Socket, Socket]> {
  const client = new SocketOf(Domain.IPV4, Type.STREAM);
  while (client.tryConnect(listener.localAddr()) === undefined) {
    await client.writable({ timeout: TIMEOUT });
  }
  for (;;) {
    const accepted = listener.tryAccept();
    if (accepted !== undefined) return [client, accepted[0]];
    await listener.readable({ timeout: TIMEOUT });
  }
}

function listen(SocketOf: SocketClass): Socket {
  const listener = new SocketOf(Domain.IPV4, Type.STREAM);
  listener.bind(SockAddr.ipv4('127.0.0.1', 0));
  listener.listen(8);
  return listener;
}

/** Receives the available bytes into whole blocks. */
class Receiver {
  readonly checksum = new Checksum();
  readonly #block = new Uint8Array(BLOCK);
  readonly #words = new Uint32Array(this.#block.buffer);
  #filled = 0;
  bytes = 0;

  /** Whether the stream has ended. */
  take(socket: Socket): boolean {
    for (;;) {
      const count = socket.tryRecv(this.#block.subarray(this.#filled));
      if (count === undefined) return false;
      if (count === 0) return true;
      this.bytes += count;
      this.#filled += count;
      if (this.#filled < BLOCK) continue;
      this.checksum.add(this.#words);
      this.#filled = 0;
    }
  }
}

/** The result of a transfer. */
export interface Transfer {
  readonly bytes: number;
  readonly sent: string;
  readonly received: string;
}

/** Sends so many bytes, a multiple of 64 KiB, through TCP. Both ends are in this program. */
export async function transfer(SocketOf: SocketClass, bytes: number): Promise<Transfer> {
  const listener = listen(SocketOf);
  const [client, server] = await connection(SocketOf, listener);
  listener.close();
  const receiver = new Receiver();
  const sent = new Checksum();
  for (const block of blocks(bytes / BLOCK)) {
    sent.add(new Uint32Array(block.buffer));
    for (let start = 0; start < BLOCK;) {
      const count = client.trySend(block.subarray(start));
      start += count ?? 0;
      // At once, because a closed window opens again by a timer of the kernel, and the test would measure that.
      if (receiver.take(server)) throw new Error('ended early');
    }
  }
  client.close();
  while (!receiver.take(server)) await server.readable({ timeout: TIMEOUT });
  server.close();
  return {
    bytes: receiver.bytes,
    sent: sent.toString(),
    received: receiver.checksum.toString(),
  };
}

/** Makes so many connections, one after the other, and a datagram socket with each. Uses and closes them. */
export async function churn(SocketOf: SocketClass, count: number): Promise<void> {
  const listener = listen(SocketOf);
  const data = new Uint8Array(1000);
  for (let index = 0; index < count; index++) {
    const [client, server] = await connection(SocketOf, listener);
    client.send(data);
    if (server.recv(data) === 0) throw new Error('ended early');
    const datagrams = new SocketOf(Domain.IPV4, Type.DGRAM);
    datagrams.bind(SockAddr.ipv4('127.0.0.1', 0));
    datagrams.sendTo(data, datagrams.localAddr());
    await datagrams.readable({ timeout: TIMEOUT });
    for (const socket of [datagrams, client, server]) socket.close();
  }
  listener.close();
}
