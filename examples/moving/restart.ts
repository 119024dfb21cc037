/**
 * A restart that drops no connection: the old process gives its listener and every open connection to the new one,
 * each between two requests. Clients with keep-alive notice nothing. This program is the load: it keeps the
 * connections busy and counts the requests that fail.
 *
 *   node --import tsx examples/moving/restart.ts --connections 500
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import * as check from '../arguments.js';

const { connections } = new Command('restart.ts')
  .description('Restarts an HTTP server under load, and counts the requests that fail.')
  .option('--connections <count>', 'how many clients', check.whole(1, 10_000), 500)
  .parse()
  .opts<{ connections: number }>();

interface FromServer {
  readonly port?: number;
  readonly successor?: number;
}

const old = fork(fileURLToPath(new URL('restart-server.ts', import.meta.url)), ['first']);
const exit = once(old, 'exit');
const [{ port }] = (await once(old, 'message')) as [FromServer];

/** Never more connections than clients: a connection that is dropped would show as another one. */
const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
const answers = new Map<string, number>();
const opened = new Set<unknown>();
let failed = 0;
let restarted = false;

function ask(): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get({ port, host: '127.0.0.1', agent }, (response) => {
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (data: string) => (text += data));
      response.on('end', () => resolve(text));
      response.on('error', reject);
    });
    request.on('socket', (socket) => opened.add(socket));
    request.on('error', reject);
  });
}

/** Asks again and again, and 3 times more after the restart. */
async function client(): Promise<void> {
  for (let after = 0; after < 3; after += restarted ? 1 : 0) {
    try {
      const name = await ask();
      answers.set(name, (answers.get(name) ?? 0) + 1);
    } catch (error) {
      failed += 1;
      console.error(`restart: ${(error as Error).message}`);
    }
  }
}

const clients = Array.from({ length: connections }, client);
while (opened.size < connections) await delay(20);
const successor = new Promise<number>((resolve) => {
  old.on('message', ({ successor: pid }: FromServer) => {
    if (pid !== undefined) resolve(pid);
  });
});
old.send('restart');
const pid = await successor;
try {
  await exit;
  restarted = true;
  await Promise.all(clients);
} finally {
  process.kill(pid);
  agent.destroy();
}
const [before = 0, after = 0] = [answers.get('old'), answers.get('new')];
console.log(`${before} answers of the old process, ${after} of the new one`);
console.log(`${opened.size} connections opened, ${failed} failed requests`);
if (failed > 0 || after === 0 || opened.size !== connections) process.exitCode = 1;
