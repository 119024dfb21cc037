/**
 * logger(1): sends a message to the system's log, as one datagram over a unix socket.
 *
 *   node --import tsx examples/unix-datagram/logger.ts --priority daemon.warning 'disk is full'
 */
import { hostname } from 'node:os';
import { Domain, SockAddr, type SockError, Socket, Type } from '@sock/native';
import { Command, Option } from 'commander';
import { formatRfc3164, formatRfc5424 } from './syslog.js';

const program = new Command('logger.ts')
  .description("Sends a message to the system's log.")
  .argument('<text...>', 'the message')
  .option('-p, --priority <facility.severity>', 'facility and severity', 'user.notice')
  .option('-t, --tag <name>', "the program's name", 'logger')
  .option('-u, --socket <path>', 'where the log is received', '/dev/log')
  .addOption(new Option('--rfc <number>', 'the form').choices(['3164', '5424']).default('3164'))
  .parse();
const options = program.opts<{ priority: string; tag: string; socket: string; rfc: string }>();

const { priority, tag } = options;
try {
  const message = {
    priority,
    tag,
    time: new Date(),
    pid: process.pid,
    text: program.args.join(' '),
  };
  const line = options.rfc === '3164' ? formatRfc3164(message) : formatRfc5424(message, hostname());
  using socket = new Socket(Domain.UNIX, Type.DGRAM);
  // This send blocks while the receiver's queue is full.
  socket.sendTo(new TextEncoder().encode(line), SockAddr.unix(options.socket));
} catch (error) {
  const { code, message } = error as SockError;
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such socket',
    ECONNREFUSED: 'nobody receives there',
  };
  console.error(`logger: ${options.socket}: ${reasons[code] ?? message}`);
  process.exitCode = 1;
}
