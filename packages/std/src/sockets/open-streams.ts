/** The two streams of a Direct Sockets object, and the promise that settles when both are done. */

/** A DOMException of Direct Sockets, with the error behind it as its cause. */
export function networkError(cause: unknown): DOMException {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new DOMException(message, { name: 'NetworkError', cause });
}

export const invalidState = (message: string): DOMException =>
  new DOMException(message, 'InvalidStateError');

/** A promise that nobody has to handle. */
export class Settlement<T> {
  readonly promise: Promise<T>;
  state: 'pending' | 'fulfilled' | 'rejected' = 'pending';
  #resolve!: (value: T) => void;
  #reject!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      [this.#resolve, this.#reject] = [resolve, reject];
    });
    this.promise.catch(() => undefined);
  }

  resolve(value: T): void {
    if (this.state !== 'pending') return;
    this.state = 'fulfilled';
    this.#resolve(value);
  }

  reject(error: unknown): void {
    if (this.state !== 'pending') return;
    this.state = 'rejected';
    this.#reject(error);
  }
}

/** How bytes or messages cross. */
export interface Crossing<In, Out> {
  /** Whether the readable is a stream of bytes. */
  readonly bytes: boolean;
  /** The next of the peer's, in `room` if it is given; `undefined` at the end. */
  receive(room: Uint8Array | undefined, signal: AbortSignal): Promise<In | undefined>;
  /** @throws {TypeError} for a chunk of a wrong type */
  send(chunk: Out, signal: AbortSignal): Promise<void>;
  /** Ends the writing half. */
  finish(): void;
  /** Closes the socket, when both streams are done. */
  close(): void;
}

type Controller<T> = ReadableStreamDefaultController<T> | ReadableByteStreamController;

type Half = 'active' | 'done' | { readonly error: unknown };

/** Both streams of an open socket. */
export class OpenStreams<In, Out> {
  readonly readable: ReadableStream<In>;
  readonly writable: WritableStream<Out>;
  readonly #closed: Settlement<undefined>;
  readonly #crossing: Crossing<In, Out>;
  readonly #stop = new AbortController();
  #readHalf: Half = 'active';
  #writeHalf: Half = 'active';

  constructor(crossing: Crossing<In, Out>, closed: Settlement<undefined>) {
    this.#crossing = crossing;
    this.#closed = closed;
    const pull = (controller: Controller<In>): Promise<void> => this.#pull(controller);
    const cancel = (): void => {
      this.#stop.abort();
      this.#end('read', 'done');
    };
    this.readable = crossing.bytes
      ? (new ReadableStream({
          type: 'bytes',
          pull: pull as (controller: ReadableByteStreamController) => Promise<void>,
          cancel,
        }) as unknown as ReadableStream<In>)
      : new ReadableStream<In>({ pull, cancel }, { highWaterMark: 0 });
    let sending: AbortSignal = this.#stop.signal;
    this.writable = new WritableStream<Out>({
      start: (controller) => {
        // Node's types do not have it.
        ({ signal: sending } = controller as unknown as { signal: AbortSignal });
      },
      write: (chunk) => this.#write(chunk, sending),
      close: () => this.#finish(),
      abort: () => this.#finish(),
    });
  }

  async #pull(controller: Controller<In>): Promise<void> {
    const request = 'byobRequest' in controller ? controller.byobRequest : null;
    try {
      const room = (request?.view as Uint8Array | null | undefined) ?? undefined;
      const received = await this.#crossing.receive(room, this.#stop.signal);
      if (this.#readHalf !== 'active') return;
      if (received === undefined) {
        controller.close();
        request?.respond(0);
        this.#end('read', 'done');
      } else if (request === null)
        (controller as ReadableStreamDefaultController<In>).enqueue(received);
      else request.respond((received as Uint8Array).length);
    } catch (cause) {
      if (this.#readHalf !== 'active') return;
      const error = networkError(cause);
      controller.error(error);
      this.#end('read', { error });
    }
  }

  async #write(chunk: Out, signal: AbortSignal): Promise<void> {
    try {
      await this.#crossing.send(chunk, signal);
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      if (cause instanceof TypeError) {
        // The stream has failed, and the socket stays until the readable is done.
        this.#writeHalf = { error: cause };
        throw cause;
      }
      const error = networkError(cause);
      this.#end('write', { error });
      throw error;
    }
  }

  #finish(): void {
    try {
      if (this.#writeHalf === 'active') this.#crossing.finish();
    } finally {
      this.#end('write', 'done');
    }
  }

  #end(half: 'read' | 'write', state: Half): void {
    if (half === 'read' && this.#readHalf === 'active') this.#readHalf = state;
    if (half === 'write' && this.#writeHalf === 'active') this.#writeHalf = state;
    if (this.#readHalf === 'active' || this.#writeHalf === 'active') return;
    this.#crossing.close();
    const [own, other] =
      half === 'read' ? [this.#readHalf, this.#writeHalf] : [this.#writeHalf, this.#readHalf];
    // The draft asks the other half first.
    for (const ended of [other, own])
      if (typeof ended === 'object') this.#closed.reject(ended.error);
    this.#closed.resolve(undefined);
  }

  /** What `close()` of the socket does. */
  close(): Promise<undefined> {
    if (this.#closed.state !== 'pending') return this.#closed.promise;
    if (this.readable.locked || this.writable.locked) {
      return Promise.reject(invalidState('a stream of the socket is locked'));
    }
    this.readable.cancel().catch(() => undefined);
    this.writable.abort().catch(() => undefined);
    return this.#closed.promise;
  }
}
