/** Virtual time: who moves it, and who follows. */
import { Network } from '@sock/sim';
import { setTimeout as realPause } from 'node:timers/promises';
import { mock } from 'node:test';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { at, bytes, codeOf, connection, datagrams, stream, twoHosts } from './two-hosts.js';

afterEach(() => {
  vi.useRealTimers();
});

describe('advance', () => {
  test('a packet arrives when its time has come, not before', () => {
    const { network, one, other } = twoHosts({ latency: 10 });
    const receiver = datagrams(other, 9);
    datagrams(one).sendTo(bytes('x'), at(other, 9));
    void network.clock.advance(9);
    expect(receiver.tryRecv(new Uint8Array(1))).toBeUndefined();
    void network.clock.advance(1);
    expect(receiver.tryRecv(new Uint8Array(1))).toBe(1);
    expect(network.clock.now).toBe(10);
  });

  test('the promise resolves once waits have', async () => {
    const { network, one, other } = twoHosts({ latency: 10 });
    const receiver = datagrams(other, 9);
    let ready = false;
    void receiver.readable().then(() => {
      ready = true;
    });
    datagrams(one).sendTo(bytes('x'), at(other, 9));
    await network.clock.advance(5);
    expect(ready).toBe(false);
    await network.clock.advance(5);
    expect(ready).toBe(true);
  });

  test('advanceAsync lets an exchange of several messages come about in its own time', async () => {
    const { network, one, other } = twoHosts({ latency: 10 });
    const server = datagrams(other, 9);
    const client = datagrams(one, 9);
    const buffer = new Uint8Array(1);
    const times: number[] = [];
    void (async () => {
      await server.readable();
      const [, from] = server.recvFrom(buffer);
      server.sendTo(buffer, from);
    })();
    void (async () => {
      await client.readable();
      times.push(network.clock.now);
    })();
    client.sendTo(bytes('x'), at(other, 9));
    await network.clock.advanceAsync(100);
    expect(times).toEqual([20]);
    expect(network.clock.now).toBe(100);
  });

  test('what is no duration is refused', () => {
    const { clock } = new Network();
    for (const wrong of [-1, Number.NaN, Infinity, '5' as never]) {
      expect(() => clock.advance(wrong)).toThrow(RangeError);
    }
  });
});

describe('run', () => {
  test('timers, dates and waits take no real time, and the order is theirs', async () => {
    const { network, one, other } = twoHosts({ latency: 50 });
    const start = performance.now();
    const order: string[] = [];
    const result = await network.run(async () => {
      const begin = Date.now();
      const receiver = datagrams(other, 9);
      setTimeout(() => order.push(`timer ${Date.now() - begin}`), 3_600_000);
      const interval = setInterval(() => order.push(`interval ${Date.now() - begin}`), 40);
      datagrams(one).sendTo(bytes('x'), at(other, 9));
      await receiver.readable();
      order.push(`readable ${Date.now() - begin}`);
      clearInterval(interval);
      await new Promise((resolve) => setTimeout(resolve, 4_000_000));
      return new Date(begin).toISOString();
    });
    expect(order).toEqual(['interval 40', 'readable 50', 'timer 3600000']);
    expect(result).toBe('2020-01-01T00:00:00.000Z');
    expect(performance.now() - start).toBeLessThan(60_000);
  });

  test('the globals are the engine’s own again afterwards, also when the program throws', async () => {
    const before = [setTimeout, Date, Math.random, performance.now];
    const network = new Network();
    const report = vi.fn<(text: string) => void>();
    await expect(network.run(() => Promise.reject(new Error('mine')), { report })).rejects.toThrow(
      'mine',
    );
    expect([setTimeout, Date, Math.random, performance.now]).toEqual(before);
    expect(report.mock.calls[0]?.[0]).toContain('network seed 0');
  });

  test('what a timer throws fails the run', async () => {
    const network = new Network();
    const program = (): Promise<never> => {
      setTimeout(() => {
        throw new Error('in a timer');
      }, 5);
      return new Promise(() => {});
    };
    await expect(network.run(program, { report: () => {} })).rejects.toThrow('in a timer');
  });

  test('a program that waits for ever ends with EDEADLK, which says who waits', async () => {
    const { network, one } = twoHosts();
    const socket = datagrams(one, 9);
    await expect(network.run(() => socket.readable(), { report: () => {} })).rejects.toThrow(
      /EDEADLK[^]*one: udp 0\.0\.0\.0:9 waits to be readable/,
    );
  });

  test('a program that never ends is ended at its limit', async () => {
    const network = new Network();
    const program = (): Promise<never> => {
      setInterval(() => {}, 1000);
      return new Promise(() => {});
    };
    await expect(network.run(program, { limit: 60_000, report: () => {} })).rejects.toThrow(
      'The program takes longer than 60000 ms',
    );
  });

  test('a program that polls the event loop without end does not stop time', async () => {
    const network = new Network();
    await network.run(async () => {
      let over = false;
      setTimeout(() => {
        over = true;
      }, 1000);
      while (!over) await new Promise((resolve) => setImmediate(resolve));
    });
    expect(network.clock.now).toBe(1000);
  });

  test('AbortSignal.timeout and the timeout of a wait are virtual', async () => {
    const { network, one } = twoHosts();
    await network.run(async () => {
      const socket = datagrams(one);
      await expect(socket.readable({ timeout: 60_000 })).rejects.toThrow('ETIMEDOUT');
      await expect(socket.readable({ signal: AbortSignal.timeout(60_000) })).rejects.toThrow(
        'timeout',
      );
    });
    expect(network.clock.now).toBe(120_000);
  });

  test('time does not pass while the program waits for the world outside', async () => {
    const network = new Network();
    const now = await network.run(async () => {
      setTimeout(() => {}, 1000);
      await network.outside(realPause(20));
      return network.clock.now;
    });
    expect(now).toBe(0);
  });

  test('the random numbers of a program are those of its seed', async () => {
    const draw = (seed: number): Promise<number[]> =>
      new Network({ seed }).run(() => [Math.random(), Math.random()]);
    expect(await draw(7)).toEqual(await draw(7));
    expect(await draw(7)).not.toEqual(await draw(8));
  });
});

