/**
 * Options with which the system puts entries into a socket's error queue, or joins messages. Node's own handles
 * read no control message and never drain the queue: they would join datagrams, or never rest.
 */
import { type Socket, Timestamping } from '@sock/core';

/** Options of datagram sockets. */
export const DATAGRAM_OPTIONS = ['udpGro', 'recvErrV4', 'recvErrV6', 'timestamping'] as const;

/** The times of transmission. TCP too puts each into the error queue. */
const TRANSMIT =
  Timestamping.TX_HARDWARE | Timestamping.TX_SOFTWARE | Timestamping.TX_SCHED | Timestamping.TX_ACK;

/** Whether these flags of SO_TIMESTAMPING ask for times of transmission. */
export const asksTransmitTimes = (flags: unknown): boolean =>
  typeof flags === 'number' && (flags & TRANSMIT) !== 0;

/** The value of an option; `undefined` if the backend, the system or the socket's family does not have it. */
function valueOf(socket: Socket, name: (typeof DATAGRAM_OPTIONS)[number]): unknown {
  if (socket.supports(name).level === 'unsupported') return undefined;
  try {
    return socket[name]();
  } catch {
    return undefined;
  }
}

/** Whether node's own handle cannot work on this datagram socket. */
export const needsControlMessages = (socket: Socket): boolean =>
  DATAGRAM_OPTIONS.some((name) => Boolean(valueOf(socket, name)));

/** Whether node's own handle would never rest on this stream, or on the connections of this listener. */
export const fillsErrorQueue = (socket: Socket): boolean =>
  asksTransmitTimes(valueOf(socket, 'timestamping'));
