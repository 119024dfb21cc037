/** Has the sockets that node opens by itself be ours, with their options set before anything else. */
import type net from 'node:net';
import { Domain, type SockError, type Socket, Type } from '@sock/core';
import { nativeSocket } from './from.js';
import type { UvHandle } from './internals.js';
import { applySockOptions, checkSockOptions, type SockOptions } from './sock-options.js';

type Family = 'ipv4' | 'ipv6' | 'unix';

/** Refuses unknown and unsupported names, on the backend that node's sockets come from. */
export function checkOptions(options: SockOptions): void {
  const SocketOf = nativeSocket();
  checkSockOptions(options, SocketOf as never, (name) => {
    const probe = SocketOf.prototype as { supports?: unknown };
    // `supports` asks the class's driver, of which any instance will do.
    const instance = Object.create(probe as object, {
      driver: { value: (SocketOf as unknown as { driver: unknown }).driver },
    }) as { supports(name: string): { level: string; reason?: string } };
    return instance.supports(name);
  });
}

/** A descriptor of the family and type with the options set, which `adopt` takes over. */
export function openWith(
  family: Family,
  type: 'stream' | 'dgram',
  options: SockOptions,
  adopt: (fd: number) => number,
): number {
  const SocketOf = nativeSocket() as unknown as new (domain: Domain, type: Type) => Socket;
  const domain = { ipv4: Domain.IPV4, ipv6: Domain.IPV6, unix: Domain.UNIX }[family];
  const socket = new SocketOf(domain, type === 'stream' ? Type.STREAM : Type.DGRAM);
  try {
    applySockOptions(socket, options);
    const reuse = socket.reuseAddress();
    const result = adopt(socket.asRawFd());
    // libuv lets the address of every datagram descriptor that it adopts be reused.
    if (type === 'dgram') socket.setReuseAddress(reuse);
    if (result < 0) {
      socket.close();
      return result;
    }
    socket.intoRawFd();
    return 0;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/**
 * Node makes a handle for each address that it tries, and opens the descriptor below it when it binds
 * or connects: just before that the handle gets ours.
 */
export function instrument(socket: net.Socket, options: SockOptions): void {
  const owner = socket as unknown as { _handle: UvHandle | null };
  let current = owner._handle;
  const prepare = (handle: UvHandle): void => {
    if (handle.fd >= 0) return;
    const pipe = handle.constructor.name === 'Pipe';
    for (const [name, family] of [
      ['bind', pipe ? 'unix' : 'ipv4'],
      ['connect', pipe ? 'unix' : 'ipv4'],
      ['bind6', 'ipv6'],
      ['connect6', 'ipv6'],
    ] as const) {
      const method = handle[name] as ((...values: unknown[]) => number) | undefined;
      if (method === undefined) continue;
      Object.defineProperty(handle, name, {
        configurable: true,
        value(this: UvHandle, ...values: unknown[]) {
          if (this.fd < 0) {
            try {
              const result = openWith(family, 'stream', options, (fd) => this.open(fd));
              if (result < 0) return result;
            } catch (error) {
              socket.destroy(error as Error);
              return (error as SockError).errno || -22;
            }
          }
          return Reflect.apply(method, this, values) as number;
        },
      });
    }
  };
  // Node keeps the handle under a symbol, behind an accessor of its prototype.
  const kept = accessorOf(socket);
  Object.defineProperty(owner, '_handle', {
    configurable: true,
    enumerable: true,
    get: () => (kept === undefined ? current : (kept.get?.call(socket) as UvHandle | null)),
    set(handle: UvHandle | null) {
      current = handle;
      kept?.set?.call(socket, handle);
      if (handle !== null && handle !== undefined) prepare(handle);
    },
  });
  if (current !== null && current !== undefined) prepare(current);
}

function accessorOf(socket: net.Socket): PropertyDescriptor | undefined {
  for (
    let at = Object.getPrototypeOf(socket) as object | null;
    at !== null;
    at = Object.getPrototypeOf(at) as object | null
  ) {
    const descriptor = Object.getOwnPropertyDescriptor(at, '_handle');
    if (descriptor?.set !== undefined) return descriptor;
  }
  return undefined;
}
