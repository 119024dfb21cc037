/** Which processor handles a socket's packets, and whether the socket polls for them. */
import { spawnSync } from 'node:child_process';
import { availableParallelism, release } from 'node:os';
import { Domain, Type } from '@sock/core';
import { equal } from '../../assert.js';
import type { Case } from '../../case.js';
import { loopback } from '../../context.js';
import { lacksAdmin } from '../../privilege.js';
import { type NodeBackend, report } from '../program.js';

/** Groups of sockets follow the option since Linux 6.2: commit b261eda84ec1. */
const HEEDED = [6, 2] as const;

function lacksProcessors(): string | undefined {
  const [major = 0, minor = 0] = release()
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  if (major < HEEDED[0] || (major === HEEDED[0] && minor < HEEDED[1])) return 'Linux 6.2';
  if (availableParallelism() < 2) return 'a second processor';
  return spawnSync('taskset', ['--version']).status === 0 ? undefined : 'the program taskset';
}

export const processors = (backend: NodeBackend): Case[] => [
  {
    name: 'setCpuAffinity: a listener gets the connections that its processor handles; cpuAffinity reports that processor',
    methods: ['setCpuAffinity', 'cpuAffinity', 'setReusePort', 'accept'],
    observes: ['setCpuAffinity', 'cpuAffinity'],
    needs: ['setCpuAffinity', 'cpuAffinity', 'setReusePort'],
    lacks: lacksProcessors,
    timeout: 60_000,
    run(t) {
      let address = loopback('ipv4');
      const listeners = [0, 1].map((processor) => {
        const listener = t.socket('tcp4');
        listener.setReusePort(true);
        listener.setCpuAffinity(processor);
        equal(listener.cpuAffinity(), processor);
        listener.bind(address);
        listener.listen(8);
        address = listener.localAddr();
        return listener;
      });
      const client = `
        const socket = require('node:net').connect(${address.port}, '127.0.0.1', () => {
          socket.write('x', () => process.exit());
        });`;
      for (const [processor, listener] of listeners.entries()) {
        const pinned = ['--cpu-list', String(processor), process.execPath, '--eval', client];
        equal(spawnSync('taskset', pinned, { timeout: 30_000 }).status, 0, 'the client');
        const accepted = listener.tryAccept();
        equal(accepted === undefined, false, `a connection by processor ${processor}`);
        const [connection] = accepted ?? t.accept(listener);
        equal(t.track(connection).cpuAffinity(), processor);
      }
    },
  },
  {
    name: 'setBusyPoll belongs to the socket, not to the process: another process with the socket sees and changes it',
    methods: ['setBusyPoll', 'busyPoll', 'newRaw'],
    // The polling itself cannot be observed: neither ss nor /proc show it, and the loopback interface has no queue.
    observes: ['setBusyPoll', 'busyPoll'],
    needs: ['setBusyPoll', 'busyPoll'],
    lacks: lacksAdmin,
    timeout: 60_000,
    async run(t) {
      const socket = t.track(t.Socket.newRaw(Domain.IPV4, Type.DGRAM));
      socket.setBusyPoll(50);
      const { before } = await report(
        backend,
        `const socket = Socket.fromRawFd(Number(process.argv[1]));
         const before = socket.busyPoll();
         socket.setBusyPoll(40);
         socket.close();
         console.log(JSON.stringify({ before }));`,
        { arguments: [socket.asRawFd()] },
      );
      equal(before, 50, 'of the other process');
      equal(socket.busyPoll(), 40, 'of this one, afterwards');
    },
  },
];
