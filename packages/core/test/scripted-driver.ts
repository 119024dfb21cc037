/**
 * A backend in memory that does as it is told: options keep their values, addresses come back as
 * they were bound, everything else succeeds unless a test scripted another result. Its numbers are
 * no system's, so a number that core takes for granted shows.
 */
import { type Driver, Layout, Socket, type Support } from '../src/index.js';

const constants = {
  AF_INET: 202,
  AF_INET6: 206,
  AF_UNIX: 201,
  SOCK_STREAM: 301,
  SOCK_DGRAM: 302,
  SOCK_RAW: 303,
  IPPROTO_TCP: 406,
  IPPROTO_UDP: 417,
  MSG_DONTWAIT: 1 << 20,
  MSG_PEEK: 1 << 21,
  MSG_OOB: 1 << 22,
  MSG_TRUNC: 1 << 23,
  MSG_EOR: 1 << 24,
};

export const errors = {
  EAGAIN: 5001,
  EWOULDBLOCK: 5002,
  EINPROGRESS: 5003,
  EALREADY: 5004,
  EISCONN: 5005,
  EBADF: 5006,
  EADDRINUSE: 5007,
  ENOENT: 5008,
  EINVAL: 5009,
  ETIMEDOUT: 5010,
  EMFILE: 5011,
};

interface StoredValue {
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** A call that reached the driver: its name and its numbers. */
export type Call = readonly [name: string, ...numbers: unknown[]];

export class ScriptedDriver implements Driver {
  readonly name = 'scripted';
  readonly constants = constants;
  readonly errors = errors;
  readonly memory = new ArrayBuffer(Layout.size);
  readonly calls: Call[] = [];
  /** What the next call of that name returns; then everything is as before. */
  readonly next = new Map<string, number>();
  readonly values = new Map<number, StoredValue>();
  readonly handles = new Set<number>();
  ready: ((readiness: number) => void) | undefined;
  readonly support?: Readonly<Record<string, Support>>;
  #last = 1000;
  #local = new Uint8Array(0);

  constructor(
    readonly system = 'linux',
    support?: Readonly<Record<string, Support>>,
  ) {
    if (support !== undefined) this.support = support;
  }

  /** The names of the calls since the last time. */
  take(): string[] {
    return this.calls.splice(0).map(([name]) => name);
  }

  #call(name: string, numbers: readonly unknown[], otherwise: () => number = () => 0): number {
    this.calls.push([name, ...numbers]);
    const result = this.next.get(name);
    this.next.delete(name);
    if (result !== undefined) return result;
    return otherwise();
  }

