/**
 * Random schedules of asynchronous calls on one socket, against a model: no byte is lost, none comes twice, the calls
 * are done in their order, and nothing waits afterwards. The numbers that decode to a schedule come from the caller,
 * such as fast-check, which shrinks them.
 */
import { type Driver, makeBackend, type Socket, SockError } from '@sock/core';
import { fail, ok } from './assert.js';
import { Signal } from './signal.js';

/** How to run schedules on a backend. */
export interface ScheduleHost {
  /** Two connected stream sockets of a backend over `driver`; `own` is that backend's class. */
  pair(own: ReturnType<typeof makeBackend>['Socket'], kind: number): Promise<[Socket, Socket]>;
  /** The driver of the backend. */
  readonly driver: Driver;
  /** Lets the event loop turn. */
  turn(): Promise<void>;
  /** Lets a few milliseconds pass. */
  pause(milliseconds: number): Promise<void>;
}

/** The bytes that the peer sends: byte `i` of the stream. */
const byteAt = (index: number): number => (index * 31 + (index >> 8) * 7 + 1) & 0xff;

/** The calls of a schedule by their numbers. */
const KINDS = [
  'recv',
  'recvExact',
  'recvFrom',
  'send',
  'sendAll',
  'readable',
  'writable',
  'peerSend',
  'peerSend',
  'peerReceive',
  'peerReceive',
  'abort',
  'abort',
  'turn',
  'pause',
  'shutdown',
  'peerShutdown',
  'close',
  'peerClose',
] as const;

type Kind = (typeof KINDS)[number];

interface Call {
  readonly kind: Kind;
  readonly number: number;
  readonly signal: Signal | undefined;
  readonly reason: Error;
  readonly timeout: number | undefined;
  readonly buffer: Uint8Array;
  readonly progress: { bytes: number };
  settled: boolean;
  fulfilled: boolean;
  value: unknown;
  error: unknown;
}

/** A driver that counts the waits that are registered with it. */
function counted(driver: Driver): { readonly driver: Driver; waits(): number } {
  const waits = new Map<string, number>();
  const names = new Map<(readiness: number) => void, [number, (readiness: number) => void]>();
  let last = 0;
  return {
    waits: () => waits.size,
    driver: {
      ...driver,
      watch(handle, interest, ready) {
        let known = names.get(ready);
        if (known === undefined) {
          last += 1;
          const name = last;
          known = [
            name,
            (readiness) => {
              waits.delete(`${name}`);
              ready(readiness);
            },
          ];
          names.set(ready, known);
        }
        const [name, wrapped] = known;
        const result = driver.watch(handle, interest, wrapped);
        if (interest === 0) waits.delete(`${name}`);
        else if (result >= 0) waits.set(`${name}`, interest);
        return result;
      },
    },
  };
}

/** Counts the timers of the program that run. */
class Timers {
  readonly #set = globalThis.setTimeout;
  readonly #clear = globalThis.clearTimeout;
  readonly #running = new Set<unknown>();

  constructor() {
    globalThis.setTimeout = ((callback: () => void, milliseconds: number) => {
      const timer: unknown = this.#set(() => {
        this.#running.delete(timer);
        callback();
      }, milliseconds);
      this.#running.add(timer);
      return timer;
    }) as typeof setTimeout;
    globalThis.clearTimeout = ((timer: unknown) => {
      this.#running.delete(timer);
      this.#clear(timer as never);
    }) as typeof clearTimeout;
  }

  get running(): number {
    return this.#running.size;
  }

  restore(): void {
    globalThis.setTimeout = this.#set;
    globalThis.clearTimeout = this.#clear;
  }
}

/** How often to look, a millisecond apart, whether the calls ended that can end by themselves. */
const PATIENCE = 1000;

class Schedule {
  readonly calls: Call[] = [];
  /** In the order in which they were settled. */
  readonly order: Call[] = [];
  readonly peerGot: number[] = [];
  peerSent = 0;
  peerEnded = false;
  peerClosed = false;
  ended = false;
  readonly log: string[] = [];

