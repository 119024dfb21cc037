/**
 * The cases with a server: it is pinned to one processor and its load, in C, to another. Each round starts
 * it anew, so that no side profits from the rounds before.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface, type Interface } from 'node:readline';
import { join } from 'node:path';

/** A case with a server. */
export interface ServerCase {
  readonly name: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /** What the server does. */
  readonly role: 'echo' | 'accept' | 'flood' | 'bulk';
  /** Measures a running server; `load` is the program of the load. */
  run(server: Server, load: string, milliseconds: number): Promise<number>;
}

const lastCpu = availableParallelism() - 1;
const pinned = (cpu: number, command: string, args: readonly string[]): [string, string[]] =>
  lastCpu === 0 ? [command, [...args]] : ['taskset', ['-c', String(cpu), command, ...args]];

/** A server of one side, started for one measurement. */
export class Server {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  port = 0;

  constructor(command: string, args: readonly string[], cwd: string) {
    const [program, all] = pinned(0, command, args);
    this.#child = spawn(program, all, { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
    const lines: Interface = createInterface({
      input: this.#child.stdout as NodeJS.ReadableStream,
    });
    this.#lines = lines[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('the server ended');
    return value;
  }

  async start(): Promise<void> {
    this.port = Number(await this.line());
  }

  /** Asks a receiver for what it counted: datagrams and bytes. */
  async counts(): Promise<[number, number]> {
    this.#child.stdin?.write('\n');
    const [datagrams, bytes] = (await this.line()).split(' ').map(Number);
    return [datagrams ?? 0, bytes ?? 0];
  }

  /** Resident size, in bytes. */
  residentSize(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

function loadOutput(load: string, args: readonly (string | number)[]): number {
  const [program, all] = pinned(lastCpu, load, args.map(String));
  return Number(execFileSync(program, all, { encoding: 'utf8', timeout: 120_000 }));
}

const echo = (connections: number): ServerCase => ({
  name: `echo-${connections}`,
  unit: 'requests/s',
  better: 'higher',
  role: 'echo',
  run: async (server, load, milliseconds) =>
    loadOutput(load, ['load', server.port, connections, milliseconds]),
});

const received = (name: 'flood' | 'bulk', size: number, segments: number): ServerCase => ({
  name: `udp-${name}`,
  unit: name === 'flood' ? 'datagrams/s' : 'bytes/s',
  better: 'higher',
  role: name,
  run: async (server, load, milliseconds) => {
    loadOutput(load, ['send', server.port, milliseconds, size, segments]);
    const [datagrams, bytes] = await server.counts();
    return ((name === 'flood' ? datagrams : bytes) / milliseconds) * 1000;
  },
});

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
    role: 'accept',
    run: async (server, load, milliseconds) =>
      loadOutput(load, ['connect', server.port, milliseconds]),
  },
  received('flood', 64, 1),
  received('bulk', 1200, 50),
  {
    name: 'memory-idle-8000',
    unit: 'bytes/connection',
    better: 'lower',
    role: 'echo',
    run: async (server, load) => {
      const before = server.residentSize();
      const [program, all] = pinned(lastCpu, load, ['idle', String(server.port), String(IDLE)]);
      const child = spawn(program, all, { stdio: ['pipe', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      await new Promise((resolve) => setTimeout(resolve, 500));
      const grown = server.residentSize() - before;
      child.kill();
      await once(child, 'exit');
      return grown / IDLE;
    },
  },
];

/** A side that has servers: the command for a role. */
export interface ServerSide {
  readonly name: string;
  command(role: string): [string, string[]];
}

/** The programs of the sides; those that are not here are said to be missing. */
export function serverSides(
  c: string,
  here: string,
): { sides: ServerSide[]; missing: Record<string, string> } {
  const script = (name: string): string => join(here, 'servers', name);
  const sides: ServerSide[] = [
    { name: 'c', command: (role) => [c, [role]] },
    {
      name: 'sock-native',
      command: (role) => [process.execPath, [script('sock-native.mjs'), role]],
    },
    { name: 'node', command: (role) => [process.execPath, [script('node.mjs'), role]] },
  ];
  const missing: Record<string, string> = {};
  for (const [name, args] of [
    ['bun', []],
    ['deno', ['run', '--allow-all', '--quiet']],
  ] as const) {
    const program = install(name, here);
    if (program === undefined) missing[name] = `the npm package ${name} could not be installed`;
    else sides.push({ name, command: (role) => [program, [...args, script('node.mjs'), role]] });
  }
  return { sides, missing };
}

/** Bun and Deno come as npm packages, into .cache/bench. */
function install(name: string, here: string): string | undefined {
  const folder = join(here, '../.cache/bench', name);
  const program = join(folder, 'node_modules/.bin', name);
  const runs = (): boolean => {
    try {
      execFileSync(program, ['--version'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };
  if (runs()) return program;
  console.error(`bench: installing ${name} from npm`);
  try {
    const args = ['install', '--no-audit', '--no-fund', '--prefix', folder, name];
    execFileSync('npm', args, { stdio: 'ignore', timeout: 300_000 });
  } catch {
    return undefined;
  }
  return runs() ? program : undefined;
}
