/** A server that runs out of descriptors goes on when some are free again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';

const program = new URL('fixtures/shortage.mjs', import.meta.url).pathname;

test.each(['node', 'native'])(
  '%s: no error during EMFILE, and it serves afterwards',
  async (kind) => {
    const child = spawn(
      'sh',
      ['-c', 'ulimit -n 64; exec "$0" "$@"', process.execPath, program, kind],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const line = async (): Promise<string> => (await lines.next()).value as string;
    const port = Number(await line());
    const clients: net.Socket[] = [];
    const dial = (): net.Socket => {
      const client = net.connect(port, '127.0.0.1').on('error', () => undefined);
      clients.push(client);
      return client;
    };
    for (let count = 0; count < 80; count += 1) dial();
    await delay(500);
    child.stdin.write('look\n');
    const { during, milliseconds } = JSON.parse(await line()) as Record<string, number>;
    expect(during).toBeLessThan(64);
    expect(during).toBeGreaterThan(10);
    expect(milliseconds).toBeLessThan(50);
    for (const client of clients.splice(0)) client.destroy();
    await delay(300);
    const last = dial();
    await once(last, 'connect');
    await delay(300);
    child.stdin.write('end\n');
    const { after, errors } = JSON.parse(await line()) as { after: number; errors: string[] };
    expect(errors).toEqual([]);
    expect(after).toBeGreaterThan(0);
    last.destroy();
    await once(child, 'close');
  },
);
