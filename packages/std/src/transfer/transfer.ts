/** Moves sockets between threads and between processes. */
import { type SockError, Socket } from '@sock/core';
import { wrongType } from '../node-errors.js';
import {
  channelClosed,
  checkChannel,
  checkMoves,
  isThread,
  type MovingClass,
  type SocketChannel,
} from './channel-kind.js';
import type { ProcessOffer, ThreadOffer } from './offer.js';
import { OffersOfChannel, timeUp } from './offers-of-channel.js';
import { giveOver, takeOver } from './over-unix.js';
import { giveToProcess, takeFromProcess } from './to-process.js';
import { giveToThread, takeFromThread } from './to-thread.js';
import { type TransferSocketOptions } from './transfer-options.js';
import { checkWaitOptions } from '../wait-options.js';

/**
 * Gives a socket of any kind to another thread or process, which takes it by {@link receiveSocket}: a listening one, a
 * stream in the middle with what its buffers hold, a datagram, raw or unix socket. Its options, queues and peers stay.
 *
 * The socket reads `closed` as soon as it is offered. If nobody takes it, because the receiver ended, dropped the
 * message or did not ask in time, it is closed for good. It is never open on both sides.
 *
 * Over a unix Socket (SCM_RIGHTS, unix(7)) the promise resolves when the system has the socket, and the system closes
 * it if nobody receives it. Any program that receives descriptors can be at the other end.
 *
 * @param channel a `Worker`, a `MessagePort`, a `ChildProcess` with an IPC channel, `process` in such a child, or a
 *   connected unix Socket
 * @param socket a Socket of @sock/native that owns its descriptor
 * @param options.signal aborts the offer: rejects with `signal.reason`
 * @param options.timeout how long to offer it, in milliseconds. Default: 30000; over a unix Socket without end
 * @returns a promise that resolves when the receiver has the socket; over a unix Socket when the system has it
 * @throws {SockError} `ERR_SOCK_NOT_TAKEN` if nobody took the socket: it is closed. After any other error but that of an
 *   aborted offer it is as it was: `ERR_SOCK_CHANNEL_CLOSED`, EBADF, EMFILE, EPIPE; `ERR_SOCK_UNSUPPORTED` for other
 *   backends, and on other systems than Linux
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
 *
 * @example
 * const worker = new Worker('./serve.js');
 * for await (const [connection] of listener.connections()) await sendSocket(worker, connection);
 */
export async function sendSocket(
  channel: SocketChannel,
  socket: Socket,
  options: TransferSocketOptions = {},
): Promise<void> {
  checkChannel(channel);
  if (!(socket instanceof Socket)) throw wrongType('socket', 'a Socket');
  checkWaitOptions(options);
  const SocketOf = socket.constructor as unknown as MovingClass<Socket>;
  checkMoves(SocketOf, 'sendSocket');
  socket.asRawFd();
  if (options.signal?.aborted === true) throw options.signal.reason;
  if (channel instanceof Socket) await sendOver(channel, socket, options);
  else if (isThread(channel)) await giveToThread(channel, socket, options);
  else await giveToProcess(channel, socket, SocketOf, options);
}

async function sendOver(
  channel: Socket,
  socket: Socket,
  options: TransferSocketOptions,
): Promise<void> {
  // While the channel is full the caller may close the socket, and its number may become another file's.
  const held = socket.tryClone();
  try {
    await giveOver(channel, held, options);
    socket.close();
  } finally {
    held.close();
  }
}

/**
 * Takes the next socket that {@link sendSocket} gives at the other end of a channel.
 *
 * Of a `Worker`, `MessagePort`, `ChildProcess` or `process` it listens to `message` while a call waits, and ignores
 * the program's own messages. Listeners of the program see the offers too: objects with the member
 * `'@sock/std offers a socket'`. Calls that wait at the same time get a socket each, in their order.
 *
 * Over a unix Socket it takes one descriptor with one byte of data, from any program that uses SCM_RIGHTS: unix(7).
 *
 * @param channel a `Worker`, a `MessagePort`, a `ChildProcess`, `process` in a child with an IPC channel, or a unix Socket
 * @param SocketOf the class of the Socket: that of @sock/native
 * @param options.signal aborts the wait: rejects with `signal.reason`
 * @param options.timeout how long to wait, in milliseconds: rejects with ETIMEDOUT. Default: without end
 * @returns the socket, which the caller owns and has to close
 * @throws {SockError} ETIMEDOUT; `ERR_SOCK_CHANNEL_CLOSED` when the other end of the channel is gone; EMFILE; over a unix
 *   Socket EBADMSG for data without a descriptor, ENOTSOCK for a descriptor that is no socket;
 *   `ERR_SOCK_UNSUPPORTED` for other backends, and on other systems than Linux
 * @throws {TypeError} `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
 *
 * @example
 * import { parentPort } from 'node:worker_threads';
 *
 * for (;;) server.emit('connection', intoNetSocket(await receiveSocket(parentPort, Socket)));
 */
export async function receiveSocket<T extends Socket>(
  channel: SocketChannel,
  SocketOf: MovingClass<T>,
  options: TransferSocketOptions = {},
): Promise<T> {
  checkChannel(channel);
  if (typeof SocketOf !== 'function' || !(SocketOf.prototype instanceof Socket)) {
    throw wrongType('Socket', "a backend's Socket class");
  }
  checkWaitOptions(options);
  checkMoves(SocketOf, 'receiveSocket');
  const { signal, timeout } = options;
  if (signal?.aborted === true) throw signal.reason;
  if (channel instanceof Socket) return takeOver(channel, SocketOf, options);
  const end = timeout === undefined ? undefined : performance.now() + timeout;
  const offers = OffersOfChannel.of(channel);
  for (;;) {
    const left = remaining(end);
    if (isThread(channel)) {
      if ('threadId' in channel && channel.threadId < 0) throw ended();
      const offer = (await offers.next({ signal, timeout: left })) as ThreadOffer;
      const taken = takeFromThread(offer, SocketOf);
      if (taken !== undefined) return taken;
    } else {
      if (!channel.connected) throw ended();
      const offer = (await offers.next({ signal, timeout: left })) as ProcessOffer;
      const rest = { signal, timeout: remaining(end) };
      const taken = await takeFromProcess(channel, offer, SocketOf, rest);
      if (taken !== undefined) return taken;
    }
  }
}

const ended = (): SockError =>
  channelClosed('receiveSocket', 'the other end of the channel is gone');

/** The time that is left, in milliseconds. */
function remaining(end: number | undefined): number | undefined {
  if (end === undefined) return undefined;
  const left = end - performance.now();
  if (left <= 0) throw timeUp();
  return left;
}
