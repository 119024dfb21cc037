import { setMaxListeners } from 'node:events';
import { Domain, SockAddr, type SockError, Socket, Type } from '@sock/native';

/** `closed`: the host refused the connection. `silent`: no answer came in time, or a router reported an error. */
export type Answer = 'open' | 'closed' | 'silent';

export interface ScanOptions {
  readonly ports: readonly number[];
  /** The most connections at a time. */
  readonly concurrency: number;
  /** How long to wait for the answer of a port, in milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** No descriptor, no memory or no local port is left for another socket. */
const SHORTAGES: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'EADDRNOTAVAIL']);
const SILENT: ReadonlySet<string> = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * Tries to connect to each port of a host, and reports the answers as they come.
 * @throws {SockError} what socket(2) and connect(2) report, but for the answers of ports
 * @throws the signal's reason
 */
export async function scan(
  host: SockAddr,
  { ports, concurrency, timeout, signal }: ScanOptions,
  report: (port: number, answer: Answer) => void,
): Promise<void> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  setMaxListeners(0, either);
  const left = ports.toReversed();
  let loops = 0;

  /** Asks one port after the other. All loops take their ports from one list. */
  async function loop(): Promise<void> {
    loops += 1;
    try {
      for (let port; (port = left.pop()) !== undefined;) {
        try {
          report(port, await ask(withPort(host, port), timeout, either));
        } catch (error) {
          if (!SHORTAGES.has((error as SockError).code) || loops === 1) throw error;
          // The system has no descriptor for this loop. The other ones ask its port.
          left.push(port);
          return;
        }
      }
    } finally {
      loops -= 1;
    }
  }

  try {
    await Promise.all(Array.from({ length: Math.min(concurrency, left.length) }, loop));
  } finally {
    // After an error the other loops end too.
    stop.abort();
  }
}

const withPort = (host: SockAddr, port: number): SockAddr =>
  SockAddr.from({ address: host.address, port, scopeId: host.scopeId });

async function ask(address: SockAddr, timeout: number, signal: AbortSignal): Promise<Answer> {
  using socket = new Socket(Domain.forAddress(address), Type.STREAM);
  // The close sends a reset, so no port of this host stays in the state TIME_WAIT.
  socket.setLinger(0);
  try {
    await socket.connectAsync(address, { timeout, signal });
    // TCP can connect a socket to itself, if the system gives it the port that it asks.
    return socket.localAddr().equals(address) ? 'closed' : 'open';
  } catch (error) {
    const { code } = error as SockError;
    if (code === 'ECONNREFUSED') return 'closed';
    if (!signal.aborted && SILENT.has(code)) return 'silent';
    throw error;
  }
}
