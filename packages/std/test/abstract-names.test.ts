/** Abstract unix names through the drop-in module: the same name as node's own, whatever its version pads. */
import { once } from 'node:events';
import nodeNet from 'node:net';
import * as dropIn from '@sock/std/net';
import { afterEach, expect, test } from 'vitest';

const open: nodeNet.Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

const sock = { sendBufferSize: 20_000 };
const servers: Record<string, () => nodeNet.Server> = {
  'a drop-in server with options': () => dropIn.createServer({ sock }),
  'a drop-in server without options': () => dropIn.createServer(),
  "node's own server": () => nodeNet.createServer(),
};
const clients: Record<string, (path: string) => nodeNet.Socket> = {
  'a drop-in client with options': (path) => dropIn.connect({ path, sock }),
  'a drop-in client without options': (path) => dropIn.connect(path),
  "node's own client": (path) => nodeNet.connect(path),
};
const pairs = Object.keys(servers).flatMap((server) =>
  Object.keys(clients).map((client) => [server, client] as const),
);

test.each(pairs)('%s and %s meet', async (server, client) => {
  const path = `\0sock ${process.pid} ${server} ${client}`.slice(0, 90);
  const listener = (servers[server] as () => nodeNet.Server)();
  open.push(listener);
  listener.on('connection', (socket) => socket.end('met'));
  listener.listen(path);
  await once(listener, 'listening');
  expect(listener.address()).toBe(path);
  const socket = (clients[client] as (path: string) => nodeNet.Socket)(path);
  const [data] = (await once(socket, 'data')) as [Buffer];
  expect(String(data)).toBe('met');
});
