/**
 * The codecs of the option table: how a value crosses between a method and the driver. Adding a codec is
 * adding a row here and one in native/core/src/options_codec.c. A row has the type and the expression of
 * the getter, the parameters and the statement of the setter, and the name that the C side has for it if
 * that differs.
 */
import { readFileSync } from 'node:fs';

const capitalized = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** The name of the setter that goes with a name of a row. */
export const setterOf = (row, name) => row.setter ?? `set${capitalized(name)}`;

const parameterOf = (row) => row.parameter ?? row.name;

const number = (row) => `getNumber(this, ${row.id}, '${row.name}')`;
const bytes = (row) => `getBytes(this, ${row.id}, '${row.name}')`;
const setNumber = (row, value) =>
  `setNumber(this, ${row.id}, '${setterOf(row, row.name)}', ${value})`;
const setBytes = (row, ...parts) =>
  `setBytes(this, ${row.id}, '${setterOf(row, row.name)}', ${parts.join(', ')})`;

/** A codec with one argument, which crosses as a number. */
const scalar = ({ type, takes = type, unit, limits, read = (call) => call, write, c }) => ({
  type,
  ...(unit ? { unit } : {}),
  ...(c ? { c } : {}),
  read: (row) => read(number(row)),
  parameters: (row) => [
    [
      parameterOf(row),
      takes,
      row.range ? `${row.range[0]} to ${row.range[1]}` : (limits ?? unit ?? ''),
    ],
  ],
  write: (row) => setNumber(row, write(parameterOf(row), row)),
});
const integer = (min, max, c) =>
  scalar({
    type: 'number',
    limits: `${min} to ${max}`,
    write: (p, row) =>
      `checkInteger('${p}', ${p}, ${row.range?.[0] ?? min}, ${row.range?.[1] ?? max})`,
    ...(c ? { c } : {}),
  });
const bool = scalar({
  type: 'boolean',
  read: (call) => `${call} !== 0`,
  write: (p) => `checkBoolean('${p}', ${p}) ? 1 : 0`,
});
const orNull = scalar({
  type: 'number | null',
  unit: 'in milliseconds, > 0; `null` for none',
  read: (call) => `orNull(${call})`,
  write: (p) => `${p} === null ? -1 : checkDuration('${p}', ${p})`,
});
/** What core has a name for and the system a number. */
const named = (type, read) => ({ type, c: 'INT', read: (row) => read(number(row)) });
/** A codec whose getter makes something of bytes. */
const made = (type, from, rest = {}) => ({
  type,
  c: 'BYTES',
  read: (row) => `${from}(${bytes(row)})`,
  ...rest,
});
/** A codec whose setter has a parameter for each field of a structure. */
const fields = (parameters, parts, c) => ({
  ...(c ? { c } : {}),
  parameters: () => parameters,
  write: (row) => setBytes(row, ...parts),
});

const GROUP = { 4: 'an IPv4 multicast address', 6: 'an IPv6 multicast address' };
const interfaceIndex = ['interfaceIndex', 'number', 'the index of the interface; 0: any'];
const checkedIndex = `checkInteger('interfaceIndex', interfaceIndex, 0, 2147483647)`;
const interfaceAddress = [
  'interfaceAddress',
  'string',
  'the local address of the interface; `0.0.0.0`: any',
];
const md5Key = `boundedBytes('key', key, 80)`;

