/** A group is joined on every interface, on those that come later too. */
import { execFile } from 'node:child_process';
import nodeDgram from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Domain, interfaceNames, SockAddr, Socket, Type } from '@sock/native';
import { intoDgramSocket, joinAll } from '@sock/std';
import { createSocket } from '@sock/std/dgram';
import { describe, expect, test } from 'vitest';
import { kept } from './kept.js';
import { namespacesWork, nodeInNamespace } from './namespace.js';
import { wasiSocket } from './paths.js';

const run = promisify(execFile);
const GROUP = '239.7.7.7';
const GROUP6 = 'ff02::7:7';

const bound = (): Socket => {
  const socket = kept(new Socket(Domain.IPV4, Type.DGRAM));
  socket.bind(SockAddr.ipv4('0.0.0.0', 0));
  return socket;
};

/** The interfaces on which the socket is a member of the group. It is none of any afterwards. */
function memberships(socket: Socket): string[] {
  return interfaceNames(Socket.driver)
    .ifNameIndex()
    .filter(({ index }) => {
      try {
        socket.leaveMulticastV4N(GROUP, index);
        return true;
      } catch {
        return false;
      }
    })
    .map(({ name }) => name);
}

const codeOf = (call: () => unknown): unknown => {
  try {
    call();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
};

describe.runIf(process.platform === 'linux')('joinAll', () => {
  test('of a Socket, until it is closed', () => {
    const socket = bound();
    const joined = joinAll(socket, GROUP);
    expect(joined.group).toBe(GROUP);
    expect(joined.interfaces).toContainEqual({ index: 1, name: 'lo', loopback: true });
    const names = joined.interfaces.map(({ name }) => name);
    expect(memberships(socket).toSorted()).toEqual(names.toSorted());
    socket.joinMulticastV4N(GROUP, 1);
    joined.close();
    expect([joined.closed, joined.interfaces, joined.failures]).toEqual([true, [], []]);
    expect(memberships(socket)).toEqual([]);
    joined.close();
    expect(Object.keys(Object.getOwnPropertyDescriptors(socket))).not.toContain('close');
  });

  test('ends with its socket, with `using`, with a signal', () => {
    for (const end of ['close', 'intoRawFd'] as const) {
      const socket = bound();
      const both = [joinAll(socket, GROUP), joinAll(socket, '239.7.7.8')];
      const fd = socket[end]();
      expect(both.map(({ closed }) => closed)).toEqual([true, true]);
      if (fd !== undefined) kept(Socket.fromRawFd(fd));
    }
    const socket = bound();
    joinAll(socket, GROUP)[Symbol.dispose]();
    expect(memberships(socket)).toEqual([]);
    const controller = new AbortController();
    const joined = joinAll(socket, GROUP, { signal: controller.signal });
    expect(joined.closed).toBe(false);
    controller.abort();
    expect(joined.closed).toBe(true);
    expect(memberships(socket)).toEqual([]);
    expect(joinAll(socket, GROUP, { signal: controller.signal }).closed).toBe(true);
    expect(memberships(socket)).toEqual([]);
  });

  test('the filter may end it', () => {
    const socket = bound();
    const controller = new AbortController();
    const joined = joinAll(socket, GROUP, {
      signal: controller.signal,
      filter: () => {
        controller.abort();
        return true;
      },
    });
    expect([joined.closed, joined.interfaces]).toEqual([true, []]);
    expect(memberships(socket)).toEqual([]);
  });

  test('leaves alone what the program has joined, and what the filter excludes', () => {
    const socket = bound();
    socket.joinMulticastV4N(GROUP, 1);
    const joined = joinAll(socket, GROUP);
    expect(joined.interfaces).toContainEqual({ index: 1, name: 'lo', loopback: true });
    joined.close();
    expect(memberships(socket)).toEqual(['lo']);
    const outside = joinAll(socket, GROUP, { filter: ({ loopback }) => !loopback });
    expect(outside.interfaces.some(({ name }) => name === 'lo')).toBe(false);
    expect(memberships(socket)).not.toContain('lo');
    outside.close();
    const thrown = new Error('of the filter');
    expect(() =>
      joinAll(socket, GROUP, {
        filter: () => {
          throw thrown;
        },
      }),
    ).toThrow(thrown);
    expect(memberships(socket)).toEqual([]);
  });

  test.each([
    ['node’s own', (): nodeDgram.Socket => nodeDgram.createSocket('udp4')],
    ['the drop-in’s', (): nodeDgram.Socket => createSocket('udp4')],
    ['one with options', () => createSocket({ type: 'udp4', sock: { tosV4: 8 } })],
    ['one with rinfo', () => createSocket({ type: 'udp4', rinfo: ['localAddress'] })],
    ['a converted one', () => intoDgramSocket(new Socket(Domain.IPV4, Type.DGRAM))],
    ['a duplex one', () => intoDgramSocket(new Socket(Domain.IPV4, Type.DGRAM), { duplex: true })],
  ])('of a dgram.Socket, %s, before it is bound and after', async (_, make) => {
    for (const early of [true, false]) {
      const socket = kept(make());
      const listening = once(socket, 'listening');
      if (!early) {
        socket.bind(0);
        await listening;
      }
      const changes: unknown[] = [];
      const joined = joinAll(socket, GROUP, {
        onChange: ({ joined: is, interface: { name } }) => changes.push([is, name]),
      });
      if (early) {
        socket.bind(0);
        await listening;
      }
      expect(joined.interfaces).toContainEqual({ index: 1, name: 'lo', loopback: true });
      const sender = bound();
      sender.setMulticastIfV4('127.0.0.1');
      sender.sendTo(new Uint8Array(3), SockAddr.ipv4(GROUP, socket.address().port));
      const [message] = (await once(socket, 'message')) as [Buffer];
      expect(message.length).toBe(3);
      expect(changes).toContainEqual([true, 'lo']);
      socket.close();
      await once(socket, 'close');
      expect(joined.closed).toBe(true);
    }
  });

  test('the sockets of @sock/std have it as a method, which nobody sees', async () => {
    const socket = createSocket('udp6');
    kept(socket).bind(0);
    expect(Object.keys(socket)).not.toContain('joinAll');
    await once(socket, 'listening');
    const joined = socket.joinAll(GROUP6);
    expect(joined.interfaces).toContainEqual({ index: 1, name: 'lo', loopback: true });
    // A dual-stack socket has members of both families.
    expect(socket.joinAll(GROUP).interfaces).toHaveLength(joined.interfaces.length);
    joined.close();
  });

  test('leaves no descriptor', async () => {
    const descriptors = (): number => readdirSync('/proc/self/fd').length;
    const run_ = async (): Promise<void> => {
      const socket = createSocket({ type: 'udp4', rinfo: ['ecn'] }).bind(0);
      await once(socket, 'listening');
      socket.joinAll(GROUP);
      socket.joinAll('239.7.7.8').close();
      socket.close();
      await once(socket, 'close');
    };
    for (let count = 0; count < 3; count += 1) await run_();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = descriptors();
    for (let count = 0; count < 30; count += 1) await run_();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(descriptors()).toBeLessThanOrEqual(before + 2);
  });

  test('wrong arguments', () => {
    const socket = bound();
    const type = 'ERR_INVALID_ARG_TYPE';
    const value = 'ERR_INVALID_ARG_VALUE';
    for (const [group, options, code] of [
      ['127.0.0.1', {}, value],
      ['fe80::1', {}, value],
      ['', {}, value],
      ['ff02::1%lo', {}, value],
      // Not of the socket's family.
      [GROUP6, {}, value],
      [undefined, {}, type],
      [GROUP, null, type],
      [GROUP, { filter: 1 }, type],
      [GROUP, { onChange: {} }, type],
      [GROUP, { onError: 'x' }, type],
      [GROUP, { signal: {} }, type],
      [GROUP, { interval: '1' }, type],
      [GROUP, { interval: 0 }, 'ERR_OUT_OF_RANGE'],
      [GROUP, { interval: Number.NaN }, 'ERR_OUT_OF_RANGE'],
    ] as const) {
      const given = [group, options];
      expect([given, codeOf(() => joinAll(socket, group as never, options as never))]).toEqual([
        given,
        code,
      ]);
    }
    for (const other of [null, {}, 'x', new nodeDgram.Socket('udp4' as never).on]) {
      expect(codeOf(() => joinAll(other as never, GROUP))).toBe(type);
    }
    const stream = kept(new Socket(Domain.IPV4, Type.STREAM));
    expect(codeOf(() => joinAll(stream, GROUP))).toBe(value);
    expect(codeOf(() => joinAll(kept(createSocket('udp4')), GROUP6))).toBe(value);
    const closed = createSocket('udp4');
    closed.close();
    expect(codeOf(() => joinAll(closed, GROUP))).toBe('ERR_SOCKET_DGRAM_NOT_RUNNING');
    expect(memberships(socket)).toEqual([]);
    socket.close();
    expect(codeOf(() => joinAll(socket, GROUP))).toBe('EBADF');
    const component = kept(new wasiSocket(Domain.IPV4, Type.DGRAM));
    expect(codeOf(() => joinAll(component, GROUP))).toBe('ERR_SOCK_UNSUPPORTED');
  });

  test('a process that only follows interfaces ends', async () => {
    const script = `
      import { Domain, SockAddr, Socket, Type } from '@sock/native';
      import { joinAll } from '@sock/std';
      const socket = new Socket(Domain.IPV4, Type.DGRAM);
      socket.bind(SockAddr.ipv4('0.0.0.0', 0));
      const joined = joinAll(socket, '${GROUP}');
      process.on('exit', () => console.log(joined.closed));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: import.meta.dirname,
      timeout: 20_000,
    });
    expect(stdout).toBe('false\n');
  });
});

describe.runIf(namespacesWork)('in a namespace', () => {
  const inNamespace = (...values: string[]) =>
    run(...nodeInNamespace(...values), { cwd: import.meta.dirname });

  test.each([
    ['ipv4', 'drop-in', '239.1.2.3'],
    ['ipv6', 'drop-in', 'ff02::4:5'],
    ['ipv4', 'node', undefined],
    ['ipv6', 'node', undefined],
    ['ipv4', 'polling', undefined],
    ['ipv6', 'polling', undefined],
  ])('an interface comes, goes and comes again: %s, %s', async (family, how, address) => {
    const { stdout } = await inNamespace(
      join(import.meta.dirname, 'fixtures', 'join-all.mjs'),
      family,
      how,
    );
    const by = how === 'drop-in' ? 'one' : undefined;
    const of = (round: string) => [round, address, by].map((it) => it ?? null);
    expect(JSON.parse(stdout)).toEqual({
      changes: ['joined one', 'left one', 'joined one', 'left one'],
      messages: [of('first'), of('second')],
      failures: [],
      closed: true,
    });
  });

  test('more changes at once than the kernel keeps', async () => {
    const { stdout } = await inNamespace(
      '--input-type=module',
      '--eval',
      `
      import { execFileSync } from 'node:child_process';
      import { readFileSync } from 'node:fs';
      import { Domain, ifNameToIndex, SockAddr, Socket, Type } from '@sock/native';
      import { joinAll, watchInterfaces } from '@sock/std';
      const batch = (lines) => execFileSync('ip', ['-batch', '-'], { input: lines.join('\\n') });
      const socket = new Socket(Domain.IPV6, Type.DGRAM);
      socket.bind(SockAddr.ipv6('::', 0));
      const joined = joinAll(socket, '${GROUP6}');
      const end = new AbortController();
      const overrun = (async () => {
        for await (const { kind } of watchInterfaces({ signal: end.signal })) {
          if (kind === 'overrun') return true;
        }
      })();
      const numbers = Array.from({ length: 100 }, (_, index) => index);
      const wanted = ['lo', ...numbers.flatMap((n) => ['a' + n, 'b' + n])].sort();
      const until = async (holds) => {
        for (let tries = 0; tries < 500 && !holds(); tries += 1) {
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      };
      batch(numbers.map((n) => 'link add name a' + n + ' type veth peer name b' + n));
      await until(() => joined.interfaces.length === wanted.length);
      // Without a turn of the event loop, the kernel has more to say than it keeps.
      const storm = ['up', 'down', 'up'].flatMap((how) => numbers.map((n) => 'link set a' + n + ' ' + how));
      // One goes, and another comes under its name and index.
      const [a7, b7] = [ifNameToIndex('a7'), ifNameToIndex('b7')];
      batch([...storm, 'link delete a7', 'link add name a7 index ' + a7 + ' type veth peer name b7 index ' + b7]);
      const lost = await overrun;
      // What the kernel says.
      const members = () =>
        readFileSync('/proc/net/igmp6', 'utf8').split('ff020000000000000000000000070007').length - 1;
      await until(() => members() === wanted.length);
      const found = joined.interfaces.map(({ name }) => name).sort();
      const same = JSON.stringify(found) === JSON.stringify(wanted);
      const { length: failures } = joined.failures;
      console.log(JSON.stringify({ lost, same, members: members(), failures }));
      socket.close();`,
    );
    expect(JSON.parse(stdout)).toEqual({ lost: true, same: true, members: 201, failures: 0 });
  });

  test('an interface that refuses does not concern the others; it is tried again', async () => {
    const { stdout } = await inNamespace(
      '--input-type=module',
      '--eval',
      `
      import { execFileSync } from 'node:child_process';
      import { Domain, SockAddr, Socket, Type } from '@sock/native';
      import { joinAll } from '@sock/std';
      const ip = (...values) => execFileSync('ip', values);
      // Too short for IPv6.
      ip('link', 'add', 'name', 'short', 'mtu', '1000', 'type', 'veth', 'peer', 'name', 'usual');
      const socket = new Socket(Domain.IPV6, Type.DGRAM);
      socket.bind(SockAddr.ipv6('::', 0));
      // Following the interfaces keeps no process alive.
      const alive = setInterval(() => undefined, 1000);
      const told = [];
      let changed = () => {};
      const joined = joinAll(socket, '${GROUP6}', {
        onError: ({ code }, { name }) => told.push(code + ' ' + name),
        onChange: (change) => changed(change),
      });
      const names = () => [
        joined.interfaces.map(({ name }) => name).sort(),
        joined.failures.map(({ error: { code }, interface: { name } }) => code + ' ' + name),
      ];
      const before = names();
      // Another change: it tries again, and says nothing of the same error.
      ip('link', 'add', 'name', 'third', 'type', 'veth', 'peer', 'name', 'fourth');
      await new Promise((resolve) => {
        changed = ({ interface: { name } }) => name === 'third' && resolve();
      });
      const longer = new Promise((resolve) => {
        changed = ({ interface: { name } }) => name === 'short' && resolve();
      });
      ip('link', 'set', 'short', 'mtu', '1500');
      await longer;
      console.log(JSON.stringify({ before, told, after: names() }));
      socket.close();
      clearInterval(alive);`,
    );
    const { before, told, after } = JSON.parse(stdout) as {
      before: [string[], string[]];
      told: string[];
      after: [string[], string[]];
    };
    expect(before[0]).toEqual(['lo', 'usual']);
    expect(before[1]).toEqual([expect.stringMatching(/^E\w+ short$/)]);
    expect(told).toEqual(before[1]);
    expect(after).toEqual([['fourth', 'lo', 'short', 'third', 'usual'], []]);
  });
});
