/**
 * Does what systemd does for a service of Type=notify: starts it with NOTIFY_SOCKET in its environment, and shows the
 * states that it reports.
 *
 *   node --import tsx examples/unix-datagram/supervise.ts node --import tsx examples/unix-datagram/service.ts
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { printable } from '../printable.js';
import { receive } from './receiver.js';

const program = new Command('supervise.ts')
  .description('Runs a service and shows what it reports by sd_notify(3). Ctrl-C ends both.')
  .argument('<command...>', 'the service, which gets NOTIFY_SOCKET')
  .passThroughOptions()
  .parse();
const [file, ...args] = program.args as [string, ...string[]];

const directory = mkdtempSync(join(tmpdir(), 'supervise-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
const path = join(directory, 'notify');
const stop = new AbortController();
const states = receive(path, stop.signal);
const service = spawn(file, args, {
  stdio: ['ignore', 'inherit', 'inherit'],
  // The service gets its own process group: the supervisor receives Ctrl-C and passes it on.
  detached: true,
  env: { ...process.env, NOTIFY_SOCKET: path },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => service.kill(signal));
const ended = once(service, 'close').finally(() => stop.abort());

for await (const { text, pid } of states) {
  for (const line of text.split('\n').filter((state) => state !== '')) {
    console.log(`process ${pid}: ${printable(line)}`);
  }
}
const [status, signal] = (await ended.catch((error: Error) => [error.message])) as [
  unknown,
  unknown,
];
console.log(`service ended: ${signal ?? status}`);
