/** What TCP does when the peer does not answer: how often and how long it retries, and how it ends. */
import { TcpKeepalive } from '@sock/core';
import { equal, ok } from '../../../assert.js';
import { bytes } from '../../../bytes.js';
import type { Case } from '../../../case.js';
import {
  endOf,
  eventually,
  infoOf,
  lacksSilence,
  needsSilence,
  silence,
  silencedPair,
} from '../../../silence.js';

const needs = [...needsSilence, 'tcpInfo'];

export const unanswered: readonly Case[] = [
  {
    name: 'setTcpUserTimeout ends a connection whose data stays unacknowledged that long: ETIMEDOUT',
    methods: ['setTcpUserTimeout', 'tcpUserTimeout'],
    observes: ['setTcpUserTimeout', 'tcpUserTimeout'],
    needs: [...needs, 'setTcpUserTimeout'],
    lacks: lacksSilence,
    timeout: 30_000,
    async run(t) {
      const [one] = silencedPair(t);
      one.setTcpUserTimeout(300);
      equal(one.tcpUserTimeout(), 300);
      one.send(bytes('nobody hears it'));
      equal(await endOf(one), 'ETIMEDOUT');
    },
  },
  {
    name: 'setTcpThinLinearTimeouts(true) retransmits at a constant interval; without it each interval is longer',
    methods: ['setTcpThinLinearTimeouts', 'tcpThinLinearTimeouts', 'tcpInfo'],
    observes: ['setTcpThinLinearTimeouts', 'tcpThinLinearTimeouts'],
    needs: [...needs, 'setTcpThinLinearTimeouts', 'setTcpCongestion'],
    lacks: lacksSilence,
    timeout: 30_000,
    async run(t) {
      for (const linear of [true, false]) {
        const [one] = silencedPair(t);
        // A stream counts as thin only after slow start. Some congestion algorithms never report its end.
        one.setTcpCongestion('reno');
        one.setTcpThinLinearTimeouts(linear);
        equal(one.tcpThinLinearTimeouts(), linear);
        one.send(bytes('x'));
        const info = await infoOf(one, 'a second repetition', ({ retransmits }) => retransmits > 1);
        equal(info.backoff === 0, linear, `linear: ${linear}, backoff: ${info.backoff}`);
      }
    },
  },
  {
    name: 'after the set number of unanswered keep-alive probes the connection ends with ETIMEDOUT',
    socket2Docs: 'Set parameters configuring TCP keepalive probes for this socket.',
    methods: ['setTcpKeepalive', 'tcpKeepaliveTime', 'tcpKeepaliveInterval', 'tcpKeepaliveRetries'],
    observes: [
      'setTcpKeepalive',
      'tcpKeepaliveTime',
      'tcpKeepaliveInterval',
      'tcpKeepaliveRetries',
      'TcpKeepalive.new',
      'TcpKeepalive.withTime',
      'TcpKeepalive.withInterval',
      'TcpKeepalive.withRetries',
    ],
    needs: [...needs, 'setTcpKeepalive'],
    lacks: lacksSilence,
    timeout: 60_000,
    async run(t) {
      const [one] = silencedPair(t);
      one.setTcpKeepalive(new TcpKeepalive().withTime(1000).withInterval(1000).withRetries(2));
      equal(one.tcpKeepaliveTime(), 1000);
      equal(one.tcpKeepaliveInterval(), 1000);
      equal(one.tcpKeepaliveRetries(), 2);
      let most = 0;
      await eventually('the end of the connection', () => {
        const { probes, state } = one.tcpInfo();
        most = Math.max(most, probes);
        return state === 'close' ? true : undefined;
      });
      equal(most, 2, 'probes');
      equal(await endOf(one), 'ETIMEDOUT');
    },
  },
  {
    name: 'setTcpSyncnt bounds the retries of connect: ETIMEDOUT',
    methods: ['setTcpSyncnt', 'tcpSyncnt', 'connect'],
    needs: [...needs, 'setTcpSyncnt'],
    lacks: lacksSilence,
    timeout: 30_000,
    async run(t) {
      const listener = t.listener();
      silence(listener);
      const client = t.socket('tcp4');
      client.setTcpSyncnt(1);
      equal(client.tryConnect(listener.localAddr()), undefined);
      await infoOf(client, 'the SYN sent again', ({ totalRetrans }) => totalRetrans === 1);
      equal(await endOf(client), 'ETIMEDOUT');
    },
  },
  {
    name: 'unacknowledged data arrives once the peer receives again',
    methods: ['attachFilter', 'detachFilter'],
    observes: ['attachFilter', 'detachFilter'],
    needs,
    lacks: lacksSilence,
    timeout: 30_000,
    async run(t) {
      const [one, other] = silencedPair(t);
      one.send(bytes('later'));
      await infoOf(one, 'a repetition', ({ retransmits }) => retransmits > 0);
      ok(other.tryRecv(new Uint8Array(8)) === undefined, 'nothing got past the filter');
      other.detachFilter();
      await other.readable();
      equal(other.recv(new Uint8Array(8)), 5);
    },
  },
];
