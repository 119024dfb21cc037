/** Receiving and sending datagrams by the canonical ABI: see streams.ts. */
import { Layout } from '@sock/core';
import type { CoreFunction } from '../component/call.js';
import type { LowerContext } from '../component/instantiate.js';
import type { GuestMemory } from '../component/memory.js';
import { codeIndex, Failure } from '../failure.js';
import { trap } from '../sockets/resource.js';
import type { Scope } from '../sockets/scope.js';
import type { IncomingDatagrams, OutgoingDatagrams } from '../sockets/udp.js';
import { readAddress, writeAddress } from './addresses.js';
import { narrow } from './narrow.js';
import { listOf, roomOf } from './streams.js';

/** No datagram is longer. */
const LONGEST = 65536;
/** What one call receives at most. */
const MOST = 64;
/** `incoming-datagram`: the list, and at 8 the address. */
const INCOMING = 40;
/** `outgoing-datagram`: the list, at 8 whether there is an address, which is at 12. */
const OUTGOING = 44;

function fail({ u8 }: GuestMemory, ret: number, at: number, failure: number): undefined {
  u8[ret] = 1;
  u8[ret + at] = codeIndex(failure);
  return undefined;
}

/** ip-socket-address: a tag; at 4 the port; at 6 four bytes, or at 8 the flow, at 12 eight words, at 28 the scope. */
function writeSender({ u8, u16, i32 }: GuestMemory, at: number, { system }: Scope): void {
  const { view, bytes } = system;
  u16[(at + 4) >> 1] = view.getUint16(Layout.addressPort, true);
  const from = Layout.addressData;
  if (view.getUint16(Layout.addressFamily, true) === 1) {
    u8[at] = 0;
    for (let i = 0; i < 4; i++) u8[at + 6 + i] = bytes[from + i] as number;
    return;
  }
  u8[at] = 1;
  i32[(at + 8) >> 2] = view.getUint32(Layout.addressFlowinfo, true);
  for (let i = 0; i < 8; i++) u16[(at + 12 + 2 * i) >> 1] = view.getUint16(from + 2 * i);
  i32[(at + 28) >> 2] = view.getUint32(Layout.addressScopeId, true);
}

/** incoming-datagram-stream.receive: what there is, up to so many. */
export function receive(c: LowerContext, scope: Scope): CoreFunction {
  const { memory, realloc } = c;
  const { system } = scope;
  const find = c.finder('incoming-datagram-stream') as (handle: number) => IncomingDatagrams;
  return narrow((self, max, pointer) => {
    memory.refresh();
    const ret = memory.at(pointer, 12, 4);
    const stream = find(self);
    if (stream.failed !== 0) {
      const { failed } = stream;
      stream.failed = 0;
      return fail(memory, ret, 4, system.failure(failed));
    }
    const most = max > MOST ? MOST : max;
    let count = 0;
    let list = 4;
    let room = 0;
    while (count < most) {
      const got = stream.receive(roomOf(LONGEST));
      if (got < 0) {
        if (got === system.EAGAIN) break;
        if (count === 0) return fail(memory, ret, 4, system.failure(got));
        stream.failed = got;
        break;
      }
      // Asked for as it fills: the most would be memory for nothing.
      if (count === room) {
        const larger = Math.min(most, room === 0 ? 1 : 4 * room);
        list = realloc(room === 0 ? 0 : list, room * INCOMING, 4, larger * INCOMING);
        room = larger;
      }
      const data = listOf(c, got);
      const at = list + INCOMING * count;
      const { i32 } = memory;
      i32[at >> 2] = data;
      i32[(at + 4) >> 2] = got;
      const { sender } = stream;
      if (sender === undefined) writeSender(memory, at + 8, scope);
      else writeAddress(memory, at + 8, sender);
      count += 1;
    }
    const { u8, i32 } = memory;
    u8[ret] = 0;
    i32[(ret + 4) >> 2] = list;
    i32[(ret + 8) >> 2] = count;
    return undefined;
  });
}

/** Aims at the receiver of the datagram at `at`. 0, or a failure. */
function aim(memory: GuestMemory, stream: OutgoingDatagrams, at: number): number {
  const { u8, u16, i32 } = memory;
  const hasAddress = u8[at + 8] as number;
  if (hasAddress === 0) return stream.remote === undefined ? Failure.INVALID_ARGUMENT : 0;
  if (hasAddress !== 1) trap(`no case ${hasAddress}`);
  const address = at + 12;
  if (u8[address] === 0 && stream.remote === undefined) {
    const low = i32[(address + 4) >> 2] as number;
    const ip = (low >>> 16) | ((u16[(address + 8) >> 1] as number) << 16);
    if (stream.aimAgain(ip, low & 65535)) return 0;
  }
  return stream.aim(readAddress(memory, address));
}

/** outgoing-datagram-stream.send: as many as go without waiting. */
export function send(c: LowerContext, scope: Scope): CoreFunction {
  const { memory, sendsUnasked } = c;
  const { system } = scope;
  const find = c.finder('outgoing-datagram-stream') as (handle: number) => OutgoingDatagrams;
  return (self, pointer, length, result) => {
    memory.refresh();
    const ret = memory.at(result as number, 16, 8);
    const total = (length as number) >>> 0;
    const start = memory.at(pointer as number, OUTGOING * total, 4);
    const stream = find(self as number);
    if (sendsUnasked !== true) stream.use(total);
    let count = 0;
    while (count < total) {
      const at = start + OUTGOING * count;
      const size = (memory.i32[(at + 4) >> 2] as number) >>> 0;
      const data = memory.at(memory.i32[at >> 2] as number, size, 1);
      let failure = aim(memory, stream, at);
      if (failure === 0) {
        const sent = stream.send(memory.from(data, size));
        if (sent === system.EAGAIN) break;
        if (sent < 0) failure = system.failure(sent);
      }
      if (failure < 0) {
        if (count === 0) return fail(memory, ret, 8, failure);
        break;
      }
      count += 1;
    }
    memory.u8[ret] = 0;
    memory.i32[(ret + 8) >> 2] = count;
    memory.i32[(ret + 12) >> 2] = 0;
    return undefined;
  };
}
