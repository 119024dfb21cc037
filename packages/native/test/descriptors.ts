import { readdirSync, readlinkSync } from 'node:fs';

/** The sockets among this process's descriptors. Other descriptors come and go with the test runner. */
export function openSockets(): string[] {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  });
}

/** Resident size of this process, in bytes. */
export const residentSize = (): number => process.memoryUsage.rss();
