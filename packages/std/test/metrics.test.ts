/** Snapshots and metrics of sockets: what they count, who gets them, and their text. */
import { execFileSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import {
  type HistogramPoint,
  intoNetSocket,
  type MetricsSnapshot,
  type NumberPoint,
  prometheusText,
  publishMetrics,
  SocketMetrics,
  socketSnapshot,
} from '@sock/std';
import parse from 'parse-prometheus-text-format';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { makeCertificate } from './certificate.js';
import { wasiSocket } from './paths.js';

const linux = process.platform === 'linux';
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A server that sends back what it gets, and its port or path. */
async function echo(path?: string): Promise<{ server: net.Server; port: number }> {
  const server = net.createServer((socket) => socket.pipe(socket));
  server.listen(path ?? { port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  closing.push(() => new Promise((closed) => server.close(closed)));
  return { server, port: (server.address() as net.AddressInfo).port };
}

async function dial(target: number | string): Promise<net.Socket> {
  const client =
    typeof target === 'string' ? net.connect(target) : net.connect(target, '127.0.0.1');
  await once(client, 'connect');
  closing.push(() => client.destroy());
  return client;
}

async function exchange(client: net.Socket, size: number): Promise<void> {
  let got = 0;
  const all = new Promise<void>((done) =>
    client.on('data', (data) => {
      got += data.length;
      if (got === size) done();
    }),
  );
  client.write(Buffer.alloc(size));
  await all;
}

function value(snapshot: MetricsSnapshot, name: string, attributes: object = {}): number {
  const metric = snapshot.metrics.find((each) => each.name === name);
  const points = (metric?.points ?? []) as NumberPoint[];
  return points
    .filter((point) =>
      Object.entries(attributes).every(([key, wanted]) => point.attributes[key] === wanted),
    )
    .reduce((sum, point) => sum + point.value, 0);
}

const sent = { 'network.io.direction': 'transmit', 'network.transport': 'tcp' };
const received = { ...sent, 'network.io.direction': 'receive' };

describe.runIf(linux)('socketSnapshot', () => {
  test("of each of node's objects, and of Sockets", async () => {
    const { server, port } = await echo();
    const client = await dial(port);
    const web = http.createServer((request, response) => {
      const states = [request, response, request.socket, web].map(
        (object) => socketSnapshot(object).tcp?.state,
      );
      response.end(states.join());
    });
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    closing.push(() => web.close());
    const request = http.get({ port: (web.address() as net.AddressInfo).port });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    expect(socketSnapshot(response).tcp?.state).toMatch(/established|closeWait/);
    expect(socketSnapshot(request).memory?.sendBuffer).toBeGreaterThan(0);
    const parts: Buffer[] = [];
    for await (const part of response) parts.push(part as Buffer);
    expect(Buffer.concat(parts).toString()).toBe('established,established,established,listen');

    const { key, cert } = makeCertificate();
    const secure = tls.createServer({ key, cert }).listen(0, '127.0.0.1');
    await once(secure, 'listening');
    closing.push(() => secure.close());
    const securePort = (secure.address() as net.AddressInfo).port;
    const encrypted = tls.connect({ port: securePort, rejectUnauthorized: false });
    await once(encrypted, 'secureConnect');
    closing.push(() => encrypted.destroy());
    const udp = dgram.createSocket('udp4');
    udp.bind(0, '127.0.0.1');
    await once(udp, 'listening');
    closing.push(() => udp.close());
    for (const [object, state] of [
      [server, 'listen'],
      [client, 'established'],
      [encrypted, 'established'],
      [udp, undefined],
    ] as const) {
      const { tcp, memory } = socketSnapshot(object);
      expect(tcp?.state).toBe(state);
      expect(memory?.receiveBuffer).toBeGreaterThan(0);
    }

    const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
    expect(socketSnapshot(one)).toMatchObject({ tcp: null, memory: { drops: 0 } });
    const stream = intoNetSocket(other, { duplex: true });
    expect(socketSnapshot(stream).memory?.sendBuffer).toBeGreaterThan(0);
    stream.destroy();
    one.close();
    for (const wrong of [new http.IncomingMessage(new net.Socket()), new net.Socket(), {}]) {
      expect(() => socketSnapshot(wrong)).toThrow(
        expect.objectContaining({ code: 'ERR_SOCK_NO_HANDLE' }) as Error,
      );
    }
    for (const wrong of [null, undefined, 1]) {
      expect(() => socketSnapshot(wrong as never)).toThrow(TypeError);
    }
    expect(() => socketSnapshot(one)).toThrow('EBADF');
  });
});

describe.runIf(linux)('SocketMetrics', () => {
  test("counts node's sockets from when it is made, and those that closed", async () => {
    const { port } = await echo();
    const before = await dial(port);
    using metrics = new SocketMetrics();
    const client = await dial(port);
    await exchange(before, 1000);
    await exchange(client, 100_000);
    await vi.waitFor(() => expect(metrics.size).toBe(2));
    const first = metrics.collect();
    // The client and the server's end of its connection.
    expect(value(first, 'process.network.io', sent)).toBe(200_000);
    expect(value(first, 'process.network.io', received)).toBe(200_000);
    expect(
      value(first, 'sock.count', {
        'network.transport': 'tcp',
        'network.connection.state': 'established',
      }),
    ).toBe(2);
    expect(value(first, 'sock.created')).toBe(2);
    const rtt = first.metrics.find(({ name }) => name === 'sock.tcp.rtt');
    const [point] = (rtt as { points: readonly unknown[] }).points as readonly [HistogramPoint];
    expect(point.count).toBe(2);
    expect(point.sum).toBeGreaterThan(0);
    expect(point.buckets.at(-1)?.count).toBe(2);
    expect(value(metrics.collect(), 'process.network.io')).toBe(400_000);
    // Nobody collects between these bytes and the close.
    await exchange(client, 500);
    client.destroy();
    await vi.waitFor(() => expect(metrics.size).toBe(0));
    const last = metrics.collect();
    expect(value(last, 'process.network.io', sent)).toBe(201_000);
    expect(value(last, 'sock.count')).toBe(0);
    expect(value(last, 'sock.created')).toBe(2);
    expect(last.startTime).toBe(first.startTime);
    metrics.close();
    await dial(port);
    expect(metrics.size).toBe(0);
  });

  test('sockets that it is given: Sockets, datagrams, unix streams, other backends', async () => {
    using metrics = new SocketMetrics({ all: false });
    const path = join(tmpdir(), `sock-metrics-${process.pid}`);
    await echo(path);
    const unix = await dial(path);
    metrics.add(unix);
    metrics.add(unix);
    await exchange(unix, 300);
    const udp = dgram.createSocket('udp4');
    metrics.add(udp);
    udp.bind(0, '127.0.0.1');
    await once(udp, 'listening');
    const raw = new Socket(Domain.IPV4, Type.DGRAM);
    raw.bind(SockAddr.ipv4('127.0.0.1', 0));
    raw.setRecvBufferSize(4096);
    metrics.add(raw);
    const component = new wasiSocket(Domain.IPV4, Type.STREAM);
    metrics.add(component);
    for (let i = 0; i < 100; i++) raw.sendTo(new Uint8Array(1000), raw.localAddr());
    const snapshot = metrics.collect();
    const io = { 'network.transport': 'unix' };
    expect(value(snapshot, 'process.network.io', io)).toBe(600);
    expect(value(snapshot, 'sock.count', { 'network.transport': 'udp' })).toBe(2);
    expect(value(snapshot, 'sock.count', { 'network.transport': 'tcp' })).toBe(1);
    expect(value(snapshot, 'sock.drops')).toBe(raw.meminfo().drops);
    expect(value(snapshot, 'sock.drops')).toBeGreaterThan(0);
    expect(
      value(snapshot, 'sock.memory', {
        'network.transport': 'udp',
        'network.io.direction': 'receive',
      }),
    ).toBeGreaterThan(0);
    expect(metrics.size).toBe(4);
    raw.close();
    component.close();
    udp.close();
    expect(metrics.delete(unix)).toBe(true);
    expect(metrics.delete(unix)).toBe(false);
    expect(value(metrics.collect(), 'sock.count')).toBe(0);
    await vi.waitFor(() => expect(metrics.size).toBe(0));
    expect(value(metrics.collect(), 'sock.created')).toBe(4);
  });

  test('a Socket that is lost is collected, which closes it', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    using metrics = new SocketMetrics({ all: false });
    const kept = new Socket(Domain.IPV4, Type.DGRAM);
    metrics.add(kept);
    const fds = (() => {
      const lost = new Socket(Domain.IPV4, Type.DGRAM);
      metrics.add(lost);
      metrics.add(lost);
      return [lost.asRawFd()];
    })();
    expect([metrics.size, value(metrics.collect(), 'sock.count')]).toEqual([2, 2]);
    await vi.waitFor(() => {
      collect();
      expect(existsSync(`/proc/self/fd/${fds[0]}`)).toBe(false);
    });
    expect([metrics.size, value(metrics.collect(), 'sock.count')]).toEqual([1, 1]);
    kept.close();
  });

  test('wrong arguments', () => {
    const type = expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }) as Error;
    for (const options of [
      null,
      1,
      { all: 1 },
      { Socket: {} },
      { sockets: 1 },
      { sockets: [null] },
    ]) {
      expect(() => new SocketMetrics(options as never)).toThrow(type);
    }
    using metrics = new SocketMetrics({ all: false });
    for (const socket of [null, {}, [], () => {}]) {
      expect(() => metrics.add(socket as never)).toThrow(type);
    }
    const closed = new Socket(Domain.IPV4, Type.STREAM);
    closed.close();
    expect(() => metrics.add(closed)).toThrow('EBADF');
    expect(metrics.size).toBe(0);
    for (const snapshot of [null, {}, 1]) {
      expect(() => prometheusText(snapshot as never)).toThrow(type);
    }
    expect(() => prometheusText(metrics.collect(), null as never)).toThrow(type);
    for (const options of [null, { interval: '1' }, { all: 1 }, { sockets: {} }]) {
      expect(() => publishMetrics(options as never)).toThrow(type);
    }
    for (const interval of [0, -1, Number.NaN, 2 ** 31]) {
      expect(() => publishMetrics({ interval })).toThrow(RangeError);
    }
  });
});

