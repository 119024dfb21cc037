/**
 * One process for each core, all listening on one port with SO_REUSEPORT. The kernel distributes the
 * connections, so no process has to pass them on.
 *
 *   node --import tsx examples/adopting/reuse-port.ts
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { intoNetServer } from '@sock/std';
import { Domain, SockAddr, Socket, Type } from '@sock/native';

function listen(port: number): Socket {
  const socket = new Socket(Domain.IPV4, Type.STREAM);
  socket.setReusePort(true);
  socket.bind(SockAddr.ipv4('127.0.0.1', port));
  return socket;
}

if (process.send !== undefined) {
  const socket = listen(Number(process.argv[2]));
  socket.listen(512);
  const server = http.createServer((_, response) => response.end(`${process.pid}`));
  intoNetServer(socket, { server });
  server.once('listening', () => process.send?.('ready'));
} else {
  // This socket is bound but does not listen: it reserves the port and receives no connection.
  using keeper = listen(0);
  const { port } = keeper.localAddr();
  const count = Math.max(2, availableParallelism());
  const workers: ChildProcess[] = Array.from({ length: count }, () =>
    fork(fileURLToPath(import.meta.url), [String(port)], { execArgv: process.execArgv }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const answered = new Map<string, number>();
  for (let i = 0; i < 60; i++) {
    const agent = new http.Agent({ keepAlive: false });
    const answer = await new Promise<string>((resolve, reject) => {
      http
        .get({ port, host: '127.0.0.1', agent }, (response) => {
          response.setEncoding('utf8').on('data', resolve);
        })
        .on('error', reject);
    });
    answered.set(answer, (answered.get(answer) ?? 0) + 1);
  }
  for (const [pid, requests] of answered)
    console.log(`process ${pid} answered ${requests} requests`);
  for (const worker of workers) worker.kill();
  if (answered.size !== count) process.exitCode = 1;
}
