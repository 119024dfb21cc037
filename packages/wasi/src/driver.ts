/**
 * The driver over `sock:socket/socket`. The exports of the component may be transpiled for Node or imported by a
 * component.
 */
import {
  type BatchArrays,
  type Driver,
  EUNSUPPORTED,
  type Handle,
  Layout,
  OpenFlags,
  type PollerDriver,
} from '@sock/core';
import { constants, errors } from '../component/numbers.js';
import type * as SocketInterface from '../component/interfaces/sock-socket-socket.js';
import { readAddress, writeAddress } from './address.js';
import { fits, recvBatch, sendBatch } from './batch.js';
import { Loop } from './loop.js';
import { Lookups } from './lookups.js';

/** The exports of `sock:socket/socket@0.1.0`. */
export type Bindings = typeof SocketInterface;
type SocketResource = SocketInterface.Socket;

/** The name of the destructor in generated bindings, also where the engine has no `Symbol.dispose`. */
const DISPOSE: symbol = Symbol.dispose ?? Symbol.for('dispose');
const HALVES = ['read', 'write', 'both'] as const;

/** An error result of the interface is thrown as an exception whose payload is the error number. */
function errnoOf(error: unknown): number {
  const { payload } = (error ?? {}) as { payload?: unknown };
  if (typeof payload !== 'number') throw error;
  return -payload;
}

function resultOf(call: () => number | void): number {
  try {
    return call() ?? 0;
  } catch (error) {
    return errnoOf(error);
  }
}

/** The most bytes of one transfer: more than any datagram has, and a small part of the component's memory. */
const TRANSFER_MAX = 1 << 24;

