/**
 * Makes from the option table (packages/core/src/options.ts) the typed methods of Socket, the C
 * header of libsock and the support matrix in docs/. Run by `npm run generate`; what it writes is
 * committed and checked fresh.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

async function load(entry) {
  const folder = await mkdtemp(join(tmpdir(), 'sock-generate-'));
  try {
    const outfile = join(folder, 'table.mjs');
    await build({
      entryPoints: [join(root, entry)],
      bundle: true,
      format: 'esm',
      target: 'node20',
      outfile,
      logLevel: 'error',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const capitalized = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const constantCase = (text) => text.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
const setterOf = (row, name) => row.setter ?? `set${capitalized(name)}`;

/** Type, reading expression and writing statement of a codec. `n` is what getNumber returned. */
const codecs = {
  bool: {
    type: 'boolean',
    read: (n) => `${n} !== 0`,
    write: (p) => `checkBoolean('${p}', ${p}) ? 1 : 0`,
  },
  number: (min, max, unit) => ({
    type: 'number',
    range: `${min} to ${max}${unit ?? ''}`,
    read: (n) => n,
    write: (p, row) =>
      `checkInteger('${p}', ${p}, ${row.range?.[0] ?? min}, ${row.range?.[1] ?? max})`,
  }),
  orNull: {
    type: 'number | null',
    unit: 'in milliseconds, > 0; `null` for none',
    read: (n) => `orNull(${n})`,
    write: (p) => `${p} === null ? -1 : checkDuration('${p}', ${p})`,
  },
};
const numeric = {
  bool: codecs.bool,
  boolU8: codecs.bool,
  int: codecs.number(-0x80000000, 0x7fffffff),
  u32: codecs.number(0, 0xffffffff),
  u8: codecs.number(0, 255),
  interfaceIndex: codecs.number(0, 0x7fffffff),
  seconds: {
    type: 'number',
    unit: 'in milliseconds, > 0; the system keeps whole seconds, at least one',
    read: (n) => n,
    write: (p) => `checkDuration('${p}', ${p})`,
  },
  milliseconds: codecs.orNull,
  timeval: codecs.orNull,
  linger: {
    type: 'number | null',
    unit: 'in milliseconds, >= 0; `null` for none',
    read: (n) => `orNull(${n})`,
    write: (p) => `${p} === null ? -1 : checkLinger('${p}', ${p})`,
  },
};
const bytes = {
  ipv4: {
    type: 'string',
    read: (call) => `formatIpv4(${call})`,
    parameters: (p) => [[p, 'string', 'an IPv4 address']],
    write: (p) => ['0', `ipv4Bytes('${p}', ${p})`],
  },
  string: {
    type: 'string | null',
    read: (call) => `textOf(${call})`,
    parameters: (p) => [[p, 'string | null', '`null` for none']],
    write: (p) => ['0', `bytesOfText('${p}', ${p})`],
  },
  u64: { type: 'bigint', read: (call) => `u64Of(${call})` },
  bytes: {
    type: 'Uint8Array',
    read: (call) => call,
    parameters: (p) => [[p, 'Uint8Array', '']],
    write: (p) => ['0', p],
  },
  ipMreq: {
    parameters: () => [
      ['multiaddr', 'string', 'the group, an IPv4 multicast address'],
      ['interfaceAddress', 'string', 'the local address of the interface; `0.0.0.0`: any'],
    ],
    write: () => [
      '0',
      `ipv4Bytes('multiaddr', multiaddr)`,
      `ipv4Bytes('interfaceAddress', interfaceAddress)`,
    ],
  },
  ipMreqn: {
    parameters: () => [
      ['multiaddr', 'string', 'the group, an IPv4 multicast address'],
      ['interface_', 'string | number', 'the local address or the index of the interface'],
    ],
    write: () => [
      `typeof interface_ === 'number' ? checkInteger('interface', interface_, 0, 2147483647) : 0`,
      `ipv4Bytes('multiaddr', multiaddr)`,
      `ipv4Bytes('interface', typeof interface_ === 'number' ? '0.0.0.0' : interface_)`,
    ],
  },
  ipMreqSource: {
    parameters: () => [
      ['source', 'string', 'the only address to receive from'],
      ['group', 'string', 'the group, an IPv4 multicast address'],
      ['interfaceAddress', 'string', 'the local address of the interface; `0.0.0.0`: any'],
    ],
    write: () => [
      '0',
      `ipv4Bytes('group', group)`,
      `ipv4Bytes('interfaceAddress', interfaceAddress)`,
      `ipv4Bytes('source', source)`,
    ],
  },
  ipv6Mreq: {
    parameters: () => [
      ['multiaddr', 'string', 'the group, an IPv6 multicast address'],
      ['interfaceIndex', 'number', 'the index of the interface; 0: any'],
    ],
    write: () => [
      `checkInteger('interfaceIndex', interfaceIndex, 0, 2147483647)`,
      `ipv6Bytes('multiaddr', multiaddr)`,
    ],
  },
};
const named = {
  errno: ['SockError | null', (n) => `this.errorOf(${n})`],
  domain: ['Domain', (n) => `readableName(this.driver, 'domain', ${n}) as Domain`],
  type: ['Type', (n) => `readableName(this.driver, 'type', ${n}) as Type`],
  protocol: ['Protocol | null', (n) => `protocolOf(this.driver, ${n})`],
};

