/** Socket over a scripted driver: what crosses, what comes back, and who owns a handle. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Domain, Protocol, SockAddr, Socket, SockError, Type } from '../src/index.js';
import { errors, ScriptedDriver, socketsOver } from './scripted-driver.js';

function setup() {
  const driver = new ScriptedDriver();
  const Class = socketsOver(driver);
  const socket = new Class(Domain.IPV4, Type.STREAM);
  const fd = socket.asRawFd();
  driver.take();
  return { driver, Class, socket, fd };
}
const address = SockAddr.ipv4('192.0.2.1', 80);
const wrong = (value: unknown): never => value as never;

describe('new', () => {
  test("names become the system's numbers, numbers go as they are", () => {
    const driver = new ScriptedDriver();
    const Class = socketsOver(driver);
    void new Class(Domain.IPV6, Type.DGRAM, Protocol.UDP);
    void new Class(Domain.IPV4, Type.STREAM);
    void new Class(Domain.IPV4, Type.STREAM, null);
    void new Class(99, 98, 97);
    expect(driver.calls).toEqual([
      ['open', 206, 302, 417, 0],
      ['open', 202, 301, 0, 0],
      ['open', 202, 301, 0, 0],
      ['open', 99, 98, 97, 0],
    ]);
  });

  test('newRaw asks for an inheritable descriptor', () => {
    const { driver, Class } = setup();
    Class.newRaw(Domain.IPV4, Type.STREAM);
    expect(driver.calls).toEqual([['open', 202, 301, 0, 1]]);
  });

  test('unknown names and wrong types are refused before any call', () => {
    const { driver, Class } = setup();
    expect(() => new Class(wrong('ipv5'), Type.STREAM)).toThrow(TypeError);
    expect(() => new Class(wrong('toString'), Type.STREAM)).toThrow(TypeError);
    expect(() => new Class(wrong(undefined), Type.STREAM)).toThrow(TypeError);
    expect(() => new Class(Domain.IPV4, wrong(null))).toThrow(TypeError);
    expect(() => new Class(Domain.IPV4, Type.STREAM, wrong({}))).toThrow(TypeError);
    expect(() => new Class(1.5, Type.STREAM)).toThrow(RangeError);
    expect(() => new Class(2 ** 31, Type.STREAM)).toThrow(RangeError);
    expect(driver.take()).toEqual([]);
  });

  test('a name that the system has no number for is unsupported', () => {
    const { driver, Class } = setup();
    expect(() => new Class(Domain.VSOCK, Type.STREAM)).toThrow(
      expect.objectContaining({ code: 'ERR_SOCK_UNSUPPORTED' }),
    );
    expect(driver.take()).toEqual([]);
  });

  test("core's own class is abstract", () => {
    const Abstract = Socket as unknown as new (domain: Domain, type: Type) => Socket;
    expect(() => new Abstract(Domain.IPV4, Type.STREAM)).toThrow(/abstract.*@sock\/native/);
  });
});

describe('addresses', () => {
  test.each([
    ['IPv4', SockAddr.ipv4('192.0.2.1', 65535)],
    ['IPv6', SockAddr.ipv6('2001:db8::1', 1, { flowinfo: 0xffffffff, scopeId: 0xfffffffe })],
    ['a path', SockAddr.unix('/run/x.sock')],
    ['an abstract name', SockAddr.abstract(Uint8Array.of(1, 0, 2))],
    ['the unnamed address', SockAddr.unix('')],
    ['vsock', SockAddr.vsock(3, 0xffffffff)],
  ])('%s crosses and comes back', (_, bound) => {
    const { socket } = setup();
    socket.bind(bound);
    // Another address has been in the memory since.
    expect(() => socket.connect(SockAddr.ipv6('ffff::ffff', 9))).not.toThrow();
    expect(socket.localAddr().equals(bound)).toBe(true);
    expect(socket.localAddr().toString()).toBe(bound.toString());
  });

  test('anything but a SockAddr is refused before any call', () => {
    const { driver, socket } = setup();
    for (const value of [undefined, null, '127.0.0.1:80', { address: '127.0.0.1', port: 80 }]) {
      expect(() => socket.bind(wrong(value))).toThrow(TypeError);
      expect(() => socket.connect(wrong(value))).toThrow(TypeError);
      expect(() => socket.sendTo(new Uint8Array(1), wrong(value))).toThrow(TypeError);
    }
    expect(() => socket.bind(Object.create(SockAddr.prototype) as SockAddr)).toThrow(TypeError);
    expect(driver.take()).toEqual([]);
  });
});

describe('failures', () => {
  test("become errors with the system's name, number and the address", () => {
    const { driver, socket } = setup();
    driver.next.set('bind', -errors.EADDRINUSE);
    expect(() => socket.bind(address)).toThrow(
      expect.objectContaining({
        code: 'EADDRINUSE',
        errno: -errors.EADDRINUSE,
        syscall: 'bind',
        address: '192.0.2.1',
        port: 80,
        message: 'bind EADDRINUSE 192.0.2.1:80',
      }),
    );
    driver.next.set('connect', -errors.ENOENT);
    expect(() => socket.connect(SockAddr.unix('/x'))).toThrow('connect ENOENT /x');
  });

  test('a number without a name shows itself', () => {
    const { driver, socket } = setup();
    driver.next.set('listen', -77777);
    expect(() => socket.listen(1)).toThrow(
      expect.objectContaining({ code: 'E77777', errno: -77777, syscall: 'listen' }),
    );
  });
});

describe('try', () => {
  test('would-block is undefined for EAGAIN and for EWOULDBLOCK', () => {
    const { driver, socket } = setup();
    const buffer = new Uint8Array(8);
    for (const error of [errors.EAGAIN, errors.EWOULDBLOCK]) {
      driver.next.set('recv', -error);
      expect(socket.tryRecv(buffer)).toBeUndefined();
      driver.next.set('recvFrom', -error);
      expect(socket.tryRecvFrom(buffer)).toBeUndefined();
      driver.next.set('send', -error);
      expect(socket.trySend(buffer)).toBeUndefined();
      driver.next.set('sendTo', -error);
      expect(socket.trySendTo(buffer, address)).toBeUndefined();
      driver.next.set('accept', -error);
      expect(socket.tryAccept()).toBeUndefined();
    }
  });

  test('asks the system not to wait, and keeps the flags it was given', () => {
    const { driver, socket, fd } = setup();
    const { MSG_DONTWAIT, MSG_PEEK } = driver.constants;
    socket.tryRecv(new Uint8Array(8), MSG_PEEK);
    socket.trySend(new Uint8Array(3));
    expect(driver.calls).toEqual([
      ['recv', fd, 8, MSG_DONTWAIT | MSG_PEEK],
      ['send', fd, 3, MSG_DONTWAIT],
    ]);
  });

  test('other errors are thrown, and 0 is a result', () => {
    const { driver, socket } = setup();
    driver.next.set('recv', -errors.EINVAL);
    expect(() => socket.tryRecv(new Uint8Array(8))).toThrow(SockError);
    driver.next.set('recv', 0);
    expect(socket.tryRecv(new Uint8Array(8))).toBe(0);
  });

  test('tryConnect distinguishes connecting, connected and failed', () => {
    const { driver, socket } = setup();
    for (const error of [errors.EINPROGRESS, errors.EALREADY]) {
      driver.next.set('tryConnect', -error);
      expect(socket.tryConnect(address)).toBeUndefined();
    }
    driver.next.set('tryConnect', -errors.EISCONN);
    expect(socket.tryConnect(address)).toBe(true);
    expect(socket.tryConnect(address)).toBe(true);
    driver.next.set('tryConnect', -errors.ETIMEDOUT);
    expect(() => socket.tryConnect(address)).toThrow('connect ETIMEDOUT 192.0.2.1:80');
  });
});

describe('ownership', () => {
  test('close closes once', () => {
    const { driver, socket, fd } = setup();
    expect(socket.closed).toBe(false);
    socket.close();
    socket.close();
    socket[Symbol.dispose]();
    expect(driver.calls).toEqual([['close', fd]]);
    expect(socket.closed).toBe(true);
  });

  test('after close nothing reaches the old handle', () => {
    const { driver, socket, fd } = setup();
    socket.close();
    driver.take();
    const uses: (() => unknown)[] = [
      () => socket.bind(address),
      () => socket.connect(address),
      () => socket.connectTimeout(address, 10),
      () => socket.tryConnect(address),
      () => socket.listen(1),
      () => socket.accept(),
      () => socket.tryAccept(),
      () => socket.localAddr(),
      () => socket.peerAddr(),
      () => socket.tryClone(),
      () => socket.nonblocking(),
      () => socket.setNonblocking(true),
      () => socket.shutdown('both'),
      () => socket.recv(new Uint8Array(1)),
      () => socket.send(new Uint8Array(1)),
      () => socket.tryRecv(new Uint8Array(1)),
      () => socket.trySend(new Uint8Array(1)),
      () => socket.keepalive(),
      () => socket.setKeepalive(true),
      () => socket.getsockoptRaw(1, 1, 4),
      () => socket.setsockoptRaw(1, 1, new Uint8Array(4)),
      () => socket.asRawFd(),
      () => socket.intoRawFd(),
    ];
    for (const use of uses) {
      expect(use, use.toString()).toThrow(expect.objectContaining({ code: 'EBADF' }));
    }
    expect(driver.calls.length).toBeGreaterThan(0);
    expect(driver.calls.filter((call) => call.includes(fd))).toEqual([]);
  });

  test('a close that fails has closed nevertheless', () => {
    const { driver, socket } = setup();
    driver.next.set('close', -errors.EINVAL);
    expect(() => socket.close()).toThrow('close EINVAL');
    expect(socket.closed).toBe(true);
  });

  test('intoRawFd releases the descriptor without closing it', () => {
    const { driver, socket, fd } = setup();
    expect(socket.intoRawFd()).toBe(fd);
    expect(socket.closed).toBe(true);
    socket.close();
    expect(driver.take()).toEqual(['release']);
  });

  test('fromRawFd owns a handle that the driver adopts', () => {
    const { driver, Class } = setup();
    const socket = Class.fromRawFd(7);
    socket.close();
    expect(driver.calls).toEqual([
      ['adopt', 7],
      ['close', 7],
    ]);
    driver.take();
    driver.next.set('adopt', -errors.EBADF);
    expect(() => Class.fromRawFd(8)).toThrow(expect.objectContaining({ code: 'EBADF' }));
    expect(() => Class.fromRawFd(-1)).toThrow(RangeError);
    expect(() => Class.fromRawFd(wrong('7'))).toThrow(TypeError);
    expect(driver.take()).toEqual(['adopt']);
  });

  test('a borrowed view closes nothing', () => {
    const { driver, Class, fd } = setup();
    const view = Class.borrowRawFd(fd);
    view.listen(1);
    view.close();
    expect(view.closed).toBe(true);
    expect(driver.take()).toEqual(['listen']);
  });

  test('accept, tryClone and pair make sockets of the same class that own their handles', () => {
    const { driver, Class, socket, fd } = setup();
    const made = [socket.accept()[0], socket.tryClone(), ...Class.pair('unix', 'stream')];
    expect(new Set([fd, ...made.map((one) => one.asRawFd())]).size).toBe(5);
    for (const one of made) {
      expect(one).toBeInstanceOf(Class);
      one.close();
    }
    expect(driver.handles).toEqual(new Set([fd]));
  });

  test('a constructor of a subclass that throws leaves no handle open', () => {
    const driver = new ScriptedDriver();
    let room = 2;
    class Picky extends socketsOver(driver) {
      constructor(...values: [Domain, Type]) {
        super(...values);
        if (--room < 0) throw new Error('no more');
      }
    }
    const socket = new Picky(Domain.UNIX, Type.STREAM);
    const open = driver.handles.size;
    expect(() => Picky.pair(Domain.UNIX, Type.STREAM)).toThrow('no more');
    expect(() => socket.accept()).toThrow('no more');
    expect(() => socket.tryClone()).toThrow('no more');
    expect(driver.handles.size).toBe(open);
  });

  test('inspection shows the descriptor and the addresses, and that it is closed', () => {
    const { socket, fd } = setup();
    socket.bind(address);
    expect(inspect(socket)).toContain(`fd: ${fd}`);
    expect(inspect(socket)).toContain('local: 192.0.2.1:80');
    socket.close();
    expect(inspect(socket)).toBe('Socket(scripted) { closed }');
  });
});

describe('setTcpKeepalive', () => {
  test('turns keep-alive on and sets only what was given', () => {
    const { driver, socket } = setup();
    socket.setTcpKeepalive({ time: 5000, retries: 3 });
    expect(socket.keepalive()).toBe(true);
    expect(socket.tcpKeepaliveTime()).toBe(5000);
    expect(socket.tcpKeepaliveRetries()).toBe(3);
    expect(() => socket.tcpKeepaliveInterval()).toThrow('EINVAL');
    expect(driver.take().filter((name) => name === 'setOption')).toHaveLength(3);
  });

  test('sets nothing when one of the parameters is wrong', () => {
    const { driver, socket } = setup();
    expect(() => socket.setTcpKeepalive({ time: 5000, retries: 0 })).toThrow(RangeError);
    expect(() => socket.setTcpKeepalive(wrong(null))).toThrow(TypeError);
    expect(driver.take()).toEqual([]);
  });
});
