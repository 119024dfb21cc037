/** The messages by which a socket is offered over node's channels. */
import type { MessagePort } from 'node:worker_threads';

/** The member that tells an offer from the program's own messages. Its value is the version of the protocol. */
export const OFFER = '@sock/std offers a socket';
const VERSION = 1;

/** To another thread of the process. */
export interface ThreadOffer {
  readonly [OFFER]: number;
  /** The descriptor, which stays the giver's. */
  readonly descriptor: number;
  /** SO_COOKIE: tells the socket from another one that got its number later. */
  readonly cookie: bigint;
  /** One int32: {@link OfferState}. */
  readonly state: SharedArrayBuffer;
  /** Closed by the taker once it has decided. It also closes when the taker's thread ends, or the message is dropped. */
  readonly port: MessagePort;
}

/** To another process: where it gets the socket. */
export interface ProcessOffer {
  readonly [OFFER]: number;
  /** The name of an abstract unix address. */
  readonly name: string;
  /** What the taker has to send there, in hexadecimal. */
  readonly token: string;
}

export const OfferState = { OFFERED: 0, WITHDRAWN: 1, TAKING: 2, TAKEN: 3, FAILED: 4 } as const;

export const TOKEN_LENGTH = 16;

export const threadOffer = (offer: Omit<ThreadOffer, typeof OFFER>): ThreadOffer => ({
  [OFFER]: VERSION,
  ...offer,
});

export const processOffer = (offer: Omit<ProcessOffer, typeof OFFER>): ProcessOffer => ({
  [OFFER]: VERSION,
  ...offer,
});

const isOffer = (message: unknown): message is Record<string, unknown> =>
  typeof message === 'object' &&
  message !== null &&
  (message as Record<string, unknown>)[OFFER] === VERSION;

export const isThreadOffer = (message: unknown): message is ThreadOffer =>
  isOffer(message) &&
  typeof message['descriptor'] === 'number' &&
  message['state'] instanceof SharedArrayBuffer;

export const isProcessOffer = (message: unknown): message is ProcessOffer =>
  isOffer(message) &&
  typeof message['name'] === 'string' &&
  typeof message['token'] === 'string' &&
  message['token'].length === 2 * TOKEN_LENGTH;
