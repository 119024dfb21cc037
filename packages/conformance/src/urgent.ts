import type { Socket } from '@sock/core';
import { fail } from './assert.js';
import { pause } from './context.js';

const ATTEMPTS = 200;

/** Receives the urgent byte. Retries until it has arrived: before that systems throw EINVAL or EAGAIN. */
export async function urgent(socket: Socket, receive: () => number): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      return receive();
    } catch (error) {
      const { code } = error as { code?: string };
      if (code !== 'EINVAL' && code !== 'EAGAIN') throw error;
      await pause(10);
    }
  }
  return fail(`no out-of-band data arrived at ${socket.toString()}`);
}
