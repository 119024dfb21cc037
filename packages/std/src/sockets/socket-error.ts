/**
 * The error of the Sockets API: a `TypeError` whose message begins with `SocketError: `.
 * @see https://sockets-api.proposal.wintertc.org/#socket-error
 */
export class SocketError extends TypeError {
  /** The code of the error behind it, such as `'ECONNREFUSED'`. */
  readonly code: string | undefined;

  constructor(message: string, cause?: unknown) {
    super(`SocketError: ${message}`, cause === undefined ? undefined : { cause });
    this.code = (cause as { code?: string } | undefined)?.code;
  }

  /** An error of a connection, once. */
  static of(cause: unknown): SocketError {
    if (cause instanceof SocketError) return cause;
    return new SocketError(cause instanceof Error ? cause.message : String(cause), cause);
  }
}
