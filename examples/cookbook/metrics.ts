/**
 * Serve metrics of the process's sockets
 *
 * `SocketMetrics` adds up what the kernel knows of each connection: bytes, retransmissions, round-trip times, memory.
 * `prometheusText` writes that for Prometheus. For OpenTelemetry, `publishMetrics` publishes the same numbers on the
 * channel `sock:metrics` of `node:diagnostics_channel`.
 *
 * Systems: linux.
 * Prints: sock_count{network_transport="tcp",network_connection_state="established"} 2
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { prometheusText, SocketMetrics } from '@sock/std';

const metrics = new SocketMetrics();
const server = http.createServer((request, response) => {
  if (request.url !== '/metrics') {
    response.writeHead(404).end();
    return;
  }
  response.setHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8');
  response.end(prometheusText(metrics.collect()));
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  // Both ends of this connection are in this process.
  http.get({ port, host: '127.0.0.1', path: '/metrics' }, async (response) => {
    for await (const part of response) process.stdout.write(part as Buffer);
    metrics.close();
    server.close();
  });
});
