import type { WaitOptions } from '@sock/core';

/** The options of {@link sendSocket} and {@link receiveSocket}. */
export type TransferSocketOptions = WaitOptions;

/** How long a socket is offered unless the caller says otherwise, in milliseconds. */
export const OFFER_TIME = 30_000;
