import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Domain, type OwnedFd, type Protocol, type Socket, Type } from '@sock/core';
import { fail, ok } from '../assert.js';
import { bytes, text } from '../bytes.js';
import type { Context } from '../context.js';
import { imports, type NodeBackend } from './program.js';

/** Longer than a process takes to start, in milliseconds. */
const START = 30_000;
/** How often to look whether the wire is up. One look takes some milliseconds. */
const ATTEMPTS = 1000;

/** A program that makes sockets on request and sends them back, until the channel is closed. */
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
 * A network namespace. A separate process holds it and makes sockets in it, which this process uses
 * like any other. The namespace ends with its case, or with this process.
 */
export class Namespace {
  readonly #t: Context;
  readonly #channel: Socket;
  readonly #holder: ChildProcess;
  #ready = false;

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
    // Wait for its exit: SIGCHLD would interrupt the calls of the next case.
    const ended = once(this.#holder, 'exit');
    t.finally(() => ended);
  }

  /** The id of the process that holds it. `ip` identifies the namespace by it. */
  get process(): number {
    // Until it is ready, the process is still in the namespace of this process.
    if (!this.#ready) {
      this.#ready = true;
      this.#answer('ready');
      this.run('ip', 'link', 'set', 'lo', 'up');
    }
    return this.#holder.pid ?? fail('the namespace has no process');
  }

  /** A socket in the namespace, closed when the case ends. */
  open(domain: Domain, type: Type, protocol: Protocol | null = null): Socket {
    ok(this.process > 0, 'the namespace is there');
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

  /** Runs a command in the namespace, and returns its output. */
  run(...command: readonly string[]): string {
    return this.#execute(command, undefined);
  }

  /** Runs a command in the namespace with `input` on its stdin. */
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
  /** The index of {@link WIRE}; that of the loopback interface is {@link LOOPBACK_INDEX}. */
  readonly index: number;
}

/** The index of the loopback interface in every namespace. */
export const LOOPBACK_INDEX = 1;

/** Two namespaces joined by a pair of virtual Ethernet devices: two hosts on one wire. */
export function wired(t: Context, backend: NodeBackend): readonly [End, End] {
  const [one, other] = [new Namespace(t, backend), new Namespace(t, backend)];
  const peer = ['peer', 'name', WIRE, 'netns', String(other.process)];
  one.run('ip', 'link', 'add', WIRE, 'type', 'veth', ...peer);
  const ends = [addressed(one, 1), addressed(other, 2)] as const;
  return [
    { ...ends[0], index: whenUp(one) },
    { ...ends[1], index: whenUp(other) },
  ];
}

/** Gives an end its addresses. */
function addressed(namespace: Namespace, number: number): Omit<End, 'index'> {
  const [v4, v6] = [`10.83.0.${number}`, `fd53::${number}`];
  const commands = [
    `address add ${v4}/24 dev ${WIRE}`,
    // `nodad`: do not wait for duplicate address detection.
    `address add ${v6}/64 dev ${WIRE} nodad`,
    `link set ${WIRE} up`,
    // The loopback interface has no route for multicast groups by default.
    'route add multicast ff00::/8 dev lo table local',
  ];
  namespace.feed(commands.join('\n'), 'ip', '-batch', '-');
  return { namespace, v4, v6 };
}

/** Waits until the wire carries packets, some time after both ends are up. Returns the interface's index. */
function whenUp(namespace: Namespace): number {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const shown = namespace.run('ip', '-oneline', 'link', 'show', WIRE);
    if (shown.includes('state UP')) return Number.parseInt(shown, 10);
  }
  return fail('the wire does not come up');
}