export const codecs = {
  bool,
  boolU8: bool,
  int: integer(-0x80000000, 0x7fffffff),
  u32: integer(0, 0xffffffff),
  u8: integer(0, 255),
  byte: integer(0, 255),
  interfaceIndex: integer(0, 0x7fffffff),
  seconds: scalar({
    type: 'number',
    unit: 'in milliseconds, >= 1000; the system keeps whole seconds',
    write: (p) => `checkSeconds('${p}', ${p})`,
  }),
  milliseconds: orNull,
  timeval: orNull,
  linger: scalar({
    type: 'number | null',
    unit: 'in milliseconds, >= 0; `null` for none',
    read: (call) => `orNull(${call})`,
    write: (p) => `${p} === null ? -1 : checkLinger('${p}', ${p})`,
  }),
  device: scalar({
    type: 'number | null',
    limits: 'the index of the interface; `null` for any',
    read: (call) => `deviceOf(${call})`,
    write: (p) => `${p} === null ? 0 : checkInteger('${p}', ${p}, 1, 2147483647)`,
    c: 'INTERFACE_INDEX',
  }),
  portRange: scalar({
    type: '[low: number, high: number] | null',
    limits: 'the lowest and the highest port, 0 for the system’s; `null` for no range',
    read: (call) => `portRangeOf(${call})`,
    write: (p) => `portRangeNumber('${p}', ${p})`,
    c: 'U32',
  }),
  pathMtu: scalar({
    type: 'PathMtuDiscovery',
    read: (call) => `pathMtuOf(${call})`,
    write: (p) => `pathMtuNumber('${p}', ${p})`,
    c: 'INT',
  }),
  fanout: scalar({
    type: 'Fanout | null',
    takes: 'Fanout',
    read: (call) => `fanoutOf(${call})`,
    write: (p) => `fanoutNumber('${p}', ${p})`,
    c: 'U32',
  }),
  unit: { parameters: () => [], write: (row) => setNumber(row, '0') },
  errno: {
    type: 'SockError | null',
    read: (row) => `errorOf(this, ${number(row)})`,
  },
  domain: named('Domain', (call) => `readableName(this.driver, 'domain', ${call}) as Domain`),
  type: named('Type', (call) => `readableName(this.driver, 'type', ${call}) as Type`),
  protocol: named('Protocol | null', (call) => `protocolOf(this.driver, ${call})`),
  address: { type: 'SockAddr', read: (row) => `getAddress(this, ${row.id}, '${row.name}')` },
  ipv4: {
    type: 'string',
    read: (row) => `formatIpv4(${bytes(row)})`,
    parameters: (row) => [[parameterOf(row), 'string', 'an IPv4 address']],
    write: (row) => setBytes(row, '0', `ipv4Bytes('${parameterOf(row)}', ${parameterOf(row)})`),
  },
  string: {
    type: 'string | null',
    read: (row) => `textOf(${bytes(row)})`,
    parameters: (row) => [[parameterOf(row), 'string | null', '`null` for none']],
    write: (row) => setBytes(row, '0', `bytesOfText('${parameterOf(row)}', ${parameterOf(row)})`),
  },
  u64: {
    type: 'bigint',
    read: (row) => `u64Of(${bytes(row)})`,
    parameters: (row) => [[parameterOf(row), 'bigint', '0 to 2^64 - 1']],
    write: (row) => setBytes(row, '0', `bytesOfU64('${parameterOf(row)}', ${parameterOf(row)})`),
  },
  bytes: {
    type: 'Uint8Array',
    read: bytes,
    parameters: (row) => [[parameterOf(row), 'Uint8Array', '']],
    write: (row) => {
      const p = parameterOf(row);
      return setBytes(row, '0', `boundedBytes('${p}', ${p}, 244)`);
    },
  },
  credentials: made('Credentials', 'credentialsOf'),
  memoryInfo: made('MemoryInfo', 'memoryInfoOf'),
  tcpInfo: made('TcpInfo', 'tcpInfoOf'),
  packetStatistics: made('PacketStatistics', 'packetStatisticsOf'),
  txTime: made('TxTime', 'txTimeOf', {
    parameters: (row) => [[parameterOf(row), 'TxTime', '']],
    write: (row) => setBytes(row, '0', `txTimeBytes('${parameterOf(row)}', ${parameterOf(row)})`),
  }),
  ipMreq: fields(
    [['multiaddr', 'string', `the group, ${GROUP[4]}`], interfaceAddress],
    ['0', `ipv4Bytes('multiaddr', multiaddr)`, `ipv4Bytes('interfaceAddress', interfaceAddress)`],
  ),
  ipMreqn: fields(
    [
      ['multiaddr', 'string', `the group, ${GROUP[4]}`],
      ['localInterface', 'string | number', 'the local address or the index of the interface'],
    ],
    [
      `typeof localInterface === 'number' ? checkInteger('localInterface', localInterface, 0, 2147483647) : 0`,
      `ipv4Bytes('multiaddr', multiaddr)`,
      `ipv4Bytes('localInterface', typeof localInterface === 'number' ? '0.0.0.0' : localInterface)`,
    ],
  ),
  ipMreqSource: fields(
    [
      ['source', 'string', 'the address of the sender'],
      ['group', 'string', `the group, ${GROUP[4]}`],
      interfaceAddress,
    ],
    [
      '0',
      `ipv4Bytes('group', group)`,
      `ipv4Bytes('interfaceAddress', interfaceAddress)`,
      `ipv4Bytes('source', source)`,
    ],
  ),
  ipv6Mreq: fields(
    [['multiaddr', 'string', `the group, ${GROUP[6]}`], interfaceIndex],
    [checkedIndex, `ipv6Bytes('multiaddr', multiaddr)`],
  ),
  ipv6MreqSource: fields(
    [
      ['source', 'string', 'the address of the sender'],
      ['group', 'string', `the group, ${GROUP[6]}`],
      interfaceIndex,
    ],
    [checkedIndex, `ipv6Bytes('group', group)`, `ipv6Bytes('source', source)`],
  ),
  packetMreq: fields(
    [
      ['interfaceIndex', 'number', 'the index of the interface'],
      ['kind', 'PacketMembership', 'what to receive'],
      [
        'address?',
        'string | Uint8Array',
        'the link-layer address of a `multicast` or `unicast` membership: `02:00:00:00:00:01`, or at most 8 bytes',
      ],
    ],
    [checkedIndex, `membershipBytes('kind', kind)`, `hardwareBytes('address', address ?? '', 8)`],
  ),
  tcpMd5: fields(
    [
      ['address', 'string', 'the peer, IPv4 or IPv6'],
      ['key', 'Uint8Array', 'at most 80 bytes; empty takes the key away'],
    ],
    ['-1', `sizedAddress('address', address)`, md5Key],
    'TCP_MD5',
  ),
  tcpMd5Prefix: fields(
    [
      ['address', 'string', 'the network of the peers, IPv4 or IPv6'],
      ['prefixLength', 'number', 'how many of its bits count, 0 to 128'],
      ['key', 'Uint8Array', 'at most 80 bytes; empty takes the key away'],
    ],
    [
      `checkInteger('prefixLength', prefixLength, 0, 128)`,
      `sizedAddress('address', address)`,
      md5Key,
    ],
    'TCP_MD5',
  ),
};

