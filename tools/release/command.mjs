/** Commands that end with this process: each in a group of its own, ended when Ctrl-C comes or a time is over. */
import { spawn } from 'node:child_process';
import { signalGroup } from '../process-group.mjs';

const running = new Set();

/** Ends every command that runs. */
export function stopCommands() {
  for (const child of running) signalGroup(child, 'SIGKILL');
}

/** Starts a command that goes on until {@link stopCommands}. */
export function start(name, args, options) {
  const onWindows = process.platform === 'win32';
  const child = spawn(name, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
    detached: !onWindows,
    // Windows finds a script only with a shell, which would take a path with a space apart.
    shell: onWindows && !name.endsWith('.exe'),
  });
  running.add(child);
  child.on('close', () => running.delete(child));
  return child;
}

/**
 * Runs a command and keeps its output.
 * @param options.timeout milliseconds
 * @param options.echo shows its standard output too
 * @returns its standard output
 * @throws when it does not start, fails, or takes too long; the message has its output
 */
export function command(name, args, { timeout = 300_000, echo = false, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = start(name, args, options);
    let [stdout, output, late] = ['', '', false];
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
      output += text;
      if (echo) process.stdout.write(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
    const limit = setTimeout(() => {
      late = true;
      signalGroup(child, 'SIGKILL');
    }, timeout);
    const fail = (why) => reject(new Error(`\`${[name, ...args].join(' ')}\` ${why}:\n${output}`));
    child.on('error', (error) => {
      clearTimeout(limit);
      fail(`did not start: ${error.message}`);
    });
    child.on('close', (status, signal) => {
      clearTimeout(limit);
      if (late) fail(`took longer than ${timeout / 1000} s`);
      else if (status === 0) resolve(stdout);
      else fail(`failed with ${signal ?? `status ${status}`}`);
    });
  });
}

/** Ends the commands and calls `clean` when this process ends, also by Ctrl-C. */
export function endWithThisProcess(clean) {
  process.on('exit', () => {
    stopCommands();
    clean();
  });
  process.on('SIGINT', () => process.exit(130)).on('SIGTERM', () => process.exit(143));
}
