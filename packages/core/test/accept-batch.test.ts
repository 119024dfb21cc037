/** acceptBatch over drivers with and without a call of their own for it. */
import { expect, test } from 'vitest';
import { Domain, Layout, type Socket, Type } from '../src/index.js';
import { errors, ScriptedDriver, socketsOver } from './scripted-driver.js';

/** A driver with a queue of connections, whose peers have the ports of their handles. */
class Queue extends ScriptedDriver {
  waiting = 0;
  readonly flags: number[] = [];

  override accept(handle: number, flags: number): number {
    this.flags.push(flags);
    if (this.waiting === 0) return -errors.EAGAIN;
    this.waiting--;
    const accepted = super.accept(handle, flags);
    this.#peer(new Uint8Array(this.memory), accepted);
    return accepted;
  }

  #peer(memory: Uint8Array, handle: number): void {
    const view = new DataView(memory.buffer, memory.byteOffset);
    const little = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
    view.setUint16(Layout.addressFamily, 1, little);
    view.setUint16(Layout.addressPort, handle, little);
  }

  fill(limit: number, handle: number, handles: Int32Array, peers: Uint8Array): number {
    let done = 0;
    for (; done < limit && this.waiting > 0; done++) {
      handles[done] = this.accept(handle, 0);
      this.#peer(peers.subarray(128 * done), handles[done] as number);
    }
    return done === 0 ? -errors.EAGAIN : done;
  }
}

class OwnCall extends Queue {
  readonly limits: number[] = [];

  acceptBatch(
    handle: number,
    flags: number,
    limit: number,
    handles: Int32Array,
    peers: Uint8Array,
  ) {
    this.limits.push(limit);
    return this.fill(limit, handle, handles, peers);
  }
}

function listener<D extends Queue>(driver: D): Socket {
  return new (socketsOver(driver))(Domain.IPV4, Type.STREAM);
}

test.each([
  ['without', Queue],
  ['with', OwnCall],
])('a driver %s a call of its own accepts what waits, up to the limit', (_, Driver) => {
  const driver = new Driver();
  const socket = listener(driver);
  expect(socket.tryAcceptBatch()).toBeUndefined();
  expect(() => socket.acceptBatch()).toThrow('accept EAGAIN');
  driver.waiting = 100;
  const ports = (batch: [Socket, { port: number }][]) =>
    batch.map(([connection, peer]) => {
      expect(connection).toBeInstanceOf(socket.constructor);
      expect(peer.port).toBe(connection.asRawFd());
      return peer.port;
    });
  const first = ports(socket.acceptBatch(2));
  expect(first.length).toBe(2);
  expect(ports(socket.acceptBatch()).length).toBe(64);
  expect(ports(socket.tryAcceptBatch(1024) ?? []).length).toBe(34);
  expect(socket.tryAcceptBatch()).toBeUndefined();
});

test('without a call of its own, only the first connection may be waited for', () => {
  const driver = new Queue();
  const socket = listener(driver);
  driver.waiting = 2;
  expect(socket.acceptBatch(3).length).toBe(2);
  expect(driver.flags).toEqual([0, 2, 2]);
});

test.each([
  ['without', Queue],
  ['with', OwnCall],
])('a constructor that throws leaves no connection open, %s a call of its own', (_, Driver) => {
  const driver = new Driver();
  let room = 3;
  class Picky extends socketsOver(driver) {
    constructor(...values: [Domain, Type]) {
      super(...values);
      if (--room < 0) throw new Error('no more');
    }

    override close(): void {
      throw new Error('in vain');
    }
  }
  const socket = new Picky(Domain.IPV4, Type.STREAM);
  driver.waiting = 5;
  expect(() => socket.acceptBatch()).toThrow('no more');
  expect(driver.handles.size).toBe(1);
  expect(driver.waiting).toBe(0);
  // One of those that a call of accept makes.
  driver.waiting = 1;
  expect(() => socket.accept()).toThrow('no more');
  expect(driver.handles.size).toBe(1);
});

test('a constructor that accepts too does not mix up the connections', () => {
  const driver = new OwnCall();
  const inner: number[] = [];
  let depth = 0;
  class Nested extends socketsOver(driver) {
    constructor(...values: [Domain, Type]) {
      super(...values);
      if (depth++ !== 1) return;
      driver.waiting = 2;
      for (const [, peer] of outer.acceptBatch()) inner.push(peer.port);
    }
  }
  const outer: Nested = new Nested(Domain.IPV4, Type.STREAM);
  driver.waiting = 3;
  const batch = outer.acceptBatch();
  for (const [connection, peer] of batch) expect(peer.port).toBe(connection.asRawFd());
  expect(batch.length).toBe(3);
  expect(new Set([...inner, ...batch.map(([, peer]) => peer.port)]).size).toBe(5);
});
