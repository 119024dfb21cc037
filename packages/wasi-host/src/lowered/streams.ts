/**
 * The calls of wasi:io that programs make most often, by the canonical ABI: numbers and places in the component's memory.
 * They allocate no values and do what the calls of interfaces/io.ts do.
 */
import type { CoreFunction } from '../component/call.js';
import type { LowerContext } from '../component/instantiate.js';
import { type Pollable, pollMany } from '../sockets/pollable.js';
import { IoError, trap } from '../sockets/resource.js';
import type { Scope } from '../sockets/scope.js';
import { CLOSED, type InputStream, type OutputStream } from '../sockets/stream.js';
import { LONGEST_READ } from '../sockets/tcp.js';
import { narrow } from './narrow.js';

/** What is read before memory of the component is asked for: it could not be given back. */
const scratch = new Uint8Array(65536);
const scratch32 = new Int32Array(scratch.buffer);
/** Above it a read goes right to where it is wanted, when the last one was as large. */
const SMALL = 4096;
/** Up to here a loop is faster than a copy between buffers. */
const LOOP_MAX = 256;

let lastRoom = scratch;

/** The same view while the same length is asked for: a driver may know it then. */
export function roomOf(length: number): Uint8Array {
  if (lastRoom.length !== length) lastRoom = scratch.subarray(0, length);
  return lastRoom;
}

/** A list of the component's with the first bytes of {@link roomOf}. */
export function listOf({ memory, realloc }: LowerContext, length: number): number {
  if (length === 0) return 1;
  const pointer = realloc(0, 0, 1, length);
  const { u8, i32 } = memory;
  if (length <= LOOP_MAX && (pointer & 3) === 0) {
    const words = length >> 2;
    const base = pointer >> 2;
    for (let at = 0; at < words; at++) i32[base + at] = scratch32[at] as number;
    for (let at = words << 2; at < length; at++) u8[pointer + at] = scratch[at] as number;
  } else u8.set(length === scratch.length ? scratch : scratch.subarray(0, length), pointer);
  return pointer;
}

/** Where a result of a stream goes: its error has the same place for every one of a size. */
type Fail = (
  stream: InputStream | OutputStream,
  result: number,
  ret: number,
  at: number,
) => undefined;

function failWith(c: LowerContext): Fail {
  const { memory } = c;
  const own = c.owner('error');
  return (stream, result, ret, at) => {
    const { u8, i32 } = memory;
    u8[ret] = 1;
    if (result === CLOSED) u8[ret + at] = 1;
    else {
      u8[ret + at] = 0;
      i32[(ret + at + 4) >> 2] = own(
        new IoError(stream.scope, stream.errno, stream.text, stream.foreign),
      );
    }
    return undefined;
  };
}

/** Whether a read would bring something, which `wait` waits for. */
function isThere(stream: InputStream, wait: boolean): boolean {
  const pollable = stream.subscribe();
  try {
    if (wait) pollable.block();
    return wait || pollable.isReady();
  } finally {
    pollable.drop();
  }
}

/** input-stream.read and blocking-read. */
export function read(c: LowerContext, wait: boolean): CoreFunction {
  const { memory, realloc } = c;
  const find = c.finder('input-stream') as (handle: number) => InputStream;
  const fail = failWith(c);
  return narrow((self, length, pointer) => {
    memory.refresh();
    const ret = memory.at(pointer, 12, 4);
    const stream = find(self);
    const most = length > LONGEST_READ ? LONGEST_READ : length;
    let got: number;
    let list: number;
    if (stream.large && most > SMALL) {
      // Memory of the component can be made smaller, but not given back: it is asked for when there is something.
      if (!isThere(stream, wait)) {
        got = 0;
        list = 1;
      } else {
        list = realloc(0, 0, 1, most);
        got = stream.read(memory.into(list, most), false);
        if (got < most) list = realloc(list, most, 1, got > 0 ? got : 1);
      }
    } else {
      got = stream.read(roomOf(Math.min(most, scratch.length)), wait);
      list = got > 0 ? listOf(c, got) : 1;
    }
    if (got < 0) return fail(stream, got, ret, 4);
    if (got > 0) stream.large = got > SMALL;
    const { i32 } = memory;
    memory.u8[ret] = 0;
    i32[(ret + 4) >> 2] = got > 0 ? list : 1;
    i32[(ret + 8) >> 2] = got;
    return undefined;
  });
}

