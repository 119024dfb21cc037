/** Sockets that are closed when the test is over. */
import { afterEach } from 'vitest';
import { closeQuietly } from './datagram-paths.js';

const open: { close(): unknown }[] = [];
afterEach(() => open.splice(0).forEach(closeQuietly));

/** Has a socket closed after the test. */
export function kept<T extends { close(): unknown }>(it: T): T {
  open.push(it);
  return it;
}
