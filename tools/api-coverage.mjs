/**
 * Checks @sock/native against what the seed lists: every method is there and is called by a case of
 * the contract that names it and passes, and every sentence that states a behaviour has its case.
 *
 *   npm run api-coverage
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cases, run } from '@sock/conformance';
import { nodeCases } from '@sock/conformance/node';
import { MSG, Socket as NativeSocket } from '@sock/native';

const data = (name) =>
  JSON.parse(
    readFileSync(new URL(`../packages/conformance/data/${name}.json`, import.meta.url), 'utf8'),
  );
const { methods, traits } = data('seed-methods');
const sentences = data('seed-sentences');

/** Whether a class has a method, on its instances or itself. */
const has = (name) =>
  name === 'new' ||
  typeof NativeSocket.prototype[name] === 'function' ||
  typeof NativeSocket[name] === 'function';

/** The methods that the case that runs now has called. */
const called = new Set();

/** The backend's class, noting which of `names` are called. */
function noting(names) {
  class Socket extends NativeSocket {
    constructor(...values) {
      super(...values);
      called.add('new');
    }
  }
  for (const name of names) {
    for (const holder of [NativeSocket, NativeSocket.prototype]) {
      const method = name === 'new' ? undefined : holder[name];
      if (typeof method !== 'function') continue;
      Object.defineProperty(holder === NativeSocket ? Socket : Socket.prototype, name, {
        value(...values) {
          called.add(name);
          return method.apply(this, values);
        },
      });
    }
  }
  return Socket;
}

/** How many passing cases name a method and call it. Wrong arguments alone prove nothing of it. */
async function provenBy(names) {
  const counts = new Map(names.map((name) => [name, 0]));
  const byName = new Map(cases.map((example) => [example.name, example]));
  const failures = [];
  await run(
    { name: 'native', Socket: noting(names), MSG },
    {
      only: (name) => !name.startsWith('bad input'),
      onResult({ name, outcome, detail }) {
        if (outcome === 'failed') failures.push(`${name}: ${detail}`);
        if (outcome === 'passed') {
          for (const method of byName.get(name)?.methods ?? []) {
            if (called.has(method) && counts.has(method)) {
              counts.set(method, counts.get(method) + 1);
            }
          }
        }
        called.clear();
      },
    },
  );
  return { counts, failures };
}

const sentencesOf = ({ seed = [] }) => (Array.isArray(seed) ? seed : [seed]);

const listed = [...methods, ...traits];
const { counts, failures } = await provenBy(listed.map(({ method }) => method));

const module = createRequire(import.meta.url).resolve('@sock/native');
const all = [...cases, ...nodeCases({ name: 'native', Socket: NativeSocket, MSG, module })];
const stated = new Set(all.flatMap(sentencesOf));

const width = Math.max(...listed.map(({ seed, method }) => seed.length + method.length)) + 4;
for (const { seed, method } of listed) {
  const place = has(method) ? `${counts.get(method)} cases` : 'MISSING';
  console.log(`${seed} → ${method}`.padEnd(width), place);
}

const problems = [
  ...failures,
  ...listed.filter(({ method }) => !has(method)).map(({ method }) => `${method} is not there`),
  ...listed
    .filter(({ method }) => has(method) && counts.get(method) === 0)
    .map(({ method }) => `${method} is not called by any case that names it and passes`),
  ...sentences
    .filter((sentence) => !stated.has(sentence))
    .map((sentence) => `no case for: ${sentence}`),
];
console.log(
  `\n${methods.length} methods, ${traits.length} traits, ${sentences.length} sentences, ${all.length} cases`,
);
for (const problem of problems) console.error(`- ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
