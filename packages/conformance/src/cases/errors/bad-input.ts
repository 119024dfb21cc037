/** Every public method is called with every sort of wrong argument: a typed error, and no system call. */
import {
  DatagramBatch,
  operations,
  type OptionRow,
  options,
  Socket as CoreSocket,
} from '@sock/core';
import { equal, ok, rejectsCode, throwsCode } from '../../assert.js';
import type { Case } from '../../case.js';
import { parametersOf } from '../../option-parameters.js';
import { setterOf } from '../../option-sample.js';
import {
  address,
  boolean,
  buffer,
  buffers,
  constants,
  duration,
  flags,
  how,
  integer,
  keepaliveParameters,
  optionalFlags,
  type Parameter,
  RANGE,
  rawBytes,
  rawOption,
  required,
  supportName,
  TYPE,
  types,
  VALUE,
} from '../../parameter.js';

const message: Parameter = {
  valid: { buffers: [new Uint8Array(1)] },
  wrong: () => [
    ...types(TYPE, [undefined, null, 5, 'text', {}, { buffers: null }, { buffers: [5] }]),
    ...types(TYPE, [
      { buffers: [], address: '127.0.0.1:80' },
      { buffers: [], control: {} },
    ]),
    ...types(TYPE, [
      { buffers: [], control: [5] },
      { buffers: [], control: [null] },
    ]),
    [VALUE, { buffers: [], control: [{ kind: 'none such' }] }],
    [TYPE, { buffers: [], flags: '1' }],
    ...types(RANGE, [
      { buffers: [], flags: 1.5 },
      { buffers: [], flags: 2 ** 31 },
    ]),
  ],
};

const room: Parameter = {
  valid: { buffers: [new Uint8Array(1)] },
  wrong: () => [
    ...types(TYPE, [undefined, null, 5, 'text', {}, { buffers: null }, { buffers: ['x'] }]),
    ...types(TYPE, [{ buffers: [], control: '16' }]),
    ...types(RANGE, [
      { buffers: [], control: -1 },
      { buffers: [], control: 1e9 },
    ]),
  ],
};

const batch: Parameter = {
  valid: new DatagramBatch({ count: 1, size: 1 }),
  wrong: () => types(TYPE, [undefined, null, 5, 'text', {}, [], new Uint8Array(8)]),
};

const program: Parameter = {
  valid: [{ code: 0x06, k: 0 }],
  wrong: () => [
    ...types(TYPE, [undefined, null, 5, 'text', {}, new Uint8Array(8), [5], [null], [{}]]),
    ...types(TYPE, [[{ code: '6' }], [{ code: 6, k: 1n }]]),
    ...types(RANGE, [
      [],
      Array.from({ length: 4097 }, () => ({ code: 6 })),
      [{ code: 65_536 }],
      [{ code: 6, jt: 256 }],
      [{ code: 6, jf: -1 }],
      [{ code: 6, k: 2 ** 32 }],
    ]),
  ],
};

/** A file: its descriptor, or an object with a descriptor. */
const file: Parameter = {
  valid: 0x7fffffff,
  wrong: () => [
    ...types(TYPE, [undefined, null, '1', true, {}, [1], 1n]),
    ...types(RANGE, [-1, 1.5, Number.NaN, 2 ** 31]),
  ],
};

const offset: Parameter = {
  valid: 0,
  wrong: () => [
    ...types(TYPE, [null, '1', true, 1n, {}]),
    ...types(RANGE, [-1, 1.5, Number.NaN, 1e300]),
  ],
};

const lengthOrNull: Parameter = {
  valid: null,
  wrong: () =>
    integer(1, 0x7ffff000, true)
      .wrong()
      .filter(([, value]) => value !== null),
};

/** The most connections of a batch. */
const limit: Parameter = integer(1, 1024, true);

/** `{ signal, timeout }`. */
const waitOptions: Parameter = {
  valid: undefined,
  wrong: () => [
    ...types(TYPE, [null, 5, 'soon', true, { signal: null }, { signal: 5 }, { signal: {} }]),
    ...types(TYPE, [{ timeout: null }, { timeout: '5' }, { timeout: 5n }]),
    ...types(RANGE, [
      { timeout: 0 },
      { timeout: -1 },
      { timeout: Number.NaN },
      { timeout: 2 ** 31 },
    ]),
  ],
};

/** `{ signal, timeout, flags }`. */
const transferOptions: Parameter = {
  valid: undefined,
  wrong: () => [
    ...waitOptions.wrong(),
    ...types(TYPE, [{ flags: null }, { flags: '1' }, { flags: 1n }]),
    ...types(RANGE, [{ flags: 1.5 }, { flags: 2 ** 31 }]),
  ],
};

/** `{ signal, timeout, flags, progress }`. */
const wholeTransferOptions: Parameter = {
  valid: undefined,
  wrong: () => [...transferOptions.wrong(), ...types(TYPE, [{ progress: null }, { progress: 5 }])],
};

