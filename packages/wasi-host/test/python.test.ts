/** A Python program as a component: CPython's socket and http.client, unchanged. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPythonGuest } from './guests/build.mjs';

const cli = fileURLToPath(new URL('../dist/program/cli.js', import.meta.url));
const server = createServer((_, response) => response.end('the file'));
let guest = '';
let port = 0;

beforeAll(async () => {
  guest = buildPythonGuest('fetch');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
}, 180_000);
afterAll(() => server.close());

/** In a process of its own: the server is on this event loop. */
async function fetchFile(...allow: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [cli, 'run', ...allow, guest, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output };
}

test('http.client fetches a file where that is allowed', async () => {
  const allowed = { code: 0, output: 'python: 200 the file\n' };
  expect(await fetchFile('--allow-tcp', `127.0.0.1:${port}`)).toEqual(allowed);
});

test('and is refused where it is not', async () => {
  const denied = { code: 1, output: 'python: PermissionError\n' };
  expect(await fetchFile('--allow-tcp', `127.0.0.1:${port + 1}`)).toEqual(denied);
});
