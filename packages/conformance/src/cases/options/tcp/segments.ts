/** When TCP sends data and acknowledges it, as the counts of tcpInfo show. */
import type { Socket } from '@sock/core';
import { equal, fail, ok, rejectsCode, within } from '../../../assert.js';
import { bytes } from '../../../bytes.js';
import type { Case } from '../../../case.js';
import { infoOf, lacksSilence, needsSilence, silencedPair } from '../../../silence.js';

/** The system delays a segment only for a moment: an attempt in which it is sent before the look proves nothing. */
const ATTEMPTS = 50;

/** Whether a momentary state is seen in one of many attempts. */
function seen(attempt: () => boolean): boolean {
  for (let count = 0; count < ATTEMPTS; count++) if (attempt()) return true;
  return false;
}

const notSent = (socket: Socket): number => socket.tcpInfo().notSentBytes ?? 0;

export const segments: readonly Case[] = [
  {
    name: 'without setTcpNodelay a small segment waits while another is unacknowledged; with it, it does not',
    socket2Docs: 'If set, this option disables the Nagle algorithm.',
    methods: ['setTcpNodelay', 'tcpNodelay', 'send', 'tcpInfo'],
    observes: ['setTcpNodelay', 'tcpNodelay'],
    needs: [...needsSilence, 'setTcpNodelay', 'tcpInfo'],
    lacks: lacksSilence,
    run(t) {
      const waits = (nodelay: boolean) => () => {
        const [one] = silencedPair(t);
        one.setTcpNodelay(nodelay);
        equal(one.tcpNodelay(), nodelay);
        one.send(bytes('a'));
        one.send(bytes('b'));
        const held = notSent(one) > 0;
        one.close();
        return held;
      };
      ok(seen(waits(false)), 'the second segment is delayed');
      ok(!seen(waits(true)), 'nothing is delayed');
    },
  },
  {
    name: 'setTcpCork(true) delays a partial segment, setTcpCork(false) sends it',
    methods: ['setTcpCork', 'tcpCork', 'send', 'tcpInfo'],
    observes: ['setTcpCork', 'tcpCork'],
    needs: ['setTcpCork', 'setTcpNodelay', 'tcpInfo'],
    run(t) {
      const [one, other] = t.connectedPair();
      const buffer = new Uint8Array(16);
      // So that the Nagle algorithm does not delay the segment.
      one.setTcpNodelay(true);
      const held = seen(() => {
        one.setTcpCork(true);
        equal(one.tcpCork(), true);
        one.send(bytes('part'));
        const before = notSent(one);
        one.setTcpCork(false);
        const after = notSent(one);
        equal(other.recv(buffer), 4);
        return before === 4 && after === 0;
      });
      equal(one.tcpCork(), false);
      ok(held, 'four bytes wait until the cork is removed');
    },
  },
  {
    name: 'setTcpQuickack(false) delays acknowledgements, setTcpQuickack(true) sends the pending one',
    methods: ['setTcpQuickack', 'tcpQuickack', 'send', 'tcpInfo'],
    observes: ['setTcpQuickack', 'tcpQuickack'],
    needs: ['setTcpQuickack', 'tcpInfo'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const buffer = new Uint8Array(4);
      let due = false;
      for (let attempt = 0; attempt < ATTEMPTS && !due; attempt++) {
        other.setTcpQuickack(false);
        equal(other.tcpQuickack(), false);
        one.send(bytes('x'));
        equal(other.recv(buffer), 1);
        const { unacked } = one.tcpInfo();
        other.setTcpQuickack(true);
        equal(other.tcpQuickack(), true);
        due = unacked === 1 && one.tcpInfo().unacked === 0;
        await infoOf(one, 'the acknowledgement', (info) => info.unacked === 0);
      }
      ok(due, 'the acknowledgement is delayed until it is asked for');
    },
  },
  {
    name: 'setTcpNotsentLowat bounds the unsent data: send accepts no more, and the socket is not writable',
    methods: ['setTcpNotsentLowat', 'tcpNotsentLowat', 'trySend', 'tcpInfo'],
    observes: ['setTcpNotsentLowat', 'tcpNotsentLowat'],
    needs: [...needsSilence, 'setTcpNotsentLowat', 'tcpInfo'],
    lacks: lacksSilence,
    async run(t) {
      const LOWAT = 16_384;
      const CHUNK = new Uint8Array(4096);
      // The system checks the bound when it starts a new buffer, of at most 64 KiB.
      const MOST = LOWAT + 65_536;
      const [[bounded], [unbounded]] = [silencedPair(t), silencedPair(t)];
      bounded.setTcpNotsentLowat(LOWAT);
      equal(bounded.tcpNotsentLowat(), LOWAT);
      for (const socket of [bounded, unbounded]) while (socket.trySend(CHUNK) !== undefined);
      within(notSent(bounded), LOWAT, MOST, 'bytes that wait');
      await rejectsCode('ETIMEDOUT', () => bounded.writable({ timeout: 20 }));
      const most = notSent(unbounded);
      ok(most > MOST, `without it the send buffer fills: ${most} bytes`);
    },
  },
  {
    name: 'setRecvLowat: the socket is not readable until that many bytes are there',
    methods: ['setRecvLowat', 'recv'],
    needs: ['setRecvLowat', 'MSG_WAITALL'],
    async run(t) {
      const [one, other] = t.connectedPair();
      other.setRecvLowat(8);
      one.send(bytes('four'));
      const waiting = other.readable().then(() => other.recv(new Uint8Array(32)));
      await infoOf(one, 'the acknowledgement', (info) => info.unacked === 0);
      one.send(bytes('more'));
      equal(await waiting, 8);
    },
  },
  {
    name: 'setTcpWindowClamp bounds the window that is announced to the peer',
    methods: ['setTcpWindowClamp', 'tcpWindowClamp', 'tcpInfo'],
    needs: ['setTcpWindowClamp', 'tcpInfo'],
    run(t) {
      const CLAMP = 4096;
      const windowOf = (clamp: number | undefined): number => {
        const listener = t.listener();
        if (clamp !== undefined) listener.setTcpWindowClamp(clamp);
        const client = t.socket('tcp4');
        client.connect(listener.localAddr());
        if (clamp !== undefined) equal(t.accept(listener)[0].tcpWindowClamp(), clamp);
        // Only Linux 5.4 and later report it.
        return client.tcpInfo().sendWindow ?? fail('the kernel does not report the window');
      };
      within(windowOf(CLAMP), 1, CLAMP, 'the window');
      within(windowOf(undefined), CLAMP + 1, Number.MAX_SAFE_INTEGER, 'the window without it');
    },
  },
];
