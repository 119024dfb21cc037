/** How much a socket may hold, and how fast it may send. */
import { equal, ok } from '../../../assert.js';
import type { Case } from '../../../case.js';
import { lacksAdmin } from '../../../privilege.js';

/** More than any system allows without privilege, in bytes. */
const HUGE = 256 * 1024 * 1024;

export const ratesAndRoom: readonly Case[] = [
  {
    name: 'setRecvBufferSizeForce and setSendBufferSizeForce go beyond the limit of the system',
    methods: ['setRecvBufferSizeForce', 'setSendBufferSizeForce', 'meminfo'],
    needs: ['setRecvBufferSizeForce', 'setSendBufferSizeForce', 'meminfo'],
    lacks: lacksAdmin,
    run(t) {
      const socket = t.socket('udp4');
      socket.setRecvBufferSize(HUGE);
      socket.setSendBufferSize(HUGE);
      const limited = socket.meminfo();
      socket.setRecvBufferSizeForce(HUGE);
      socket.setSendBufferSizeForce(HUGE);
      const forced = socket.meminfo();
      ok(forced.receiveBuffer > limited.receiveBuffer, `${limited.receiveBuffer} to receive`);
      ok(forced.sendBuffer > limited.sendBuffer, `${limited.sendBuffer} to send`);
      // The system counts its own administration too: twice what was asked for.
      equal(forced.receiveBuffer, 2 * HUGE);
      equal(forced.sendBuffer, 2 * HUGE);
    },
  },
  {
    name: 'setMaxPacingRate bounds the rate that the connection sends at, as tcpInfo tells',
    methods: ['setMaxPacingRate', 'maxPacingRate', 'tcpInfo'],
    needs: ['setMaxPacingRate', 'tcpInfo'],
    run(t) {
      const RATE = 1_000_000;
      const [one, other] = t.connectedPair();
      equal(one.tcpInfo().maxPacingRate, Infinity, 'the bound at first');
      one.setMaxPacingRate(BigInt(RATE));
      equal(one.maxPacingRate(), BigInt(RATE));
      one.send(new Uint8Array(1000));
      equal(t.recvAll(other, 1000).length, 1000);
      const { pacingRate = Infinity, maxPacingRate } = one.tcpInfo();
      equal(maxPacingRate, RATE);
      ok(pacingRate <= RATE, `${pacingRate} bytes a second`);
    },
  },
];
