/** The parameters of the public methods, each with a valid value and with wrong values of every sort. */
import { SockAddr } from '@sock/core';

export const TYPE = 'ERR_INVALID_ARG_TYPE';
export const VALUE = 'ERR_INVALID_ARG_VALUE';
export const RANGE = 'ERR_OUT_OF_RANGE';

export type Wrong = readonly [code: string, value: unknown];

/** A parameter: a valid value, and wrong values with the code of the error that each must throw. */
export interface Parameter {
  readonly valid: unknown;
  readonly wrong: () => readonly Wrong[];
}

export const types = (code: string, values: readonly unknown[]): Wrong[] =>
  values.map((value) => [code, value]);

export function detached(): Uint8Array {
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

export type ResizableBuffer = new (
  length: number,
  options: { maxByteLength: number },
) => ArrayBuffer & {
  resize(length: number): void;
};

/** A view that is out of bounds because its resizable buffer was shrunk. */
export function outOfBounds(): DataView {
  const buffer = new (ArrayBuffer as unknown as ResizableBuffer)(8, { maxByteLength: 16 });
  const view = new DataView(buffer, 4, 4);
  buffer.resize(2);
  return view;
}

export function wrongBuffers(): Wrong[] {
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

export const buffer: Parameter = { valid: new Uint8Array(1), wrong: wrongBuffers };

export const buffers: Parameter = {
  valid: [new Uint8Array(1)],
  wrong: () => [
    ...types(TYPE, [undefined, null, 5, 'text', {}, new Uint8Array(1), new Set()]),
    ...wrongBuffers().map(([code, value]): Wrong => [code, [new Uint8Array(1), value]]),
    [VALUE, Array.from({ length: 1025 }, () => new Uint8Array(1))],
  ],
};

export const notNumbers = [null, '1', true, 1n, {}, [1], Symbol('s'), () => 1];
export const notIntegers = [1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

export const integer = (min: number, max: number, optional = false): Parameter => ({
  valid: min,
  wrong: () => [
    ...types(TYPE, optional ? notNumbers : [undefined, ...notNumbers]),
    ...types(RANGE, [...notIntegers, min - 1, max + 1, Number.MAX_SAFE_INTEGER, -Number.MAX_VALUE]),
  ],
});

export const flags: Parameter = { ...integer(-0x80000000, 0x7fffffff), valid: 0 };
export const optionalFlags: Parameter = { ...integer(-0x80000000, 0x7fffffff, true), valid: 0 };

export const boolean: Parameter = {
  valid: true,
  wrong: () => types(TYPE, [undefined, null, 0, 1, Number.NaN, 'true', {}, [], 1n]),
};

export const WRONG_DURATIONS = [-1, Number.NaN, Number.POSITIVE_INFINITY, -0.001, 2 ** 31, 1e300];

export const duration: Parameter = {
  valid: 1000,
  wrong: () => [
    ...types(TYPE, [undefined, ...notNumbers]),
    ...types(RANGE, [0, -0, ...WRONG_DURATIONS]),
  ],
};

/** A duration that the system keeps in whole seconds. */
export const seconds: Parameter = {
  valid: 1000,
  wrong: () => [...duration.wrong(), ...types(RANGE, [1, 999])],
};

export const durationOrNull: Parameter = {
  valid: null,
  wrong: () => duration.wrong().filter(([, value]) => value !== null),
};

export const linger: Parameter = {
  valid: null,
  wrong: () => [
    ...types(
      TYPE,
      [undefined, ...notNumbers].filter((value) => value !== null),
    ),
    ...types(RANGE, WRONG_DURATIONS),
  ],
};

export const NOT_TEXT = [undefined, null, 5, Number.NaN, true, {}, [], 5n];

export const ipv4: Parameter = {
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

export const ipv6: Parameter = {
  valid: 'ff11::1',
  wrong: () => [
    ...types(TYPE, NOT_TEXT),
    ...types(VALUE, ['', '127.0.0.1', '::g', '1::2::3', ':'.repeat(5000)]),
  ],
};

export const interfaceIndex = integer(0, 0x7fffffff);

/** An IPv4 address or the index of an interface. */
export const interfaceV4: Parameter = {
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

export const textOrNull: Parameter = {
  valid: null,
  wrong: () => [
    ...types(
      TYPE,
      NOT_TEXT.filter((value) => value !== null),
    ),
    [VALUE, 'x'.repeat(5000)],
  ],
};

export const address: Parameter = {
  valid: SockAddr.ipv4('127.0.0.1', 9),
  wrong: () =>
    types(TYPE, [undefined, null, 5, '127.0.0.1:80', {}, [], { address: '127.0.0.1', port: 80 }]),
};

export const how: Parameter = {
  valid: 'both',
  wrong: () => [
    ...types(TYPE, [undefined, null, 0, 2, true, {}, []]),
    ...types(VALUE, ['', 'READ', 'readwrite', 'constructor', '__proto__']),
  ],
};

export const keepaliveParameters: Parameter = {
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

export const supportName: Parameter = {
  valid: 'bind',
  wrong: () =>
    types(VALUE, [undefined, null, 5, '', 'no such thing', 'constructor', 'toString', '__proto__']),
};

export const rawOption: readonly Parameter[] = [flags, flags];

export const rawBytes: Parameter = {
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

export const constants = (right: unknown): Parameter => ({
  valid: right,
  wrong: () => [
    ...types(TYPE, [{}, [], true, 5n, Symbol('s'), () => 2]),
    ...types(VALUE, ['', 'IPV4', 'STREAM', 'inet', 'constructor', '__proto__', 'x'.repeat(5000)]),
    ...types(RANGE, [1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, -(2 ** 31) - 1]),
  ],
});

export const required = (parameter: Parameter): Parameter => ({
  ...parameter,
  wrong: () => [...parameter.wrong(), [TYPE, undefined], [TYPE, null]],
});
