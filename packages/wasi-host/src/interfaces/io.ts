/** wasi:io/error, wasi:io/poll, wasi:io/streams. */
import { codeOf } from '../failure.js';
import { type Pollable, pollMany } from '../sockets/pollable.js';
import { IoError, trap } from '../sockets/resource.js';
import type { Scope } from '../sockets/scope.js';
import { CLOSED, type InputStream, type OutputStream } from '../sockets/stream.js';
import { LONGEST_READ } from '../sockets/tcp.js';
import {
  blockingWrite,
  checkWrite,
  flush,
  poll,
  read,
  subscribe,
  write,
} from '../lowered/streams.js';
import { err, type InterfaceDefinition, ok } from './define.js';

/** The stream-error of a result of {@link InputStream.read} and others that is negative. */
export function streamError(stream: InputStream | OutputStream, result: number): unknown {
  if (result === CLOSED) return err({ tag: 'closed' });
  return err({
    tag: 'last-operation-failed',
    val: new IoError(stream.scope, stream.errno, stream.text, stream.foreign),
  });
}

function readList(stream: InputStream, length: bigint, wait: boolean): unknown {
  const room = length > BigInt(LONGEST_READ) ? LONGEST_READ : Number(length);
  // Most of what is asked for is more than what there is.
  const into = new Uint8Array(Math.min(room, 65536));
  const got = stream.read(into, wait && room > 0);
  return got < 0 ? streamError(stream, got) : ok(into.slice(0, got));
}

function skip(stream: InputStream, length: bigint, wait: boolean): unknown {
  const result = readList(stream, length, wait) as { tag: string; val: Uint8Array };
  return result.tag === 'ok' ? ok(BigInt(result.val.length)) : result;
}

/** What a write may have at most, by the interface: the permit, and 4096 for those that wait. */
function writeAll(stream: OutputStream, bytes: Uint8Array, wait: boolean): unknown {
  const result = stream.write(bytes) || (wait ? stream.flush(true) : 0);
  return result < 0 ? streamError(stream, result) : ok();
}

const BLOCKING_MAX = 4096;

function blockingWriteAll(stream: OutputStream, bytes: Uint8Array): unknown {
  // libc and others write more at once than the interface says, and hosts take it.
  return writeAll(stream, bytes, true);
}

function zeroes(length: bigint, most: number): Uint8Array {
  if (length > BigInt(most)) trap(`write-zeroes: more than ${most} bytes`);
  return new Uint8Array(Number(length));
}

function splice(to: OutputStream, from: InputStream, length: bigint, wait: boolean): unknown {
  if (wait) {
    const pollable = to.subscribe();
    pollable.block();
    pollable.drop();
  }
  const permit = to.permit();
  if (permit < 0) return streamError(to, permit);
  const room = BigInt(permit) < length ? BigInt(permit) : length;
  const result = readList(from, room, wait) as { tag: string; val: Uint8Array };
  if (result.tag !== 'ok') return result;
  const written = to.write(result.val);
  return written < 0 ? streamError(to, written) : ok(BigInt(result.val.length));
}

const READ = '(borrow<input-stream>, u64) -> result<list<u8>, stream-error>';
const SKIP = '(borrow<input-stream>, u64) -> result<u64, stream-error>';
const WRITE = '(borrow<output-stream>, list<u8>) -> result<_, stream-error>';
const ZEROES = '(borrow<output-stream>, u64) -> result<_, stream-error>';
const FLUSH = '(borrow<output-stream>) -> result<_, stream-error>';
const SPLICE = '(borrow<output-stream>, borrow<input-stream>, u64) -> result<u64, stream-error>';

export const ioError: InterfaceDefinition = {
  '[method]error.to-debug-string': {
    type: '(borrow<error>) -> string',
    call: (_: Scope, self: IoError) => self.text,
  },
};

