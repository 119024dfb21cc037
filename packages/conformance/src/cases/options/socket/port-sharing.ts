/** Sockets that share a port, and which of them gets a packet. */
import { SockFilter, type Socket } from '@sock/core';
import { equal, ok, throwsCode } from '../../../assert.js';
import type { Case } from '../../../case.js';
import { sharing } from '../../../sharing.js';

/** BPF_RET: its value is the index of the socket in its group. */
const choose = (index: number): SockFilter[] => [new SockFilter(0x06, 0, 0, index)];
const CONNECTIONS = 200;
const ARRIVAL = 5000;

export const portSharing: readonly Case[] = [
  {
    name: 'setReusePort(true): two listeners on one port share the connections; without it bind refuses',
    methods: ['setReusePort', 'reusePort', 'bind', 'accept'],
    observes: ['setReusePort', 'reusePort'],
    needs: ['setReusePort'],
    run(t) {
      const listeners = sharing(t, 'tcp4', 2) as [Socket, Socket];
      const address = listeners[0].localAddr();
      throwsCode('EADDRINUSE', () => t.socket('tcp4').bind(address));
      const counts = [0, 0];
      for (let made = 0; made < CONNECTIONS && Math.min(...counts) === 0; made++) {
        t.socket('tcp4').connect(address);
        for (const [index, listener] of listeners.entries()) {
          const accepted = listener.tryAccept();
          if (accepted === undefined) continue;
          t.track(accepted[0]);
          counts[index] = (counts[index] ?? 0) + 1;
        }
      }
      ok(Math.min(...counts) > 0, `connections of each: ${counts.join()}`);
    },
  },
  {
    name: 'attachReusePortFilter: the program chooses the socket, until it is detached',
    methods: ['attachReusePortFilter', 'detachReusePortFilter'],
    observes: ['SockFilter.new'],
    needs: ['attachReusePortFilter', 'setReusePort', 'setReadTimeout'],
    run(t) {
      const group = sharing(t, 'udp4', 2) as [Socket, Socket];
      const sender = t.bound('udp4');
      const buffer = new Uint8Array(8);
      for (const index of [0, 1]) {
        group[0].attachReusePortFilter(choose(index));
        for (let sent = 0; sent < 8; sent++) {
          sender.sendTo(Uint8Array.of(sent), group[0].localAddr());
          const chosen = group[index] as Socket;
          chosen.setReadTimeout(ARRIVAL);
          equal(chosen.recv(buffer), 1);
          equal(group[1 - index]?.tryRecv(buffer), undefined, 'the other');
        }
      }
      group[0].detachReusePortFilter();
    },
  },
];
