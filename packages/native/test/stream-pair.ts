/** What the tests of streams share: two sockets, bytes as text, and a wait for what the peer sent. */
import { Domain, Socket, Type } from '@sock/native';
import { afterEach, beforeEach } from 'vitest';

/** Two connected sockets of the test that runs: its streams are `here`, its peer is `there`. */
export let here: Socket;
export let there: Socket;
beforeEach(() => {
  [here, there] = Socket.pair(Domain.UNIX, Type.STREAM);
});
afterEach(() => {
  here.close();
  there.close();
});

/** A reader with views of each branch of what `here` receives. */
export const teedReaders = (): [ReadableStreamBYOBReader, ReadableStreamBYOBReader] => {
  const [one, two] = here.streams().readable.tee();
  return [one.getReader({ mode: 'byob' }), two.getReader({ mode: 'byob' })];
};

export const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

export const text = (view: Uint8Array | undefined): string => new TextDecoder().decode(view);

/** Long enough for the event loop to hand over what a local peer has sent. */
export const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

/** The reason of a promise that has to reject. */
export const reasonOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error('it was fulfilled');
    },
    (reason: unknown) => reason,
  );
