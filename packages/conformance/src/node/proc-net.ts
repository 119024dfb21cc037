import { readFileSync } from 'node:fs';
import type { Socket } from '@sock/core';
import { fail } from '../assert.js';
import { target } from './descriptors.js';

/** The inode number of a socket. */
export function inodeOf(socket: Socket): string {
  return (
    /^socket:\[(\d+)\]$/.exec(target(socket.asRawFd()))?.[1] ??
    fail('the descriptor is not a socket')
  );
}

/** The fields of the line of /proc/net/`table` that describes the socket. */
export function lineOf(table: string, socket: Socket): string[] | undefined {
  const inode = inodeOf(socket);
  const lines = readFileSync(`/proc/net/${table}`, 'utf8').split('\n').slice(1);
  return lines.map((line) => line.trim().split(/\s+/)).find((fields) => fields.includes(inode));
}
