/** Each option of `sock-wasi run`: what it allows or gives, and that it is refused or missing without. */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildGuest } from './guests/build.mjs';

const cli = fileURLToPath(new URL('../dist/program/cli.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sock-wasi-command-'));
/** A port that somebody has, so that datagrams are not refused. */
const receiver = createSocket('udp4');
let guest = '';

beforeAll(async () => {
  guest = buildGuest('sockets');
  mkdirSync(join(folder, 'inside'));
  writeFileSync(join(folder, 'inside/file.txt'), 'contents\n');
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
}, 120_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  receiver.close();
});

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function command(args: readonly string[], input = ''): Ended {
  const ended = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8', input });
  const { status, stdout, stderr } = ended;
  return { status, stdout, stderr };
}

/** Runs the guest: options, then what it is to do. */
const guestWith = (options: readonly string[], ...args: string[]): Ended =>
  command(['run', ...options, guest, ...args]);

const done = (stdout: string): Ended => ({ status: 0, stdout, stderr: '' });
const failed = (stdout: string): Ended => ({ status: 1, stdout, stderr: '' });
const LISTEN = ['--allow-listen', '127.0.0.1'];

/** One entry for each option: a test looks that none is forgotten. */
const options: Readonly<Record<string, () => void>> = {
  'allow-tcp'() {
    expect(guestWith([...LISTEN, '--allow-tcp', '127.0.0.1'], 'tcp')).toEqual(
      done('tcp 3276800, end 0\n'),
    );
    expect(guestWith([...LISTEN, '--allow-tcp=127.0.0.1:1'], 'tcp')).toEqual(
      failed('connect: Permission denied\n'),
    );
  },
  'allow-listen'() {
    const more = ['--allow-tcp', '127.0.0.1', '--allow-udp', '127.0.0.1'];
    expect(guestWith([...more, ...LISTEN], 'tcp').status).toBe(0);
    expect(guestWith([...more, ...LISTEN], 'udp')).toEqual(done('udp hello from 127.0.0.1\n'));
    expect(guestWith(more, 'tcp')).toEqual(failed('bind: Permission denied\n'));
    expect(guestWith(more, 'udp')).toEqual(failed('bind: Permission denied\n'));
  },
  'allow-udp'() {
    expect(guestWith([...LISTEN, '--allow-udp', '127.0.0.0/8'], 'udp').status).toBe(0);
    expect(guestWith([...LISTEN, '--allow-udp', '127.0.0.1:9'], 'udp')).toEqual(
      failed('sendto: Permission denied\n'),
    );
  },
  'allow-lookup'() {
    for (const name of ['localhost', '*']) {
      expect(guestWith(['--allow-lookup', name], 'lookup', 'localhost')).toEqual(
        done('lookup 127.0.0.1\n'),
      );
    }
    expect(guestWith(['--allow-lookup', 'other'], 'lookup', 'localhost').status).toBe(1);
  },
  deny() {
    const all = [...LISTEN, '--allow-tcp', '*'];
    expect(guestWith([...all, '--deny', 'private', '--deny', '10.0.0.0/8'], 'tcp').status).toBe(0);
    expect(guestWith([...all, '--deny', 'loopback'], 'tcp')).toEqual(
      failed('bind: Permission denied\n'),
    );
  },
  'allow-all'() {
    expect(guestWith(['--allow-all'], 'tcp').status).toBe(0);
    expect(guestWith(['--allow-all'], 'udp').status).toBe(0);
    expect(guestWith(['--allow-all'], 'lookup', 'localhost').status).toBe(0);
    expect(guestWith(['--allow-all', '--deny=internal'], 'tcp').status).toBe(1);
  },
  env() {
    const given = ['--env', 'OTHER=x', '--env', 'GREETING=a=b'];
    expect(guestWith(given, 'env', 'GREETING')).toEqual(done('a=b\n'));
    expect(guestWith(['--env', 'GREETING'], 'env', 'GREETING')).toMatchObject({ status: 2 });
  },
  dir() {
    const file = join(folder, 'inside/file.txt');
    expect(guestWith(['--dir', folder], 'cat', file)).toEqual(done('contents\n'));
    expect(guestWith(['--dir', `${folder}::/data`], 'cat', '/data/inside/file.txt')).toEqual(
      done('contents\n'),
    );
    expect(guestWith([], 'cat', file).status).toBe(1);
  },
  cwd() {
    expect(guestWith(['--cwd', '/data/inside'], 'cwd')).toEqual(done('/data/inside\n'));
    expect(guestWith([], 'cwd')).toEqual(done('none\n'));
  },
  audit() {
    const { stderr } = guestWith(['--audit', ...LISTEN, '--allow-tcp=*'], 'tcp');
    const lines = stderr.trim().split('\n');
    expect(lines[0]).toBe('allowed tcp.listen 127.0.0.1 0 (127.0.0.1)');
    expect(lines[1]).toMatch(/^allowed tcp\.connect 127\.0\.0\.1 \d+ \(\*\)$/);
    expect(lines[2]).toMatch(/^allowed tcp\.accept 127\.0\.0\.1 \d+ /);
    expect(guestWith(['--audit'], 'lookup', 'localhost').stderr).toContain(
      'refused lookup localhost (no rule allows it)\n',
    );
  },
  help() {
    for (const args of [['--help'], ['-h'], ['run', '--help'], ['run', '-h', guest]]) {
      const { status, stdout, stderr } = command(args);
      expect({ status, stderr, isUsage: stdout.startsWith('usage: sock-wasi run') }).toEqual({
        status: 0,
        stderr: '',
        isUsage: true,
      });
    }
  },
};

describe('the option', () => {
  test.each(Object.entries(options))('--%s', (_, check) => check());
});

test('every option of --help has its test', () => {
  const { stdout } = command(['--help']);
  const named = [...stdout.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, name]) => name);
  expect(named.toSorted()).toEqual(Object.keys(options).toSorted());
});

test('options after the file are those of the program', () => {
  expect(guestWith([], '--allow-all').stderr).toBe('no such thing: --allow-all\n');
});

test('standard input is the program’s, and its exit code is the command’s', () => {
  expect(command(['run', guest, 'cat'], 'one\ntwo\n')).toEqual(done('one\ntwo\n'));
  expect(guestWith([], 'exit', '0').status).toBe(0);
  expect(guestWith([], 'exit', '1').status).toBe(1);
});

describe('what is wrong is said, with the status 2 for usage', () => {
  test.each([
    [[], 2, ''],
    [['walk'], 2, "no command 'walk'"],
    [['run'], 2, 'no FILE is given'],
    [['run', '--allow-everything', 'x.wasm'], 2, '--allow-everything'],
    [['run', '--dir', '::/data', 'x.wasm'], 2, '--dir'],
    [['run', '--allow-tcp', 'a b', 'x.wasm'], 1, ''],
    [['run', 'missing.wasm'], 1, 'ENOENT'],
  ] as const)('%j', (args, status, text) => {
    const ended = command(args);
    expect(ended.status).toBe(status);
    expect(ended.stderr).toContain(text);
  });

  test('a rule that names nothing', () => {
    const { status, stderr } = guestWith(['--allow-tcp', 'a b'], 'tcp');
    expect(status).toBe(1);
    expect(stderr).toContain("the rule 'a b'");
  });

  test('a trap, with its place', () => {
    const { status, stderr } = guestWith([], 'abort');
    expect(status).toBe(134);
    expect(stderr).toContain('RuntimeError');
  });
});
