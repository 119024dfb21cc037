/** Every block of code in docs/wasi-host.md and docs/wasi.md, run as it stands there, with other ports and file names. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transpile } from '@bytecodealliance/jco';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildGuest, buildPythonGuest, nodesWithJspi } from '../../wasi-host/test/guests/build.mjs';
import { wasmTools, wasmtime } from '../../../tools/wasi/toolchain.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const guests = join(root, 'packages/wasi-host/test/guests');
const work = mkdtempSync(join(tmpdir(), 'sock-docs-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Block {
  readonly where: string;
  readonly language: string;
  readonly code: string;
}

function blocksOf(document: string): Block[] {
  const text = readFileSync(join(root, 'docs', document), 'utf8');
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    where: `${document}:${text.slice(0, match.index).split('\n').length}`,
    language: match[1] as string,
    code: match[2] as string,
  }));
}

interface Ended {
  readonly status: number | null;
  readonly output: string;
}

async function execute(program: string, args: string[], cwd = work): Promise<Ended> {
  const bin = join(work, 'bin');
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, PATH: `${bin}:${process.env['PATH']}`, WASM_TOOLS: wasmTools() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output += data.toString();
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, output };
}

const shell = (code: string, cwd = work): Promise<Ended> => execute('sh', ['-ec', code], cwd);
const tsx = import.meta.resolve('tsx');
async function node(name: string, code: string, program = process.execPath): Promise<Ended> {
  mkdirSync(dirname(join(work, name)), { recursive: true });
  writeFileSync(join(work, name), code);
  return execute(program, ['--import', tsx, name]);
}

/** A server that says something and keeps what it is told. */
async function withServer(
  use: (port: number) => Promise<Ended>,
): Promise<Ended & { told: string }> {
  let told = '';
  const server = createServer((socket) => {
    socket.on('data', (data) => {
      told += data.toString();
    });
    socket.on('error', () => {});
    socket.end('it works');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ended = await use((server.address() as AddressInfo).port);
  server.close();
  return { ...ended, told };
}

/** What jco makes of a component with the `--map` options of a comment. */
async function transpileWith(code: string, component: string, folder: string): Promise<void> {
  const map = Object.fromEntries(
    [...code.matchAll(/--map '([^=]+)=([^']+)'/g)].map(([, from, to]) => [from, to]),
  );
  expect(Object.keys(map).length).toBeGreaterThan(0);
  const { files } = await transpile(readFileSync(component), {
    name: 'guest',
    map,
    ...(code.includes('--import-bindings hybrid') && { importBindings: 'hybrid' as const }),
    ...(code.includes('--async-mode jspi') && { asyncMode: 'jspi' }),
  });
  save(files, folder);
}

function save(files: Record<string, Uint8Array> | [string, Uint8Array][], folder: string): void {
  for (const [name, contents] of Array.isArray(files) ? files : Object.entries(files)) {
    const file = join(work, folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents);
  }
}

beforeAll(() => {
  writeFileSync(join(work, 'package.json'), '{"type":"module"}');
  for (const name of ['core', 'native', 'wasi', 'wasi-host']) {
    mkdirSync(join(work, 'node_modules/@sock'), { recursive: true });
    symlinkSync(join(root, 'packages', name), join(work, 'node_modules/@sock', name));
  }
  const pnpm = join(root, 'packages/wasi/node_modules');
  symlinkSync(join(pnpm, '@bytecodealliance'), join(work, 'node_modules/@bytecodealliance'));
  symlinkSync(join(pnpm, 'esbuild'), join(work, 'node_modules/esbuild'));
  // The commands of a reader's machine, with this repository's packages.
  const bin = join(work, 'bin');
  mkdirSync(bin);
  const commands = {
    npx: `case "$1" in
  @sock/wasi-host) shift; exec node ${root}/packages/wasi-host/dist/program/cli.js "$@" ;;
  @sock/wasi) shift; exec node ${root}/packages/wasi/dist/commands/cli.js "$@" ;;
esac
exit 127`,
    npm: '[ "$1" = install ]',
    wasmtime: `exec ${wasmtime()} "$@"`,
  };
  for (const [name, script] of Object.entries(commands)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  copyFileSync(buildGuest('sockets'), join(work, 'program.wasm'));
}, 300_000);

/** How each block is run, by a piece of its text that no other block has. */
const runs: readonly (readonly [text: string, run: (block: Block) => Promise<void>])[] = [
  [
    'ARGUMENT...',
    async ({ code }) => {
      const ended = await shell(code.replace('ARGUMENT...', 'lookup localhost'));
      expect(ended).toEqual({ status: 0, output: 'lookup 127.0.0.1\n' });
    },
  ],
  [
    'const code = await run(',
    async ({ code }) => {
      mkdirSync(join(work, 'data'));
      const ended = await node('run.ts', `${code}\nconsole.log(code);`);
      // The program does not know the argument.
      expect(ended.output).toBe('no such thing: --verbose\n1\n');
    },
  ],
  [
    'instantiation sync',
    async ({ code }) => {
      const { files } = await transpile(readFileSync(join(work, 'program.wasm')), {
        name: 'plugin',
        instantiation: 'sync',
      });
      save(files, 'plugin');
      const ended = await node('instantiate.ts', `${code}\nconsole.log(typeof plugin.run.run);`);
      expect(ended).toEqual({ status: 0, output: 'function\n' });
    },
  ],
  [
    '// plugin/host.js',
    async ({ code }) => {
      await transpileWith(code, join(guests, 'std-net.wasm'), 'plugin');
      writeFileSync(join(work, 'plugin/host.js'), code);
      const ended = await node('mapped.ts', "import { run } from './plugin/guest.js';\nrun.run();");
      expect(ended.output).toBe('rust: tcp 1310720 udp hello\n');
    },
  ],
  [
    'const policy = {',
    async ({ code }) => {
      const before = "import { createHost } from '@sock/wasi-host';\n";
      const ended = await node('policy.ts', `${before}${code}\ncreateHost({ policy }).close();`);
      expect(ended).toEqual({ status: 0, output: '' });
    },
  ],
  [
    '// main.ts',
    async ({ code }) => {
      // The next block makes a component of it, and runs that.
      writeFileSync(join(work, 'main.ts'), code);
    },
  ],
  [
    'npx @sock/wasi componentize',
    async ({ code }) => {
      const main = join(work, 'main.ts');
      const { told, ...ended } = await withServer((port) => {
        writeFileSync(main, readFileSync(main, 'utf8').replace('8080', String(port)));
        return shell(code.replace('8080', String(port)));
      });
      expect({ status: ended.status, told }, ended.output).toEqual({ status: 0, told: 'hello' });
    },
  ],
  [
    '$WASI_SDK_PATH/bin/clang',
    async ({ code }) => {
      // Without a wasi-sdk the tests' own compiler made program.wasm.
      const lines = process.env['WASI_SDK_PATH'] ? code : code.replace(/^.*clang.*$/m, '');
      copyFileSync(join(guests, 'sockets.c'), join(work, 'program.c'));
      const ended = await withServer((port) => shell(`${lines.trimEnd()} connect ${port}`));
      expect(ended.output).toBe('got it works\n');
    },
  ],
  [
    'rustc --target wasm32-wasip2',
    async ({ code }) => {
      const folder = join(work, 'rust');
      mkdirSync(folder);
      copyFileSync(join(guests, 'std-net.rs'), join(folder, 'program.rs'));
      const hasTarget =
        (await shell('ls "$(rustc --print sysroot)/lib/rustlib/wasm32-wasip2"')).status === 0;
      // Without the compiler for it, the component that it made serves.
      copyFileSync(join(guests, 'std-net.wasm'), join(folder, 'program.wasm'));
      const lines = code
        .split('\n')
        .slice(hasTarget ? 1 : 2)
        .join('\n');
      expect(await shell(lines, folder)).toEqual({
        status: 0,
        output: 'rust: tcp 1310720 udp hello\n',
      });
    },
  ],
  [
    'componentize-py',
    async ({ code }) => {
      // The command of the first line, with the WIT files that it needs.
      copyFileSync(buildPythonGuest('fetch'), join(work, 'app.wasm'));
      const server = createHttpServer((_, response) => response.end('the file'));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const [, line = ''] = code.split('\n');
      expect(await shell(line.replaceAll('8080', String(port)))).toEqual({
        status: 0,
        output: 'python: 200 the file\n',
      });
      server.close();
    },
  ],
  [
    '// program3/host3.js',
    async ({ code }) => {
      await transpileWith(code, join(guests, 'sockets3.wasm'), 'program3');
      writeFileSync(join(work, 'program3/host3.js'), code);
      for (const { program } of nodesWithJspi()) {
        const main = "import { run } from './program3/guest.js';\nawait run.run();";
        const { output } = await node('main3.mjs', main, program);
        // Without an argument it looks the name '' up.
        expect(output).toContain('refused: ErrorCode::InvalidArgument');
      }
    },
  ],
  [
    'component: import sock:socket/socket',
    // A picture.
    ({ language }) => Promise.resolve(expect(language).toBe('')),
  ],
  [
    'using socket = new Socket(Domain.IPV4, Type.STREAM);\nsocket.connect',
    async ({ code }) => {
      const { status, output } = await withServer((port) =>
        node('connect.ts', code.replace('8080', String(port))),
      );
      expect({ status, output }).toEqual({ status: 0, output: '' });
    },
  ],
  [
    'tools/wasi/componentize.mjs',
    async ({ code }) => {
      const component = join(work, 'portable.wasm');
      const built = join(root, '.cache/wasi/portable.wasm');
      // The first line is the build of the examples' suite, which takes a minute: what it built serves.
      const isBuilt = existsSync(built);
      if (isBuilt) copyFileSync(built, component);
      const lines = isBuilt ? code.replace(/^.*componentize.mjs.*$/m, '') : code;
      const ended = await shell(lines.replaceAll('program.wasm', component), root);
      expect(ended.status, ended.output).toBe(0);
    },
  ],
];

test.each(
  [...blocksOf('wasi-host.md'), ...blocksOf('wasi.md')].map(
    (block) => [block.where, block] as const,
  ),
)(
  '%s',
  async (_, block) => {
    const found = runs.filter(([text]) => block.code.includes(text));
    expect(found.map(([text]) => text)).toHaveLength(1);
    await found[0]?.[1](block);
  },
  400_000,
);
