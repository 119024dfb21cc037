import { equal, throwsCode } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import { urgent } from '../../urgent.js';

const needs = ['sendOutOfBand', 'recvOutOfBand', 'outOfBandInline', 'MSG_OOB'];
export const outOfBand: readonly Case[] = [
  {
    name: 'recvOutOfBand receives the byte that sendOutOfBand sent, separate from the stream',
    socket2Docs:
      'Receives out-of-band (OOB) data on the socket from the remote address to which it is connected by setting the MSG_OOB flag for this call.',
    methods: ['sendOutOfBand', 'recvOutOfBand', 'recv'],
    observes: ['sendOutOfBand', 'recvOutOfBand'],
    needs,
    async run(t) {
      const [one, other] = t.connectedPair();
      one.send(bytes('before'));
      equal(one.sendOutOfBand(bytes('!')), 1);
      one.send(bytes('after'));
      const buffer = new Uint8Array(16);
      equal(await urgent(other, () => other.recvOutOfBand(buffer)), 1);
      equal(text(buffer, 1), '!');
      equal(text(t.recvAll(other, 11)), 'beforeafter');
    },
  },
  {
    name: 'the last byte sent out of band is the urgent one',
    socket2Docs:
      'Sends out-of-band (OOB) data on the socket to connected peer by setting the MSG_OOB flag for this call.',
    methods: ['sendOutOfBand', 'recvOutOfBand'],
    needs,
    async run(t) {
      const [one, other] = t.connectedPair();
      equal(one.sendOutOfBand(bytes('abc')), 3);
      const buffer = new Uint8Array(8);
      equal(await urgent(other, () => other.recvOutOfBand(buffer)), 1);
      equal(text(buffer, 1), 'c');
      equal(text(t.recvAll(other, 2)), 'ab');
    },
  },
  {
    name: 'setOutOfBandInline(true) places out-of-band data into the stream',
    socket2Docs:
      'If this option is enabled, out-of-band data is directly placed into the receive data stream.',
    methods: ['setOutOfBandInline', 'outOfBandInline', 'sendOutOfBand', 'recvOutOfBand', 'recv'],
    observes: ['setOutOfBandInline', 'outOfBandInline'],
    needs,
    run(t) {
      const [one, other] = t.connectedPair();
      other.setOutOfBandInline(true);
      equal(other.outOfBandInline(), true);
      one.send(bytes('ab'));
      one.sendOutOfBand(bytes('!'));
      one.send(bytes('cd'));
      equal(text(t.recvAll(other, 5)), 'ab!cd');
      throwsCode('EINVAL', () => other.recvOutOfBand(new Uint8Array(1)));
    },
  },
  {
    name: 'without setOutOfBandInline out-of-band data is passed only with MSG_OOB',
    socket2Docs:
      'Otherwise, out-of-band data is passed only when the MSG_OOB flag is set during receiving.',
    methods: ['recvWithFlags', 'sendWithFlags', 'outOfBandInline'],
    needs,
    async run(t) {
      const [one, other] = t.connectedPair();
      equal(other.outOfBandInline(), false);
      one.send(bytes('ab'));
      one.sendWithFlags(bytes('!'), t.flag('OOB'));
      const buffer = new Uint8Array(4);
      equal(other.recv(buffer), 2, 'the stream up to the urgent byte');
      equal(await urgent(other, () => other.recvWithFlags(buffer, t.flag('OOB'))), 1);
      equal(text(buffer, 1), '!');
      one.send(bytes('cd'));
      equal(text(t.recvAll(other, 2)), 'cd', 'the stream continues without the byte');
    },
  },
  {
    name: 'RecvFlags shows that data was received out of band',
    methods: ['recvVectoredWithFlags', 'sendOutOfBand'],
    observes: ['RecvFlags.isOutOfBand'],
    needs: [...needs, 'recvVectoredWithFlags'],
    async run(t) {
      const [one, other] = t.connectedPair();
      one.sendOutOfBand(bytes('!'));
      let isOutOfBand = false;
      await urgent(other, () => {
        const [length, flags] = other.recvVectoredWithFlags([new Uint8Array(4)], t.flag('OOB'));
        ({ isOutOfBand } = flags);
        return length;
      });
      equal(isOutOfBand, true);
    },
  },
  {
    name: 'recvOutOfBand throws EINVAL if there is no out-of-band data',
    methods: ['recvOutOfBand'],
    needs,
    run(t) {
      const [, other] = t.connectedPair();
      throwsCode('EINVAL', () => other.recvOutOfBand(new Uint8Array(1)));
    },
  },
];
