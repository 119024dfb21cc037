/**
 * wasi:filesystem: preview2-shim's, for the folders that a program is given. Its streams become streams of this host,
 * so that one `poll` waits for files and sockets. A program without folders has an interface that has none.
 */
import type { HostFunction, HostInterface } from '../component/instantiate.js';
import type { FunctionType, ResourceType } from '../component/types.js';
import { camelCase } from '../component/codec.js';
import { resourceType } from '../host-interfaces.js';
import { IoError } from '../sockets/resource.js';
import type { Scope } from '../sockets/scope.js';
import { CLOSED, FAILED, InputStream, OutputStream } from '../sockets/stream.js';

interface ShimPollable {
  ready(): boolean;
}

interface ShimInput {
  read(length: bigint): Uint8Array;
  blockingRead(length: bigint): Uint8Array;
  subscribe(): ShimPollable;
}

interface ShimOutput {
  checkWrite(): bigint;
  write(bytes: Uint8Array): void;
  flush(): void;
  blockingFlush(): void;
  subscribe(): ShimPollable;
}

const DISPOSE: symbol = Symbol.dispose ?? Symbol.for('dispose');

function dispose(value: unknown): void {
  (value as Record<symbol, (() => void) | undefined>)[DISPOSE]?.();
}

/** The payload of an error that the shim throws; what is none, is a fault. */
function payloadOf(error: unknown): unknown {
  if (typeof error === 'object' && error !== null && Object.hasOwn(error, 'payload')) {
    return (error as { payload: unknown }).payload;
  }
  if (error instanceof Error) throw error;
  return error;
}

/** What a call of a shim's stream came to: its error is a failure of this stream. */
function attempt(stream: InputStream | OutputStream, call: () => number): number {
  try {
    return call();
  } catch (error) {
    const { tag, val } = payloadOf(error) as { tag?: string; val?: unknown };
    if (tag === 'closed') return CLOSED;
    stream.foreign = val;
    stream.text = String((val as { msg?: unknown } | undefined)?.msg ?? 'the file failed');
    return FAILED;
  }
}

class FileInput extends InputStream {
  readonly handle = -1;
  #pollable: ShimPollable | undefined;

  constructor(
    scope: Scope,
    private readonly shim: ShimInput,
  ) {
    super(scope);
  }

  interest(): number {
    return 0;
  }

  ready(): boolean {
    this.#pollable ??= this.shim.subscribe();
    return this.#pollable.ready();
  }

  read(into: Uint8Array, wait: boolean): number {
    return attempt(this, () => {
      const length = BigInt(into.length);
      const bytes = wait ? this.shim.blockingRead(length) : this.shim.read(length);
      into.set(bytes);
      return bytes.length;
    });
  }

  protected override dropped(): void {
    if (this.#pollable !== undefined) dispose(this.#pollable);
    dispose(this.shim);
  }
}

class FileOutput extends OutputStream {
  readonly handle = -1;
  #pollable: ShimPollable | undefined;

  constructor(
    scope: Scope,
    private readonly shim: ShimOutput,
  ) {
    super(scope);
  }

  interest(): number {
    return 0;
  }

  ready(): boolean {
    this.#pollable ??= this.shim.subscribe();
    return this.#pollable.ready();
  }

  permit(): number {
    return attempt(this, () => Number(this.shim.checkWrite()));
  }

  write(bytes: Uint8Array): number {
    return attempt(this, () => {
      // A file takes everything; the shim wants to be asked before each part.
      for (let done = 0; done < bytes.length;) {
        const permit = Number(this.shim.checkWrite());
        if (permit === 0) this.shim.blockingFlush();
        else {
          this.shim.write(bytes.slice(done, done + permit));
          done += permit;
        }
      }
      return 0;
    });
  }

  flush(wait: boolean): number {
    return attempt(this, () => {
      if (wait) this.shim.blockingFlush();
      else this.shim.flush();
      return 0;
    });
  }