  constructor(
    readonly host: ScheduleHost,
    readonly own: Socket,
    readonly peer: Socket,
  ) {}

  note(text: string): void {
    this.log.push(text);
  }

  #begin(kind: Kind, argument: number): void {
    const number = this.calls.length;
    const size = 1 + (argument % 7) ** 5;
    const timeout = argument % 5 === 0 ? 1 + (argument % 2) : undefined;
    const call: Call = {
      kind,
      number,
      signal: argument % 3 === 0 ? new Signal() : undefined,
      reason: new Error(`abort of call ${number}`),
      timeout,
      buffer: new Uint8Array(size).fill(1 + (number % 250)),
      progress: { bytes: 0 },
      settled: false,
      fulfilled: false,
      value: undefined,
      error: undefined,
    };
    this.calls.push(call);
    this.note(
      `${number}: ${kind} of ${size}, timeout ${timeout}, signal ${call.signal !== undefined}`,
    );
    const { signal, progress, buffer } = call;
    const { own } = this;
    const options = { signal, timeout };
    const start: Record<string, () => Promise<unknown>> = {
      recv: () => own.recvAsync(buffer, options),
      recvExact: () => own.recvExactAsync(buffer, { ...options, progress }),
      recvFrom: () => own.recvFromAsync(buffer, options),
      send: () => own.sendAsync(buffer, options),
      sendAll: () => own.sendAllAsync(buffer, { ...options, progress }),
      readable: () => own.readable(options),
      writable: () => own.writable(options),
    };
    const settle = (fulfilled: boolean, value: unknown, error: unknown): void => {
      ok(!call.settled, `call ${number} settles once`);
      call.settled = true;
      call.fulfilled = fulfilled;
      call.value = value;
      call.error = error;
      this.order.push(call);
      this.note(
        `${number}: ${fulfilled ? `fulfilled ${String(value)}` : `rejected ${String(error)}`}`,
      );
    };
    (start[kind] as () => Promise<unknown>)().then(
      (value) => settle(true, value, undefined),
      (error: unknown) => settle(false, undefined, error),
    );
  }

  /** One step. */
  async step(number: number): Promise<void> {
    const kind = KINDS[number % KINDS.length] as Kind;
    const argument = Math.floor(number / KINDS.length);
    switch (kind) {
      case 'peerSend':
        this.peerSend(1 + (argument % 6) ** 5);
        break;
      case 'peerReceive':
        this.peerReceive(1 + (argument % 7) ** 5);
        break;
      case 'abort': {
        const call = this.calls[argument % Math.max(1, this.calls.length)];
        if (call?.signal === undefined || call.signal.aborted) break;
        this.note(`abort ${call.number}`);
        call.signal.abort(call.reason);
        break;
      }
      case 'turn':
        await this.host.turn();
        break;
      case 'pause':
        await this.host.pause(1 + (argument % 3));
        break;
      case 'shutdown':
        // Rarer than the others: it ends what can be learnt of sending.
        if (argument % 4 !== 0 || this.own.closed || this.ended) break;
        this.note('shutdown');
        this.ended = true;
        ignoring(() => this.own.shutdown('write'));
        break;
      case 'peerShutdown':
        if (argument % 4 !== 0 || this.peerEnded || this.peerClosed) break;
        this.note('peer: shutdown');
        this.peerEnded = true;
        ignoring(() => this.peer.shutdown('write'));
        break;
      case 'close':
        if (argument % 8 !== 0) break;
        this.note('close');
        this.own.close();
        break;
      case 'peerClose':
        if (argument % 8 !== 0) break;
        this.note('peer: close');
        this.peerClosed = true;
        this.peer.close();
        break;
      default:
        this.#begin(kind, argument);
    }
  }

  peerSend(length: number): void {
    if (this.peerEnded || this.peerClosed) return;
    const bytes = Uint8Array.from({ length }, (_, index) => byteAt(this.peerSent + index));
    const sent = ignoring(() => this.peer.trySend(bytes)) ?? 0;
    this.peerSent += sent;
    this.note(`peer: sent ${sent}`);
  }

  peerReceive(length: number): number {
    if (this.peerClosed) return 0;
    const bytes = new Uint8Array(length);
    const count = ignoring(() => this.peer.tryRecv(bytes)) ?? 0;
    for (let i = 0; i < count; i++) this.peerGot.push(bytes[i] as number);
    if (count > 0) this.note(`peer: received ${count}`);
    return count;
  }

  /** Bytes that a call reported. */
  #bytesOf(call: Call): number {
    const { value, error, progress } = call;
    if (call.fulfilled) return Array.isArray(value) ? (value[0] as number) : (value as number);
    if (call.kind === 'recvExact' || call.kind === 'sendAll') {
      const known = error as SockError;
      const said = call.kind === 'sendAll' ? known.bytesWritten : known.bytesRead;
      if (error instanceof SockError) ok(said === progress.bytes, `${call.number}: ${said} bytes`);
      return progress.bytes;
    }
    return 0;
  }

  /** Why a call may have been rejected. */
  checkErrors(): void {
    for (const call of this.calls) {
      if (!call.settled) fail(`call ${call.number} (${call.kind}) is not settled`);
      if (call.fulfilled) continue;
      if (call.error === call.reason) {
        ok(call.signal?.aborted === true, `${call.number}: nobody aborted it`);
        continue;
      }
      const code = (call.error as { readonly code?: string }).code ?? String(call.error);
      const allowed =
        (code === 'ETIMEDOUT' && call.timeout !== undefined) ||
        (code === 'EBADF' && this.own.closed) ||
        (code === 'ERR_SOCK_END_OF_STREAM' && (this.peerEnded || this.peerClosed)) ||
        (code === 'EPIPE' && (this.ended || this.peerClosed)) ||
        ((code === 'ECONNRESET' || code === 'ENOTCONN') && this.peerClosed);
      ok(allowed, `${call.number} (${call.kind}): ${code}`);
    }
  }

  /** Calls of one direction are fulfilled in the order in which they were made. */
  checkOrder(): void {
    for (const kinds of [
      ['recv', 'recvExact', 'recvFrom'],
      ['send', 'sendAll'],
    ]) {
      let last = -1;
      for (const { kind, number, fulfilled } of this.order) {
        if (!fulfilled || !kinds.includes(kind)) continue;
        ok(number > last, `call ${number} was fulfilled after call ${last}`);
        last = number;
      }
    }
  }

  /** The received bytes, in the order of the calls, are the stream of the peer from its beginning. */
  checkReceived(): number {
    let position = 0;
    for (const call of this.calls) {
      if (!['recv', 'recvExact', 'recvFrom'].includes(call.kind)) continue;
      const count = this.#bytesOf(call);
      for (let i = 0; i < count; i++) {
        const byte = call.buffer[i];
        if (byte !== byteAt(position)) fail(`call ${call.number}, byte ${i}: not byte ${position}`);
        position++;
      }
      const rest = 1 + (call.number % 250);
      for (let i = count; i < call.buffer.length; i++) {
        if (call.buffer[i] !== rest) fail(`call ${call.number} wrote byte ${i} of ${count}`);
      }
    }
    return position;
  }

  /** The peer received the bytes of each call as one piece, in the order of the calls. */
  checkSent(): number {
    let position = 0;
    for (const call of this.calls) {
      if (call.kind !== 'send' && call.kind !== 'sendAll') continue;
      const count = this.#bytesOf(call);
      for (let i = 0; i < count && position < this.peerGot.length; i++, position++) {
        if (this.peerGot[position] !== call.buffer[0]) {
          fail(`byte ${position} at the peer is not of call ${call.number}`);
        }
      }
    }
    return position;
  }

  sentByCalls(): number {
    return this.calls
      .filter(({ kind }) => kind === 'send' || kind === 'sendAll')
      .reduce((sum, call) => sum + this.#bytesOf(call), 0);
  }
}

