/** Connecting by name in parallel through node's own objects: net, http, https and undici. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import http from 'node:http';
import nodeNet, { type AddressInfo, type LookupFunction, type Server, type Socket } from 'node:net';
import { Domain, SockAddr, Socket as NativeSocket, Type } from '@sock/native';
import { SockAgent, sockConnector, sockRef } from '@sock/std';
import { createSocket } from '@sock/std/dgram';
import { connect, createServer } from '@sock/std/net';
import { Agent, fetch as undiciFetch } from 'undici';
import { afterEach, describe, expect, test } from 'vitest';

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const it of open.splice(0)) it.close();
});

async function listening(host: string, port = 0): Promise<Server> {
  const server = nodeNet.createServer((socket) => socket.on('error', () => undefined).resume());
  open.push(server);
  await once(server.listen(port, host), 'listening');
  return server;
}
const descriptors = (): number => readdirSync('/proc/self/fd').length;

/** The port of a listener on every address whose queue is full: connections get no answer. */
function silent(): number {
  const listener = new NativeSocket(Domain.IPV4, Type.STREAM);
  open.push(listener);
  listener.bind(SockAddr.ipv4('0.0.0.0', 0));
  listener.listen(0);
  const { port } = listener.localAddr();
  for (let count = 0; count < 4; count++) {
    const client = new NativeSocket(Domain.IPV4, Type.STREAM);
    open.push(client);
    client.tryConnect(SockAddr.ipv4('127.0.0.1', port));
  }
  return port;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** A look-up that finds these addresses, each in the answer of its family. */
const lookupOf = (...addresses: string[]): LookupFunction =>
  ((_: string, { family }: { family: number }, callback: (...values: unknown[]) => void) => {
    const list = addresses.map((address) => ({ address, family: nodeNet.isIP(address) }));
    setTimeout(
      callback,
      1,
      null,
      list.filter((found) => found.family === family),
    );
  }) as unknown as LookupFunction;

/** The events of a socket, each with what it says. */
function events(socket: Socket): string[] {
  const seen: string[] = [];
  const note =
    (name: string) =>
    (...values: unknown[]) => {
      const shown = values.map((value) =>
        value instanceof Error ? (value as { code?: string }).code : value,
      );
      seen.push([name, ...shown].join(' '));
    };
  for (const name of [
    'lookup',
    'connectionAttempt',
    'connectionAttemptFailed',
    'connect',
    'ready',
    'error',
    'close',
  ]) {
    socket.on(name, note(name));
  }
  return seen;
}

const happyEyeballs = true;

test('the events of the attempts, as they happen, and then those of node', async () => {
  const server = await listening('127.0.0.1');
  const port = portOf(server);
  const socket = connect({
    host: 'any',
    port,
    lookup: lookupOf('127.0.0.2', '127.0.0.1'),
    sock: { happyEyeballs, tosV4: 0x10 },
  });
  const seen = events(socket);
  expect([socket.connecting, socket.pending]).toEqual([true, true]);
  socket.write('early');
  await once(socket, 'ready');
  expect(seen).toEqual([
    'lookup  127.0.0.2 4 any',
    'lookup  127.0.0.1 4 any',
    `connectionAttempt 127.0.0.2 ${port} 4`,
    `connectionAttemptFailed 127.0.0.2 ${port} 4 ECONNREFUSED`,
    `connectionAttempt 127.0.0.1 ${port} 4`,
    'connect',
    'ready',
  ]);
  expect(socket).toBeInstanceOf(nodeNet.Socket);
  expect([socket.remoteAddress, socket.remotePort, socket.connecting]).toEqual([
    '127.0.0.1',
    port,
    false,
  ]);
  expect(socket.autoSelectFamilyAttemptedAddresses).toEqual([
    `127.0.0.2:${port}`,
    `127.0.0.1:${port}`,
  ]);
  expect(sockRef(socket).tosV4()).toBe(0x10);
  socket.end();
  await once(socket, 'close');
  expect(socket.bytesWritten).toBe(5);
});

test('all attempts fail: an AggregateError, with the code of the first', async () => {
  const server = await listening('127.0.0.1');
  const port = portOf(server);
  server.close();
  const socket = connect({
    host: 'any',
    port,
    lookup: lookupOf('127.0.0.2', '127.0.0.1'),
    sock: { happyEyeballs },
  });
  const [error] = (await once(socket, 'error')) as [AggregateError & { code: string }];
  expect(error.code).toBe('ECONNREFUSED');
  expect(error.errors.map(({ address }) => address)).toEqual(['127.0.0.2', '127.0.0.1']);
});

test('a name without addresses: the events of node', async () => {
  const expected = events(nodeNet.connect({ host: 'x.invalid', port: 1, autoSelectFamily: false }));
  const socket = connect({ host: 'x.invalid', port: 1, sock: { happyEyeballs } });
  const seen = events(socket);
  const isClosed = (line: string): boolean => line.startsWith('close');
  while (!expected.some(isClosed) || !seen.some(isClosed)) await new Promise(setImmediate);
  expect(seen).toEqual(expected);
});

test('where to connect from, keep-alive, a signal and a wrong port are as in node', async () => {
  const server = await listening('127.0.0.1');
  const port = portOf(server);
  const lookup = lookupOf('127.0.0.1', '::1');
  const options = {
    host: 'any',
    port,
    lookup,
    localAddress: '127.0.0.4',
    keepAlive: true,
    noDelay: true,
  };
  const socket = connect({ ...options, sock: { happyEyeballs } });
  await once(socket, 'connect');
  expect(socket.localAddress).toBe('127.0.0.4');
  expect([sockRef(socket).keepalive(), sockRef(socket).nodelay()]).toEqual([true, true]);
  socket.destroy();
  const { localPort } = socket;
  expect(localPort).toBeUndefined();
  expect(() => connect({ host: 'any', port: 70_000, sock: { happyEyeballs } })).toThrow(RangeError);
  const aborted = connect({ ...options, signal: AbortSignal.abort(), sock: { happyEyeballs } });
  const [error] = (await once(aborted, 'error')) as [Error];
  expect(error.name).toBe('AbortError');
});

test('a local port', async () => {
  const port = portOf(await listening('127.0.0.1'));
  const probe = await listening('127.0.0.1');
  const localPort = portOf(probe);
  probe.close();
  const lookup = lookupOf('127.0.0.1');
  const socket = connect({ host: 'any', port, lookup, localPort, sock: { happyEyeballs } });
  await once(socket, 'connect');
  expect(socket.localPort).toBe(localPort);
  socket.resetAndDestroy();
});

test('an address or a path is connected as without it', async () => {
  const port = portOf(await listening('127.0.0.1'));
  const socket = connect({ host: '127.0.0.1', port, sock: { happyEyeballs } });
  await once(socket, 'connect');
  socket.destroy();
});

test.each([5, 'yes', null])('happyEyeballs must not be %j', (value) => {
  const sock = { happyEyeballs: value as unknown as boolean };
  expect(() => connect({ host: 'any', port: 1, sock })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }),
  );
  expect(() => new SockAgent({ sock })).toThrow(TypeError);
  expect(() => sockConnector(sock)).toThrow(TypeError);
});

