import type { Socket } from '@sock/core';

/** Who wants to know, for each Socket that somebody asked about. */
const listeners = new WeakMap<Socket, Set<() => void>>();

const CALLS = ['close', 'intoRawFd'] as const;

/** Has the calls by which a Socket loses its descriptor tell the listeners first. */
function replaceCalls(socket: Socket, told: Set<() => void>): void {
  for (const name of CALLS) {
    const method = socket[name] as () => number | void;
    Object.defineProperty(socket, name, {
      configurable: true,
      writable: true,
      value(this: Socket, ...values: []) {
        for (const listener of [...told]) listener();
        return Reflect.apply(method, this, values);
      },
    });
  }
}

/**
 * Calls back before a Socket closes or gives up its descriptor, no matter by which call.
 * @returns a function that ends it
 */
export function onRelease(socket: Socket, listener: () => void): () => void {
  let told = listeners.get(socket);
  if (told === undefined) {
    told = new Set();
    listeners.set(socket, told);
    replaceCalls(socket, told);
  }
  const all = told.add(listener);
  return () => {
    all.delete(listener);
    if (all.size > 0 || listeners.get(socket) !== all) return;
    listeners.delete(socket);
    for (const name of CALLS) Reflect.deleteProperty(socket, name);
  };
}
