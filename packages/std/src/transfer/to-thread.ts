/**
 * Moves a socket to another thread of the process. Descriptors belong to the process, so the taker duplicates the
 * giver's, and the giver closes its own once the taker has one or is gone. A thread may end at any moment, and closes
 * the descriptors that its addon knows then: so at each moment each descriptor has one thread that closes it.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { SockError, Socket, WaitOptions } from '@sock/core';
import { channelClosed, type MovingClass, notTaken, type ThreadChannel } from './channel-kind.js';
import { OfferState, type ThreadOffer, threadOffer } from './offer.js';
import { OFFER_TIME } from './transfer-options.js';
import { onEnd } from '../wait-options.js';

export function giveToThread(
  channel: ThreadChannel,
  socket: Socket,
  { signal, timeout = OFFER_TIME }: WaitOptions,
): Promise<void> {
  if ('threadId' in channel && channel.threadId < 0) {
    throw channelClosed('sendSocket', 'the worker has ended');
  }
  const cookie = socket.cookie();
  // A clone: the addon knows it, so it closes when this thread ends.
  const held = socket.tryClone();
  const state = new SharedArrayBuffer(4);
  const { port1: answer, port2: port } = new MessageChannel();
  try {
    channel.postMessage(threadOffer({ descriptor: held.asRawFd(), cookie, state, port }), [port]);
  } catch (error) {
    held.close();
    answer.close();
    throw error;
  }
  socket.close();
  return outcome(held, new Int32Array(state), answer, signal, timeout);
}

function outcome(
  held: Socket,
  state: Int32Array,
  answer: MessagePort,
  signal: WaitOptions['signal'],
  timeout: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let code: unknown;
    /** Why the offer was withdrawn: only if nobody had begun to take it. */
    let withdrawn: unknown;
    const stop = onEnd(signal, timeout, (reason, timedOut) => {
      const { OFFERED, WITHDRAWN } = OfferState;
      if (Atomics.compareExchange(state, 0, OFFERED, WITHDRAWN) !== OFFERED) return;
      withdrawn = timedOut ? notTaken(`nobody took it within ${timeout} ms`) : reason;
      answer.close();
    });
    // It keeps the thread alive until the outcome is known.
    answer.on('message', (message: unknown) => {
      code = message;
    });
    answer.once('close', () => {
      stop();
      held.close();
      switch (Atomics.load(state, 0)) {
        case OfferState.TAKEN:
          resolve();
          break;
        case OfferState.WITHDRAWN:
          reject(withdrawn);
          break;
        case OfferState.FAILED:
          reject(notTaken(`the receiver failed with ${String(code)}`));
          break;
        default:
          reject(notTaken('the receiver ended, or dropped the message'));
      }
    });
  });
}

/** The socket of an offer; `undefined` if the giver has withdrawn it or is gone. */
export function takeFromThread<T extends Socket>(
  { descriptor, cookie, state: shared, port }: ThreadOffer,
  SocketOf: MovingClass<T>,
): T | undefined {
  const state = new Int32Array(shared);
  const { OFFERED, TAKING, TAKEN, FAILED } = OfferState;
  try {
    if (Atomics.compareExchange(state, 0, OFFERED, TAKING) !== OFFERED) return undefined;
    let taken: T | undefined;
    try {
      const view = SocketOf.borrowRawFd(descriptor);
      // If the giver's thread has ended, it closed the descriptor, and the number may be another socket's.
      if (view.cookie() === cookie) taken = view.tryClone() as T;
      if (taken?.cookie() === cookie) {
        Atomics.store(state, 0, TAKEN);
        return taken;
      }
      taken?.close();
      return undefined;
    } catch (error) {
      taken?.close();
      Atomics.store(state, 0, FAILED);
      const { code } = error as SockError;
      port.postMessage(code);
      // The giver is gone, and its descriptor with it.
      if (code === 'EBADF' || code === 'ENOTSOCK') return undefined;
      throw error;
    }
  } finally {
    port.close();
  }
}
