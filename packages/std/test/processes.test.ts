/** Conversions in workers of a cluster, in threads, and in a service started by socket activation. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const fixture = (name: string): string => join(import.meta.dirname, 'fixtures', name);

test.each([
  ['round-robin', { timeout: 1234 }],
  ['shared', { timeout: 1234 }],
  ['exclusive', { timeout: 1234 }],
  ['adopted', { timeout: 1234 }],
  ['refused', { code: 'ERR_SOCK_UNSUPPORTED' }],
])("a cluster's worker, %s", async (how, expected) => {
  const { stdout } = await run(process.execPath, [fixture('cluster.mjs'), how]);
  expect(JSON.parse(stdout)).toEqual(expected);
});

test('threads adopt and convert independently', async () => {
  const workers = [1, 2].map(() => new Worker(fixture('worker.mjs')));
  const ended = Promise.all(workers.map((worker) => once(worker, 'exit')));
  const heard = await Promise.all(workers.map((worker) => once(worker, 'message')));
  expect(heard).toEqual(workers.map(() => [{ heard: 'from a thread', nodelay: true }]));
  expect(await ended).toEqual(workers.map(() => [0]));
});

test('a service adopts its sockets, notifies the manager, and serves', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sock-notify-'));
  const path = join(folder, 'notify');
  const manager = new Socket(Domain.UNIX, Type.DGRAM);
  const web = new Socket(Domain.IPV4, Type.STREAM);
  const dns = new Socket(Domain.IPV4, Type.DGRAM);
  try {
    manager.bind(SockAddr.unix(path));
    web.bind(SockAddr.ipv4('127.0.0.1', 0));
    web.listen(4);
    dns.bind(SockAddr.ipv4('127.0.0.1', 0));
    // systemd sets LISTEN_PID between fork and exec, as this does.
    const start = 'LISTEN_PID=$$ exec "$@"';
    const service = spawn('sh', ['-c', start, 'sh', process.execPath, fixture('service.mjs')], {
      stdio: ['ignore', 'pipe', 'inherit', web.asRawFd(), dns.asRawFd()],
      env: { ...process.env, LISTEN_FDS: '2', LISTEN_FDNAMES: 'web:dns', NOTIFY_SOCKET: path },
    });
    const exit = once(service, 'exit');
    await manager.readable({ timeout: 20_000 });
    const buffer = new Uint8Array(256);
    const state = new TextDecoder().decode(buffer.subarray(0, manager.recv(buffer)));
    expect(state).toBe(`READY=1\nMAINPID=${service.pid}`);

    const { port } = web.localAddr();
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('web, dns');
    const peer = new Socket(Domain.IPV4, Type.DGRAM);
    peer.sendTo(new TextEncoder().encode('ping'), dns.localAddr());
    await peer.readable({ timeout: 20_000 });
    expect(new TextDecoder().decode(buffer.subarray(0, peer.recv(buffer)))).toBe('pong');
    peer.close();
    expect(await exit).toEqual([0, null]);
  } finally {
    for (const socket of [manager, web, dns]) socket.close();
    rmSync(folder, { recursive: true });
  }
});
