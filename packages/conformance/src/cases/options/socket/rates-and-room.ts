/** How much a socket buffers, and how fast it sends. */
import { equal, ok } from '../../../assert.js';
import type { Case } from '../../../case.js';
import { lacksAdmin } from '../../../privilege.js';

/** Bytes: more than any system allows without privilege. */
const HUGE = 256 * 1024 * 1024;

export const ratesAndRoom: readonly Case[] = [
  {
    name: 'setRecvBufferSizeForce and setSendBufferSizeForce exceed the limit of the system',
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
      // The system counts its own overhead too: it doubles the value.
      equal(forced.receiveBuffer, 2 * HUGE);
      equal(forced.sendBuffer, 2 * HUGE);
    },
  },
  {
    name: 'setMaxPacingRate bounds the sending rate, as tcpInfo shows',
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
