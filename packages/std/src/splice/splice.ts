/** Moves what one stream receives to another: the work of a proxy. */
import { type Driver, type Progress, type SockError, Socket, type WaitOptions } from '@sock/core';
import { invalidArgument, wrongType } from '../node-errors.js';
import { driverOf } from '../node-address.js';
import { ByteCount } from '../byte-count.js';
import { checkWaitOptions } from '../wait-options.js';
import { PipeFlow } from './pipe-flow.js';
import { Pipes } from './pipes.js';

/** The options of {@link splice}. */
export interface SpliceOptions extends WaitOptions {
  /** An object of the caller's whose `bytes` the call sets as bytes are sent. It is right also after a failure. */
  readonly progress?: Progress | undefined;
}

/** The length of the buffer where there is no splice(2), in bytes. */
const PIECE = 65_536;

/**
 * Sends everything that `from` receives on `to`, until the peer of `from` ends its stream. Then it shuts down the
 * writing half of `to`: the other direction goes on. Neither socket is closed. A proxy runs one in each direction.
 *
 * On Linux the bytes stay in the system: splice(2) through a pipe. Messages of up to 4 KiB are copied, which costs less.
 * Elsewhere, and between backends, it receives and sends through a buffer. With splice(2) both sockets are in non-blocking mode until it ends.
 *
 * @param from a connected stream socket
 * @param to a connected stream socket, of any backend
 * @param options.signal aborts it: rejects with `signal.reason`. Bytes that were received and not sent yet are lost
 * @param options.timeout the longest time in which nothing moves, in milliseconds: rejects with ETIMEDOUT
 * @param options.progress an object whose `bytes` is the number of bytes sent so far, also after a failure
 * @returns the number of bytes sent
 * @throws {SockError} ECONNRESET, EPIPE, EBADF when a socket is or gets closed, EMFILE, ETIMEDOUT
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` for a socket that is not a stream
 * @throws {RangeError} `ERR_OUT_OF_RANGE` for the timeout
 * @see splice(2), pipe(7)
 *
 * @example
 * await Promise.all([splice(client, server), splice(server, client)]);
 */
export async function splice(
  from: Socket,
  to: Socket,
  options: SpliceOptions = {},
): Promise<number> {
  checkStream('from', from);
  checkStream('to', to);
  checkWaitOptions(options);
  const { signal, timeout } = options;
  const counted = new ByteCount(options.progress);
  if (signal?.aborted === true) throw signal.reason;
  const wait = { signal, timeout };
  const driver = driverOf(from);
  const spliced = driver === driverOf(to) && (await throughPipe(driver, from, to, wait, counted));
  if (!spliced) await throughBuffer(from, to, wait, counted);
  try {
    to.shutdown('write');
  } catch (error) {
    // The peer of `to` has gone. It has what it wanted.
    if ((error as SockError).code !== 'ENOTCONN') throw error;
  }
  return counted.bytes;
}

/** `false` if the backend, the system or this kind of socket has no splice(2): nothing has moved then. */
async function throughPipe(
  driver: Driver,
  from: Socket,
  to: Socket,
  wait: WaitOptions,
  counted: ByteCount,
): Promise<boolean> {
  const pipes = Pipes.enter(driver);
  if (pipes === undefined) return false;
  const entered: Socket[] = [];
  try {
    for (const socket of [from, to]) {
      enterNonblocking(socket);
      entered.push(socket);
    }
    return await new PipeFlow(from, to, pipes, counted).run(wait);
  } finally {
    pipes.leave();
    for (const socket of entered) leaveNonblocking(socket);
  }
}

/** The sockets that were blocking, with the number of calls that use each: a proxy splices in both directions. */
const uses = new WeakMap<Socket, number>();

function enterNonblocking(socket: Socket): void {
  const count = uses.get(socket) ?? 0;
  if (count === 0 && socket.nonblocking()) return;
  if (count === 0) socket.setNonblocking(true);
  uses.set(socket, count + 1);
}

function leaveNonblocking(socket: Socket): void {
  const count = uses.get(socket);
  if (count === undefined) return;
  if (count > 1) {
    uses.set(socket, count - 1);
    return;
  }
  uses.delete(socket);
  if (!socket.closed) socket.setNonblocking(false);
}

async function throughBuffer(
  from: Socket,
  to: Socket,
  wait: WaitOptions,
  counted: ByteCount,
): Promise<void> {
  const buffer = new Uint8Array(PIECE);
  for (;;) {
    const received = await from.recvAsync(buffer, wait);
    if (received === 0) return;
    for (let at = 0; at < received;) {
      const sent = await to.sendAsync(buffer.subarray(at, received), wait);
      at += sent;
      counted.add(sent);
    }
  }
}

function checkStream(name: string, socket: Socket): void {
  if (!(socket instanceof Socket)) throw wrongType(name, 'a Socket');
  socket.asRawFd();
  if (socket.type() === 'stream') return;
  throw invalidArgument('ERR_INVALID_ARG_VALUE', `The "${name}" argument must be a stream socket`);
}
