/** connectHost of @sock/std in virtual time: when it connects, to the millisecond, and what it leaves behind. */
import { connectHost } from '@sock/std';
import { type Host, Network, SockAddr, type Socket } from '@sock/sim';
import { describe, expect, test } from 'vitest';
import {
  draw,
  ideal,
  type Outcome,
  type Scenario,
  type ScenarioAddress,
} from '../../std/proof/happy-eyeballs/scenario.js';

const PORT = 80;
const addressOf = (family: 4 | 6, index: number): string =>
  family === 6 ? `2001:db8:2::${index + 1}` : `10.0.2.${index + 1}`;

/** The number of sockets that a host has open. */
const openOf = (host: Host): number =>
  (host as unknown as { sockets: Map<number, Socket> }).sockets.size;

function listen(host: Host, address = host.address, port = PORT): void {
  const at = address.includes(':') ? SockAddr.ipv6(address, port) : SockAddr.ipv4(address, port);
  const socket = new host.Socket(at.domain(), 'stream');
  socket.bind(at);
  socket.listen(8);
}

function clientOf(network: Network): Host {
  return network.host('10.0.1.1', { name: 'client', addresses: ['2001:db8:1::1'] });
}

/** Makes a host of each address, with its fate. */
function build(network: Network, addresses: readonly ScenarioAddress[]): void {
  for (const { address, fate } of addresses) {
    if (fate.kind === 'unreachable') continue;
    const host = network.host(address);
    if (fate.kind === 'black hole') {
      network.inject({ kind: 'blackhole', to: address });
      continue;
    }
    // There and back. A host without a listener refuses.
    const conditions = { latency: fate.after / 2 };
    for (const [from, to] of [
      [address, 'client'],
      ['client', address],
    ] as const) {
      network.inject({ kind: 'link', from, to, conditions });
    }
    if (fate.kind === 'answers') listen(host);
  }
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

async function play(scenario: Scenario): Promise<Outcome & { readonly left: number }> {
  const network = new Network({ seed: scenario.seed });
  const client = clientOf(network);
  for (const { addresses } of [scenario.v6, scenario.v4]) build(network, addresses);
  return network.run(async () => {
    const start = network.clock.now;
    const lookup = async (_: string, { family }: { family: 4 | 6 }) => {
      const { after, addresses } = family === 6 ? scenario.v6 : scenario.v4;
      await pause(after);
      return addresses;
    };
    const { attemptDelay, timeout } = scenario;
    let kind: Outcome['kind'];
    try {
      const socket = await connectHost(client.Socket, 'any', PORT, {
        lookup,
        attemptDelay,
        timeout,
      });
      socket.peerAddr();
      socket.close();
      kind = 'connected';
    } catch (error) {
      kind = (error as { code?: string }).code === 'ETIMEDOUT' ? 'timed out' : 'failed';
    }
    const at = network.clock.now - start;
    await pause(1);
    return { kind, at, left: openOf(client) };
  });
}

describe('200 scenarios of black-holed, refusing, slow and unreachable addresses', () => {
  test('end when RFC 8305 says so, to the millisecond, with nothing left open', async () => {
    const kinds = new Map<string, number>();
    for (let seed = 1; seed <= 200; seed++) {
      const scenario = draw(seed, addressOf);
      const expected = ideal(scenario);
      const actual = await play(scenario);
      expect({ scenario, ...actual }).toEqual({ scenario, ...expected, left: 0 });
      kinds.set(actual.kind, (kinds.get(actual.kind) ?? 0) + 1);
    }
    // Each way to end was among them.
    expect([...kinds.keys()].toSorted()).toEqual(['connected', 'failed', 'timed out']);
    expect(kinds.get('connected')).toBeGreaterThan(80);
  });
});

/** Two addresses of a host that never answers, and one that does, on a third. */
function slowNetwork(seed = 1): { network: Network; client: Host } {
  const network = new Network({ seed, latency: 10 });
  const client = clientOf(network);
  listen(network.host('10.0.2.1'));
  for (const address of ['2001:db8:2::1', '2001:db8:2::2']) {
    network.host(address);
    network.inject({ kind: 'blackhole', to: address });
  }
  return { network, client };
}

const all = ['2001:db8:2::1', '2001:db8:2::2', '10.0.2.1'];

test('the names of the network, without a lookup', async () => {
  const network = new Network({ seed: 1, latency: 5, lookupTime: 30 });
  const client = clientOf(network);
  listen(
    network.host('10.0.2.1', { name: 'server', addresses: ['2001:db8:2::1'] }),
    '2001:db8:2::1',
  );
  await network.run(async () => {
    const socket = await connectHost(client.Socket, 'server', PORT);
    expect(network.clock.now).toBe(40);
    expect(String(socket.peerAddr())).toBe('[2001:db8:2::1]:80');
    const failure = connectHost(client.Socket, 'nobody', PORT);
    await expect(failure).rejects.toMatchObject({
      code: 'ENOTFOUND',
      hostname: 'nobody',
      syscall: 'getaddrinfo',
    });
    network.inject({ kind: 'dns', error: 'EAI_AGAIN' });
    await expect(connectHost(client.Socket, 'server', PORT)).rejects.toMatchObject({
      code: 'EAI_AGAIN',
    });
    socket.close();
    expect(openOf(client)).toBe(0);
  });
});

test('an abort or a time-out at any moment closes everything at once', async () => {
  for (let moment = 1; moment < 540; moment += 7) {
    const { network, client } = slowNetwork(moment);
    await network.run(async () => {
      const controller = new AbortController();
      const reason = new Error('enough');
      const lookup = async (_: string, { family }: { family: 4 | 6 }) => {
        await pause(family === 6 ? 10 : 20);
        return all.filter((text) => text.includes(':') === (family === 6));
      };
      const isAbort = moment % 2 === 0;
      const options = isAbort ? { signal: controller.signal } : { timeout: moment };
      const outcome = connectHost(client.Socket, 'any', PORT, { lookup, ...options }).then(
        (socket) => socket,
        (error: unknown) => error,
      );
      if (isAbort) setTimeout(() => controller.abort(reason), moment);
      const result = await outcome;
      // IPv6 at 10, IPv4 at 260, and the answer 20 later.
      const isDone = moment > 280;
      expect(network.clock.now).toBe(isDone ? 280 : moment);
      if (isDone) (result as Socket).close();
      else if (isAbort) expect(result).toBe(reason);
      else
        expect(result).toMatchObject({
          code: 'ETIMEDOUT',
          syscall: 'connect',
          address: 'any',
          port: PORT,
        });
      expect(openOf(client)).toBe(0);
      // Nothing wakes up later: a timer that was left would keep the network from its end.
      await pause(2000);
      expect(openOf(client)).toBe(0);
    });
  }
});

test('two connections at the same instant: one is returned, the other closed', async () => {
  const network = new Network({ seed: 1 });
  const client = clientOf(network);
  const [slow, quick] = ['2001:db8:2::1', '10.0.2.1'].map((text) => network.host(text)) as [
    Host,
    Host,
  ];
  for (const [host, latency] of [
    [slow, 130],
    [quick, 5],
  ] as const) {
    for (const [from, to] of [
      [host.name, 'client'],
      ['client', host.name],
    ] as const) {
      network.inject({ kind: 'link', from, to, conditions: { latency } });
    }
    listen(host);
  }
  await network.run(async () => {
    const lookup = async () => ['2001:db8:2::1', '10.0.2.1'];
    const socket = await connectHost(client.Socket, 'any', PORT, { lookup });
    expect(network.clock.now).toBe(260);
    await pause(1);
    expect(openOf(client)).toBe(1);
    socket.close();
    expect(openOf(client)).toBe(0);
  });
});

test('all attempts fail: the errors of each, in order, and the code of the first', async () => {
  const network = new Network({ seed: 1, latency: 5 });
  const client = clientOf(network);
  for (const text of ['2001:db8:2::1', '10.0.2.1']) network.host(text);
  await network.run(async () => {
    const lookup = async () => ['10.0.2.9', '2001:db8:2::1', '10.0.2.1'];
    const error = (await connectHost(client.Socket, 'any', PORT, { lookup }).catch(
      (failure: unknown) => failure,
    )) as AggregateError & { code: string };
    expect(error).toBeInstanceOf(AggregateError);
    expect(error.code).toBe('ECONNREFUSED');
    expect(error.errors.map(({ code, address }) => `${code} ${address}`)).toEqual([
      'ECONNREFUSED 2001:db8:2::1',
      'ECONNREFUSED 10.0.2.1',
      'ENETUNREACH 10.0.2.9',
    ]);
    expect(error.message).toContain('connect ECONNREFUSED 10.0.2.1:80');
    expect(openOf(client)).toBe(0);
  });
});

test('a time-out names the attempts that failed before', async () => {
  const { network, client } = slowNetwork();
  await network.run(async () => {
    const lookup = async () => ['10.0.2.9', '2001:db8:2::1', '2001:db8:2::2'];
    const failure = connectHost(client.Socket, 'any', PORT, { lookup, timeout: 2000, family: 0 });
    const error = (await failure.catch((reason: unknown) => reason)) as Error;
    expect(error).toMatchObject({ code: 'ETIMEDOUT' });
    expect((error.cause as AggregateError).errors).toMatchObject([{ code: 'ENETUNREACH' }]);
  });
});

test('no descriptors are left: each attempt fails, and its error is told', async () => {
  const network = new Network({ seed: 1 });
  const client = network.host('10.0.1.1', { openFiles: 0 });
  listen(network.host('10.0.2.1'));
  await network.run(async () => {
    const lookup = async () => ['10.0.2.1'];
    await expect(connectHost(client.Socket, 'any', PORT, { lookup })).rejects.toMatchObject({
      code: 'EMFILE',
    });
  });
});

test('an option that cannot be set ends its attempt, and the error names it', async () => {
  const network = new Network({ seed: 1 });
  const client = clientOf(network);
  await network.run(async () => {
    const failure = connectHost(client.Socket, '10.0.2.1', PORT, {
      sock: { tcpCongestion: 'reno' } as object,
    });
    await expect(failure).rejects.toMatchObject({ option: expect.stringContaining('ongestion') });
    expect(openOf(client)).toBe(0);
  });
});
