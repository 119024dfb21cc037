/** Commands in a process group of their own, so that everything they started ends with them. */
import { spawn } from 'node:child_process';

const onWindows = process.platform === 'win32';

/** Like spawn, in a new process group where the system has them. Windows finds a script only with a shell. */
export const spawnGroup = (command, args, options) =>
  spawn(command, args, { ...options, detached: !onWindows, shell: onWindows });

/** Sends a signal to all processes of the group. */
export function signalGroup(child, signal) {
  try {
    process.kill(onWindows ? child.pid : -child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
