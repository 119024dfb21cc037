/** Each kind of fault, as a program meets it. */
import { Domain, type Fault, SockAddr, Type } from '@sock/sim';
import { describe, expect, test } from 'vitest';
import {
  at,
  bytes,
  codeOf,
  connection,
  datagrams,
  listener,
  readAll,
  stream,
  twoHosts,
} from './two-hosts.js';

const buffer = new Uint8Array(65_536);

/** What arrives of `count` datagrams, by their first byte, each sent after a millisecond. */
function arrivals(faults: readonly Fault[], conditions = {}, count = 6): number[] {
  const { network, one, other } = twoHosts({ latency: 5, faults, ...conditions });
  const receiver = datagrams(other, 9);
  const sender = datagrams(one);
  for (let i = 0; i < count; i++) {
    sender.sendTo(Uint8Array.of(i), at(other, 9));
    void network.clock.advance(1);
  }
  void network.clock.advance(1000);
  const got: number[] = [];
  while (receiver.tryRecv(buffer) !== undefined) got.push(buffer[0] as number);
  return got;
}

describe('packets', () => {
  test('single ones are lost, doubled and late', () => {
    expect(arrivals([{ kind: 'drop', packet: 1 }])).toEqual([0, 2, 3, 4, 5]);
    expect(arrivals([{ kind: 'duplicate', packet: 0 }])).toEqual([0, 1, 2, 3, 4, 0, 5]);
    expect(arrivals([{ kind: 'delay', packet: 0, by: 3 }])).toEqual([1, 2, 0, 3, 4, 5]);
  });

  test('a share of them is lost, doubled or overtaken, the same for the same seed', () => {
    const shares = (conditions: object): number[] => arrivals([], conditions, 200);
    const lost = shares({ loss: 0.3 });
    expect(lost.length).toBeGreaterThan(100);
    expect(lost.length).toBeLessThan(180);
    expect(shares({ loss: 0.3 })).toEqual(lost);
    expect(shares({ loss: 0.3, seed: 2 })).not.toEqual(lost);
    expect(shares({ duplicate: 0.5 }).length).toBeGreaterThan(250);
    const overtaken = shares({ reorder: 0.3 });
    expect(overtaken.length).toBe(200);
    expect(overtaken).not.toEqual(overtaken.toSorted((a, b) => a - b));
  });

  test('jitter delays packets and keeps their order', () => {
    const { network, one, other } = twoHosts({ latency: 5, jitter: 50 });
    const receiver = datagrams(other, 9);
    const sender = datagrams(one);
    for (let i = 0; i < 50; i++) sender.sendTo(Uint8Array.of(i), at(other, 9));
    void network.clock.advance(5);
    expect(receiver.tryRecv(buffer)).toBeUndefined();
    void network.clock.advance(50);
    for (let i = 0; i < 50; i++) {
      receiver.recv(buffer);
      expect(buffer[0]).toBe(i);
    }
  });

  test('bandwidth bounds how fast they follow each other', () => {
    const { network, one, other } = twoHosts({ bandwidth: 1028 });
    const receiver = datagrams(other, 9);
    for (let i = 0; i < 3; i++) datagrams(one).sendTo(new Uint8Array(1000), at(other, 9));
    const times = [0, 1, 2].map(() => {
      receiver.recv(buffer);
      return network.clock.now;
    });
    expect(times).toEqual([1000, 2000, 3000]);
  });

  test('a link has conditions of its own, each way', () => {
    const { network, one, other } = twoHosts({ latency: 1 });
    network.link('one', 'other').set({ latency: 100 });
    const [here, there] = [datagrams(one, 9), datagrams(other, 9)];
    here.sendTo(bytes('x'), at(other, 9));
    there.recv(buffer);
    expect(network.clock.now).toBe(100);
    there.sendTo(bytes('x'), at(one, 9));
    here.recv(buffer);
    expect(network.clock.now).toBe(101);
  });

  test('a datagram larger than the link takes fails with EMSGSIZE where fragments are forbidden', () => {
    const { one, other } = twoHosts();
    const sender = datagrams(one);
    const receiver = datagrams(other, 9);
    sender.sendTo(new Uint8Array(1473), at(other, 9));
    expect(receiver.recv(buffer)).toBe(1473);
    sender.setMtuDiscoverV4('do');
    expect(codeOf(() => sender.sendTo(new Uint8Array(1473), at(other, 9)))).toBe('EMSGSIZE');
    sender.sendTo(new Uint8Array(1472), at(other, 9));
    expect(codeOf(() => sender.sendTo(new Uint8Array(65_508), at(other, 9)))).toBe('EMSGSIZE');
  });
});

