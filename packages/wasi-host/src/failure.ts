/** `error-code` of wasi:sockets/network@0.2, as negative numbers: calls return them, nothing is thrown on the way. */

/** The names in the order of the WIT file. */
export const errorCodes = [
  'unknown',
  'access-denied',
  'not-supported',
  'invalid-argument',
  'out-of-memory',
  'timeout',
  'concurrency-conflict',
  'not-in-progress',
  'would-block',
  'invalid-state',
  'new-socket-limit',
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
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** The negative number of a code. */
const numberOf = (code: ErrorCode): number => -1 - errorCodes.indexOf(code);

/** The position of a failure's code in {@link errorCodes}: what the canonical ABI stores. */
export const codeIndex = (failure: number): number => -1 - failure;

/** The name of a failure. */
export const codeOf = (failure: number): ErrorCode => errorCodes[codeIndex(failure)] ?? 'unknown';

export const Failure = {
  UNKNOWN: numberOf('unknown'),
  ACCESS_DENIED: numberOf('access-denied'),
  NOT_SUPPORTED: numberOf('not-supported'),
  INVALID_ARGUMENT: numberOf('invalid-argument'),
  CONCURRENCY_CONFLICT: numberOf('concurrency-conflict'),
  NOT_IN_PROGRESS: numberOf('not-in-progress'),
  WOULD_BLOCK: numberOf('would-block'),
  INVALID_STATE: numberOf('invalid-state'),
  NEW_SOCKET_LIMIT: numberOf('new-socket-limit'),
  NAME_UNRESOLVABLE: numberOf('name-unresolvable'),
  TEMPORARY_RESOLVER_FAILURE: numberOf('temporary-resolver-failure'),
  PERMANENT_RESOLVER_FAILURE: numberOf('permanent-resolver-failure'),
} as const;

/** Error names of the system to codes of the interface, as wasmtime's host maps them. */
const ofSystem: Readonly<Record<string, ErrorCode>> = {
  EACCES: 'access-denied',
  EPERM: 'access-denied',
  EOPNOTSUPP: 'not-supported',
  EAFNOSUPPORT: 'not-supported',
  EPROTONOSUPPORT: 'not-supported',
  ENOPROTOOPT: 'not-supported',
  EINVAL: 'invalid-argument',
  EFAULT: 'invalid-argument',
  EDESTADDRREQ: 'invalid-argument',
  ENOMEM: 'out-of-memory',
  ENOBUFS: 'out-of-memory',
  ETIMEDOUT: 'timeout',
  EALREADY: 'concurrency-conflict',
  EAGAIN: 'would-block',
  EWOULDBLOCK: 'would-block',
  EINPROGRESS: 'would-block',
  EISCONN: 'invalid-state',
  ENOTCONN: 'invalid-state',
  EMFILE: 'new-socket-limit',
  ENFILE: 'new-socket-limit',
  EADDRNOTAVAIL: 'address-not-bindable',
  EADDRINUSE: 'address-in-use',
  ENETUNREACH: 'remote-unreachable',
  EHOSTUNREACH: 'remote-unreachable',
  EHOSTDOWN: 'remote-unreachable',
  ENETDOWN: 'remote-unreachable',
  ENONET: 'remote-unreachable',
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-reset',
  EPIPE: 'connection-reset',
  ECONNABORTED: 'connection-aborted',
  EMSGSIZE: 'datagram-too-large',
};

/** Negative error numbers of a driver to failures. */
export function failuresOf(errors: Readonly<Record<string, number>>): Map<number, number> {
  const failures = new Map<number, number>();
  for (const [name, code] of Object.entries(ofSystem)) {
    const number = errors[name];
    if (number !== undefined && !failures.has(-number)) failures.set(-number, numberOf(code));
  }
  return failures;
}