  #on(name: string, handle: number, numbers: readonly unknown[], otherwise?: () => number): number {
    return this.#call(name, [handle, ...numbers], () =>
      this.handles.has(handle) ? (otherwise?.() ?? 0) : -errors.EBADF,
    );
  }

  readonly #newHandle = (): number => {
    this.handles.add(++this.#last);
    return this.#last;
  };

  open(...numbers: [domain: number, type: number, protocol: number, flags: number]): number {
    return this.#call('open', numbers, this.#newHandle);
  }

  pair(...numbers: [domain: number, type: number, protocol: number, flags: number]): number {
    return this.#call('pair', numbers, () => {
      const first = this.#newHandle();
      new Int32Array(this.memory)[Layout.flags >> 2] = this.#newHandle();
      return first;
    });
  }

  close(handle: number): number {
    return this.#on('close', handle, [], () => (this.handles.delete(handle) ? 0 : -errors.EBADF));
  }

  adopt(handle: number): number {
    return this.#call('adopt', [handle], () => {
      this.handles.add(handle);
      return 0;
    });
  }

  release(handle: number): number {
    return this.#on('release', handle, [], () => (this.handles.delete(handle) ? 0 : -errors.EBADF));
  }

  setCloexec(handle: number, on: boolean): number {
    return this.#on('setCloexec', handle, [on]);
  }

  bind(handle: number): number {
    return this.#on('bind', handle, [], () => {
      this.#local = new Uint8Array(this.memory.slice(0, Layout.value));
      return 0;
    });
  }

  connect(handle: number): number {
    return this.#on('connect', handle, []);
  }

  tryConnect(handle: number): number {
    return this.#on('tryConnect', handle, []);
  }

  connectTimeout(handle: number, milliseconds: number): number {
    return this.#on('connectTimeout', handle, [milliseconds]);
  }

  listen(handle: number, backlog: number): number {
    return this.#on('listen', handle, [backlog]);
  }

  accept(handle: number, flags: number): number {
    return this.#on('accept', handle, [flags], this.#newHandle);
  }

  localAddress(handle: number): number {
    return this.#on('localAddress', handle, [], () => {
      new Uint8Array(this.memory).set(this.#local);
      return 0;
    });
  }

  peerAddress(handle: number): number {
    return this.#on('peerAddress', handle, []);
  }

  duplicate(handle: number): number {
    return this.#on('duplicate', handle, [], this.#newHandle);
  }

  nonblocking(handle: number): number {
    return this.#on('nonblocking', handle, []);
  }

  setNonblocking(handle: number, on: boolean): number {
    return this.#on('setNonblocking', handle, [on]);
  }

  shutdown(handle: number, how: number): number {
    return this.#on('shutdown', handle, [how]);
  }

  recv(handle: number, buffer: Uint8Array, flags: number): number {
    return this.#on('recv', handle, [buffer.length, flags]);
  }

  recvFrom(handle: number, buffer: Uint8Array, flags: number): number {
    return this.#on('recvFrom', handle, [buffer.length, flags]);
  }

  recvVectored(
    handle: number,
    buffers: readonly Uint8Array[],
    flags: number,
    from: boolean,
  ): number {
    return this.#on('recvVectored', handle, [buffers.length, flags, from]);
  }

  send(handle: number, buffer: Uint8Array, flags: number): number {
    return this.#on('send', handle, [buffer.length, flags], () => buffer.length);
  }

  sendTo(handle: number, buffer: Uint8Array, flags: number): number {
    return this.#on('sendTo', handle, [buffer.length, flags], () => buffer.length);
  }

  sendVectored(handle: number, buffers: readonly Uint8Array[], flags: number, to: boolean): number {
    return this.#on('sendVectored', handle, [buffers.length, flags, to]);
  }

  getOption(handle: number, option: number): number {
    return this.#on('getOption', handle, [option], () => {
      const stored = this.values.get(option);
      if (stored === undefined) return -errors.EINVAL;
      new Float64Array(this.memory)[Layout.valueNumber >> 3] = stored.number;
      new Uint32Array(this.memory)[Layout.valueLength >> 2] = stored.bytes.length;
      new Uint8Array(this.memory).set(stored.bytes, Layout.valueBytes);
      return 0;
    });
  }

  setOption(handle: number, option: number): number {
    return this.#on('setOption', handle, [option], () => {
      const length = new Uint32Array(this.memory)[Layout.valueLength >> 2] as number;
      this.values.set(option, {
        number: new Float64Array(this.memory)[Layout.valueNumber >> 3] as number,
        bytes: new Uint8Array(this.memory.slice(Layout.valueBytes, Layout.valueBytes + length)),
      });
      return 0;
    });
  }

  getOptionRaw(handle: number, level: number, name: number, data: Uint8Array): number {
    return this.#on('getOptionRaw', handle, [level, name], () => data.fill(7, 0, 2) && 2);
  }

  setOptionRaw(handle: number, level: number, name: number, data: Uint8Array): number {
    return this.#on('setOptionRaw', handle, [level, name, data.length]);
  }

  watch(handle: number, interest: number, ready: (readiness: number) => void): number {
    return this.#on('watch', handle, [interest], () => {
      this.ready = interest === 0 ? undefined : ready;
      return 0;
    });
  }
}

/** A class of sockets over a driver of its own. */
export function socketsOver(driver: ScriptedDriver) {
  return class ScriptedSocket extends Socket {
    static override readonly driver = driver;
  };
}
