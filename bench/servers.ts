/**
 * The cases with a server. The server is pinned to one processor and its load, a C program, to another.
 * Each round starts a new server, so that no side profits from earlier rounds.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import type { Case } from './cases.js';
import type { Command, Side } from './sides.js';

export type Role = 'echo' | 'accept' | Mover | Receiver;
/** A relay joins the connections that it accepts in pairs. A file server answers each request with 64 MiB. */
export type Mover = 'relay' | 'file';
/**
 * With `-meta` the receiver reads the ECN bits, the destination and the time of each datagram. With `-loop` it does not
 * block: an event loop waits, on which other sockets could be.
 */
type Receiver = 'flood' | 'bulk' | 'flood-meta' | 'bulk-meta' | 'flood-loop';

/** A case with a server. */
export interface ServerCase extends Case {
  /** The job of the server. */
  readonly role: Role;
  /** The number of connections that the server holds. */
  readonly connections: number;
  /** Measures a running server; `load` is the program of the load. */
  run(server: Server, load: string, milliseconds: number): Promise<number>;
}

/** Fewer than the default listen queue of every runtime. */
const QUEUE = 500;

const lastCpu = availableParallelism() - 1;
const pinned = (cpu: number, [command, ...args]: Command): Command =>
  lastCpu === 0 || process.platform !== 'linux'
    ? [command, ...args]
    : ['taskset', '-c', String(cpu), command, ...args];

/** A measurement without an answer for so long fails, in milliseconds. */
const PATIENCE = 20_000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A server of one side, started for one measurement. */
export class Server {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #question = 0;
  /** How many connections may wait to be accepted. */
  readonly queue: number;
  port = 0;

  constructor(side: Side, role: Role, cwd: string) {
    this.queue = side.queue ?? QUEUE;
    const [program, ...args] = pinned(0, side.server(role));
    this.#child = spawn(program, args, { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
    // A server that cannot start prints nothing, and the reader of its output reports that.
    this.#child.on('error', () => {});
    running.add(this.#child);
    const input = this.#child.stdout as NodeJS.ReadableStream;
    this.#lines = createInterface({ input })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  async start(): Promise<void> {
    this.port = Number(await this.#patiently(() => this.#line()));
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('the server ended');
    return value;
  }

  /** Ends the server if it does not answer. */
  async #patiently<T>(answer: () => Promise<T>): Promise<T> {
    const given = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE);
    try {
      return await answer();
    } finally {
      clearTimeout(given);
    }
  }

  /** Asks a receiver, with datagrams of one byte, how much it received, and notes the time of the answer. */
  async counts(): Promise<{ datagrams: number; bytes: number; at: number }> {
    this.#question = (this.#question + 1) % 256;
    const socket = createSocket('udp4');
    const ask = (): void => socket.send(Uint8Array.of(this.#question), this.port, '127.0.0.1');
    // A full receive queue drops the question: ask again.
    const again = setInterval(ask, 20);
    ask();
    try {
      return await this.#patiently(async () => {
        for (;;) {
          const [answered, datagrams = 0, bytes = 0] = (await this.#line()).split(' ').map(Number);
          if (answered === this.#question) return { datagrams, bytes, at: performance.now() };
        }
      });
    } finally {
      clearInterval(again);
      socket.close();
    }
  }

  /** The private resident memory, in bytes. */
  residentSize(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1]) * 1024;
  }

  /** The processor time of all its threads so far, in nanoseconds: node reads files in others. Linux only. */
  processorTime(): number {
    const tasks = `/proc/${this.pid}/task`;
    return readdirSync(tasks).reduce((sum, task) => {
      const [running] = readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ');
      return sum + Number(running);
    }, 0);
  }

