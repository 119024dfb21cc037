/** The error queue: errors, transmit timestamps and completions of sent packets. */
import { type SockAddr, type Socket, Timestamping } from '@sock/core';
import { deepEqual, equal, ok, throwsCode } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import type { Context } from '../../context.js';
import { needsControl, only, received } from '../../control.js';
import { eventually } from '../../silence.js';

const needsQueue = [...needsControl, 'MSG_ERRQUEUE'];

/** Software timestamps of sent packets, with an id, without the data. */
const TIMES =
  Timestamping.TX_SOFTWARE | Timestamping.SOFTWARE | Timestamping.OPT_ID | Timestamping.OPT_TSONLY;
/** SCM_TXTIME, Linux include/uapi/asm-generic/socket.h */
const [SOL_SOCKET, SCM_TXTIME] = [1, 61];

/** The next message of the error queue. */
function queued(t: Context, socket: Socket) {
  const flags = t.flag('ERRQUEUE') | t.flag('DONTWAIT');
  return eventually('a message in the error queue', () => {
    try {
      return received(socket, { flags });
    } catch (error) {
      if ((error as { code?: string }).code === 'EAGAIN') return undefined;
      throw error;
    }
  });
}

/** An address that refuses datagrams. */
function nobody(t: Context, link: 'udp4' | 'udp6'): SockAddr {
  const gone = t.bound(link);
  const address = gone.localAddr();
  gone.close();
  return address;
}

/** Destination unreachable, port unreachable: RFC 792 and RFC 4443. */
const refusals = [
  {
    link: 'udp4',
    setter: 'setRecvErrV4',
    origin: 'icmp',
    unreachable: [3, 3],
    host: '127.0.0.1',
  },
  { link: 'udp6', setter: 'setRecvErrV6', origin: 'icmp6', unreachable: [1, 4], host: '::1' },
] as const;

export const errorQueue: readonly Case[] = [
  ...refusals.map(({ link, setter, origin, unreachable, host }): Case => ({
    name: `${setter}: the error queue holds the refused datagram and who refused it`,
    methods: [setter, 'recvmsg', 'sendTo'],
    needs: [...needsQueue, setter],
    async run(t) {
      const socket = t.bound(link);
      socket[setter](true);
      const address = nobody(t, link);
      socket.sendTo(bytes('refused'), address);
      const message = await queued(t, socket);
      equal(text(message.data), 'refused');
      ok(message.address.equals(address), message.address.toString());
      const found = only(message.control, 'error');
      deepEqual(
        [found.error.code, found.origin, found.icmpType, found.icmpCode, found.offender],
        ['ECONNREFUSED', origin, ...unreachable, host],
      );
    },
  })),
  {
    name: 'setTimestamping: the error queue holds the time when each packet was sent, by its id',
    methods: ['setTimestamping', 'send', 'recvmsg'],
    needs: [...needsQueue, 'setTimestamping'],
    async run(t) {
      const [socket] = t.connectedPair('udp4');
      socket.setTimestamping(TIMES);
      for (const number of [0, 1]) {
        socket.send(bytes('x'));
        const { control } = await queued(t, socket);
        const { origin, data } = only(control, 'error');
        deepEqual([origin, data], ['timestamping', number]);
        ok((only(control, 'timestamping').software ?? 0n) > 0n, 'a time');
      }
    },
  },
  {
    name: 'setZerocopy: the error queue reports which sends no longer use the memory',
    methods: ['setZerocopy', 'zerocopy', 'sendWithFlags', 'recvmsg'],
    needs: [...needsQueue, 'setZerocopy', 'MSG_ZEROCOPY'],
    async run(t) {
      const [socket, peer] = t.connectedPair('tcp4');
      socket.setZerocopy(true);
      const data = new Uint8Array(20_000).fill(7);
      for (const number of [0, 1]) {
        equal(socket.sendWithFlags(data, t.flag('ZEROCOPY')), data.length);
        equal(t.recvAll(peer, data.length).length, data.length);
        const {
          error,
          origin,
          info,
          data: last,
        } = only((await queued(t, socket)).control, 'error');
        // The range of sends that are complete, first to last.
        deepEqual([error.code, origin, info, last], ['OK', 'zerocopy', number, number]);
      }
    },
  },
  {
    name: 'setTxtime lets a datagram carry its transmit time; without it that is refused',
    methods: ['setTxtime', 'txtime', 'sendmsg'],
    needs: [...needsControl, 'setTxtime'],
    run(t) {
      const [socket, peer] = t.connectedPair('udp4');
      const control = [{ level: SOL_SOCKET, type: SCM_TXTIME, data: new Uint8Array(8) }];
      throwsCode('EINVAL', () => socket.sendmsg({ buffers: [bytes('x')], control }));
      socket.setTxtime({ clock: 'monotonic' });
      socket.sendmsg({ buffers: [bytes('timed')], control });
      equal(text(received(peer).data), 'timed');
    },
  },
];
