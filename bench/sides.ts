/** The sides: the library of each, how its programs are made and started, and the cases that it cannot run. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Mover, Role } from './servers.js';

export type Command = [program: string, ...args: string[]];

/** The description of a side. */
interface Plan {
  readonly name: string;
  /** The library that its programs call, as the report names it. */
  readonly api: string;
  make(): Programs | Promise<Programs>;
}

interface Programs {
  readonly version: string;
  /** The command of the program that runs the calls. */
  readonly calls: Command;
  /** The command of a program that prints the milliseconds of {@link startCase}. */
  readonly start?: Command;
  /** The command of the program that runs a server. */
  server(role: Role): Command;
  /** The length of the listen queue, if it is shorter than on the other sides. */
  readonly queue?: number;
  /** The servers of {@link Mover} that it has. */
  readonly moves?: readonly Mover[];
  /** Why it cannot run another server case. */
  lacks?(role: Role, connections: number): string | undefined;
}

/** A side whose programs are ready. */
export interface Side extends Programs {
  readonly name: string;
  readonly api: string;
}

interface Wasi {
  wasiComponent(source: string, name: string, folder: string): string;
  wasiProgram(source: string, name: string, folder: string): Command;
  socketProgram(source: string, name: string, folder: string): Command;
  wasmtimeVersion(): string;
}

/** For a side whose API does not say what comes with a datagram. */
const noMeta =
  (reason: string) =>
  (role: Role): string | undefined =>
    role.endsWith('-meta') ? reason : undefined;
const WASI_META = 'wasi:sockets does not say what comes with a datagram';

/** What bench/servers/wasi.c cannot run. */
function componentLacks(role: Role, connections: number): string | undefined {
  if (role.endsWith('-meta')) return WASI_META;
  if (role.endsWith('-loop')) return 'its receiver blocks: udp-flood';
  return connections > 100 ? 'WASI has poll alone, which looks at every connection' : undefined;
}

/** On WASI the host chooses the length of the listen queue: 128. */
const WASI_QUEUE = 100;

const output = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

/**
 * @param here the folder of the benchmark
 * @param work the folder for the compiled programs
 */