function writing(c: LowerContext, wait: boolean): CoreFunction {
  const { memory } = c;
  const find = c.finder('output-stream') as (handle: number) => OutputStream;
  const fail = failWith(c);
  return (self, pointer, length, result) => {
    memory.refresh();
    const ret = memory.at(result as number, 12, 4);
    const size = (length as number) >>> 0;
    const start = memory.at(pointer as number, size, 1);
    const stream = find(self as number);
    const failed = stream.write(memory.from(start, size)) || (wait ? stream.flush(true) : 0);
    if (failed < 0) return fail(stream, failed, ret, 4);
    memory.u8[ret] = 0;
    return undefined;
  };
}

export const write = (c: LowerContext): CoreFunction => writing(c, false);
export const blockingWrite = (c: LowerContext): CoreFunction => writing(c, true);

export function checkWrite(c: LowerContext): CoreFunction {
  const { memory } = c;
  const find = c.finder('output-stream') as (handle: number) => OutputStream;
  const fail = failWith(c);
  return (self, pointer) => {
    memory.refresh();
    const ret = memory.at(pointer as number, 16, 8);
    const stream = find(self as number);
    const permit = stream.permit();
    if (permit < 0) return fail(stream, permit, ret, 8);
    memory.u8[ret] = 0;
    memory.i32[(ret + 8) >> 2] = permit;
    memory.i32[(ret + 12) >> 2] = 0;
    return undefined;
  };
}

export function flush(c: LowerContext, wait: boolean): CoreFunction {
  const { memory } = c;
  const find = c.finder('output-stream') as (handle: number) => OutputStream;
  const fail = failWith(c);
  return (self, pointer) => {
    memory.refresh();
    const ret = memory.at(pointer as number, 12, 4);
    const stream = find(self as number);
    const failed = stream.flush(wait);
    if (failed < 0) return fail(stream, failed, ret, 4);
    memory.u8[ret] = 0;
    return undefined;
  };
}

/** `subscribe` of any resource. */
export function subscribe(c: LowerContext, resource: string): CoreFunction {
  const find = c.finder(resource) as (handle: number) => { subscribe(): Pollable };
  const own = c.owner('pollable');
  return (self) => own(find(self as number).subscribe());
}

/** wasi:io/poll's poll. */
export function poll(c: LowerContext, scope: Scope): CoreFunction {
  const { memory, realloc } = c;
  const find = c.finder('pollable') as (handle: number) => Pollable;
  const list: Pollable[] = [];
  let ready = new Uint32Array(16);
  return (pointer, length, result) => {
    memory.refresh();
    const ret = memory.at(result as number, 8, 4);
    const count = (length as number) >>> 0;
    if (count === 0) trap('poll: an empty list');
    const start = memory.at(pointer as number, 4 * count, 4) >> 2;
    if (ready.length < count) ready = new Uint32Array(2 * count);
    for (let at = 0; at < count; at++) list[at] = find(memory.i32[start + at] as number);
    const found = pollMany(scope, list, count, ready);
    list.length = 0;
    const out = realloc(0, 0, 4, 4 * found);
    const { i32 } = memory;
    for (let at = 0; at < found; at++) i32[(out >> 2) + at] = ready[at] as number;
    i32[ret >> 2] = out;
    i32[(ret + 4) >> 2] = found;
    return undefined;
  };
}
