/**
 * Random schedules of asynchronous calls that accept and connect: every connection is accepted once, the calls are done
 * in their order, and nothing waits afterwards.
 */
import type { SockAddr, Socket } from '@sock/core';
import { equal, ok } from '../assert.js';
import {
  type Call,
  Calls,
  checkListeners,
  ignoring,
  type Own,
  type Running,
  type ScheduleHost,
  settleAll,
} from './calls.js';
import { type HeldByCall, runSteps, Schedule } from './schedule.js';

const ACCEPTING = ['accept', 'next'];

const STEPS = [
  'accept',
  'accept',
  'next',
  'next',
  'return',
  'connect',
  'connect',
  'peerConnect',
  'peerConnect',
  'readable',
  'abort',
  'abort',
  'turn',
  'pause',
  'close',
];

interface Held extends HeldByCall {
  /** The socket that a call connects. */
  readonly client?: Socket;
}

class ConnectionSchedule extends Schedule<Held> {
  protected readonly steps = STEPS;
  protected override readonly closes = 16;
  readonly #clients: Socket[] = [];
  readonly accepted: Socket[] = [];
  readonly #iterations: AsyncIterableIterator<unknown>[] = [];
  /** The clients whose connection was made. */
  readonly connected = new Set<Socket>();

  constructor(
    calls: Calls<Held>,
    host: ScheduleHost,
    own: Socket,
    readonly address: SockAddr,
    readonly makeClient: () => Socket,
    readonly makePeer: () => Socket,
  ) {
    super(calls, host, own);
  }

  #client(made: Socket): Socket {
    this.#clients.push(made);
    return made;
  }

  #accept(kind: string, argument: number): void {
    const { calls, own } = this;
    if (kind === 'accept') {
      calls.begin(
        kind,
        argument,
        {},
        (options) => own.acceptAsync(options),
        (value) => this.#take((value as [Socket, SockAddr])[0]),
      );
      return;
    }
    const held: { iteration?: AsyncIterableIterator<unknown> } = {};
    calls.begin(
      kind,
      argument,
      held,
      (options) => {
        // Several calls of one iteration, if they have no options.
        const place = options === undefined ? argument % 4 : 4;
        const iteration = this.#iterations[place] ?? own.connections(options);
        if (place < 4) this.#iterations[place] = iteration;
        held.iteration = iteration;
        return iteration.next();
      },
      (result) => {
        const { done, value } = result as IteratorResult<[Socket, SockAddr], undefined>;
        return done === true ? undefined : this.#take(value[0]);
      },
    );
  }

  #take(connection: Socket): string {
    this.accepted.push(connection);
    return String(this.accepted.length);
  }

  protected take(kind: string, argument: number): undefined {
    const { calls } = this;
    switch (kind) {
      case 'connect': {
        const client = this.#client(this.makeClient());
        calls.begin(kind, argument, { client }, (options) =>
          client.connectAsync(this.address, options).then(() => {
            this.connected.add(client);
          }),
        );
        break;
      }
      case 'peerConnect': {
        const client = this.#client(this.makePeer());
        const made = ignoring(() => client.tryConnect(this.address)) !== undefined;
        if (made) this.connected.add(client);
        calls.note(`peer: connects: ${made}`);
        break;
      }
      case 'readable':
        calls.begin(kind, argument, {}, (options) => this.own.readable(options));
        break;
      default:
        this.#accept(kind, argument);
    }
  }

  /** A rejected call leaves its socket connecting. */
  closeAll(): void {
    for (const socket of [...this.#clients, ...this.accepted]) socket.close();
    this.own.close();
  }
}

/** Decodes the numbers to a schedule of a listener and its clients and runs it. */
export function runConnectionSchedule(
  host: ScheduleHost,
  numbers: readonly number[],
): Promise<void> {
  const calls = new Calls<Held>();
  const make = (OwnSocket: Own, kind: number): ConnectionSchedule => {
    const [own, client] = host.listener(OwnSocket, kind);
    return new ConnectionSchedule(
      calls,
      host,
      own,
      own.localAddr(),
      () => client(OwnSocket),
      client,
    );
  };
  return runSteps(host, numbers, calls, make, finish);
}

async function finish(schedule: ConnectionSchedule, running: Running): Promise<void> {
  const { host, own, calls, accepted } = schedule;
  const isLeft = ({ kind }: Call<Held>): boolean => kind === 'connect';
  await settleAll(host, calls, isLeft, () => 0);
  const wasClosed = own.closed;
  const { waiting } = calls;
  calls.checkWaiting(wasClosed);
  for (const { kind, number } of waiting) {
    ok(kind !== 'connect', `call ${number} (connect) waits although the listener is there`);
  }
  if (waiting.length === 0) running.checkQuiet('while no call waits');
  const byCalls = accepted.length;
  let rest = 0;
  if (!wasClosed) {
    for (let next; (next = own.tryAccept()) !== undefined; rest++) accepted.push(next[0] as Socket);
    const accepts = waiting.filter(({ kind }) => kind !== 'connect').length;
    ok(accepts === 0 || rest === 0, `${accepts} calls wait although ${rest} connections are there`);
  }
  own.close();
  await host.turn();
  calls.checkErrors(wasClosed || own.closed, ({ kind }, code) => {
    return kind === 'connect' && wasClosed && GONE.has(code);
  });
  calls.checkOrder(ACCEPTING);
  running.checkQuiet('after the close');
  checkListeners(calls.all);
  const told = calls.all.filter(
    ({ kind, fulfilled, value }) => ACCEPTING.includes(kind) && fulfilled && value !== undefined,
  );
  equal(told.length, byCalls, 'connections that calls were given');
  const peers = new Set(accepted.map((socket) => socket.asRawFd()));
  equal(peers.size, accepted.length, 'different connections');
  if (wasClosed) return;
  // A client whose call was ended may have been connected all the same.
  ok(
    accepted.length >= schedule.connected.size,
    `${accepted.length} accepted of ${schedule.connected.size}`,
  );
}

/** What a client gets when the listener is gone. */
const GONE = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EINVAL', 'ETIMEDOUT']);
