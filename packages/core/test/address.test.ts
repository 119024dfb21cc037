/** SockAddr: made from parts, text and objects, read back, and what is refused. */
import { describe, expect, test } from 'vitest';
import { Domain, SockAddr } from '../src/index.js';

/** The code of what `call` throws. */
function codeOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return 'nothing thrown';
}

const wrong = (value: unknown): never => value as never;

describe('IPv4', () => {
  test('keeps its parts', () => {
    const address = SockAddr.ipv4('127.0.0.1', 8080);
    expect(address.family).toBe('ipv4');
    expect(address.address).toBe('127.0.0.1');
    expect(address.port).toBe(8080);
    expect(address.isIpv4()).toBe(true);
    expect(address.isIpv6()).toBe(false);
    expect(address.isUnix()).toBe(false);
    expect(address.domain()).toBe(Domain.IPV4);
    expect(Domain.forAddress(address)).toBe(Domain.IPV4);
    expect(address.toString()).toBe('127.0.0.1:8080');
    expect(JSON.stringify({ address })).toBe('{"address":"127.0.0.1:8080"}');
    expect(address.asSocket()).toEqual({ address: '127.0.0.1', port: 8080, family: 'IPv4' });
    expect(address.asSocketIpv4()).toEqual(address.asSocket());
    expect(address.asSocketIpv6()).toBeNull();
  });

  test('takes ports from 0 to 65535', () => {
    expect(SockAddr.ipv4('0.0.0.0', 0).port).toBe(0);
    expect(SockAddr.ipv4('0.0.0.0', 65535).port).toBe(65535);
    for (const port of [-1, 65536, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(codeOf(() => SockAddr.ipv4('0.0.0.0', port))).toBe('ERR_OUT_OF_RANGE');
    }
    for (const port of ['80', null, undefined, 80n, {}]) {
      expect(codeOf(() => SockAddr.ipv4('0.0.0.0', wrong(port)))).toBe('ERR_INVALID_ARG_TYPE');
    }
  });

  test('refuses what is no address', () => {
    for (const text of ['', 'localhost', '::1', '1.2.3.4.5', '1.2.3.256', '01.2.3.4']) {
      expect(codeOf(() => SockAddr.ipv4(text, 80))).toBe('ERR_INVALID_ARG_VALUE');
    }
    for (const value of [null, undefined, 2130706433, ['127.0.0.1']]) {
      expect(codeOf(() => SockAddr.ipv4(wrong(value), 80))).toBe('ERR_INVALID_ARG_TYPE');
    }
  });
});

describe('IPv6', () => {
  test('keeps flow information and scope', () => {
    const address = SockAddr.ipv6('fe80::1', 80, { flowinfo: 0x12345, scopeId: 3 });
    expect(address.family).toBe('ipv6');
    expect(address.domain()).toBe(Domain.IPV6);
    expect(address.flowinfo).toBe(0x12345);
    expect(address.scopeId).toBe(3);
    expect(address.toString()).toBe('[fe80::1%3]:80');
    expect(address.asSocketIpv6()).toEqual({
      address: 'fe80::1',
      port: 80,
      family: 'IPv6',
      flowinfo: 0x12345,
      scopeId: 3,
    });
    expect(address.asSocketIpv4()).toBeNull();
  });

  test('takes a numeric zone as the scope', () => {
    expect(SockAddr.ipv6('fe80::1%7', 80).scopeId).toBe(7);
    // What is said in so many words wins.
    expect(SockAddr.ipv6('fe80::1%7', 80, { scopeId: 9 }).scopeId).toBe(9);
    expect(codeOf(() => SockAddr.ipv6('fe80::1%eth0', 80))).toBe('ERR_INVALID_ARG_VALUE');
    expect(codeOf(() => SockAddr.ipv6('fe80::1%', 80))).toBe('ERR_INVALID_ARG_VALUE');
    expect(codeOf(() => SockAddr.ipv6('fe80::1%4294967296', 80))).toBe('ERR_OUT_OF_RANGE');
  });

  test('takes flow information and scope of 32 bits', () => {
    const most = SockAddr.ipv6('::', 0, { flowinfo: 0xffffffff, scopeId: 0xffffffff });
    expect([most.flowinfo, most.scopeId]).toEqual([0xffffffff, 0xffffffff]);
    for (const value of [-1, 2 ** 32, 0.5]) {
      expect(codeOf(() => SockAddr.ipv6('::', 0, { flowinfo: value }))).toBe('ERR_OUT_OF_RANGE');
      expect(codeOf(() => SockAddr.ipv6('::', 0, { scopeId: value }))).toBe('ERR_OUT_OF_RANGE');
    }
    expect(codeOf(() => SockAddr.ipv6('::', 0, wrong(null)))).toBe('ERR_INVALID_ARG_TYPE');
  });
});

describe('parse', () => {
  test.each([
    '127.0.0.1:80',
    '0.0.0.0:0',
    '255.255.255.255:65535',
    '[::1]:80',
    '[::]:0',
    '[2001:db8::1]:443',
    '[::ffff:127.0.0.1]:8080',
    '[fe80::1%2]:65535',
  ])('%s is read and written alike', (text) => {
    expect(SockAddr.parse(text).toString()).toBe(text);
  });

  test.each([
    '',
    ':80',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:-1',
    '127.0.0.1:http',
    '::1',
    '::1:80',
    '[::1]',
    '[::1]80',
    '[::1]:',
    '[]:80',
    '[127.0.0.1]:80',
    'localhost:80',
    '127.0.0.1:80 ',
    '127.0.0.1:0x50',
  ])('%j is refused', (text) => {
    expect(codeOf(() => SockAddr.parse(text))).toBe('ERR_INVALID_ARG_VALUE');
  });

  test('text without an IPv4 address is refused with the function that looks names up', () => {
    for (const text of ['localhost:80', ':80']) {
      expect(() => SockAddr.parse(text)).toThrow('`SockAddr.resolve` of @sock/std');
    }
  });

  test('a port above 65535 is out of range', () => {
    expect(codeOf(() => SockAddr.parse('127.0.0.1:65536'))).toBe('ERR_OUT_OF_RANGE');
    expect(codeOf(() => SockAddr.parse('[::1]:65536'))).toBe('ERR_OUT_OF_RANGE');
  });

  test('anything but text is refused', () => {
    for (const value of [undefined, null, 80, {}, ['127.0.0.1:80']]) {
      expect(codeOf(() => SockAddr.parse(wrong(value)))).toBe('ERR_INVALID_ARG_TYPE');
    }
  });
});

describe('from', () => {
  test("takes node's AddressInfo and what asSocket gives", () => {
    expect(SockAddr.from({ address: '::1', family: 'IPv6', port: 1 }).toString()).toBe('[::1]:1');
    expect(SockAddr.from({ address: '1.2.3.4', family: 'IPv4', port: 1 }).isIpv4()).toBe(true);
    const address = SockAddr.ipv6('fe80::1', 80, { flowinfo: 5, scopeId: 6 });
    expect(SockAddr.from(address.asSocket()!).equals(address)).toBe(true);
  });

  test('tells the family by the address when there is none', () => {
    expect(SockAddr.from({ address: '::', port: 1 }).family).toBe('ipv6');
    expect(SockAddr.from({ address: '0.0.0.0', port: 1 }).family).toBe('ipv4');
  });

  test('takes the families in their other spellings', () => {
    for (const family of ['ipv6', 'IPv6', 6]) {
      expect(SockAddr.from({ address: '::', port: 1, family }).family).toBe('ipv6');
    }
    for (const family of ['ipv4', 'IPv4', 4]) {
      expect(SockAddr.from({ address: '0.0.0.0', port: 1, family }).family).toBe('ipv4');
    }
  });

  test('refuses an address of the other family and families it does not know', () => {
    for (const init of [
      { address: '::1', port: 1, family: 'IPv4' },
      { address: '127.0.0.1', port: 1, family: 'IPv6' },
      { address: '127.0.0.1', port: 1, family: 'unix' },
      { address: '127.0.0.1', port: 1, family: 5 },
    ]) {
      expect(codeOf(() => SockAddr.from(init))).toBe('ERR_INVALID_ARG_VALUE');
    }
    for (const init of [undefined, null, '127.0.0.1:80', { port: 1 }, { address: '::1' }]) {
      expect(codeOf(() => SockAddr.from(wrong(init)))).toBe('ERR_INVALID_ARG_TYPE');
    }
  });
});

describe('unix', () => {
  test('a path', () => {
    const address = SockAddr.unix('/run/x.sock');
    expect(address.family).toBe('unix');
    expect(address.path).toBe('/run/x.sock');
    expect(address.asPathname()).toBe('/run/x.sock');
    expect(address.asAbstractNamespace()).toBeNull();
    expect(address.isUnnamed()).toBe(false);
    expect(address.toString()).toBe('/run/x.sock');
    expect([address.address, address.port, address.asSocket()]).toEqual(['', 0, null]);
  });

  test('107 bytes fit; the limit counts bytes, not characters', () => {
    expect(SockAddr.unix('x'.repeat(107)).path).toHaveLength(107);
    expect(codeOf(() => SockAddr.unix('x'.repeat(108)))).toBe('ERR_OUT_OF_RANGE');
    expect(SockAddr.unix(`${'é'.repeat(53)}x`).path).toBe(`${'é'.repeat(53)}x`);
    expect(codeOf(() => SockAddr.unix('é'.repeat(54)))).toBe('ERR_OUT_OF_RANGE');
  });

  test('an abstract name', () => {
    const address = SockAddr.abstract('service');
    expect(address.path).toBeUndefined();
    expect(address.asAbstractNamespace()).toEqual(new TextEncoder().encode('service'));
    expect(address.toString()).toBe('@service');
    expect(SockAddr.unix('\0service').equals(address)).toBe(true);
    expect(SockAddr.abstract(Uint8Array.of(1, 0, 2)).asAbstractNamespace()).toEqual(
      Uint8Array.of(1, 0, 2),
    );
    expect(codeOf(() => SockAddr.abstract('x'.repeat(108)))).toBe('ERR_OUT_OF_RANGE');
  });

  test('the empty path is the unnamed address', () => {
    expect(SockAddr.unix('').isUnnamed()).toBe(true);
    expect(SockAddr.unix('').toString()).toBe('(unnamed)');
    expect(SockAddr.ipv4('0.0.0.0', 0).isUnnamed()).toBe(false);
  });

  test('a path with a NUL inside is refused, and so are values that are no path', () => {
    expect(codeOf(() => SockAddr.unix('/run/\0x'))).toBe('ERR_INVALID_ARG_VALUE');
    for (const value of [undefined, null, 1, {}]) {
      expect(codeOf(() => SockAddr.unix(wrong(value)))).toBe('ERR_INVALID_ARG_TYPE');
      expect(codeOf(() => SockAddr.abstract(wrong(value)))).toBe('ERR_INVALID_ARG_TYPE');
    }
  });

  test('later changes of the bytes it was made from do not reach it', () => {
    const bytes = new TextEncoder().encode('/a');
    const address = SockAddr.unix(bytes);
    bytes[1] = 0x62;
    expect(address.path).toBe('/a');
  });
});

describe('vsock', () => {
  test('context id and port have 32 bits', () => {
    const address = SockAddr.vsock(2, 0xffffffff);
    expect(address.family).toBe('vsock');
    expect(address.asVsockAddress()).toEqual([2, 0xffffffff]);
    expect(address.port).toBe(0xffffffff);
    expect([address.flowinfo, address.scopeId]).toEqual([0, 0]);
    expect(address.toString()).toBe('vsock:2:4294967295');
    expect(codeOf(() => SockAddr.vsock(-1, 0))).toBe('ERR_OUT_OF_RANGE');
    expect(codeOf(() => SockAddr.vsock(0, 2 ** 32))).toBe('ERR_OUT_OF_RANGE');
    expect(SockAddr.ipv4('0.0.0.0', 1).asVsockAddress()).toBeNull();
  });
});

describe('packet', () => {
  test('has the fields of struct sockaddr_ll', () => {
    const address = SockAddr.packet({
      interfaceIndex: 3,
      protocol: 0x0806,
      hardwareAddress: '02:00:5e:10:00:FF',
      hardwareType: 0xffff,
      packetType: 'outgoing',
    });
    expect([address.family, address.port, address.address]).toEqual(['packet', 0, '']);
    expect(address.asPacketAddress()).toEqual({
      interfaceIndex: 3,
      protocol: 0x0806,
      hardwareAddress: '02:00:5e:10:00:ff',
      hardwareType: 0xffff,
      packetType: 'outgoing',
    });
    expect(address.toString()).toBe('packet:3:02:00:5e:10:00:ff');
    expect(SockAddr.ipv4('0.0.0.0', 1).asPacketAddress()).toBeNull();
  });

  test('fields that are not given have their defaults', () => {
    expect(SockAddr.packet({}).asPacketAddress()).toEqual({
      interfaceIndex: 0,
      protocol: 0,
      hardwareAddress: '',
      hardwareType: 0,
      packetType: 'host',
    });
  });

  test('takes bytes and numbers too, and gives numbers that have no name as they are', () => {
    const address = SockAddr.packet({
      hardwareAddress: new Uint8Array(20).fill(0xab),
      packetType: 200,
    });
    expect(address.asPacketAddress()?.hardwareAddress).toBe(Array(20).fill('ab').join(':'));
    expect(address.asPacketAddress()?.packetType).toBe(200);
  });

  test('what is wrong is refused', () => {
    for (const init of [
      { interfaceIndex: -1 },
      { interfaceIndex: 2 ** 31 },
      { protocol: 65536 },
      { hardwareType: 65536 },
      { packetType: 256 },
      { hardwareAddress: new Uint8Array(21) },
    ]) {
      expect(
        codeOf(() => SockAddr.packet(init)),
        JSON.stringify(init),
      ).toBe('ERR_OUT_OF_RANGE');
    }
    for (const init of [
      { hardwareAddress: '2:0:0:0:0:1' },
      { hardwareAddress: '02-00' },
      { packetType: wrong('nobody') },
    ]) {
      expect(codeOf(() => SockAddr.packet(init as never))).toBe('ERR_INVALID_ARG_VALUE');
    }
    for (const init of [null, 5, { hardwareAddress: 5 }, { protocol: '3' }, { packetType: {} }]) {
      expect(codeOf(() => SockAddr.packet(wrong(init)))).toBe('ERR_INVALID_ARG_TYPE');
    }
  });
});

describe('netlink', () => {
  test('port id and groups have 32 bits', () => {
    const address = SockAddr.netlink(7, 0xffffffff);
    expect(address.family).toBe('netlink');
    expect(address.asNetlinkAddress()).toEqual([7, 0xffffffff]);
    expect(SockAddr.netlink().asNetlinkAddress()).toEqual([0, 0]);
    expect(SockAddr.vsock(1, 2).asNetlinkAddress()).toBeNull();
    expect(codeOf(() => SockAddr.netlink(-1))).toBe('ERR_OUT_OF_RANGE');
    expect(codeOf(() => SockAddr.netlink(0, 2 ** 32))).toBe('ERR_OUT_OF_RANGE');
    expect(codeOf(() => SockAddr.netlink(wrong('0')))).toBe('ERR_INVALID_ARG_TYPE');
  });
});

describe('raw', () => {
  test('the bytes of an IP address, in network order and as a copy', () => {
    const four = SockAddr.ipv4('192.0.2.7', 80);
    expect(four.asOctets()).toEqual(Uint8Array.of(192, 0, 2, 7));
    four.asOctets()?.fill(0);
    expect(four.address).toBe('192.0.2.7');
    const six = SockAddr.ipv6('2001:db8::a', 80).asOctets() as Uint8Array;
    expect(Buffer.from(six).toString('hex')).toBe('20010db800000000000000000000000a');
    expect(SockAddr.unix('/x').asOctets()).toBeNull();
  });

  test('has the number and the bytes of a family without a method', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const address = SockAddr.raw(29, bytes);
    bytes[0] = 9;
    expect([address.family, address.domain()]).toEqual([29, 29]);
    expect(address.asRaw()).toEqual([29, Uint8Array.of(1, 2, 3)]);
    expect(address.equals(SockAddr.raw(29, Uint8Array.of(1, 2, 3)))).toBe(true);
    expect(address.equals(SockAddr.raw(30, Uint8Array.of(1, 2, 3)))).toBe(false);
    expect(SockAddr.netlink().asRaw()).toBeNull();
  });

  test('what is wrong is refused', () => {
    expect(codeOf(() => SockAddr.raw(-1, new Uint8Array(0)))).toBe('ERR_OUT_OF_RANGE');
    expect(codeOf(() => SockAddr.raw(32768, new Uint8Array(0)))).toBe('ERR_OUT_OF_RANGE');
    expect(codeOf(() => SockAddr.raw(1, new Uint8Array(113)))).toBe('ERR_OUT_OF_RANGE');
    expect(codeOf(() => SockAddr.raw(1, wrong('x')))).toBe('ERR_INVALID_ARG_TYPE');
  });
});

