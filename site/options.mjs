/** The option table of @sock/core, as pages and as the data of the matrix. */
import { operations, options } from '@sock/core';

const GROUPS = {
  socket: 'Socket options',
  ipv4: 'IPv4 options',
  ipv6: 'IPv6 options',
  tcp: 'TCP options',
  udp: 'UDP options',
  dccp: 'DCCP options',
  packet: 'Packet socket options',
  netlink: 'Netlink options',
  raw: 'Raw socket options',
};
const CLASS = '/api/@sock/core/classes/Socket';

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const namesOf = ({ name, aliases = [] }) => [name, ...aliases];

function methodsOf(row) {
  return namesOf(row).flatMap((name) => [
    ...(row.access === 'set' ? [] : [name]),
    ...(row.access === 'get' ? [] : [row.setter ?? `set${capital(name)}`]),
  ]);
}

const systemsOf = ({ systems = 'all' }) => systems;

function systemsText(row) {
  const systems = systemsOf(row);
  return systems === 'all' ? 'every system' : systems.join(', ');
}

const supportText = ({ level, reason }) => (reason === undefined ? level : `${level}: ${reason}`);

/** Text of the table inside Markdown: what looks like HTML is code or a comparison. */
const plain = (text) => text.replaceAll('<', '&lt;').replaceAll('{{', '&#123;&#123;');

export const groups = Object.entries(GROUPS)
  .filter(([group]) => options.some((row) => row.group === group))
  .map(([group, title]) => ({ group, title }));
for (const { group, name } of options) {
  if (!(group in GROUPS))
    throw new Error(`the site has no title for the group ${group} of ${name}`);
}

/** The name of the option, and the names that other systems have for it. */
function constantText({ level, option, optionOn = {} }) {
  const others = Object.entries(optionOn).filter(([, name]) => /^[A-Z]/.test(name));
  const text = others.map(([system, name]) => `; \`${name}\` on ${system}`).join('');
  return `\`${level}\`, \`${option}\`${text}`;
}

function section(row) {
  const methods = [...new Set(methodsOf(row))];
  const links = methods.map((name) => `[\`${name}()\`](${CLASS}#${name.toLowerCase()})`);
  return `## ${row.name}

${plain(row.doc)}${row.note === undefined ? '' : `\n\n${plain(row.note)}`}

| | |
|---|---|
| System's name | ${constantText(row)} |
| Methods | ${links.join(', ')} |
| @sock/native | ${systemsText(row)} |
| @sock/wasi | ${plain(supportText(row.wasi))} |
| Source | ${plain(row.source)} |
`;
}

export function groupPage({ group, title }) {
  const rows = options.filter((row) => row.group === group);
  return `---\noutline: 2\n---\n\n# ${title}\n\nMade from the option table. The [matrix](/matrix) filters all options by system and backend.\n\n${rows.map(section).join('\n')}`;
}

/** What the matrix shows: a row for each option and each operation. */
export function matrixData() {
  const optionRows = options.map((row) => ({
    name: row.name,
    group: row.group,
    constant: row.option,
    methods: [...new Set(methodsOf(row))],
    doc: row.doc,
    link: `/options/${row.group}#${row.name.toLowerCase()}`,
    systems: systemsOf(row),
    wasi: row.wasi,
  }));
  const operationRows = Object.entries(operations).map(([name, row]) => ({
    name,
    group: 'operation',
    constant: '',
    methods: [],
    doc: '',
    systems: systemsOf(row),
    wasi: row.wasi,
  }));
  const rows = [...optionRows, ...operationRows];
  const systems = [...new Set(rows.flatMap((row) => (row.systems === 'all' ? [] : row.systems)))];
  return { rows, systems };
}