const streamOptions: Parameter = {
  valid: undefined,
  wrong: () => [
    ...waitOptions.wrong(),
    ...types(TYPE, [{ keepOpen: 1 }, { chunkSize: '5' }, { highWaterMark: null }]),
    ...types(RANGE, [{ chunkSize: 0 }, { chunkSize: 1.5 }, { highWaterMark: -1 }]),
  ],
};

/** The parameters of the methods that are not options. */
const parameters: Readonly<Record<string, readonly Parameter[]>> = {
  bind: [address],
  connect: [address],
  tryConnect: [address],
  connectTimeout: [address, duration],
  listen: [{ ...integer(-0x80000000, 0x7fffffff), valid: 1 }],
  setNonblocking: [boolean],
  accept4: [flags],
  setCloexec: [boolean],
  setNoInherit: [boolean],
  shutdown: [how],
  recv: [buffer],
  recvOutOfBand: [buffer],
  recvWithFlags: [buffer, flags],
  recvVectored: [buffers],
  recvVectoredWithFlags: [buffers, flags],
  peek: [buffer],
  recvFrom: [buffer],
  recvFromWithFlags: [buffer, flags],
  recvFromVectored: [buffers],
  recvFromVectoredWithFlags: [buffers, flags],
  peekFrom: [buffer],
  send: [buffer],
  sendWithFlags: [buffer, flags],
  sendVectored: [buffers],
  sendVectoredWithFlags: [buffers, flags],
  sendOutOfBand: [buffer],
  sendTo: [buffer, address],
  sendToWithFlags: [buffer, address, flags],
  sendToVectored: [buffers, address],
  sendToVectoredWithFlags: [buffers, address, flags],
  tryRecv: [buffer, optionalFlags],
  tryRecvFrom: [buffer, optionalFlags],
  trySend: [buffer, optionalFlags],
  trySendTo: [buffer, address, optionalFlags],
  read: [buffer],
  write: [buffer],
  setTcpKeepalive: [keepaliveParameters],
  getsockoptRaw: [...rawOption, integer(0, 65_536)],
  setsockoptRaw: [...rawOption, rawBytes],
  supports: [supportName],
  sendmsg: [message, optionalFlags],
  trySendmsg: [message, optionalFlags],
  recvmsg: [room, optionalFlags],
  tryRecvmsg: [room, optionalFlags],
  sendfile: [file, offset, lengthOrNull],
  attachFilter: [program],
  attachReusePortFilter: [program],
  attachReuseportFilter: [program],
  recvBatch: [batch, optionalFlags],
  tryRecvBatch: [batch, optionalFlags],
  sendBatch: [batch, optionalFlags],
  trySendBatch: [batch, optionalFlags],
  acceptBatch: [limit],
  tryAcceptBatch: [limit],
  connections: [waitOptions],
  datagrams: [buffer, transferOptions],
  streams: [streamOptions],
};

/** The parameters of the methods that return a promise. */
const asyncParameters: Readonly<Record<string, readonly Parameter[]>> = {
  readable: [waitOptions],
  writable: [waitOptions],
  acceptAsync: [waitOptions],
  acceptBatchAsync: [limit, waitOptions],
  connectAsync: [address, waitOptions],
  recvAsync: [buffer, transferOptions],
  recvExactAsync: [buffer, wholeTransferOptions],
  recvFromAsync: [buffer, transferOptions],
  recvmsgAsync: [room, transferOptions],
  recvBatchAsync: [batch, transferOptions],
  sendAsync: [buffer, transferOptions],
  sendAllAsync: [buffer, wholeTransferOptions],
  sendToAsync: [buffer, address, transferOptions],
  sendmsgAsync: [message, transferOptions],
  sendBatchAsync: [batch, transferOptions],
};

/** Methods without parameters that fail on a closed socket. */
const withoutParameters: readonly string[] = [
  'accept',
  'acceptRaw',
  'tryAccept',
  'localAddr',
  'peerAddr',
  'peekSender',
  'tryClone',
  'nonblocking',
  'asRawFd',
  'intoRawFd',
];

type Methods = Record<string, (...values: unknown[]) => unknown>;

/** Calls with each wrong argument in turn, while all other arguments are valid. */
function refuses(
  call: (...values: unknown[]) => unknown,
  list: readonly Parameter[],
  name: string,
): void {
  for (const [code, values, what] of wrongCalls(list)) {
    throwsCode(code, () => call(...values), `${name}, ${what}`);
  }
}

/** Each wrong argument in turn, among valid ones: the code of its error, the arguments, and which one it is. */
function* wrongCalls(list: readonly Parameter[]): Generator<[string, unknown[], string]> {
  const right = list.map(({ valid }) => valid);
  for (const [position, parameter] of list.entries()) {
    for (const [code, value] of parameter.wrong()) {
      const values = right.map((valid, index) => (index === position ? value : valid));
      yield [code, values, `argument ${position}, ${describe(value)}`];
    }
  }
}

function describe(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    return Object.prototype.toString.call(value) + Object.keys(value).slice(0, 4).join();
  }
  return `${typeof value} ${String(value).slice(0, 40)}`;
}

