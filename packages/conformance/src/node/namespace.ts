import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Domain, type OwnedFd, type Protocol, type Socket, Type } from '@sock/core';
import { fail } from '../assert.js';
import { bytes, text } from '../bytes.js';
import type { Context } from '../context.js';
import { imports, type NodeBackend } from './program.js';

/** Longer than a process takes to start, in milliseconds. */
const START = 30_000;

/** Makes sockets where it runs and sends them to whoever asks, until nobody is left to ask. */
const SOCKET_SERVER = `
  const channel = Socket.fromRawFd(3);
  channel.send(new TextEncoder().encode('ready'));
  const buffer = new Uint8Array(256);
  for (;;) {
    const length = channel.recv(buffer);
    if (length === 0) break;
    try {
      const made = new Socket(...JSON.parse(new TextDecoder().decode(buffer.subarray(0, length))));
      channel.sendmsg({ buffers: [Uint8Array.of(1)], control: [{ kind: 'rights', fds: [made] }] });
      made.close();
    } catch (error) {
      channel.send(new TextEncoder().encode(error.code));
    }
  }
`;

/**
 * A network namespace. A process of its own holds it and makes sockets in it, which this process
 * uses like any other. It ends, and with it all there is in the namespace, when its case does, or this process.
 */
export class Namespace {
  readonly #t: Context;
  readonly #channel: Socket;
  readonly #holder: ChildProcess;

  constructor(t: Context, backend: NodeBackend) {
    this.#t = t;
    const [channel, other] = t.Socket.pair(Domain.UNIX, Type.SEQPACKET);
    this.#channel = t.track(channel);
    this.#channel.setReadTimeout(START);
    const program = ['--input-type=module', '--eval', imports(backend) + SOCKET_SERVER];
    this.#holder = spawn('unshare', ['--net', process.execPath, ...program], {
      stdio: ['ignore', 'ignore', 'inherit', other.asRawFd()],
    });
    other.close();
    // Its end is awaited: the signal that tells it would interrupt the next case's calls.
    const ended = once(this.#holder, 'exit');
    t.finally(() => ended);
    this.#answer('ready');
    this.run('ip', 'link', 'set', 'lo', 'up');
  }

  /** The process that holds it, by whose number `ip` knows it. */
  get process(): number {
    return this.#holder.pid ?? fail('the namespace has no process');
  }

  /** A socket in the namespace, closed when the case ends. */
  open(domain: Domain, type: Type, protocol: Protocol | null = null): Socket {
    this.#channel.send(bytes(JSON.stringify([domain, type, protocol])));
    const [fd] = this.#answer('');
    if (fd === undefined) return fail('a socket without a descriptor arrived');
    return this.#t.track(fd.intoSocket());
  }

  #answer(expected: string): readonly OwnedFd<Socket>[] {
    const buffer = new Uint8Array(64);
    const { length, control } = this.#channel.recvmsg({ buffers: [buffer], control: 64 });
    const [message] = control;
    if (message?.kind === 'rights') return message.fds;
    const said = text(buffer, length);
    if (said !== expected) fail(`the process of the namespace says '${said}'`);
    return [];
  }

  /** Runs a command in the namespace, and returns what it writes. */
  run(...command: readonly string[]): string {
    return this.#execute(command, undefined);
  }

  /** Runs a command that reads `input`. */
  feed(input: string, ...command: readonly string[]): string {
    return this.#execute(command, input);
  }

  #execute(command: readonly string[], input: string | undefined): string {
    return execFileSync('nsenter', [`--net=/proc/${this.process}/ns/net`, '--', ...command], {
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(input === undefined ? {} : { input }),
    });
  }
}

/** The interface by which {@link wired} namespaces reach each other. */
export const WIRE = 'wire';

/** One end of the wire. */
export interface End {
  readonly namespace: Namespace;
  readonly v4: string;
  readonly v6: string;
}

/** Two namespaces joined by a pair of virtual Ethernet devices: two hosts on one wire. */
export function wired(t: Context, backend: NodeBackend): readonly [End, End] {
  const ends = [1, 2].map((number) => ({
    namespace: new Namespace(t, backend),
    v4: `10.83.0.${number}`,
    v6: `fd53::${number}`,
  })) as [End, End];
  const [one, other] = ends;
  const peer = ['peer', 'name', WIRE, 'netns', String(other.namespace.process)];
  one.namespace.run('ip', 'link', 'add', WIRE, 'type', 'veth', ...peer);
  for (const { namespace, v4, v6 } of ends) {
    const commands = [
      `address add ${v4}/24 dev ${WIRE}`,
      // No waiting for duplicate address detection.
      `address add ${v6}/64 dev ${WIRE} nodad`,
      `link set ${WIRE} up`,
    ];
    namespace.feed(commands.join('\n'), 'ip', '-batch', '-');
  }
  return ends;
}