/** The result of a call, `undefined` if it throws: a reset connection is part of the game. */
function ignoring<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}

/** Decodes the numbers to a schedule and runs it. Fails if something is not as the model says. */
export async function runSchedule(host: ScheduleHost, numbers: readonly number[]): Promise<void> {
  const { driver, waits } = counted(host.driver);
  const timers = new Timers();
  const [first = 0, ...steps] = numbers;
  const [own, peer] = await host.pair(makeBackend(driver).Socket, first);
  const schedule = new Schedule(host, own, peer);
  try {
    for (const number of steps) await schedule.step(number);
    await finish(schedule, waits, timers);
  } catch (error) {
    (error as Error).message += `\n${schedule.log.join('\n')}`;
    throw error;
  } finally {
    own.close();
    peer.close();
    timers.restore();
  }
}

async function finish(schedule: Schedule, waits: () => number, timers: Timers): Promise<void> {
  const { host, own, calls } = schedule;
  // The model of what is left: everything that can end by itself ends, the rest ends by the close.
  const isLeft = ({ settled, timeout, kind }: Call): boolean =>
    !settled && (timeout !== undefined || kind === 'writable' || kind.startsWith('send'));
  let patience = PATIENCE;
  for (let quiet = 0; quiet < 3;) {
    const before = schedule.order.length;
    let moved = 0;
    for (let count; (count = schedule.peerReceive(65_536)) > 0;) moved += count;
    await host.turn();
    // TCP delays the acknowledgement that makes room, by up to 40 ms.
    if (patience > 0 && calls.some(isLeft)) {
      patience--;
      quiet = 0;
      await host.pause(1);
      continue;
    }
    quiet = moved > 0 || schedule.order.length > before ? 0 : quiet + 1;
  }
  const wasClosed = own.closed;
  const wasReset = schedule.peerClosed;
  const waiting = calls.filter(({ settled }) => !settled);
  for (const { kind, number, timeout, signal } of waiting) {
    ok(!wasClosed, `call ${number} (${kind}) waits on a closed socket`);
    ok(signal?.aborted !== true, `call ${number} (${kind}) waits although it was aborted`);
    ok(timeout === undefined, `call ${number} (${kind}) waits after its time`);
    const receives = kind === 'readable' || kind.startsWith('recv');
    ok(
      receives || wasReset,
      `call ${number} (${kind}) waits although the peer has received everything`,
    );
    ok(
      !schedule.peerEnded && !wasReset,
      `call ${number} (${kind}) waits although the stream has ended`,
    );
  }
  if (waiting.length === 0) {
    ok(waits() === 0, `${waits()} waits with the driver while no call waits`);
    ok(timers.running === 0, `${timers.running} timers while no call waits`);
  }
  // What no call received is still there.
  let rest = 0;
  if (!wasClosed && !waiting.some(({ kind }) => kind.startsWith('recv'))) {
    const bytes = new Uint8Array(65_536);
    for (let count; (count = ignoring(() => own.tryRecv(bytes)) ?? 0) > 0;) rest += count;
  }
  own.close();
  await host.turn();
  schedule.checkErrors();
  schedule.checkOrder();
  const received = schedule.checkReceived();
  const sent = schedule.checkSent();
  ok(waits() === 0, `${waits()} waits with the driver after the close`);
  ok(timers.running === 0, `${timers.running} timers after the close`);
  const listeners = calls.reduce((sum, { signal }) => sum + (signal?.listeners ?? 0), 0);
  ok(listeners === 0, `${listeners} listeners on signals`);
  ok(received + rest <= schedule.peerSent, `${received} + ${rest} of ${schedule.peerSent} bytes`);
  if (!wasClosed && !wasReset) {
    ok(
      received + rest === schedule.peerSent,
      `${received} + ${rest} of ${schedule.peerSent} bytes`,
    );
    ok(sent === schedule.sentByCalls(), `${sent} of ${schedule.sentByCalls()} bytes at the peer`);
    ok(sent === schedule.peerGot.length, `${schedule.peerGot.length} bytes, ${sent} reported`);
  }
}