export function plans(here: string, work: string): readonly Plan[] {
  const cache = join(here, '../.cache/bench');
  const tsx = ['--import', 'tsx'];
  const script = (name: string): string => join(here, 'servers', name);
  const { execPath: node } = process;
  const onHost = (host: string): Command => ['env', `SOCK_WASI_HOST=${host}`];
  const cli = join(here, '../packages/wasi-host/dist/program/cli.js');
  const component: Command = [node, cli, 'run', '--allow-all'];

  function compile(source: string, name: string): string {
    const program = join(work, name);
    const flags = ['-O2', '-D_GNU_SOURCE', '-o', program, join(here, source)];
    execFileSync('cc', flags, { stdio: 'inherit' });
    return program;
  }

  /** Installs Bun and Deno from npm into .cache/bench. */
  function install(name: string): string {
    const folder = join(cache, name);
    const program = join(folder, 'node_modules/.bin', name);
    if (!existsSync(program)) {
      console.error(`bench: installing ${name} from npm`);
      mkdirSync(folder, { recursive: true });
      const args = ['install', '--no-audit', '--no-fund', '--prefix', folder, name];
      execFileSync('npm', args, { stdio: 'ignore', timeout: 300_000 });
    }
    return program;
  }

  function cargo(): string {
    const manifest = join(here, 'sides/rust/Cargo.toml');
    const target = join(cache, 'rust');
    const args = ['build', '--release', '--quiet', '--manifest-path', manifest];
    execFileSync('cargo', args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, CARGO_TARGET_DIR: target },
    });
    return join(target, 'release/sock-bench');
  }

  return [
    {
      name: 'c',
      api: 'the system calls; epoll, recvmmsg, UDP_GRO, control messages',
      make() {
        const servers = compile('servers/c.c', 'servers');
        return {
          version: output('cc', '-dumpfullversion'),
          calls: [compile('sides/c.c', 'c')],
          moves: ['relay', 'file'],
          server: (role) => [servers, role],
        };
      },
    },
    {
      name: 'sock-native',
      api: '@sock/native: Socket, Poller, DatagramBatch, UDP_GRO',
      make: () => ({
        version: process.version,
        calls: [node, ...tsx, 'sides/backend.ts', '@sock/native'],
        start: [node, 'sides/start.mjs', '@sock/native'],
        server: (role) => [node, script('backend.mjs'), '@sock/native', role],
      }),
    },
    {
      name: 'sock-async',
      api: '@sock/native: connections, recvAsync, sendAllAsync, recvBatchAsync; trySend where it need not wait; splice of @sock/std',
      make: () => ({
        version: process.version,
        calls: [node, ...tsx, 'sides/async.ts', '@sock/native'],
        moves: ['relay'],
        server: (role) => [node, script('async.mjs'), '@sock/native', role],
        lacks: (role) =>
          role === 'flood' || role === 'bulk' || role.endsWith('-meta')
            ? 'its receiver blocks in a thread: sock-native'
            : undefined,
      }),
    },
    {
      name: 'sock-std',
      api: '@sock/std: intoNetSocket, intoNetServer, intoDgramSocket of sockets of @sock/native; sendFile',
      make: () => ({
        version: process.version,
        calls: [node, ...tsx, 'sides/node.ts', 'sock-std'],
        moves: ['file'],
        server: (role) => [node, script('node.mjs'), 'sock-std', role],
      }),
    },
    {
      name: 'node',
      api: 'node:net, node:dgram',
      make: () => ({
        version: process.version,
        calls: [node, ...tsx, 'sides/node.ts'],
        moves: ['relay', 'file'],
        server: (role) => [node, script('node.mjs'), 'node', role],
      }),
    },
    {
      name: 'bun',
      api: 'Bun.listen, Bun.connect, Bun.udpSocket',
      make() {
        const bun = install('bun');
        return {
          version: output(bun, '--version'),
          calls: [bun, 'sides/bun.ts'],
          server: (role) => [bun, script('bun.mjs'), role],
          lacks: noMeta('Bun.udpSocket does not say what comes with a datagram'),
        };
      },
    },
    {
      name: 'deno',
      api: 'Deno.listen, Deno.connect, Deno.listenDatagram',
      make() {
        const deno = install('deno');
        const run: Command = [deno, 'run', '--allow-all', '--quiet', '--unstable-net'];
        return {
          version: output(deno, '--version').split('\n')[0]?.split(' ')[1] ?? '',
          calls: [...run, '--unstable-sloppy-imports', 'sides/deno.ts'],
          server: (role) => [...run, script('deno.mjs'), role],
          lacks: noMeta('Deno.listenDatagram does not say what comes with a datagram'),
        };
      },
    },
    {
      name: 'sock-bun',
      api: '@sock/native in Bun: Socket, Poller, DatagramBatch, UDP_GRO',
      make() {
        const bun = install('bun');
        return {
          version: output(bun, '--version'),
          calls: [bun, 'sides/backend.ts', '@sock/native'],
          start: [bun, 'sides/start.mjs', '@sock/native'],
          server: (role) => [bun, script('backend.mjs'), '@sock/native', role],
        };
      },
    },
    {
      name: 'sock-deno',
      api: '@sock/native in Deno: Socket, Poller, DatagramBatch, UDP_GRO',
      make() {
        const deno = install('deno');
        const run: Command = [deno, 'run', '--allow-all', '--quiet', '--no-lock'];
        return {
          version: output(deno, '--version').split('\n')[0]?.split(' ')[1] ?? '',
          calls: [...run, '--unstable-sloppy-imports', 'sides/backend.ts', '@sock/native'],
          start: [...run, 'sides/start.mjs', '@sock/native'],
          server: (role) => [...run, script('backend.mjs'), '@sock/native', role],
        };
      },
    },
    {
      name: 'python',
      api: "CPython's socket, select.epoll, recvmsg, UDP_GRO",
      make() {
        // The interpreter itself: the shim of a version manager would add a process.
        const python = output('python3', '-c', 'import sys; print(sys.executable)');
        return {
          version: output(python, '-c', 'import platform; print(platform.python_version())'),
          calls: [python, 'sides/python.py'],
          server: (role) => [python, script('python.py'), role],
        };
      },
    },
    {
      name: 'rust',
      api: 'socket2; mio for the echo server; quinn-udp for what comes with datagrams',
      make() {
        const program = cargo();
        return {
          version: output('rustc', '--version').split(' ')[1] ?? '',
          calls: [program],
          server: (role) => [program, role],
        };
      },
    },
    {
      name: 'wasi-node',
      api: '@sock/wasi on Node: the component on @sock/wasi-host',
      make: () => ({
        version: process.version,
        calls: [...onHost('native'), node, ...tsx, 'sides/backend.ts', '@sock/wasi'],
        start: [...onHost('native'), node, 'sides/start.mjs', '@sock/wasi'],
        server: (role) => [...onHost('native'), node, script('backend.mjs'), '@sock/wasi', role],
        lacks: noMeta(WASI_META),
      }),
    },
    {
      name: 'component-c',
      api: 'the program of c compiled to wasm32-wasip2, on @sock/wasi-host; poll for the servers',
      async make() {
        const module = './wasi.mjs';
        const { wasiComponent } = (await import(module)) as Wasi;
        const server = wasiComponent('bench/servers/wasi.c', 'component-servers', work);
        return {
          version: process.version,
          calls: [...component, wasiComponent('bench/sides/c.c', 'component', work)],
          server: (role) => [...component, server, role],
          queue: WASI_QUEUE,
          lacks: componentLacks,
        };
      },
    },
    {
      name: 'component-rust',
      api: "Rust's std::net compiled to wasm32-wasip2, on @sock/wasi-host",
      make() {
        const source = join(here, 'sides/std_net.rs');
        const program = join(work, 'std_net.wasm');
        const flags = ['--edition=2021', '-O', '--target=wasm32-wasip2', '-o', program];
        execFileSync('rustc', [...flags, source], { stdio: ['ignore', 'ignore', 'pipe'] });
        return {
          version: output('rustc', '--version').split(' ')[1] ?? '',
          calls: [...component, program],
          server: () => component,
          lacks: () => 'the program has no server: std::net has no poll',
        };
      },
    },
    {
      name: 'sock-wasi',
      api: '@sock/wasi on Node without the addon: the component through jco, on preview2-shim',
      make: () => ({
        version: process.version,
        calls: [...onHost('shim'), node, ...tsx, 'sides/backend.ts', '@sock/wasi'],
        start: [...onHost('shim'), node, 'sides/start.mjs', '@sock/wasi'],
        server: (role) => [...onHost('shim'), node, script('backend.mjs'), '@sock/wasi', role],
        queue: WASI_QUEUE,
        lacks: (role, connections) =>
          role.endsWith('-meta')
            ? WASI_META
            : connections > 100
              ? 'each call is a round trip to a worker of preview2-shim: it would take minutes'
              : undefined,
      }),
    },
    {
      name: 'wasmtime',
      api: 'the program of c compiled to wasm32-wasip2; poll for the servers',
      async make() {
        const module = './wasi.mjs';
        const { wasiProgram, wasmtimeVersion } = (await import(module)) as Wasi;
        const server = wasiProgram('bench/servers/wasi.c', 'wasi-servers', work);
        return {
          version: wasmtimeVersion().split(' ')[1] ?? '',
          calls: wasiProgram('bench/sides/c.c', 'wasi', work),
          server: (role) => [...server, role],
          queue: WASI_QUEUE,
          lacks: componentLacks,
        };
      },
    },
    {
      name: 'wasmtime-sock',
      api: 'a C program over sock:socket, composed with sock.wasm, in wasmtime',
      async make() {
        const module = './wasi.mjs';
        const { socketProgram, wasmtimeVersion } = (await import(module)) as Wasi;
        const program = socketProgram('bench/sides/sock.c', 'wasi-sock', work);
        return {
          version: wasmtimeVersion().split(' ')[1] ?? '',
          calls: program,
          server: () => program,
          lacks: () => 'the program has no server',
        };
      },
    },
  ];
}

/** Why a side has no figure of a server case. */
export function reasonWithout(side: Side, role: Role, connections: number): string | undefined {
  if (role !== 'relay' && role !== 'file') return side.lacks?.(role, connections);
  if (side.moves?.includes(role) === true) return undefined;
  return role === 'relay'
    ? 'the relays are those of c, of node, and the splice of @sock/std'
    : 'the file servers are those of c, of node, and the sendFile of @sock/std';
}

/** Makes the selected sides, and writes into `missing` why one could not be made. */
export async function makeSides(
  all: readonly Plan[],
  wanted: (name: string) => boolean,
  missing: Record<string, string>,
): Promise<Side[]> {
  const made: Side[] = [];
  for (const { name, api, make } of all) {
    if (!wanted(name)) continue;
    try {
      made.push({ name, api, ...(await make()) });
    } catch (error) {
      missing[name] =
        `could not be made: ${(error as Error).message.split('\n').slice(0, 2).join(' ')}`;
    }
  }
  return made;
}