describe('TCP on a bad network', () => {
  test('everything arrives, in order, whatever is lost, doubled or overtaken', () => {
    for (let seed = 0; seed < 20; seed++) {
      const hosts = twoHosts({
        seed,
        latency: 10,
        jitter: 5,
        loss: 0.2,
        duplicate: 0.1,
        reorder: 0.2,
      });
      const [client, server] = connection(hosts);
      const data = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7) & 255);
      client.send(data);
      client.close();
      // Vitest compares byte by byte, which takes long.
      expect(Buffer.compare(readAll(server), data)).toBe(0);
    }
  });

  test('a partition that heals delays it, one that does not ends it', () => {
    const hosts = twoHosts({ latency: 10 });
    const { network } = hosts;
    const [client, server] = connection(hosts);
    network.inject({ kind: 'partition', from: 'one', to: 'other', for: 9000 });
    client.send(bytes('late'));
    expect(server.recv(buffer)).toBe(4);
    expect(network.clock.now).toBeGreaterThan(9000);
    expect(network.clock.now).toBeLessThan(30_000);
    const partition = network.partition('one', 'other');
    client.send(bytes('never'));
    expect(codeOf(() => client.recv(buffer))).toBe('ETIMEDOUT');
    partition.end();
  });

  test('a one-way partition lets what is sent arrive, though no answer comes', () => {
    const { network, one, other } = twoHosts();
    network.partition(other, one, { oneWay: true });
    const receiver = datagrams(other, 9);
    const sender = datagrams(one, 9);
    sender.sendTo(bytes('x'), at(other, 9));
    expect(receiver.tryRecv(buffer)).toBe(1);
    receiver.sendTo(bytes('y'), at(one, 9));
    expect(sender.tryRecv(buffer)).toBeUndefined();
  });

  test('keep-alive finds out that the peer is gone', () => {
    const hosts = twoHosts();
    const [client] = connection(hosts);
    client.setTcpKeepalive({ time: 10_000, interval: 1000, retries: 3 });
    const start = hosts.network.clock.now;
    hosts.other.crash();
    expect(codeOf(() => client.recv(buffer))).toBe('ETIMEDOUT');
    expect(hosts.network.clock.now - start).toBe(13_000);
  });

  test('TCP_USER_TIMEOUT bounds how long nothing is acknowledged', () => {
    const hosts = twoHosts();
    const [client] = connection(hosts);
    client.setTcpUserTimeout(5000);
    hosts.other.crash();
    client.send(bytes('x'));
    expect(codeOf(() => client.recv(buffer))).toBe('ETIMEDOUT');
    expect(hosts.network.clock.now).toBeLessThan(20_000);
  });

  test('a window that closed opens again', () => {
    const hosts = twoHosts({ latency: 1 });
    const [client, server] = connection(hosts);
    client.setNonblocking(true);
    let sent = 0;
    const chunk = new Uint8Array(65_536);
    for (;;) {
      const count = client.trySend(chunk);
      if (count === undefined) break;
      sent += count;
    }
    void hosts.network.clock.advance(10_000);
    let received = 0;
    server.setReadTimeout(200_000);
    while (received < sent) received += server.recv(buffer);
    expect(received).toBe(sent);
  });
});

