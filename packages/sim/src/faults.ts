/** The faults of one network: those to come, and those in force. */
import type { Clock } from './clock.js';
import { type CallName, describeFault, type Fault, type LinkConditions } from './fault.js';
import type { Host } from './host.js';
import { errors } from './numbers.js';
import { type Segment, TcpFlag } from './packet.js';

type Of<Kind extends Fault['kind']> = Extract<Fault, { kind: Kind }>;

/** A fault that can be ended before its time. */
export interface Injected {
  /** Ends it; does nothing when it is over. */
  end(): void;
}

/** A fault of calls, with what is left of it. */
interface CallFault {
  readonly fault: Of<'call'>;
  /** Calls until it strikes. */
  until: number;
  times: number;
}

/** A fault of connections, with how many more it strikes. */
interface ConnectFault {
  readonly fault: Of<'refuse' | 'blackhole'>;
  count: number;
}

const matches = (pattern: string, host: Host): boolean =>
  pattern === '*' || pattern === host.name || host.has(pattern);

/** What a fault needs of a network. */
interface Site {
  readonly clock: Clock;
  readonly hosts: readonly Host[];
  note(text: string): void;
}

/** The faults of a network. */
export class Faults {
  /** Every fault that was injected, in order. */
  readonly schedule: Fault[] = [];
  /** Changes with the faults of links, so that links know when to look again. */
  version = 0;
  readonly #site: Site;
  readonly #partitions = new Set<Of<'partition'>>();
  readonly #links = new Set<Of<'link'>>();
  readonly #connects = new Set<ConnectFault>();
  readonly #resets = new Set<Of<'reset'>>();
  readonly #calls = new Set<CallFault>();
  readonly #lookups = new Set<Of<'dns'>>();
  readonly #packets = new Map<number, Of<'drop' | 'duplicate' | 'delay'>[]>();

  constructor(site: Site) {
    this.#site = site;
  }

  /** Has a fault come about, now or at its time. */
  inject(fault: Fault): Injected {
    this.schedule.push(fault);
    if (fault.kind === 'drop' || fault.kind === 'duplicate' || fault.kind === 'delay') {
      const known = this.#packets.get(fault.packet);
      if (known === undefined) this.#packets.set(fault.packet, [fault]);
      else known.push(fault);
      return { end: () => void this.#packets.delete(fault.packet) };
    }
    const { clock } = this.#site;
    let undo: (() => void) | undefined;
    let ending: ReturnType<Clock['schedule']> | undefined;
    let ended = false;
    const end = (): void => {
      if (ended) return;
      ended = true;
      clock.cancel(beginning);
      clock.cancel(ending);
      undo?.();
    };
    const begin = (): void => {
      this.#site.note(`fault: ${describeFault(fault)}`);
      undo = this.#begin(fault);
      const period = fault.kind === 'call' ? undefined : fault.for;
      if (period !== undefined) {
        ending = clock.schedule(period, () => {
          this.#site.note(`over: ${describeFault(fault)}`);
          end();
        });
      }
    };
    const { at = 0 } = fault;
    // A host that a schedule names is often made after the network: at time 0 it is not there yet.
    const beginning = at > 0 || this.#awaits(fault) ? clock.schedule(at, begin) : undefined;
    if (beginning === undefined) begin();
    return { end };
  }

  #awaits(fault: Fault): boolean {
    if (!('host' in fault) || fault.host === '*') return false;
    return !this.#site.hosts.some((host) => matches(fault.host, host));
  }

