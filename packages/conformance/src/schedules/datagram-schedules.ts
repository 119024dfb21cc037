/**
 * Random schedules of asynchronous calls on a connected datagram socket, single ones, batches and `for await`: every
 * datagram comes once and in order, and nothing waits afterwards.
 */
import { DatagramBatch, type Socket } from '@sock/core';
import { equal, fail, ok } from '../assert.js';
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

const RECEIVING = ['recv', 'recvFrom', 'recvmsg', 'recvBatch', 'next'];
const SENDING = ['send', 'sendTo', 'sendmsg', 'sendBatch'];

const STEPS = [
  ...RECEIVING,
  ...SENDING,
  'return',
  'readable',
  'writable',
  'peerSend',
  'peerSend',
  'peerSend',
  'peerReceive',
  'peerReceive',
  'abort',
  'abort',
  'turn',
  'pause',
  'close',
  'peerClose',
];

const SIZE = 64;
const COUNT = 4;

/** A datagram that tells its number. */
function datagram(number: number): Uint8Array {
  const bytes = new Uint8Array(4 + (number % (SIZE - 4))).fill(number);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

/** The number of a datagram. Fails if it was cut or changed. */
function numberOf(bytes: Uint8Array): number {
  const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const expected = datagram(number);
  equal(bytes.length, expected.length, `length of datagram ${number}`);
  ok(
    expected.every((byte, index) => byte === bytes[index]),
    `bytes of datagram ${number}`,
  );
  return number;
}

interface Held extends HeldByCall {
  readonly buffer: Uint8Array;
  readonly batch: DatagramBatch;
  /** The first datagram that a call sends has this number, and the others the next ones. */
  readonly first: number;
}

class DatagramSchedule extends PeerSchedule<Held> {
  protected readonly steps = STEPS;
  /** The numbers that the peer received. */
  readonly peerGot: number[] = [];
  peerSent = 0;
  numbered = 0;

  constructor(
    calls: Calls<Held>,
    host: ScheduleHost,
    own: Socket,
    peer: Socket,
    readonly address: ReturnType<Socket['localAddr']>,
  ) {
    super(calls, host, own, peer);
  }

  #begin(kind: string, argument: number): void {
    const { own, calls } = this;
    const sends = SENDING.includes(kind);
    const count = kind === 'sendBatch' ? 1 + (argument % COUNT) : sends ? 1 : 0;
    const first = this.numbered;
    this.numbered += count;
    const buffer = sends ? datagram(first) : new Uint8Array(SIZE);
    const batch = new DatagramBatch({ count: COUNT, size: SIZE, addresses: false });
    if (kind === 'sendBatch') {
      for (let i = 0; i < count; i++) {
        const bytes = datagram(first + i);
        batch.data.set(bytes, i * SIZE);
        batch.lengths[i] = bytes.length;
      }
      batch.length = count;
    }
    // An unnamed unix socket has no address to send to.
    const named = this.address.isIpv4();
    const start: Record<string, (options: CallOptions | undefined) => Promise<unknown>> = {
      recv: (options) => own.recvAsync(buffer, options),
      recvFrom: (options) => own.recvFromAsync(buffer, options),
      recvmsg: (options) => own.recvmsgAsync({ buffers: [buffer] }, options),
      recvBatch: (options) => own.recvBatchAsync(batch, options),
      next: (options) => {
        held.iteration = own.datagrams(buffer, options);
        return held.iteration.next();
      },
      send: (options) => own.sendAsync(buffer, options),
      sendTo: (options) =>
        named ? own.sendToAsync(buffer, this.address, options) : own.sendAsync(buffer, options),
      sendmsg: (options) => own.sendmsgAsync({ buffers: [buffer] }, options),
      sendBatch: (options) => own.sendBatchAsync(batch, options),
      readable: (options) => own.readable(options),
      writable: (options) => own.writable(options),
    };
    const held: { -readonly [K in keyof Held]: Held[K] } = { buffer, batch, first };
    calls.begin(kind, argument, held, start[kind] as (typeof start)[string], lengthOf);
  }

  protected take(kind: string, argument: number): undefined {
    switch (kind) {
      case 'peerSend':
        for (let i = 0; i <= argument % 3; i++) this.#peerSend();
        break;
      case 'peerReceive':
        this.peerReceive();
        break;
      case 'peerClose':
        this.closePeer(argument);
        break;
      default:
        if (!isMissing(this.own, kind)) this.#begin(kind, argument);
    }
  }

  #peerSend(): void {
    if (this.peerClosed) return;
    if (ignoring(() => this.peer.trySend(datagram(this.peerSent))) === undefined) return;
    this.calls.note(`peer: sent ${this.peerSent}`);
    this.peerSent++;
  }

  /** Returns how many datagrams were received: 0 or 1. */
  peerReceive(): number {
    if (this.peerClosed) return 0;
    const bytes = new Uint8Array(SIZE);
    const count = ignoring(() => this.peer.tryRecv(bytes));
    if (count === undefined) return 0;
    this.peerGot.push(numberOf(bytes.subarray(0, count)));
    return 1;
  }

  /** The datagrams that a call received, and that are still in its buffer. */
  receivedBy({ kind, fulfilled, value, held: { buffer, batch } }: Call<Held>): number[] {
    if (!fulfilled || value === undefined || !RECEIVING.includes(kind)) return [];
    if (kind !== 'recvBatch') return [numberOf(buffer.subarray(0, value as number))];
    equal(batch.length, value as number, 'the length of the batch');
    return Array.from({ length: batch.length }, (_, index) => numberOf(batch.bytes(index)));
  }

  /** The numbers of the datagrams that a call sent. */
  sentBy({ kind, fulfilled, value, held: { first } }: Call<Held>): number[] {
    if (!fulfilled || !SENDING.includes(kind)) return [];
    const count = kind === 'sendBatch' ? (value as number) : 1;
    return Array.from({ length: count }, (_, index) => first + index);
  }
}