describe('hosts', () => {
  test('a crash ends the sockets of a host, and a restart starts its programs', async () => {
    const { network, one, other } = twoHosts({ latency: 1 });
    await network.run(async () => {
      const starts: number[] = [];
      other.run(async ({ signal }) => {
        starts.push(network.clock.now);
        const server = listener(other);
        while (!signal.aborted) {
          await server.readable();
          const [accepted] = server.accept();
          accepted.send(bytes('hello'));
        }
      });
      await new Promise((resolve) => setTimeout(resolve, 10));
      const client = stream(one);
      client.connect(at(other));
      await client.readable();
      expect(client.recv(buffer)).toBe(5);
      network.inject({ kind: 'crash', host: 'other', for: 5000 });
      const again = stream(one);
      again.tryConnect(at(other));
      await again.readable();
      expect(again.recv(buffer)).toBe(5);
      expect(starts.length).toBe(2);
      // What the first connection sends now belongs to no connection there.
      client.send(bytes('x'));
      expect(codeOf(() => client.recv(buffer))).toBe('ECONNRESET');
    });
  });

  test('a host that is down: its own sockets fail with ENETDOWN, others get no answer', () => {
    const { one, other } = twoHosts();
    const socket = datagrams(other, 9);
    other.crash();
    expect(codeOf(() => socket.recv(buffer))).toBe('ENETDOWN');
    expect(codeOf(() => datagrams(other))).toBe('ENETDOWN');
    datagrams(one).sendTo(bytes('x'), at(other, 9));
    other.restart();
    expect(datagrams(other, 9).tryRecv(buffer)).toBeUndefined();
    socket.close();
  });

  test('a program that stops reading has its peer’s buffers fill', () => {
    const hosts = twoHosts();
    const [client, server] = connection(hosts);
    const fault = hosts.network.inject({ kind: 'stopReading', host: 'other' });
    client.send(bytes('x'));
    expect(server.tryRecv(buffer)).toBeUndefined();
    client.setNonblocking(true);
    while (client.trySend(buffer) !== undefined);
    fault.end();
    expect(server.tryRecv(buffer)).toBe(65_536);
  });

  test('clocks are off, and go wrong', () => {
    const { network, one, other } = twoHosts();
    network.inject({ kind: 'skew', host: 'one', by: 5000, drift: 0.1, for: 1000 });
    expect(one.clock.now() - other.clock.now()).toBe(5000);
    void network.clock.advance(500);
    expect(one.clock.now() - other.clock.now()).toBe(5050);
    expect(new one.clock.Date().getTime()).toBe(other.clock.now() + 5050);
    void network.clock.advance(500);
    expect(Math.round(one.clock.now() - other.clock.now())).toBe(100);
  });
});

describe('connections', () => {
  test('they are refused, or not answered, so many of them', () => {
    const { network, one, other } = twoHosts();
    listener(other);
    network.inject({ kind: 'refuse', to: 'other', port: 80, count: 2 });
    expect(codeOf(() => stream(one).connect(at(other)))).toBe('ECONNREFUSED');
    expect(codeOf(() => stream(one).connect(at(other)))).toBe('ECONNREFUSED');
    expect(codeOf(() => stream(one).connect(at(other)))).toBeUndefined();
    network.inject({ kind: 'blackhole', to: 'other', for: 10_000 });
    expect(codeOf(() => stream(one).connectTimeout(at(other), 1000))).toBe('ETIMEDOUT');
  });

  test('one is reset at a byte', () => {
    const hosts = twoHosts({ latency: 1 });
    const [client, server] = connection(hosts);
    hosts.network.inject({ kind: 'reset', from: 'one', to: 'other', afterBytes: 7 });
    client.send(bytes('0123'));
    client.send(bytes('456789'));
    void hosts.network.clock.advance(100);
    expect(server.recv(buffer)).toBe(7);
    expect(codeOf(() => server.recv(buffer))).toBe('ECONNRESET');
  });

  test('the end that sent is reset too', async () => {
    const hosts = twoHosts();
    const [client] = connection(hosts);
    hosts.network.inject({ kind: 'reset', from: 'one', to: 'other', afterBytes: 1 });
    client.send(bytes('0123'));
    await client.readable();
    expect(codeOf(() => client.recv(buffer))).toBe('ECONNRESET');
  });

  test('a backlog that is full answers nobody', () => {
    const { one, other } = twoHosts();
    listener(other, 0);
    stream(one).connect(at(other));
    expect(codeOf(() => stream(one).connectTimeout(at(other), 5000))).toBe('ETIMEDOUT');
  });
});

