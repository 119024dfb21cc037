/**
 * An HTTP service that reports its state to its supervisor: sd_notify(3), over NOTIFY_SOCKET. Without a
 * supervisor it reports nothing.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { notify } from '@sock/std';

let requests = 0;
const server = http.createServer((_, response) => {
  requests += 1;
  response.setHeader('connection', 'close');
  response.end('Hello, World!\n');
  notify(`STATUS=${requests} requests served`);
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  notify(`READY=1\nSTATUS=listening\nMAINPID=${process.pid}`);
  console.log(`service: http://127.0.0.1:${port}/`);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    notify('STOPPING=1');
    server.close();
  });
}
