import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Domain, SockError, Socket, Type } from '@sock/native';

/** The descriptor number of a worker's end of the pair. */
export const CONTROL_FD = 3;

/** A message needs at least one byte: without data its control messages are not sent. */
const BYTE = new Uint8Array(1);

/** Milliseconds between two starts of a worker, so that a worker that cannot start does not keep the pool busy. */
const RESTART_INTERVAL = 1000;

/** Starts a worker process that owns `end`. This process closes its copy. */
function startWorker(end: Socket): ChildProcess {
  using theirs = end;
  const program = fileURLToPath(new URL('worker.ts', import.meta.url));
  return spawn(process.execPath, [...process.execArgv, program], {
    stdio: ['ignore', 'inherit', 'inherit', theirs.asRawFd()],
  });
}

/** Worker processes that take connections in turn. A worker that ends is replaced. */
export class Pool {
  /** This end of each worker's pair of unix sockets. */
  readonly #controls: Socket[] = [];
  readonly #log: (text: string) => void;
  #next = 0;
  #closed = false;

  constructor(count: number, log: (text: string) => void) {
    this.#log = log;
    for (let i = 0; i < count; i++) this.#controls.push(this.#start(i));
  }

  /** Sends a duplicate of the connection to a worker that has room; `false` if every queue is full. */
  give(connection: Socket): boolean {
    const control = [{ kind: 'rights', fds: [connection] }] as const;
    for (let tries = 0; tries < this.#controls.length; tries++) {
      const worker = this.#controls[this.#next++ % this.#controls.length] as Socket;
      try {
        if (worker.trySendmsg({ buffers: [BYTE], control }) !== undefined) return true;
      } catch (error) {
        // This worker has just ended: the next one takes the connection.
        if (!(error instanceof SockError)) throw error;
      }
    }
    return false;
  }

  /** Lets the workers finish their connections and end. */
  close(): void {
    this.#closed = true;
    for (const control of this.#controls) control.close();
  }

  #start(index: number): Socket {
    // With sequenced packets one message is one connection.
    const [control, theirs] = Socket.pair(Domain.UNIX, Type.SEQPACKET);
    const worker = startWorker(theirs);
    const started = Date.now();
    this.#log(`worker ${worker.pid} started`);
    worker.once('exit', (status, signal) => {
      control.close();
      this.#log(`worker ${worker.pid} ended with ${signal ?? `status ${status}`}`);
      const restart = (): void => {
        if (!this.#closed) this.#controls[index] = this.#start(index);
      };
      if (!this.#closed) setTimeout(restart, Math.max(0, started + RESTART_INTERVAL - Date.now()));
    });
    return control;
  }
}
