/** Every public method against every wrong argument: a typed error, and no system call. */
import {
  DatagramBatch,
  operations,
  type OptionRow,
  options,
  SockAddr,
  Socket as CoreSocket,
} from '@sock/core';
import { equal, fail, throwsCode } from '../assert.js';
import type { Case } from '../case.js';
import { setterOf } from '../option-sample.js';

const TYPE = 'ERR_INVALID_ARG_TYPE';
const VALUE = 'ERR_INVALID_ARG_VALUE';
const RANGE = 'ERR_OUT_OF_RANGE';

type Wrong = readonly [code: string, value: unknown];

/** What a parameter may be: one right value, and all that is wrong in its own way. */
interface Parameter {
  readonly valid: unknown;
  readonly wrong: () => readonly Wrong[];
}

const types = (code: string, values: readonly unknown[]): Wrong[] =>
  values.map((value) => [code, value]);

function detached(): Uint8Array {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

type ResizableBuffer = new (
  length: number,
  options: { maxByteLength: number },
) => ArrayBuffer & {
  resize(length: number): void;
};

/** A view that its resizable buffer has shrunk away from. */
function outOfBounds(): DataView {
  const buffer = new (ArrayBuffer as unknown as ResizableBuffer)(8, { maxByteLength: 16 });
  const view = new DataView(buffer, 4, 4);
  buffer.resize(2);
  return view;
}

function wrongBuffers(): Wrong[] {
  const wrong = types(TYPE, [
    undefined,
    null,
    5,
    Number.NaN,
    'text',
    true,
    5n,
    Symbol('s'),
    {},
    [],
    [1, 2],
    () => 0,
    { length: 4 },
  ]);
  if (typeof structuredClone === 'function') {
    const bytes = detached();
    wrong.push([VALUE, bytes], [VALUE, bytes.buffer]);
  }
  if ('resize' in ArrayBuffer.prototype) wrong.push([VALUE, outOfBounds()]);
  return wrong;
}

const buffer: Parameter = { valid: new Uint8Array(1), wrong: wrongBuffers };

const buffers: Parameter = {
  valid: [new Uint8Array(1)],
  wrong: () => [
    ...types(TYPE, [undefined, null, 5, 'text', {}, new Uint8Array(1), new Set()]),
    ...wrongBuffers().map(([code, value]): Wrong => [code, [new Uint8Array(1), value]]),
    [VALUE, Array.from({ length: 1025 }, () => new Uint8Array(1))],
  ],
};

const notNumbers = [null, '1', true, 1n, {}, [1], Symbol('s'), () => 1];
const notIntegers = [1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

const integer = (min: number, max: number, optional = false): Parameter => ({
  valid: min,
  wrong: () => [
    ...types(TYPE, optional ? notNumbers : [undefined, ...notNumbers]),
    ...types(RANGE, [...notIntegers, min - 1, max + 1, Number.MAX_SAFE_INTEGER, -Number.MAX_VALUE]),
  ],
});

const flags: Parameter = { ...integer(-0x80000000, 0x7fffffff), valid: 0 };
const optionalFlags: Parameter = { ...integer(-0x80000000, 0x7fffffff, true), valid: 0 };

const boolean: Parameter = {
  valid: true,
  wrong: () => types(TYPE, [undefined, null, 0, 1, Number.NaN, 'true', {}, [], 1n]),
};

const WRONG_DURATIONS = [-1, Number.NaN, Number.POSITIVE_INFINITY, -0.001, 2 ** 31, 1e300];

const duration: Parameter = {
  valid: 1000,
  wrong: () => [
    ...types(TYPE, [undefined, ...notNumbers]),
    ...types(RANGE, [0, -0, ...WRONG_DURATIONS]),
  ],
};

const durationOrNull: Parameter = {
  valid: null,
  wrong: () => duration.wrong().filter(([, value]) => value !== null),
};

const linger: Parameter = {
  valid: null,
  wrong: () => [
    ...types(
      TYPE,
      [undefined, ...notNumbers].filter((value) => value !== null),
    ),
    ...types(RANGE, WRONG_DURATIONS),
  ],
};

const NOT_TEXT = [undefined, null, 5, Number.NaN, true, {}, [], 5n];

const ipv4: Parameter = {
  valid: '127.0.0.1',
  wrong: () => [
    ...types(TYPE, NOT_TEXT),
    ...types(VALUE, [
      '',
      '::1',
      '256.0.0.1',
      '1.2.3',
      'localhost',
      '127.0.0.1\0',
      '1'.repeat(5000),
    ]),
  ],
};

const ipv6: Parameter = {
  valid: 'ff11::1',
  wrong: () => [
    ...types(TYPE, NOT_TEXT),
    ...types(VALUE, ['', '127.0.0.1', '::g', '1::2::3', ':'.repeat(5000)]),
  ],
};

const interfaceIndex = integer(0, 0x7fffffff);

/** An IPv4 address or the index of an interface. */
const interfaceV4: Parameter = {
  valid: 1,
  wrong: () => [
    ...types(
      TYPE,
      NOT_TEXT.filter((value) => typeof value !== 'number'),
    ),
    ...types(VALUE, ['', '::1', '1.2.3']),
    ...types(RANGE, [-1, 2 ** 31, 1.5, Number.NaN]),
  ],
};

const textOrNull: Parameter = {
  valid: null,
  wrong: () => [
    ...types(
      TYPE,
      NOT_TEXT.filter((value) => value !== null),
    ),
    [VALUE, 'x'.repeat(5000)],
  ],
};

const address: Parameter = {
  valid: SockAddr.ipv4('127.0.0.1', 9),
  wrong: () =>
    types(TYPE, [undefined, null, 5, '127.0.0.1:80', {}, [], { address: '127.0.0.1', port: 80 }]),
};

const how: Parameter = {
  valid: 'both',
  wrong: () => [
    ...types(TYPE, [undefined, null, 0, 2, true, {}, []]),
    ...types(VALUE, ['', 'READ', 'readwrite', 'constructor', '__proto__']),
  ],
};

const keepaliveParameters: Parameter = {
  valid: {},
  wrong: () => [
    ...types(TYPE, [null, 5, 'time', true]),
    ...['time', 'interval'].flatMap((name): Wrong[] => [
      ...types(
        TYPE,
        [null, '1', {}, 1n].map((value) => ({ [name]: value })),
      ),
      ...types(
        RANGE,
        [0, -1, Number.NaN, 2 ** 31].map((value) => ({ [name]: value })),
      ),
    ]),
    ...types(TYPE, [{ retries: '3' }, { retries: null }]),
    ...types(RANGE, [{ retries: 0 }, { retries: -1 }, { retries: 1.5 }, { retries: 2 ** 31 }]),
  ],
};

const supportName: Parameter = {
  valid: 'bind',
  wrong: () =>
    types(VALUE, [undefined, null, 5, '', 'no such thing', 'constructor', 'toString', '__proto__']),
};

const rawOption: readonly Parameter[] = [flags, flags];

const rawBytes: Parameter = {
  valid: new Uint8Array(4),
  wrong: () =>
    types(TYPE, [
      undefined,
      null,
      1,
      'text',
      {},
      [1],
      new ArrayBuffer(4),
      new DataView(new ArrayBuffer(4)),
    ]),
};

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

/** The parameters of the methods that are not options. */
const parameters: Readonly<Record<string, readonly Parameter[]>> = {
  bind: [address],
  connect: [address],
  tryConnect: [address],
  connectTimeout: [address, duration],
  listen: [{ ...integer(-0x80000000, 0x7fffffff), valid: 1 }],
  setNonblocking: [boolean],
  setCloexec: [boolean],
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
  recvBatch: [batch, optionalFlags],
  tryRecvBatch: [batch, optionalFlags],
  sendBatch: [batch, optionalFlags],
  trySendBatch: [batch, optionalFlags],
};

/** Methods without parameters that fail on a closed socket. */
const withoutParameters: readonly string[] = [
  'accept',
  'acceptRaw',
  'tryAccept',
  'localAddr',
  'peerAddr',
  'tryClone',
  'nonblocking',
  'asRawFd',
  'intoRawFd',
];

/** Operations with cases of their own, among those of waiting and of raw descriptors. */
const elsewhere: readonly string[] = ['readable', 'writable'];

function parametersOf(row: OptionRow): readonly Parameter[] {
  const { range } = row;
  switch (row.codec) {
    case 'bool':
    case 'boolU8':
      return [boolean];
    case 'u8':
      return [integer(range?.[0] ?? 0, range?.[1] ?? 255)];
    case 'u32':
      return [integer(range?.[0] ?? 0, range?.[1] ?? 0xffffffff)];
    case 'int':
      return [integer(range?.[0] ?? -0x80000000, range?.[1] ?? 0x7fffffff)];
    case 'interfaceIndex':
      return [interfaceIndex];
    case 'seconds':
      return [duration];
    case 'milliseconds':
    case 'timeval':
      return [durationOrNull];
    case 'linger':
      return [linger];
    case 'ipv4':
      return [ipv4];
    case 'ipMreq':
      return [ipv4, ipv4];
    case 'ipMreqn':
      return [ipv4, interfaceV4];
    case 'ipMreqSource':
      return [ipv4, ipv4, ipv4];
    case 'ipv6Mreq':
      return [ipv6, interfaceIndex];
    case 'string':
      return [textOrNull];
    default:
      return fail(`no wrong values are known for the codec ${row.codec} of ${row.name}`);
  }
}

type Methods = Record<string, (...values: unknown[]) => unknown>;

/** Calls with one wrong argument after the other, each time with all others right. */
function refuses(
  call: (...values: unknown[]) => unknown,
  list: readonly Parameter[],
  name: string,
): void {
  const right = list.map(({ valid }) => valid);
  for (const [position, parameter] of list.entries()) {
    for (const [code, value] of parameter.wrong()) {
      const values = right.map((valid, index) => (index === position ? value : valid));
      throwsCode(code, () => call(...values), `${name}, argument ${position}, ${describe(value)}`);
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
    name: `bad input: ${method} refuses every wrong argument, and nothing happens`,
    methods: [method],
    run(t) {
      const socket = t.bound('udp4');
      // An argument that slips through must fail the case, not hold it up.
      socket.setNonblocking(true);
      const before = socket.toString();
      refuses((...values) => (socket as unknown as Methods)[method]?.(...values), list, method);
      equal(socket.toString(), before, 'the socket afterwards');
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

const constants = (right: unknown): Parameter => ({
  valid: right,
  wrong: () => [
    ...types(TYPE, [{}, [], true, 5n, Symbol('s'), () => 2]),
    ...types(VALUE, ['', 'IPV4', 'STREAM', 'inet', 'constructor', '__proto__', 'x'.repeat(5000)]),
    ...types(RANGE, [1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, -(2 ** 31) - 1]),
  ],
});

const required = (parameter: Parameter): Parameter => ({
  ...parameter,
  wrong: () => [...parameter.wrong(), [TYPE, undefined], [TYPE, null]],
});

const socketParameters: readonly Parameter[] = [
  required(constants('ipv4')),
  required(constants('stream')),
  constants(null),
];

const descriptor = integer(0, 0x7fffffff);

/** What makes sockets, as a call on the class. */
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
    name: 'bad input: every operation of the table has its wrong arguments here',
    methods: [],
    run() {
      const known = new Set([...Object.keys(parameters), ...withoutParameters, ...elsewhere]);
      const prototype = CoreSocket.prototype as unknown as Methods;
      const unknown = Object.keys(operations).filter(
        (name) => typeof prototype[name] === 'function' && !known.has(name),
      );
      equal(unknown.join(), '', 'operations without');
    },
  },
];
