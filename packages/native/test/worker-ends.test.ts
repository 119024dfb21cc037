/** The one call that ends a blocking call of a Worker, so that the Worker and the process can end. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = (make: string, call: string, end: string): string => `
  import { Worker } from 'node:worker_threads';
  import { Domain, SockAddr, Socket, Type } from '@sock/native';
  ${make}
  const worker = new Worker(\`
    const { workerData, parentPort } = require('node:worker_threads');
    import('@sock/native').then(({ Socket }) => {
      const socket = Socket.borrowRawFd(workerData);
      parentPort.postMessage('blocks');
      ${call}
    });
  \`, { eval: true, execArgv: [], workerData: socket.asRawFd() });
  worker.on('error', () => undefined);
  worker.once('message', () => setTimeout(async () => { ${end} }, 100));
`;

const LISTENER = `
  const socket = new Socket(Domain.IPV4, Type.STREAM);
  socket.bind(SockAddr.ipv4('127.0.0.1', 0));
  socket.listen(1);
`;
const PAIR = 'const [socket, peer] = Socket.pair(Domain.UNIX, Type.STREAM);';
const TERMINATE = `socket.shutdown('both'); await worker.terminate(); console.log('ended'); process.exit();`;
const EXIT = `process.once('exit', () => { socket.shutdown('both'); console.log('ended'); }); process.exit();`;

test.runIf(process.platform === 'linux').each([
  ['accept, terminate()', LISTENER, 'socket.accept();', TERMINATE],
  ['recv, terminate()', PAIR, 'socket.recv(new Uint8Array(8));', TERMINATE],
  ['accept, process.exit()', LISTENER, 'socket.accept();', EXIT],
  ['recv, process.exit()', PAIR, 'socket.recv(new Uint8Array(8));', EXIT],
])('shutdown frees a Worker: %s', (_, make, call, end) => {
  const { stdout, signal } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', program(make, call, end)],
    {
      encoding: 'utf8',
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      timeout: 20_000,
      // process.exit() leaves the engine's heap as it is, which a leak check would report.
      env: { ...process.env, ASAN_OPTIONS: `${process.env['ASAN_OPTIONS'] ?? ''}:detect_leaks=0` },
    },
  );
  expect([stdout, signal]).toEqual(['ended\n', null]);
});
