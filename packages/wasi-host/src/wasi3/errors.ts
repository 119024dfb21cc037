/** `error-code` of wasi:sockets 0.3: a variant, where 0.2 has an enum. */
import { codeOf, type ErrorCode, Failure } from '../failure.js';
import type { System } from '../sockets/system.js';

/** What only 0.2 has besides: 0.3 says `other`. */
const OTHER: ReadonlySet<ErrorCode> = new Set(['unknown', 'new-socket-limit']);

/** What only 0.2 has, since its operations have a start and a finish. */
const OF_STEPS: ReadonlySet<ErrorCode> = new Set([
  'concurrency-conflict',
  'not-in-progress',
  'would-block',
]);

export interface Payload {
  readonly tag: string;
  readonly val?: string | undefined;
}

function payloadOf(code: ErrorCode): Payload {
  if (OTHER.has(code)) return { tag: 'other', val: code };
  return { tag: OF_STEPS.has(code) ? 'invalid-state' : code };
}

/** What jco takes as the error of a result. */
export class SocketError extends Error {
  override name = 'SocketError';
  constructor(readonly payload: Payload) {
    super(payload.val ?? payload.tag);
  }
}

export const errorOfCode = (code: ErrorCode): SocketError => new SocketError(payloadOf(code));

/** The error of a negative failure. */
export const errorOf = (failure: number): SocketError => errorOfCode(codeOf(failure));

export const invalidState = (): SocketError => errorOf(Failure.INVALID_STATE);

/** The error of a negative error number of the system. */
export function errorOfSystem(system: System, errno: number): SocketError {
  if (errno === system.EPIPE) return new SocketError({ tag: 'connection-broken' });
  return errorOf(system.failure(errno));
}

/** Throws for a result that is a failure. */
export function check(result: number): void {
  if (result < 0) throw errorOf(result);
}
