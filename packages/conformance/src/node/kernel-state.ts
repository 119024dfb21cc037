/** What calls do to the kernel's own state, as /proc shows it. */
import { constants, readFileSync } from 'node:fs';
import { equal, fail } from '../assert.js';
import type { Case } from '../case.js';

/** The file status flags of a descriptor of this process, as open(2) numbers them. */
function statusFlags(fd: number): number {
  const info = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
  return Number.parseInt(/^flags:\s*([0-7]+)$/m.exec(info)?.[1] ?? '', 8);
}

/** `tr` of proc(5): which timer is running for a connection. */
const KEEPALIVE_TIMER = '02';

/** The timer of the connection with this local port, in /proc/net/tcp. */
function timerOf(port: number): string {
  const hexadecimal = port.toString(16).toUpperCase().padStart(4, '0');
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n')) {
    const [, local, remote, , , timer] = line.trim().split(/\s+/);
    if (local?.endsWith(`:${hexadecimal}`) === true && remote?.endsWith(':0000') === false) {
      return timer?.slice(0, 2) ?? '';
    }
  }
  return fail(`no connection from port ${port} in /proc/net/tcp`);
}

export const kernelState: readonly Case[] = [
  {
    name: 'setNonblocking sets O_NONBLOCK, and nothing else, of the descriptor',
    seed: 'On Unix this corresponds to calling fcntl (un)setting O_NONBLOCK.',
    methods: ['setNonblocking'],
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
    name: 'setKeepalive(true) has the kernel send keep-alive messages: its timer runs',
    seed: 'Enable sending of keep-alive messages on connection-oriented sockets.',
    methods: ['setKeepalive', 'setTcpKeepalive'],
    needs: ['setKeepalive', 'setTcpKeepalive'],
    run(t) {
      const [one] = t.connectedPair();
      const { port } = one.localAddr();
      equal(timerOf(port) === KEEPALIVE_TIMER, false, 'before');
      one.setKeepalive(true);
      equal(timerOf(port), KEEPALIVE_TIMER, 'with setKeepalive(true)');
      one.setKeepalive(false);
      equal(timerOf(port) === KEEPALIVE_TIMER, false, 'with setKeepalive(false)');
      one.setTcpKeepalive({ time: 60_000 });
      equal(timerOf(port), KEEPALIVE_TIMER, 'with setTcpKeepalive');
    },
  },
];
