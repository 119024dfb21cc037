import { TcpKeepalive } from '@sock/core';
import { deepEqual, equal, ok, throwsCode } from '../../../assert.js';
import type { Case } from '../../../case.js';

const needs = [
  'setTcpKeepalive',
  'tcpKeepaliveTime',
  'tcpKeepaliveInterval',
  'tcpKeepaliveRetries',
];

export const keepalive: readonly Case[] = [
  {
    name: 'setTcpKeepalive sets time, interval and retries',
    socket2Docs: 'Set parameters configuring TCP keepalive probes for this socket.',
    methods: ['setTcpKeepalive', 'tcpKeepaliveTime', 'tcpKeepaliveInterval', 'tcpKeepaliveRetries'],
    needs,
    run(t) {
      for (const link of ['tcp4', 'tcp6'] as const) {
        const socket = t.socket(link);
        socket.setTcpKeepalive({ time: 60_000, interval: 5000, retries: 4 });
        equal(socket.tcpKeepaliveTime(), 60_000, link);
        equal(socket.tcpKeepaliveInterval(), 5000, link);
        equal(socket.tcpKeepaliveRetries(), 4, link);
      }
    },
  },
  {
    name: 'setTcpKeepalive turns keep-alive on',
    socket2Docs: 'This will enable SO_KEEPALIVE on this socket, if it is not already enabled.',
    methods: ['setTcpKeepalive', 'keepalive'],
    needs: [...needs, 'keepalive'],
    run(t) {
      const socket = t.socket('tcp4');
      equal(socket.keepalive(), false);
      socket.setTcpKeepalive({ time: 60_000 });
      equal(socket.keepalive(), true);
      socket.setTcpKeepalive({ time: 30_000 });
      equal(socket.keepalive(), true);
    },
  },
  {
    name: 'setTcpKeepalive without parameters turns keep-alive on and changes nothing else',
    methods: ['setTcpKeepalive', 'keepalive'],
    needs: [...needs, 'keepalive'],
    run(t) {
      const socket = t.socket('tcp4');
      const read = () => [
        socket.tcpKeepaliveTime(),
        socket.tcpKeepaliveInterval(),
        socket.tcpKeepaliveRetries(),
      ];
      const before = read();
      socket.setTcpKeepalive({});
      equal(socket.keepalive(), true);
      deepEqual(read(), before);
    },
  },
  {
    name: 'setTcpKeepalive does not change the parameters that it is not given',
    socket2Docs:
      'At a minimum, all systems support configuring the keepalive time: the time after which the OS will start sending keepalive messages on an idle connection.',
    methods: ['setTcpKeepalive', 'tcpKeepaliveTime', 'tcpKeepaliveInterval', 'tcpKeepaliveRetries'],
    needs,
    run(t) {
      const socket = t.socket('tcp4');
      const interval = socket.tcpKeepaliveInterval();
      socket.setTcpKeepalive({ time: 11_000 });
      equal(socket.tcpKeepaliveInterval(), interval);
      socket.setTcpKeepalive({ interval: 3000 });
      equal(socket.tcpKeepaliveTime(), 11_000);
      socket.setTcpKeepalive({ retries: 2 });
      deepEqual(
        [socket.tcpKeepaliveTime(), socket.tcpKeepaliveInterval(), socket.tcpKeepaliveRetries()],
        [11_000, 3000, 2],
      );
    },
  },
  {
    name: 'setTcpKeepalive takes a TcpKeepalive',
    methods: ['setTcpKeepalive'],
    needs,
    run(t) {
      const socket = t.socket('tcp4');
      socket.setTcpKeepalive(new TcpKeepalive().withTime(7000).withInterval(2000).withRetries(3));
      deepEqual(
        [socket.tcpKeepaliveTime(), socket.tcpKeepaliveInterval(), socket.tcpKeepaliveRetries()],
        [7000, 2000, 3],
      );
    },
  },
  {
    name: 'TcpKeepalive is immutable: each with... method returns a new one',
    methods: [],
    run() {
      const base = new TcpKeepalive().withTime(1000);
      const other = base.withInterval(2000);
      equal(base.interval, undefined);
      deepEqual([other.time, other.interval, other.retries], [1000, 2000, undefined]);
      throwsCode('ERR_OUT_OF_RANGE', () => base.withTime(0));
      throwsCode('ERR_OUT_OF_RANGE', () => base.withRetries(1.5));
      throwsCode('ERR_INVALID_ARG_TYPE', () => base.withInterval('1' as never));
    },
  },
  {
    name: 'setTcpKeepalive rounds down to whole seconds, and refuses less than one, which is seconds taken for milliseconds',
    methods: ['setTcpKeepalive', 'tcpKeepaliveTime', 'tcpKeepaliveInterval'],
    needs,
    run(t) {
      const socket = t.socket('tcp4');
      socket.setTcpKeepalive({ time: 2999, interval: 1000 });
      equal(socket.tcpKeepaliveTime(), 2000);
      equal(socket.tcpKeepaliveInterval(), 1000);
      for (const wrong of [{ time: 30 }, { time: 999 }, { interval: 5 }]) {
        const error = throwsCode('ERR_OUT_OF_RANGE', () => socket.setTcpKeepalive(wrong));
        ok(error.message.includes('milliseconds'), error.message);
      }
      equal(socket.tcpKeepaliveTime(), 2000);
    },
  },
  {
    name: 'wrong parameters are refused before any of them is set',
    methods: ['setTcpKeepalive', 'keepalive'],
    needs: [...needs, 'keepalive'],
    run(t) {
      const socket = t.socket('tcp4');
      const time = socket.tcpKeepaliveTime();
      throwsCode('ERR_OUT_OF_RANGE', () =>
        socket.setTcpKeepalive({ time: 5000, interval: 0, retries: 2 }),
      );
      throwsCode('ERR_OUT_OF_RANGE', () => socket.setTcpKeepalive({ time: 5000, retries: 0 }));
      equal(socket.keepalive(), false);
      equal(socket.tcpKeepaliveTime(), time);
    },
  },
  {
    name: 'setTcpKeepalive throws for a datagram socket',
    methods: ['setTcpKeepalive'],
    needs,
    run(t) {
      throwsCode(['ENOPROTOOPT', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL'], () =>
        t.socket('udp4').setTcpKeepalive({ time: 5000 }),
      );
    },
  },
];
