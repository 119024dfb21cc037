/** From node's objects: owned duplicates and borrowed views. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import tls from 'node:tls';
import { socketFrom, sockRef } from '@sock/std';
import { expect, test } from 'vitest';

async function pair(): Promise<{ server: net.Server; client: net.Socket; accepted: net.Socket }> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connection = once(server, 'connection');
  const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  await once(client, 'connect');
  const [accepted] = (await connection) as [net.Socket];
  return { server, client, accepted };
}

test('sockRef reads and sets options of a live net.Socket and net.Server', async () => {
  const { server, client, accepted } = await pair();
  const view = sockRef(client);
  view.setTcpUserTimeout(5000);
  expect(sockRef(client).tcpUserTimeout()).toBe(5000);
  view.close();
  expect(client.destroyed).toBe(false);
  expect(sockRef(server).isListener()).toBe(true);
  client.destroy();
  accepted.destroy();
  server.close();
});

test('a view is closed when its owner closes, before the descriptor number is reused', async () => {
  const { server, client, accepted } = await pair();
  const view = sockRef(client);
  const listening = sockRef(server);
  client.destroy();
  expect(view.closed).toBe(true);
  expect(() => view.keepalive()).toThrow(/EBADF/);
  server.close();
  expect(listening.closed).toBe(true);
  const udp = dgram.createSocket('udp4').bind(0);
  await once(udp, 'listening');
  const datagrams = sockRef(udp);
  expect(datagrams.type()).toBe('dgram');
  udp.close();
  expect(datagrams.closed).toBe(true);
  accepted.destroy();
});

test('a reset and the close of the socket below tls close the view too', async () => {
  const { server, client, accepted } = await pair();
  const secure = tls.connect({ socket: client });
  secure.on('error', () => {});
  const view = sockRef(secure);
  expect(sockRef(client)).toBe(view);
  client.destroy();
  expect(view.closed).toBe(true);
  const other = sockRef(accepted);
  accepted.resetAndDestroy();
  expect(other.closed).toBe(true);
  server.close();
});

test('sockRef returns the same view while it is open', async () => {
  const { server, client, accepted } = await pair();
  const view = sockRef(client);
  for (let i = 0; i < 1000; i += 1) expect(sockRef(client)).toBe(view);
  view.close();
  expect(sockRef(client)).not.toBe(view);
  expect(sockRef(client).peerAddr().port).toBe(client.remotePort);
  expect(client.listenerCount('close')).toBe(0);
  client.destroy();
  accepted.destroy();
  server.close();
});

test('socketFrom makes an independent duplicate: it stays open when the object closes', async () => {
  const { server, client, accepted } = await pair();
  accepted.setEncoding('utf8');
  const duplicate = socketFrom(client);
  client.destroy();
  await once(client, 'close');
  duplicate.send(new TextEncoder().encode('still here'));
  const [data] = (await once(accepted, 'data')) as [string];
  expect(data).toBe('still here');
  duplicate.close();
  accepted.destroy();
  server.close();
});

test('socketFrom and sockRef work with http sockets and servers', async () => {
  const server = http.createServer((request, response) => {
    response.end(String(sockRef(request.socket).nodelay()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  expect(sockRef(server).isListener()).toBe(true);
  const { port } = server.address() as net.AddressInfo;
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('true');
  server.closeAllConnections();
  server.close();
});

test('an object without an open descriptor throws ERR_SOCK_NO_HANDLE', async () => {
  const code = (run: () => unknown): unknown => {
    try {
      run();
    } catch (error) {
      return (error as { code: unknown }).code;
    }
    return undefined;
  };
  expect(code(() => sockRef(new net.Socket()))).toBe('ERR_SOCK_NO_HANDLE');
  expect(code(() => socketFrom(net.createServer()))).toBe('ERR_SOCK_NO_HANDLE');
  const { server, client, accepted } = await pair();
  client.destroy();
  await once(client, 'close');
  expect(code(() => socketFrom(client))).toBe('ERR_SOCK_NO_HANDLE');
  expect(code(() => sockRef(null as never))).toBe('ERR_INVALID_ARG_TYPE');
  expect(code(() => sockRef({}))).toBe('ERR_SOCK_NO_HANDLE');
  accepted.destroy();
  server.close();
});
