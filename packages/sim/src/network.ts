/** The simulated network: hosts, links, time, faults, and the record of it all. */
import { SockError } from '@sock/core';
import { captureOf } from './capture.js';
import { Clock, DEFAULT_EPOCH } from './clock.js';
import { formatFault, type Fault, type LinkConditions } from './fault.js';
import { Faults, type Injected } from './faults.js';
import { Host, type HostOptions } from './host.js';
import { IpTable } from './ip.js';
import { Link } from './link.js';
import { Loop, realPause, turn } from './loop.js';
import { lookUp } from './names.js';
import { errors } from './numbers.js';
import { NO_DATA, type Packet, resetFor, type Segment, sizeOf, TcpFlag } from './packet.js';
import { Random } from './random.js';
import type { SimSocket } from './sim-socket.js';
import type { TcpSender } from './tcp-sender.js';
import { type Fate, Trace, type TraceEntry } from './trace.js';
import { installVirtualGlobals } from './virtual-globals.js';

/** What a {@link Network} is made with. Conditions are those of every link unless told otherwise. */
export interface NetworkOptions extends LinkConditions {
  /** An integer, 0 to 2^53 - 1: everything that looks like chance follows from it. */
  readonly seed?: number;
  /** Faults to come. */
  readonly faults?: readonly Fault[];
  /** How long a lookup of a name takes, in milliseconds; default 0. */
  readonly lookupTime?: number;
  /** What the wall clocks show at the beginning, in milliseconds since 1970; default 2020-01-01. */
  readonly epoch?: number;
  /** How many entries the trace keeps; default 10,000. */
  readonly traceLimit?: number;
}

/** How long {@link Network.run} lets a program take. */
export interface RunOptions {
  /** Virtual milliseconds after which the program has failed; default a day. */
  readonly limit?: number;
  /** Gets seed, faults and the end of the trace of a program that failed; default `console.error`. */
  readonly report?: (text: string) => void;
}

declare const console: { error(text: string): void };

const DAY = 86_400_000;
/** A blocking call that waits for longer waits for ever, in milliseconds. */
const LONGEST_BLOCK = 30 * DAY;
/** Turns of the event loop without anything new before the program counts as waiting. */
const QUIET = 3;
/** Turns at one instant after which time passes though the program is busy: it polls. */
const BUSY = 1000;
/** Real milliseconds that a program gets for what the simulation can't see, before it is a deadlock. */
const PATIENCE = 50;
const LINES = 40;

/** A network of simulated hosts, with a clock of its own. */
export class Network {
  readonly seed: number;
  readonly clock: Clock;
  /** @internal */
  readonly loop = new Loop();
  /** @internal */
  readonly ips = new IpTable();
  /** @internal */
  readonly faults: Faults;
  /** Pseudo-random numbers for the program under test: the same for the same seed. */
  readonly random: Random;
  readonly hosts: Host[] = [];
  readonly #conditions: LinkConditions;
  readonly #lookupTime: number;
  readonly #links = new Map<Host, Map<Host, Link>>();
  readonly #names = new Map<string, Host>();
  readonly #trace: Trace;
  /** Packets that arrive without any delay, when the call that sent them is done. */
  #arrivals: { readonly to: Host; readonly packet: Packet }[] = [];
  /** Connections that sent something and may have to send it again. */
  readonly #unsettled: TcpSender[] = [];
  #settling = false;
  #packets = 0;
  #handles = 2;
  #cookies = 0;
  #running = false;
  #held = 0;

