/**
 * Small exchanges by QUIC over every path, as tests. Ends with `N passed, N failed, N skipped`.
 *
 *   node examples/quic/check.mjs
 */
import { register } from 'tsx/esm/api';
import { Tally } from '../../tools/tally.mjs';

register();
const { build } = await import('./stack.ts');
const { exchange, exchangeInNamespaces } = await import('./run.ts');
const { describe, problems } = await import('./report.ts');

const plain = {
  transport: 'endpoint',
  address: '127.0.0.1:0',
  bytes: 4 << 20,
  markOneOf: 0,
  loseOneOf: 0,
  rate: 0,
  queue: 100_000,
  sendBuffer: 4_000_000,
  shrinkAfter: 0,
};
const lossy = { markOneOf: 100, loseOneOf: 500 };
const cases = {
  'IPv4, loopback': [exchange, {}],
  'IPv6, loopback': [exchange, { address: '[::1]:0' }],
  'the server has every address, the client asks for one': [
    exchange,
    { address: '0.0.0.0:0', target: '127.0.0.9' },
  ],
  'the server has a dual-stack socket, the client has IPv4': [
    exchange,
    { address: '[::]:0', target: '127.0.0.1' },
  ],
  'a router that marks and loses': [exchange, lossy],
  'a kernel that marks and loses, small packets, a device that cuts no runs': [
    exchangeInNamespaces,
    lossy,
  ],
  'a queue that is full': [exchangeInNamespaces, { rate: 100 }],
  'a socket that has no room': [
    exchangeInNamespaces,
    { rate: 100, queue: 4_000_000, sendBuffer: 64_000 },
  ],
  'node:dgram, to compare with': [exchange, { transport: 'dgram' }],
};

const tally = new Tally();
console.log('building quinn-proto with cargo, which takes a minute the first time');
const obstacle = build();
for (const [name, [run, init]] of Object.entries(cases)) {
  if (obstacle !== undefined) {
    tally.add('skipped', name, obstacle);
    continue;
  }
  const whole = { ...plain, ...init };
  try {
    const report = await run(whole);
    if (typeof report === 'string') tally.add('skipped', name, report);
    else {
      const found = problems(report, whole);
      tally.check(name, found.length === 0, found.join('; '));
      if (found.length > 0) console.log(describe(report));
    }
  } catch (error) {
    tally.check(name, false, error.message);
  }
}
tally.finish();