test('only what connects can have it', () => {
  const sock = { happyEyeballs: true };
  const refused = expect.objectContaining({
    code: 'ERR_SOCK_UNSUPPORTED',
    option: 'happyEyeballs',
  });
  expect(() => createServer({ sock })).toThrow(refused);
  expect(() => createSocket({ type: 'udp4', sock })).toThrow(refused);
});

const isLinux = process.platform === 'linux';

test.runIf(isLinux)('destroyed at any moment, nothing is left open', async () => {
  const port = portOf(await listening('127.0.0.1'));
  const lookup = lookupOf('127.0.0.2', '::1', '127.0.0.1');
  const count = (): number => readdirSync('/proc/self/fd').length;
  const round = async (turns: number): Promise<void> => {
    const socket = connect({ host: 'any', port, lookup, sock: { happyEyeballs } });
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
    socket.destroy();
    await once(socket, 'close');
  };
  await round(100);
  const before = count();
  for (let turns = 0; turns < 60; turns++) await round(turns % 30);
  for (let turn = 0; turn < 200 && count() > before; turn++)
    await new Promise((done) => setTimeout(done, 5));
  expect(count()).toBeLessThanOrEqual(before);
});

describe('HTTP', () => {
  async function serving(): Promise<number> {
    const server = http.createServer((_, response) => response.end('hello'));
    open.push({ close: () => (server.closeAllConnections(), server.close()) });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return (server.address() as AddressInfo).port;
  }
  const lookup = lookupOf('127.0.0.2', '::1', '127.0.0.1');

  test('SockAgent', async () => {
    const port = await serving();
    const agent = new SockAgent({ sock: { tcpUserTimeout: 5000 }, keepAlive: true });
    const request = http.get({ host: 'any', port, agent, lookup });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    expect(sockRef(response.socket).tcpUserTimeout()).toBe(5000);
    expect(response.socket.autoSelectFamilyAttemptedAddresses).toHaveLength(3);
    await once(response.resume(), 'end');
    agent.destroy();
  });

  test('SockAgent, told to try one address', async () => {
    const port = await serving();
    for (const [sock, options] of [
      [{ happyEyeballs: false }, {}],
      [{}, { autoSelectFamily: false }],
    ] as const) {
      const agent = new SockAgent({ sock });
      const one = (_host: string, _options: object, callback: (...values: unknown[]) => void) =>
        setTimeout(callback, 1, null, [{ address: '127.0.0.1', family: 4 }], 4);
      const single = (_host: string, _options: object, callback: (...values: unknown[]) => void) =>
        setTimeout(callback, 1, null, '127.0.0.1', 4);
      const find = ('autoSelectFamily' in options ? single : one) as unknown as LookupFunction;
      const request = http.get({ host: 'any', port, agent, lookup: find, ...options });
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      expect(response.socket.autoSelectFamilyAttemptedAddresses).toBeUndefined();
      await once(response.resume(), 'end');
      agent.destroy();
    }
  });

  test('undici', async () => {
    const port = await serving();
    const dispatcher = new Agent({ connect: sockConnector({ nodelay: true }, { lookup }) });
    const response = await undiciFetch(`http://any:${port}/`, { dispatcher });
    expect(await response.text()).toBe('hello');
    await dispatcher.close();
  });

  test('undici: the time-out of the connector and the abort of a request hold while names are looked up', async () => {
    const silent = (() => undefined) as unknown as LookupFunction;
    const slow = new Agent({ connect: sockConnector({}, { lookup: silent, timeout: 50 }) });
    await expect(undiciFetch('http://any/', { dispatcher: slow })).rejects.toMatchObject({
      cause: { code: 'UND_ERR_CONNECT_TIMEOUT' },
    });
    const stop = new AbortController();
    const stopped = new Agent({
      connect: sockConnector({}, { lookup: silent, signal: stop.signal }),
    });
    const call = undiciFetch('http://any/', { dispatcher: stopped });
    setTimeout(() => stop.abort(new Error('enough')), 20);
    await expect(call).rejects.toMatchObject({ cause: { message: 'enough' } });
    await Promise.all([slow.destroy(), stopped.destroy()]);
  });

  test.runIf(isLinux)(
    'undici: its time-out and its signal hold while attempts get no answer, and close every attempt',
    async () => {
      const port = silent();
      const several = lookupOf('127.0.0.1', '127.0.0.2', '127.0.0.3');
      const settings = { nodelay: true, happyEyeballs: { attemptDelay: 10 } };
      const before = descriptors();
      const agents: Agent[] = [];
      /** Why a request fails through a new agent. */
      const failure = (options: object, request: object = {}): Promise<unknown> => {
        const dispatcher = new Agent({
          connect: sockConnector(settings, { lookup: several, ...options }),
        });
        agents.push(dispatcher);
        return undiciFetch(`http://any:${port}/`, { dispatcher, ...request }).catch(
          (error: unknown) => error,
        );
      };
      const code = 'UND_ERR_CONNECT_TIMEOUT';
      expect(await failure({ timeout: 100 })).toMatchObject({ cause: { code } });
      const reason = new Error('enough');
      const stop = new AbortController();
      setTimeout(() => stop.abort(reason), 60);
      expect(await failure({ signal: stop.signal })).toMatchObject({ cause: reason });
      // The signal of a request ends the request. undici goes on connecting for the next one, until the time-out.
      const requested = new AbortController();
      setTimeout(() => requested.abort(reason), 30);
      expect(await failure({ timeout: 200 }, { signal: requested.signal })).toBe(reason);
      await Promise.all(agents.map((agent) => agent.destroy()));
      await expect.poll(descriptors, { timeout: 5000 }).toBeLessThanOrEqual(before);
    },
  );
});
