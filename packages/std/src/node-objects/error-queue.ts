/** The error queue of a Socket: what recvmsg(2) with MSG_ERRQUEUE returns. ip(7), socket(7) */
import type { ReceivedControlMessage, Socket, SockError } from '@sock/core';
import { driverOf } from '../node-address.js';

/** The most entries that one call reads, so that the event loop gets its turn. */
const MOST = 64;
const CONTROL_ROOM = 512;
/** Bytes of the datagram that caused an entry. Nobody gets them. */
const SCRATCH = new Uint8Array(1);
/** Origins of `struct sock_extended_err` that say that a datagram failed. The others report a success. */
const FAILURES = new Set<string | number>(['none', 'local', 'icmp', 'icmp6']);

/** What the entries of an error queue say. */
export interface ErrorQueueEntries {
  /** Why datagrams sent earlier failed. */
  readonly errors: SockError[];
  /** The control messages of every other entry: transmit timestamps, completions of MSG_ZEROCOPY. */
  readonly reports: (readonly ReceivedControlMessage[])[];
}

/**
 * Takes the entries off a Socket's error queue. A queue that nobody drains makes every wait end at once.
 * @returns no entries on a system without an error queue
 */
export function drainErrorQueue(socket: Socket): ErrorQueueEntries {
  const entries: ErrorQueueEntries = { errors: [], reports: [] };
  const driver = driverOf(socket);
  const flag = driver.constants['MSG_ERRQUEUE'];
  if (flag === undefined || driver.recvMessage === undefined) return entries;
  for (let taken = 0; taken < MOST && !socket.closed; taken += 1) {
    let message: { readonly control: readonly ReceivedControlMessage[] } | undefined;
    try {
      message = socket.tryRecvmsg({ buffers: [SCRATCH], control: CONTROL_ROOM }, flag);
    } catch {
      // A socket without a queue. Its error comes with the next receive.
      break;
    }
    if (message === undefined) break;
    const failure = message.control.find(
      (part) => part.kind === 'error' && FAILURES.has(part.origin),
    );
    if (failure?.kind === 'error') entries.errors.push(failure.error);
    else entries.reports.push(message.control);
  }
  return entries;
}
