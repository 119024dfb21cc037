/** What calls change in the kernel's state, as /proc shows it. */
import { constants, readFileSync } from 'node:fs';
import { Domain, type Socket, Type } from '@sock/core';
import { equal, fail } from '../../assert.js';
import type { Case } from '../../case.js';
import { lineOf } from '../proc-net.js';

/** The file status flags of a descriptor of this process: O_... of open(2). */
function statusFlags(fd: number): number {
  const info = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
  return Number.parseInt(/^flags:\s*([0-7]+)$/m.exec(info)?.[1] ?? '', 8);
}

/** O_CLOEXEC of Linux. Node has no constant for it. */
const O_CLOEXEC = 0o2000000;

/** `tr` of proc(5): which timer of a connection is running. */
const KEEPALIVE_TIMER = '02';

/** The running timer of a connection, from /proc/net/tcp. */
function timerOf(socket: Socket): string {
  const [, , , , , timer = fail('no timer')] = lineOf('tcp', socket) ?? [];
  return timer.slice(0, 2);
}

export const kernelState: readonly Case[] = [
  {
    name: 'setNonblocking sets O_NONBLOCK of the descriptor, and nothing else',
    socket2Docs: 'On Unix this corresponds to calling fcntl (un)setting O_NONBLOCK.',
    methods: ['setNonblocking'],
    observes: ['setNonblocking'],
    run(t) {
      const socket = t.socket('tcp4');
      const before = statusFlags(socket.asRawFd());
      equal(before & constants.O_NONBLOCK, 0);
      socket.setNonblocking(true);
      equal(statusFlags(socket.asRawFd()), before | constants.O_NONBLOCK);
      socket.setNonblocking(false);
      equal(statusFlags(socket.asRawFd()), before);
    },
  },
  {
    name: 'new, Type.cloexec and accept4 set close-on-exec as asked, and setCloexec changes it',
    methods: ['newRaw', 'accept4', 'setCloexec'],
    observes: ['new', 'newRaw', 'Type.cloexec', 'accept4', 'setCloexec'],
    needs: ['Type.cloexec', 'accept4'],
    run(t) {
      const isCloexec = (socket: Socket): boolean =>
        (statusFlags(socket.asRawFd()) & O_CLOEXEC) !== 0;
      const raw = t.track(t.Socket.newRaw(Domain.IPV4, Type.DGRAM));
      equal(isCloexec(raw), false, 'newRaw');
      raw.setCloexec(true);
      equal(isCloexec(raw), true, 'setCloexec(true)');
      raw.setCloexec(false);
      equal(isCloexec(raw), false, 'setCloexec(false)');
      equal(isCloexec(t.open(Domain.IPV4, Type.DGRAM)), true, 'new');
      const flagged = t.track(t.Socket.newRaw(Domain.IPV4, Type.cloexec(Type.DGRAM)));
      equal(isCloexec(flagged), true, 'newRaw with Type.cloexec');
      const listener = t.listener();
      for (const flags of [0, t.Socket.driver.constants['SOCK_CLOEXEC'] as number]) {
        t.socket('tcp4').connect(listener.localAddr());
        const [accepted] = listener.accept4(flags);
        equal(isCloexec(t.track(accepted)), flags !== 0, `accept4(${flags})`);
      }
    },
  },
  {
    name: 'setKeepalive(true) starts the keep-alive timer of the kernel',
    socket2Docs: 'Enable sending of keep-alive messages on connection-oriented sockets.',
    methods: ['setKeepalive', 'setTcpKeepalive'],
    observes: ['setKeepalive', 'setTcpKeepalive'],
    needs: ['setKeepalive', 'setTcpKeepalive'],
    run(t) {
      const [one] = t.connectedPair();
      equal(timerOf(one) === KEEPALIVE_TIMER, false, 'before');
      one.setKeepalive(true);
      equal(timerOf(one), KEEPALIVE_TIMER, 'with setKeepalive(true)');
      one.setKeepalive(false);
      equal(timerOf(one) === KEEPALIVE_TIMER, false, 'with setKeepalive(false)');
      one.setTcpKeepalive({ time: 60_000 });
      equal(timerOf(one), KEEPALIVE_TIMER, 'with setTcpKeepalive');
    },
  },
];
