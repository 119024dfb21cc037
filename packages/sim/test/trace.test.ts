/** The record of a run: text, digest, capture. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Domain, type Network, SockAddr, Type } from '@sock/sim';
import { describe, expect, test } from 'vitest';
import { at, bytes, connection, datagrams, twoHosts } from './two-hosts.js';

/** A bit of everything, under a seed. */
function exchange(seed: number, traceLimit = 10_000): Network {
  const hosts = twoHosts({ seed, latency: 3, jitter: 4, loss: 0.2, duplicate: 0.1, traceLimit });
  const { network, one, other } = hosts;
  const [client, server] = connection(hosts);
  client.send(bytes('hello'));
  server.recv(new Uint8Array(8));
  server.send(new Uint8Array(5000));
  void network.clock.advance(5000);
  client.close();
  server.close();
  void network.clock.advance(5000);
  datagrams(one, 9).sendTo(bytes('x'), at(other, 7));
  const six = new one.Socket(Domain.IPV6, Type.DGRAM);
  six.sendTo(bytes('six'), SockAddr.ipv6('::1', 9));
  void network.clock.advance(100);
  return network;
}

describe('trace', () => {
  test('it is the same for the same seed, byte for byte, and another for another', () => {
    for (let seed = 0; seed < 25; seed++) {
      const [first, second] = [exchange(seed), exchange(seed)];
      expect(first.trace()).toBe(second.trace());
      expect(first.digest).toBe(second.digest);
    }
    expect(exchange(1).digest).not.toBe(exchange(2).digest);
  });

  test('it reads well', () => {
    const { network, one, other } = twoHosts({ latency: 2.5 });
    network.partition(one, other);
    datagrams(one, 9).sendTo(bytes('x'), at(other, 9));
    network.note('that was all');
    expect(network.trace()).toBe(
      [
        '       0.000  fault: nothing gets from one to other, nor back',
        '       0.000  one > other  #0 udp 10.0.0.1:9 > 10.0.0.2:9 1 bytes  [partition]',
        '       0.000  that was all',
      ].join('\n'),
    );
  });

  test('it keeps so many entries, and the digest counts all', () => {
    const [short, long] = [exchange(1, 5), exchange(1)];
    expect(short.traceEntries().length).toBe(5);
    expect(short.digest).toBe(long.digest);
    expect(short.trace().split('\n').slice(1)).toEqual(long.trace().split('\n').slice(-5));
    expect(short.trace()).toMatch(/^\.\.\. \d+ entries before\n/);
  });

  test('collection has no part in it: a socket that nobody closed stays open', async () => {
    const hosts = twoHosts();
    const client = (() => connection(hosts)[0])();
    for (let i = 0; i < 10; i++) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(client.tryRecv(new Uint8Array(1))).toBeUndefined();
  });
});

/** What tshark says of a capture. */
function tshark(capture: Uint8Array, ...options: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'sock-sim-'));
  try {
    const file = join(folder, 'capture.pcapng');
    writeFileSync(file, capture);
    return execFileSync('tshark', ['-r', file, ...options], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const hasTshark = ((): boolean => {
  try {
    execFileSync('tshark', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe('capture', () => {
  test('it begins as a pcapng file does', () => {
    const capture = exchange(1).capture();
    const view = new DataView(capture.buffer);
    expect(view.getUint32(0, true)).toBe(0x0a0d0d0a);
    expect(view.getUint32(8, true)).toBe(0x1a2b3c4d);
    expect(capture.length % 4).toBe(0);
  });

  test.skipIf(!hasTshark)('tshark reads it, and finds every checksum right', () => {
    const network = exchange(3);
    const capture = network.capture();
    const packets = network.traceEntries().filter((entry) => 'packet' in entry).length;
    const lines = tshark(capture, '-T', 'fields', '-e', 'frame.protocols').trim().split('\n');
    expect(lines.length).toBe(packets);
    const checks = ['ip', 'tcp', 'udp'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);
    const wrong =
      '_ws.malformed || ip.checksum.status==0 || tcp.checksum.status==0 || udp.checksum.status==0';
    expect(tshark(capture, ...checks, '-Y', wrong)).toBe('');
    expect(tshark(capture, '-Y', 'icmp.type == 3 && icmp.code == 3')).toContain(
      'Destination unreachable',
    );
    expect(tshark(capture, '-Y', 'ipv6.dst == ::1 && udp.length == 11')).not.toBe('');
    // The stream as Wireshark follows it.
    expect(tshark(capture, '-q', '-z', 'follow,tcp,ascii,0')).toContain('hello');
  });
});