  /** @throws {RangeError} for a seed that is no integer from 0 to 2^53 - 1 */
  constructor(options: NetworkOptions = {}) {
    const { seed = 0, faults = [], lookupTime = 0, epoch, traceLimit, ...conditions } = options;
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RangeError(`The seed must be an integer from 0 to 2^53 - 1: ${seed}`);
    }
    this.seed = seed;
    this.#conditions = conditions;
    this.#lookupTime = lookupTime;
    this.#trace = new Trace(traceLimit ?? 10_000);
    this.random = new Random(seed, 'program');
    this.clock = new Clock(this.loop, () => this.settle(), epoch ?? DEFAULT_EPOCH);
    this.faults = new Faults(this);
    for (const fault of faults) this.faults.inject(fault);
  }

  /**
   * A host: what it returns is a backend, whose sockets are on this host.
   * @param address its IPv4 or IPv6 address, `'10.0.0.1'`
   * @param options its name, and more addresses
   * @throws {SockError} EADDRINUSE when another host has an address of its; EEXIST when it has the name
   */
  host(address: string, options: HostOptions = {}): Host {
    const { name = address } = options;
    if (this.#names.has(name)) throw new SockError('EEXIST', { message: `host EEXIST ${name}` });
    const ips = [address, ...(options.addresses ?? [])].map((text) => this.ips.parse(text));
    for (const ip of ips) {
      if (ip.isLocal || ip.isMulticast || ip.isBroadcast || ip.host !== undefined) {
        throw new SockError('EADDRINUSE', { message: `host EADDRINUSE ${ip.text}` });
      }
    }
    const host = new Host(this, name, ips, options);
    for (const ip of ips) ip.host = host;
    this.hosts.push(host);
    this.#names.set(name, host);
    return host;
  }

  /** The way from one host to another, by their names or addresses, to set its conditions. */
  link(from: string | Host, to: string | Host): Link {
    return this.linkBetween(this.hostOf(from), this.hostOf(to));
  }

  /** Has a fault come about, now or at its time. */
  inject(fault: Fault): Injected {
    return this.faults.inject(fault);
  }

  /** Has nothing get from one host to another; nor back, unless `oneWay`. */
  partition(from: string | Host, to: string | Host, options: { oneWay?: boolean } = {}): Injected {
    const [one, other] = [this.hostOf(from).name, this.hostOf(to).name];
    return this.inject({ kind: 'partition', from: one, to: other, ...options });
  }

  /** A line of the program's own in the trace. */
  note(text: string): void {
    this.#trace.note(this.clock.now, text);
  }

  /** What happened, a line each: the last `last` of those that are kept. */
  trace(last?: number): string {
    return this.#trace.text(last);
  }

  /** The entries of the trace that are kept, oldest first. */
  traceEntries(): TraceEntry[] {
    return [...this.#trace.entries()];
  }

  /** 16 hexadecimal digits that stand for everything that happened, also what the trace no longer keeps. */
  get digest(): string {
    return this.#trace.digest;
  }

  /** The packets of the trace as a pcapng file, which Wireshark and tshark read. */
  capture(): Uint8Array {
    return captureOf(this.#trace.entries(), this.clock.epoch, this.seed);
  }

  /** The faults that were injected, in order: with the seed, all that a replay needs. */
  get schedule(): readonly Fault[] {
    return this.faults.schedule;
  }

  /**
   * Runs a program in virtual time. Meanwhile the global timers, `Date`, `performance.now`,
   * `AbortSignal.timeout` and `Math.random` are the network's, and whenever the program waits time jumps to
   * the next event. One at a time.
   * @returns what the program returns
   * @throws what the program throws, after printing seed and trace; {@link SockError} EDEADLK when nothing could
   * ever happen any more, ETIMEDOUT when it takes longer than `limit`
   */
  async run<T>(program: () => T | Promise<T>, options: RunOptions = {}): Promise<T> {
    if (this.#running) throw new Error('The network runs a program already');
    this.#running = true;
    let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
    const fail = (error: unknown): void => {
      outcome ??= { error };
    };
    this.loop.onError = fail;
    const restore = installVirtualGlobals(this.clock, this.loop, this.random, fail);
    try {
      Promise.resolve()
        .then(program)
        .then((value) => {
          outcome ??= { value };
        }, fail);
      const end = this.clock.now + (options.limit ?? DAY);
      await this.#drive(() => outcome !== undefined, end, fail);
    } finally {
      restore();
      this.loop.onError = undefined;
      this.#running = false;
    }
    const result = outcome as unknown as { readonly value: T } | { readonly error: unknown };
    if ('value' in result) return result.value;
    const { report = (text) => console.error(text) } = options;
    report(this.report());
    throw result.error;
  }

  async #drive(done: () => boolean, end: number, fail: (error: unknown) => void): Promise<void> {
    let quiet = 0;
    let busy = 0;
    let idle = 0;
    let { count } = this.loop;
    for (;;) {
      await turn();
      if (done()) return;
      const active = this.loop.pending || this.loop.count !== count;
      ({ count } = this.loop);
      if (active) {
        quiet = 0;
        idle = 0;
        busy += 1;
        if (busy < BUSY) continue;
      }
      quiet += 1;
      if (!active && quiet < QUIET) continue;
      quiet = 0;
      busy = 0;
      if (this.#held > 0) {
        await realPause(1);
        continue;
      }
      const next = this.clock.nextTime();
      if (next === undefined) {
        idle += 1;
        if (idle <= PATIENCE) await realPause(1);
        else if (!active) fail(this.#deadlock());
        continue;
      }
      idle = 0;
      if (next > end) {
        fail(new SockError('ETIMEDOUT', { message: `The program takes longer than ${end} ms` }));
        continue;
      }
      this.#jump(count, end);
    }
  }

  /** Events of the network that nobody is told of follow each other without a turn in between. */
  #jump(count: number, end: number): void {
    for (;;) {
      const kind = this.clock.step();
      if (kind !== 'network' || this.loop.count !== count) return;
      const next = this.clock.nextTime();
      if (next === undefined || next > end) return;
    }
  }

  #deadlock(): SockError {
    const waits = this.hosts.flatMap((host) => [...host.waits.describe()]);
    const who = waits.length === 0 ? ['no socket waits'] : waits;
    return new SockError('EDEADLK', {
      errno: -errors.EDEADLK,
      message: `EDEADLK: the program waits, and nothing could ever happen:\n${who.map((line) => `  ${line}`).join('\n')}`,
    });
  }

  /** Keeps time from passing until a promise is settled that depends on the world outside: files, other processes. */
  async outside<T>(promise: Promise<T>): Promise<T> {
    this.#held += 1;
    try {
      return await promise;
    } finally {
      this.#held -= 1;
    }
  }

  /** Seed, faults and the last lines of the trace: what to print of a run that failed. */
  report(lines = LINES): string {
    const faults = this.schedule.map((fault) => `  ${formatFault(fault)}`);
    return [
      `network seed ${this.seed}, ${faults.length} faults${faults.length === 0 ? '' : ':'}`,
      ...faults,
      `trace, ${this.#trace.count} entries, digest ${this.digest}:`,
      this.trace(lines),
    ].join('\n');
  }

  /** Resolves a name as a host would: {@link Host.lookup}. */
  resolve(name: string): Promise<readonly string[]> {
    return lookUp(this, name, this.#lookupTime).then((ips) => ips.map(({ text }) => text));
  }

  // What follows is for hosts and sockets.

  /** @internal */
  get lookupTime(): number {
    return this.#lookupTime;
  }

  /** @internal The host of a name or an address. */
  hostOf(host: string | Host): Host {
    if (host instanceof Host) return host;
    const found = this.#names.get(host) ?? this.hosts.find((other) => other.has(host));
    if (found === undefined) throw new RangeError(`The network has no host ${host}`);
    return found;
  }

  /** @internal */
  hostNamed(name: string): Host | undefined {
    return this.#names.get(name);
  }

  /** @internal Handles are not used again: an old one never names somebody else's socket. */
  nextHandle(): number {
    return ++this.#handles;
  }

  /** @internal */
  nextCookie(): number {
    return ++this.#cookies;
  }

  /** @internal */
  linkBetween(from: Host, to: Host): Link {
    let links = this.#links.get(from);
    if (links === undefined) this.#links.set(from, (links = new Map<Host, Link>()));
    let link = links.get(to);
    if (link === undefined) {
      link = new Link(from, to, this.#conditions, this.faults, this.seed);
      links.set(to, link);
    }
    return link;
  }

  /** @internal Sends a packet on its way. It arrives no earlier than the end of the call that sent it. */
  send(from: Host, to: Host, packet: Packet): void {
    const { now } = this.clock;
    if (from === to) {
      this.#trace.packet(now, from.name, to.name, packet, 'arrives', now, -1);
      this.#arrivals.push({ to, packet });
      return;
    }
    const index = this.#packets++;
    const record = (fate: Fate, arrival = now): void =>
      this.#trace.packet(now, from.name, to.name, packet, fate, arrival, index);
    if (packet.protocol === 'tcp' && this.#interfere(from, to, packet, record)) return;
    const { lost, delay, again } = this.linkBetween(from, to).pass(now, sizeOf(packet), index);
    if (lost !== undefined) {
      record(lost);
      return;
    }
    record('arrives', now + delay);
    this.#arrive(to, packet, delay);
    if (again === undefined) return;
    record('duplicate', now + again);
    this.#arrive(to, packet, again);
  }

  #arrive(to: Host, packet: Packet, delay: number): void {
    if (delay <= 0) this.#arrivals.push({ to, packet });
    else this.clock.schedule(delay, () => this.#arrivals.push({ to, packet }));
  }

  /** Faults of connections. True when the packet goes no further. */
  #interfere(from: Host, to: Host, packet: Segment, record: (fate: Fate) => void): boolean {
    const { flags, sequence, data } = packet;
    if ((flags & (TcpFlag.SYN | TcpFlag.ACK)) === TcpFlag.SYN) {
      const fault = this.faults.ofConnection(to, packet);
      if (fault === undefined) return false;
      record(fault === 'refuse' ? 'refused' : 'blackhole');
      if (fault === 'refuse') this.send(to, from, resetFor(packet));
      return true;
    }
    const bytes = this.faults.bytesBeforeReset(from, to, packet);
    if (bytes === undefined) return false;
    const first = { ...packet, data: data.subarray(0, bytes), flags: flags & ~TcpFlag.FIN };
    const delay = Math.max(0, this.linkBetween(from, to).conditions.latency ?? 0);
    record('arrives');
    this.#arrive(to, first, delay);
    const reset = { ...packet, data: NO_DATA, flags: TcpFlag.RST | TcpFlag.ACK };
    this.#arrive(to, { ...reset, sequence: sequence + bytes }, delay);
    this.note(`fault: the connection is reset here, ${bytes} bytes into the segment`);
    from.receiveReset(packet);
    return true;
  }

  /** @internal A connection sent what has to be acknowledged: its timer is armed once all packets have arrived. */
  unsettled(sender: TcpSender): void {
    this.#unsettled.push(sender);
  }

  /** @internal Has everything arrive that has no further way to go. */
  settle(): void {
    if (this.#settling) return;
    this.#settling = true;
    try {
      while (this.#arrivals.length > 0) {
        const arrivals = this.#arrivals;
        this.#arrivals = [];
        for (const { to, packet } of arrivals) to.receive(packet);
      }
      while (this.#unsettled.length > 0) (this.#unsettled.pop() as TcpSender).armTimer();
    } finally {
      this.#settling = false;
    }
  }

  /**
   * @internal Has time pass until a condition holds. Only the network's own events happen meanwhile: the
   * program is in this call.
   * @returns 0; -EAGAIN when the time is up, -EDEADLK when nothing could ever happen
   */
  block(condition: () => boolean, milliseconds: number, socket: SimSocket | undefined): number {
    this.settle();
    if (condition()) return 0;
    const start = this.clock.now;
    const end = start + milliseconds;
    for (;;) {
      const next = this.clock.nextNetworkTime();
      if (next === undefined || next > end) {
        if (end !== Infinity) {
          this.clock.moveTo(end);
          return -errors.EAGAIN;
        }
        return this.#blockedForEver(socket);
      }
      if (next - start > LONGEST_BLOCK) return this.#blockedForEver(socket);
      this.clock.stepNetwork();
      if (condition()) return 0;
    }
  }

  #blockedForEver(socket: SimSocket | undefined): number {
    this.note(`deadlock: ${socket?.describe() ?? 'a poller'} waits, and nothing could ever happen`);
    return -errors.EDEADLK;
  }
}
