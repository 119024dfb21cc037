/** What systemd passes to a service: sockets and other descriptors, in a process of its own. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { listenFds } from '@sock/std';
import { expect, test } from 'vitest';

/** Runs a script with a socket, a file and a second socket as descriptors 3, 4 and 5. */
function service(script: string, count = '3', names = 'web:store:dns'): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'listen-fds-'));
  const stored = join(folder, 'store');
  writeFileSync(stored, 'stored');
  const file = openSync(stored, 'r');
  const web = new Socket(Domain.IPV4, Type.STREAM);
  const dns = new Socket(Domain.IPV4, Type.DGRAM);
  try {
    web.bind(SockAddr.ipv4('127.0.0.1', 0));
    web.listen(8);
    dns.bind(SockAddr.ipv4('127.0.0.1', 0));
    const { stdout, stderr } = spawnSync(
      'sh',
      [
        '-c',
        'export LISTEN_PID=$$; exec "$0" --input-type=module -e "$1"',
        process.execPath,
        script,
      ],
      {
        encoding: 'utf8',
        cwd: fileURLToPath(new URL('.', import.meta.url)),
        stdio: ['ignore', 'pipe', 'pipe', web.asRawFd(), file, dns.asRawFd()],
        env: {
          ...process.env,
          LISTEN_FDS: count,
          LISTEN_FDNAMES: names,
          LISTEN_PIDFDID: '1234',
        },
      },
    );
    expect(stderr).toBe('');
    return JSON.parse(stdout);
  } finally {
    web.close();
    dns.close();
    closeSync(file);
    rmSync(folder, { recursive: true });
  }
}

const LISTEN = `
  import { execFileSync } from 'node:child_process';
  import { readFileSync, fstatSync } from 'node:fs';
  import { listenFds } from '@sock/std';
  const variables = () => Object.keys(process.env).filter((name) => name.startsWith('LISTEN_')).sort();
  const show = (value) => console.log(JSON.stringify(value));
`;

test.runIf(process.platform === 'linux')('a file among sockets is given as a descriptor', () => {
  const result = service(`${LISTEN}
    const passed = listenFds();
    show({
      passed: passed.map(({ name, fd, socket }) => [name, fd, socket?.type() ?? readFileSync(fd, 'utf8')]),
      variables: variables(),
      inherited: execFileSync('sh', ['-c', 'ls /proc/self/fd']).toString().includes('4\\n5'),
    });
  `);
  expect(result).toEqual({
    passed: [
      ['web', 3, 'stream'],
      ['store', 4, 'stored'],
      ['dns', 5, 'dgram'],
    ],
    variables: [],
    inherited: false,
  });
});

test.runIf(process.platform === 'linux')('after an error nothing is lost', () => {
  const result = service(
    `${LISTEN}
    let code;
    try { listenFds(); } catch (error) { ({ code } = error); }
    const before = variables();
    const open = [3, 4, 5].map((fd) => { try { fstatSync(fd); return true; } catch { return false; } });
    process.env.LISTEN_FDS = '3';
    show({ code, before, open, again: listenFds().length });
  `,
    '600',
  );
  expect(result).toEqual({
    code: 'EBADF',
    before: ['LISTEN_FDNAMES', 'LISTEN_FDS', 'LISTEN_PID', 'LISTEN_PIDFDID'],
    open: [true, true, true],
    again: 3,
  });
});

test('variables that are for another process are deleted, and nothing is adopted', () => {
  const env = { LISTEN_FDS: '1', LISTEN_PID: '1', LISTEN_PIDFDID: '7' };
  expect(listenFds({ env })).toEqual([]);
  expect(env).toEqual({});
});
