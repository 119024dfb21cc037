/**
 * Checks @sock/native against what the seed lists, and against socket2 0.6.4: every method is there
 * and is called by a case of the contract that names it and passes; of every method of socket2 that
 * Linux has such a case sees the kernel do it; every sentence of the seed that states a behaviour
 * has its case.
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
/** `type`, `socket2`: the name there; `method`: the name here; `systems`: of socket2; `linux`: among them. */
const socket2 = data('socket2-methods');

/** The types that socket2 has, and the package under their names. */
const types = { ...native };

/** Methods of Socket go by their names, those of other types with it. */
const nameOf = ({ type = 'Socket', method }) => (type === 'Socket' ? method : `${type}.${method}`);

/** Whether a type has a method, on its instances or itself. */
const has = ({ type = 'Socket', method }) =>
  typeof types[type] !== 'undefined' &&
  (method === 'new' || method in types[type] || method in (types[type].prototype ?? {}));

/** The methods that the case that runs now has called. */
const called = new Set();

/** Notes the calls of a member of `holder`, which stays as it is otherwise, on `target`. */
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

/** The backend's class, noting which of its methods are called. */
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

/** How many passing cases name a method and call it, and how many of them say that they observe it. */
const proofs = new Map(rows.map((row) => [nameOf(row), { called: 0, observed: 0 }]));
const byName = new Map(all.map((example) => [example.name, example]));
const problems = [];
const skipped = [];
await run(backend, {
  cases: all,
  // Wrong arguments alone prove nothing.
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
        // What constructs is no member that could note it.
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
  if (!has(row)) problems.push(`${row.method} is not there`);
  else if (proof.called === 0) {
    problems.push(`${row.method} is not called by any case that names it and passes`);
  }
}
console.log(`The seed: cases that name the method, call it and pass\n${seedTable}`);

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
  if (place === 'MISSING') problems.push(`${name} is not there`);
  if (place === 'UNPROVEN') unproven.push(name);
  if (place.startsWith('skipped')) lacked.push(`${name}: the machine lacks ${lacking.get(name)}`);
}
console.log(`\nsocket2 0.6.4: cases that see the kernel do it\n${socket2Table}`);

for (const name of unproven) problems.push(`no case sees the kernel do ${name}`);

const stated = new Set(all.flatMap(({ seed = [] }) => seed));
for (const sentence of sentences) {
  if (!stated.has(sentence)) problems.push(`no case for: ${sentence}`);
}

const onLinux = socket2.filter(({ linux }) => linux).length;
const seen = onLinux - lacked.length - unproven.length;
console.log(
  `\nseed: ${methods.length} methods, ${traits.length} traits, ${sentences.length} sentences\n` +
    `socket2 0.6.4: ${socket2.length} methods, ${onLinux} of them on Linux: ${seen} seen, ` +
    `${lacked.length} skipped, ${unproven.length} unproven\n${all.length} cases`,
);
for (const text of lacked) console.log(`- skipped: ${text}`);
for (const problem of problems) console.error(`- ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