export const ioPoll: InterfaceDefinition = {
  '[method]pollable.ready': {
    type: '(borrow<pollable>) -> bool',
    call: (_: Scope, self: Pollable) => self.isReady(),
    lower: (c) => {
      const find = c.finder('pollable') as (handle: number) => Pollable;
      return (self) => (find(self as number).isReady() ? 1 : 0);
    },
  },
  '[method]pollable.block': {
    type: '(borrow<pollable>)',
    call: (_: Scope, self: Pollable) => self.block(),
    lower: (c) => {
      const find = c.finder('pollable') as (handle: number) => Pollable;
      return (self) => {
        find(self as number).block();
        return undefined;
      };
    },
  },
  poll: {
    type: '(list<borrow<pollable>>) -> list<u32>',
    call(scope: Scope, list: readonly Pollable[]) {
      if (list.length === 0) trap('poll: an empty list');
      const out = new Uint32Array(list.length);
      return out.subarray(0, pollMany(scope, list, list.length, out));
    },
    lower: poll,
  },
};

export const ioStreams: InterfaceDefinition = {
  '[method]input-stream.read': {
    type: READ,
    call: (_: Scope, self: InputStream, length: bigint) => readList(self, length, false),
    lower: (c) => read(c, false),
  },
  '[method]input-stream.blocking-read': {
    type: READ,
    call: (_: Scope, self: InputStream, length: bigint) => readList(self, length, true),
    lower: (c) => read(c, true),
  },
  '[method]input-stream.skip': {
    type: SKIP,
    call: (_: Scope, self: InputStream, length: bigint) => skip(self, length, false),
  },
  '[method]input-stream.blocking-skip': {
    type: SKIP,
    call: (_: Scope, self: InputStream, length: bigint) => skip(self, length, true),
  },
  '[method]input-stream.subscribe': {
    type: '(borrow<input-stream>) -> own<pollable>',
    call: (_: Scope, self: InputStream) => self.subscribe(),
    lower: (c) => subscribe(c, 'input-stream'),
  },
  '[method]output-stream.check-write': {
    type: '(borrow<output-stream>) -> result<u64, stream-error>',
    call(_: Scope, self: OutputStream) {
      const permit = self.permit();
      return permit < 0 ? streamError(self, permit) : ok(BigInt(permit));
    },
    lower: checkWrite,
  },
  '[method]output-stream.write': {
    type: WRITE,
    call: (_: Scope, self: OutputStream, bytes: Uint8Array) => writeAll(self, bytes, false),
    lower: write,
  },
  '[method]output-stream.blocking-write-and-flush': {
    type: WRITE,
    call: (_: Scope, self: OutputStream, bytes: Uint8Array) => blockingWriteAll(self, bytes),
    lower: blockingWrite,
  },
  '[method]output-stream.flush': {
    type: FLUSH,
    call(_: Scope, self: OutputStream) {
      const result = self.flush(false);
      return result < 0 ? streamError(self, result) : ok();
    },
    lower: (c) => flush(c, false),
  },
  '[method]output-stream.blocking-flush': {
    type: FLUSH,
    call(_: Scope, self: OutputStream) {
      const result = self.flush(true);
      return result < 0 ? streamError(self, result) : ok();
    },
    lower: (c) => flush(c, true),
  },
  '[method]output-stream.subscribe': {
    type: '(borrow<output-stream>) -> own<pollable>',
    call: (_: Scope, self: OutputStream) => self.subscribe(),
    lower: (c) => subscribe(c, 'output-stream'),
  },
  '[method]output-stream.write-zeroes': {
    type: ZEROES,
    call: (_: Scope, self: OutputStream, length: bigint) =>
      writeAll(self, zeroes(length, Math.max(0, self.permit())), false),
  },
  '[method]output-stream.blocking-write-zeroes-and-flush': {
    type: ZEROES,
    call: (_: Scope, self: OutputStream, length: bigint) =>
      blockingWriteAll(self, zeroes(length, BLOCKING_MAX)),
  },
  '[method]output-stream.splice': {
    type: SPLICE,
    call: (_: Scope, self: OutputStream, from: InputStream, length: bigint) =>
      splice(self, from, length, false),
  },
  '[method]output-stream.blocking-splice': {
    type: SPLICE,
    call: (_: Scope, self: OutputStream, from: InputStream, length: bigint) =>
      splice(self, from, length, true),
  },
};

/** `network-error-code`: of an error of a stream of a socket. */
export const networkErrorCode = (scope: Scope, error: IoError): string | undefined =>
  error.errno < 0 ? codeOf(scope.system.failure(error.errno)) : undefined;