function comment(lines, indent = '  ') {
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`];
}

function getter(row, name) {
  if (row.access === 'set') return [];
  const call = `this.getNumber(${row.id}, '${row.name}')`;
  const [type, body, unit] =
    row.codec in numeric
      ? [numeric[row.codec].type, numeric[row.codec].read(call), numeric[row.codec].unit]
      : row.codec in named
        ? [named[row.codec][0], named[row.codec][1](call)]
        : [bytes[row.codec].type, bytes[row.codec].read(`this.getBytes(${row.id}, '${row.name}')`)];
  return [
    ...comment([
      row.doc,
      ...(row.access === 'get' && row.note ? [row.note] : []),
      ...(unit ? [`@returns ${unit}`] : []),
      '@throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not',
      `@see getsockopt(2), \`${row.option}\`: ${row.source}`,
    ]),
    `  ${name}(): ${type} {`,
    `    return ${body};`,
    '  }',
    '',
  ];
}

function setter(row, name) {
  if (row.access === 'get') return [];
  let parameters;
  let statement;
  if (row.codec in numeric) {
    const codec = numeric[row.codec];
    const parameter = parameterName(row.parameter ?? row.name);
    const limits = row.range ? `${row.range[0]} to ${row.range[1]}` : (codec.unit ?? codec.range);
    parameters = [[parameter, codec.type, limits ?? '']];
    statement = `this.setNumber(${row.id}, '${setterOf(row, row.name)}', ${codec.write(parameter, row)});`;
  } else {
    const codec = bytes[row.codec];
    const parameter = parameterName(row.parameter ?? row.name);
    parameters = codec.parameters(parameter);
    statement = `this.setBytes(${row.id}, '${setterOf(row, row.name)}', ${codec.write(parameter).join(', ')});`;
  }
  return [
    ...comment([
      row.access === 'set' ? row.doc : `Sets {@link SocketOptions.${name} | ${name}}: ${row.doc}`,
      ...(row.note ? [row.note] : []),
      ...parameters.filter(([, , text]) => text).map(([p, , text]) => `@param ${p} ${text}`),
      '@throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` where the backend has it not',
      '@throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`',
      `@see setsockopt(2), \`${row.option}\`: ${row.source}`,
    ]),
    `  ${setterOf(row, name)}(${parameters.map(([p, type]) => `${p}: ${type}`).join(', ')}): void {`,
    `    ${statement}`,
    '  }',
    '',
  ];
}

const reserved = new Set(['interface', 'type', 'protocol']);
const parameterName = (name) => (reserved.has(name) ? `${name}_` : name);

const headings = {
  socket: 'Socket options, level SOL_SOCKET.',
  ipv4: 'Options of IPv4 sockets, level IPPROTO_IP.',
  ipv6: 'Options of IPv6 sockets, level IPPROTO_IPV6.',
  tcp: 'Options of TCP sockets, level IPPROTO_TCP.',
  udp: 'Options of UDP sockets, level IPPROTO_UDP.',
};

function methods(rows) {
  const lines = [
    '// Made by tools/generate-options.mjs from options.ts: change that, then `npm run generate`.',
    "import { ipv4Bytes, ipv6Bytes } from './address.js';",
    "import { type Domain, type Protocol, readableName, type Type } from './constants.js';",
    "import { Descriptor } from './descriptor.js';",
    "import { checkBoolean, checkDuration, checkInteger, type SockError } from './errors.js';",
    "import { formatIpv4 } from './ip.js';",
    "import { bytesOfText, checkLinger, orNull, protocolOf, textOf, u64Of } from './option-value.js';",
    '',
    '/** The typed getters and setters of every row of the option table. */',
    'export abstract class SocketOptions extends Descriptor {',
  ];
  for (const group of Object.keys(headings)) {
    const members = rows.filter((row) => row.group === group);
    if (members.length === 0) continue;
    lines.push(`  // ${headings[group]}`, '');
    for (const row of members) {
      for (const name of [row.name, ...(row.aliases ?? [])]) {
        lines.push(...getter(row, name), ...setter(row, name));
      }
    }
  }
  lines.push('}', '');
  return lines.join('\n').replace(/\n\n}\n$/, '\n}\n');
}