/** The modules whose exports the generated methods may use. */
const modules = [
  '../address.js',
  '../address/ip.js',
  '../address/packet-address.js',
  '../constants.js',
  '../errors.js',
  './option-access.js',
  './option-struct.js',
  './option-value.js',
  './tcp-info.js',
];

/** The names that a module of packages/core/src/options exports; types with `type` before them. */
function exportsOf(module) {
  const file = new URL(
    `../packages/core/src/options/${module.replace(/\.js$/, '.ts')}`,
    import.meta.url,
  );
  // The methods name classes only as types.
  const kinds = { class: 'type ', interface: 'type ', type: 'type ' };
  return [
    ...readFileSync(file, 'utf8').matchAll(
      /^export (?:abstract )?(function|const|class|interface|type) (\w+)/gm,
    ),
  ].map(([, kind, name]) => `${kinds[kind] ?? ''}${name}`);
}

/** The import statements that the methods of these rows need. */
export function importsOf(rows) {
  const code = rows
    .flatMap((row) => {
      const codec = codecs[row.codec];
      return [
        ...(row.access === 'set' ? [] : [codec.type, codec.read(row)]),
        ...(row.access === 'get'
          ? []
          : [codec.write(row), ...codec.parameters(row).map(([, type]) => type)]),
      ];
    })
    .join('\n')
    .replaceAll(/'[^']*'/g, '');
  const isUsed = (name) => new RegExp(`\\b${name.replace('type ', '')}\\b`).test(code);
  const imports = modules.map((module) => [
    module,
    // A name may be a constant and a type: the generated methods use it as a type.
    [
      ...new Map(exportsOf(module).map((name) => [name.replace('type ', ''), name])).values(),
    ].filter(isUsed),
  ]);
  return [...imports, ['../socket/socket-handle.js', ['SocketHandle']]]
    .filter(([, names]) => names.length > 0)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([module, names]) => `import { ${names.join(', ')} } from '${module}';`);
}
