/**
 * Runs the contract on another platform, through an emulator or not. A case that hangs or ends the process
 * is a failed one: the rest goes on in a new process.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { root } from '../run.mjs';
import { cache } from './zig.mjs';

/** Cases have 10 s each; an emulator may need more to start. */
const STALL = 30_000;

/** Bundles a program and what it imports into one file; returns its path. */
export async function bundle(entry) {
  const outfile = join(cache, `${entry}.bundle.mjs`);
  const dist = (name) => join(root, 'packages', name, 'dist/index.js');
  mkdirSync(cache, { recursive: true });
  await build({
    entryPoints: [fileURLToPath(new URL(`${entry}.mjs`, import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outfile,
    logLevel: 'error',
    alias: Object.fromEntries(
      ['core', 'native', 'conformance'].map((name) => [`@sock/${name}`, dist(name)]),
    ),
  });
  return outfile;
}

function end(child) {
  try {
    // The emulator and what it started: they are a process group of their own.
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/**
 * Runs a command with its output in a file, which an emulator of Windows needs. Resolves with its status;
 * ends it when nothing is written for STALL.
 */
function runTo(file, command, args, env, onLine) {
  const output = openSync(file, 'w');
  const child = spawn(command, args, {
    stdio: ['ignore', output, output],
    env: { ...process.env, ...env },
    detached: true,
  });
  closeSync(output);
  return new Promise((resolve, reject) => {
    let read = 0;
    let changed = Date.now();
    let stalled = false;
    const look = () => {
      const text = readFileSync(file, 'utf8');
      const until = text.lastIndexOf('\n') + 1;
      if (until > read) {
        changed = Date.now();
        for (const line of text.slice(read, until - 1).split('\n')) onLine(line.trimEnd());
        read = until;
      }
    };
    const timer = setInterval(() => {
      look();
      if (Date.now() - changed < STALL) return;
      stalled = true;
      end(child);
    }, 200);
    child.on('error', (error) => {
      clearInterval(timer);
      reject(error);
    });
    child.on('close', (code, signal) => {
      clearInterval(timer);
      look();
      end(child);
      resolve(stalled ? 'hangs' : (signal ?? code));
    });
  });
}

/**
 * Runs the contract, or `entry: 'smoke'`. `command(program, ...args)` gives the command line and environment.
 * @returns totals by outcome, and the cases that failed with their reasons
 */
export async function runContract(command, { label, only, entry = 'guest', log = () => {} }) {
  const program = await bundle(entry);
  const file = join(cache, `${label}.out`);
  const totals = { passed: 0, unsupported: 0, skipped: 0, failed: 0 };
  const failures = [];
  let version;
  let from = 0;
  for (;;) {
    let current;
    let ended = false;
    const noise = [];
    const onLine = (line) => {
      let message;
      try {
        message = JSON.parse(line);
      } catch {
        if (line !== '') noise.push(line);
        return;
      }
      if (message.version !== undefined) version = message.version;
      if (message.end) ended = true;
      if (message.index !== undefined) current = message;
      if (message.outcome === undefined) return;
      totals[message.outcome]++;
      if (message.outcome === 'failed') {
        failures.push({ name: message.name, detail: message.detail, stack: message.stack });
        log(`${label}: failed: ${message.name}: ${message.detail}`);
      }
      from = current.index + 1;
      current = undefined;
    };
    const [name, args, env] = command(program, String(from), ...(only ? [only] : []));
    const status = await runTo(file, name, args, env, onLine);
    if (ended) break;
    if (current === undefined) {
      throw new Error(
        `${label}: it ended with ${status} outside of a case: ${noise.slice(-5).join(' | ')}`,
      );
    }
    totals.failed++;
    const detail = status === 'hangs' ? 'hangs' : `ended the process: ${status}`;
    failures.push({ name: current.name, detail });
    log(`${label}: failed: ${current.name}: ${detail}`);
    from = current.index + 1;
  }
  rmSync(file);
  return { version, ...totals, failures };
}
