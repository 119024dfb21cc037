/** The socket options that node's objects make useless or harmful, each with the reason. */
import { refusedOption, type SocketOptionKind } from '@sock/core';

const NEVER_BLOCKS =
  "node's sockets never block, so the time-out of a blocking call has no effect; use setTimeout() of the net.Socket, or a timer";

const REASONS: Readonly<Record<string, string>> = {
  readTimeout: NEVER_BLOCKS,
  writeTimeout: NEVER_BLOCKS,
  nonblocking: "node's sockets are always non-blocking",
  happyEyeballs: 'only a call that connects by name can try addresses in parallel',
};

/**
 * Why an option is refused: it can have no effect on the socket or in node's object, or stops the event loop.
 * @returns `undefined` if it is not refused
 */
export function refusal(name: string, value: unknown, kind: SocketOptionKind): string | undefined {
  const always = Object.hasOwn(REASONS, name) ? REASONS[name] : undefined;
  if (always !== undefined) return always;
  const useless = refusedOption(name, kind, 'node has no such sockets');
  if (useless !== undefined) return useless;
  if (name === 'linger' && typeof value === 'number' && value > 0) {
    return 'close(2) would stop the event loop for that time; 0 resets the connection, null sends in the background';
  }
  return undefined;
}
