/**
 * Gives node's handles sockets whose options are set already. Node opens a descriptor only when a
 * handle binds or connects; the handle adopts ours just before that.
 */
import net from 'node:net';
import { constants } from 'node:os';
import {
  applySockOptions,
  Domain,
  type Protocol,
  type SockError,
  type Socket,
  Type,
  withOptionName,
} from '@sock/core';
import { nativeSocket } from '../native-backend.js';
import { missingInternal, type UvHandle } from '../node-internals.js';
import type { SockOptions } from './sock-options.js';

type Family = 'ipv4' | 'ipv6' | 'unix';

const domainOf = { ipv4: Domain.IPV4, ipv6: Domain.IPV6, unix: Domain.UNIX } as const;

/** Opens a socket, calls `prepare` on it, then sets the options. */
export function openSocket(
  family: Family,
  type: Type,
  options: SockOptions,
  prepare?: (socket: Socket) => void,
): Socket {
  const SocketOf = nativeSocket() as unknown as new (
    domain: Domain,
    type: Type,
    protocol?: Protocol,
  ) => Socket;
  const { protocol, ...others } = options;
  let socket: Socket;
  try {
    socket = new SocketOf(domainOf[family], type, protocol);
  } catch (error) {
    throw protocol === undefined ? error : withOptionName(error, 'protocol');
  }
  try {
    prepare?.(socket);
    applySockOptions(socket, others);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** Sets options on a descriptor without adopting it. */
export function applyToFd(fd: number, options: SockOptions): void {
  const view = nativeSocket().borrowRawFd(fd);
  try {
    applySockOptions(view, options);
  } finally {
    view.close();
  }
}

/** The calls in which a handle opens its descriptor, each with the family of the descriptor. */
export type Openers = Readonly<Partial<Record<'bind' | 'bind6' | 'connect' | 'connect6', Family>>>;

/**
 * Makes a handle adopt a socket with these options just before it binds or connects.
 * @param failed gets the error if an option cannot be set; node gets only its number
 * @returns whether the handle has adopted a socket
 */
export function adoptBefore(
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
            const error = giveTo(this, openSocket(family, type, options));
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

/**
 * Makes a handle adopt the socket's descriptor.
 * @returns 0, or a negative error number
 */
function giveTo(handle: UvHandle, socket: Socket): number {
  try {
    const reuse = socket.reuseAddress();
    const error = handle.open(socket.asRawFd());
    if (error < 0) return error;
    // libuv sets SO_REUSEADDR on every datagram descriptor that it adopts.
    socket.setReuseAddress(reuse);
    socket.intoRawFd();
    return 0;
  } finally {
    if (!socket.closed) socket.close();
  }
}

/** Calls `prepare` with every handle that a net.Socket gets, also with the one that it has. */
export function onEachHandle(socket: net.Socket, prepare: (handle: UvHandle) => void): void {
  // Node stores the handle behind an accessor of the prototype.
  const accessor = Object.getOwnPropertyDescriptor(net.Socket.prototype, '_handle');
  if (accessor?.get === undefined || accessor.set === undefined)
    throw missingInternal('the handle of a net.Socket');
  const { get, set } = accessor;
  const current = Reflect.apply(get, socket, []) as UvHandle | null;
  if (current !== null) prepare(current);
  Object.defineProperty(socket, '_handle', {
    configurable: true,
    get,
    set(this: net.Socket, handle: UvHandle | null) {
      Reflect.apply(set, this, [handle]);
      if (handle !== null) prepare(handle);
    },
  });
}

/**
 * Sets options on every descriptor that a net.Socket connects with. Node makes a handle for each address
 * that it tries.
 */
export function setBeforeConnect(socket: net.Socket, options: SockOptions): void {
  onEachHandle(socket, (handle) => {
    const openers: Openers =
      handle.constructor.name === 'Pipe'
        ? { bind: 'unix', connect: 'unix' }
        : { bind: 'ipv4', connect: 'ipv4', bind6: 'ipv6', connect6: 'ipv6' };
    adoptBefore(handle, openers, Type.STREAM, options, (error) => socket.destroy(error));
  });
}
