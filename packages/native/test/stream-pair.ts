/** What the tests of streams share: bytes as text, and a wait for what the peer sent. */

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
