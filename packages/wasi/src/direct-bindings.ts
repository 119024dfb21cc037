/** `sock:socket/socket` of the core module as @sock/wasi-host instantiates it: what driver.ts takes. */
import type { Call, CoreInstance, ExportedInterface, Type } from '@sock/wasi-host/loader';
import type { Bindings, DriverParts } from './driver.js';

const DISPOSE: symbol = Symbol.dispose ?? Symbol.for('dispose');

const list = (element: Type): Type => ({ kind: 'list', element });
const record = (fields: Readonly<Record<string, Type>>): Type => ({
  kind: 'record',
  fields: Object.entries(fields),
});
const u8: Type = { kind: 'u8' };
const u16: Type = { kind: 'u16' };
const u32: Type = { kind: 'u32' };
const s32: Type = { kind: 's32' };
const f64: Type = { kind: 'f64' };
const address = record({
  family: u16,
  port: u16,
  flowinfo: u32,
  'scope-id': u32,
  bytes: list(u8),
});

/** The interface of wasm/wit/socket.wit. A test compares the types with those of the component. */
export const socketInterface: ExportedInterface = {
  name: 'sock:socket/socket@0.1.0',
  resources: ['socket', 'lookup'],
  types: {
    address,
    value: record({ number: f64, bytes: list(u8) }),
    message: record({ data: list(u8), flags: s32, from: address }),
    half: { kind: 'enum', names: ['read', 'write', 'both'] },
    constant: record({ name: { kind: 'string' }, value: s32 }),
    readiness: { kind: 'flags', names: ['readable', 'writable', 'error', 'hangup'] },
    'lookup-failure': {
      kind: 'enum',
      names: [
        'would-block',
        'not-found',
        'try-again',
        'failed',
        'access-denied',
        'invalid-name',
        'unsupported',
      ],
    },
  },
};

const DONE = 'result<_, s32>';
/** The functions of the interface that {@link Bindings} has, by their names there. */
export const functionTypes = {
  '[static]socket.open': '(s32, s32, s32) -> result<own<socket>, s32>',
  '[method]socket.close': '(borrow<socket>)',
  '[method]socket.bind': `(borrow<socket>, address) -> ${DONE}`,
  '[method]socket.connect': `(borrow<socket>, address) -> ${DONE}`,
  '[method]socket.try-connect': `(borrow<socket>, address) -> ${DONE}`,
  '[method]socket.connect-timeout': `(borrow<socket>, address, f64) -> ${DONE}`,
  '[method]socket.listen': `(borrow<socket>, s32) -> ${DONE}`,
  '[method]socket.accept': '(borrow<socket>, bool) -> result<tuple<own<socket>, address>, s32>',
  '[method]socket.local-address': '(borrow<socket>) -> result<address, s32>',
  '[method]socket.peer-address': '(borrow<socket>) -> result<address, s32>',
  '[method]socket.duplicate': '(borrow<socket>) -> result<own<socket>, s32>',
  '[method]socket.nonblocking': '(borrow<socket>) -> bool',
  '[method]socket.set-nonblocking': '(borrow<socket>, bool)',
  '[method]socket.shutdown': `(borrow<socket>, half) -> ${DONE}`,
  '[method]socket.recv': '(borrow<socket>, u32, s32) -> result<list<u8>, s32>',
  '[method]socket.recv-message': '(borrow<socket>, u32, s32) -> result<message, s32>',
  '[method]socket.send': '(borrow<socket>, list<u8>, s32) -> result<u32, s32>',
  '[method]socket.send-to': '(borrow<socket>, list<u8>, s32, address) -> result<u32, s32>',
  '[method]socket.get-option': '(borrow<socket>, u32) -> result<value, s32>',
  '[method]socket.set-option': `(borrow<socket>, u32, value) -> ${DONE}`,
  '[static]lookup.start': '(string) -> result<own<lookup>, lookup-failure>',
  '[method]lookup.addresses':
    '(borrow<lookup>, option<f64>) -> result<list<list<u8>>, lookup-failure>',
  constants: '() -> list<constant>',
  errors: '() -> list<constant>',
  closing: '() -> u32',
  // A tuple crosses as the record poll-entry does.
  poll: '(list<tuple<borrow<socket>, readiness>>, option<f64>) -> result<list<readiness>, s32>',
} as const;

/** A result of the interface: its value, or an exception whose payload is the error. */
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

/** Made by hand: these return sockets. */
const OWN_FORM = ['accept', 'duplicate'];
const METHOD = '[method]socket.';

const camelCase = (name: string): string =>
  name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** The bindings of one instance. */
export interface DirectBindings extends Bindings {
  /** The socket of what its resource holds. */
  adopt(rep: number): Parameters<DriverParts['insert']>[0];
}

export function directBindings(instance: CoreInstance): DirectBindings {
  const find = (name: keyof typeof functionTypes): Call => instance.func(name, functionTypes[name]);
  const plain = (name: keyof typeof functionTypes): (() => unknown) => {
    const call = find(name);
    return () => call([]);
  };
  const socketType = instance.resource('socket');
  const lookupType = instance.resource('lookup');
  const open = find('[static]socket.open');
  const accept = find('[method]socket.accept');
  const duplicate = find('[method]socket.duplicate');
  const poll = find('poll');

  class Socket extends DirectSocket {
    static open(...args: unknown[]): Socket {
      return new Socket(valueOf(open(args)) as number);
    }
    accept(dontWait: boolean): [Socket, unknown] {
      const [rep, peer] = valueOf(accept([this.rep, dontWait])) as [number, unknown];
      return [new Socket(rep), peer];
    }
    duplicate(): Socket {
      return new Socket(valueOf(duplicate([this.rep])) as number);
    }
  }
  for (const [name, type] of Object.entries(functionTypes)) {
    const method = name.slice(METHOD.length);
    if (!name.startsWith(METHOD) || OWN_FORM.includes(method)) continue;
    const call = instance.func(name, type);
    const value = type.includes('result')
      ? function valueOrThrow(this: DirectSocket, ...args: unknown[]) {
          return valueOf(call([this.rep, ...args]));
        }
      : function valueAlone(this: DirectSocket, ...args: unknown[]) {
          return call([this.rep, ...args]);
        };
    Object.defineProperty(Socket.prototype, camelCase(method), { value });
  }
  Object.defineProperty(Socket.prototype, DISPOSE, {
    value(this: DirectSocket) {
      if (this.rep === 0) return;
      socketType.drop(this.rep);
      this.rep = 0;
    },
  });
  const start = find('[static]lookup.start');
  const addresses = find('[method]lookup.addresses');
  class Lookup {
    constructor(private readonly rep: number) {}
    static start(name: string): Lookup {
      return new Lookup(valueOf(start([name])) as number);
    }
    addresses(milliseconds?: number): unknown {
      return valueOf(addresses([this.rep, milliseconds]));
    }
  }
  Object.defineProperty(Lookup.prototype, DISPOSE, {
    value(this: { readonly rep: number }) {
      lookupType.drop(this.rep);
    },
  });

  return {
    Socket,
    Lookup,
    adopt: (rep: number) => new Socket(rep),
    constants: plain('constants'),
    errors: plain('errors'),
    closing: plain('closing'),
    poll: (entries: readonly { socket: DirectSocket; interest: object }[], milliseconds?: number) =>
      valueOf(poll([entries.map(({ socket, interest }) => [socket.rep, interest]), milliseconds])),
  } as unknown as DirectBindings;
}
