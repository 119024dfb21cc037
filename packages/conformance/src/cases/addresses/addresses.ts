import { Domain, SockAddr, Type } from '@sock/core';
import { deepEqual, equal, ok, throwsCode } from '../../assert.js';
import type { Case } from '../../case.js';

export const addresses: readonly Case[] = [
  {
    name: 'SockAddr.ipv4 has family, address and port',
    methods: [],
    run() {
      const address = SockAddr.ipv4('192.0.2.7', 8080);
      deepEqual(
        [address.family, address.address, address.port, address.path],
        ['ipv4', '192.0.2.7', 8080, undefined],
      );
      equal(address.toString(), '192.0.2.7:8080');
      deepEqual(
        [address.isIpv4(), address.isIpv6(), address.isUnix(), address.domain()],
        [true, false, false, Domain.IPV4],
      );
      deepEqual(address.asSocket(), { address: '192.0.2.7', port: 8080, family: 'IPv4' });
      deepEqual(address.asSocketIpv4(), address.asSocket());
      equal(address.asSocketIpv6(), null);
    },
  },
  {
    name: 'SockAddr.asOctets has the bytes of an IP address in network order',
    methods: [],
    run() {
      deepEqual([...(SockAddr.ipv4('192.0.2.7', 8080).asOctets() ?? [])], [192, 0, 2, 7]);
      const six = SockAddr.ipv6('2001:db8::1', 80).asOctets() ?? [];
      deepEqual([...six], [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
      equal(SockAddr.unix('/x').asOctets(), null);
    },
  },
  {
    name: 'SockAddr.ipv6 has flow information and scope too',
    methods: [],
    run() {
      const address = SockAddr.ipv6('fe80::1', 80, { flowinfo: 5, scopeId: 2 });
      deepEqual(
        [address.family, address.address, address.port, address.flowinfo, address.scopeId],
        ['ipv6', 'fe80::1', 80, 5, 2],
      );
      equal(address.toString(), '[fe80::1%2]:80');
      equal(SockAddr.ipv6('fe80::1%7', 80).scopeId, 7);
      deepEqual([address.isIpv4(), address.isIpv6(), address.domain()], [false, true, Domain.IPV6]);
      equal(address.asSocketIpv4(), null);
      equal(address.asSocketIpv6()?.scopeId, 2);
    },
  },
  {
    name: 'IPv6 addresses are parsed in every form and printed in the shortest',
    methods: [],
    run() {
      for (const [text, shortest] of [
        ['0:0:0:0:0:0:0:0', '::'],
        ['0:0:0:0:0:0:0:1', '::1'],
        ['2001:DB8:0:0:8:800:200C:417A', '2001:db8::8:800:200c:417a'],
        ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
        ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
        ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
        ['::FFFF:c000:201', '::ffff:192.0.2.1'],
        ['1::', '1::'],
        ['::8', '::8'],
        ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
      ] as const) {
        equal(SockAddr.ipv6(text, 0).address, shortest, text);
      }
    },
  },
  {
    name: 'text that is not an address is refused',
    methods: [],
    run() {
      for (const text of [
        '',
        '1.2.3',
        '1.2.3.4.5',
        '256.0.0.1',
        '01.2.3.4',
        '1.2.3.4 ',
        'localhost',
        '::1',
        '1.2.3.-4',
        '0x7f.0.0.1',
      ]) {
        throwsCode('ERR_INVALID_ARG_VALUE', () => SockAddr.ipv4(text, 0), `'${text}'`);
      }
      for (const text of [
        '',
        ':',
        ':::',
        '1::2::3',
        '1:2:3:4:5:6:7',
        '1:2:3:4:5:6:7:8:9',
        '12345::',
        'g::',
        '::1.2.3',
        '127.0.0.1',
        '::1 ',
        'fe80::1%no-such-name',
        '[::1]',
      ]) {
        throwsCode('ERR_INVALID_ARG_VALUE', () => SockAddr.ipv6(text, 0), `'${text}'`);
      }
    },
  },
  {
    name: 'ports are integers from 0 to 65535',
    methods: [],
    run() {
      for (const make of [
        (port: number) => SockAddr.ipv4('127.0.0.1', port),
        (port: number) => SockAddr.ipv6('::1', port),
        (port: number) => SockAddr.from({ address: '127.0.0.1', port }),
      ]) {
        equal(make(0).port, 0);
        equal(make(65_535).port, 65_535);
        for (const port of [-1, 65_536, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32]) {
          throwsCode('ERR_OUT_OF_RANGE', () => make(port), `port ${port}`);
        }
        for (const port of ['80', null, undefined, {}, 80n, true]) {
          throwsCode('ERR_INVALID_ARG_TYPE', () => make(port as never), `port ${String(port)}`);
        }
      }
    },
  },
  {
    name: 'SockAddr.parse reads the output of toString',
    methods: [],
    run() {
      for (const text of [
        '127.0.0.1:80',
        '0.0.0.0:0',
        '[::1]:80',
        '[fe80::1%3]:65535',
        '[::ffff:1.2.3.4]:5',
      ]) {
        equal(SockAddr.parse(text).toString(), text);
      }
      for (const text of [
        '',
        '127.0.0.1',
        '::1:80',
        '[::1]',
        '127.0.0.1:',
        ':80',
        '127.0.0.1:8a',
        'localhost:80',
        '[127.0.0.1]:80',
      ]) {
        throwsCode('ERR_INVALID_ARG_VALUE', () => SockAddr.parse(text), `'${text}'`);
      }
      throwsCode('ERR_OUT_OF_RANGE', () => SockAddr.parse('127.0.0.1:65536'));
      throwsCode('ERR_INVALID_ARG_TYPE', () => SockAddr.parse(80 as never));
    },
  },
  {
    name: 'SockAddr.from accepts the result of net.Server.address()',
    methods: [],
    run() {
      equal(SockAddr.from({ address: '::1', port: 1, family: 'IPv6' }).toString(), '[::1]:1');
      equal(SockAddr.from({ address: '1.2.3.4', port: 2, family: 'IPv4' }).toString(), '1.2.3.4:2');
      equal(SockAddr.from({ address: '1.2.3.4', port: 2, family: 4 }).family, 'ipv4');
      equal(SockAddr.from({ address: '::', port: 3 }).family, 'ipv6');
      throwsCode('ERR_INVALID_ARG_VALUE', () =>
        SockAddr.from({ address: '::1', port: 1, family: 'IPv4' }),
      );
      throwsCode('ERR_INVALID_ARG_VALUE', () =>
        SockAddr.from({ address: '::1', port: 1, family: 'unix' }),
      );
      throwsCode('ERR_INVALID_ARG_TYPE', () => SockAddr.from(null as never));
      throwsCode('ERR_INVALID_ARG_TYPE', () => SockAddr.from({ address: 5, port: 1 } as never));
    },
  },
  {
    name: 'unix addresses have a path, an abstract name or neither',
    methods: [],
    run() {
      const path = SockAddr.unix('/run/a.sock');
      deepEqual([path.family, path.path, path.address, path.port], ['unix', '/run/a.sock', '', 0]);
      equal(path.toString(), '/run/a.sock');
      const name = SockAddr.abstract('a name');
      deepEqual([name.isUnix(), name.path, name.toString()], [true, undefined, '@a name']);
      equal(SockAddr.unix('').isUnnamed(), true);
      equal(path.asSocket(), null);
    },
  },
  {
    name: 'a unix path of 109 bytes is refused, counted in bytes of UTF-8',
    methods: [],
    run() {
      equal(SockAddr.unix('x'.repeat(107)).path?.length, 107);
      for (const path of ['x'.repeat(108), 'x'.repeat(109), 'x'.repeat(4096), 'é'.repeat(54)]) {
        throwsCode('ERR_OUT_OF_RANGE', () => SockAddr.unix(path), `${path.length} characters`);
      }
      throwsCode('ERR_OUT_OF_RANGE', () => SockAddr.abstract('x'.repeat(108)));
      throwsCode('ERR_INVALID_ARG_VALUE', () => SockAddr.unix('a\0b'));
      throwsCode('ERR_INVALID_ARG_TYPE', () => SockAddr.unix(5 as never));
      throwsCode('ERR_INVALID_ARG_TYPE', () => SockAddr.abstract(null as never));
    },
  },
  {
    name: 'addresses are equal when every part is',
    methods: [],
    run() {
      const one = SockAddr.ipv6('fe80::1', 80, { scopeId: 2 });
      ok(one.equals(SockAddr.ipv6('fe80:0::1', 80, { scopeId: 2 })), 'the same');
      for (const other of [
        SockAddr.ipv6('fe80::2', 80, { scopeId: 2 }),
        SockAddr.ipv6('fe80::1', 81, { scopeId: 2 }),
        SockAddr.ipv6('fe80::1', 80, { scopeId: 3 }),
        SockAddr.ipv4('127.0.0.1', 80),
        SockAddr.unix('/fe80::1'),
      ]) {
        equal(one.equals(other), false, other.toString());
      }
      equal(one.equals('[fe80::1%2]:80' as never), false);
    },
  },
  {
    name: 'an address from the system can be used like a constructed one',
    methods: ['localAddr', 'bind'],
    run(t) {
      const socket = t.bound('tcp6');
      const address = socket.localAddr();
      socket.close();
      t.socket('tcp6').bind(address);
      ok(SockAddr.parse(address.toString()).equals(address), address.toString());
    },
  },
  {
    name: 'localAddr of an unbound socket is the unspecified address',
    socket2Docs: 'Depending on the OS this may return an error if the socket is not bound.',
    methods: ['localAddr'],
    run(t) {
      for (const [link, expected] of [
        ['tcp4', '0.0.0.0:0'],
        ['udp6', '[::]:0'],
      ] as const) {
        let local: string;
        try {
          local = t.socket(link).localAddr().toString();
        } catch (error) {
          equal((error as { code?: string }).code, 'EINVAL');
          continue;
        }
        equal(local, expected);
      }
    },
  },
  {
    name: 'unix sockets bind, connect and report their peer by abstract name',
    methods: ['bind', 'connect', 'accept', 'localAddr', 'peerAddr'],
    needs: ['unix', 'MSG_ERRQUEUE'],
    run(t) {
      const name = SockAddr.abstract(`sock conformance ${Math.random()}`);
      const listener = t.open(Domain.UNIX, Type.STREAM);
      listener.bind(name);
      listener.listen(1);
      ok(listener.localAddr().equals(name), listener.localAddr().toString());
      const client = t.open(Domain.UNIX, Type.STREAM);
      client.connect(name);
      ok(client.peerAddr().equals(name), client.peerAddr().toString());
      const [, peer] = t.accept(listener);
      equal(peer.isUnnamed(), true);
      throwsCode('EADDRINUSE', () => t.open(Domain.UNIX, Type.STREAM).bind(name));
    },
  },
  {
    name: 'pair makes two connected sockets',
    methods: ['pair', 'send', 'recv'],
    observes: ['pair'],
    needs: ['pair', 'unix'],
    run(t) {
      for (const type of [Type.STREAM, Type.DGRAM]) {
        const [one, other] = t.Socket.pair(Domain.UNIX, type);
        t.track(one);
        t.track(other);
        ok(one instanceof t.Socket && other instanceof t.Socket, 'of the class');
        one.send(Uint8Array.of(1, 2));
        equal(other.recv(new Uint8Array(4)), 2);
        other.send(Uint8Array.of(3));
        equal(one.recv(new Uint8Array(4)), 1);
      }
      const [raw, twin] = t.Socket.pairRaw(Domain.UNIX, Type.STREAM);
      t.track(raw).close();
      equal(t.track(twin).recv(new Uint8Array(1)), 0);
    },
  },
];
