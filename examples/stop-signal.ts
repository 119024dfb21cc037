import { setMaxListeners } from 'node:events';

/** A signal that Ctrl-C and SIGTERM abort. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  // Every connection waits with this signal. Node warns of more than ten listeners otherwise.
  setMaxListeners(0, stop.signal);
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort());
  return stop.signal;
}
