/**
 * Happy Eyeballs on real sockets: black-holed, refusing, slow and unreachable addresses in network namespaces, and the time
 * to connect against the time that RFC 8305 says. Needs root or user namespaces.
 *
 *   node --import tsx packages/std/proof/happy-eyeballs/namespace.ts [--scenarios 200] [--seed 1] [--ways connectHost,net] [--any-time]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ifNameToIndex } from '@sock/native';
import { NetworkNamespace } from '../../../../examples/network-namespace.js';
import type { Way } from './client.js';
import { Lateness } from './lateness.js';
import { draw, type Fate, ideal, isSteady, type Outcome, type Scenario } from './scenario.js';
import { join, keyOf } from './wire.js';

const WAYS: readonly Way[] = ['connectHost', 'net', 'http', 'undici', "node's net"];
/** How far from the ideal an outcome may be, in milliseconds. */
const TOLERANCE = 50;
/** How often an outcome may be wrong until it counts: a busy machine may have held a process up. */
const WRONG = 3;
/** The most plays of a scenario. */
const PLAYS = 20;
/** In milliseconds. If a process was late by more, the play proves nothing. */
const HELD = 15;
/** Where addresses of each fate begin. */
const POOLS: Readonly<Record<Fate['kind'], number>> = {
  answers: 10,
  refuses: 20,
  'black hole': 30,
  unreachable: 40,
};
const MOST = 4;

