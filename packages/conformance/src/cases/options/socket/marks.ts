/** Metadata that packets carry inside the system, as a receiver on the same machine sees it. */
import { Domain, Type } from '@sock/core';
import { equal } from '../../../assert.js';
import { bytes } from '../../../bytes.js';
import type { Case } from '../../../case.js';
import { needsControl, rawNumber, received } from '../../../control.js';
import { attempted, lackOf, lacksAdmin } from '../../../privilege.js';

// Linux include/uapi/asm-generic/socket.h
const SOL_SOCKET = 1;
const SO_PRIORITY = 12;
const SO_MARK = 36;
/** Since Linux 6.14. */
const SO_RCVPRIORITY = 82;
const ON = Uint8Array.of(1, 0, 0, 0);

export const marks: readonly Case[] = [
  {
    name: 'setMark marks the packets sent: setRecvMark shows the mark to the receiver',
    methods: ['setMark', 'mark', 'setRecvMark', 'recvmsg'],
    observes: ['setMark', 'mark'],
    needs: [...needsControl, 'setMark', 'setRecvMark'],
    lacks: lacksAdmin,
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      other.setRecvMark(true);
      for (const mark of [0, 7, 0xfedcba98]) {
        one.setMark(mark);
        equal(one.mark(), mark);
        one.send(bytes('x'));
        equal(rawNumber(received(other).control, SOL_SOCKET, SO_MARK), mark);
      }
    },
  },
  {
    name: 'setPriority sets the priority of the packets sent: SO_RCVPRIORITY shows it to the receiver',
    methods: ['setPriority', 'priority', 'recvmsg'],
    observes: ['setPriority', 'priority'],
    needs: [...needsControl, 'setPriority', 'setsockoptRaw'],
    lacks: lackOf({ privilege: 'CAP_NET_RAW', feature: 'SO_RCVPRIORITY' }, ({ Socket: Class }) =>
      attempted(new Class(Domain.IPV4, Type.DGRAM), (socket) =>
        socket.setsockoptRaw(SOL_SOCKET, SO_RCVPRIORITY, ON),
      ),
    ),
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      other.setsockoptRaw(SOL_SOCKET, SO_RCVPRIORITY, ON);
      for (const priority of [0, 6, 3]) {
        one.setPriority(priority);
        equal(one.priority(), priority);
        one.send(bytes('x'));
        equal(rawNumber(received(other).control, SOL_SOCKET, SO_PRIORITY), priority);
      }
    },
  },
];