/** Decodes the numbers to a schedule of a datagram socket and runs it. */
export function runDatagramSchedule(host: ScheduleHost, numbers: readonly number[]): Promise<void> {
  const calls = new Calls<Held>();
  const make = async (OwnSocket: Own, kind: number): Promise<DatagramSchedule> => {
    const [own, peer] = await host.datagrams(OwnSocket, kind);
    return new DatagramSchedule(calls, host, own, peer, peer.localAddr());
  };
  return runSteps(host, numbers, calls, make, finish);
}

async function finish(schedule: DatagramSchedule, running: Running): Promise<void> {
  const { host, own, calls } = schedule;
  await settleAll(
    host,
    calls,
    ({ kind }) => kind === 'writable' || SENDING.includes(kind),
    () => schedule.peerReceive(),
  );
  const wasClosed = own.closed;
  const { waiting } = calls;
  calls.checkWaiting(wasClosed);
  for (const { kind, number } of waiting) {
    const receives = kind === 'readable' || RECEIVING.includes(kind);
    ok(receives || schedule.peerClosed, `call ${number} (${kind}) waits although there is room`);
  }
  if (waiting.length === 0) running.checkQuiet('while no call waits');
  const rest: number[] = [];
  if (!wasClosed) {
    const bytes = new Uint8Array(SIZE);
    for (let count; (count = ignoring(() => own.tryRecv(bytes))) !== undefined;) {
      if (count === 0) break;
      rest.push(numberOf(bytes.subarray(0, count)));
    }
  }
  if (waiting.some(({ kind }) => RECEIVING.includes(kind)) && rest.length > 0) {
    fail(`a call waits although ${rest.length} datagrams are there`);
  }
  own.close();
  await host.turn();
  calls.checkErrors(wasClosed || own.closed, (_, code) => {
    return schedule.peerClosed && PEER_GONE.has(code);
  });
  calls.checkOrder(RECEIVING);
  calls.checkOrder(SENDING);
  running.checkQuiet('after the close');
  checkListeners(calls.all);
  const received = [...calls.all.flatMap((call) => schedule.receivedBy(call)), ...rest];
  received.forEach((number, index) => equal(number, index, 'the datagrams in their order'));
  if (wasClosed || schedule.peerClosed) return;
  equal(received.length, schedule.peerSent, 'datagrams received');
  const sent = calls.all.flatMap((call) => schedule.sentBy(call));
  equal(schedule.peerGot.join(), sent.join(), 'datagrams at the peer');
}

/** What a call gets after the peer has gone: by a unix socket, or by ICMP. */
const PEER_GONE = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTCONN', 'EPIPE', 'ENOENT']);
