/**
 * The driver over a component whose core module this thread runs itself, with the host of @sock/wasi-host over
 * @sock/native. Calls need no generated glue, and waits use the descriptors of the host's sockets.
 */
import dns from 'node:dns';
import type { Driver, Handle } from '@sock/core';
import {
  type Answer,
  type CoreInstance,
  instantiateCore,
  type Lookup,
  nativeBackend,
} from '@sock/wasi-host/loader';
import { coreModule } from '../component/core-module.js';
import { constants, errors } from '../component/numbers.js';
import { direct, directCalls } from './direct-calls.js';
import { type DirectSocket, directBindings, socketInterface } from './direct-bindings.js';
import { DirectWaits } from './direct-waits.js';
import { type Bindings, type DriverParts, makeDriver } from './driver.js';

function waitsOf(
  instance: CoreInstance,
  bindings: Bindings,
  native: Driver,
  { sockets }: DriverParts,
  EBADF: number,
  connecting: Set<Handle>,
): DirectWaits {
  const hostSocket = direct(instance, 'host_socket');
  const hasReceived = direct(instance, 'has_received');
  const isConnecting = direct(instance, 'is_connecting');
  const find = (handle: Handle): DirectSocket | undefined =>
    sockets.get(handle) as unknown as DirectSocket | undefined;
  return new DirectWaits(
    native,
    {
      descriptor(handle) {
        const socket = find(handle);
        if (socket === undefined) return EBADF;
        const found = instance.handle(hostSocket(socket.rep)) as { handle: number } | undefined;
        return found?.handle ?? EBADF;
      },
      hasReceived: (handle) => hasReceived(find(handle)?.rep ?? 0) !== 0,
      settle(handle, interest) {
        if (!connecting.has(handle)) return undefined;
        const socket = find(handle);
        if (socket === undefined || isConnecting(socket.rep) === 0) {
          connecting.delete(handle);
          return undefined;
        }
        const [ready] = bindings.poll(
          [
            {
              socket: socket as never,
              interest: { readable: (interest & 1) !== 0, writable: (interest & 2) !== 0 },
            },
          ],
          0,
        );
        const { readable, writable, error, hangup } = ready ?? {};
        return (readable ? 1 : 0) | (writable ? 2 : 0) | (error ? 4 : 0) | (hangup ? 8 : 0);
      },
    },
    -(errors['EDEADLK'] as number),
  );
}

/** Node's resolver for the host. The driver never waits for it, so that it needs no thread of its own. */
class NodeResolver {
  /** Called when an answer is there. */
  told: () => void = () => undefined;

  readonly lookup: Lookup = (name) => {
    let answer: Answer | undefined;
    dns.lookup(name, { all: true, verbatim: true }, (error, list) => {
      answer =
        error === null
          ? { addresses: list.map(({ address }) => address) }
          : { code: error.code ?? 'EAI_FAIL' };
      this.told();
    });
    return () => answer;
  };
}

/** Makes the driver. @throws where @sock/native does not load */
export function makeDirectDriver(): Driver {
  const backend = nativeBackend();
  const module = new WebAssembly.Module(Buffer.from(coreModule, 'base64'));
  const resolver = new NodeResolver();
  const instance = instantiateCore(module, socketInterface, {
    backend,
    lookup: resolver.lookup,
  });
  direct(instance, 'start')();
  let waits: DirectWaits | undefined;
  /** Handles whose attempt to connect was not finished when the call returned. */
  const connecting = new Set<Handle>();
  const EINPROGRESS = -(errors['EINPROGRESS'] as number);
  const EALREADY = -(errors['EALREADY'] as number);
  const bindings = directBindings(instance);
  return makeDriver(bindings, {
    toldByHost: (look) => {
      resolver.told = look;
    },
    waits: (parts, EBADF) =>
      (waits = waitsOf(instance, bindings, backend.Socket.driver, parts, EBADF, connecting)),
    calls({ sockets, insert, remove, memory }, driver) {
      const attempt = (handle: Handle, result: number): number => {
        if (result === EINPROGRESS || result === EALREADY) connecting.add(handle);
        return result;
      };
      const calls = directCalls(instance, {
        sockets: sockets as unknown as ReadonlyMap<Handle, DirectSocket>,
        insert: (rep) => insert(bindings.adopt(rep)),
        remove: (handle) => remove(handle) as unknown as DirectSocket | undefined,
        memory,
        EBADF: -(errors['EBADF'] as number),
        whole: (constants['MSG_WAITALL'] ?? 0) | (constants['MSG_TRUNC'] ?? 0),
        PEEK: constants['MSG_PEEK'] as number,
        peeked: (handle) => waits?.peeked(handle),
        other: driver,
      });
      return {
        ...calls,
        connect: (handle) => attempt(handle, calls.connect(handle)),
        tryConnect: (handle) => attempt(handle, calls.tryConnect(handle)),
        connectTimeout: (handle, milliseconds) =>
          attempt(handle, driver.connectTimeout(handle, milliseconds)),
        close(handle) {
          connecting.delete(handle);
          return calls.close(handle);
        },
      };
    },
  });
}
