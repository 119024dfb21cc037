import { execFileSync, spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type * as NodeEntry from '../src/node.js';

/** What a process of its own takes, by import or by `require`. */
function taken(environment: Record<string, string>, how = "await import('@sock/auto')"): string[] {
  const script = `
    const { createRequire } = await import('node:module');
    const require = createRequire(import.meta.url);
    const { backendName, backendReason, Socket, Domain, Type } = ${how};
    const socket = new Socket(Domain.IPV4, Type.STREAM);
    console.log(JSON.stringify([backendName, socket.backend, backendReason]));
    socket.close();
    process.exit();
  `;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    env: { ...process.env, ...environment },
  });
  return JSON.parse(output.toString()) as string[];
}

test('native where its addon loads', () => {
  expect(taken({})).toEqual(['native', 'native', 'its addon loads']);
  expect(taken({}, "require('@sock/auto')")).toEqual(['native', 'native', 'its addon loads']);
});

test('WASI where it does not, and says why', () => {
  const [name, backend, reason] = taken({ SOCK_ADDON: '/nonexistent/sock.node' });
  expect([name, backend]).toEqual(['wasi', 'wasi']);
  expect(reason).toMatch(/@sock\/native does not load/);
});

/** What a process writes on stderr that loads the package here and in two Workers. */
function warnings(environment: Record<string, string>): string {
  const script = `
    import { Worker } from 'node:worker_threads';
    await import('@sock/auto');
    for (let i = 0; i < 2; i++) {
      const worker = new Worker("import('@sock/auto').then(() => process.exit())", { eval: true });
      await new Promise((resolve) => worker.once('exit', resolve));
    }
    process.exit();
  `;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
  });
  return stderr;
}

test('the fall to WASI is warned of once in a process, with what to do', () => {
  const said = warnings({ SOCK_ADDON: '/nonexistent/sock.node' });
  expect(said.match(/@sock\/auto uses WASI/g)).toHaveLength(1);
  expect(said).toMatch(/\[SOCK_WASI\] Warning: .*SOCK_ADDON names a file that does not exist/);
  expect(said).toMatch(/SOCK_BACKEND=wasi/);
});

test('no warning where WASI was asked for, or native loads', () => {
  const missing = { SOCK_ADDON: '/nonexistent/sock.node' };
  expect(warnings({ ...missing, SOCK_BACKEND: 'wasi' })).not.toMatch(/SOCK_WASI/);
  expect(warnings({})).not.toMatch(/SOCK_WASI/);
});

test('SOCK_BACKEND forces one, and refuses what is none', () => {
  expect(taken({ SOCK_BACKEND: 'wasi' }).slice(0, 2)).toEqual(['wasi', 'wasi']);
  expect(taken({ SOCK_BACKEND: 'native' })[0]).toBe('native');
  expect(() => taken({ SOCK_BACKEND: 'nonsense' })).toThrow(/SOCK_BACKEND is 'nonsense'/);
});

test('whichever is taken, the names are the same, and their types', async () => {
  // What bundlers take outside Node is checked against Node's by its type.
  const elsewhere: typeof NodeEntry = await import('../src/wasi.js');
  const names = (environment: Record<string, string>): string[] =>
    JSON.parse(
      execFileSync(
        process.execPath,
        [
          '--input-type=module',
          '--eval',
          `const sock = await import('@sock/auto');
           const defined = Object.keys(sock).filter((name) => sock[name] !== undefined);
           console.log(JSON.stringify(defined.sort()));
           process.exit();`,
        ],
        { cwd: import.meta.dirname, env: { ...process.env, ...environment } },
      ).toString(),
    ) as string[];
  expect(names({ SOCK_BACKEND: 'wasi' })).toEqual(names({ SOCK_BACKEND: 'native' }));
  // The host of WASI is @sock/wasi's own matter.
  const shared = Object.keys(elsewhere).filter((name) => !name.startsWith('host'));
  expect(names({ SOCK_BACKEND: 'wasi' })).toEqual(shared.sort());
});
