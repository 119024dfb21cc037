import type { Socket } from '@sock/core';
import { equal } from './assert.js';
import { type Context, loopback } from './context.js';

/** The backlog of each listener. */
const BACKLOG = 256;

/** Sockets that share a port. The system chooses the port for the first. */
export function sharing(t: Context, link: 'tcp4' | 'udp4', count: number): Socket[] {
  let address = loopback('ipv4');
  return Array.from({ length: count }, () => {
    const socket = t.socket(link);
    socket.setReusePort(true);
    equal(socket.reusePort(), true);
    socket.bind(address);
    address = socket.localAddr();
    if (link === 'tcp4') socket.listen(BACKLOG);
    return socket;
  });
}
