/**
 * Makes from the option table (packages/core/src/options/) the typed methods of Socket, the C
 * header of libsock and the support matrix in docs/. Run by `npm run generate`; what it writes is
 * committed and checked fresh.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { codecs, importsOf, setterOf } from './option-codecs.mjs';

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

const constantCase = (text) => text.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

function comment(lines, indent = '  ') {
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`];
}

function getter(row, name) {
  if (row.access === 'set') return [];
  const { type, unit, read } = codecs[row.codec];
  return [
    ...comment([
      row.doc,
      ...(row.access === 'get' && row.note ? [row.note] : []),
      ...(unit ? [`@returns ${unit}`] : []),
      '@throws {SockError} EBADF, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it',
      `@see getsockopt(2), \`${row.option}\`: ${row.source}`,
    ]),
    `  ${name}(): ${type} {`,
    `    return ${read(row)};`,
    '  }',
    '',
  ];
}

function setter(row, name) {
  if (row.access === 'get') return [];
  const codec = codecs[row.codec];
  const parameters = codec.parameters(row);
  return [
    ...comment([
      row.access === 'set' ? row.doc : `Sets {@link SocketOptions.${name} | ${name}}: ${row.doc}`,
      ...(row.note ? [row.note] : []),
      ...parameters
        .filter(([, , text]) => text)
        .map(([p, , text]) => `@param ${p.replace('?', '')} ${text}`),
      '@throws {SockError} EBADF, EINVAL, ENOPROTOOPT; `ERR_SOCK_UNSUPPORTED` if the backend does not support it',
      '@throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`',
      `@see setsockopt(2), \`${row.option}\`: ${row.source}`,
      ...(row.example ? ['@example', row.example] : []),
    ]),
    `  ${setterOf(row, name)}(${parameters.map(([p, type]) => `${p}: ${type}`).join(', ')}): void {`,
    `    ${codec.write(row)};`,
    '  }',
    '',
  ];
}

const headings = {
  socket: 'Socket options, level SOL_SOCKET.',
  ipv4: 'Options of IPv4 sockets, level IPPROTO_IP.',
  ipv6: 'Options of IPv6 sockets, level IPPROTO_IPV6.',
  tcp: 'Options of TCP sockets, level IPPROTO_TCP.',
  udp: 'Options of UDP and UDP-Lite sockets, levels IPPROTO_UDP and IPPROTO_UDPLITE.',
  dccp: 'Options of DCCP sockets, level SOL_DCCP.',
  packet: 'Options of packet sockets, level SOL_PACKET.',
  netlink: 'Options of netlink sockets, level SOL_NETLINK.',
  raw: 'Options of raw sockets.',
};

function methods(rows) {
  const lines = [
    '// Made by tools/generate-options.mjs from options/: change that, then `npm run generate`.',
    ...importsOf(rows),
    '',
    '/** The codecs of the option table. */',
    `export type Codec = ${Object.keys(codecs)
      .map((name) => `'${name}'`)
      .join(' | ')};`,
    '',
    '/** The typed getters and setters of every row of the option table. */',
    'export abstract class SocketOptions extends SocketHandle {',
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
  sunos: '__sun',
  cygwin: '__CYGWIN__',
  win32: '_WIN32',
};
function header(rows) {
  const lines = [
    '/*',
    ' * Made by tools/generate-options.mjs from packages/core/src/options: change that, then',
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
    const line = (option, level = row.level) =>
      `SOCK_OPTION(${row.id}, ${level}, ${option}, ${codecs[row.codec].c ?? constantCase(row.codec)})`;
    const branches = Object.entries(row.optionOn ?? {}).map(([system, option]) => [
      `defined(${platformMacro[system]}) && defined(${option})`,
      option,
      row.levelOn?.[system],
    ]);
    // A name may mean something else on a system that the row is not of.
    const there =
      row.systems === 'all'
        ? ''
        : `(${row.systems.map((system) => `defined(${platformMacro[system]})`).join(' || ')}) && `;
    branches.push([`${there}defined(${row.option})`, row.option]);
    if (row.optionElse) branches.push([`${there}defined(${row.optionElse})`, row.optionElse]);
    for (const [index, [condition, option, level]] of branches.entries()) {
      lines.push(`${index === 0 ? '#if' : '#elif'} ${condition}`, line(option, level));
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

const nativeCell = ({ systems = 'all', supportOn = {} }) => {
  const own = Object.entries(supportOn);
  const other = own.map(([system, support]) => `; ${system}: ${supportCell(support)}`).join('');
  const native = systems === 'all' ? systems : systems.filter((system) => !(system in supportOn));
  return `${native === 'all' ? 'native' : `native on ${native.join(', ')}`}${other}`;
};

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
    const systems = nativeCell(row);
    lines.push(
      `| \`${row.option}\` | ${[...new Set(all)].map((name) => `\`${name}\``).join(', ')} | ${systems} | ${supportCell(row.wasi)} | ${row.doc} |`,
    );
  }
  lines.push('', '## Operations', '', '| operation | @sock/native | @sock/wasi |', '|---|---|---|');
  for (const [name, row] of Object.entries(operations)) {
    lines.push(`| \`${name}\` | ${nativeCell(row)} | ${supportCell(row.wasi)} |`);
  }
  return `${lines.join('\n')}\n`;
}

const { options } = await load('packages/core/src/options.ts');
const { operations } = await load('packages/core/src/driver/operations.ts');
const ids = new Set();
for (const row of options) {
  if (ids.has(row.id)) throw new Error(`option id ${row.id} stands twice in the table`);
  ids.add(row.id);
}
for (const [file, text] of [
  ['packages/core/src/options/options.generated.ts', methods(options)],
  ['native/core/include/sock_options.h', header(options)],
  ['docs/support.md', matrix(options, operations)],
]) {
  await writeFile(join(root, file), text);
  console.log(`wrote ${file}`);
}
