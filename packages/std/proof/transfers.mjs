/**
 * Gives sockets to threads and processes that die at random moments, and checks that each is closed everywhere.
 *
 * Each socket is one end of a pair. Its receiver sends a byte on it and closes it. The other end reads to the end of
 * the stream, which comes only when every descriptor of the first, in each process, is closed. A transfer that
 * succeeds while its receiver lives must bring the byte, and one that fails must not.
 *
 *   node packages/std/proof/transfers.mjs [--count 100000] [--life 200] [--seed N]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Domain, Socket, Type } from '@sock/native';
import { sendSocket } from '@sock/std';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100000' },
    life: { type: 'string', default: '200' },
    seed: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help === true) {
  console.log(`usage: node packages/std/proof/transfers.mjs [--count N] [--life N] [--seed N]

Gives sockets to threads and processes that die at random moments, and checks that each is closed everywhere.

  --count N  transfers (default 100000)
  --life N   a receiver dies after so many on average (default 200)
  --seed N   repeats the order of the deaths of an earlier run, which printed it`);
  process.exit();
}
const count = Number(values.count);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
/** Transfers that are under way at the same time. */
const LANES = 12;
const TAKERS = 4;
/** On average a taker dies after so many transfers. */
const LIFE = Number(values.life);

let state = seed;
/** A number from 0 to 1: mulberry32. */
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

const program = fileURLToPath(new URL('../test/fixtures/taker.mjs', import.meta.url));
const openFds = () => readdirSync('/proc/self/fd').length;
const sum = { taken: 0, missed: 0, deaths: 0 };

/** A thread or a process that takes sockets until it is ended. */
class Taker {
  ended = false;

  constructor(isThread) {
    this.isThread = isThread;
    this.channel = isThread ? new Worker(program) : fork(program, { execArgv: [] });
    this.exit = once(this.channel, 'exit');
    this.ready = Promise.race([once(this.channel, 'message'), this.exit]).then(() => {
      if (this.ended) return;
      const message = { take: 'answer', count: 1e9 };
      if (isThread) this.channel.postMessage(message);
      else this.channel.send(message);
    });
  }

  async end() {
    if (this.ended) return;
    this.ended = true;
    if (this.isThread) await this.channel.terminate();
    else {
      this.channel.kill('SIGKILL');
      await this.exit;
    }
  }
}

const takers = Array.from({ length: TAKERS }, (_, index) => new Taker(index % 2 === 0));

async function replace(index) {
  const taker = takers[index];
  sum.deaths += 1;
  const ended = taker.end();
  takers[index] = new Taker(taker.isThread);
  await ended;
}

let begun = 0;
const deaths = new Set();

async function lane() {
  while (begun < count) {
    begun += 1;
    const index = Math.floor(random() * TAKERS);
    const taker = takers[index];
    await taker.ready;
    if (random() < 1 / LIFE && !taker.ended) {
      // From before the offer to after its end.
      const death = delay(random() * 3).then(() => takers[index] === taker && replace(index));
      deaths.add(death);
      death.then(() => deaths.delete(death));
    }
    const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
    let failure;
    try {
      await sendSocket(taker.channel, one);
    } catch (error) {
      failure = error;
      if (error.code === 'ERR_SOCK_CHANNEL_CLOSED') one.close();
      else if (error.code !== 'ERR_SOCK_NOT_TAKEN') throw error;
    }
    if (!one.closed) throw new Error('the socket is still open at the giver');
    const buffer = new Uint8Array(4);
    let bytes = 0;
    // ETIMEDOUT here: a descriptor is open somewhere.
    for (let length = 1; length > 0;) {
      length = await other.recvAsync(buffer, { timeout: 60_000 });
      bytes += length;
    }
    other.close();
    if (failure === undefined) sum.taken += 1;
    else sum.missed += 1;
    if (failure !== undefined && bytes > 0) throw new Error('not taken, and yet it was used');
    if (failure === undefined && bytes === 0 && !taker.ended) throw new Error('taken, and dropped');
  }
}

// The first wait opens the poller of this thread, which stays.
const [waits, peer] = Socket.pair(Domain.UNIX, Type.STREAM);
peer.close();
await waits.readable();
waits.close();
await Promise.all(takers.map((taker) => taker.ready));
await Promise.all(takers.map((taker) => taker.end()));
await delay(200);
const before = openFds();
for (let index = 0; index < TAKERS; index++) takers[index] = new Taker(index % 2 === 0);
await Promise.all(Array.from({ length: LANES }, lane));
while (deaths.size > 0) await Promise.all(deaths);
await Promise.all(takers.map((taker) => taker.end()));
for (let tries = 0; openFds() !== before && tries < 50; tries++) await delay(100);
const left = openFds() - before;
console.log(
  `${count} transfers: ${sum.taken} taken, ${sum.missed} not taken, ${sum.deaths} deaths; ${left} descriptors left; seed ${seed}`,
);
process.exit(left === 0 ? 0 : 1);