const joined = (buffers: readonly Uint8Array[]): Uint8Array => {
  const length = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
  const bytes = new Uint8Array(Math.min(length, TRANSFER_MAX));
  let at = 0;
  for (const buffer of buffers) {
    const piece = buffer.subarray(0, bytes.length - at);
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
};

/** Waits on the sockets of an instance. */
export interface Waits {
  watch(handle: Handle, interest: number, ready: (readiness: number) => void): number | void;
  /** Ends every wait on a handle. */
  forget(handle: Handle): void;
  /** Keeps closed sockets going until they have sent everything. */
  linger(): void;
  pollers(EBADF: number, EEXIST: number, ENOENT: number): PollerDriver;
  /** Notes a receive that left something in the component. */
  peeked?(handle: Handle): void;
}

/** What {@link Extension} works with. */
export interface DriverParts {
  readonly sockets: ReadonlyMap<Handle, SocketResource>;
  /** Gives a socket a handle. */
  insert(socket: SocketResource): Handle;
  /** Takes the handle's socket away before it is closed, and ends every wait on it. */
  remove(handle: Handle): SocketResource | undefined;
  readonly memory: ArrayBuffer;
}

/** Replaces waits and calls of the driver, if the host of the component allows it. */
export interface Extension {
  waits(parts: DriverParts, EBADF: number): Waits;
  calls(parts: DriverParts, driver: Driver): Partial<Driver>;
  /** Gets what is to be called when the host has the answer of a look-up. */
  readonly toldByHost: (look: () => void) => void;
}

/** Makes the driver of a component instance. */
export function makeDriver(bindings: Bindings, extension?: Extension): Driver {
  const EBADF = -(errors['EBADF'] as number);
  const EEXIST = -(errors['EEXIST'] as number);
  const EINVAL = -(errors['EINVAL'] as number);
  const DONTWAIT = constants['MSG_DONTWAIT'] as number;
  const memory = new ArrayBuffer(Layout.size);
  const u8 = new Uint8Array(memory);
  const view = new DataView(memory);
  const sockets = new Map<Handle, SocketResource>();
  /** Sockets that were released as numbers, until somebody adopts them. */
  const released = new Map<Handle, SocketResource>();
  let last = 0;

  const insert = (socket: SocketResource): Handle => {
    last += 1;
    sockets.set(last, socket);
    return last;
  };
  const remove = (handle: Handle): SocketResource | undefined => {
    const socket = sockets.get(handle);
    if (socket === undefined) return undefined;
    loop.forget(handle);
    sockets.delete(handle);
    return socket;
  };
  /** Makes a call on the socket of a handle. Returns the negative error number if it throws. */
  const on = (handle: Handle, call: (socket: SocketResource) => number | void): number => {
    const socket = sockets.get(handle);
    return socket === undefined ? EBADF : resultOf(() => call(socket));
  };
  const unsupported = (): number => -EUNSUPPORTED;

  /** A length has 32 bits in the component, and each call copies. So only a part of a long buffer is used. */
  const part = (buffer: Uint8Array): Uint8Array =>
    buffer.length > TRANSFER_MAX ? buffer.subarray(0, TRANSFER_MAX) : buffer;

  const receive = (handle: Handle, buffers: readonly Uint8Array[], flags: number): number =>
    on(handle, (socket) => {
      const room = Math.min(
        TRANSFER_MAX,
        buffers.reduce((sum, { length }) => sum + length, 0),
      );
      if (flags & PEEK) loop.peeked?.(handle);
      const message = socket.recvMessage(room, flags);
      let at = 0;
      for (const buffer of buffers) {
        const piece = message.data.subarray(at, at + buffer.length);
        buffer.set(piece);
        at += piece.length;
      }
      view.setInt32(Layout.flags, message.flags, true);
      writeAddress(view, message.from);
      return message.data.length;
    });

  /** Returns the number of sent datagrams, or the error of the first. */
  const inBatch = (
    handle: Handle,
    batch: BatchArrays,
    count: number,
    call: (socket: SocketResource) => ReturnType<typeof sendBatch>,
  ): number =>
    on(handle, (socket) => {
      if (!fits(batch, count)) return EINVAL;
      const { done, error } = call(socket);
      return done === 0 && error !== undefined ? errnoOf(error) : done;
    });

  /** Sockets that were closed or shut down may still be sending. The loop keeps them going. */
  const settle = (): void => {
    if (bindings.closing() > 0) loop.linger();
  };

  const byPolling = (): Waits =>
    new Loop(
      () => bindings.closing(),
      (entries, milliseconds) => {
        const known = entries.filter(({ handle }) => sockets.has(handle));
        const ready = bindings.poll(
          known.map(({ handle, interest }) => ({
            socket: sockets.get(handle) as SocketResource,
            interest: { readable: (interest & 1) !== 0, writable: (interest & 2) !== 0 },
          })),
          milliseconds < 0 ? undefined : milliseconds,
        );
        return known.map((entry, index) => {
          const { readable, writable, error, hangup } = ready[index] ?? {};
          return {
            ...entry,
            ready: (readable ? 1 : 0) | (writable ? 2 : 0) | (error ? 4 : 0) | (hangup ? 8 : 0),
          };
        });
      },
    );

  const parts: DriverParts = { sockets, insert, remove, memory };
  const loop = extension?.waits(parts, EBADF) ?? byPolling();
  const lookups = new Lookups(bindings.Lookup, extension !== undefined);
  extension?.toldByHost(() => lookups.look());
  const pollers = loop.pollers(EBADF, EEXIST, -(errors['ENOENT'] as number));

  const PEEK = constants['MSG_PEEK'] as number;
  const driver: Driver = {
    name: 'wasi',
    system: 'wasi',
    constants,
    errors,
    memory,
    poller: {
      ...pollers,
      wait: (...parameters) => resultOf(() => pollers.wait(...parameters)),
    },

    open: (domain, type, protocol) =>
      resultOf(() => insert(bindings.Socket.open(domain, type, protocol))),
    pair: unsupported,
    close: (handle) => {
      const socket = remove(handle);
      if (socket === undefined) return EBADF;
      // Closes before disposing, because jco never frees what a destructor drops.
      socket.close();
      (socket as unknown as Record<symbol, () => void>)[DISPOSE]?.();
      settle();
      return 0;
    },
    adopt: (handle) => {
      if (sockets.has(handle)) return EEXIST;
      const socket = released.get(handle);
      if (socket === undefined) return EBADF;
      released.delete(handle);
      sockets.set(handle, socket);
      return 0;
    },
    release: (handle) => {
      const socket = remove(handle);
      if (socket === undefined) return EBADF;
      released.set(handle, socket);
      return 0;
    },
    setCloexec: unsupported,

    bind: (handle) => on(handle, (socket) => socket.bind(readAddress(view))),
    connect: (handle) => on(handle, (socket) => socket.connect(readAddress(view))),
    tryConnect: (handle) => on(handle, (socket) => socket.tryConnect(readAddress(view))),
    connectTimeout: (handle, milliseconds) =>
      on(handle, (socket) => socket.connectTimeout(readAddress(view), milliseconds)),
    listen: (handle, backlog) => on(handle, (socket) => socket.listen(backlog)),
    accept: (handle, flags) =>
      on(handle, (socket) => {
        const [connection, peer] = socket.accept((flags & OpenFlags.DONTWAIT) !== 0);
        writeAddress(view, peer);
        return insert(connection);
      }),
    localAddress: (handle) => on(handle, (socket) => writeAddress(view, socket.localAddress())),
    peerAddress: (handle) => on(handle, (socket) => writeAddress(view, socket.peerAddress())),
    duplicate: (handle) => on(handle, (socket) => insert(socket.duplicate())),
    nonblocking: (handle) => on(handle, (socket) => (socket.nonblocking() ? 1 : 0)),
    setNonblocking: (handle, nonblocking) =>
      on(handle, (socket) => socket.setNonblocking(nonblocking)),
    shutdown: (handle, how) =>
      on(handle, (socket) => {
        socket.shutdown(HALVES[how] ?? 'both');
        settle();
      }),

    recv: (handle, buffer, flags) =>
      on(handle, (socket) => {
        if (flags & PEEK) loop.peeked?.(handle);
        const data = socket.recv(part(buffer).length, flags);
        buffer.set(data);
        return data.length;
      }),
    recvFrom: (handle, buffer, flags) => receive(handle, [buffer], flags),
    recvVectored: receive,
    send: (handle, buffer, flags) => on(handle, (socket) => socket.send(part(buffer), flags)),
    sendTo: (handle, buffer, flags) =>
      on(handle, (socket) => socket.sendTo(part(buffer), flags, readAddress(view))),
    sendVectored: (handle, buffers, flags, to) =>
      on(handle, (socket) =>
        to
          ? socket.sendTo(joined(buffers), flags, readAddress(view))
          : socket.send(joined(buffers), flags),
      ),

    recvBatch: (handle, batch, count, flags) =>
      inBatch(handle, batch, count, (socket) => recvBatch(socket, batch, count, flags, DONTWAIT)),
    sendBatch: (handle, batch, count, flags) =>
      inBatch(handle, batch, count, (socket) => sendBatch(socket, batch, count, flags)),

    getOption: (handle, option) =>
      on(handle, (socket) => {
        const { number, bytes } = socket.getOption(option);
        view.setFloat64(Layout.valueNumber, number, true);
        view.setUint32(Layout.valueLength, bytes.length, true);
        u8.set(bytes, Layout.valueBytes);
      }),
    setOption: (handle, option) =>
      on(handle, (socket) => {
        const length = view.getUint32(Layout.valueLength, true);
        socket.setOption(option, {
          number: view.getFloat64(Layout.valueNumber, true),
          bytes: u8.slice(Layout.valueBytes, Layout.valueBytes + length),
        });
      }),
    getOptionRaw: (handle) => (sockets.has(handle) ? unsupported() : EBADF),
    setOptionRaw: (handle) => (sockets.has(handle) ? unsupported() : EBADF),

    watch: (handle, interest, ready) => {
      if (!sockets.has(handle)) return EBADF;
      return loop.watch(handle, interest, ready) ?? 0;
    },

    lookup: lookups.find,
  };
  return extension === undefined ? driver : { ...driver, ...extension.calls(parts, driver) };
}
