/** One direction of bytes from a socket to another, which stay in the system: splice(2). */
import {
  type Driver,
  type Handle,
  Layout,
  Readiness,
  SockError,
  type Socket,
  Spliced,
  type WaitOptions,
} from '@sock/core';
import { check, isError } from '../driver-results.js';
import { driverOf } from '../node-address.js';
import type { ByteCount } from '../byte-count.js';
import { onEnd } from '../wait-options.js';
import { beforeRelease } from '../before-release.js';
import type { Pipe, Pipes } from './pipes.js';

/** After so many calls, or so many bytes, that did not wait, others get their turn. */
const FAIR_CALLS = 64;
const FAIR_BYTES = 4_194_304;
/** Indices into the driver's memory, by four bytes. */
const [HELD, SENT, PIECE] = [Layout.splicedHeld, Layout.splicedSent, Layout.splicedPiece].map(
  (offset) => offset >> 2,
) as [number, number, number];

/** What one call has done. */
type Step = 'moved' | 'waits' | 'ended';

/** Messages up to this length are copied: that takes less time than to put them into a pipe and to take them out. */
const SMALL = 4096;
/** What they are received into. All flows of a thread share it: it is empty between two turns. */
let copied = new Uint8Array(0);
/** The part of it that was sent last: most messages have the length of the one before. */
let message = copied;

function hasUpperLayer(socket: Socket): boolean {
  try {
    return socket.tcpUlp() !== null;
  } catch {
    // Linux before 4.13 has no such option, and no such protocol.
    return false;
  }
}

/**
 * Moves bytes whenever the system says that it can. It is no loop of promises: a wait costs no allocation, and mostly no
 * system call.
 */
