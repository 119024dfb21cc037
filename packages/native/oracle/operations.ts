/** The operations that both sides run, and the generator of random sequences. */
import fc from 'fast-check';

/** The family of a slot's socket: unix, IPv4, IPv6. */
export type Family = 0 | 4 | 6;
export type SocketType = 'stream' | 'dgram' | 'seqpacket';

/** The slots of sockets have numbers. `other` is the slot of a second socket. */
export type Operation =
  | { op: 'new'; slot: number; family: Family; type: SocketType }
  | { op: 'pair'; slot: number; other: number; type: SocketType }
  | { op: 'bind' | 'connect'; slot: number; kind: AddressKind; other: number }
  | { op: 'listen'; slot: number; backlog: number }
  | { op: 'accept' | 'clone'; slot: number; other: number }
  | { op: 'send' | 'sendv'; slot: number; byte: number; length: number }
  | { op: 'sendto'; slot: number; kind: AddressKind; other: number; byte: number; length: number }
  | { op: 'recv' | 'peek' | 'recvfrom' | 'recvv'; slot: number; length: number }
  | ({ op: 'sendmsg'; slot: number; other: number } & MessageSent)
  | { op: 'recvmsg'; slot: number; rooms: readonly number[]; control: number; flags: number }
  | { op: 'local' | 'peer' | 'isBlocking' | 'error' | 'close' | 'detach'; slot: number }
  | { op: 'shutdown'; slot: number; how: 0 | 1 | 2 }
  | { op: 'blocking'; slot: number; on: boolean }
  | { op: 'get'; slot: number; option: string; level: number; name: number }
  | { op: 'set'; slot: number; option: string; level: number; name: number; value: number }
  | { op: 'join' | 'leave'; slot: number; group: string; by: number | string }
  | {
      op: 'source';
      slot: number;
      call: SourceCall;
      name: number;
      group: string;
      by: string;
      source: string;
    }
  | { op: 'setIf'; slot: number; by: number | string }
  | { op: 'getIf'; slot: number }
  /** A datagram to a group, at the port of another slot, through the loopback interface. */
  | { op: 'sendgroup'; slot: number; other: number; group: string; byte: number; length: number };

export interface MessageSent {
  /** `null`: no address. */
  readonly kind: AddressKind | null;
  readonly byte: number;
  readonly lengths: readonly number[];
  readonly control: readonly Control[];
  readonly flags: number;
}

/** The control messages to send. */
export type Control =
  /** So many duplicates of the descriptor of slot `of`. An empty slot gives a descriptor that is not open. */
  | { readonly kind: 'rights'; readonly count: number; readonly of: number }
  | { readonly kind: 'credentials'; readonly mine: boolean }
  | { readonly kind: 'int'; readonly level: number; readonly type: number; readonly value: number }
  | {
      readonly kind: 'raw';
      readonly level: number;
      readonly type: number;
      readonly length: number;
    };

/**
 * A free port or name, an address that nobody has, one where nobody listens, the address of another slot, any local
 * address, a path, an abstract name, no name. IP uses a free port for the last three.
 */
export type AddressKind =
  | 'free'
  | 'foreign'
  | 'refused'
  | 'slot'
  | 'any'
  | 'path'
  | 'abstract'
  | 'unnamed';

/** Calls on the sources of a group: the name of the method and its IPv4 option on Linux. */
export const SOURCE_CALLS = {
  joinSsmV4: 39,
  leaveSsmV4: 40,
  blockSourceV4: 38,
  unblockSourceV4: 37,
} as const;
export type SourceCall = keyof typeof SOURCE_CALLS;

