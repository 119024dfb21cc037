/** Accepting many connections in one call of a driver. */
import { SockAddr } from '../address.js';
import { type Handle, Layout, OpenFlags } from '../driver.js';
import type { DriverContext } from '../driver/context.js';
import { Memory } from '../driver/memory.js';
import { checkInteger } from '../errors.js';
import { adopt, closeAfterError, type SocketClass, type SocketHandle } from './socket-handle.js';

/** The most connections of one call. */
const LIMIT_MAX = 1024;
/** Bytes of a `struct sock_address`. */
const ADDRESS_SIZE = Layout.value - Layout.address;

/** Where a driver puts the connections of a call. */
export class AcceptRoom {
  readonly handles: Int32Array;
  readonly peers: Memory;

  constructor(readonly count: number) {
    this.handles = new Int32Array(count);
    this.peers = new Memory(new ArrayBuffer(count * ADDRESS_SIZE));
  }
}

/** Checks the most connections of a call. */
export function checkLimit(limit: number): number {
  return checkInteger('limit', limit, 1, LIMIT_MAX);
}

/**
 * Accepts the connections that wait, at least one. Returns them, or the error of the first.
 * @param flags of `Driver.accept`, for the first connection; no other is waited for
 */
export function acceptBatch<S extends SocketHandle>(
  context: DriverContext,
  Class: SocketClass<S>,
  listener: Handle,
  flags: number,
  limit: number,
): [S, SockAddr][] | number {
  const { driver } = context;
  // Constructors of subclasses may accept too, so they run when everything is read.
  const accepted: [S | Handle, SockAddr][] = [];
  if (driver.acceptBatch === undefined) {
    while (accepted.length < limit) {
      const handle = driver.accept(
        listener,
        accepted.length === 0 ? flags : flags | OpenFlags.DONTWAIT,
      );
      if (handle < 0 && accepted.length === 0) return handle;
      if (handle < 0) break;
      accepted.push([handle, SockAddr.read(context.memory)]);
    }
  } else {
    if (context.acceptRoom === undefined || context.acceptRoom.count < limit) {
      context.acceptRoom = new AcceptRoom(limit);
    }
    const { handles, peers } = context.acceptRoom;
    const count = driver.acceptBatch(listener, flags, limit, handles, peers.u8);
    if (count < 0) return count;
    for (let i = 0; i < count; i++) {
      accepted.push([handles[i] as Handle, SockAddr.read(peers, i * ADDRESS_SIZE)]);
    }
  }
  return socketsOf(Class, accepted);
}

function socketsOf<S extends SocketHandle>(
  Class: SocketClass<S>,
  accepted: [S | Handle, SockAddr][],
): [S, SockAddr][] {
  let made = 0;
  try {
    for (const connection of accepted) {
      const handle = connection[0] as Handle;
      made++;
      connection[0] = adopt(Class, handle);
    }
    return accepted as [S, SockAddr][];
  } catch (error) {
    // `adopt` has closed the handle that failed.
    for (const [handle] of accepted.slice(made)) Class.driver.close(handle as Handle);
    for (const [connection] of accepted.slice(0, made - 1)) closeAfterError(connection as S);
    throw error;
  }
}
