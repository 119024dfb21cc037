/**
 * Receives syslog messages on a unix datagram socket, and shows each with the process that sent it.
 *
 *   node --import tsx examples/unix-datagram/log-receiver.ts /tmp/log
 */
import { Command } from 'commander';
import { printable } from '../printable.js';
import { receive } from './receiver.js';
import { parse } from './syslog.js';

const program = new Command('log-receiver.ts')
  .description('Shows the log messages that come to a socket, until Ctrl-C.')
  .argument('<path>', 'where to make the socket')
  .parse();
const [path] = program.args as [string];

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
try {
  const messages = receive(path, stop.signal);
  console.log(`log: receiving on ${path}`);
  for await (const { text, pid, uid } of messages) {
    const message = parse(text.trimEnd());
    const sent = `${message.time} ${message.priority} ${message.tag}: ${message.text}`;
    console.log(`${printable(sent)}  (${message.form}, process ${pid} of user ${uid})`);
  }
} catch (error) {
  console.error(`log: ${(error as Error).message}`);
  process.exitCode = 1;
}