/** Options whose value is an int on both sides: the name of the row, level and name on Linux, and kind. */
export const OPTIONS: readonly { option: string; level: number; name: number; bool: boolean }[] = [
  { option: 'broadcast', level: 1, name: 6, bool: true },
  { option: 'keepalive', level: 1, name: 9, bool: true },
  { option: 'outOfBandInline', level: 1, name: 10, bool: true },
  { option: 'reuseAddress', level: 1, name: 2, bool: true },
  { option: 'reusePort', level: 1, name: 15, bool: true },
  { option: 'passcred', level: 1, name: 16, bool: true },
  { option: 'recvBufferSize', level: 1, name: 8, bool: false },
  { option: 'sendBufferSize', level: 1, name: 7, bool: false },
  { option: 'ttl', level: 0, name: 2, bool: false },
  { option: 'pktinfoV4', level: 0, name: 8, bool: true },
  { option: 'recvErrV4', level: 0, name: 11, bool: true },
  { option: 'recvTtlV4', level: 0, name: 12, bool: true },
  { option: 'recvTosV4', level: 0, name: 13, bool: true },
  { option: 'multicastTtlV4', level: 0, name: 33, bool: false },
  { option: 'multicastLoopV4', level: 0, name: 34, bool: true },
  { option: 'multicastAllV4', level: 0, name: 49, bool: true },
  { option: 'onlyV6', level: 41, name: 26, bool: true },
  { option: 'unicastHopsV6', level: 41, name: 16, bool: false },
  { option: 'multicastHopsV6', level: 41, name: 18, bool: false },
  { option: 'multicastLoopV6', level: 41, name: 19, bool: true },
  { option: 'multicastAllV6', level: 41, name: 29, bool: true },
  { option: 'recvErrV6', level: 41, name: 25, bool: true },
  { option: 'recvPktinfoV6', level: 41, name: 49, bool: true },
  { option: 'recvHoplimitV6', level: 41, name: 51, bool: true },
  { option: 'recvTclassV6', level: 41, name: 66, bool: true },
  { option: 'nodelay', level: 6, name: 1, bool: true },
];

/**
 * Each side has its own groups for these names. Membership belongs to the machine, so the other side would see it.
 */
const GROUPS = { 4: ['group4-1', 'group4-2'], 6: ['group6-1', 'group6-2'] } as const;
/** The index of the loopback interface is 1 in every network namespace. */
const LOOPBACK = 1;
const NO_INTERFACE = 999;

/** Mostly the slots that an {@link opening} fills. */
const slot = fc.constantFrom(0, 0, 0, 1, 1, 1, 2, 2, 3);
const family = fc.constantFrom<Family>(0, 4, 6);
const type = fc.constantFrom<SocketType>('stream', 'stream', 'dgram', 'dgram', 'seqpacket');
/** Does not send to an address that nobody has: the network decides what answers, and when. */
const kind = fc.constantFrom<AddressKind>('free', 'refused', 'slot', 'slot', 'slot', 'unnamed');
/** Not a fixed port: the two sides run at once and would disturb each other. */
const bindKind = fc.constantFrom<AddressKind>(
  ...(['free', 'free', 'foreign', 'slot', 'any', 'path', 'abstract', 'unnamed'] as const),
);
const length = fc.constantFrom(0, 1, 2, 5, 64, 1000, 5000);
/** CPython handles a receive of 0 bytes without a system call. */
const room = fc.constantFrom(1, 2, 5, 64, 1000, 5000);
const byte = fc.nat(255);
const option = fc.constantFrom(...OPTIONS);
const group = fc.constantFrom(...GROUPS[4], ...GROUPS[6], '127.0.0.1', '::1');
const by = fc.constantFrom<number | string>(
  LOOPBACK,
  LOOPBACK,
  '127.0.0.1',
  NO_INTERFACE,
  '192.0.2.1',
);

/** Linux's MSG_OOB, MSG_DONTWAIT, MSG_EOR. */
const sendFlags = fc.constantFrom(0, 0, 0, 0x40, 1, 0x80);
/** Linux's MSG_PEEK, MSG_TRUNC, MSG_DONTWAIT, MSG_OOB, MSG_WAITALL, MSG_ERRQUEUE. */
const recvFlags = fc.constantFrom(0, 0, 0, 2, 0x20, 0x22, 0x40, 1, 0x100, 0x2000);