describe('blocking calls', () => {
  test('they move time to when they are done', () => {
    const hosts = twoHosts({ latency: 25 });
    const [client, server] = connection(hosts);
    // The handshake: three packets, of which the client waits for two.
    expect(hosts.network.clock.now).toBe(75);
    server.send(bytes('hello'));
    expect(client.recv(new Uint8Array(8))).toBe(5);
    expect(hosts.network.clock.now).toBe(100);
  });

  test('with a time-out they move time to its end', () => {
    const { network, one } = twoHosts();
    const socket = datagrams(one);
    socket.setReadTimeout(5000);
    expect(codeOf(() => socket.recv(new Uint8Array(1)))).toBe('EAGAIN');
    expect(network.clock.now).toBe(5000);
  });

  test('one that nothing could ever end throws EDEADLK', () => {
    const { network, one } = twoHosts();
    expect(codeOf(() => datagrams(one).recv(new Uint8Array(1)))).toBe('EDEADLK');
    expect(network.trace()).toContain('deadlock: one: udp');
  });

  test('a connection to a host that does not answer times out as it would', () => {
    const { network, one, other } = twoHosts();
    network.partition(one, other);
    expect(codeOf(() => stream(one).connect(at(other)))).toBe('ETIMEDOUT');
    // 1 + 2 + 4 + ... + 64 s: tcp_syn_retries is 6.
    expect(network.clock.now).toBe(127_000);
  });
});

describe('fake timers of others', () => {
  test('vitest’s follow the clock', async () => {
    const { network, one, other } = twoHosts({ latency: 5 });
    vi.useFakeTimers({ toFake: ['setTimeout', 'Date'] });
    network.clock.drive(vi);
    const seen: number[] = [];
    const start = Date.now();
    const receiver = datagrams(other, 9);
    setTimeout(() => datagrams(one).sendTo(bytes('x'), at(other, 9)), 100);
    setTimeout(() => seen.push(Date.now() - start), 200);
    void network.clock.advance(104);
    expect(receiver.tryRecv(new Uint8Array(1))).toBeUndefined();
    void network.clock.advance(1);
    expect(receiver.tryRecv(new Uint8Array(1))).toBe(1);
    await network.clock.advance(100);
    expect(seen).toEqual([200]);
    network.clock.drive(null);
  });

  test('node’s follow the clock', () => {
    const network = new Network();
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      network.clock.drive(mock.timers);
      let fired = false;
      setTimeout(() => {
        fired = true;
      }, 50);
      void network.clock.advance(49);
      expect(fired).toBe(false);
      void network.clock.advance(1);
      expect(fired).toBe(true);
    } finally {
      mock.timers.reset();
    }
  });
});
