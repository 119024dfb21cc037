/** Runs a server and a client as two processes, over a path between them, and collects their reports. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { NetworkNamespace } from '../network-namespace.js';
import { makeCertificate } from './certificate.js';
import type { EndInit, EndReport } from './end.js';
import type { RelayInit, RelayReport } from './relay.js';

export interface RunInit {
  readonly transport: EndInit['transport'];
  /** The address of the server: port 0. */
  readonly address: string;
  /** The IP address by which the client finds it, if not the same. */
  readonly target?: string;
  /** How much each end sends. */
  readonly bytes: number;
  /** Of so many datagrams, one is marked, or lost. 0: none. */
  readonly markOneOf: number;
  readonly loseOneOf: number;
  /** Between namespaces: the rate of the devices in Mbit/s. 0: no limit. */
  readonly rate: number;
  /** The bytes of the queue of a device with a rate. */
  readonly queue: number;
  /** SO_SNDBUF of both ends, in bytes. */
  readonly sendBuffer: number;
  /** Between namespaces: after so many milliseconds the MTU shrinks. 0: never. */
  readonly shrinkAfter: number;
}

export interface RunReport {
  readonly client: EndReport;
  readonly server: EndReport;
  readonly relay?: RelayReport;
}

type Command = readonly [string, ...string[]];

/** Starts a program of this folder. Its lines come one by one. */
class Program {
  readonly #child;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown[]>;

  constructor(file: string, init: object, around: (...command: string[]) => Command) {
    const path = fileURLToPath(new URL(file, import.meta.url));
    const own = [process.execPath, '--import', 'tsx', path, JSON.stringify(init)];
    const [name, ...args] = around(...own);
    this.#child = spawn(name, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
    this.#ended = once(this.#child, 'close');
  }

  /** The next line. Throws if the program ends before. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done !== true) return value;
    const [status, signal] = await this.#ended;
    throw new Error(`a program ended with ${signal ?? `status ${status}`}`);
  }

  endInput(): void {
    this.#child.stdin.end();
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

const here = (...command: string[]): Command => command as unknown as Command;

/** An exchange over the loopback interface, through a router of ours if it has to mark or lose datagrams. */
export async function exchange(init: RunInit): Promise<RunReport> {
  const programs: Program[] = [];
  const start = (file: string, of: EndInit | RelayInit): Program => {
    const program = new Program(file, of, here);
    programs.push(program);
    return program;
  };
  const { transport, bytes, address, sendBuffer, markOneOf, loseOneOf } = init;
  const { certificate, key } = makeCertificate();
  try {
    const server = start('end.ts', { transport, address, sendBuffer, certificate, key, bytes });
    let target = await server.line();
    if (init.target !== undefined)
      target = `${init.target}${target.slice(target.lastIndexOf(':'))}`;
    let relay: Program | undefined;
    if (markOneOf > 0 || loseOneOf > 0) {
      relay = start('relay.ts', { server: target, markOneOf, loseOneOf });
      target = await relay.line();
    }
    const client = start('end.ts', { transport, address: target, sendBuffer, certificate, bytes });
    const reports = await Promise.all([client.line(), server.line()]);
    const [ofClient, ofServer] = reports.map((line) => JSON.parse(line) as EndReport);
    const report = { client: ofClient as EndReport, server: ofServer as EndReport };
    if (relay === undefined) return report;
    relay.endInput();
    return { ...report, relay: JSON.parse(await relay.line()) as RelayReport };
  } finally {
    for (const program of programs) program.kill();
  }
}

/** The largest packet between the namespaces, first and after it shrank. QUIC needs 1228. */
const MTU = 1400;
const SMALLER_MTU = 1280;

/**
 * An exchange between two network namespaces. The kernel's packet filter marks and loses packets as they arrive, the
 * devices take no packets that they would have to cut, and the MTU is smaller than Ethernet's.
 * @returns the reason if the system does not allow it
 */
export async function exchangeInNamespaces(init: RunInit): Promise<RunReport | string> {
  const obstacle = NetworkNamespace.obstacle();
  if (obstacle !== undefined) return obstacle;
  const left = await NetworkNamespace.make();
  const right = await NetworkNamespace.make(left);
  const programs: Program[] = [];
  let shrinking: NodeJS.Timeout | undefined;
  try {
    NetworkNamespace.join([left, 'eth0', '10.0.0.1/24'], [right, 'eth0', '10.0.0.2/24']);
    for (const namespace of [left, right]) {
      namespace.ip('link', 'set', 'eth0', 'mtu', String(MTU), 'gso_max_segs', '1');
      if (init.rate > 0) namespace.run('tc', ...limited(init));
      if (init.markOneOf > 0 || init.loseOneOf > 0) {
        try {
          namespace.run('nft', 'add table ip path');
        } catch {
          return 'there is no nft(8), or the kernel has no packet filter';
        }
        namespace.run('nft', rules(init));
      }
    }
    const { transport, bytes, sendBuffer } = init;
    const { certificate, key } = makeCertificate();
    const start = (namespace: NetworkNamespace, of: EndInit): Program => {
      const program = new Program('end.ts', of, (...own) => namespace.command(...own));
      programs.push(program);
      return program;
    };
    const server = start(left, {
      transport,
      address: '10.0.0.1:0',
      sendBuffer,
      certificate,
      key,
      bytes,
    });
    const address = await server.line();
    const client = start(right, { transport, address, sendBuffer, certificate, bytes });
    if (init.shrinkAfter > 0) {
      shrinking = setTimeout(() => {
        for (const namespace of [left, right]) {
          namespace.ip('link', 'set', 'eth0', 'mtu', String(SMALLER_MTU));
        }
      }, init.shrinkAfter);
    }
    const reports = await Promise.all([client.line(), server.line()]);
    const [ofClient, ofServer] = reports.map((line) => JSON.parse(line) as EndReport);
    return { client: ofClient as EndReport, server: ofServer as EndReport };
  } finally {
    clearTimeout(shrinking);
    for (const program of programs) program.kill();
    right.close();
    left.close();
  }
}

/** The arguments of tc(8) for a device that sends no faster. When its queue is full, it refuses: ENOBUFS. */
function limited({ rate, queue }: RunInit): string[] {
  const limits = ['rate', `${rate}mbit`, 'burst', '64k', 'limit', String(queue)];
  return ['qdisc', 'add', 'dev', 'eth0', 'root', 'tbf', ...limits];
}

/** Rules of nft(8) for packets that arrive. */
function rules({ markOneOf, loseOneOf }: RunInit): string {
  const match = (of: number): string => `meta l4proto udp numgen random mod ${of} == 0`;
  const lines = ['add chain ip path in { type filter hook prerouting priority 0; }'];
  if (loseOneOf > 0) lines.push(`add rule ip path in ${match(loseOneOf)} drop`);
  // A packet without ECT keeps its 0.
  if (markOneOf > 0)
    lines.push(`add rule ip path in ip ecn != not-ect ${match(markOneOf)} ip ecn set ce`);
  return lines.join('; ');
}
