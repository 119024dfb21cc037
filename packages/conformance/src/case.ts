import type { Domain, Protocol, SockAddr, Socket, Type } from '@sock/core';
import type { Context } from './context.js';

/** The class of a backend's sockets, which extends core's `Socket`. */
export type BackendSocket = (new (
  domain: Domain,
  type: Type,
  protocol?: Protocol | null,
) => Socket) &
  Pick<typeof Socket, 'driver' | 'newRaw' | 'pair' | 'pairRaw' | 'fromRawFd' | 'borrowRawFd'>;

/** What the contract is run against. */
export interface Backend {
  readonly name: string;
  readonly Socket: BackendSocket;
  /** The system's `MSG_...` flags by their names without the prefix. */
  readonly MSG: Readonly<Record<string, number>>;
  /**
   * An address that answers no connection request, for time-outs. Left out: a listener with a full
   * queue, which a host that accepts behind the backend's back never has.
   */
  readonly silentPeer?: (t: Context) => SockAddr;
  /**
   * The other end of a connection that is to be reset. Left out: this backend's own, which is of no use
   * where a host accepts behind the backend's back.
   */
  readonly Peer?: BackendSocket;
}

/** One sentence of the contract. */
export interface Case {
  readonly name: string;
  /** The sentences of the seed that this proves. */
  readonly seed?: string | readonly string[];
  /** The methods of `Socket` that it exercises. */
  readonly methods: readonly string[];
  /**
   * Operations, options and domains by the names of the support table, and message flags by their
   * C names (`MSG_OOB`). Where the backend lacks one of them the case proves that instead.
   */
  readonly needs?: readonly string[];
  /**
   * Of what socket2 has, what this case sees the system do, not only say: through a peer, /proc,
   * ss, a capture, a control message or another process. Methods of `Socket` by their names, those of
   * other types with it (`SockAddr.unix`).
   */
  readonly observes?: readonly string[];
  /** What this machine lacks for it (a privilege, a tool, a feature of the kernel): it is skipped. */
  lacks?(backend: Backend): string | undefined;
  /** In milliseconds. */
  readonly timeout?: number;
  run(t: Context): void | Promise<void>;
}
