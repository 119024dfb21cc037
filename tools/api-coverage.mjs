/**
 * Compares @sock/native with socket2 0.4 and 0.6.4:
 * - it has every method of both;
 * - each method of 0.4 is called by a case of the contract that names it and passes;
 * - of each method of 0.6.4 that Linux supports, such a case sees the kernel do it;
 * - every sentence of socket2 0.4's documentation that states a behaviour has a case.
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
const sentences = data('socket2-0.4-sentences');
/**
 * `type` and `socket2`: the name there; `method`: the name here; `releases`: those of socket2 that have
 * it; `systems`: those that 0.6.4 has it on; `linux`: whether Linux is among them.
 */
const rows = data('socket2-methods');
const release = (number) => rows.filter(({ releases }) => releases.includes(number));
const old = release('0.4');
const isTrait = ({ socket2 }) => socket2.startsWith('impl ');
const current = release('0.6.4');

/** The exports of the package, among them the types that socket2 has. */
const types = { ...native };

/** Methods of Socket by their names, those of other types after the type's name. */
const nameOf = ({ type, method }) => (type === 'Socket' ? method : `${type}.${method}`);

/** Whether a type has a method, static or of its instances. */
const has = ({ type, method }) =>
  typeof types[type] !== 'undefined' &&
  (method === 'new' || method in types[type] || method in (types[type].prototype ?? {}));

/** The methods that the running case has called. */
const called = new Set();

/** Defines a member of `holder` on `target` that behaves the same and notes its calls. */
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

/** A subclass of the backend's Socket that notes the calls of these methods. */
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

for (const row of rows.filter(({ type }) => type !== 'Socket')) {
  for (const holder of [types[row.type], types[row.type]?.prototype]) {
    if (holder !== undefined) note(holder, row.method, holder, nameOf(row));
  }
}
const Socket = notingSocket(rows.filter(({ type }) => type === 'Socket').map(nameOf));
const module = createRequire(import.meta.url).resolve('@sock/native');
const backend = { name: 'native', Socket, MSG: native.MSG, module };
const all = [...cases, ...nodeCases(backend)];

/** Of each method: how many passing cases name and call it, and how many of these observe it. */
const proofs = new Map(rows.map((row) => [nameOf(row), { called: 0, observed: 0 }]));
const byName = new Map(all.map((example) => [example.name, example]));
const problems = [];
const skipped = [];
await run(backend, {
  cases: all,
  // Calls with wrong arguments do not show that a method works.
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
        // A constructor is not a member, so its calls are not noted.
        if (proof !== undefined && (called.has(method) || method.endsWith('.new')))
          proof.observed += 1;
      }
    }
    called.clear();
  },
});

const plain = () =>
  new Table({ style: { head: [], border: [], compact: true }, chars: { mid: '', 'left-mid': '' } });

const oldTable = plain();
for (const row of old) {
  const proof = proofs.get(nameOf(row));
  oldTable.push([row.socket2, row.method, has(row) ? `${proof.called}` : 'MISSING']);
  if (!has(row)) problems.push(`${row.method} is not there`);
  else if (proof.called === 0) {
    problems.push(`${row.method} is not called by any case that names it and passes`);
  }
}
console.log(`socket2 0.4: cases that name the method, call it and pass\n${oldTable}`);

const unproven = [];
const lacked = [];
const lacking = new Map(
  skipped.flatMap(({ observes = [], detail }) => observes.map((name) => [name, detail])),
);
const socket2Table = plain();
for (const row of current) {
  const name = nameOf(row);
  const { observed } = proofs.get(name);
  let place = `${observed}`;
  if (!has(row)) place = 'MISSING';
  else if (!row.linux) place = `not on Linux: ${native.supportOf(Socket.driver, name).level}`;
  else if (observed === 0) {
    place = lacking.has(name) ? 'skipped' : 'UNPROVEN';
  }
  socket2Table.push([`${row.type}.${row.socket2}`, name, place]);
  if (place === 'MISSING') problems.push(`${name} is not there`);
  if (place === 'UNPROVEN') unproven.push(name);
  if (place.startsWith('skipped')) lacked.push(`${name}: the machine lacks ${lacking.get(name)}`);
}
console.log(`\nsocket2 0.6.4: cases that see the kernel do it\n${socket2Table}`);

for (const name of unproven) problems.push(`no case sees the kernel do ${name}`);

const stated = new Set(all.flatMap(({ socket2Docs = [] }) => socket2Docs));
for (const sentence of sentences) {
  if (!stated.has(sentence)) problems.push(`no case for: ${sentence}`);
}

const traits = old.filter(isTrait).length;
const onLinux = current.filter(({ linux }) => linux).length;
const seen = onLinux - lacked.length - unproven.length;
console.log(
  `\nsocket2 0.4: ${old.length - traits} methods, ${traits} traits, ${sentences.length} sentences\n` +
    `socket2 0.6.4: ${current.length} methods, ${onLinux} of them on Linux: ${seen} seen, ` +
    `${lacked.length} skipped, ${unproven.length} unproven\n${all.length} cases`,
);
for (const text of lacked) console.log(`- skipped: ${text}`);
for (const problem of problems) console.error(`- ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