function methodCase(method: string, list: readonly Parameter[]): Case {
  return {
    name: `bad input: ${method} refuses every wrong argument before any system call`,
    methods: [method],
    run(t) {
      const socket = t.bound('udp4');
      // A wrong argument that is accepted must fail the case, not block it.
      socket.setNonblocking(true);
      const before = socket.toString();
      refuses((...values) => (socket as unknown as Methods)[method]?.(...values), list, method);
      equal(socket.toString(), before, 'the socket afterwards');
    },
  };
}

/** The promise that a method returns. It must return one whatever its arguments are. */
function promiseOf(
  socket: unknown,
  method: string,
  values: unknown[],
  what: string,
): Promise<unknown> {
  const result = (socket as Methods)[method]?.(...values);
  ok(result instanceof Promise, `${method}, ${what}: returns a promise`);
  return result;
}

function asyncMethodCase(method: string, list: readonly Parameter[]): Case {
  return {
    name: `bad input: ${method} rejects every wrong argument before any system call`,
    methods: [method],
    async run(t) {
      const socket = t.bound('udp4');
      const before = socket.toString();
      for (const [code, values, what] of wrongCalls(list)) {
        await rejectsCode(
          code,
          () => promiseOf(socket, method, values, what),
          `${method}, ${what}`,
        );
      }
      equal(socket.toString(), before, 'the socket afterwards');
    },
  };
}

function asyncClosedCase(method: string, list: readonly Parameter[]): Case {
  return {
    name: `bad input: ${method} of a closed socket rejects with EBADF`,
    methods: [method],
    needs: inTable(method),
    async run(t) {
      const socket = t.bound('udp4');
      socket.close();
      const values = list.map(({ valid }) => valid);
      await rejectsCode('EBADF', () => promiseOf(socket, method, values, 'closed'), method);
    },
  };
}

function closedCase(method: string, list: readonly Parameter[], needs: readonly string[]): Case {
  return {
    name: `bad input: ${method} of a closed socket throws EBADF`,
    methods: [method],
    needs,
    run(t) {
      const socket = t.bound('udp4');
      socket.close();
      const values = list.map(({ valid }) => valid);
      throwsCode('EBADF', () => (socket as unknown as Methods)[method]?.(...values), method);
    },
  };
}

const optionRows: readonly OptionRow[] = options;

function settersOf(row: OptionRow): string[] {
  if (row.access === 'get') return [];
  return [row.name, ...(row.aliases ?? [])].map((name) => setterOf(row, name) as string);
}

function gettersOf(row: OptionRow): string[] {
  return row.access === 'set' ? [] : [row.name, ...(row.aliases ?? [])];
}

const inTable = (name: string): readonly string[] =>
  Object.hasOwn(operations, name) ? [name] : [];

const socketParameters: readonly Parameter[] = [
  required(constants('ipv4')),
  required(constants('stream')),
  constants(null),
];

const descriptor = integer(0, 0x7fffffff);

/** The calls on the class that make sockets. */
const makers: Readonly<Record<string, readonly Parameter[]>> = {
  newRaw: socketParameters,
  pair: socketParameters,
  pairRaw: socketParameters,
  fromRawFd: [descriptor],
  borrowRawFd: [descriptor],
};

export const badInput: readonly Case[] = [
  {
    name: 'bad input: new refuses every wrong argument',
    methods: ['new'],
    run(t) {
      const Class = t.Socket as unknown as new (...values: unknown[]) => unknown;
      refuses((...values) => new Class(...values), socketParameters, 'new');
    },
  },
  ...Object.entries(makers).map(([name, list]): Case => ({
    name: `bad input: ${name} refuses every wrong argument`,
    methods: [name],
    run(t) {
      refuses((...values) => (t.Socket as unknown as Methods)[name]?.(...values), list, name);
    },
  })),
  ...Object.entries(parameters).map(([method, list]) => methodCase(method, list)),
  ...Object.entries(asyncParameters).map(([method, list]) => asyncMethodCase(method, list)),
  ...Object.entries(asyncParameters).map(([method, list]) => asyncClosedCase(method, list)),
  ...optionRows.flatMap((row) =>
    settersOf(row).map((setter) => methodCase(setter, parametersOf(row))),
  ),
  ...Object.entries(parameters)
    .filter(([method]) => method !== 'supports')
    .map(([method, list]) => closedCase(method, list, inTable(method))),
  ...withoutParameters.map((method) => closedCase(method, [], inTable(method))),
  ...optionRows.flatMap((row) => [
    ...settersOf(row).map((setter) => closedCase(setter, parametersOf(row), [setter])),
    ...gettersOf(row).map((getter) => closedCase(getter, [], [getter])),
  ]),
  {
    name: 'bad input: every operation of the support table is tested here with wrong arguments',
    methods: [],
    run() {
      const known = new Set([
        ...Object.keys(parameters),
        ...Object.keys(asyncParameters),
        ...withoutParameters,
      ]);
      const prototype = CoreSocket.prototype as unknown as Methods;
      const unknown = Object.keys(operations).filter(
        (name) => typeof prototype[name] === 'function' && !known.has(name),
      );
      equal(unknown.join(), '', 'operations without');
    },
  },
];
