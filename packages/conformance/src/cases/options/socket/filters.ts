/** Packet filters: which packets they drop. */
import { assembleFilter, type Socket } from '@sock/core';
import { equal, throwsCode } from '../../../assert.js';
import { bytes, text } from '../../../bytes.js';
import type { Case } from '../../../case.js';

const UDP = 17;
const ARRIVAL = 5000;

function hears(socket: Socket, word: string): void {
  socket.setReadTimeout(ARRIVAL);
  const buffer = new Uint8Array(16);
  equal(text(buffer, socket.recv(buffer)), word);
}

export const filters: readonly Case[] = [
  {
    name: 'attachFilter drops the packets that the program refuses, until it is detached',
    methods: ['attachFilter', 'detachFilter'],
    observes: ['attachFilter', 'detachFilter'],
    needs: ['attachFilter', 'detachFilter', 'setReadTimeout'],
    run(t) {
      const [receiver, wanted, unwanted] = [t.bound('udp4'), t.bound('udp4'), t.bound('udp4')];
      const to = receiver.localAddr();
      const { port } = wanted.localAddr();
      receiver.attachFilter(assembleFilter({ protocol: UDP, host: '127.0.0.1', port }));
      unwanted.sendTo(bytes('no'), to);
      wanted.sendTo(bytes('yes'), to);
      hears(receiver, 'yes');
      equal(receiver.tryRecv(new Uint8Array(4)), undefined);
      receiver.detachFilter();
      unwanted.sendTo(bytes('now'), to);
      hears(receiver, 'now');
    },
  },
  {
    name: 'a filter cuts the packets that it accepts to the length that it returns',
    methods: ['attachFilter'],
    observes: ['attachFilter'],
    needs: ['attachFilter', 'setReadTimeout'],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      // BPF_RET: the eight bytes of the UDP header and three more.
      other.attachFilter([{ code: 0x06, k: 11 }]);
      one.send(bytes('abcdef'));
      hears(other, 'abc');
    },
  },
  {
    name: 'setLockFilter(true): the filter cannot be detached',
    methods: ['setLockFilter', 'lockFilter', 'attachFilter', 'detachFilter'],
    observes: ['attachFilter', 'detachFilter'],
    needs: ['attachFilter', 'detachFilter', 'setLockFilter'],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      // BPF_RET: drop everything.
      other.attachFilter([{ code: 0x06, k: 0 }]);
      other.setLockFilter(true);
      equal(other.lockFilter(), true);
      throwsCode('EPERM', () => other.detachFilter());
      throwsCode('EPERM', () => other.attachFilter([{ code: 0x06, k: 100 }]));
      throwsCode('EPERM', () => other.setLockFilter(false));
      one.send(bytes('x'));
      equal(other.tryRecv(new Uint8Array(4)), undefined);
    },
  },
];
