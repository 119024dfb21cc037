import type { Socket } from '@sock/core';
import { within } from '../../../assert.js';
import { bytes } from '../../../bytes.js';
import type { Case } from '../../../case.js';
import { type Context, pause } from '../../../context.js';

/** Linux delays an acknowledgement by 40 ms unless it has data to send earlier. */
const DELAYED = 25;
const ROUNDS = 6;

/** The shortest and the longest time until two small writes in a row have arrived, in milliseconds. */
async function arrivals(
  t: Context,
  configure: (sender: Socket) => void,
): Promise<[number, number]> {
  const [sender, receiver] = t.connectedPair();
  configure(sender);
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    receiver.setTcpQuickack(false);
    const start = Date.now();
    sender.send(bytes('a'));
    sender.send(bytes('b'));
    t.recvAll(receiver, 2);
    times.push(Date.now() - start);
    // The acknowledgement of this round must not arrive in the next.
    await pause(60);
  }
  return [Math.min(...times), Math.max(...times)];
}

export const delay: readonly Case[] = [
  {
    name: 'setNodelay(true) sends segments at once, setNodelay(false) delays small ones',
    socket2Docs: [
      'If set, this option disables the Nagle algorithm.',
      'This means that segments are always sent as soon as possible, even if there is only a small amount of data.',
      'When not set, data is buffered until there is a sufficient amount to send out, thereby avoiding the frequent sending of small packets.',
    ],
    methods: ['setNodelay', 'send'],
    needs: ['setNodelay', 'setTcpQuickack'],
    async run(t) {
      const [soonest] = await arrivals(t, (sender) => sender.setNodelay(true));
      within(soonest, 0, DELAYED - 1, 'at best, without delay');
      const [, latest] = await arrivals(t, (sender) => sender.setNodelay(false));
      within(latest, DELAYED, 5000, 'at worst, with the Nagle algorithm');
    },
  },
];
