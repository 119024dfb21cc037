import { readFileSync } from 'node:fs';
import type { Socket } from '@sock/core';
import { fail } from '../assert.js';
import { target } from './descriptors.js';

/** The number of a socket's inode. */
export function inodeOf(socket: Socket): string {
  return /^socket:\[(\d+)\]$/.exec(target(socket.asRawFd()))?.[1] ?? fail('no socket');
}

/** The line of a table of /proc/net that has the socket, in its fields. */
export function lineOf(table: string, socket: Socket): string[] | undefined {
  const inode = inodeOf(socket);
  const lines = readFileSync(`/proc/net/${table}`, 'utf8').split('\n').slice(1);
  return lines.map((line) => line.trim().split(/\s+/)).find((fields) => fields.includes(inode));
}