describe.runIf(linux)('publishMetrics', () => {
  test('costs nothing while nobody subscribes, and then publishes', async () => {
    const { port } = await echo();
    const reads = vi.spyOn(Socket.prototype, 'tcpInfo');
    const { channel } = await import('node:diagnostics_channel');
    const publisher = publishMetrics({ interval: 5 });
    closing.push(() => {
      publisher.close();
      reads.mockRestore();
    });
    const idle = await dial(port);
    await new Promise((later) => setTimeout(later, 30));
    expect(reads).not.toHaveBeenCalled();
    // Node asks whether anybody wants to know of its sockets.
    expect(channel('net.client.socket').hasSubscribers).toBe(false);
    const seen: MetricsSnapshot[] = [];
    const listener = (message: unknown): void => void seen.push(message as MetricsSnapshot);
    subscribe('sock:metrics', listener);
    await vi.waitFor(() => expect(seen.length).toBeGreaterThan(0));
    const client = await dial(port);
    await exchange(client, 700);
    await vi.waitFor(() =>
      expect(value(seen.at(-1) as MetricsSnapshot, 'process.network.io')).toBe(2800),
    );
    unsubscribe('sock:metrics', listener);
    await vi.waitFor(() => expect(channel('net.client.socket').hasSubscribers).toBe(false));
    const { length } = seen;
    publisher.close();
    subscribe('sock:metrics', listener);
    await new Promise((later) => setTimeout(later, 30));
    unsubscribe('sock:metrics', listener);
    expect(seen.length).toBe(length);
    idle.destroy();
  });

  test('does not keep the process alive', () => {
    const program = `
      import { subscribe } from 'node:diagnostics_channel';
      import { publishMetrics } from '@sock/std';
      subscribe('sock:metrics', () => {});
      publishMetrics();
      console.log('end');`;
    const args = ['--input-type=module', '-e', program];
    const env = { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' };
    const options = { cwd: import.meta.dirname, env, timeout: 20_000, encoding: 'utf8' } as const;
    expect(execFileSync(process.execPath, args, options)).toBe('end\n');
  });
});

test('the text of Prometheus, read by a parser of it', () => {
  const point = (attributes: Record<string, string>, number: number): NumberPoint => ({
    attributes,
    value: number,
  });
  const text = prometheusText(
    {
      startTime: 0,
      time: 1,
      metrics: [
        {
          name: 'process.network.io',
          description: 'a \\ and\na line',
          unit: 'By',
          kind: 'counter',
          points: [point({ 'network.io.direction': 'a"b\\c\nd' }, 2 ** 40), point({}, 0)],
        },
        {
          name: '9.lives',
          description: 'd',
          unit: '{cat}',
          kind: 'gauge',
          points: [point({}, Number.POSITIVE_INFINITY), point({ a: 'b' }, -0.5)],
        },
        {
          name: 'sock.tcp.rtt',
          description: 'd',
          unit: 's',
          kind: 'histogram',
          points: [
            {
              attributes: {},
              count: 3,
              sum: 1.5,
              buckets: [
                { atMost: 0.001, count: 1 },
                { atMost: 1, count: 2 },
              ],
            },
          ],
        },
        { name: 'none', description: 'd', unit: '1', kind: 'gauge', points: [] },
      ],
    },
    { 'service.name': 'x' },
  );
  expect(text.split('\n').slice(0, 4)).toEqual([
    String.raw`# HELP process_network_io_bytes_total a \\ and\na line`,
    '# TYPE process_network_io_bytes_total counter',
    String.raw`process_network_io_bytes_total{service_name="x",network_io_direction="a\"b\\c\nd"} 1099511627776`,
    'process_network_io_bytes_total{service_name="x"} 0',
  ]);
  expect(text.endsWith('\n')).toBe(true);
  const [io, lives, rtt] = parse(text);
  expect(io).toMatchObject({
    type: 'COUNTER',
    help: 'a \\ and\na line',
    metrics: [
      { value: String(2 ** 40), labels: { network_io_direction: 'a"b\\c\nd', service_name: 'x' } },
      { value: '0' },
    ],
  });
  expect(lives).toMatchObject({
    name: '_9_lives',
    type: 'GAUGE',
    metrics: [{ value: '+Inf' }, { value: '-0.5', labels: { a: 'b' } }],
  });
  expect(rtt).toMatchObject({
    name: 'sock_tcp_rtt_seconds',
    type: 'HISTOGRAM',
    metrics: [{ buckets: { '0.001': '1', '1': '2', '+Inf': '3' } }],
  });
  // The parser leaves these out.
  expect(text).toContain('sock_tcp_rtt_seconds_sum{service_name="x"} 1.5\n');
  expect(text).toContain('sock_tcp_rtt_seconds_count{service_name="x"} 3\n');
  using metrics = new SocketMetrics({ all: false });
  const own = parse(prometheusText(metrics.collect()));
  expect(own.map(({ name }) => name)).toContain('sock_tcp_retransmitted_bytes_total');
});