describe('calls', () => {
  test('the n-th fails, so many times', () => {
    const { network, one } = twoHosts();
    const socket = datagrams(one, 9);
    one.failCall('send', 'ENOBUFS', { nth: 2, times: 2 });
    const send = (): string | undefined => codeOf(() => socket.sendTo(bytes('x'), at(one, 9)));
    expect([send(), send(), send(), send()]).toEqual([undefined, 'ENOBUFS', 'ENOBUFS', undefined]);
    one.failCall('socket', 'EMFILE');
    expect(codeOf(() => stream(one))).toBe('EMFILE');
    one.failCall('recv', 'EINTR');
    expect(codeOf(() => socket.recv(buffer))).toBe('EINTR');
    expect(network.trace()).toContain('one: send fails with ENOBUFS');
  });

  test('a host has as many sockets as it may open', () => {
    const { network } = twoHosts();
    const small = network.host('10.0.0.9', { name: 'small', openFiles: 2 });
    const [first] = [datagrams(small), datagrams(small)];
    expect(codeOf(() => datagrams(small))).toBe('EMFILE');
    first?.close();
    expect(codeOf(() => datagrams(small))).toBeUndefined();
  });
});

describe('names', () => {
  test('they resolve, slowly where a fault says so, or not at all', async () => {
    const { network } = twoHosts({ lookupTime: 5 });
    await network.run(async () => {
      expect(await network.resolve('other')).toEqual(['10.0.0.2']);
      expect(network.clock.now).toBe(5);
      network.inject({ kind: 'dns', name: 'other', delay: 4000, for: 100 });
      await network.resolve('other');
      expect(network.clock.now).toBe(4010);
      await expect(network.resolve('nobody')).rejects.toThrow('getaddrinfo ENOTFOUND nobody');
      network.inject({ kind: 'dns', error: 'EAI_AGAIN', for: 100 });
      await expect(network.resolve('other')).rejects.toThrow('EAI_AGAIN');
    });
  });
});

describe('UDP to many', () => {
  test('a group reaches its members on other hosts, a broadcast every host', () => {
    const { network, one, other } = twoHosts();
    const third = network.host('10.0.0.3', { name: 'third' });
    const [member, stranger] = [datagrams(other, 9), datagrams(third, 9)];
    member.joinMulticastV4('239.1.1.1', '0.0.0.0');
    const sender = datagrams(one);
    sender.sendTo(bytes('group'), SockAddr.ipv4('239.1.1.1', 9));
    expect(member.tryRecv(buffer)).toBe(5);
    expect(stranger.tryRecv(buffer)).toBeUndefined();
    sender.setBroadcast(true);
    for (const address of ['255.255.255.255', '10.0.0.255']) {
      sender.sendTo(bytes('all'), SockAddr.ipv4(address, 9));
      expect([member, stranger].map((socket) => socket.tryRecv(buffer))).toEqual([3, 3]);
    }
  });

  test('an ICMP report refuses a connected socket', () => {
    const { network, one, other } = twoHosts({ latency: 1 });
    const socket = new one.Socket(Domain.IPV4, Type.DGRAM);
    socket.connect(at(other, 9));
    socket.send(bytes('x'));
    expect(codeOf(() => socket.recv(buffer))).toBe('ECONNREFUSED');
    expect(network.trace()).toContain('port 9 unreachable');
  });
});
