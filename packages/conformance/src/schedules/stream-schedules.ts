/**
 * Random schedules of asynchronous calls on one end of a connection, against a model: no byte is lost, none comes
 * twice, the calls are done in their order, and nothing waits afterwards.
 */
import { SockError } from '@sock/core';
import { fail, ok } from '../assert.js';
import {
  type Call,
  type CallOptions,
  Calls,
  checkListeners,
  ignoring,
  isMissing,
  lengthOf,
  type Own,
  type Running,
  type ScheduleHost,
  settleAll,
} from './calls.js';
import { type HeldByCall, PeerSchedule, runSteps } from './schedule.js';

/** The bytes that the peer sends: byte `i` of the stream. */
const byteAt = (index: number): number => (index * 31 + (index >> 8) * 7 + 1) & 0xff;

const RECEIVING = ['recv', 'recvExact', 'recvFrom', 'recvmsg'];
const SENDING = ['send', 'sendAll', 'sendmsg'];

/** The steps of a schedule by their numbers. */
const STEPS = [
  'recv',
  'recvExact',
  'recvFrom',
  'recvmsg',
  'send',
  'sendAll',
  'sendmsg',
  'readable',
  'writable',
  'peerSend',
  'peerSend',
  'peerReceive',
  'peerReceive',
  'flow',
  'flow',
  'abort',
  'abort',
  'turn',
  'pause',
  'shutdown',
  'peerShutdown',
  'close',
  'peerClose',
];

interface Held extends HeldByCall {
  readonly buffer: Uint8Array;
  readonly progress: { bytes: number };
}

class StreamSchedule extends PeerSchedule<Held> {
  protected readonly steps = STEPS;
  readonly peerGot: number[] = [];
  peerSent = 0;
  peerEnded = false;
  ended = false;

