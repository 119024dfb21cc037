/** Socket addresses by the canonical ABI, and the calls that take them, return them or make sockets: see streams.ts. */
import { Address } from '../address.js';
import type { CoreFunction } from '../component/call.js';
import type { LowerContext } from '../component/instantiate.js';
import type { GuestMemory } from '../component/memory.js';
import { codeIndex } from '../failure.js';
import { type Network, trap } from '../sockets/resource.js';

/** ip-socket-address: a tag; at 4 the port; at 6 four bytes, or at 8 the flow, at 12 eight words, at 28 the scope. */
export function writeAddress(
  { u8, u16, i32 }: GuestMemory,
  at: number,
  { family, port, bytes, flowinfo, scopeId }: Address,
): void {
  u16[(at + 4) >> 1] = port;
  u8[at] = family === 4 ? 0 : 1;
  if (family === 4) {
    for (let i = 0; i < 4; i++) u8[at + 6 + i] = bytes[i] as number;
    return;
  }
  i32[(at + 8) >> 2] = flowinfo;
  for (let i = 0; i < 8; i++) {
    u16[(at + 12 + 2 * i) >> 1] = ((bytes[2 * i] as number) << 8) | (bytes[2 * i + 1] as number);
  }
  i32[(at + 28) >> 2] = scopeId;
}

/** An IPv6 address of its numbers. */
function addressOfWords(
  port: number,
  wordAt: (index: number) => number,
  flowinfo: number,
  scopeId: number,
): Address {
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 8; i++) {
    const word = wordAt(i);
    bytes[2 * i] = word >> 8;
    bytes[2 * i + 1] = word;
  }
  return new Address(6, port, bytes, flowinfo >>> 0, scopeId >>> 0);
}

export function readAddress({ u8, u16, i32 }: GuestMemory, at: number): Address {
  const port = u16[(at + 4) >> 1] as number;
  const tag = u8[at] as number;
  if (tag === 0) return new Address(4, port, u8.slice(at + 6, at + 10));
  if (tag !== 1) trap(`no case ${tag}`);
  return addressOfWords(
    port,
    (index) => u16[(at + 12 + 2 * index) >> 1] as number,
    i32[(at + 8) >> 2] as number,
    i32[(at + 28) >> 2] as number,
  );
}

/** The numbers of a flat ip-socket-address: a tag; the port and four bytes, or the port, the flow, eight words, the scope. */
const FLAT = 12;

function flatAddress(values: readonly number[], at: number): Address {
  const value = (index: number): number => values[at + index] as number;
  const port = value(1) & 65535;
  if (value(0) === 0) {
    return new Address(4, port, Uint8Array.of(value(2), value(3), value(4), value(5)));
  }
  if (value(0) !== 1) trap(`no case ${value(0)}`);
  return addressOfWords(port, (index) => value(3 + index) & 65535, value(2), value(11));
}

/** `(borrow<RESOURCE>, borrow<network>, ip-socket-address) -> result<_, error-code>` */
export function lowerWithAddress(
  c: LowerContext,
  resource: string,
  call: (self: never, network: Network, address: Address) => number,
): CoreFunction {
  const { memory } = c;
  const find = c.finder(resource) as (handle: number) => never;
  const network = c.finder('network') as (handle: number) => Network;
  return (...values) => {
    const numbers = values as number[];
    memory.refresh();
    const ret = memory.at(numbers[2 + FLAT] as number, 2, 1);
    const self = find(numbers[0] as number);
    const failed = call(self, network(numbers[1] as number), flatAddress(numbers, 2));
    memory.u8[ret] = failed < 0 ? 1 : 0;
    if (failed < 0) memory.u8[ret + 1] = codeIndex(failed);
    return undefined;
  };
}

/** `(borrow<RESOURCE>) -> result<_, error-code>` */
export function lowerUnit(
  c: LowerContext,
  resource: string,
  call: (self: never) => number,
): CoreFunction {
  const { memory } = c;
  const find = c.finder(resource) as (handle: number) => never;
  return (self, pointer) => {
    memory.refresh();
    const ret = memory.at(pointer as number, 2, 1);
    const failed = call(find(self as number));
    memory.u8[ret] = failed < 0 ? 1 : 0;
    if (failed < 0) memory.u8[ret + 1] = codeIndex(failed);
    return undefined;
  };
}

/** `(borrow<RESOURCE>) -> result<ip-socket-address, error-code>` */
export function lowerAddressResult(
  c: LowerContext,
  resource: string,
  call: (self: never) => Address | number,
): CoreFunction {
  const { memory } = c;
  const find = c.finder(resource) as (handle: number) => never;
  return (self, pointer) => {
    memory.refresh();
    const ret = memory.at(pointer as number, 36, 4);
    const result = call(find(self as number));
    if (typeof result === 'number') {
      memory.u8[ret] = 1;
      memory.u8[ret + 4] = codeIndex(result);
    } else {
      memory.u8[ret] = 0;
      writeAddress(memory, ret + 4, result);
    }
    return undefined;
  };
}

/** Stores `result<tuple<own<...>, ...>, error-code>`. */
type StoreMade = (ret: number, made: readonly unknown[] | number) => undefined;

function storeMade(c: LowerContext, resources: readonly string[]): StoreMade {
  const { memory } = c;
  const owners = resources.map((resource) => c.owner(resource));
  return (ret, made) => {
    if (typeof made === 'number') {
      memory.u8[ret] = 1;
      memory.u8[ret + 4] = codeIndex(made);
      return undefined;
    }
    memory.u8[ret] = 0;
    for (const [index, own] of owners.entries()) {
      memory.i32[((ret + 4) >> 2) + index] = own(made[index]);
    }
    return undefined;
  };
}

/** `(borrow<RESOURCE>) -> result<tuple<own<...>, ...>, error-code>` */
export function lowerMaking(
  c: LowerContext,
  resource: string,
  made: readonly string[],
  call: (self: never) => readonly unknown[] | number,
): CoreFunction {
  const { memory } = c;
  const find = c.finder(resource) as (handle: number) => never;
  const store = storeMade(c, made);
  return (self, pointer) => {
    memory.refresh();
    const ret = memory.at(pointer as number, 4 + 4 * made.length, 4);
    return store(ret, call(find(self as number)));
  };
}

/** The same of a call that also takes `option<ip-socket-address>`. */
export function lowerMakingTo(
  c: LowerContext,
  resource: string,
  made: readonly string[],
  call: (self: never, address: Address | undefined) => readonly unknown[] | number,
): CoreFunction {
  const { memory } = c;
  const find = c.finder(resource) as (handle: number) => never;
  const store = storeMade(c, made);
  return (...values) => {
    const numbers = values as number[];
    memory.refresh();
    const ret = memory.at(numbers[2 + FLAT] as number, 4 + 4 * made.length, 4);
    const self = find(numbers[0] as number);
    const isSome = numbers[1] as number;
    if (isSome !== 0 && isSome !== 1) trap(`no case ${isSome}`);
    return store(ret, call(self, isSome === 1 ? flatAddress(numbers, 2) : undefined));
  };
}
