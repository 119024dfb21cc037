/** Streams as jco's glue takes and gives them. */

/** What jco lowers to a `stream`: it asks for the next part, and says when nobody reads any more. */
export interface Source<T> extends AsyncIterator<T, undefined> {
  [Symbol.asyncIterator](): Source<T>;
}

/**
 * @param next the next part; `undefined` at the end
 * @param ended called once, at the end or when the reader is dropped, which `isDropped` tells
 */
export function sourceOf<T>(
  next: () => Promise<T | undefined>,
  ended: (isDropped: boolean) => void,
): Source<T> {
  let isOver = false;
  const end = (isDropped: boolean): { done: true; value: undefined } => {
    if (!isOver) {
      isOver = true;
      ended(isDropped);
    }
    return { done: true, value: undefined };
  };
  return {
    async next() {
      if (isOver) return end(false);
      const value = await next();
      return value === undefined || isOver ? end(false) : { done: false, value };
    },
    return: () => Promise.resolve(end(true)),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

type Part = Uint8Array | ArrayBuffer | readonly number[] | number;

/** A `stream<u8>` that a component gave: jco's reader, or any async iterable of parts. */
export interface ByteReader {
  read?(options: { count: number }): Promise<unknown>;
  cancel?(): unknown;
  [Symbol.asyncIterator]?(): AsyncIterator<unknown>;
}

const bytesOf = (part: Part): Uint8Array => {
  if (part instanceof Uint8Array) return part;
  if (typeof part === 'number') return Uint8Array.of(part);
  return part instanceof ArrayBuffer ? new Uint8Array(part) : Uint8Array.from(part);
};

const DISPOSE: symbol = Symbol.dispose ?? Symbol.for('dispose');

/** Reads a component's stream part by part. */
export class ByteParts {
  readonly #iterator: AsyncIterator<unknown> | undefined;

  constructor(private readonly reader: ByteReader) {
    if (typeof reader?.read === 'function') return;
    this.#iterator = reader?.[Symbol.asyncIterator]?.();
    if (this.#iterator === undefined) throw new TypeError('what is sent must be a stream');
  }

  /** The next part, of `most` bytes where the reader can be asked for so many; `undefined` at the end. */
  async next(most: number): Promise<Uint8Array | undefined> {
    const result: unknown = await (this.#iterator === undefined
      ? this.reader.read?.({ count: most })
      : this.#iterator.next());
    if (result === null || result === undefined) return undefined;
    const { done, value } = result as { done?: boolean; value?: Part };
    if (typeof done !== 'boolean') return bytesOf(result as Part);
    return done ? undefined : bytesOf(value as Part);
  }

  /** Tells the component that nobody reads any more. */
  cancel(): void {
    const { reader } = this;
    if (this.#iterator !== undefined) void this.#iterator.return?.();
    else if (typeof reader.cancel === 'function') void reader.cancel();
    else (reader as Record<symbol, (() => void) | undefined>)[DISPOSE]?.();
  }
}
