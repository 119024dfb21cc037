import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';

const DIRECTORY = '/proc/self/fd';

/** What a descriptor of this process stands for, such as `socket:[4711]`. */
export function target(fd: number): string {
  return readlinkSync(`${DIRECTORY}/${fd}`);
}

/** How many sockets are among this process's descriptors. */
export function openSockets(): number {
  return readdirSync(DIRECTORY).filter((fd) => {
    try {
      return target(Number(fd)).startsWith('socket:');
    } catch {
      // The descriptor of the directory itself.
      return false;
    }
  }).length;
}

/** What a program that is executed now finds among its own descriptors. */
export function inherited(): string {
  return execFileSync('ls', ['-l', DIRECTORY], { encoding: 'utf8' });
}
