/** A C program as a component, unchanged: by the loader, by the command, and by jco with and without its bindings. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { transpile } from '@bytecodealliance/jco';
import * as native from '@sock/native';
import { createHost, everything, type PolicyInit, run, type RunInit } from '@sock/wasi-host';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildGuest } from './guests/build.mjs';

let guest = '';
const work = mkdtempSync(join(tmpdir(), 'sock-wasi-host-'));
beforeAll(() => {
  guest = buildGuest('sockets');
}, 120_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

const loopback: PolicyInit = {
  tcp: { connect: ['127.0.0.0/8'], listen: ['127.0.0.1'] },
  udp: { bind: ['127.0.0.1'], send: ['127.0.0.1'] },
  lookup: ['localhost'],
};

interface Outcome {
  readonly code: number;
  readonly output: string;
}

type Way = (
  args: string[],
  policy: PolicyInit,
  more?: RunInit & { file?: string },
) => Promise<Outcome>;

function collect(): { output: string; write(bytes: Uint8Array): void } {
  return {
    output: '',
    write(bytes) {
      this.output += new TextDecoder().decode(bytes);
    },
  };
}

const byLoader: Way = async (args, policy, more = {}) => {
  const out = collect();
  const { file = guest, ...init } = more;
  const code = await run(file, { args, policy, stdout: out, ...init });
  return { code, output: out.output };
};

/** Transpiled by jco in instantiation mode, with the host's functions as `bindings` says. */
const byJco =
  (bindings: 'js' | 'hybrid'): Way =>
  async (args, policy, { file = guest } = {}) => {
    const { files } = await transpile(readFileSync(file), {
      name: 'guest',
      instantiation: 'sync',
      importBindings: bindings,
    });
    const folder = join(work, basename(file, '.wasm'), bindings);
    for (const [name, contents] of Object.entries(files)) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), contents);
    }
    const { instantiate } = await import(pathToFileURL(join(folder, 'guest.js')).href);
    const out = collect();
    const host = createHost({ policy, args, stdout: out });
    const module = (name: string): WebAssembly.Module =>
      new WebAssembly.Module(readFileSync(join(folder, name)) as BufferSource);
    try {
      instantiate(module, host).run.run();
      return { code: 0, output: out.output };
    } catch (error) {
      const { code } = error as { code?: number };
      if ((error as { payload?: unknown }).payload !== undefined || code === undefined) {
        if (error instanceof WebAssembly.RuntimeError) throw error;
      }
      return { code: code ?? 1, output: out.output };
    } finally {
      host.close();
    }
  };

const ways: Readonly<Record<string, Way>> = {
  'the loader': byLoader,
  "jco's glue": byJco('js'),
  "jco's hybrid bindings": byJco('hybrid'),
};

for (const [name, way] of Object.entries(ways)) {
  describe(`by ${name}`, () => {
    test('TCP is allowed', async () => {
      expect(await way(['tcp'], loopback)).toEqual({ code: 0, output: 'tcp 3276800, end 0\n' });
    });
    test('TCP is denied', async () => {
      expect(await way(['tcp'], {})).toEqual({ code: 1, output: 'bind: Permission denied\n' });
    });
    test('UDP is allowed', async () => {
      expect(await way(['udp'], loopback)).toEqual({
        code: 0,
        output: 'udp hello from 127.0.0.1\n',
      });
    });
    test('UDP is denied', async () => {
      expect(await way(['udp'], {})).toEqual({ code: 1, output: 'bind: Permission denied\n' });
    });
    test('a look-up is allowed', async () => {
      expect(await way(['lookup', 'localhost'], loopback)).toEqual({
        code: 0,
        output: 'lookup 127.0.0.1\n',
      });
    });
    test('a look-up is denied', async () => {
      expect(await way(['lookup', 'localhost'], {})).toMatchObject({ code: 1 });
    });
  });
}

describe("Rust's std::net", () => {
  const folder = fileURLToPath(new URL('guests', import.meta.url));
  const file = join(folder, 'std-net.wasm');

  test('is the program whose source is beside it', () => {
    const lines = readFileSync(join(folder, 'std-net.sha256'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      const [sum, name = ''] = line.split(/\s+/);
      const bytes = readFileSync(join(folder, name));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sum);
    }
  });

  test.each(Object.entries(ways))('is allowed, and denied, by %s', async (_, way) => {
    const allowed = { code: 0, output: 'rust: tcp 1310720 udp hello\n' };
    expect(await way([], loopback, { file })).toEqual(allowed);
    expect(await way([], {}, { file, stderr: () => {} })).toEqual({ code: 1, output: '' });
  });
});

