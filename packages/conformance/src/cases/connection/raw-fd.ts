import { equal, notEqual, ok, throwsCode } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';

const needs = ['asRawFd', 'intoRawFd', 'fromRawFd'];

export const rawFd: readonly Case[] = [
  {
    name: 'asRawFd is the descriptor of the socket, which still owns it',
    socket2Docs: 'impl AsRawFd for Socket',
    methods: ['asRawFd'],
    needs,
    run(t) {
      const [one, other] = [t.bound('udp4'), t.bound('udp4')];
      ok(Number.isInteger(one.asRawFd()) && one.asRawFd() >= 0, String(one.asRawFd()));
      notEqual(one.asRawFd(), other.asRawFd());
      equal(one.asRawFd(), one.asRawFd());
      equal(one.closed, false);
    },
  },
  {
    name: 'intoRawFd releases the descriptor without closing it',
    socket2Docs: 'impl IntoRawFd for Socket',
    methods: ['intoRawFd', 'closed', 'fromRawFd'],
    needs,
    run(t) {
      const [one, other] = t.connectedPair();
      const fd = one.asRawFd();
      equal(one.intoRawFd(), fd);
      equal(one.closed, true);
      throwsCode('EBADF', () => one.send(bytes('x')));
      one.close();
      const again = t.track(t.Socket.fromRawFd(fd));
      again.send(bytes('still open'));
      equal(text(t.recvAll(other, 10)), 'still open');
    },
  },
  {
    name: 'fromRawFd adopts the descriptor: closing the socket closes it',
    socket2Docs: 'impl FromRawFd for Socket',
    methods: ['fromRawFd', 'intoRawFd', 'close'],
    needs,
    run(t) {
      const [one, other] = t.connectedPair();
      const owner = t.track(t.Socket.fromRawFd(one.intoRawFd()));
      ok(owner instanceof t.Socket, 'an instance of the class');
      owner.close();
      equal(other.recv(new Uint8Array(1)), 0);
    },
  },
  {
    name: 'fromRawFd throws EBADF for a descriptor that is not open, EEXIST for one that a socket owns',
    methods: ['fromRawFd'],
    needs,
    run(t) {
      throwsCode('EBADF', () => t.Socket.fromRawFd(0x7fffff));
      const socket = t.socket('tcp4');
      throwsCode('EEXIST', () => t.Socket.fromRawFd(socket.asRawFd()));
      equal(socket.closed, false);
      equal(socket.nonblocking(), false);
    },
  },
  {
    name: 'intoRawFd and asRawFd of a closed socket throw EBADF',
    methods: ['intoRawFd', 'asRawFd'],
    needs,
    run(t) {
      const socket = t.socket('tcp4');
      socket.close();
      throwsCode('EBADF', () => socket.intoRawFd());
      throwsCode('EBADF', () => socket.asRawFd());
    },
  },
  {
    name: 'borrowRawFd makes a view that does not own the descriptor',
    methods: ['borrowRawFd', 'close'],
    needs,
    run(t) {
      const [one, other] = t.connectedPair();
      const view = t.Socket.borrowRawFd(one.asRawFd());
      equal(view.asRawFd(), one.asRawFd());
      view.send(bytes('viewed'));
      equal(text(t.recvAll(other, 6)), 'viewed');
      view.close();
      equal(view.closed, true);
      throwsCode('EBADF', () => view.send(bytes('x')));
      one.send(bytes('owned'));
      equal(text(t.recvAll(other, 5)), 'owned');
    },
  },
  {
    name: 'a descriptor that moves from socket to socket keeps its connection',
    methods: ['intoRawFd', 'fromRawFd'],
    needs,
    run(t) {
      const [one, other] = t.connectedPair();
      let current = one;
      for (let i = 0; i < 10; i++) {
        current = t.track(t.Socket.fromRawFd(current.intoRawFd()));
        current.send(Uint8Array.of(i));
        const buffer = new Uint8Array(1);
        equal(other.recv(buffer), 1);
        equal(buffer[0], i);
      }
    },
  },
];