test('asUnix gives a path as node takes it', () => {
  expect(SockAddr.unix('/run/a').asUnix()).toEqual({ path: '/run/a' });
  expect(SockAddr.abstract('a').asUnix()).toEqual({ path: '\0a' });
  expect(SockAddr.unix('').asUnix()).toEqual({ path: '' });
  expect(SockAddr.ipv4('0.0.0.0', 1).asUnix()).toBeNull();
});

test('len is the size of the structure, and of the name of a unix address', () => {
  for (const [address, length] of [
    [SockAddr.ipv4('127.0.0.1', 1), 16],
    [SockAddr.ipv6('::1', 1), 28],
    [SockAddr.unix('/a'), 2 + 3],
    [SockAddr.abstract('a'), 2 + 2],
    [SockAddr.unix(''), 2],
    [SockAddr.vsock(1, 1), 16],
    [SockAddr.packet({}), 20],
    [SockAddr.netlink(), 12],
    [SockAddr.raw(29, new Uint8Array(14)), 16],
  ] as const) {
    expect(address.len(), `${address}`).toBe(length);
  }
});

describe('equals', () => {
  const addresses = [
    () => SockAddr.ipv4('127.0.0.1', 80),
    () => SockAddr.ipv4('127.0.0.1', 81),
    () => SockAddr.ipv4('127.0.0.2', 80),
    () => SockAddr.ipv6('::1', 80),
    () => SockAddr.ipv6('::2', 80),
    () => SockAddr.ipv6('1::1', 80),
    () => SockAddr.ipv6('::1', 80, { flowinfo: 1 }),
    () => SockAddr.ipv6('::1', 80, { scopeId: 1 }),
    () => SockAddr.unix('/a'),
    () => SockAddr.unix('/b'),
    () => SockAddr.unix(''),
    () => SockAddr.abstract('/a'),
    () => SockAddr.vsock(1, 2),
    () => SockAddr.vsock(2, 1),
    () => SockAddr.netlink(1, 2),
    () => SockAddr.netlink(2, 1),
    () => SockAddr.packet({ interfaceIndex: 1 }),
    () => SockAddr.packet({ interfaceIndex: 2 }),
    () => SockAddr.packet({ interfaceIndex: 1, protocol: 3 }),
    () => SockAddr.packet({ interfaceIndex: 1, hardwareAddress: '00' }),
    () => SockAddr.raw(1, Uint8Array.of(0x2f)),
  ];

  test('holds for the same address only', () => {
    for (const [left, makeLeft] of addresses.entries()) {
      for (const [right, makeRight] of addresses.entries()) {
        expect(makeLeft().equals(makeRight()), `${makeLeft()} and ${makeRight()}`).toBe(
          left === right,
        );
      }
    }
    expect(SockAddr.ipv4('1.2.3.4', 1).equals(wrong('1.2.3.4:1'))).toBe(false);
  });
});
