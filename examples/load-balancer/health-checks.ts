import { setTimeout as delay } from 'node:timers/promises';
import { Socket } from '@sock/native';
import { connectHost } from '@sock/std';
import type { HostAndPort } from '../arguments.js';

/** How long a backend may take to accept the connection of a check, in milliseconds. */
const LONGEST_CONNECT = 1000;

/** Connects to each backend again and again: one that accepts is alive. */
export class HealthChecks {
  /** For each backend, whether the last check could connect. All are taken for alive before the first check. */
  readonly alive: boolean[];
  onChange: (backend: number, isAlive: boolean) => void = () => {};
  readonly #backends: readonly HostAndPort[];
  readonly #interval: number;
  readonly #signal: AbortSignal;

  constructor(backends: readonly HostAndPort[], interval: number, signal: AbortSignal) {
    this.alive = backends.map(() => true);
    this.#backends = backends;
    this.#interval = interval;
    this.#signal = signal;
  }

  /** Checks all backends until the signal aborts. */
  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      await Promise.all(this.alive.map((_, backend) => this.check(backend)));
      await delay(this.#interval, undefined, { signal: this.#signal }).catch(() => {});
    }
  }

  async check(backend: number): Promise<void> {
    const { host, port } = this.#backends[backend] as HostAndPort;
    let isAlive = true;
    try {
      const options = { timeout: LONGEST_CONNECT, signal: this.#signal };
      (await connectHost(Socket, host, port, options)).close();
    } catch {
      if (this.#signal.aborted) return;
      isAlive = false;
    }
    if (this.alive[backend] === isAlive) return;
    this.alive[backend] = isAlive;
    this.onChange(backend, isAlive);
  }
}
