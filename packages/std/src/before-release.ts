/** Who is told that a Socket is about to lose its handle. */
import type { Socket } from '@sock/core';

/** The member that a Socket calls before its handle goes: to be closed, or to another owner. */
interface EndsWaits {
  endWaits(): void;
}

const told = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls back before the Socket closes, or gives its handle to another owner.
 * @returns ends that
 */
export function beforeRelease(socket: Socket, released: () => void): () => void {
  const internal = socket as unknown as EndsWaits;
  let listeners = told.get(socket);
  if (listeners === undefined) {
    const made = new Set<() => void>();
    const { endWaits } = internal;
    internal.endWaits = () => {
      for (const listener of [...made]) listener();
      Reflect.apply(endWaits, socket, []);
    };
    told.set(socket, made);
    listeners = made;
  }
  const all = listeners;
  all.add(released);
  return () => {
    all.delete(released);
    if (all.size > 0 || told.get(socket) !== all) return;
    told.delete(socket);
    // The one of the class is there again.
    Reflect.deleteProperty(internal, 'endWaits');
  };
}
