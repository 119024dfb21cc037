/** Objects that wait use no processor: measured over two seconds in a process of their own. */
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const program = new URL('fixtures/idle.mjs', import.meta.url).pathname;
const states = JSON.parse(
  execFileSync(process.execPath, [program], { encoding: 'utf8' }),
) as string[];

/** One percent of two seconds. */
const MOST = 20;

/** What each state emits: an error once, and not at every turn. */
const EVENTS: Record<string, string[]> = {
  'recvErrV4 and a refused datagram': ['error ECONNREFUSED'],
  'recvErrV4 without duplex': ['error ECONNREFUSED'],
  'recvErrV4 of a connected socket': ['error ECONNREFUSED'],
  'recvErrV6 and a refused datagram': ['error ECONNREFUSED'],
  'recvErrV4 of the drop-in': ['error ECONNREFUSED'],
  'a refused datagram without recvErrV4': ['error ECONNREFUSED'],
  'transmit timestamps of datagrams': ['errorQueue', 'message'],
};

describe('under 1 % of a processor', () => {
  test.concurrent.each(states)('%s', async (state) => {
    const { stdout } = await promisify(execFile)(process.execPath, [program, state]);
    const { milliseconds, events } = JSON.parse(stdout) as {
      milliseconds: number;
      events: string[];
    };
    expect(events.sort()).toEqual(EVENTS[state] ?? []);
    expect(milliseconds).toBeLessThan(MOST);
  });
});
