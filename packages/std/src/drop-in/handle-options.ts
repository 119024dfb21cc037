/** Has the sockets that node opens by itself be ours, with their options set before anything else. */
import net from 'node:net';
import { constants } from 'node:os';
import { Domain, type SockError, type Socket, Type } from '@sock/core';
import { nativeSocket } from '../convert/from.js';
import { elsewhere, type UvHandle } from '../node-internals.js';
import { applySockOptions, type SockOptions } from './sock-options.js';

type Family = 'ipv4' | 'ipv6' | 'unix';

const domainOf = { ipv4: Domain.IPV4, ipv6: Domain.IPV6, unix: Domain.UNIX } as const;

/** A new socket, whose first calls are those of `prepare`, then its options. */
export function socketWith(
  family: Family,
  type: Type,
  options: SockOptions,
  prepare?: (socket: Socket) => void,
): Socket {
  const SocketOf = nativeSocket() as unknown as new (domain: Domain, type: Type) => Socket;
  const socket = new SocketOf(domainOf[family], type);
  try {
    prepare?.(socket);
    applySockOptions(socket, options);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** Sets options on a socket that is somebody else's. */
export function applyToFd(fd: number, options: SockOptions): void {
  const view = nativeSocket().borrowRawFd(fd);
  try {
    applySockOptions(view, options);
  } finally {
    view.close();
  }
}

/** What a handle opens its descriptor for, and of which family that is then. */
export type Openers = Readonly<Partial<Record<'bind' | 'bind6' | 'connect' | 'connect6', Family>>>;

/**
 * Node's handles open a descriptor when they bind or connect: just before that this one gets ours.
 * @param failed is told why an option could not be set; node is told the number of the error
 * @returns whether it did so
 */
export function openBefore(
  handle: UvHandle,
  openers: Openers,
  type: Type,
  options: SockOptions,
  failed: (error: Error) => void,
): { readonly opened: boolean } {
  const state = { opened: false };
  for (const [name, family] of Object.entries(openers) as ['bind', Family][]) {
    const method = handle[name];
    if (method === undefined) continue;
    Object.defineProperty(handle, name, {
      configurable: true,
      writable: true,
      value(this: UvHandle, ...values: unknown[]) {
        if (this.fd < 0) {
          try {
            const error = hand(socketWith(family, type, options), this);
            if (error < 0) return error;
            state.opened = true;
          } catch (error) {
            failed(error as Error);
            return (error as SockError).errno || EINVAL;
          }
        }
        return Reflect.apply(method, this, values) as number;
      },
    });
  }
  return state;
}

const EINVAL = -constants.errno.EINVAL;

/** Gives the socket's descriptor to a handle. */
function hand(socket: Socket, handle: UvHandle): number {
  try {
    const reuse = socket.reuseAddress();
    const error = handle.open(socket.asRawFd());
    if (error < 0) return error;
    // libuv lets the address of every datagram descriptor that it adopts be reused.
    socket.setReuseAddress(reuse);
    socket.intoRawFd();
    return 0;
  } finally {
    if (!socket.closed) socket.close();
  }
}

/** Node makes a handle for each address that it tries: each gets a descriptor with the options. */
export function connectWith(socket: net.Socket, options: SockOptions): void {
  // Where node keeps the handle, behind an accessor of the prototype.
  const accessor = Object.getOwnPropertyDescriptor(net.Socket.prototype, '_handle');
  if (accessor?.get === undefined || accessor.set === undefined)
    throw elsewhere('the handle of a net.Socket');
  const { get, set } = accessor;
  const prepare = (handle: UvHandle | null): void => {
    if (handle === null) return;
    const openers: Openers =
      handle.constructor.name === 'Pipe'
        ? { bind: 'unix', connect: 'unix' }
        : { bind: 'ipv4', connect: 'ipv4', bind6: 'ipv6', connect6: 'ipv6' };
    openBefore(handle, openers, Type.STREAM, options, (error) => socket.destroy(error));
  };
  prepare(Reflect.apply(get, socket, []) as UvHandle | null);
  Object.defineProperty(socket, '_handle', {
    configurable: true,
    get,
    set(this: net.Socket, handle: UvHandle | null) {
      Reflect.apply(set, this, [handle]);
      prepare(handle);
    },
  });
}
