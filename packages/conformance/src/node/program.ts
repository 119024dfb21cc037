import { type ChildProcess, spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { fail } from '../assert.js';
import type { Backend } from '../case.js';

/** A backend whose sockets are file descriptors of this process. */
export interface NodeBackend extends Backend {
  /** The path of the backend's module, from which other threads and processes import it. */
  readonly module: string;
}

/** How a program ended, and what it wrote to stdout. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** A program that runs in a process of its own. */
export interface Program {
  readonly process: ChildProcess;
  readonly ended: Promise<Ending>;
  /** Waits until the program has written a line that starts with `prefix`, and returns the rest of the line. */
  line(prefix: string): Promise<string>;
}

export interface ProgramOptions {
  /** Command-line options for node. */
  readonly options?: readonly string[];
  readonly arguments?: readonly (string | number)[];
  /** The maximum number of open descriptors: `ulimit -n`. */
  readonly descriptors?: number;
}

/** The first line of every program: it imports the backend. */
export function imports(backend: NodeBackend): string {
  const url = JSON.stringify(pathToFileURL(backend.module).href);
  return `const { Domain, SockAddr, Socket, Type } = await import(${url});\n`;
}

/** Starts a program. It has the backend's exports as variables. */
export function start(backend: NodeBackend, body: string, settings: ProgramOptions = {}): Program {
  const { options = [], arguments: values = [], descriptors } = settings;
  const command = [
    process.execPath,
    ...options,
    '--input-type=module',
    '--eval',
    imports(backend) + body,
    '--',
    ...values.map(String),
  ];
  const limited =
    descriptors === undefined
      ? command
      : ['/bin/sh', '-c', `ulimit -n ${descriptors} && exec "$@"`, 'sh', ...command];
  const child = spawn(limited[0] as string, limited.slice(1), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const watchers = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    for (const watcher of watchers) watcher();
  });
  const ended = new Promise<Ending>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ code, signal, output });
      for (const watcher of watchers) watcher();
    });
  });
  const line = (prefix: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = output
          .split('\n')
          .slice(0, -1)
          .find((text) => text.startsWith(prefix));
        if (found !== undefined) resolve(found.slice(prefix.length).trim());
        else if (child.exitCode !== null || child.signalCode !== null) {
          reject(new Error(`the program ended without a line '${prefix}': ${output}`));
        } else return;
        watchers.delete(look);
      };
      watchers.add(look);
      look();
    });
  return { process: child, ended, line };
}

/** Runs a program to its end and returns what it wrote, parsed as JSON. */
export async function report(
  backend: NodeBackend,
  body: string,
  settings?: ProgramOptions,
): Promise<Record<string, unknown>> {
  const { code, signal, output } = await start(backend, body, settings).ended;
  if (code !== 0) fail(`the program ended with ${signal ?? code}: ${output}`);
  return JSON.parse(output) as Record<string, unknown>;
}