describe('run', () => {
  test('gives the exit code, the environment and standard input', async () => {
    expect(await byLoader(['exit', '0'], {})).toMatchObject({ code: 0 });
    expect(await byLoader(['nothing'], {}, { stderr: () => {} })).toMatchObject({ code: 1 });
    const env = { GREETING: 'hello' };
    expect(await byLoader(['env', 'GREETING'], {}, { env })).toEqual({
      code: 0,
      output: 'hello\n',
    });
    const stdin = 'one\ntwo\n';
    expect(await byLoader(['cat'], {}, { stdin })).toEqual({ code: 0, output: stdin });
  });

  test('gives the folders that it is given, and no others', async () => {
    writeFileSync(join(work, 'file.txt'), 'contents\n');
    const preopens = { '/data': work };
    expect(await byLoader(['cat', '/data/file.txt'], {}, { preopens })).toEqual({
      code: 0,
      output: 'contents\n',
    });
    expect(await byLoader(['cat', join(work, 'file.txt')], {}, { preopens })).toMatchObject({
      code: 1,
    });
    expect(await byLoader(['cat', '/data/file.txt'], {})).toMatchObject({ code: 1 });
  });

  test('throws what the component traps with, and closes its sockets', async () => {
    await expect(byLoader(['abort'], everything)).rejects.toThrow(WebAssembly.RuntimeError);
  });

  test('says what is no component', async () => {
    await expect(run(new Uint8Array(3))).rejects.toThrow('no WebAssembly');
    const core = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    await expect(run(core)).rejects.toThrow('core module and no component');
    const bytes = readFileSync(guest);
    await expect(run(bytes.subarray(0, 5000))).rejects.toThrow(SyntaxError);
  });
});

describe('a program that never ends', () => {
  test.each(['wait', 'spin'])('is terminated in a Worker: %s', async (what) => {
    const source = `
      const { workerData, parentPort } = require('node:worker_threads');
      import('@sock/wasi-host').then(({ run, everything }) => {
        parentPort.postMessage('running');
        return run(workerData.guest, { policy: everything, args: [workerData.what] });
      });
    `;
    const worker = new Worker(source, { eval: true, workerData: { guest, what } });
    await new Promise((resolve) => worker.once('message', resolve));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await worker.terminate()).toBe(1);
  });
});

test('a host that was collected has closed its sockets', () => {
  const program = `
    import { readdirSync } from 'node:fs';
    import { createHost, everything } from '@sock/wasi-host';
    const descriptors = () => readdirSync('/proc/self/fd').length;
    createHost({ policy: everything }).tcpCreateSocket.createTcpSocket('ipv4');
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = descriptors();
    for (let i = 0; i < 50; i++) {
      createHost({ policy: everything }).tcpCreateSocket.createTcpSocket('ipv4');
    }
    const open = descriptors() - before;
    for (let i = 0; i < 5; i++) {
      globalThis.gc();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    console.log(JSON.stringify([open, descriptors() - before]));
  `;
  const args = ['--expose-gc', '--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    cwd: import.meta.dirname,
  });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual([50, 0]);
});

describe('sock-wasi', () => {
  const cli = fileURLToPath(new URL('../dist/program/cli.js', import.meta.url));
  const command = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8' });

  test('runs a component with what is allowed', () => {
    const allow = ['--allow-tcp', '127.0.0.0/8:*', '--allow-listen', '127.0.0.1'];
    expect(command('run', ...allow, guest, 'tcp')).toMatchObject({
      status: 0,
      stdout: 'tcp 3276800, end 0\n',
      stderr: '',
    });
  });

  test('allows nothing without', () => {
    const { status, stdout, stderr } = command('run', '--audit', guest, 'tcp');
    expect({ status, stdout }).toEqual({ status: 1, stdout: 'bind: Permission denied\n' });
    expect(stderr).toBe('refused tcp.listen 127.0.0.1 0 (no rule allows it)\n');
  });

  test('tells wrong usage, wrong rules, traps', () => {
    expect(command().status).toBe(2);
    expect(command('walk')).toMatchObject({ status: 2 });
    expect(command('run')).toMatchObject({ status: 2 });
    expect(command('run', '--allow-everything', guest).status).toBe(2);
    expect(command('run', '--allow-tcp', 'a b', guest, 'tcp')).toMatchObject({ status: 1 });
    expect(command('run', guest, 'abort').status).toBe(134);
    expect(command('--help')).toMatchObject({ status: 0 });
  });

  test('a program is served by a socket of this process', async () => {
    const { Domain, SockAddr, Socket, Type } = native;
    const listener = new Socket(Domain.IPV4, Type.STREAM);
    listener.bind(SockAddr.ipv4('127.0.0.1', 0));
    listener.listen(1);
    const { port } = listener.localAddr();
    const serve = listener.readable().then(() => {
      const [peer] = listener.accept();
      peer.send(new TextEncoder().encode('it works'));
      peer.close();
    });
    const { spawn } = await import('node:child_process');
    const child = spawn(process.execPath, [
      cli,
      'run',
      '--allow-tcp',
      `127.0.0.1:${port}`,
      guest,
      'connect',
      String(port),
    ]);
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    const [code] = await new Promise<[number]>((resolve) =>
      child.on('close', (status) => resolve([status ?? -1])),
    );
    await serve;
    listener.close();
    expect({ code, output }).toEqual({ code: 0, output: 'got it works\n' });
  });
});
