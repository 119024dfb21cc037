#!/usr/bin/env node
/** `sock-wasi`: runs a component, with what the network allows it on the command line. */
import { parseArgs } from 'node:util';
import type { Decision, PolicyInit } from '../policy/policy.js';
import { run } from './run.js';

const USAGE = `usage: sock-wasi run [OPTION]... FILE [ARGUMENT]...

Runs a command component of WASI 0.2. It may use no network but what these allow; each may be given more than once:
  --allow-tcp RULE      to connect to
  --allow-listen RULE   to listen on (TCP), and to bind to (UDP)
  --allow-udp RULE      to send datagrams to, and to be answered from
  --allow-lookup NAME   to look up: example.com, *.example.com, *
  --deny RULE           never, whatever is allowed: internal, private, metadata, ...
  --allow-all           everything that no --deny refuses
A RULE is ADDRESS[/BITS][:PORTS], NAME[:PORTS], WORD[:PORTS] or *[:PORTS]; PORTS are *, 80, 1024-65535 or a list of these
with commas; an IPv6 address with ports is in brackets. A WORD is loopback, link-local, private, metadata, multicast, or
internal, which is all of these.

  --env NAME=VALUE      a variable of the program's environment
  --dir FOLDER[::NAME]  a folder that the program may use, and what it is called there
  --cwd NAME            the folder that the program starts in, as it is called there
  --audit               writes each decision on the network to standard error
  --help
`;

class UsageError extends Error {}

function pair(text: string, separator: string, what: string): [string, string] {
  const at = text.indexOf(separator);
  if (at < 1) throw new UsageError(`${what} must be NAME${separator}VALUE, not '${text}'`);
  return [text.slice(0, at), text.slice(at + separator.length)];
}

/** Everything after the file is the program's. */
function split(args: readonly string[]): [own: string[], file: string | undefined, rest: string[]] {
  const flags = ['--audit', '--allow-all', '--help', '-h'];
  let at = 0;
  while (at < args.length && (args[at] as string).startsWith('-')) {
    const arg = args[at] as string;
    at += flags.includes(arg) || arg.includes('=') ? 1 : 2;
  }
  return [args.slice(0, at), args[at], args.slice(at + 1)];
}

function audit({ allowed, use, address, port, names = [], reason }: Decision): void {
  const where = address === undefined ? names.join(' ') : `${address} ${port}`;
  process.stderr.write(`${allowed ? 'allowed' : 'refused'} ${use} ${where} (${reason})\n`);
}

async function main(argv: readonly string[]): Promise<number> {
  const [command, ...args] = argv;
  if (command === undefined || command === '--help' || command === '-h') {
    process.stdout.write(USAGE);
    return command === undefined ? 2 : 0;
  }
  if (command !== 'run') throw new UsageError(`no command '${command}': there is run`);
  const [own, file, rest] = split(args);
  const multiple = { type: 'string', multiple: true, default: [] as string[] } as const;
  const { values } = parseArgs({
    args: own,
    options: {
      'allow-tcp': multiple,
      'allow-listen': multiple,
      'allow-udp': multiple,
      'allow-lookup': multiple,
      'allow-all': { type: 'boolean', default: false },
      deny: multiple,
      env: multiple,
      dir: multiple,
      cwd: { type: 'string' },
      audit: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (file === undefined) throw new UsageError('no FILE is given');
  const all = values['allow-all'] ? ['*'] : [];
  const policy: PolicyInit = {
    tcp: { connect: [...values['allow-tcp'], ...all], listen: [...values['allow-listen'], ...all] },
    udp: { send: [...values['allow-udp'], ...all], bind: [...values['allow-listen'], ...all] },
    lookup: [...values['allow-lookup'], ...all],
    deny: values.deny,
  };
  const preopens = values.dir.map((text) =>
    text.includes('::') ? (pair(text, '::', '--dir').reverse() as [string, string]) : [text, text],
  );
  return run(file, {
    policy,
    args: rest,
    env: Object.fromEntries(values.env.map((text) => pair(text, '=', '--env'))),
    preopens: Object.fromEntries(preopens),
    ...(values.cwd !== undefined && { cwd: values.cwd }),
    ...(values.audit && { onDecision: audit }),
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const { message, name, code } = error as NodeJS.ErrnoException;
  if (error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS')) {
    process.stderr.write(`sock-wasi: ${message}\n\n${USAGE}`);
    process.exitCode = 2;
  } else {
    const said = error instanceof WebAssembly.RuntimeError ? (error.stack ?? message) : message;
    process.stderr.write(`sock-wasi: ${name === 'Error' ? '' : `${name}: `}${said}\n`);
    // What a shell has for a program that a signal ended: SIGABRT.
    process.exitCode = error instanceof WebAssembly.RuntimeError ? 134 : 1;
  }
}
