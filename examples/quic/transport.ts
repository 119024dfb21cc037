/** What a QUIC stack needs of UDP, and the two ways to have it: a DatagramEndpoint, and node's dgram. */
import type { SockAddr } from '@sock/native';

/** The marks of ECN as the two bits of the header: RFC 3168. */
export const ECN = { none: 0, ect1: 1, ect0: 2, ce: 3 } as const;

/** Datagrams that arrived. The arrays are valid until the next receive. */
export interface Arrived {
  readonly count: number;
  readonly data: Uint8Array;
  offset(index: number): number;
  length(index: number): number;
  /** The ECN bits, 0 if the transport does not know them. */
  ecn(index: number): number;
  sender(index: number): SockAddr;
  /** The address that it came to, if the transport knows it. */
  destination(index: number): SockAddr | undefined;
  /** Whether datagram `index` has the addresses of the one before it. */
  isSamePath(index: number): boolean;
}

/** What a transport counted. Those that it cannot count are `undefined`. */
export interface TransportCounts {
  readonly sent: number;
  readonly received: number;
  readonly calls?: number;
  readonly runs?: number;
  readonly joined?: number;
  readonly waits?: number;
  readonly refused?: number;
  readonly failed?: number;
  readonly truncated?: number;
  /** Datagrams that the socket's receive buffer had no room for. */
  readonly drops?: number;
  /** Datagrams by the ECN bits that they left with. */
  readonly sentMarks?: readonly number[];
  /** Datagrams by the ECN bits that the kernel saw. */
  readonly receivedMarks?: readonly number[];
}

export interface Transport {
  readonly address: SockAddr;
  /** The most datagrams that one {@link send} may carry. */
  readonly maxSegments: number;
  /** Calls `step` whenever something arrived, or there is room again after {@link flush} returned `false`. */
  start(step: () => void): void;
  /** Takes what has arrived, without waiting; `undefined` if nothing has. */
  receive(): Arrived | undefined;
  /**
   * Takes a datagram, or a run of them: `segment` is the size of each, 0 if it is one.
   * @returns the number of bytes taken, in whole datagrams. The rest has no room until {@link flush} returns `true`
   */
  send(bytes: Uint8Array, segment: number, ecn: number, to: SockAddr, from?: SockAddr): number;
  /** @returns whether all has left */
  flush(): boolean;
  counts(): TransportCounts;
  close(): void;
}