const platformMacro = {
  linux: '__linux__',
  darwin: '__APPLE__',
  freebsd: '__FreeBSD__',
  openbsd: '__OpenBSD__',
  netbsd: '__NetBSD__',
  win32: '_WIN32',
};
/** Names of domains, types and protocols are core's: C sees the number. */
const codecMacro = (codec) => (codec in named && codec !== 'errno' ? 'INT' : constantCase(codec));

function header(rows) {
  const lines = [
    '/*',
    ' * Made by tools/generate-options.mjs from packages/core/src/options.ts: change that, then',
    ' * `npm run generate`. Included with SOCK_OPTION(id, level, name, codec) defined it gives the',
    ' * rows that this system has, otherwise the ids.',
    ' */',
    '#ifdef SOCK_OPTION',
  ];
  for (const row of rows) {
    if (row.linuxNumber !== undefined) {
      lines.push(
        `#if defined(__linux__) && !defined(${row.option})`,
        `#define ${row.option} ${row.linuxNumber}`,
        '#endif',
      );
    }
    const line = (option) =>
      `SOCK_OPTION(${row.id}, ${row.level}, ${option}, ${codecMacro(row.codec)})`;
    const branches = Object.entries(row.optionOn ?? {}).map(([system, option]) => [
      `defined(${platformMacro[system]}) && defined(${option})`,
      option,
    ]);
    branches.push([`defined(${row.option})`, row.option]);
    if (row.optionElse) branches.push([`defined(${row.optionElse})`, row.optionElse]);
    for (const [index, [condition, option]] of branches.entries()) {
      lines.push(`${index === 0 ? '#if' : '#elif'} ${condition}`, line(option));
    }
    lines.push('#endif');
  }
  const highest = Math.max(...rows.map((row) => row.id));
  lines.push(
    '#else',
    '#ifndef SOCK_OPTIONS_H',
    '#define SOCK_OPTIONS_H',
    '/** Ids of the option rows. */',
    'enum {',
    ...rows.map((row) => `  SOCK_OPTION_${constantCase(row.name)} = ${row.id},`),
    `  SOCK_OPTION_COUNT = ${highest + 1}`,
    '};',
    '#endif',
    '#endif',
    '',
  );
  return lines.join('\n');
}

const supportCell = ({ level, reason }) =>
  level === 'native' ? 'native' : `${level}: ${reason ?? ''}`;

function matrix(rows, operations) {
  const lines = [
    '<!-- Made by tools/generate-options.mjs from the tables of @sock/core: `npm run generate`. -->',
    '# Support matrix',
    '',
    '`native`: the system does it. `emulated`: the semantics hold, done by the library. `advisory`:',
    'accepted and read back, the host decides. `unsupported`: throws `ERR_SOCK_UNSUPPORTED` and says',
    'why. `socket.supports(name)` answers the same at run time.',
    '',
    '## Options',
    '',
    '| option | methods | @sock/native | @sock/wasi | what it is |',
    '|---|---|---|---|---|',
  ];
  for (const row of rows) {
    const names = [row.name, ...(row.aliases ?? [])];
    const all = names.flatMap((name) => [
      ...(row.access === 'set' ? [] : [name]),
      ...(row.access === 'get' ? [] : [setterOf(row, name)]),
    ]);
    const systems = row.systems === 'all' ? 'native' : `native on ${row.systems.join(', ')}`;
    lines.push(
      `| \`${row.option}\` | ${[...new Set(all)].map((name) => `\`${name}\``).join(', ')} | ${systems} | ${supportCell(row.wasi)} | ${row.doc} |`,
    );
  }
  lines.push(
    '',
    '## Operations',
    '',
    'All are native on @sock/native.',
    '',
    '| operation | @sock/wasi |',
    '|---|---|',
  );
  for (const [name, { wasi }] of Object.entries(operations)) {
    lines.push(`| \`${name}\` | ${supportCell(wasi)} |`);
  }
  return `${lines.join('\n')}\n`;
}

const { options } = await load('packages/core/src/options.ts');
const { operations } = await load('packages/core/src/operations.ts');
const ids = new Set();
for (const row of options) {
  if (ids.has(row.id)) throw new Error(`option id ${row.id} stands twice in the table`);
  ids.add(row.id);
}
for (const [file, text] of [
  ['packages/core/src/options.generated.ts', methods(options)],
  ['native/core/include/sock_options.h', header(options)],
  ['docs/support.md', matrix(options, operations)],
]) {
  await writeFile(join(root, file), text);
  console.log(`wrote ${file}`);
}
