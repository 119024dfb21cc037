/** Flags of socket(2) and accept4(2). */
import { Domain, Type } from '@sock/core';
import { deepEqual, equal, throwsCode } from '../../assert.js';
import type { Case } from '../../case.js';

export const typeFlags: readonly Case[] = [
  {
    name: 'Type.nonblocking makes sockets that do not wait',
    methods: ['new', 'newRaw', 'nonblocking'],
    observes: ['Type.nonblocking'],
    needs: ['Type.nonblocking'],
    run(t) {
      const socket = t.open(Domain.IPV4, Type.nonblocking(Type.DGRAM));
      equal(socket.nonblocking(), true);
      throwsCode('EAGAIN', () => socket.recv(new Uint8Array(1)));
      equal(socket.type(), Type.DGRAM, 'without the flag');
      const raw = t.track(t.Socket.newRaw(Domain.IPV6, Type.nonblocking(Type.STREAM)));
      deepEqual([raw.nonblocking(), raw.type()], [true, Type.STREAM]);
      equal(t.open(Domain.IPV4, Type.DGRAM).nonblocking(), false);
    },
  },
  {
    name: 'flags can be combined, and work with types that are numbers',
    methods: ['new', 'nonblocking'],
    needs: ['Type.nonblocking', 'Type.cloexec'],
    run(t) {
      const { SOCK_DGRAM } = t.Socket.driver.constants;
      for (const type of [
        Type.cloexec(Type.nonblocking(Type.DGRAM)),
        Type.nonblocking(Type.cloexec(SOCK_DGRAM as number)),
      ]) {
        const socket = t.open(Domain.IPV4, type);
        deepEqual([socket.nonblocking(), socket.type()], [true, Type.DGRAM], String(type));
      }
    },
  },
  {
    name: 'both sockets of a pair have the flags of the type',
    methods: ['pair', 'nonblocking'],
    needs: ['pair', 'unix', 'Type.nonblocking'],
    run(t) {
      const pair = t.Socket.pair(Domain.UNIX, Type.nonblocking(Type.STREAM));
      for (const socket of pair) equal(t.track(socket).nonblocking(), true);
    },
  },
  {
    name: 'a type with an unknown flag or base is refused',
    methods: ['new'],
    run(t) {
      for (const type of [
        'stream|',
        'stream|none',
        '|nonblocking',
        'x|nonblocking',
        'stream|toString',
      ]) {
        throwsCode('ERR_INVALID_ARG_VALUE', () => t.open(Domain.IPV4, type as Type), type);
      }
      throwsCode('ERR_OUT_OF_RANGE', () => t.open(Domain.IPV4, `${2 ** 31}|nonblocking`));
      for (const type of [undefined, null, {}, true]) {
        throwsCode('ERR_INVALID_ARG_TYPE', () => Type.nonblocking(type as never), String(type));
      }
    },
  },
  {
    name: 'accept4 sets SOCK_NONBLOCK if asked to, and refuses other flags',
    methods: ['accept4'],
    observes: ['accept4'],
    needs: ['accept4'],
    run(t) {
      const { SOCK_NONBLOCK } = t.Socket.driver.constants;
      const listener = t.listener();
      for (const flags of [0, SOCK_NONBLOCK as number]) {
        const client = t.socket('tcp4');
        client.connect(listener.localAddr());
        const [socket, peer] = listener.accept4(flags);
        t.track(socket);
        equal(peer.equals(client.localAddr()), true, peer.toString());
        equal(socket.nonblocking(), flags !== 0);
        if (flags !== 0) throwsCode('EAGAIN', () => socket.recv(new Uint8Array(1)));
      }
      throwsCode('EINVAL', () => listener.accept4(1));
      listener.setNonblocking(true);
      throwsCode('EAGAIN', () => listener.accept4(0));
    },
  },
];