  protected override dropped(): void {
    if (this.#pollable !== undefined) dispose(this.#pollable);
    dispose(this.shim);
  }
}

type Callable = (...args: unknown[]) => unknown;
type ShimModule = Readonly<Record<string, unknown>>;

/** The shim's types of resources: drops are its disposals. */
const shimTypes = new Map<string, ResourceType>();
function shimType(name: string): ResourceType {
  let type = shimTypes.get(name);
  if (type === undefined) shimTypes.set(name, (type = { name, drop: dispose }));
  return type;
}

/** Streams of the shim, as this host's. */
function wrapped(scope: Scope, name: string, value: unknown): unknown {
  if (name.endsWith('.read-via-stream')) return new FileInput(scope, value as ShimInput);
  if (name.endsWith('.write-via-stream') || name.endsWith('.append-via-stream')) {
    return new FileOutput(scope, value as ShimOutput);
  }
  return value;
}

function shimInterface(scope: Scope, module: ShimModule): HostInterface {
  const found = (name: string): Callable | undefined => {
    const method = /^\[method\][^.]+\.(.+)$/.exec(name)?.[1];
    if (method === undefined) return module[camelCase(name)] as Callable | undefined;
    const key = camelCase(method);
    return (self, ...args) => (self as Record<string, Callable>)[key]?.(...args);
  };
  return {
    resource: (name) => resourceType(name) ?? shimType(name),
    func(name, declared): HostFunction | undefined {
      const call = name === 'filesystem-error-code' ? errorCode(module) : found(name);
      if (call === undefined) return undefined;
      return {
        type: declared,
        call: (args) => resultOf(scope, name, declared, () => call(...args)),
      };
    },
  };
}

/** Errors of a standard stream that is a file, as wasi:filesystem names them. */
const codesOfSystem: Readonly<Record<string, string>> = {
  EACCES: 'access',
  EBADF: 'bad-descriptor',
  EFBIG: 'file-too-large',
  EINVAL: 'invalid',
  EIO: 'io',
  EISDIR: 'is-directory',
  ENOSPC: 'insufficient-space',
  ENXIO: 'no-such-device',
  EPERM: 'not-permitted',
  EPIPE: 'pipe',
};

/** `filesystem-error-code`: of an error that a stream of the shim or a standard stream had. */
const errorCode =
  (module?: ShimModule): Callable =>
  (error) => {
    if (!(error instanceof IoError)) return undefined;
    if (error.foreign === undefined) {
      return error.errno === 0 && Object.hasOwn(codesOfSystem, error.text)
        ? codesOfSystem[error.text]
        : undefined;
    }
    return (module?.['filesystemErrorCode'] as Callable | undefined)?.(error.foreign);
  };

function resultOf(
  scope: Scope,
  name: string,
  { result }: FunctionType,
  call: () => unknown,
): unknown {
  if (result?.kind !== 'result') return call();
  try {
    return { tag: 'ok', val: wrapped(scope, name, call()) };
  } catch (error) {
    return { tag: 'err', val: payloadOf(error) };
  }
}

/** The interfaces of wasi:filesystem for these folders: names in the program to folders of this system. */
export async function filesystemOf(
  scope: Scope,
  preopens: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, HostInterface>>> {
  if (Object.keys(preopens).length === 0) {
    const types: HostInterface = {
      resource: (name) => resourceType(name) ?? shimType(name),
      func: (name, type) =>
        name === 'filesystem-error-code'
          ? { type, call: ([error]) => errorCode()(error) }
          : undefined,
    };
    const empty: HostInterface = {
      resource: shimType,
      func: (name, type) => (name === 'get-directories' ? { type, call: () => [] } : undefined),
    };
    return { 'wasi:filesystem/types': types, 'wasi:filesystem/preopens': empty };
  }
  // Loaded when it is wanted: it starts a thread.
  const { createFilesystem } =
    (await import('@bytecodealliance/preview2-shim/filesystem')) as unknown as {
      createFilesystem(init: object): { types: ShimModule; preopens: ShimModule };
    };
  const { types, preopens: directories } = createFilesystem({ preopens });
  return {
    'wasi:filesystem/types': shimInterface(scope, types),
    'wasi:filesystem/preopens': shimInterface(scope, directories),
  };
}
