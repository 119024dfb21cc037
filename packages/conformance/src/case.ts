import type { Domain, Protocol, SockAddr, Socket, Type } from '@sock/core';
import type { Context } from './context.js';

/** The `Socket` class of a backend. It extends core's `Socket`. */
export type BackendSocket = (new (
  domain: Domain,
  type: Type,
  protocol?: Protocol | null,
) => Socket) &
  Pick<typeof Socket, 'driver' | 'newRaw' | 'pair' | 'pairRaw' | 'fromRawFd' | 'borrowRawFd'>;

/** A backend: the module that a user imports, with what a test needs to know beside it. */
export interface Backend {
  /** Its name in error messages: `Socket.backend`. */
  readonly name: string;
  /** The module's `Socket`. */
  readonly Socket: BackendSocket;
  /** The module's `MSG`: the system's `MSG_...` flags by their names without the prefix. */
  readonly MSG: Readonly<Record<string, number>>;
  /**
   * An address that answers no connection request, for time-outs. Default: a listener with a full
   * queue. Give one if the host accepts connections by itself, as its queue is then never full.
   */
  readonly silentPeer?: (t: Context) => SockAddr;
  /**
   * The class of the peer in cases that reset a connection. Default: `Socket`. Give another backend's
   * if the host accepts connections by itself.
   */
  readonly Peer?: BackendSocket;
}

/** A case of the contract: one promise, which its name states. */
export interface Case {
  readonly name: string;
  /** The sentences of socket2 0.4's documentation that it proves. */
  readonly socket2Docs?: string | readonly string[];
  /** The methods of `Socket` that it exercises. */
  readonly methods: readonly string[];
  /**
   * What it needs: operations, options and domains by their names in the support table, message flags by
   * their C names (`MSG_OOB`). If the backend lacks one of them, the case checks instead that using it
   * throws `ERR_SOCK_UNSUPPORTED`.
   */
  readonly needs?: readonly string[];
  /**
   * Methods of socket2 whose effect this case observes from outside: through a peer, /proc, ss, a
   * capture, a control message or another process. Methods of `Socket` by their names, those of other
   * types after the type's name (`SockAddr.unix`).
   */
  readonly observes?: readonly string[];
  /** What this machine lacks for it: a privilege, a tool, a feature of the kernel. The case is then skipped. */
  lacks?(backend: Backend): string | undefined;
  /** In milliseconds. Default: 10,000. */
  readonly timeout?: number;
  run(t: Context): void | Promise<void>;
}
