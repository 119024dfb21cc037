/** `error-code` of wasi:sockets 0.3: a variant, where 0.2 has an enum. */
import { codeOf, type ErrorCode, Failure } from '../failure.js';
import type { System } from '../sockets/system.js';

/** Codes that both versions have, of sockets and of look-ups. */
const SHARED: ReadonlySet<string> = new Set([
  'access-denied',
  'not-supported',
  'invalid-argument',
  'out-of-memory',
  'timeout',
  'invalid-state',
  'address-not-bindable',
  'address-in-use',
  'remote-unreachable',
  'connection-refused',
  'connection-reset',
  'connection-aborted',
  'datagram-too-large',
  'name-unresolvable',
  'temporary-resolver-failure',
  'permanent-resolver-failure',
]);

/** What only 0.2 has, since its operations have a start and a finish. */
const OF_STEPS: ReadonlySet<string> = new Set([
  'concurrency-conflict',
  'not-in-progress',
  'would-block',
]);

export interface Payload {
  readonly tag: string;
  readonly val?: string | undefined;
}

function payloadOf(code: ErrorCode): Payload {
  if (SHARED.has(code)) return { tag: code };
  return OF_STEPS.has(code) ? { tag: 'invalid-state' } : { tag: 'other', val: code };
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