  #hosts(pattern: string): Host[] {
    return this.#site.hosts.filter((host) => matches(pattern, host));
  }

  /** @returns ends it */
  #begin(fault: Exclude<Fault, Of<'drop' | 'duplicate' | 'delay'>>): () => void {
    switch (fault.kind) {
      case 'partition':
        return this.#hold(this.#partitions, fault);
      case 'link':
        return this.#hold(this.#links, fault);
      case 'reset':
        return this.#hold(this.#resets, fault);
      case 'dns':
        return this.#hold(this.#lookups, fault);
      case 'refuse':
      case 'blackhole':
        return this.#hold(this.#connects, { fault, count: fault.count ?? Infinity });
      case 'call': {
        const { nth = 1, times = 1 } = fault;
        return this.#hold(this.#calls, { fault, until: nth, times });
      }
      case 'crash': {
        const hosts = this.#hosts(fault.host);
        for (const host of hosts) host.crash();
        return () => {
          for (const host of hosts) host.restart();
        };
      }
      case 'stopReading': {
        const hosts = this.#hosts(fault.host);
        for (const host of hosts) host.stopReading();
        return () => {
          for (const host of hosts) host.resumeReading();
        };
      }
      case 'skew': {
        const hosts = this.#hosts(fault.host);
        for (const { clock } of hosts) clock.shift(fault.by, fault.drift ?? 0);
        return () => {
          for (const { clock } of hosts) clock.shift(-fault.by, -(fault.drift ?? 0));
        };
      }
    }
  }

  #hold<T>(set: Set<T>, item: T): () => void {
    set.add(item);
    this.version += 1;
    return () => {
      set.delete(item);
      this.version += 1;
    };
  }

  /** Whether nothing gets from one host to another. */
  isPartitioned(from: Host, to: Host): boolean {
    for (const { from: one, to: other, oneWay } of this.#partitions) {
      if (matches(one, from) && matches(other, to)) return true;
      if (oneWay !== true && matches(one, to) && matches(other, from)) return true;
    }
    return false;
  }

  /** The conditions that faults set on the way from one host to another. */
  conditions(from: Host, to: Host): LinkConditions {
    const all: LinkConditions = {};
    for (const { from: one, to: other, conditions } of this.#links) {
      if (matches(one, from) && matches(other, to)) Object.assign(all, conditions);
    }
    return all;
  }

  /** The faults of the n-th packet. */
  ofPacket(index: number): readonly Of<'drop' | 'duplicate' | 'delay'>[] | undefined {
    if (this.#packets.size === 0) return undefined;
    return this.#packets.get(index);
  }

  /** What becomes of a connection request. */
  ofConnection(to: Host, { destinationPort }: Segment): 'refuse' | 'blackhole' | undefined {
    for (const item of this.#connects) {
      const { to: pattern, port, kind } = item.fault;
      if (!matches(pattern, to) || (port !== undefined && port !== destinationPort)) continue;
      item.count -= 1;
      if (item.count <= 0) this.#connects.delete(item);
      return kind;
    }
    return undefined;
  }

  /** How many bytes of a segment still arrive before its connection is reset; `undefined`: all, and it is not. */
  bytesBeforeReset(from: Host, to: Host, segment: Segment): number | undefined {
    if (this.#resets.size === 0 || (segment.flags & TcpFlag.SYN) !== 0) return undefined;
    const { sequence, data, sourcePort, destinationPort } = segment;
    for (const fault of this.#resets) {
      const { port, afterBytes } = fault;
      if (!matches(fault.from, from) || !matches(fault.to, to)) continue;
      if (port !== undefined && port !== sourcePort && port !== destinationPort) continue;
      const offset = sequence - 1;
      if (data.length === 0 || offset + data.length < afterBytes || offset > afterBytes) continue;
      this.#resets.delete(fault);
      return afterBytes - offset;
    }
    return undefined;
  }

  /** The error, negative, that a call on a host is to fail with; 0 for none. */
  ofCall(host: Host, call: CallName): number {
    if (this.#calls.size === 0) return 0;
    for (const item of this.#calls) {
      const { fault } = item;
      if (fault.call !== call || !matches(fault.host, host)) continue;
      item.until -= 1;
      if (item.until > 0) continue;
      item.times -= 1;
      if (item.times <= 0) this.#calls.delete(item);
      this.#site.note(`${host.name}: ${call} fails with ${fault.error}`);
      return -(errors[fault.error as keyof typeof errors] ?? errors.EIO);
    }
    return 0;
  }

  /** How much longer a lookup takes, in milliseconds, and the error that it ends with. */
  ofLookup(name: string): { readonly delay: number; readonly error: string | undefined } {
    let delay = 0;
    let error: string | undefined;
    for (const fault of this.#lookups) {
      if (fault.name !== undefined && fault.name !== name) continue;
      delay += fault.delay ?? 0;
      error ??= fault.error;
    }
    return { delay, error };
  }

  /** Whether any fault of calls is in force: calls count only then. */
  get ofCalls(): boolean {
    return this.#calls.size > 0;
  }
}
