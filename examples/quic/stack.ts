/** Builds and loads the addon of stack/: quinn-proto, the state machine of QUIC, which does no I/O of its own. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const target = join(root, '.cache/quic');
const addon = join(target, 'quic-stack.node');
const libraries: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'libquic_stack.dylib',
  win32: 'quic_stack.dll',
};

/** Stands for no address among the numbers of a datagram. */
export const NO_ADDRESS = 0xffffffff;
/** The numbers of one datagram in the arrays that cross. */
export const FIELDS = 5;

export interface StackEvent {
  readonly connection: number;
  readonly kind: 'connected' | 'lost' | 'opened' | 'readable' | 'writable' | 'finished' | 'stopped';
  readonly stream?: number;
  readonly reason?: string;
}

/** What quinn-proto counted of a connection. */
export interface ConnectionCounts {
  readonly roundTripMs: number;
  readonly congestionWindow: number;
  readonly congestionEvents: number;
  readonly lostPackets: number;
  readonly sentPackets: number;
  /** The size of UDP datagrams that path MTU discovery found. */
  readonly largestDatagram: number;
  readonly blackHoles: number;
  readonly sentDatagrams: number;
  readonly transmits: number;
  readonly receivedDatagrams: number;
}

/** What quinn-proto did with the marks of ECN. */
export interface MarkCounts {
  readonly receivedEct0: number;
  readonly receivedEct1: number;
  readonly receivedCe: number;
  readonly receivedUnmarked: number;
  /** Whether it marks what it sends. It stops as soon as the peer's counts contradict it: RFC 9000, 13.4.2. */
  readonly isMarking: boolean;
  /** How often the peer's CE count, or a loss, made it slow down. */
  readonly slowedByCe: number;
  readonly slowedByLoss: number;
}

/** The connections of one UDP socket. stack/src/lib.rs describes each method. */
export interface Stack {
  readonly connections: number;
  number(ip: string, port: number): number;
  ip(number: number): string;
  port(number: number): number;
  connect(address: number, name: string): number;
  receive(data: Uint8Array, datagrams: Uint32Array, count: number): void;
  transmit(buffer: Uint8Array, out: Uint32Array, most: number): boolean;
  timeout(): number;
  expire(): void;
  event(): StackEvent | null;
  open(connection: number): number | null;
  write(connection: number, stream: number, bytes: Uint8Array): number;
  finish(connection: number, stream: number): void;
  read(connection: number, stream: number, buffer: Uint8Array): number;
  close(connection: number): void;
  counts(connection: number): ConnectionCounts;
  marks(): MarkCounts;
}

interface StackInit {
  readonly certificate: string;
  readonly key?: string | undefined;
  readonly largestDatagram: number;
}

/**
 * Builds the addon. The first build takes about a minute.
 * @returns why it cannot be built here; `undefined` if it was built
 */
export function build(): string | undefined {
  try {
    execFileSync('cargo', ['--version'], { stdio: 'ignore' });
  } catch {
    return 'there is no cargo';
  }
  const manifest = fileURLToPath(new URL('stack/Cargo.toml', import.meta.url));
  mkdirSync(target, { recursive: true });
  execFileSync('cargo', ['build', '--release', '--quiet', '--manifest-path', manifest], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, CARGO_TARGET_DIR: target },
  });
  const library = libraries[process.platform] ?? 'libquic_stack.so';
  copyFileSync(join(target, 'release', library), addon);
  return undefined;
}

/** Makes a stack with the addon that {@link build} built. */
export function makeStack(init: StackInit): Stack {
  const { Stack } = createRequire(import.meta.url)(addon) as {
    Stack: new (init: StackInit) => Stack;
  };
  return new Stack(init);
}
