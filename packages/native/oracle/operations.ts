/** The operations that both sides run, and how random sequences of them are made. */
import fc from 'fast-check';

/** Sockets stand in slots by number; `other` is the slot of a second one. */
export type Operation =
  | { op: 'new'; slot: number; family: 4 | 6; type: 'stream' | 'dgram' }
  | { op: 'pair'; slot: number; other: number; type: 'stream' | 'dgram' }
  | { op: 'bind' | 'connect'; slot: number; kind: AddressKind; other: number }
  | { op: 'listen'; slot: number; backlog: number }
  | { op: 'accept' | 'clone'; slot: number; other: number }
  | { op: 'send' | 'sendv'; slot: number; byte: number; length: number }
  | { op: 'sendto'; slot: number; kind: AddressKind; other: number; byte: number; length: number }
  | { op: 'recv' | 'peek' | 'recvfrom' | 'recvv'; slot: number; length: number }
  | { op: 'local' | 'peer' | 'isBlocking' | 'error' | 'close' | 'detach'; slot: number }
  | { op: 'shutdown'; slot: number; how: 0 | 1 | 2 }
  | { op: 'blocking'; slot: number; on: boolean }
  | { op: 'get'; slot: number; option: string; level: number; name: number }
  | { op: 'set'; slot: number; option: string; level: number; name: number; value: number };

/** A free port; nobody's address; a port where nobody listens; the address of another slot. */
export type AddressKind = 'free' | 'foreign' | 'refused' | 'slot';

/** Options that are an int on both sides: the row's name, level and name on Linux, and its kind. */
export const OPTIONS: readonly { option: string; level: number; name: number; bool: boolean }[] = [
  { option: 'broadcast', level: 1, name: 6, bool: true },
  { option: 'keepalive', level: 1, name: 9, bool: true },
  { option: 'outOfBandInline', level: 1, name: 10, bool: true },
  { option: 'reuseAddress', level: 1, name: 2, bool: true },
  { option: 'reusePort', level: 1, name: 15, bool: true },
  { option: 'recvBufferSize', level: 1, name: 8, bool: false },
  { option: 'sendBufferSize', level: 1, name: 7, bool: false },
  { option: 'ttl', level: 0, name: 2, bool: false },
  { option: 'multicastTtlV4', level: 0, name: 33, bool: false },
  { option: 'multicastLoopV4', level: 0, name: 34, bool: true },
  { option: 'onlyV6', level: 41, name: 26, bool: true },
  { option: 'unicastHopsV6', level: 41, name: 16, bool: false },
  { option: 'multicastHopsV6', level: 41, name: 18, bool: false },
  { option: 'multicastLoopV6', level: 41, name: 19, bool: true },
  { option: 'nodelay', level: 6, name: 1, bool: true },
];

const SLOTS = 4;
const slot = fc.nat(SLOTS - 1);
const type = fc.constantFrom('stream' as const, 'dgram' as const);
/** Nobody's address is not one to send to: what answers, and when, is the network's. */
const kind = fc.constantFrom<AddressKind>('free', 'refused', 'slot', 'slot', 'slot');
/** Not a port of its own number: the two sides run at once and would be in each other's way. */
const bindKind = fc.constantFrom<AddressKind>('free', 'free', 'foreign', 'slot');
const length = fc.constantFrom(0, 1, 2, 5, 64, 1000, 5000);
/** CPython answers a receive of nothing by itself. */
const room = fc.constantFrom(1, 2, 5, 64, 1000, 5000);
const byte = fc.nat(255);
const option = fc.constantFrom(...OPTIONS);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant('new' as const),
      slot,
      family: fc.constantFrom(4 as const, 6 as const),
      type,
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ op: fc.constant('pair' as const), slot, other: slot, type })
      .filter((it) => it.slot !== it.other),
  },
  {
    weight: 5,
    arbitrary: fc.record({ op: fc.constant('bind' as const), slot, kind: bindKind, other: slot }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ op: fc.constant('connect' as const), slot, kind, other: slot }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('listen' as const),
      slot,
      backlog: fc.constantFrom(0, 1, 8),
    }),
  },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('accept' as const), slot, other: slot }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('clone' as const), slot, other: slot }) },
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constantFrom('send' as const, 'sendv' as const),
      slot,
      byte,
      length,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('sendto' as const),
      slot,
      kind,
      other: slot,
      byte,
      length,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constantFrom('recv' as const, 'peek' as const, 'recvfrom' as const, 'recvv' as const),
      slot,
      length: room,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constantFrom(
        'local' as const,
        'peer' as const,
        'isBlocking' as const,
        'error' as const,
        'close' as const,
        'detach' as const,
      ),
      slot,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('shutdown' as const),
      slot,
      how: fc.constantFrom(0 as const, 1 as const, 2 as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('blocking' as const), slot, on: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ slot, option }).map((it) => ({
      op: 'get' as const,
      slot: it.slot,
      option: it.option.option,
      level: it.option.level,
      name: it.option.name,
    })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        slot,
        option,
        bool: fc.boolean(),
        number: fc.constantFrom(0, 1, 64, 255, 256, 4096, 100_000, -1),
      })
      .map((it) => ({
        op: 'set' as const,
        slot: it.slot,
        option: it.option.option,
        level: it.option.level,
        name: it.option.name,
        value: it.option.bool ? Number(it.bool) : it.number,
      })),
  },
);

/** Sequences that begin with sockets to work on. */
export const sequences: fc.Arbitrary<Operation[]> = fc
  .tuple(
    fc.record({ family: fc.constantFrom(4 as const, 6 as const), first: type, second: type }),
    fc.array(operation, { minLength: 3, maxLength: 18 }),
  )
  .map(([{ family, first, second }, rest]) => [
    { op: 'new', slot: 0, family, type: first },
    { op: 'new', slot: 1, family, type: second },
    ...rest,
  ]);
