/**
 * Random schedules of asynchronous calls that accept and connect: every connection is accepted once, the calls are done
 * in their order, and nothing waits afterwards.
 */
import { makeBackend, type SockAddr, type Socket } from '@sock/core';
import { equal, ok } from '../assert.js';
import {
  type Call,
  Calls,
  checkListeners,
  ignoring,
  runCounted,
  type Running,
  type ScheduleHost,
  settleAll,
} from './calls.js';

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

interface Held {
  /** The socket that a call connects. */
  readonly client?: Socket;
  readonly iteration?: AsyncIterableIterator<unknown>;
}

class Schedule {
  readonly #clients: Socket[] = [];
  readonly accepted: Socket[] = [];
  readonly #iterations: AsyncIterableIterator<unknown>[] = [];
  /** The clients whose connection was made. */
  readonly connected = new Set<Socket>();

  constructor(
    readonly calls: Calls<Held>,
    readonly host: ScheduleHost,
    readonly own: Socket,
    readonly address: SockAddr,
    readonly makeClient: () => Socket,
    readonly makePeer: () => Socket,
  ) {}

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

  async step(number: number): Promise<void> {
    const kind = STEPS[number % STEPS.length] as string;
    const argument = Math.floor(number / STEPS.length);
    const { calls } = this;
    switch (kind) {
      case 'accept':
      case 'next':
        this.#accept(kind, argument);
        break;
      case 'return': {
        const call = calls.all[argument % Math.max(1, calls.all.length)];
        if (call?.held.iteration === undefined) break;
        calls.note(`return ${call.number}`);
        void call.held.iteration.return?.();
        break;
      }
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
      case 'abort':
        calls.abort(argument);
        break;
      case 'turn':
        await this.host.turn();
        break;
      case 'pause':
        await this.host.pause(1 + (argument % 3));
        break;
      default:
        if (argument % 16 !== 0) break;
        calls.note('close');
        this.own.close();
    }
  }

  /** A rejected call leaves its socket connecting. */
  closeAll(): void {
    for (const socket of [...this.#clients, ...this.accepted]) socket.close();
    this.own.close();
  }
}

/** Decodes the numbers to a schedule of a listener and its clients and runs it. */
export async function runConnectionSchedule(
  host: ScheduleHost,
  numbers: readonly number[],
): Promise<void> {
  const calls = new Calls<Held>();
  await runCounted(host, calls.log, async (running) => {
    const [first = 0, ...steps] = numbers;
    const Own = makeBackend(running.driver).Socket;
    const [own, client] = host.listener(Own, first);
    const address = own.localAddr();
    const schedule = new Schedule(calls, host, own, address, () => client(Own), client);
    try {
      for (const number of steps) await schedule.step(number);
      await finish(schedule, running);
    } finally {
      schedule.closeAll();
    }
  });
}

async function finish(schedule: Schedule, running: Running): Promise<void> {
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
