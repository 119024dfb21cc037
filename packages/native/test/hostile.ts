/** Values that no caller should pass, as recipes that a property-based test can shrink and print. */
import { DatagramBatch, Domain, Events, SockAddr, Socket, Type } from '@sock/native';
import fc from 'fast-check';

/** What the code of the caller does when a call reads one of its values. */
const ACTIONS = ['nothing', 'throw', 'close', 'reuse', 'detach', 'shrink', 'reenter'] as const;
type Action = (typeof ACTIONS)[number];

/** Names of {@link VALUES}, or how to make a value from others. */
export type Recipe =
  | { readonly value: string }
  | { readonly list: readonly Recipe[]; readonly at: number; readonly action: Action }
  | { readonly record: Readonly<Record<string, Recipe>>; readonly action: Action }
  | { readonly proxy: Recipe; readonly action: Action }
  | { readonly descriptor: Recipe; readonly action: Action }
  | { readonly view: 'length' | 'buffer' | 'byteLength'; readonly action: Action };

/** The objects that a call works on. */
export interface Ground {
  socket: Socket;
  readonly peer: Socket;
  /** A socket of somebody else: the first that an action opens with the number of `socket`. */
  victims: readonly Socket[];
  readonly bytes: Uint8Array;
  readonly resizable: Uint8Array;
  readonly thrown: Error;
}

type Resizable = ArrayBuffer & { resize(length: number): void };
const resizable = (length: number): Resizable =>
  new (ArrayBuffer as unknown as new (length: number, options: object) => Resizable)(length, {
    maxByteLength: 4 * length,
  });

function detached(): Uint8Array {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

/** Looks like a view but is none. */
const inherits = (prototype: object): object => Object.create(prototype) as object;

const VALUES: Readonly<Record<string, (ground: Ground) => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  NaN: () => Number.NaN,
  '-0': () => -0,
  '0': () => 0,
  '1': () => 1,
  '-1': () => -1,
  '1.5': () => 1.5,
  '8': () => 8,
  '2^31': () => 2 ** 31,
  '2^53': () => 2 ** 53,
  Infinity: () => Number.POSITIVE_INFINITY,
  '1e300': () => 1e300,
  '0n': () => 0n,
  '2n^64n': () => 2n ** 64n,
  symbol: () => Symbol('hostile'),
  empty: () => '',
  text: () => 'ipv4',
  stream: () => 'stream',
  ipv4: () => '127.0.0.1',
  ipv6: () => 'ff02::1',
  long: () => 'x'.repeat(10_000),
  function: () => () => 1,
  class: () => Map,
  date: () => new Date(Number.NaN),
  bytes: ({ bytes }) => bytes,
  buffer: ({ bytes }) => bytes.buffer,
  data: ({ bytes }) => new DataView(bytes.buffer),
  floats: () => new Float64Array(2),
  clamped: () => Object.setPrototypeOf(new Uint8ClampedArray(4), Uint8Array.prototype),
  resizable: (ground) => ground.resizable,
  'resizable buffer': (ground) => ground.resizable.buffer,
  shared: () => new Uint8Array(new SharedArrayBuffer(16)),
  'shared buffer': () => new SharedArrayBuffer(16),
  detached: () => detached(),
  'detached buffer': () => detached().buffer,
  shrunk: () => {
    const buffer = resizable(8);
    const view = new DataView(buffer, 4, 4);
    buffer.resize(2);
    return view;
  },
  'no view': () => inherits(Uint8Array.prototype),
  'no buffer': () => inherits(ArrayBuffer.prototype),
  'no address': () => inherits(SockAddr.prototype),
  'no socket': () => inherits(Socket.prototype),
  'no batch': () => inherits(DatagramBatch.prototype),
  address: () => SockAddr.ipv4('127.0.0.1', 9),
  unnamed: () => SockAddr.unix(''),
  batch: () => new DatagramBatch({ count: 2, size: 16 }),
  'full batch': () => {
    const batch = new DatagramBatch({ count: 2, size: 16, addresses: false });
    batch.push(new Uint8Array(4));
    return batch;
  },
  'batch of nothing': () => {
    const batch = new DatagramBatch({ count: 2, size: 16 });
    batch.length = 2;
    structuredClone(batch.data.buffer, { transfer: [batch.data.buffer as ArrayBuffer] });
    batch.addresses?.fill(0xff);
    return batch;
  },
  events: () => new Events(4),
  socket: ({ socket }) => socket,
  revoked: () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  cycle: () => {
    const list: unknown[] = [];
    list.push(list);
    return list;
  },
  sparse: () => {
    const list: unknown[] = [];
    list.length = 5000;
    return list;
  },
};