const { values } = parseArgs({
  options: {
    scenarios: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    ways: { type: 'string', default: WAYS.join() },
    'any-time': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(
    '--scenarios N   default 200\n--seed N        of the first; default 1\n--ways A,B      default all\n--any-time      count the end of a scenario, and not its time',
  );
  process.exit();
}

/** This process and the wire are in a namespace of their own. */
if (process.env['SOCK_WIRE'] === undefined) {
  const obstacle = NetworkNamespace.obstacle();
  if (obstacle !== undefined) {
    console.log(`skipped: ${obstacle}`);
    console.log('0 passed, 0 failed, 1 skipped');
    process.exit();
  }
  const user = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const self = [...process.execArgv, ...process.argv.slice(1)];
  const child = spawn('unshare', ['--net', ...user, process.execPath, ...self], {
    stdio: 'inherit',
    env: { ...process.env, SOCK_WIRE: '1' },
  });
  const [code] = (await once(child, 'close')) as [number];
  process.exit(code ?? 1);
}

const address = (family: 4 | 6, pool: number, index: number): string =>
  family === 4 ? `10.0.2.${pool + index}` : `2001:db8:2::${pool + index}`;

/** Programs in the namespaces end with this one. */
const children: ChildProcess[] = [];

function start(namespace: NetworkNamespace, ...command: string[]): ChildProcess {
  const [file, ...args] = namespace.command(...command);
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

const SERVER = `
  import net from 'node:net';
  const addresses = process.argv.slice(1);
  const ready = addresses.map((host) => new Promise((done) => {
    net.createServer((socket) => socket.on('error', () => undefined).resume()).listen(80, host, done);
  }));
  await Promise.all(ready);
  console.log('ready');
  process.stdin.resume().on('end', () => process.exit());
`;

/** Two namespaces on a network, joined by the wire of this process. */
async function build(delays: () => ReadonlyMap<string, number | undefined>) {
  const client = await NetworkNamespace.make();
  const server = await NetworkNamespace.make(client);
  const { execFileSync } = await import('node:child_process');
  const ip = (...args: string[]): void => void execFileSync('ip', args);
  for (const [namespace, name, host] of [
    [client, 'left', 1],
    [server, 'right', 2],
  ] as const) {
    ip('link', 'add', 'name', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace.pid);
    ip('link', 'set', name, 'promisc', 'on', 'up');
    namespace.run('sh', '-c', 'echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_dad || true');
    namespace.ip('address', 'add', `10.0.2.${host}/24`, 'dev', 'eth0');
    namespace.ip('address', 'add', `2001:db8:2::${host}/64`, 'dev', 'eth0', 'nodad');
    namespace.ip('link', 'set', 'eth0', 'up');
  }
  const stop = join(ifNameToIndex('left'), ifNameToIndex('right'), delays);
  const listening: string[] = [];
  for (const family of [4, 6] as const) {
    for (let index = 0; index < MOST; index++) {
      const bits = family === 4 ? 32 : 128;
      for (const kind of ['answers', 'refuses', 'black hole'] as const) {
        const text = address(family, POOLS[kind], index);
        const flags = family === 6 ? ['nodad'] : [];
        server.ip('address', 'add', `${text}/${bits}`, 'dev', 'eth0', ...flags);
        if (kind === 'answers') listening.push(text);
      }
      const lost = address(family, POOLS.unreachable, index);
      client.ip(`-${family}`, 'route', 'add', 'unreachable', `${lost}/${bits}`);
    }
  }
  const serving = start(
    server,
    process.execPath,
    '--input-type=module',
    '--eval',
    SERVER,
    ...listening,
  );
  await once(serving.stdout as NodeJS.ReadableStream, 'data');
  return { client, server, stop };
}

/** Gives each address of a scenario the number of its fate. */
function place(scenario: Scenario): Scenario {
  const used = new Map<string, number>();
  const move = ({ after, addresses }: Scenario['v6']): Scenario['v6'] => ({
    after,
    addresses: addresses.map(({ family, fate }) => {
      const pool = `${family} ${fate.kind}`;
      const index = used.get(pool) ?? 0;
      used.set(pool, index + 1);
      return { family, fate, address: address(family, POOLS[fate.kind], index) };
    }),
  });
  return { ...scenario, v6: move(scenario.v6), v4: move(scenario.v4) };
}

let delays = new Map<string, number | undefined>();
const { client, server, stop } = await build(() => delays);
const program = fileURLToPath(new URL('client.ts', import.meta.url));
const connecting = start(client, process.execPath, '--import', 'tsx', program);
const lines = createInterface({ input: connecting.stdout as NodeJS.ReadableStream })[
  Symbol.asyncIterator
]();
const next = async (): Promise<unknown> => JSON.parse((await lines.next()).value as string);
await next();

/** The first packets between two hosts wait for their neighbours' addresses: RFC 4861. */
async function play(way: Way, scenario: Scenario): Promise<Outcome> {
  delays = new Map();
  for (const { address: text, fate } of [...scenario.v6.addresses, ...scenario.v4.addresses]) {
    if (fate.kind === 'black hole') delays.set(keyOf(text), undefined);
    else if (fate.kind !== 'unreachable') delays.set(keyOf(text), fate.after);
  }
  const lateness = new Lateness();
  connecting.stdin?.write(`${JSON.stringify({ way, scenario })}\n`);
  const outcome = (await next()) as Outcome;
  return { ...outcome, held: Math.max(outcome.held ?? 0, lateness.end()) };
}

const number = (text: string | undefined): number => Number.parseInt(text ?? '', 10);
const percentile = (list: readonly number[], share: number): number =>
  list[Math.min(list.length - 1, Math.floor(list.length * share))] ?? 0;

let [passed, failed] = [0, 0];
const table: string[][] = [
  ['way', 'as RFC 8305', 'too late', 'ends otherwise', 'played again', 'median', '95 %', 'worst'],
];
const scenarios: Scenario[] = [];
for (let seed = number(values.seed); scenarios.length < number(values.scenarios); seed++) {
  const scenario = draw(seed, () => '', 10);
  if (isSteady(scenario)) scenarios.push(place(scenario));
}
// So that every neighbour is known, before any time is taken.
for (const kind of ['answers', 'refuses'] as const) {
  for (const family of [4, 6] as const) {
    for (let index = 0; index < MOST; index++) {
      const text = address(family, POOLS[kind], index);
      const found = { after: 1, addresses: [{ family, address: text, fate: { kind, after: 0 } }] };
      const none = { after: 1, addresses: [] };
      const [v6, v4] = family === 6 ? [found, none] : [none, found];
      // And that every module is loaded.
      const way = WAYS[(index + family) % WAYS.length] as Way;
      await play(way, { seed: 0, v6, v4, attemptDelay: 250, timeout: 3000 });
    }
  }
}
for (const way of values.ways.split(',') as Way[]) {
  let [right, late, never, again] = [0, 0, 0, 0];
  const differences: number[] = [];
  for (const scenario of scenarios) {
    const expected = ideal(scenario);
    const isRight = ({ kind, at }: Outcome): boolean =>
      kind === expected.kind && Math.abs(at - expected.at) <= TOLERANCE;
    let actual = await play(way, scenario);
    if (!isRight(actual)) again += 1;
    let wrong = 0;
    for (let plays = 1; plays < PLAYS && !isRight(actual); plays++) {
      if ((actual.held ?? 0) <= HELD && ++wrong === WRONG) break;
      actual = await play(way, scenario);
    }
    const difference = actual.at - expected.at;
    if (isRight(actual)) right += 1;
    else if (actual.kind === expected.kind) late += 1;
    else never += 1;
    if (actual.kind === 'connected' && expected.kind === 'connected') differences.push(difference);
    if (way === "node's net") continue;
    if (isRight(actual) || (values['any-time'] && actual.kind === expected.kind)) passed += 1;
    else {
      failed += 1;
      console.log(`${way}, seed ${scenario.seed}: ${JSON.stringify({ expected, actual })}`);
    }
  }
  differences.sort((one, other) => one - other);
  const figures = [0.5, 0.95, 1].map((share) => `+${percentile(differences, share).toFixed(0)} ms`);
  table.push([way, `${right}`, `${late}`, `${never}`, `${again}`, ...figures]);
}
console.log(table.map((row) => `| ${row.join(' | ')} |`).join('\n'));
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
for (const child of children) child.stdin?.end();
stop();
client.close();
server.close();
process.exit(failed === 0 ? 0 : 1);
