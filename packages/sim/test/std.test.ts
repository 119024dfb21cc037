/** node's http, ws, undici and pg on simulated hosts, through @sock/std. */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket as NetSocket } from 'node:net';
import { intoDgramSocket, intoNetServer, intoNetSocket, joinAll } from '@sock/std';
import { type Host, SockAddr } from '@sock/sim';
import pg from 'pg';
import { Agent, fetch } from 'undici';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { servePostgres } from './postgres-server.js';
import { at, datagrams, listener, stream, twoHosts } from './two-hosts.js';

/** A connection that node's clients take, to a host by its name. */
function connect(from: Host, to: Host, port = 80): NetSocket {
  const socket = stream(from);
  socket.tryConnect(at(to, port));
  return intoNetSocket(socket);
}

/** An agent of node:http that connects from a host. */
function agentOf(from: Host, to: Host): http.Agent {
  const agent = new http.Agent();
  agent.createConnection = () => connect(from, to);
  return agent;
}

test('http: requests and answers, on a network that loses packets', async () => {
  const { network, one, other } = twoHosts({ latency: 20, loss: 0.05, seed: 3 });
  await network.run(async () => {
    const server = http.createServer((request, response) => {
      setTimeout(() => response.end(`you asked for ${request.url}`), 500);
    });
    intoNetServer(listener(other), { server });
    const start = network.clock.now;
    const request = http.get({ host: 'other', path: '/x', agent: agentOf(one, other) });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    let body = '';
    for await (const chunk of response) body += String(chunk);
    expect(body).toBe('you asked for /x');
    expect(network.clock.now - start).toBeGreaterThanOrEqual(580);
    server.close();
    server.closeAllConnections();
  });
});

test('a group joined on every interface of a simulated host', async () => {
  const { network, one, other } = twoHosts({ latency: 1 });
  await network.run(async () => {
    const socket = datagrams(other, 7);
    const joined = joinAll(socket, '239.1.1.1');
    expect(joined.interfaces.map(({ name }) => name)).toEqual(['lo', 'eth0']);
    datagrams(one).sendTo(Uint8Array.of(1, 2), SockAddr.ipv4('239.1.1.1', 7));
    expect((await socket.recvFromAsync(new Uint8Array(8)))[0]).toBe(2);
    joined.close();
    datagrams(one).sendTo(Uint8Array.of(3), SockAddr.ipv4('239.1.1.1', 7));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(socket.tryRecv(new Uint8Array(8))).toBeUndefined();
    const receiver = intoDgramSocket(socket);
    const again = receiver.joinAll('239.1.1.1');
    expect(again.interfaces).toHaveLength(2);
    receiver.close();
    expect(again.closed).toBe(true);
  });
});

test('http: a server that is gone for a while, and a client that tries again', async () => {
  const { network, one, other } = twoHosts({ latency: 5 });
  await network.run(async () => {
    other.run(() => {
      const server = http.createServer((_, response) => response.end('at last'));
      intoNetServer(listener(other), { server });
    });
    network.inject({ kind: 'crash', host: 'other', for: 30_000 });
    for (let attempt = 1; ; attempt++) {
      try {
        const request = http.get({
          host: 'other',
          agent: agentOf(one, other),
          signal: AbortSignal.timeout(5000),
        });
        const [response] = (await once(request, 'response')) as [http.IncomingMessage];
        response.resume();
        await once(response, 'end');
        expect(attempt).toBeGreaterThan(3);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
  });
});

test('ws: messages both ways', async () => {
  const { network, one, other } = twoHosts({ latency: 10, jitter: 5 });
  await network.run(async () => {
    const server = http.createServer();
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => {
      socket.on('message', (data) => socket.send(`echo ${String(data)}`));
    });
    intoNetServer(listener(other), { server });
    const client = new WebSocket('ws://other/', { createConnection: () => connect(one, other) });
    await once(client, 'open');
    client.send('hello');
    const [message] = (await once(client, 'message')) as [Buffer];
    expect(String(message)).toBe('echo hello');
    client.close();
    await once(client, 'close');
    sockets.close();
    server.close();
  });
});

test('undici: fetch by the name of a host', async () => {
  const { network, one, other } = twoHosts({ latency: 10 });
  await network.run(async () => {
    const server = http.createServer((_, response) => response.end('fetched'));
    intoNetServer(listener(other), { server });
    const dispatcher = new Agent({
      connect: ({ hostname }, callback) => {
        network.resolve(hostname).then(
          ([address = '']) => {
            const socket = stream(one);
            socket.tryConnect(SockAddr.ipv4(address, 80));
            const connection = intoNetSocket(socket);
            connection.once('connect', () => callback(null, connection));
            connection.once('error', (error) => callback(error, null));
          },
          (error: Error) => callback(error, null),
        );
      },
    });
    const response = await fetch('http://other/', { dispatcher });
    expect(await response.text()).toBe('fetched');
    await dispatcher.destroy();
    server.close();
    server.closeAllConnections();
  });
});

test('pg: queries, a connection that is reset between them, and a new one', async () => {
  const { network, one, other } = twoHosts({ latency: 10, loss: 0.05, seed: 5 });
  await network.run(async () => {
    const queries: string[] = [];
    const server = intoNetServer(listener(other));
    server.on('connection', (connection) => {
      const served = servePostgres(connection, (query) => `${queries.push(query)}: ${query}`);
      served.catch(() => {
        // The network reset the connection: the test is about what the client makes of it.
      });
    });
    const open = async (): Promise<pg.Client> => {
      const client = new pg.Client({
        user: 'sim',
        stream: () => {
          const connection = connect(one, other);
          // The client connects what it is given, and this is connecting already.
          connection.connect = () => connection;
          return connection;
        },
      });
      await client.connect();
      return client;
    };
    const ask = async (client: pg.Client, query: string): Promise<unknown> =>
      (await client.query<{ answer: string }>(query)).rows[0]?.answer;

    const first = await open();
    const errors: string[] = [];
    first.on('error', ({ message }) => errors.push(message));
    expect(await ask(first, 'select 1')).toBe('1: select 1');
    // In the midst of the next query.
    network.inject({ kind: 'reset', from: 'one', to: 'other', afterBytes: 80 });
    await expect(ask(first, 'select 2, which never arrives')).rejects.toThrow('ECONNRESET');
    expect(errors.join()).toContain('ECONNRESET');
    const second = await open();
    expect(await ask(second, 'select 2')).toBe('2: select 2');
    await second.end();
    server.close();
  });
});

test('dgram: a question and its answer', async () => {
  const { network, one, other } = twoHosts({ latency: 10 });
  await network.run(async () => {
    const server = intoDgramSocket(datagrams(other, 53));
    server.on('message', (message, { address, port }) => {
      server.send(`answer to ${String(message)}`, port, address);
    });
    const client = intoDgramSocket(datagrams(one, 5353));
    await once(client, 'listening');
    client.send('question', 53, '10.0.0.2');
    const [message, from] = (await once(client, 'message')) as [Buffer, AddressInfo];
    expect(String(message)).toBe('answer to question');
    expect(from.address).toBe('10.0.0.2');
    client.close();
    server.close();
  });
});
