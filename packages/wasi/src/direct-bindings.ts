/** `sock:socket/socket` of the component as the loader of @sock/wasi-host instantiates it: what driver.ts takes. */
import type { Exports } from '@sock/wasi-host/loader';
import type { Bindings } from './driver.js';

type Callable = (...args: unknown[]) => unknown;
const NAME = 'sock:socket/socket';
const DISPOSE: symbol = Symbol.dispose ?? Symbol.for('dispose');

/** A result of the interface: its value, or an exception whose payload is the error number. */
function valueOf(result: unknown): unknown {
  const { tag, val } = result as { tag: string; val: unknown };
  if (tag === 'ok') return val;
  // As what jco generates throws it.
  // oxlint-disable-next-line no-throw-literal
  throw { payload: val };
}

/** A socket of the component: the pointer in its resource. */
export class DirectSocket {
  constructor(public rep: number) {}
}

/** Methods that return no `result`. */
const PLAIN = ['close', 'nonblocking', 'set-nonblocking'];
const METHODS = [
  'bind',
  'connect',
  'try-connect',
  'connect-timeout',
  'listen',
  'local-address',
  'peer-address',
  'shutdown',
  'recv',
  'recv-message',
  'send',
  'send-to',
  'get-option',
  'set-option',
  ...PLAIN,
];

const camelCase = (name: string): string =>
  name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** Makes the bindings of one instance. */
export function directBindings(exports: Exports): Bindings {
  const find = (name: string): Callable => {
    const func = exports.func(NAME, name);
    if (func === undefined) throw new Error(`the component has no ${name}`);
    return func;
  };
  const type = exports.resource(NAME, 'socket');
  const open = find('[static]socket.open');
  const accept = find('[method]socket.accept');
  const duplicate = find('[method]socket.duplicate');
  const poll = find('poll');

  class Socket extends DirectSocket {
    static open(...args: unknown[]): Socket {
      return new Socket(valueOf(open(...args)) as number);
    }
    accept(dontWait: boolean): [Socket, unknown] {
      const [rep, peer] = valueOf(accept(this.rep, dontWait)) as [number, unknown];
      return [new Socket(rep), peer];
    }
    duplicate(): Socket {
      return new Socket(valueOf(duplicate(this.rep)) as number);
    }
  }
  for (const name of METHODS) {
    const call = find(`[method]socket.${name}`);
    const value = PLAIN.includes(name)
      ? function method(this: DirectSocket, ...args: unknown[]) {
          return call(this.rep, ...args);
        }
      : function method(this: DirectSocket, ...args: unknown[]) {
          return valueOf(call(this.rep, ...args));
        };
    Object.defineProperty(Socket.prototype, camelCase(name), { value });
  }
  Object.defineProperty(Socket.prototype, DISPOSE, {
    value(this: DirectSocket) {
      if (this.rep === 0) return;
      type?.drop(this.rep);
      this.rep = 0;
    },
  });

  return {
    Socket,
    constants: find('constants'),
    errors: find('errors'),
    closing: find('closing'),
    poll: (entries: readonly { socket: DirectSocket; interest: object }[], milliseconds?: number) =>
      valueOf(
        poll(
          entries.map(({ socket, interest }) => ({ socket: socket.rep, interest })),
          milliseconds,
        ),
      ),
  } as unknown as Bindings;
}
