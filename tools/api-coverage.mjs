/**
 * Checks @sock/native against the documentation of socket2 0.4 and against socket2 0.6.4:
 * - every method exists, and a case of the contract that names it calls it and passes;
 * - for every method that socket2 has on Linux, such a case observes the effect in the kernel;
 * - every sentence of the documentation that states a behaviour has a case.
 *
 *   npm run api-coverage
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cases, run } from '@sock/conformance';
import { nodeCases } from '@sock/conformance/node';
import * as native from '@sock/native';
import Table from 'cli-table3';

const data = (name) =>
  JSON.parse(
    readFileSync(new URL(`../packages/conformance/data/${name}.json`, import.meta.url), 'utf8'),
  );
const { methods, traits } = data('seed-methods');
const sentences = data('seed-sentences');
/** `type`, `socket2`: socket2's names; `method`: our name; `systems`: where socket2 has it; `linux`: whether on Linux. */
const socket2 = data('socket2-methods');

/** Finds the types of socket2 by name. */
const types = { ...native };

/** `bind` for a method of Socket, `SockAddr.ipv4` for a method of another type. */
const nameOf = ({ type = 'Socket', method }) => (type === 'Socket' ? method : `${type}.${method}`);

/** Whether a type has a method, on its instances or itself. */
const has = ({ type = 'Socket', method }) =>
  typeof types[type] !== 'undefined' &&
  (method === 'new' || method in types[type] || method in (types[type].prototype ?? {}));

/** The methods that the case that runs now has called. */
const called = new Set();

/** Defines on `target` a copy of a member of `holder` that also notes its calls. */
function note(holder, member, target, name) {
  const descriptor = Object.getOwnPropertyDescriptor(holder, member);
  if (descriptor === undefined) return;
  const kind = typeof descriptor.value === 'function' ? 'value' : 'get';
  const original = descriptor[kind];
  if (original === undefined) return;
  Object.defineProperty(target, member, {
    ...descriptor,
    [kind](...values) {
      called.add(name);
      return original.apply(this, values);
    },
  });
}

/** A subclass of the backend's Socket that notes which methods are called. */
function notingSocket(names) {
  class Socket extends native.Socket {
    constructor(...values) {
      super(...values);
      called.add('new');
    }
  }
  for (const name of names.filter((each) => each !== 'new')) {
    for (let holder = native.Socket; holder?.prototype; holder = Object.getPrototypeOf(holder)) {
      if (!Object.hasOwn(Socket, name)) note(holder, name, Socket, name);
      if (!Object.hasOwn(Socket.prototype, name))
        note(holder.prototype, name, Socket.prototype, name);
    }
  }
  return Socket;
}

const rows = [...methods, ...traits, ...socket2];
for (const row of socket2.filter(({ type }) => type !== 'Socket')) {
  for (const holder of [types[row.type], types[row.type]?.prototype]) {
    if (holder !== undefined) note(holder, row.method, holder, nameOf(row));
  }
}
const Socket = notingSocket(rows.filter(({ type = 'Socket' }) => type === 'Socket').map(nameOf));
const module = createRequire(import.meta.url).resolve('@sock/native');
const backend = { name: 'native', Socket, MSG: native.MSG, module };
const all = [...cases, ...nodeCases(backend)];

/** For each method: how many passing cases name and call it, and how many of those observe its effect. */
const proofs = new Map(rows.map((row) => [nameOf(row), { called: 0, observed: 0 }]));
const byName = new Map(all.map((example) => [example.name, example]));
const problems = [];
const skipped = [];
await run(backend, {
  cases: all,
  // A call with wrong arguments does not prove that the method works.
  only: (name) => !name.startsWith('bad input'),
  onResult({ name, outcome, detail }) {
    const example = byName.get(name);
    if (outcome === 'failed') problems.push(`${name}: ${detail}`);
    if (outcome === 'skipped') skipped.push({ ...example, detail });
    if (outcome === 'passed') {
      for (const method of example.methods) {
        const proof = proofs.get(method);
        if (proof !== undefined && called.has(method)) proof.called += 1;
      }
      for (const method of example.observes ?? []) {
        const proof = proofs.get(method);
        // A constructor is no member, so it cannot note its call.
        if (proof !== undefined && (called.has(method) || method.endsWith('.new')))
          proof.observed += 1;
      }
    }
    called.clear();
  },
});

const plain = () =>
  new Table({ style: { head: [], border: [], compact: true }, chars: { mid: '', 'left-mid': '' } });

const seedTable = plain();
for (const row of [...methods, ...traits]) {
  const proof = proofs.get(nameOf(row));
  seedTable.push([row.seed, row.method, has(row) ? `${proof.called}` : 'MISSING']);
  if (!has(row)) problems.push(`${row.method} does not exist`);
  else if (proof.called === 0) {
    problems.push(`no passing case that names ${row.method} calls it`);
  }
}
console.log(`socket2 0.4: passing cases that name the method and call it\n${seedTable}`);

const unproven = [];
const lacked = [];
const lacking = new Map(
  skipped.flatMap(({ observes = [], detail }) => observes.map((name) => [name, detail])),
);
const socket2Table = plain();
for (const row of socket2) {
  const name = nameOf(row);
  const { observed } = proofs.get(name);
  let place = `${observed}`;
  if (!has(row)) place = 'MISSING';
  else if (!row.linux) place = `not on Linux: ${native.supportOf(Socket.driver, name).level}`;
  else if (observed === 0) {
    place = lacking.has(name) ? 'skipped' : 'UNPROVEN';
  }
  socket2Table.push([`${row.type}.${row.socket2}`, name, place]);
  if (place === 'MISSING') problems.push(`${name} does not exist`);
  if (place === 'UNPROVEN') unproven.push(name);
  if (place.startsWith('skipped')) lacked.push(`${name}: the machine lacks ${lacking.get(name)}`);
}
console.log(
  `\nsocket2 0.6.4: passing cases that observe the effect in the kernel\n${socket2Table}`,
);

for (const name of unproven) problems.push(`no case observes the effect of ${name}`);

const stated = new Set(all.flatMap(({ seed = [] }) => seed));
for (const sentence of sentences) {
  if (!stated.has(sentence)) problems.push(`no case for: ${sentence}`);
}

const onLinux = socket2.filter(({ linux }) => linux).length;
const seen = onLinux - lacked.length - unproven.length;
console.log(
  `\nsocket2 0.4: ${methods.length} methods, ${traits.length} traits, ${sentences.length} sentences\n` +
    `socket2 0.6.4: ${socket2.length} methods, ${onLinux} of them on Linux: ${seen} observed, ` +
    `${lacked.length} skipped, ${unproven.length} unproven\n${all.length} cases`,
);
for (const text of lacked) console.log(`- skipped: ${text}`);
for (const problem of problems) console.error(`- ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
