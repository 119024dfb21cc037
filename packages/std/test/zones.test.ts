/** IPv6 zones and interface names: accepted by name and index everywhere, and shown as node shows them. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';

const namespace = ['-rn', 'sh', '-c'];
const canUnshare = spawnSync('unshare', [...namespace, 'ip link set lo up']).status === 0;

interface Result {
  readonly found: Record<string, unknown>;
  readonly ours: {
    scopes: number[];
    refused: string;
    resolve: unknown;
    names: string[];
    stream: string[];
  };
}

function inNamespace(kind: string): Result {
  const program = new URL('fixtures/zones.mjs', import.meta.url).pathname;
  const script =
    'ip link set lo multicast on up; ip addr add fe80::1/64 dev lo nodad; exec "$0" "$@"';
  const { stdout, stderr } = spawnSync(
    'unshare',
    [...namespace, script, process.execPath, program, kind],
    { encoding: 'utf8', timeout: 20_000 },
  );
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Result;
}

describe.skipIf(!canUnshare)('in a network namespace', () => {
  const node = canUnshare ? inNamespace('node') : undefined;
  const native = canUnshare ? inNamespace('native') : undefined;

  test('bind, rinfo.address and addMembership take and show zones as node', () => {
    const { 'bind to zone 1': byIndex, ...found } = native?.found ?? {};
    expect(found).toEqual(node?.found);
    // CPython takes indexes too, node does not.
    expect(byIndex).toEqual(node?.found['bind to zone lo']);
  });
  test('resolve keeps the interface of a zone', () => {
    expect(native?.ours.resolve).toEqual(['fe80::1', 1]);
  });
  test('SockAddr takes the name of an interface as a zone, and refuses a name of none', () => {
    expect(native?.ours.scopes).toEqual([1, 1, 1, 1, 1]);
    expect(native?.ours.refused).toBe('ERR_INVALID_ARG_VALUE');
  });
  test('addMembership takes a name or an index of an interface, and refuses what is neither', () => {
    const each = ['ok', 'ok', 'ok', 'ok'];
    expect(native?.ours.names.slice(0, 4)).toEqual(each);
    expect(native?.ours.names.slice(6, 10)).toEqual(each);
    for (const index of [4, 5, 10, 11]) expect(native?.ours.names[index]).not.toBe('ok');
  });
  test('addresses of streams and servers have their zone', () => {
    expect(native?.ours.stream).toEqual(['fe80::1%lo', 'fe80::1%lo', 'fe80::1%lo']);
  });
  test('on @sock/wasi an interface is looked up, and a group is refused with the reason', () => {
    const { ours } = inNamespace('wasi');
    expect(ours.resolve).toEqual(['fe80::1', 1]);
    // wasi:sockets has no multicast: an error says so, and no interface is chosen in silence.
    const found = [...Array<string>(4).fill('ERR_SOCK_UNSUPPORTED'), 'EINVAL', 'EINVAL'];
    expect(ours.names).toEqual([...found, ...found]);
  });
});
