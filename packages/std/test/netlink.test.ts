/** The lists of sockets and the changes of interfaces that the kernel reports. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { listInterfaces, listSockets, socketSnapshot, watchInterfaces } from '@sock/std';
import { describe, expect, test } from 'vitest';
import { namespacesWork, nodeInNamespace } from './namespace.js';
import { wasiSocket } from './paths.js';

const root = join(import.meta.dirname, '..', '..', '..');
const inNamespace = (program: string) => nodeInNamespace('--input-type=module', '-e', program);

describe.runIf(process.platform === 'linux')('listSockets', () => {
  test('finds this process: addresses, states, queues, cookies, memory', async () => {
    const listener = new Socket(Domain.IPV4, Type.STREAM);
    listener.bind(SockAddr.ipv4('127.0.0.1', 0));
    listener.listen(7);
    const { port } = listener.localAddr();
    const client = new Socket(Domain.IPV4, Type.STREAM);
    client.connect(listener.localAddr());
    const udp = new Socket(Domain.IPV6, Type.DGRAM);
    udp.bind(SockAddr.ipv6('::1', 0));
    udp.sendTo(new Uint8Array(100), udp.localAddr());
    const listed = await listSockets();
    const of = (socket: Socket) => listed.find(({ cookie }) => cookie === socket.cookie());
    expect(of(listener)).toMatchObject({
      protocol: 'tcp',
      family: 'ipv4',
      state: 'listen',
      localAddress: '127.0.0.1',
      localPort: port,
      remotePort: 0,
      receiveQueue: 1,
      sendQueue: 7,
      uid: process.getuid?.(),
    });
    expect(of(client)).toMatchObject({
      state: 'established',
      localPort: client.localAddr().port,
      remoteAddress: '127.0.0.1',
      remotePort: port,
    });
    expect(of(udp)).toMatchObject({
      protocol: 'udp',
      family: 'ipv6',
      localAddress: '::1',
      localPort: udp.localAddr().port,
      receiveMemory: udp.meminfo().receiveAllocated,
    });
    expect(of(udp)?.receiveMemory).toBeGreaterThan(0);
    for (const socket of [listener, client, udp]) socket.close();
    const only = await listSockets({ protocols: ['udp'], families: ['ipv6'] });
    expect(only.every(({ protocol, family }) => protocol === 'udp' && family === 'ipv6')).toBe(
      true,
    );
  });

  test('5,000 sockets come in many datagrams', async () => {
    const sockets = Array.from({ length: 5000 }, () => {
      const socket = new Socket(Domain.IPV4, Type.DGRAM);
      socket.bind(SockAddr.ipv4('127.0.0.1', 0));
      return socket;
    });
    const listed = new Set((await listSockets({ protocols: ['udp'] })).map(({ cookie }) => cookie));
    expect(sockets.every((socket) => listed.has(socket.cookie()))).toBe(true);
    for (const socket of sockets) socket.close();
  });

  test('wrong arguments, another backend, an abort', async () => {
    const value = { code: 'ERR_INVALID_ARG_VALUE' };
    await expect(listSockets({ protocols: ['sctp' as never] })).rejects.toMatchObject(value);
    await expect(listSockets({ families: 'ipv4' as never })).rejects.toMatchObject(value);
    for (const families of [[['ipv4']], ['toString'], [null]]) {
      await expect(listSockets({ families: families as never })).rejects.toMatchObject(value);
    }
    await expect(listSockets(null as never)).rejects.toMatchObject({
      code: 'ERR_INVALID_ARG_TYPE',
    });
    const unsupported = { code: 'ERR_SOCK_UNSUPPORTED' };
    await expect(listSockets({ Socket: wasiSocket as never })).rejects.toMatchObject(unsupported);
    expect(() => watchInterfaces({ Socket: wasiSocket as never })).toThrow(
      expect.objectContaining(unsupported) as Error,
    );
    const reason = new Error('no');
    await expect(listSockets({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

test.runIf(process.platform === 'linux')("listInterfaces finds what node's own list has", () => {
  const listed = listInterfaces();
  expect(listed.find(({ name }) => name === 'lo')).toMatchObject({ index: 1, loopback: true });
  for (const [name, addresses = []] of Object.entries(networkInterfaces())) {
    const found = listed.find((one) => one.name === name);
    expect(found).toMatchObject({ up: true, running: true });
    for (const { address, cidr, mac } of addresses) {
      const prefix = Number(cidr?.split('/')[1]);
      expect(found?.addresses).toContainEqual(expect.objectContaining({ address, prefix }));
      expect(found?.mac).toBe(mac);
    }
  }
  expect(() => listInterfaces(null as never)).toThrow(TypeError);
  expect(() => listInterfaces({ Socket: wasiSocket as never })).toThrow(
    expect.objectContaining({ code: 'ERR_SOCK_UNSUPPORTED' }) as Error,
  );
});

describe.runIf(process.platform === 'linux')('watchInterfaces', () => {
  test('an abort ends it, waiting or not', async () => {
    const controller = new AbortController();
    const seen: unknown[] = [];
    const loop = (async () => {
      for await (const change of watchInterfaces({ signal: controller.signal })) seen.push(change);
    })();
    setTimeout(() => controller.abort(), 20);
    await loop;
    expect(await watchInterfaces({ signal: controller.signal }).next()).toEqual({
      done: true,
      value: undefined,
    });
  });

  test('a loop that is left closes the socket: before it begins, while it waits, in an abort', async () => {
    const sockets = (): number => readdirSync('/proc/self/fd').length;
    for await (const change of watchInterfaces({ signal: AbortSignal.timeout(5) })) void change;
    const before = sockets();
    const changes = watchInterfaces();
    expect(sockets()).toBe(before + 1);
    expect(await changes.return()).toEqual({ done: true, value: undefined });
    expect(await changes.next()).toEqual({ done: true, value: undefined });
    const waiting = watchInterfaces();
    const next = waiting.next();
    await waiting.return();
    expect(await next).toEqual({ done: true, value: undefined });
    const controller = new AbortController();
    watchInterfaces({ signal: controller.signal });
    controller.abort();
    const failing = watchInterfaces();
    await expect(failing.throw(new Error('mine'))).rejects.toThrow('mine');
    {
      await using disposed = watchInterfaces();
      expect(disposed[Symbol.asyncIterator]()).toBe(disposed);
    }
    expect(sockets()).toBe(before);
  });

  test.runIf(namespacesWork)('changes that are lost are reported, and the next ones come', () => {
    const program = `
      import { watchInterfaces } from '@sock/std';
      import { execFileSync } from 'node:child_process';
      const changes = watchInterfaces();
      const batch = [];
      for (let i = 0; i < 2000; i++) {
        batch.push('address add 10.' + (i >> 8) + '.' + (i & 255) + '.1/32 dev lo');
        batch.push('address delete 10.' + (i >> 8) + '.' + (i & 255) + '.1/32 dev lo');
      }
      execFileSync('ip', ['-batch', '-'], { input: batch.join('\\n') });
      let overrun = 0;
      for await (const change of changes) {
        if (change.kind === 'overrun' && ++overrun === 1) {
          execFileSync('ip', ['address', 'add', '10.99.0.1/32', 'dev', 'lo']);
        }
        if (change.address === '10.99.0.1') break;
      }
      console.log(overrun);`;
    const options = { cwd: root, encoding: 'utf8', timeout: 25_000 } as const;
    expect(Number(execFileSync(...inNamespace(program), options))).toBeGreaterThan(0);
  });

  test.runIf(namespacesWork)('links and addresses come and go', async () => {
    const program = `
      import { watchInterfaces } from '@sock/std';
      import { execFileSync } from 'node:child_process';
      const ip = (...args) => execFileSync('ip', args);
      const changes = watchInterfaces();
      ip('link', 'add', 'name', 'one', 'type', 'veth', 'peer', 'name', 'two');
      ip('address', 'add', '10.9.8.7/24', 'dev', 'one');
      ip('address', 'add', '2001:db8::9/64', 'dev', 'one', 'nodad');
      ip('link', 'set', 'one', 'up');
      ip('address', 'delete', '10.9.8.7/24', 'dev', 'one');
      ip('link', 'delete', 'one');
      for await (const change of changes) {
        console.log(JSON.stringify(change));
        if (change.kind === 'link' && change.gone && change.name === 'one') break;
      }`;
    const child = spawn(...inNamespace(program), {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (data: string) => (output += data));
    expect(await once(child, 'close')).toEqual([0, null]);
    const changes = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const has = (wanted: object): void => {
      expect(changes).toContainEqual(expect.objectContaining(wanted));
    };
    const mac = expect.stringMatching(/^(?:[\da-f]{2}:){5}[\da-f]{2}$/) as string;
    has({ kind: 'link', gone: false, name: 'one', mtu: 1500, up: false, loopback: false, mac });
    has({ kind: 'link', gone: false, name: 'one', up: true });
    has({ kind: 'address', gone: false, family: 'ipv4', address: '10.9.8.7', prefix: 24 });
    has({ kind: 'address', gone: false, family: 'ipv6', address: '2001:db8::9', prefix: 64 });
    has({ kind: 'address', gone: true, family: 'ipv4', address: '10.9.8.7' });
    has({ kind: 'link', gone: true, name: 'one' });
  });
});

test.runIf(process.platform === 'linux')(
  "socketSnapshot of a Socket and of node's objects",
  async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    await once(client, 'connect');
    const { tcp, memory } = socketSnapshot(client);
    expect(tcp?.state).toBe('established');
    expect(memory?.receiveBuffer).toBeGreaterThan(0);
    expect(socketSnapshot(server).tcp?.state).toBe('listen');
    client.destroy();
    server.close();

    const udp = new Socket(Domain.IPV4, Type.DGRAM);
    udp.bind(SockAddr.ipv4('127.0.0.1', 0));
    udp.sendTo(new Uint8Array(10), udp.localAddr());
    const snapshot = socketSnapshot(udp);
    expect(snapshot.tcp).toBe(null);
    expect(snapshot.memory?.receiveAllocated).toBeGreaterThan(0);
    udp.close();
    expect(() => socketSnapshot(udp)).toThrow('EBADF');
    expect(() => socketSnapshot(null as never)).toThrow(TypeError);
    expect(() => socketSnapshot(new net.Socket())).toThrow(
      expect.objectContaining({ code: 'ERR_SOCK_NO_HANDLE' }) as Error,
    );
    const component = new wasiSocket(Domain.IPV4, Type.STREAM);
    expect(socketSnapshot(component)).toEqual({ tcp: null, memory: null });
    component.close();
  },
);
