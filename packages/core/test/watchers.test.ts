/** Who waits for which handle. */
import { expect, test } from 'vitest';
import { Readiness, Watchers } from '../src/index.js';

const { READABLE, WRITABLE, HANGUP, ERROR, CLOSED } = Readiness;

/** A callback that notes what it was called with. */
function noting(): { (readiness: number): void; readonly seen: number[] } {
  const seen: number[] = [];
  return Object.assign((readiness: number) => void seen.push(readiness), { seen });
}

const kept = (): number => 0;

test('one that waits is called once, and the handle is waited for no more', () => {
  const watchers = new Watchers();
  const one = noting();
  expect(watchers.notify(5, READABLE, kept)).toBe(false);
  expect(watchers.set(5, READABLE, one)).toBe(READABLE);
  expect([watchers.size, watchers.has(5), watchers.handles()]).toEqual([1, true, [5]]);
  expect(watchers.notify(5, WRITABLE, kept)).toBe(true);
  expect(one.seen).toEqual([]);
  expect(watchers.notify(5, READABLE, kept)).toBe(true);
  expect(one.seen).toEqual([READABLE]);
  expect([watchers.size, watchers.has(5), watchers.handles()]).toEqual([0, false, []]);
  expect(watchers.notify(5, READABLE, kept)).toBe(false);
  expect(watchers.set(5, WRITABLE, one)).toBe(WRITABLE);
  expect(watchers.size).toBe(1);
});

test('several on a handle end each by itself, and the others are armed again', () => {
  const watchers = new Watchers();
  const [one, two, three] = [noting(), noting(), noting()];
  const armed: [number, number][] = [];
  const rearm = (interest: number, handle: number): number => {
    armed.push([interest, handle]);
    return 0;
  };
  expect(watchers.set(5, READABLE, one)).toBe(READABLE);
  expect(watchers.set(5, WRITABLE, two)).toBe(READABLE | WRITABLE);
  expect(watchers.set(5, READABLE, three)).toBe(READABLE | WRITABLE);
  expect(watchers.size).toBe(1);
  expect(watchers.notify(5, READABLE, rearm)).toBe(true);
  expect([one.seen, two.seen, three.seen]).toEqual([[READABLE], [], [READABLE]]);
  expect(armed).toEqual([[WRITABLE, 5]]);
  expect(watchers.interest(5)).toBe(WRITABLE);
  watchers.notify(5, ERROR, rearm);
  expect(two.seen).toEqual([ERROR]);
  expect(watchers.size).toBe(0);
});

test('those that could not be armed again end too', () => {
  const watchers = new Watchers();
  const [one, two] = [noting(), noting()];
  watchers.set(5, READABLE, one);
  watchers.set(5, WRITABLE, two);
  watchers.notify(5, READABLE, () => -9);
  expect([one.seen, two.seen]).toEqual([[READABLE], [READABLE]]);
  expect([watchers.size, watchers.has(5)]).toEqual([0, false]);
});

test('the same callback again replaces its wait, and interest 0 ends it', () => {
  const watchers = new Watchers();
  const [one, two] = [noting(), noting()];
  watchers.set(5, READABLE, one);
  expect(watchers.set(5, WRITABLE, one)).toBe(WRITABLE);
  watchers.set(5, READABLE, two);
  expect(watchers.set(5, 0, one)).toBe(READABLE);
  expect(watchers.set(5, 0, one)).toBe(READABLE);
  expect(watchers.set(5, 0, two)).toBe(0);
  expect(watchers.set(7, 0, two)).toBe(0);
  expect([watchers.size, watchers.handles()]).toEqual([0, []]);
});

test('a hang-up that was not waited for by a reader lets writers try', () => {
  const watchers = new Watchers();
  const one = noting();
  watchers.set(5, WRITABLE, one);
  watchers.notify(5, HANGUP, kept);
  expect(one.seen).toEqual([HANGUP | WRITABLE]);
});

test('one that waits again while it is called is not called twice', () => {
  const watchers = new Watchers();
  let calls = 0;
  const again = (): void => {
    calls++;
    watchers.set(5, READABLE, again);
  };
  watchers.set(5, READABLE, again);
  watchers.notify(5, READABLE, kept);
  expect([calls, watchers.size]).toEqual([1, 1]);
});

test('closing ends every wait, later, and forgets what the driver noted', async () => {
  const watchers = new Watchers();
  const [one, two] = [noting(), noting()];
  watchers.set(5, READABLE, one);
  watchers.set(5, WRITABLE, two);
  const waited = watchers.of(5);
  if (waited === undefined) throw new Error('nobody waits');
  waited.note = 3;
  watchers.close(5);
  expect([one.seen, watchers.size, watchers.of(5)]).toEqual([[], 0, undefined]);
  await Promise.resolve();
  await Promise.resolve();
  expect([one.seen, two.seen]).toEqual([[ERROR | HANGUP | CLOSED], [ERROR | HANGUP | CLOSED]]);
  watchers.set(5, READABLE, one);
  expect(watchers.of(5)?.note).toBe(0);
});

test('handles may be large numbers', () => {
  const watchers = new Watchers();
  const one = noting();
  watchers.set(0x7fff_fff0, READABLE, one);
  expect(watchers.handles()).toEqual([0x7fff_fff0]);
  watchers.notify(0x7fff_fff0, READABLE, kept);
  expect(one.seen).toEqual([READABLE]);
});
