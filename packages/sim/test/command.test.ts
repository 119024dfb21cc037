/** The command sock-sim, as its users call it. */
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const bin = fileURLToPath(new URL('../bin/sock-sim.mjs', import.meta.url));
const folder = mkdtempSync(fileURLToPath(new URL('../.command-', import.meta.url)));
const scenario = join(folder, 'scenario.mjs');
// A datagram that must arrive, without anybody who sends it again.
writeFileSync(
  scenario,
  `import { SockAddr } from '@sock/sim';
export const options = { latency: 5 };
export default async ({ network }) => {
  const [one, other] = ['10.0.0.1', '10.0.0.2'].map((address) => network.host(address));
  const receiver = new other.Socket('ipv4', 'dgram');
  receiver.bind(SockAddr.ipv4('10.0.0.2', 9));
  new one.Socket('ipv4', 'dgram').sendTo(new Uint8Array(3), SockAddr.ipv4('10.0.0.2', 9));
  await receiver.readable({ timeout: 1000 });
};
`,
);
afterAll(() => rmSync(folder, { recursive: true }));

const sim = (...args: string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8' });

test('run prints the trace of a seed and writes a capture', () => {
  const capture = join(folder, 'run.pcapng');
  const { stdout, status } = sim('run', scenario, '--seed', '3', '--capture', capture);
  expect(stdout).toMatch(
    /network seed 3, 0 faults\n[^]*udp 10\.0\.0\.1:\d+ > 10\.0\.0\.2:9 3 bytes {2}\[arrives 5\.000\]/,
  );
  expect(status).toBe(0);
  expect(readFileSync(capture).readUInt32LE(0)).toBe(0x0a0d0d0a);
});

test('run --runs finds a failure, and --faults shows it again', () => {
  const found = sim('run', scenario, '--runs', '200');
  expect(found.status).toBe(1);
  const [, replay = ''] = /^replay: '(.*)'$/m.exec(found.stdout) ?? [];
  const { seed, faults } = JSON.parse(replay) as { seed: number; faults: unknown };
  expect(faults).toEqual([{ kind: 'drop', packet: 0 }]);
  const again = sim('run', scenario, '--seed', String(seed), '--faults', JSON.stringify(faults));
  expect(again.status).toBe(1);
  expect(again.stderr).toContain('ETIMEDOUT');
});

test('replay runs a command with what it is to replay', () => {
  const print = 'console.log(process.env.SOCK_SIM_REPLAY)';
  const replay = '{"seed":5,"faults":[]}';
  const { stdout, status } = sim('replay', replay, '--', process.execPath, '-e', print);
  expect([stdout.trim(), status]).toEqual([replay, 0]);
});

test('--help describes it, and what is wrong is said', () => {
  expect(sim('--help').stdout).toContain('usage: sock-sim run');
  for (const wrong of [[], ['fly'], ['run'], ['replay', '{}'], ['run', scenario, '--nothing']]) {
    const { status, stderr } = sim(...wrong);
    expect([status, stderr.includes('usage:')], wrong.join()).toEqual([2, true]);
  }
});