function perform(action: Action, ground: Ground): void {
  switch (action) {
    case 'nothing':
      return;
    case 'throw':
      throw ground.thrown;
    case 'close':
      ground.socket.close();
      return;
    case 'reuse': {
      if (ground.victims.length > 0 || ground.socket.closed) return;
      ground.socket.close();
      ground.victims = Socket.pair(Domain.UNIX, Type.DGRAM);
      for (const victim of ground.victims) victim.setNonblocking(true);
      ground.victims[1]?.send(new Uint8Array(4));
      return;
    }
    case 'detach':
      if (ground.bytes.length === 0) return;
      structuredClone(ground.bytes.buffer, { transfer: [ground.bytes.buffer as ArrayBuffer] });
      // Its memory is free now. The sanitizer reports who uses it.
      globalThis.gc?.();
      return;
    case 'shrink':
      (ground.resizable.buffer as Resizable).resize(1);
      return;
    case 'reenter':
      if (ground.socket.closed) return;
      ground.socket.localAddr();
      ground.socket.setRecvBufferSize(4096);
      ground.socket.tryRecv(new Uint8Array(1));
  }
}

export function make(recipe: Recipe, ground: Ground): unknown {
  if ('value' in recipe) return (VALUES[recipe.value] as (ground: Ground) => unknown)(ground);
  const act = (): void => perform(recipe.action, ground);
  if ('list' in recipe) {
    const list = recipe.list.map((item) => make(item, ground));
    if (recipe.action === 'nothing' || list.length === 0) return list;
    const at = recipe.at % list.length;
    const item = list[at];
    Object.defineProperty(list, at, {
      get: () => {
        act();
        list.length = Math.max(at + 1, list.length - 1);
        return item;
      },
      configurable: false,
    });
    return list;
  }
  if ('record' in recipe) {
    const entries = Object.entries(recipe.record).map(([name, item]) => [name, make(item, ground)]);
    const record = Object.fromEntries(entries) as Record<string, unknown>;
    const last = entries.at(-1)?.[0] as string | undefined;
    if (recipe.action === 'nothing' || last === undefined) return record;
    const item = record[last];
    return Object.defineProperty(record, last, {
      get: () => {
        act();
        return item;
      },
    });
  }
  if ('proxy' in recipe) {
    const target = make(recipe.proxy, ground);
    if ((typeof target !== 'object' && typeof target !== 'function') || target === null) {
      return target;
    }
    return new Proxy(target, {
      get(object, name) {
        act();
        const value: unknown = Reflect.get(object, name, object);
        return typeof value === 'function' ? value.bind(object) : value;
      },
      getPrototypeOf(object) {
        act();
        return Reflect.getPrototypeOf(object);
      },
      has(object, name) {
        act();
        return Reflect.has(object, name);
      },
    });
  }
  if ('descriptor' in recipe) {
    const answer = make(recipe.descriptor, ground);
    return {
      asRawFd() {
        act();
        return answer;
      },
    };
  }
  const view = new Uint8Array(16);
  const value: unknown = view[recipe.view];
  return Object.defineProperty(view, recipe.view, {
    get: () => {
      act();
      return value;
    },
  });
}

const action = fc.constantFrom(...ACTIONS);
const value = fc.constantFrom(...Object.keys(VALUES)).map((name) => ({ value: name }));

/** Members of the objects that methods take, so a recipe passes the first check. */
const SHAPES: readonly Readonly<Record<string, string | readonly string[]>>[] = [
  { buffers: ['bytes', 'resizable'], control: '8' },
  { control: '8', buffers: ['resizable', 'bytes'] },
  { address: 'unnamed', control: [], buffers: ['bytes'] },
  { time: '8', interval: '8', retries: '1' },
  { timeout: '8', signal: 'undefined' },
  { signal: 'function', timeout: '1' },
  { aborted: 'undefined', removeEventListener: 'function', addEventListener: 'function' },
  { count: '1', size: '8', addresses: 'true' },
  { port: '1', address: 'ipv4' },
  { kind: 'text', fds: ['socket'] },
  { level: '1', type: '1', data: 'bytes' },
  { protocol: '1', port: '1', host: 'ipv4' },
  { code: '8', k: '0' },
  { group: '1', mode: 'text' },
];

const shaped: fc.Arbitrary<Recipe> = fc
  .record({
    shape: fc.constantFrom(...SHAPES),
    action,
    instead: fc.option(value),
    at: fc.nat(4),
  })
  .map(({ shape, action: what, instead, at }) => {
    const entries = Object.entries(shape).map(([name, item], index): [string, Recipe] => {
      if (instead !== null && index === at) return [name, instead];
      if (typeof item === 'string') return [name, { value: item }];
      return [
        name,
        { list: item.map((one) => ({ value: one })), at: item.length - 1, action: what },
      ];
    });
    return { record: Object.fromEntries(entries), action: what };
  });

const { recipe } = fc.letrec<{ recipe: Recipe }>((tie) => ({
  recipe: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 6, arbitrary: value },
    { weight: 3, arbitrary: shaped },
    {
      weight: 2,
      arbitrary: fc.record({
        list: fc.array(tie('recipe'), { maxLength: 4 }),
        at: fc.nat(3),
        action,
      }),
    },
    { weight: 1, arbitrary: fc.record({ proxy: tie('recipe'), action }) },
    { weight: 1, arbitrary: fc.record({ descriptor: tie('recipe'), action }) },
    {
      weight: 1,
      arbitrary: fc.record({
        view: fc.constantFrom('length' as const, 'buffer' as const, 'byteLength' as const),
        action,
      }),
    },
  ),
}));

/** Up to four arguments. */
export const hostileArguments: fc.Arbitrary<readonly Recipe[]> = fc.array(recipe, { maxLength: 4 });
