import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';

const DIRECTORY = '/proc/self/fd';

/** What a descriptor of this process refers to, such as `socket:[4711]`. */
export function target(fd: number): string {
  return readlinkSync(`${DIRECTORY}/${fd}`);
}

/** How many descriptors of this process are sockets. */
export function openSockets(): number {
  return readdirSync(DIRECTORY).filter((fd) => {
    try {
      return target(Number(fd)).startsWith('socket:');
    } catch {
      // The descriptor by which the directory was read: it is closed again.
      return false;
    }
  }).length;
}

/** The descriptors that a program inherits if it is executed now, as `ls` prints them. */
export function inherited(): string {
  return execFileSync('ls', ['-l', DIRECTORY], { encoding: 'utf8' });
}
