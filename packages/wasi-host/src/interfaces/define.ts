/** What one function of an interface is: its type as WIT writes it, what it does, and how it is lowered by hand. */
import { Address } from '../address.js';
import type { CoreFunction } from '../component/call.js';
import type { LowerContext } from '../component/instantiate.js';
import { codeOf, errorCodes } from '../failure.js';
import type { Scope } from '../sockets/scope.js';
import type { Type } from '../component/types.js';

/** What a function is lowered with: the scope is that of the host. */
export type Lower = (context: LowerContext, scope: Scope) => CoreFunction;

export interface FunctionDefinition {
  /** `(borrow<tcp-socket>, u64) -> result<_, error-code>` */
  readonly type: string;
  /** Takes values as the codec makes them, with resources as they are; results are `{tag, val}`. */
  call(scope: Scope, ...args: never[]): unknown;
  readonly lower?: Lower;
}

export type InterfaceDefinition = Readonly<Record<string, FunctionDefinition>>;

export const ok = (val?: unknown): { tag: 'ok'; val?: unknown } => ({ tag: 'ok', val });
export const err = (val?: unknown): { tag: 'err'; val?: unknown } => ({ tag: 'err', val });

/** The result of a call that returns a negative failure, or anything else. */
export const resultOf = (value: unknown): unknown =>
  typeof value === 'number' && value < 0 ? err(codeOf(value)) : ok(value);

/** The same for a call whose other results say nothing. */
export const doneOf = (value: number): unknown => (value < 0 ? err(codeOf(value)) : ok());

export interface WitAddress {
  readonly tag: 'ipv4' | 'ipv6';
  readonly val: {
    readonly port: number;
    readonly address: readonly number[];
    readonly flowInfo?: number;
    readonly scopeId?: number;
  };
}

export function fromWit({ tag, val }: WitAddress): Address {
  if (tag === 'ipv4') return new Address(4, val.port, Uint8Array.from(val.address));
  const bytes = Uint8Array.from(val.address.flatMap((word) => [word >> 8, word & 255]));
  return new Address(6, val.port, bytes, val.flowInfo, val.scopeId);
}

/** The numbers of an address, as the interface has them. */
export const numbersOf = (bytes: Uint8Array): number[] =>
  bytes.length === 4
    ? [...bytes]
    : Array.from(
        { length: 8 },
        (_, at) => ((bytes[2 * at] as number) << 8) | (bytes[2 * at + 1] as number),
      );

export function toWit({ family, port, bytes, flowinfo, scopeId }: Address): WitAddress {
  const address = numbersOf(bytes);
  if (family === 4) return { tag: 'ipv4', val: { port, address } };
  return { tag: 'ipv6', val: { port, flowInfo: flowinfo, address, scopeId } };
}

export const addressResult = (value: Address | number): unknown =>
  typeof value === 'number' ? err(codeOf(value)) : ok(toWit(value));

const prim = (kind: 'u8' | 'u16' | 'u32' | 'u64'): Type => ({ kind });
const tuple = (item: Type, count: number): Type => ({
  kind: 'tuple',
  items: Array<Type>(count).fill(item),
});
const v4 = tuple(prim('u8'), 4);
const v6 = tuple(prim('u16'), 8);
const socketAddress: Type = {
  kind: 'variant',
  cases: [
    [
      'ipv4',
      {
        kind: 'record',
        fields: [
          ['port', prim('u16')],
          ['address', v4],
        ],
      },
    ],
    [
      'ipv6',
      {
        kind: 'record',
        fields: [
          ['port', prim('u16')],
          ['flow-info', prim('u32')],
          ['address', v6],
          ['scope-id', prim('u32')],
        ],
      },
    ],
  ],
};
const bytes: Type = { kind: 'list', element: prim('u8') };

/** Types of the interfaces that signatures name. */
export const namedTypes: Readonly<Record<string, Type>> = {
  'error-code': { kind: 'enum', names: errorCodes },
  'ip-address-family': { kind: 'enum', names: ['ipv4', 'ipv6'] },
  'ip-address': {
    kind: 'variant',
    cases: [
      ['ipv4', v4],
      ['ipv6', v6],
    ],
  },
  'ip-socket-address': socketAddress,
  'shutdown-type': { kind: 'enum', names: ['receive', 'send', 'both'] },
  'incoming-datagram': {
    kind: 'record',
    fields: [
      ['data', bytes],
      ['remote-address', socketAddress],
    ],
  },
  'outgoing-datagram': {
    kind: 'record',
    fields: [
      ['data', bytes],
      ['remote-address', { kind: 'option', some: socketAddress }],
    ],
  },
  datetime: {
    kind: 'record',
    fields: [
      ['seconds', prim('u64')],
      ['nanoseconds', prim('u32')],
    ],
  },
};