const control: fc.Arbitrary<Control> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('rights' as const),
      count: fc.constantFrom(1, 1, 2, 3, 10, 253),
      of: slot,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('credentials' as const), mine: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Control>(
      { kind: 'int', level: 0, type: 2, value: 7 }, // IP_TTL
      { kind: 'int', level: 0, type: 1, value: 8 }, // IP_TOS
      { kind: 'int', level: 41, type: 52, value: 7 }, // IPV6_HOPLIMIT
      { kind: 'int', level: 41, type: 67, value: 8 }, // IPV6_TCLASS
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({
        kind: fc.constant('raw' as const),
        level: fc.constantFrom(0, 1, 17, 41, 999),
        type: fc.constantFrom(1, 2, 8, 50, 103, 999),
        length: fc.constantFrom(0, 1, 2, 4, 12, 20),
      })
      // Zeros, taken as descriptors, would be those of this side.
      .filter(({ level, type: it }) => level !== 1 || it > 2),
  },
);

const sendmsg = fc.record({
  op: fc.constant('sendmsg' as const),
  slot,
  other: slot,
  kind: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: kind }),
  byte,
  lengths: fc.array(length, { maxLength: 3 }),
  control: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.array(control, { minLength: 1, maxLength: 2 }) },
  ),
  flags: sendFlags,
});

const recvmsg = fc.record({
  op: fc.constant('recvmsg' as const),
  slot,
  rooms: fc.array(room, { minLength: 1, maxLength: 3 }),
  control: fc.constantFrom(0, 8, 16, 19, 20, 24, 28, 32, 52, 60, 64, 256, 256, 1100, 1100),
  flags: recvFlags,
});

const source = fc
  .record({
    slot,
    call: fc.constantFrom(...(Object.keys(SOURCE_CALLS) as SourceCall[])),
    group: fc.constantFrom(...GROUPS[4], '127.0.0.1'),
    by: fc.constantFrom('127.0.0.1', '192.0.2.1'),
    source: fc.constantFrom('127.0.0.1', '192.0.2.7'),
  })
  .map((it) => ({ op: 'source' as const, name: SOURCE_CALLS[it.call], ...it }));

const multicast: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    op: fc.constantFrom('join' as const, 'join' as const, 'leave' as const),
    slot,
    group,
    by,
  }),
  fc.record({ op: fc.constant('setIf' as const), slot, by }),
  fc.record({ op: fc.constant('getIf' as const), slot }),
  source,
  fc.record({ op: fc.constant('sendgroup' as const), slot, other: slot, group, byte, length }),
);

const set = fc
  .record({
    slot,
    option,
    on: fc.boolean(),
    number: fc.constantFrom(0, 1, 64, 255, 256, 4096, 100_000, -1),
  })
  .map(({ slot: of, option: { option: name, level, name: number, bool }, on, number: value }) => ({
    op: 'set' as const,
    slot: of,
    option: name,
    level,
    name: number,
    value: bool ? Number(on) : value,
  }));
const get = fc
  .record({ slot, option })
  .map(({ slot: of, option: { option: name, level, name: number } }) => ({
    op: 'get' as const,
    slot: of,
    option: name,
    level,
    name: number,
  }));

const plainSend = fc.record({
  op: fc.constantFrom('send' as const, 'sendv' as const),
  slot,
  byte,
  length,
});
const plainReceive = fc.record({
  op: fc.constantFrom('recv' as const, 'peek' as const, 'recvfrom' as const, 'recvv' as const),
  slot,
  length: room,
});

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ op: fc.constant('new' as const), slot, family, type }) },
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
  { weight: 4, arbitrary: plainSend },
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
  { weight: 5, arbitrary: plainReceive },
  { weight: 6, arbitrary: sendmsg },
  { weight: 6, arbitrary: recvmsg },
  { weight: 5, arbitrary: multicast },
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
  { weight: 3, arbitrary: get },
  { weight: 4, arbitrary: set },
);

/** A message from one end of a connection to the other, which may ask for its control messages. */
const exchange: fc.Arbitrary<Operation[]> = fc
  .record({
    ends: fc.constantFrom<[number, number]>([0, 1], [1, 0], [1, 2], [2, 1]),
    ask: fc.array(
      set.filter(({ option: name }) => /^(recv|pktinfo|passcred)/.test(name)),
      {
        maxLength: 2,
      },
    ),
    messages: fc.array(fc.oneof(sendmsg, sendmsg, plainSend), { minLength: 1, maxLength: 3 }),
    receipts: fc.array(fc.oneof(recvmsg, recvmsg, plainReceive), { minLength: 1, maxLength: 4 }),
  })
  .map(({ ends: [from, to], ask, messages, receipts }) => [
    ...ask.map((it) => ({ ...it, slot: to, value: 1 })),
    ...messages.map((it) => ({ ...it, slot: from, ...(it.op === 'sendmsg' && { kind: null }) })),
    ...receipts.map((it) => ({ ...it, slot: to })),
  ]);

