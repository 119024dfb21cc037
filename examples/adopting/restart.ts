/**
 * A graceful restart: the old process passes its listening descriptor to the new one, as systemd would. It
 * stops accepting once the new process is ready. No connection is refused in between.
 *
 *   node --import tsx examples/adopting/restart.ts
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { intoNetServer, listenFds, socketFrom } from '@sock/std';
import { Domain, SockAddr, Socket, Type } from '@sock/native';

const [inherited] = listenFds({
  env: { LISTEN_FDS: process.env['LISTEN_FDS'], LISTEN_PID: String(process.pid) },
});
const name = inherited === undefined ? 'the old process' : 'the new process';
const server = http.createServer((_, response) => {
  response.setHeader('connection', 'close');
  response.end(name);
});

if (inherited?.socket !== undefined) {
  intoNetServer(inherited.socket, { server });
  server.once('listening', () => console.log('ready'));
} else {
  const socket = new Socket(Domain.IPV4, Type.STREAM);
  socket.bind(SockAddr.ipv4('127.0.0.1', 0));
  socket.listen(512);
  const { port } = socket.localAddr();
  intoNetServer(socket, { server });
  await once(server, 'listening');
  const ask = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/`)).text();
  const before = await ask();

  const passed = socketFrom(server);
  const next = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url)], {
    stdio: ['ignore', 'pipe', 'inherit', passed.asRawFd()],
    env: { ...process.env, LISTEN_FDS: '1' },
  });
  const ready = once(next.stdout as NodeJS.ReadableStream, 'data');
  const during = await ask();
  await ready;
  passed.close();
  server.close();
  const after = await ask();
  console.log(
    `before: ${before}; during: ${during.length > 0 ? 'answered' : 'lost'}; after: ${after}`,
  );
  next.kill();
  if (before !== 'the old process' || after !== 'the new process') process.exitCode = 1;
}