  async stop(): Promise<void> {
    running.delete(this.#child);
    const { exitCode, signalCode, pid } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

function loadOutput(load: string, ...args: readonly (string | number)[]): number {
  const [program, ...all] = pinned(lastCpu, [load, ...args.map(String)]);
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  return Number(
    execFileSync(program, all, { encoding: 'utf8', timeout: 60_000, stdio: [...stdio] }),
  );
}

/** Sends datagrams of 64 B to a port as fast as they go, for so many milliseconds. */
export async function flood(load: string, port: number, milliseconds: number): Promise<void> {
  const [program, ...all] = pinned(lastCpu, [
    load,
    'send',
    String(port),
    String(milliseconds),
    '64',
    '50',
  ]);
  const child = spawn(program, all, { stdio: ['ignore', 'ignore', 'inherit'] });
  running.add(child);
  await once(child, 'exit');
  running.delete(child);
}

const echo = (connections: number): ServerCase => ({
  name: `echo-${connections}`,
  unit: 'requests/s',
  better: 'higher',
  about: `an echo server's answers to 64 B requests on ${connections} connections`,
  role: 'echo',
  connections,
  run: async (server, load, milliseconds) =>
    loadOutput(load, 'load', server.port, connections, milliseconds),
});

/** Counts what a server moves in a second of its own processor time: the load takes longer than the server does. */
const moved = (
  name: string,
  role: Mover,
  unit: string,
  about: string,
  args: (port: number, milliseconds: number) => readonly (string | number)[],
): ServerCase => ({
  name,
  unit,
  better: 'higher',
  about: `${about}, in a second of the server's processor time`,
  role,
  connections: 2,
  async run(server, load, milliseconds) {
    // The engine compiles what has run for a while.
    loadOutput(load, ...args(server.port, 2 * milliseconds));
    const before = server.processorTime();
    const count = loadOutput(load, ...args(server.port, milliseconds));
    return (count / (server.processorTime() - before)) * 1e9;
  },
});

/** The sides that cannot read it receive without it, or have no figure. */
const META =
  ', with the ECN bits, the destination and the time of arrival of each (node:dgram without them, quinn-udp without the time)';

const LOOP =
  ', on an event loop: at most 16 batches before other sockets have their turn (Bun, Deno and node: as always; Rust: mio)';

const received = (role: Receiver, size: number, segments: number): ServerCase => ({
  name: `udp-${role}`,
  unit: role.startsWith('flood') ? 'datagrams/s' : 'bytes/s',
  better: 'higher',
  about: `${
    role.startsWith('flood')
      ? 'datagrams of 64 B received, one by one, while more come than can be'
      : 'datagrams of 1,200 B received from a sender with UDP_SEGMENT; UDP_GRO where the side has it'
  }${role.endsWith('-meta') ? META : ''}${role.endsWith('-loop') ? LOOP : ''}`,
  role,
  connections: 0,
  async run(server, load, milliseconds) {
    const send = (time: number): void => {
      loadOutput(load, 'send', server.port, time, size, segments);
    };
    send(milliseconds / 4);
    const before = await server.counts();
    send(milliseconds);
    const after = await server.counts();
    const count = role.startsWith('flood')
      ? after.datagrams - before.datagrams
      : after.bytes - before.bytes;
    return (count / (after.at - before.at)) * 1000;
  },
});

/** Opens connections and keeps them open while `during` runs. */
async function withIdle(
  load: string,
  port: number,
  connections: number,
  during: () => Promise<number>,
): Promise<number> {
  const [program, ...all] = pinned(lastCpu, [load, 'idle', String(port), String(connections)]);
  const child = spawn(program, all, { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await once(child.stdout, 'data');
    // The server may not have accepted the last ones yet.
    await new Promise((resolve) => setTimeout(resolve, 300));
    return await during();
  } finally {
    child.kill();
    await once(child, 'exit');
  }
}

const FEW = 100;
const IDLE = 8000;

/** In the order of the table. */
export const serverCases: readonly ServerCase[] = [
  echo(1),
  echo(64),
  echo(1000),
  echo(8000),
  {
    name: 'accept-rate',
    unit: 'connections/s',
    better: 'higher',
    about: 'connections accepted and closed that had queued up; their making is not measured',
    role: 'accept',
    connections: 100,
    run: async (server, load, milliseconds) =>
      loadOutput(load, 'burst', server.port, server.pid, server.queue, milliseconds),
  },
  moved(
    'relay',
    'relay',
    'bytes/s',
    'bytes through a TCP proxy, from one connection to another',
    (port, time) => ['relay-stream', port, time],
  ),
  moved(
    'relay-64',
    'relay',
    'round trips/s',
    '64 B to and fro through a TCP proxy, on 64 pairs of connections',
    (port, time) => ['relay-ping', port, 64, time],
  ),
  moved(
    'http-file',
    'file',
    'bytes/s',
    'a file of 64 MiB as the body of answers over http',
    (port, time) => ['fetch', port, time],
  ),
  // The kernel cuts the buffer into datagrams: with one call for each, the sender would be slower than the receivers.
  received('flood', 64, 50),
  received('bulk', 1200, 50),
  received('flood-meta', 64, 50),
  received('bulk-meta', 1200, 50),
  received('flood-loop', 64, 50),
  {
    name: 'memory-idle-8000',
    unit: 'bytes/connection',
    better: 'lower',
    about: "growth of the echo server's own resident memory by 8,000 connections, after 100",
    role: 'echo',
    connections: IDLE,
    run: (server, load) =>
      // The first connections make the server load and compile its code.
      withIdle(load, server.port, FEW, async () => {
        const before = server.residentSize();
        return withIdle(
          load,
          server.port,
          IDLE,
          async () => (server.residentSize() - before) / IDLE,
        );
      }),
  },
];
