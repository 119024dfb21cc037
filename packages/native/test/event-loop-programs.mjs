/**
 * Programs that show how a wait and an attached poller live and end with their process. Each prints lines. The
 * tests compare these with `prints`, and the exit status with `status`. They run in Node on both ways onto the event
 * loop (event-loop.test.ts) and in other runtimes (tools/runtimes.mjs).
 */

const START = `
import { readdirSync } from 'node:fs';
import process from 'node:process';
import { Worker } from 'node:worker_threads';
import { Domain, Events, Interest, Poller, SockAddr, Socket, Type } from '@sock/native';
const byte = new Uint8Array(1);
const pair = () => Socket.pair(Domain.UNIX, Type.DGRAM);
const rest = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
`;

/** A Worker that runs `source`, and promises of its first message and of its end. */
const WORKER = `
const worker = (source) => {
  const thread = new Worker(new URL('data:text/javascript,' + encodeURIComponent(source)));
  const said = new Promise((resolve) => thread.once('message', resolve));
  const ended = new Promise((resolve) => thread.once('exit', resolve));
  return { thread, said, ended };
};
const native = JSON.stringify(import.meta.resolve('@sock/native'));
`;

/** What a Worker begins with. */
const inWorker = (source) => `worker(\`
import { parentPort } from 'node:worker_threads';
import process from 'node:process';
import { Domain, Interest, Poller, Socket, Type } from \${native};
const [one, other] = Socket.pair(Domain.UNIX, Type.DGRAM);
${source}
\`)`;

const program = (name, source, prints, status = 0) => ({
  name,
  source: START + (source.includes('worker(') ? WORKER : '') + source,
  prints,
  status,
});

