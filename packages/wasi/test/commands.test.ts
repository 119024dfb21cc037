/** `npx @sock/wasi`: components of TypeScript programs, which @sock/wasi-host runs. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '@sock/wasi-host';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { wasmTools } from '../../../tools/wasi/toolchain.mjs';

const work = mkdtempSync(join(tmpdir(), 'sock-commands-'));
const program = join(work, 'main.ts');
const component = join(work, 'main.wasm');
const cli = fileURLToPath(new URL('../dist/commands/cli.js', import.meta.url));
const command = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [cli, ...args], {
    encoding: 'utf8',
    env: { ...process.env, WASM_TOOLS: wasmTools() },
  });

const SOURCE = `
import { Domain, SockAddr, Socket, Type } from '@sock/wasi';

export function run(): void {
  const socket = new Socket(Domain.IPV4, Type.DGRAM);
  socket.bind(SockAddr.parse('127.0.0.1:0'));
  socket.sendTo(new TextEncoder().encode('from a component'), socket.localAddr());
  const buffer = new Uint8Array(32);
  console.log(new TextDecoder().decode(buffer.subarray(0, socket.recv(buffer))));
}
`;

beforeAll(() => {
  writeFileSync(program, SOURCE);
  expect(command('componentize', program, '-o', component)).toMatchObject({
    status: 0,
    stderr: '',
  });
}, 240_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

async function outcome(allowed: string[]): Promise<{ code: number; out: string; error: string }> {
  const said = { out: '', error: '' };
  const to =
    (name: 'out' | 'error') =>
    (bytes: Uint8Array): void => {
      said[name] += new TextDecoder().decode(bytes);
    };
  const policy = { udp: { bind: allowed, send: allowed } };
  const code = await run(component, { policy, stdout: to('out'), stderr: to('error') });
  return { code, ...said };
}

test('the program runs', async () => {
  expect(await outcome(['127.0.0.1'])).toEqual({ code: 0, out: 'from a component\n', error: '' });
});

test('an Error goes to standard error with its stack, and the exit code is 1', async () => {
  const { code, out, error } = await outcome([]);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(error).toMatch(/^SockError: bind EACCES 127\.0\.0\.1:0\n.*source\.js/);
});

test('wrong usage and missing files are told', () => {
  expect(command()).toMatchObject({ status: 2 });
  expect(command('componentize', join(work, 'none.ts'), '-o', component)).toMatchObject({
    status: 1,
  });
  expect(command('compose', program, '-o', component)).toMatchObject({ status: 1 });
});
