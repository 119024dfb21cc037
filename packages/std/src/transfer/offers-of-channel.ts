/** The offers that come over one of node's channels, in order, among the program's own messages. */
import { MessagePort, Worker } from 'node:worker_threads';
import type { WaitOptions } from '@sock/core';
import {
  channelClosed,
  isThread,
  type ProcessChannel,
  type ThreadChannel,
} from './channel-kind.js';
import { isProcessOffer, isThreadOffer, type ProcessOffer, type ThreadOffer } from './offer.js';
import { onEnd } from '../wait-options.js';
import { SockError } from '@sock/core';

type Offer = ThreadOffer | ProcessOffer;
type NodeChannel = ThreadChannel | ProcessChannel;

/** The members of the four kinds of channel that offers need. */
interface Emitter {
  on(event: string, listener: (message: unknown) => void): unknown;
  off(event: string, listener: (message: unknown) => void): unknown;
  listenerCount(event: string): number;
}

interface Receiver {
  take(offer: Offer): void;
  fail(error: unknown): void;
}

const known = new WeakMap<NodeChannel, OffersOfChannel>();

/** Collects the offers of a channel, so that none is lost between two calls of `receiveSocket`. */
export class OffersOfChannel {
  readonly #channel: Emitter;
  readonly #isOffer: (message: unknown) => message is Offer;
  /** What the channel emits when its other end is gone. */
  readonly #end: string;
  readonly #offers: Offer[] = [];
  readonly #receivers = new Set<Receiver>();
  #listening = false;

  private constructor(channel: NodeChannel) {
    this.#channel = channel as unknown as Emitter;
    this.#isOffer = isThread(channel) ? isThreadOffer : isProcessOffer;
    this.#end =
      channel instanceof Worker ? 'exit' : channel instanceof MessagePort ? 'close' : 'disconnect';
  }

  static of(channel: NodeChannel): OffersOfChannel {
    let offers = known.get(channel);
    if (offers === undefined) {
      offers = new OffersOfChannel(channel);
      known.set(channel, offers);
    }
    return offers;
  }

  /** The next offer. */
  next({ signal, timeout }: WaitOptions): Promise<Offer> {
    const ready = this.#offers.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    return new Promise((resolve, reject) => {
      const settle = (how: () => void): void => {
        this.#receivers.delete(receiver);
        stop();
        if (this.#receivers.size === 0) setImmediate(() => this.#rest());
        how();
      };
      const receiver: Receiver = {
        take: (offer) => settle(() => resolve(offer)),
        fail: (error) => settle(() => reject(error)),
      };
      const stop = onEnd(signal, timeout, (reason, timedOut) =>
        receiver.fail(timedOut ? timeUp() : reason),
      );
      this.#receivers.add(receiver);
      this.#listen();
    });
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#channel.on('message', this.#received);
    this.#channel.on(this.#end, this.#ended);
  }

  /**
   * A listener keeps the thread alive, so it goes when nobody receives. A port and an IPC channel keep messages until
   * there is a listener again. A Worker does not, and other listeners would use the messages up: the listener stays.
   */
  #rest(): void {
    if (!this.#listening || this.#receivers.size > 0) return;
    if (this.#channel instanceof Worker || this.#channel.listenerCount('message') > 1) return;
    this.#listening = false;
    this.#channel.off('message', this.#received);
    this.#channel.off(this.#end, this.#ended);
  }

  readonly #received = (message: unknown): void => {
    if (!this.#isOffer(message)) return;
    const [receiver] = this.#receivers;
    if (receiver === undefined) this.#offers.push(message);
    else receiver.take(message);
  };

  readonly #ended = (): void => {
    const error = channelClosed('receiveSocket', 'the other end of the channel is gone');
    for (const receiver of [...this.#receivers]) receiver.fail(error);
  };
}

export const timeUp = (): SockError =>
  new SockError('ETIMEDOUT', { message: 'receiveSocket ETIMEDOUT: no socket came' });
