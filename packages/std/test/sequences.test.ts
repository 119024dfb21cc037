/** The events of a connection and their order are those of node:net on every path. */
import { once } from 'node:events';
import type net from 'node:net';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { afterEach, describe, expect, test } from 'vitest';
import { adoptedPaths, connected, nodePath, type Path, record } from './paths.js';

/** The sockets that have emitted `close`. */
const gone = new WeakSet<net.Socket>();
const watched = (stream: net.Socket): net.Socket => stream.once('close', () => gone.add(stream));

const open: { destroy?(): unknown; close(): unknown }[] = [];
afterEach(() => {
  for (const it of open.splice(0)) it.close();
});

/** A connection over the path. The events of both sides are recorded. */
async function connection(
  path: Path,
  options: { server?: net.ServerOpts; client?: { allowHalfOpen?: boolean } } = {},
): Promise<{ client: net.Socket; server: net.Socket; events: [string[], string[]] }> {
  const { server: listener, port } = await path.listen(undefined, options.server);
  open.push(listener);
  const events: [string[], string[]] = [[], []];
  const accepted = once(listener, 'connection').then(([socket]) => {
    record(socket as net.Socket, 'server', events[1]);
    return watched(socket as net.Socket);
  });
  const client = path.dial(port, options.client);
  // A socket that connected at once does not emit connect any more.
  if (client.connecting) await once(client, 'connect');
  record(watched(client), 'client', events[0]);
  return { client, server: await accepted, events };
}

const closed = async (stream: net.Socket): Promise<void> => {
  if (!gone.has(stream)) await new Promise((resolve) => stream.once('close', resolve));
};

/** Each function runs a case and returns the recorded events of both sides. */
const cases: Record<string, (path: Path) => Promise<unknown>> = {
  'echo, ended by the client': async (path) => {
    const { client, server, events } = await connection(path);
    let echoed = '';
    client.setEncoding('utf8').on('data', (text: string) => {
      echoed += text;
    });
    server.pipe(server);
    client.end('hello');
    await Promise.all([closed(client), closed(server)]);
    return [echoed, events];
  },
  'half-close: the other half stays open': async (path) => {
    const { client, server, events } = await connection(path, {
      server: { allowHalfOpen: true },
      client: { allowHalfOpen: true },
    });
    const heard: string[] = [];
    server.setEncoding('utf8').on('data', (text: string) => heard.push(text));
    client.setEncoding('utf8').on('data', (text: string) => heard.push(text));
    client.end('question');
    await once(server, 'end');
    const states = [client.readyState, server.readyState];
    server.end('answer');
    await Promise.all([closed(client), closed(server)]);
    return [heard, states, events];
  },
  'without allowHalfOpen, a write after the end of the peer': async (path) => {
    const { client, server, events } = await connection(path);
    client.resume();
    server.end();
    await once(client, 'end');
    const told = await new Promise((resolve) => client.write('late', resolve));
    await Promise.all([closed(client), closed(server.resume())]);
    return [(told as NodeJS.ErrnoException).code, events[0]];
  },
  'written after end': async (path) => {
    const { client, server, events } = await connection(path);
    server.resume();
    client.end();
    client.write('late');
    await Promise.all([closed(client), closed(server)]);
    return events[0];
  },
  'the peer ends, nobody reads': async (path) => {
    const { client, server, events } = await connection(path);
    client.end();
    client.resume();
    await Promise.all([closed(client), closed(server.resume())]);
    return events;
  },
  destroyed: async (path) => {
    const { client, server, events } = await connection(path);
    server.resume();
    client.destroy();
    const at = [client.destroyed, client.readyState, client.writable];
    await Promise.all([closed(client), closed(server)]);
    return [at, events];
  },
  'destroyed with an error': async (path) => {
    const { client, server, events } = await connection(path);
    server.resume();
    client.destroy(Object.assign(new Error('mine'), { code: 'EMINE' }));
    await Promise.all([closed(client), closed(server)]);
    return events;
  },
  'aborted by the peer: a reset': async (path) => {
    const { server: listener, port } = await path.listen((socket) => socket.write('accepted'));
    open.push(listener);
    const accepted = once(listener, 'connection') as Promise<[net.Socket]>;
    const raw = new Socket(Domain.IPV4, Type.STREAM);
    raw.tryConnect(SockAddr.ipv4('127.0.0.1', port));
    const events: string[] = [];
    const [server] = await accepted;
    record(watched(server), 'server', events);
    server.resume();
    await raw.readable();
    raw.setLinger(0);
    raw.close();
    await closed(server);
    return events;
  },
  'a time-out leaves the socket open': async (path) => {
    const { client, server, events } = await connection(path);
    server.on('data', () => server.end('late'));
    client.setTimeout(30);
    await once(client, 'timeout');
    const at = [client.destroyed, client.timeout];
    client.setTimeout(0);
    client.write('?');
    const [data] = (await once(client, 'data')) as [Buffer];
    await Promise.all([closed(client), closed(server)]);
    return [at, data.toString(), events];
  },
  'ended while connecting': async (path) => {
    const { server: listener, port } = await path.listen((socket) => socket.resume());
    open.push(listener);
    const accepted = once(listener, 'connection') as Promise<[net.Socket]>;
    const client = watched(path.dial(port));
    client.end();
    client.resume();
    const [server] = await accepted;
    await Promise.all([closed(client), closed(watched(server))]);
    return [client.readableEnded, client.writableFinished, server.readableEnded];
  },
  'the server closes when its last connection has closed': async (path) => {
    const { client, server, events } = await connection(path);
    const [listener] = open as unknown as [net.Server];
    const order: string[] = [];
    listener.on('close', () => order.push('server closed'));
    server.on('close', () => order.push('connection closed'));
    listener.close();
    const listening = [listener.listening, listener.address(), order.length];
    server.resume();
    client.resume().end();
    await Promise.all([closed(client), once(listener, 'close')]);
    open.splice(0);
    return [listening, order, events];
  },
};

const expected = new Map<string, Promise<unknown>>();

describe.each(adoptedPaths)('through $name', (path) => {
  test.each(Object.keys(cases))('%s', async (name) => {
    const play = cases[name] as (path: Path) => Promise<unknown>;
    if (!expected.has(name)) expected.set(name, play(nodePath));
    expect(await play(path)).toEqual(await expected.get(name));
  });

  test('a refused connection is an error of connect, then close', async () => {
    const nobody = new Socket(Domain.IPV4, Type.STREAM);
    nobody.bind(SockAddr.ipv4('127.0.0.1', 0));
    const { port } = nobody.localAddr();
    nobody.close();
    const events: string[] = [];
    const client = watched(path.dial(port));
    record(client, 'client', events);
    await closed(client);
    expect(events).toEqual(['client error ECONNREFUSED connect', 'client close true']);
  });

  test('connected() returns a connected client', async () => {
    const { server, port } = await path.listen((socket) => socket.end());
    open.push(server);
    const client = await connected(path, port);
    expect([client.connecting, client.pending, client.readyState]).toEqual([false, false, 'open']);
    client.destroy();
  });
});
