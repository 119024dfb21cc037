import { SockAddr, SockError, supportOf } from '@sock/core';
import { equal, ok, throwsCode } from '../../assert.js';
import type { Case } from '../../case.js';
import { loopback } from '../../context.js';

export const errors: readonly Case[] = [
  {
    name: "an error has node's form: code, errno, syscall, address, port, message",
    methods: ['bind'],
    run(t) {
      const taken = t.listener().localAddr();
      const error = throwsCode('EADDRINUSE', () => t.socket('tcp4').bind(taken));
      ok(error instanceof SockError, 'an instance of SockError');
      equal(error.name, 'SockError');
      equal(error.syscall, 'bind');
      equal(error.address, '127.0.0.1');
      equal(error.port, taken.port);
      equal(error.message, `bind EADDRINUSE 127.0.0.1:${taken.port}`);
    },
  },
  {
    name: "errno is the negative of the system's number",
    methods: ['connect'],
    run(t) {
      const error = throwsCode('ECONNREFUSED', () => t.socket('tcp4').connect(t.refusingAddress()));
      equal(error.errno, -(t.Socket.driver.errors['ECONNREFUSED'] as number));
      ok((error.errno as number) < 0, String(error.errno));
    },
  },
  {
    name: 'an IPv6 address is in brackets in the message',
    methods: ['connect'],
    run(t) {
      const address = t.refusingAddress('ipv6');
      const error = throwsCode('ECONNREFUSED', () => t.socket('tcp6').connect(address));
      equal(error.message, `connect ECONNREFUSED [::1]:${address.port}`);
      equal(error.address, '::1');
    },
  },
  {
    name: 'the error of a call without an address has no address and no port',
    methods: ['peerAddr'],
    run(t) {
      const error = throwsCode('ENOTCONN', () => t.socket('tcp4').peerAddr());
      equal(error.message, 'getpeername ENOTCONN');
      equal('address' in error || 'port' in error, false);
    },
  },
  {
    name: 'the error names the system call that failed',
    methods: [
      'recv',
      'recvFrom',
      'recvVectored',
      'send',
      'sendTo',
      'sendVectored',
      'accept',
      'shutdown',
    ],
    run(t) {
      const socket = t.socket('tcp4');
      socket.close();
      const byte = new Uint8Array(1);
      const address = loopback('ipv4', 9);
      for (const [syscall, call] of [
        ['recv', () => socket.recv(byte)],
        ['recvfrom', () => socket.recvFrom(byte)],
        ['recvmsg', () => socket.recvVectored([byte])],
        ['send', () => socket.send(byte)],
        ['sendto', () => socket.sendTo(byte, address)],
        ['sendmsg', () => socket.sendVectored([byte])],
        ['bind', () => socket.bind(address)],
        ['connect', () => socket.connect(address)],
        ['listen', () => socket.listen(1)],
        ['accept', () => socket.accept()],
        ['getsockname', () => socket.localAddr()],
        ['getpeername', () => socket.peerAddr()],
        ['shutdown', () => socket.shutdown('both')],
      ] as const) {
        equal(throwsCode('EBADF', call).syscall, syscall);
      }
    },
  },
  {
    name: 'a wrong type throws a TypeError, a value out of range a RangeError, before any system call',
    methods: ['listen', 'recv', 'bind'],
    run(t) {
      const closed = t.socket('tcp4');
      closed.close();
      ok(
        throwsCode('ERR_INVALID_ARG_TYPE', () => closed.listen('1' as never)) instanceof TypeError,
        'type',
      );
      ok(throwsCode('ERR_OUT_OF_RANGE', () => closed.listen(1.5)) instanceof RangeError, 'range');
      ok(
        throwsCode('ERR_INVALID_ARG_TYPE', () => closed.recv('x' as never)) instanceof TypeError,
        'type',
      );
      const { message } = throwsCode('ERR_INVALID_ARG_TYPE', () =>
        closed.bind('127.0.0.1:80' as never),
      );
      equal(
        message,
        `The "address" argument must be a SockAddr, such as SockAddr.parse('127.0.0.1:80'). Received type string ('127.0.0.1:80')`,
      );
    },
  },
  {
    name: 'an object that looks like an address is refused',
    methods: ['bind', 'connect', 'sendTo'],
    run(t) {
      const socket = t.socket('udp4');
      const alike = {
        ...SockAddr.ipv4('127.0.0.1', 1),
        family: 'ipv4',
        address: '127.0.0.1',
        port: 1,
      };
      const inherited = Object.create(SockAddr.prototype) as SockAddr;
      for (const address of [alike, inherited]) {
        throwsCode('ERR_INVALID_ARG_TYPE', () => socket.bind(address as never));
        throwsCode('ERR_INVALID_ARG_TYPE', () => socket.connect(address as never));
        throwsCode('ERR_INVALID_ARG_TYPE', () =>
          socket.sendTo(new Uint8Array(1), address as never),
        );
      }
    },
  },
  {
    name: 'every support level other than native has a reason',
    methods: [],
    run(t) {
      for (const name of [
        'bind',
        'peek',
        'tryClone',
        'unix',
        'dualStack',
        'sendOutOfBand',
        'pair',
      ]) {
        const { level, reason } = supportOf(t.Socket.driver, name);
        if (level !== 'native') ok((reason ?? '').length > 5, `${name} is ${level}, but why?`);
      }
    },
  },
];
