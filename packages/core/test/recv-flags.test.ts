import { expect, test } from 'vitest';
import { RecvFlags } from '../src/index.js';

const flags = {
  isTruncated: 'MSG_TRUNC',
  isControlTruncated: 'MSG_CTRUNC',
  isEndOfRecord: 'MSG_EOR',
  isOutOfBand: 'MSG_OOB',
  isConfirm: 'MSG_CONFIRM',
  isDontroute: 'MSG_DONTROUTE',
} as const;
const names = Object.keys(flags) as (keyof typeof flags)[];
const numbers = Object.fromEntries(names.map((name, bit) => [flags[name], 1 << bit]));

test('each flag is read by the number of its system and by no other', () => {
  for (const [bit, name] of names.entries()) {
    const received = new RecvFlags(numbers, 1 << bit);
    expect(received.value).toBe(1 << bit);
    for (const other of names) expect(received[other], `${other} of ${name}`).toBe(other === name);
    const all = new RecvFlags(numbers, (1 << names.length) - 1 - (1 << bit));
    for (const other of names) expect(all[other], `${other} without ${name}`).toBe(other !== name);
  }
});

test('a flag without a number on the system is never set', () => {
  const received = new RecvFlags({}, -1);
  for (const name of names) expect(received[name]).toBe(false);
});
