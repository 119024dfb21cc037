/** The state of a socket as ss prints it, which asks the kernel by sock_diag(7). */
import { execFileSync } from 'node:child_process';
import type { Socket } from '@sock/core';
import { equal, fail, notEqual, within } from '../../assert.js';
import { pattern } from '../../bytes.js';
import type { Case } from '../../case.js';
import { eventually } from '../../silence.js';
import { lacksSs } from '../lacks.js';
import { inodeOf } from '../proc-net.js';

/** The first group of a pattern in ss's line for a TCP socket. Older sockets may have had the same port. */
function shown(socket: Socket, pattern: RegExp): string {
  const options = ['--no-header', '--oneline', '-t', '-a', '-e', '-i', '-m', '-o', '-n'];
  const filter = ['sport', '=', `:${socket.localAddr().port}`];
  const lines = execFileSync('ss', [...options, ...filter], { encoding: 'utf8' }).split('\n');
  const own = lines.find((line) => line.includes(` ino:${inodeOf(socket)} `)) ?? '';
  return pattern.exec(own)?.[1] ?? fail(`no ${pattern.source} in: ${own}`);
}

export const socketStatistics: readonly Case[] = [
  {
    name: 'cookie is the number that ss prints for the socket, and no other socket has it',
    methods: ['cookie'],
    observes: ['cookie'],
    needs: ['cookie'],
    lacks: lacksSs,
    run(t) {
      const [one, other] = [t.listener(), t.listener()];
      for (const socket of [one, other]) {
        equal(socket.cookie(), BigInt(`0x${shown(socket, /\bsk:([0-9a-f]+)/)}`));
      }
      notEqual(one.cookie(), other.cookie());
      equal(t.track(one.tryClone()).cookie(), one.cookie(), 'of the same socket');
    },
  },
  {
    name: 'setTcpCongestion changes the algorithm that ss prints',
    methods: ['setTcpCongestion', 'tcpCongestion'],
    observes: ['setTcpCongestion', 'tcpCongestion'],
    needs: ['setTcpCongestion', 'tcpCongestion'],
    lacks: lacksSs,
    run(t) {
      const [one] = t.connectedPair();
      const usual = one.tcpCongestion();
      // Every kernel has it.
      for (const name of ['reno', usual]) {
        one.setTcpCongestion(name);
        equal(one.tcpCongestion(), name);
        equal(shown(one, new RegExp(`\\b(${name})\\b`)), name);
      }
    },
  },
  {
    name: 'setRecvBufferSize and setSendBufferSize change the buffer sizes that ss prints',
    methods: ['setRecvBufferSize', 'recvBufferSize', 'setSendBufferSize', 'sendBufferSize'],
    observes: ['setRecvBufferSize', 'recvBufferSize', 'setSendBufferSize', 'sendBufferSize'],
    needs: ['setRecvBufferSize', 'setSendBufferSize'],
    lacks: lacksSs,
    run(t) {
      const [one] = t.connectedPair();
      for (const size of [16_384, 65_536]) {
        one.setRecvBufferSize(size);
        one.setSendBufferSize(size);
        equal(Number(shown(one, /\bskmem:\(r\d+,rb(\d+)/)), one.recvBufferSize());
        equal(Number(shown(one, /,tb(\d+)/)), one.sendBufferSize());
      }
    },
  },
  {
    name: 'setTcpKeepalive starts the timer that ss prints, with the time that was set',
    methods: ['setTcpKeepalive', 'tcpKeepaliveTime', 'keepalive', 'setKeepalive'],
    observes: ['setTcpKeepalive', 'tcpKeepaliveTime', 'keepalive', 'setKeepalive'],
    needs: ['setTcpKeepalive', 'setKeepalive'],
    lacks: lacksSs,
    run(t) {
      const [one] = t.connectedPair();
      const TIMER = /\btimer:\(keepalive,([^,]+),/;
      one.setTcpKeepalive({ time: 7_200_000 });
      equal(one.keepalive(), true);
      equal(one.tcpKeepaliveTime(), 7_200_000);
      // ss shows the time that is left of the two hours.
      equal(/^(?:120min|119min)/.test(shown(one, TIMER)), true, shown(one, TIMER));
      one.setKeepalive(false);
      equal(one.keepalive(), false);
      equal(shown(one, /^(ESTAB)(?!.*\bkeepalive\b)/), 'ESTAB', 'no timer');
    },
  },
  {
    name: 'tcpInfo returns what ss prints for a connection',
    methods: ['tcpInfo'],
    needs: ['tcpInfo'],
    lacks: lacksSs,
    run(t) {
      const [one, other] = t.connectedPair();
      one.send(pattern(1000));
      t.recvAll(other, 1000);
      other.send(pattern(10));
      t.recvAll(one, 10);
      const info = one.tcpInfo();
      equal(info.state, 'established');
      for (const [field, name] of [
        ['sendMss', 'mss'],
        ['receiveMss', 'rcvmss'],
        ['advertisedMss', 'advmss'],
        ['pathMtu', 'pmtu'],
        ['congestionWindow', 'cwnd'],
        ['rto', 'rto'],
        ['bytesSent', 'bytes_sent'],
        ['bytesReceived', 'bytes_received'],
        ['dataSegmentsOut', 'data_segs_out'],
        ['dataSegmentsIn', 'data_segs_in'],
        ['receiveSpace', 'rcv_space'],
      ] as const) {
        equal(info[field], Number(shown(one, new RegExp(`\\b${name}:([0-9.]+)`))), field);
      }
      const [rtt, variance] = shown(one, /\brtt:([0-9.]+\/[0-9.]+)/)
        .split('/')
        .map(Number);
      // ss prints at most three decimals.
      within(Math.abs(info.rtt - (rtt ?? 0)), 0, 0.001, 'the difference of rtt');
      within(
        Math.abs(info.rttVariance - (variance ?? 0)),
        0,
        0.001,
        'the difference of its variance',
      );
      equal(t.listener().tcpInfo().state, 'listen');
    },
  },
  {
    name: 'setTcpLinger2 bounds how long a closed socket waits for its peer, as ss prints',
    methods: ['setTcpLinger2', 'tcpLinger2', 'close'],
    needs: ['setTcpLinger2'],
    lacks: lacksSs,
    async run(t) {
      const [one] = t.connectedPair();
      const [{ port }, { port: peer }] = [one.localAddr(), one.peerAddr()];
      one.setTcpLinger2(30_000);
      equal(one.tcpLinger2(), 30_000);
      one.close();
      // The peer keeps its half open. The system's default bound is a minute.
      const filter = ['state', 'fin-wait-2', `( sport = :${port} and dport = :${peer} )`];
      await eventually('a timer of half a minute', () => {
        const output = execFileSync('ss', ['-H', '-t', '-o', '-n', ...filter], {
          encoding: 'utf8',
        });
        return /timer:\(timewait,(?:30|2\d)(?:sec|\.)/.test(output) ? output : undefined;
      });
    },
  },
];
