import { Worker } from 'node:worker_threads';
import { equal } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import { pause } from '../../context.js';
import { imports, type NodeBackend } from '../program.js';

/** Runs a program in a Worker. It has `workerData` and `parentPort`. */
function thread(backend: NodeBackend, body: string, workerData: unknown): Worker {
  return new Worker(
    `const { parentPort, workerData } = require('node:worker_threads');
     (async () => { ${imports(backend)} ${body} })().catch((error) => setImmediate(() => { throw error; }));`,
    { eval: true, workerData },
  );
}

function message(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

const ended = (worker: Worker): Promise<number> =>
  new Promise((resolve) => {
    worker.once('exit', resolve);
  });

export const threads = (backend: NodeBackend): Case[] => [
  {
    name: 'a Worker uses a descriptor in blocking calls while this thread continues',
    socket2Docs: 'impl Send for Socket',
    methods: ['intoRawFd', 'fromRawFd', 'recv', 'send'],
    timeout: 30_000,
    async run(t) {
      const [one, other] = t.connectedPair();
      const worker = thread(
        backend,
        `const socket = Socket.fromRawFd(workerData);
         parentPort.postMessage('ready');
         const buffer = new Uint8Array(64);
         for (;;) {
           const length = socket.recv(buffer);
           if (length === 0) break;
           socket.send(buffer.subarray(0, length));
         }
         socket.close();`,
        other.intoRawFd(),
      );
      try {
        equal(other.closed, true);
        equal(await message(worker), 'ready');
        const exit = ended(worker);
        // The Worker now blocks in recv. The timers and waits of this thread still run.
        await pause(50);
        const buffer = new Uint8Array(64);
        for (const word of ['one', 'two', 'three']) {
          one.send(bytes(word));
          await one.readable({ timeout: 10_000 });
          equal(text(buffer, one.recv(buffer)), word);
        }
        one.shutdown('write');
        equal(await exit, 0);
      } finally {
        await worker.terminate();
      }
    },
  },
  {
    name: 'a Worker adopts a clone while this thread keeps the original',
    socket2Docs: 'impl Send for Socket',
    methods: ['tryClone', 'intoRawFd', 'fromRawFd'],
    timeout: 30_000,
    async run(t) {
      const [one, other] = t.connectedPair('udp4');
      const worker = thread(
        backend,
        `const socket = Socket.fromRawFd(workerData);
         socket.send(new TextEncoder().encode('from the worker'));
         socket.close();
         parentPort.postMessage('closed');`,
        one.tryClone().intoRawFd(),
      );
      try {
        equal(await message(worker), 'closed');
        const buffer = new Uint8Array(32);
        equal(text(buffer, other.recv(buffer)), 'from the worker');
        equal(one.send(bytes('from here')), 9);
        equal(text(buffer, other.recv(buffer)), 'from here');
      } finally {
        await worker.terminate();
      }
    },
  },
  {
    name: 'a Worker waits on its own event loop',
    socket2Docs: 'impl Sync for Socket',
    methods: ['readable', 'fromRawFd'],
    timeout: 30_000,
    async run(t) {
      const [one, other] = t.connectedPair();
      const worker = thread(
        backend,
        `const socket = Socket.fromRawFd(workerData);
         parentPort.postMessage('waiting');
         await socket.readable({ timeout: 20_000 });
         parentPort.postMessage(socket.recv(new Uint8Array(8)));
         socket.close();`,
        other.intoRawFd(),
      );
      try {
        equal(await message(worker), 'waiting');
        await pause(20);
        const received = message(worker);
        one.send(bytes('wake'));
        equal(await received, 4);
      } finally {
        await worker.terminate();
      }
    },
  },
];