  #begin(kind: string, argument: number): void {
    const size = 1 + (argument % 7) ** 5;
    const { own, calls } = this;
    const buffer = new Uint8Array(size).fill(1 + (calls.all.length % 250));
    const progress = { bytes: 0 };
    const start: Record<string, (options: CallOptions | undefined) => Promise<unknown>> = {
      recv: (options) => own.recvAsync(buffer, options),
      recvExact: (options) => own.recvExactAsync(buffer, { ...options, progress }),
      recvFrom: (options) => own.recvFromAsync(buffer, options),
      recvmsg: (options) => own.recvmsgAsync({ buffers: [buffer] }, options),
      send: (options) => own.sendAsync(buffer, options),
      sendAll: (options) => own.sendAllAsync(buffer, { ...options, progress }),
      sendmsg: (options) => own.sendmsgAsync({ buffers: [buffer] }, options),
      readable: (options) => own.readable(options),
      writable: (options) => own.writable(options),
    };
    calls.begin(
      kind,
      argument,
      { buffer, progress },
      start[kind] as (typeof start)[string],
      lengthOf,
    );
    calls.note(`  ${size} bytes`);
  }

  protected take(kind: string, argument: number): Promise<void> | undefined {
    const { calls } = this;
    switch (kind) {
      case 'peerSend':
        this.peerSend(1 + (argument % 6) ** 5);
        break;
      case 'peerReceive':
        this.peerReceive(1 + (argument % 7) ** 5);
        break;
      case 'flow':
        return this.#flow(argument);
      case 'shutdown':
        // Rarer than the others: it ends what can be learnt of sending.
        if (argument % 4 !== 0 || this.own.closed || this.ended) break;
        calls.note('shutdown');
        this.ended = true;
        ignoring(() => this.own.shutdown('write'));
        break;
      case 'peerShutdown':
        if (argument % 4 !== 0 || this.peerEnded || this.peerClosed) break;
        calls.note('peer: shutdown');
        this.peerEnded = true;
        ignoring(() => this.peer.shutdown('write'));
        break;
      case 'peerClose':
        this.closePeer(argument);
        break;
      default:
        if (!isMissing(this.own, kind)) this.#begin(kind, argument);
    }
    return undefined;
  }

  /** What a server does: it waits, gets what came, and waits again. A backend may have shorter ways for that. */
  async #flow(argument: number): Promise<void> {
    for (let i = 0; i <= argument % 4; i++) {
      this.#begin(i % 2 === 0 ? 'recv' : 'recvFrom', 7 * argument + 5);
      this.peerSend(1 + (argument % 50));
      await this.host.turn();
    }
    if (argument % 3 === 0) this.peerSend(1);
  }

  peerSend(length: number): void {
    if (this.peerEnded || this.peerClosed) return;
    const bytes = Uint8Array.from({ length }, (_, index) => byteAt(this.peerSent + index));
    const sent = ignoring(() => this.peer.trySend(bytes)) ?? 0;
    this.peerSent += sent;
    this.calls.note(`peer: sent ${sent}`);
  }

  peerReceive(length: number): number {
    if (this.peerClosed) return 0;
    const bytes = new Uint8Array(length);
    const count = ignoring(() => this.peer.tryRecv(bytes)) ?? 0;
    for (let i = 0; i < count; i++) this.peerGot.push(bytes[i] as number);
    if (count > 0) this.calls.note(`peer: received ${count}`);
    return count;
  }

  /** Bytes that a call reported. */
  #bytesOf({ kind, number, fulfilled, value, error, held: { progress } }: Call<Held>): number {
    if (fulfilled) return value as number;
    if (kind !== 'recvExact' && kind !== 'sendAll') return 0;
    const known = error as SockError;
    const said = kind === 'sendAll' ? known.bytesWritten : known.bytesRead;
    if (error instanceof SockError) ok(said === progress.bytes, `${number}: ${said} bytes`);
    return progress.bytes;
  }

  /** Why a call may have been rejected. */
  checkErrors(): void {
    this.calls.checkErrors(
      this.own.closed,
      (_, code) =>
        (code === 'ERR_SOCK_END_OF_STREAM' && (this.peerEnded || this.peerClosed)) ||
        (code === 'EPIPE' && (this.ended || this.peerClosed)) ||
        ((code === 'ECONNRESET' || code === 'ENOTCONN') && this.peerClosed),
    );
  }

  /** The received bytes, in the order of the calls, are the stream of the peer from its beginning. */
  checkReceived(): number {
    let position = 0;
    for (const call of this.calls.all) {
      if (!RECEIVING.includes(call.kind)) continue;
      const count = this.#bytesOf(call);
      const { buffer } = call.held;
      for (let i = 0; i < count; i++) {
        if (buffer[i] !== byteAt(position)) {
          fail(`call ${call.number}, byte ${i}: not byte ${position}`);
        }
        position++;
      }
      const rest = 1 + (call.number % 250);
      for (let i = count; i < buffer.length; i++) {
        if (buffer[i] !== rest) fail(`call ${call.number} wrote byte ${i} of ${count}`);
      }
    }
    return position;
  }

  /** The peer received the bytes of each call as one piece, in the order of the calls. */
  checkSent(): number {
    let position = 0;
    for (const call of this.calls.all) {
      if (!SENDING.includes(call.kind)) continue;
      const count = this.#bytesOf(call);
      for (let i = 0; i < count && position < this.peerGot.length; i++, position++) {
        if (this.peerGot[position] !== call.held.buffer[0]) {
          fail(`byte ${position} at the peer is not of call ${call.number}`);
        }
      }
    }
    return position;
  }

  sentByCalls(): number {
    return this.calls.all
      .filter(({ kind }) => SENDING.includes(kind))
      .reduce((sum, call) => sum + this.#bytesOf(call), 0);
  }
}

/** Decodes the numbers to a schedule of a connection and runs it. */
export function runStreamSchedule(host: ScheduleHost, numbers: readonly number[]): Promise<void> {
  const calls = new Calls<Held>();
  const make = async (OwnSocket: Own, kind: number): Promise<StreamSchedule> => {
    const [own, peer] = await host.pair(OwnSocket, kind);
    return new StreamSchedule(calls, host, own, peer);
  };
  return runSteps(host, numbers, calls, make, finish);
}

async function finish(schedule: StreamSchedule, running: Running): Promise<void> {
  const { host, own, calls } = schedule;
  await settleAll(
    host,
    calls,
    ({ kind }) => kind === 'writable' || SENDING.includes(kind),
    () => schedule.peerReceive(65_536),
  );
  const wasClosed = own.closed;
  const wasReset = schedule.peerClosed;
  const { waiting } = calls;
  calls.checkWaiting(wasClosed);
  for (const { kind, number } of waiting) {
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
  if (waiting.length === 0) running.checkQuiet('while no call waits');
  // What no call received is still there.
  let rest = 0;
  if (!wasClosed && !waiting.some(({ kind }) => kind.startsWith('recv'))) {
    const bytes = new Uint8Array(65_536);
    for (let count; (count = ignoring(() => own.tryRecv(bytes)) ?? 0) > 0;) rest += count;
  }
  own.close();
  await host.turn();
  schedule.checkErrors();
  calls.checkOrder(RECEIVING);
  calls.checkOrder(SENDING);
  const received = schedule.checkReceived();
  const sent = schedule.checkSent();
  running.checkQuiet('after the close');
  checkListeners(calls.all);
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
