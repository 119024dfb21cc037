/** MsgHdr and MsgHdrMut: messages that are built part by part, as in socket2. */
import { MsgHdr, MsgHdrMut, type Socket } from '@sock/core';
import { deepEqual, equal, notEqual, ok, throwsCode } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import { needsControl, only } from '../../control.js';
import { urgent } from '../../urgent.js';

export const messageBuilders: readonly Case[] = [
  {
    name: 'MsgHdr and MsgHdrMut carry address, buffers and control messages',
    methods: ['sendmsg', 'recvmsg', 'setRecvTosV4'],
    observes: [
      'sendmsg',
      'recvmsg',
      ...['new', 'withAddr', 'withBuffers', 'withControl'].flatMap((name) => [
        `MsgHdr.${name}`,
        `MsgHdrMut.${name}`,
      ]),
      'MsgHdrMut.controlLen',
    ],
    needs: ['setRecvTosV4', ...needsControl],
    run(t) {
      const [sender, receiver] = [t.bound('udp4'), t.bound('udp4')];
      receiver.setRecvTosV4(true);
      receiver.setReadTimeout(5000);
      const sent = new MsgHdr()
        .withAddr(receiver.localAddr())
        .withBuffers([bytes('hel'), bytes('lo')])
        .withControl([{ kind: 'tos', value: 0x28 }]);
      equal(sender.sendmsg(sent), 5);
      const [head, tail] = [new Uint8Array(2), new Uint8Array(8)];
      const room = new MsgHdrMut<Socket>().withAddr().withBuffers([head, tail]).withControl(256);
      equal(receiver.recvmsg(room), 5);
      equal(text(head, 2) + text(tail, 3), 'hello');
      ok(room.address?.equals(sender.localAddr()) === true, String(room.address));
      equal(only(room.control, 'tos').value, 0x28);
      ok(room.controlLen() > 0 && room.controlLen() <= 256, `${room.controlLen()} bytes`);
      equal(room.flags().value, 0);
    },
  },
  {
    name: 'the flags of a MsgHdr are added to the flags of the call',
    methods: ['sendmsg', 'recvOutOfBand'],
    observes: ['MsgHdr.withFlags'],
    needs: ['sendmsg', 'recvOutOfBand', 'MSG_OOB'],
    async run(t) {
      const [one, other] = t.connectedPair();
      const message = new MsgHdr().withBuffers([bytes('!')]).withFlags(t.flag('OOB'));
      equal(one.sendmsg(message, t.flag('DONTWAIT')), 1);
      const buffer = new Uint8Array(1);
      equal(await urgent(other, () => other.recvOutOfBand(buffer)), 1);
      equal(text(buffer, 1), '!');
    },
  },
  {
    name: 'a MsgHdrMut reports truncation, and each receive fills it anew',
    methods: ['recvmsg', 'tryRecvmsg'],
    observes: ['MsgHdrMut.flags'],
    needs: needsControl,
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      other.setReadTimeout(5000);
      const buffer = new Uint8Array(4);
      const room = new MsgHdrMut().withBuffers([buffer]);
      deepEqual([room.flags().value, room.controlLen(), room.control.length], [0, 0, 0]);
      one.send(bytes('longer'));
      one.send(bytes('fits'));
      equal(other.recvmsg(room), 4);
      equal(room.flags().isTruncated, true);
      equal(room.address, undefined, 'which nobody asked for');
      equal(other.recvmsg(room), 4);
      deepEqual([text(buffer, 4), room.flags().isTruncated], ['fits', false]);
      equal(other.tryRecvmsg(room), undefined);
    },
  },
  {
    name: 'each with... method of a builder leaves the original unchanged',
    methods: [],
    run(t) {
      const address = t.bound('udp4').localAddr();
      const plain = new MsgHdr();
      const built = plain.withAddr(address).withFlags(1);
      deepEqual([plain.address, plain.flags, plain.buffers.length], [undefined, undefined, 0]);
      deepEqual([built.address?.equals(address), built.flags], [true, 1]);
      const empty = new MsgHdrMut();
      const room = empty.withBuffers([new Uint8Array(1)]);
      deepEqual([empty.buffers.length, room.buffers.length], [0, 1]);
      notEqual(room.withAddr(), room);
      throwsCode('ERR_OUT_OF_RANGE', () => empty.withControl(-1));
      throwsCode('ERR_OUT_OF_RANGE', () => empty.withControl(16_385));
      throwsCode('ERR_INVALID_ARG_TYPE', () => empty.withControl('16' as never));
      throwsCode('ERR_INVALID_ARG_TYPE', () => new MsgHdr(null as never));
    },
  },
];