export class PipeFlow {
  readonly #driver: Required<Driver>;
  /** What a call returns that would block. */
  readonly #blocked: number;
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #pipes: Pipes;
  readonly #counted: ByteCount;
  /** Which one holds what was received, or is about to receive. */
  #pipe: Pipe | undefined;
  /** The number of bytes in it. */
  #held = 0;
  /** Whether the last message was small, so that the next one is received to be copied. */
  #isSmall = false;
  /** Whether the event that it handles said that there is data and no end of the stream, which comes with no event more. */
  #isOnlyData = false;
  #isKnownPlainTcp: boolean | undefined;
  /** What is left of a copied message that could not be sent. */
  #rest: Uint8Array | undefined;
  /** The handle that is waited for; negative: none. */
  #watched: Handle = -1;
  #isEnded = false;
  #resolve: (moved: boolean) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  readonly #stops: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, pipes: Pipes, counted: ByteCount) {
    this.#driver = driverOf(from) as Required<Driver>;
    this.#blocked = -(this.#driver.errors['EAGAIN'] as number);
    this.#from = from;
    this.#to = to;
    this.#pipes = pipes;
    this.#counted = counted;
  }

  /** Runs until the stream ends. `false` if this kind of socket has no splice(2): nothing has moved then. */
  run({ signal, timeout }: WaitOptions): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      const released = (): void => {
        this.#fail(new SockError('EBADF', { errno: -9, syscall: 'splice' }));
      };
      this.#stops.push(beforeRelease(this.#from, released), beforeRelease(this.#to, released));
      if (signal !== undefined) {
        this.#stops.push(onEnd(signal, undefined, (reason) => this.#fail(reason)));
      }
      if (timeout !== undefined) {
        this.#timer = setTimeout(
          () => this.#fail(new SockError('ETIMEDOUT', { syscall: 'splice' })),
          Math.max(1, timeout),
        );
      }
      this.#move();
    });
  }

  readonly #move = (): void => {
    if (this.#isEnded) return;
    try {
      if (!this.#advance()) return;
      this.#end();
      this.#resolve(true);
    } catch (error) {
      this.#fail(error);
    }
  };

  /** From the event loop. A hang-up and an error show in the next call. */
  readonly #ready = (readiness: number): void => {
    this.#watched = -1;
    this.#isOnlyData = readiness === Readiness.READABLE;
    if ((readiness & Readiness.CLOSED) === 0) this.#move();
    else this.#fail(new SockError('EBADF', { errno: -9, syscall: 'splice' }));
  };

  /** Moves until a call would block. Returns whether the stream has ended. */
  #advance(): boolean {
    const driver = this.#driver;
    let bytes = 0;
    for (let calls = 0; calls < FAIR_CALLS && bytes < FAIR_BYTES; calls++) {
      const before = this.#counted.bytes;
      const step = this.#copies() ? this.#copy() : this.#splice(driver, FAIR_BYTES - bytes);
      if (step !== 'moved') return step === 'ended';
      bytes += this.#counted.bytes - before;
    }
    this.#isOnlyData = false;
    setImmediate(this.#move);
    return false;
  }

  /** Pieces through a pipe, as many as one call of the driver moves. */
  #splice(driver: Required<Driver>, most: number): Step {
    this.#pipe ??= this.#pipes.take();
    const { out, into } = this.#pipe;
    const { memory } = this.#pipes;
    memory[HELD] = this.#held;
    const [from, to] = [this.#from.asRawFd(), this.#to.asRawFd()];
    const result = driver.splice(from, out, into, to, most, SMALL);
    this.#held = memory[HELD] as number;
    const piece = memory[PIECE] as number;
    if (piece > 0) this.#isSmall = piece <= SMALL;
    const sent = memory[SENT] as number;
    if (sent > 0) this.#moved(sent);
    const isUntouched = this.#counted.bytes === 0 && this.#held === 0;
    if (isUntouched && isError(driver, result, 'EINVAL')) {
      this.#end();
      this.#resolve(false);
      return 'waits';
    }
    check(driver, result, 'splice');
    if (result === Spliced.SEND) return this.#watch(this.#to, Readiness.WRITABLE);
    if (this.#held === 0 && (this.#isSmall || result === Spliced.RECV)) this.#giveBackPipe();
    if (result === Spliced.RECV) return this.#watch(this.#from, Readiness.READABLE);
    return result === Spliced.END ? 'ended' : 'moved';
  }

  /** Whether the next bytes are in the buffer, or are to be received into it. What is in the pipe is before them. */
  #copies(): boolean {
    return this.#rest !== undefined || (this.#isSmall && this.#held === 0);
  }

  /** One small message through the buffer. */
  #copy(): Step {
    const driver = this.#driver;
    let part = this.#rest;
    if (part === undefined) {
      if (copied.length === 0) copied = new Uint8Array(SMALL);
      const received = driver.recv(this.#from.asRawFd(), copied, 0);
      if (received === 0) return 'ended';
      if (received === this.#blocked) return this.#watch(this.#from, Readiness.READABLE);
      this.#isSmall = check(driver, received, 'recv') < SMALL;
      if (message.length !== received || message.buffer !== copied.buffer) {
        message = copied.subarray(0, received);
      }
      part = message;
    }
    const sent = driver.send(this.#to.asRawFd(), part, 0);
    if (sent === this.#blocked) {
      // A copy: the buffer is for others until then.
      this.#rest ??= part.slice();
      return this.#watch(this.#to, Readiness.WRITABLE);
    }
    const left = part.length - check(driver, sent, 'send');
    this.#rest = left === 0 ? undefined : part.slice(sent);
    this.#moved(sent);
    // Less than was asked for: the next call would block (epoll(7), "Q9").
    const isEmpty = this.#isOnlyData && this.#isSmall && left === 0 && this.#isPlainTcp();
    return isEmpty ? this.#watch(this.#from, Readiness.READABLE) : 'moved';
  }

  #moved(bytes: number): Step {
    this.#counted.add(bytes);
    this.#timer?.refresh();
    return 'moved';
  }

  /** Without kTLS, which ends a receive before a record of another type, of which no further event tells. */
  #isPlainTcp(): boolean {
    const from = this.#from;
    this.#isKnownPlainTcp ??=
      from.domain() !== 'unix' && from.protocol() === 'tcp' && !hasUpperLayer(from);
    return this.#isKnownPlainTcp;
  }

  #giveBackPipe(): void {
    if (this.#pipe === undefined) return;
    this.#pipes.giveBack(this.#pipe);
    this.#pipe = undefined;
  }

  #watch(socket: Socket, interest: number): Step {
    const driver = this.#driver;
    const handle = socket.asRawFd();
    this.#watched = handle;
    // A call to receive has just shown that there is nothing: only a change is of interest.
    const isDrained = interest === Readiness.READABLE;
    const result = driver.watch(handle, interest, this.#ready, isDrained);
    if (result < 0) this.#watched = -1;
    check(driver, result, 'poll');
    return 'waits';
  }

  #fail(error: unknown): void {
    if (this.#isEnded) return;
    this.#end();
    this.#reject(error);
  }

  #end(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    for (const stop of this.#stops) stop();
    if (this.#watched >= 0) this.#driver.watch(this.#watched, 0, this.#ready);
    this.#watched = -1;
    if (this.#pipe === undefined) return;
    if (this.#held === 0) this.#pipes.giveBack(this.#pipe);
    else this.#pipes.close(this.#pipe);
    this.#pipe = undefined;
  }
}
