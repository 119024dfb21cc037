/** Runs the programs of the examples as their users do. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The longest that a program may run, in milliseconds. A program that hangs must not hang the tests. */
const LONGEST = 60_000;

/** The command line of an example. */
export const example = (file, ...args) => [
  process.execPath,
  '--import',
  'tsx',
  `examples/${file}`,
  ...args,
];

export class Program {
  output = '';
  #child;
  #ended;

  constructor(command, { input = 'ignore' } = {}) {
    const [file, ...args] = command;
    this.#child = spawn(file, args, { cwd: root, stdio: [input, 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (data) => {
        this.output += data;
      });
    }
    const timer = setTimeout(() => this.kill('SIGKILL'), LONGEST);
    this.#ended = once(this.#child, 'close').finally(() => clearTimeout(timer));
    // A caller may ask for it later, or never.
    this.#ended.catch(() => {});
  }

  get pid() {
    return this.#child.pid;
  }

  /** Resolves with the match once the program has printed it. Rejects if the program ends before. */
  async printed(pattern) {
    const ended = this.#ended.then(() => 'ended');
    for (;;) {
      const match = pattern.exec(this.output);
      if (match !== null) return match;
      const news = Promise.race([
        once(this.#child.stdout, 'data'),
        once(this.#child.stderr, 'data'),
      ]);
      if ((await Promise.race([news, ended])) === 'ended') {
        const last = pattern.exec(this.output);
        if (last !== null) return last;
        throw new Error(`ended without ${pattern}, and it printed:\n${this.output}`);
      }
    }
  }

  write(text) {
    this.#child.stdin.write(text);
  }

  kill(signal) {
    this.#child.kill(signal);
  }

  /** Waits for the program's end and returns what it printed. Throws if it ends with another status. */
  async end(expected = 0) {
    const [status, signal] = await this.#ended;
    if (status !== expected) {
      throw new Error(
        `ended with ${signal ?? `status ${status}`}, and it printed:\n${this.output}`,
      );
    }
    return this.output;
  }

  /** Sends Ctrl-C. The program must then end by itself. */
  interrupt(expected = 0) {
    this.kill('SIGINT');
    return this.end(expected);
  }
}

/** Lets `use` start programs, and ends those that are left. */
export async function withPrograms(use) {
  const programs = [];
  const start = (command, options) => {
    const program = new Program(command, options);
    programs.push(program);
    return program;
  };
  try {
    return await use(start);
  } finally {
    for (const program of programs) program.kill('SIGKILL');
  }
}

/** Runs a command to its end. */
export const run = (command, status) => new Program(command).end(status);

/** Waits until a condition holds that another process is about to fulfil. */
export async function eventually(condition) {
  for (const end = Date.now() + LONGEST; !condition(); await delay(20)) {
    if (Date.now() > end) throw new Error(`never: ${condition}`);
  }
}

export function expect(actual, wanted) {
  const same = wanted instanceof RegExp ? wanted.test(actual) : actual === wanted;
  if (!same) throw new Error(`expected ${wanted}, got:\n${actual}`);
}