export const programs = [
  program(
    'a wait keeps the process alive until it is over, and no longer',
    `
const [one, other] = pair();
setTimeout(() => other.send(byte), 100);
await one.readable({ timeout: 10_000 });
console.log('readable');
process.on('exit', () => console.log('exit'));`,
    ['readable', 'exit'],
  ),
  program(
    'a thousand waits, one after the other',
    `
const [one, other] = pair();
let count = 0;
for (; count < 1000; count++) {
  const wait = one.readable({ timeout: 10_000 });
  other.send(byte);
  await wait;
  one.recv(byte);
}
console.log(count);`,
    ['1000'],
  ),
  program(
    'a wait that times out, and one that is aborted',
    `
const [one] = pair();
await one.readable({ timeout: 20 }).catch((error) => console.log(error.code));
const controller = new AbortController();
setTimeout(() => controller.abort(), 20);
await one.readable({ signal: controller.signal }).catch((error) => console.log(error.name));`,
    ['ETIMEDOUT', 'AbortError'],
  ),
  program(
    'an attached poller reports again and again, until it is detached',
    `
const [one, other] = pair();
const poller = new Poller();
poller.register(one, 7, Interest.READABLE);
let calls = 0;
poller.attach((events) => {
  calls += events.token(0) === 7 ? 1 : 1000;
  one.recv(byte);
  if (calls < 500) other.send(byte);
  else poller.detach();
});
other.send(byte);
process.on('exit', () => console.log(calls));`,
    ['500'],
  ),
  program(
    'promises and ticks of a callback run before the next callback',
    `
const [one, other] = pair();
const poller = new Poller();
poller.register(one, 7, Interest.READABLE);
const order = [];
poller.attach(() => {
  one.recv(byte);
  order.push('call');
  process.nextTick(() => order.push('tick'));
  Promise.resolve().then(() => order.push('promise'));
  if (order.length > 3) {
    poller.close();
    setImmediate(() => console.log(order.join(' ')));
  }
});
other.send(byte);
other.send(byte);`,
    ['call tick promise call tick promise'],
  ),
  program(
    'a socket that is always ready keeps neither timers nor other callbacks from running',
    `
const [one, other] = pair();
const poller = new Poller();
poller.register(one, 7, Interest.READABLE);
// A thread-safe function of Node is called a thousand times in a row (kMaxIterationCount of its source).
const { env, platform, versions } = process;
const thread = env.SOCK_EVENT_LOOP === 'thread' || platform === 'win32' || versions.bun || versions.deno;
const limit = thread ? 1000 : 16;
let [calls, before, most, immediates, timers] = [0, 0, 0, 0, 0];
poller.attach(() => {
  calls += 1;
  one.recv(byte);
  other.send(byte);
});
const immediate = () => {
  most = Math.max(most, calls - before);
  before = calls;
  immediates += 1;
  if (calls < 5000) setImmediate(immediate);
  else {
    poller.close();
    console.log(most <= limit, immediates >= 5000 / limit, timers > 0);
  }
};
setImmediate(immediate);
const timer = () => {
  timers += 1;
  if (calls < 4000) setTimeout(timer, 0);
};
setTimeout(timer, 0);
other.send(byte);`,
    ['true true true'],
  ),
  program(
    'no event is lost, however late after the last one it comes',
    `
const [one, other] = pair();
const poller = new Poller();
poller.register(one, 7, Interest.READABLE);
let left = 0;
let served = 0;
let rounds = 0;
const turns = (count, done) => (count === 0 ? done() : setImmediate(turns, count - 1, done));
poller.attach(() => {
  one.recv(byte);
  served += 1;
  if (--left > 0) other.send(byte);
  else turns(rounds % 13, next);
});
function next() {
  if (rounds === 400) {
    poller.close();
    console.log(served);
    return;
  }
  rounds += 1;
  left = rounds % 3 === 0 ? 1 : 60;
  other.send(byte);
}
next();`,
    [String(133 + 267 * 60)],
  ),
  program(
    'an edge and a single event are reported while the loop polls each turn',
    `
const [busy, feed] = pair();
const [edge, changes] = pair();
const [once, single] = pair();
const poller = new Poller();
poller.register(busy, 1, Interest.READABLE);
poller.register(once, 3, Interest.READABLE | Interest.ONE_SHOT);
if (edge.supports('edgeTriggered').level === 'native') poller.register(edge, 2, Interest.READABLE | Interest.EDGE);
else poller.register(edge, 2, Interest.READABLE | Interest.ONE_SHOT);
const seen = [0, 0, 0, 0];
poller.attach((events) => {
  for (let i = 0; i < events.length; i++) seen[events.token(i)] += 1;
  if (seen[1] < 500) {
    busy.recv(byte);
    feed.send(byte);
  }
  if (seen[1] === 200) for (const socket of [changes, single]) socket.send(byte);
  if (seen[1] < 500) return;
  poller.close();
  console.log(seen[1], seen[2], seen[3]);
});
feed.send(byte);`,
    ['500 1 1'],
  ),
  program(
    'a poller is detached, attached again and closed while it is polled each turn',
    `
const [one, other] = pair();
const poller = new Poller();
poller.register(one, 7, Interest.READABLE);
let calls = 0;
const serve = () => {
  calls += 1;
  one.recv(byte);
  other.send(byte);
  if (calls % 100 === 0) {
    poller.detach();
    if (calls % 200 === 0) setImmediate(() => poller.attach(serve));
    else poller.attach(serve);
  }
  if (calls === 1050) poller.close();
};
poller.attach(serve);
other.send(byte);
process.on('exit', () => console.log(calls, poller.closed));`,
    ['1050 true'],
  ),
  program(
    'a socket is closed by the callback while others are always ready',
    `
const pairs = Array.from({ length: 8 }, pair);
const poller = new Poller();
for (const [token, [one, other]] of pairs.entries()) {
  poller.register(one, token, Interest.READABLE);
  other.send(byte);
}
let calls = 0;
const seen = pairs.map(() => 0);
poller.attach((events) => {
  for (let i = 0; i < events.length; i++) {
    const token = events.token(i);
    const [one, other] = pairs[token];
    if (one.closed) continue;
    calls += 1;
    seen[token] += 1;
    one.recv(byte);
    other.send(byte);
    // Another one of the batch, mostly: its event is in the array already.
    if (calls % 300 === 0) pairs[(token + 1) % 8][0].close();
  }
});
process.on('exit', () => console.log('never'));
const end = () => {
  if (calls < 3000) return setImmediate(end);
  process.removeAllListeners('exit');
  console.log(poller.size < 8, seen.some((count) => count > 100));
  poller.close();
};
setImmediate(end);`,
    ['true true'],
  ),
  program(
    'a poller without ref() lets the process end in the middle of events',
    `
const [one, other] = pair();
const poller = new Poller();
poller.register(one, 7, Interest.READABLE);
let calls = 0;
poller.attach(() => {
  calls += 1;
  one.recv(byte);
  other.send(byte);
  if (calls === 500) poller.unref();
});
other.send(byte);
process.on('exit', () => console.log(calls >= 500));`,
    ['true'],
  ),
  program(
    'an attached poller without ref() does not keep the process alive',
    `
const [one] = pair();
const poller = new Poller();
poller.register(one, 7, Interest.READABLE);
poller.attach(() => console.log('never'));
poller.unref();
process.on('exit', () => console.log('exit'));`,
    ['exit'],
  ),
  program(
    'process.exit() in the middle of a wait',
    `
const [one] = pair();
one.readable();
const poller = new Poller();
poller.register(one, 7, Interest.READABLE);
poller.attach(() => console.log('never'));
setTimeout(() => process.exit(3), 50);`,
    [],
    3,
  ),
  program(
    'process.exit() in the callback of a poller',
    `
const [one] = pair();
const poller = new Poller();
poller.register(one, 7, Interest.WRITABLE);
poller.attach(() => process.exit(4));`,
    [],
    4,
  ),
  program(
    'what a callback throws is an uncaught exception',
    `
const [one, other] = pair();
const poller = new Poller();
poller.register(one, 7, Interest.READABLE);
process.on('uncaughtException', (error) => {
  console.log(error.message);
  poller.close();
});
poller.attach(() => {
  one.recv(byte);
  throw new Error('of the callback');
});
other.send(byte);`,
    ['of the callback'],
  ),
  program(
    'a poller closes itself, and another one, in its callback',
    `
const [one] = pair();
const [first, second] = [new Poller(), new Poller()];
for (const poller of [first, second]) {
  poller.register(one, 7, Interest.WRITABLE);
  poller.attach(() => {
    console.log('once');
    first.close();
    second.close();
  });
}`,
    ['once'],
  ),
  program(
    'pollers that come and go leave no descriptor and no thread',
    `
const [one] = pair();
const count = () => readdirSync('/proc/self/fd').length + readdirSync('/proc/self/task').length;
const round = async () => {
  const poller = new Poller();
  poller.register(one, 7, Interest.WRITABLE);
  await new Promise((resolve) => poller.attach(resolve));
  poller.close();
};
for (let i = 0; i < 20; i++) await round();
await rest(50);
const before = count();
for (let i = 0; i < 200; i++) await round();
// The runtime may close and end them later.
const end = Date.now() + 5000;
while (count() > before + 8 && Date.now() < end) await rest(20);
console.log(Math.max(0, count() - before - 8));`,
    ['0'],
  ),
  program(
    'signals reach the program while a poller waits',
    `
const [one] = pair();
const wait = one.readable();
process.once('SIGUSR2', () => {
  console.log('SIGUSR2');
  one.close();
});
process.kill(process.pid, 'SIGUSR2');
await wait.catch((error) => console.log(error.code));`,
    ['SIGUSR2', 'EBADF'],
  ),
  program(
    'a Worker that waited ends by itself',
    `
const { said, ended } = ${inWorker(`
setTimeout(() => other.send(new Uint8Array(1)), 20);
await one.readable();
parentPort.postMessage('readable');`)};
console.log(await said);
console.log(await ended);`,
    ['readable', '0'],
  ),
  program(
    'a Worker is terminated in the middle of a wait, and this thread waits on',
    `
const [one, other] = pair();
const wait = one.readable({ timeout: 10_000 });
for (let i = 0; i < 5; i++) {
  const { thread, said, ended } = ${inWorker(`
one.readable();
const poller = new Poller();
poller.register(one, 7, Interest.READABLE);
poller.attach(() => {});
parentPort.postMessage('waits');`)};
  await said;
  await thread.terminate();
  await ended;
}
other.send(byte);
await wait;
console.log('readable');`,
    ['readable'],
  ),
  program(
    'a Worker is terminated while events arrive',
    `
for (let i = 0; i < 5; i++) {
  const { thread, said, ended } = ${inWorker(`
const poller = new Poller();
poller.register(one, 7, Interest.WRITABLE);
let calls = 0;
poller.attach(() => {
  if (++calls === 20) parentPort.postMessage('calls');
});`)};
  await said;
  await thread.terminate();
  await ended;
}
console.log('ended');`,
    ['ended'],
  ),
  program(
    'process.exit() in a Worker in the middle of a wait',
    `
const { ended } = ${inWorker(`
one.readable();
setTimeout(() => process.exit(5), 50);`)};
console.log(await ended);`,
    ['5'],
  ),
  program(
    'process.exit() while a Worker waits',
    `
const { said } = ${inWorker(`
one.readable();
parentPort.postMessage('waits');`)};
console.log(await said);
process.exit(6);`,
    ['waits'],
    6,
  ),
];