/** What a member of a group receives after the groups, their sources and their interface changed. */
const groupExchange: fc.Arbitrary<Operation[]> = fc
  .record({
    changes: fc.array(multicast, { maxLength: 3 }),
    to: group,
    byte,
    length,
    receipt: recvmsg,
  })
  .map(({ changes, to, byte: with_, length: of, receipt }) => [
    ...changes.map((it) => ({ ...it, slot: 0 })),
    { op: 'sendgroup', slot: 1, other: 0, group: to, byte: with_, length: of },
    { ...receipt, slot: 0 },
  ]);

const two = fc.record({ family, first: type, second: type });
const ip = fc.constantFrom(4 as const, 4 as const, 6 as const);

/** The start of a sequence, so the following operations have sockets to work on. */
const opening: fc.Arbitrary<Operation[]> = fc.oneof(
  two.map(({ family: of, first, second }): Operation[] => [
    { op: 'new', slot: 0, family: of, type: first },
    { op: 'new', slot: 1, family: of, type: second },
  ]),
  type.map((of): Operation[] => [{ op: 'pair', slot: 0, other: 1, type: of }]),
  // Datagram sockets that are connected to each other.
  family.map((of): Operation[] => [
    { op: 'new', slot: 0, family: of, type: 'dgram' },
    { op: 'bind', slot: 0, kind: 'free', other: 0 },
    { op: 'new', slot: 1, family: of, type: 'dgram' },
    { op: 'bind', slot: 1, kind: 'free', other: 1 },
    { op: 'connect', slot: 1, kind: 'slot', other: 0 },
    { op: 'connect', slot: 0, kind: 'slot', other: 1 },
  ]),
  // An accepted connection.
  fc
    .record({ family, stream: fc.constantFrom('stream' as const, 'seqpacket' as const) })
    .map(({ family: of, stream }): Operation[] => [
      { op: 'new', slot: 0, family: of, type: of === 0 ? stream : 'stream' },
      { op: 'bind', slot: 0, kind: 'path', other: 0 },
      { op: 'listen', slot: 0, backlog: 8 },
      { op: 'new', slot: 1, family: of, type: of === 0 ? stream : 'stream' },
      { op: 'connect', slot: 1, kind: 'slot', other: 0 },
      { op: 'accept', slot: 0, other: 2 },
    ]),
  // A member of a group or of a source in it, and a sender.
  fc
    .tuple(ip, fc.option(source))
    .map(([of, ssm]): Operation[] => [
      { op: 'new', slot: 0, family: of, type: 'dgram' },
      { op: 'bind', slot: 0, kind: 'any', other: 0 },
      of === 4 && ssm !== null
        ? { ...ssm, slot: 0, call: 'joinSsmV4', name: SOURCE_CALLS.joinSsmV4, group: GROUPS[4][0] }
        : { op: 'join', slot: 0, group: GROUPS[of][0], by: LOOPBACK },
      { op: 'new', slot: 1, family: of, type: 'dgram' },
      { op: 'sendgroup', slot: 1, other: 0, group: GROUPS[of][0], byte: 1, length: 5 },
    ]),
);

const piece: fc.Arbitrary<Operation[]> = fc.oneof(
  { weight: 6, arbitrary: operation.map((one) => [one]) },
  { weight: 2, arbitrary: exchange },
  { weight: 1, arbitrary: groupExchange },
);

/** Sequences that begin with sockets to work on. */
export const sequences: fc.Arbitrary<Operation[]> = fc
  .tuple(opening, fc.array(piece, { minLength: 1, maxLength: 14 }))
  .map(([first, rest]) => [...first, ...rest.flat()]);
