import { inspect } from 'node:util';
import { equal, ok, rejectsCode, within } from '../../assert.js';
import { bytes } from '../../bytes.js';
import type { Case } from '../../case.js';
import { loopback, pause } from '../../context.js';
import { type NodeBackend, report, start } from '../program.js';

/** Milliseconds: longer than a program with nothing to wait for takes to end. */
const STARTED = 1500;

const COUNT_SOCKETS = `
  const { readdirSync, readlinkSync } = await import('node:fs');
  const sockets = () => readdirSync('/proc/self/fd').filter((fd) => {
    try { return readlinkSync('/proc/self/fd/' + fd).startsWith('socket:'); } catch { return false; }
  }).length;
`;

const BOUND = `
  const bound = () => {
    const socket = new Socket(Domain.IPV4, Type.DGRAM);
    socket.bind(SockAddr.ipv4('127.0.0.1', 0));
    return socket;
  };
`;

export const processLife = (backend: NodeBackend): Case[] => [
  {
    name: 'a socket that is garbage-collected closes its descriptor',
    socket2Docs: 'impl Drop for Socket',
    methods: ['new', 'tryClone', 'accept'],
    timeout: 60_000,
    async run() {
      const { most, least } = await report(
        backend,
        `${COUNT_SOCKETS}
         const before = sockets();
         (() => { for (let i = 0; i < 50; i++) new Socket(Domain.IPV4, Type.DGRAM).tryClone(); })();
         const most = sockets() - before;
         let least = most;
         for (let i = 0; i < 100 && least > 0; i++) {
           gc();
           await new Promise((resolve) => setTimeout(resolve, 10));
           least = Math.min(least, sockets() - before);
         }
         console.log(JSON.stringify({ most, least }));`,
        { options: ['--expose-gc'] },
      );
      within(most as number, 1, 100, 'sockets before the collection');
      equal(least, 0, 'sockets after it');
    },
  },
  {
    name: 'collecting a socket that was closed or released does not close a descriptor',
    methods: ['close', 'intoRawFd', 'fromRawFd'],
    timeout: 60_000,
    async run() {
      const { closed, open } = await report(
        backend,
        `const owners = [];
         (() => {
           for (let i = 0; i < 50; i++) {
             new Socket(Domain.IPV4, Type.DGRAM).close();
             owners.push(new Socket(Domain.IPV4, Type.DGRAM));
             owners.push(Socket.fromRawFd(new Socket(Domain.IPV4, Type.DGRAM).intoRawFd()));
             Socket.borrowRawFd(owners[0].asRawFd());
           }
         })();
         for (let i = 0; i < 20; i++) { gc(); await new Promise((resolve) => setTimeout(resolve, 5)); }
         let open = 0;
         for (const owner of owners) { owner.setTtl(7); if (owner.ttl() === 7) open++; }
         for (const owner of owners) owner.close();
         console.log(JSON.stringify({ closed: owners.length - open, open }));`,
        { options: ['--expose-gc'] },
      );
      equal(closed, 0);
      equal(open, 100);
    },
  },
  {
    name: 'a socket with a pending wait is not collected',
    methods: ['readable'],
    timeout: 60_000,
    async run() {
      const { outcome } = await report(
        backend,
        `${BOUND}
         const peer = bound();
         let port;
         const wait = (() => {
           const socket = bound();
           port = socket.localAddr().port;
           return socket.readable({ timeout: 20_000 }).then(() => 'told', (error) => error.code);
         })();
         for (let i = 0; i < 20; i++) { gc(); await new Promise((resolve) => setTimeout(resolve, 5)); }
         peer.sendTo(new Uint8Array(1), SockAddr.ipv4('127.0.0.1', port));
         console.log(JSON.stringify({ outcome: await wait }));
         peer.close();`,
        { options: ['--expose-gc'] },
      );
      equal(outcome, 'told');
    },
  },
  {
    name: 'without free descriptors every call that makes one throws EMFILE, and works again once one is closed',
    methods: ['new', 'newRaw', 'tryClone', 'accept', 'tryAccept', 'acceptRaw'],
    timeout: 60_000,
    async run() {
      const result = await report(
        backend,
        `const listener = new Socket(Domain.IPV4, Type.STREAM);
         listener.bind(SockAddr.ipv4('127.0.0.1', 0));
         listener.listen(4);
         const client = new Socket(Domain.IPV4, Type.STREAM);
         client.connect(listener.localAddr());
         const sockets = [];
         const codeOf = (call) => { try { call(); return 'none'; } catch (error) { return error.code; } };
         const exhausted = codeOf(() => {
           for (let i = 0; i < 1000; i++) sockets.push(new Socket(Domain.IPV4, Type.DGRAM));
         });
         const codes = [
           exhausted,
           codeOf(() => Socket.newRaw(Domain.IPV4, Type.DGRAM)),
           codeOf(() => listener.tryClone()),
           codeOf(() => listener.accept()),
           codeOf(() => listener.acceptRaw()),
           codeOf(() => listener.tryAccept()),
         ];
         const waited = await listener.readable({ timeout: 5000 }).then(() => 'told', (error) => error.code);
         for (const socket of sockets.splice(0, 10)) socket.close();
         await listener.readable({ timeout: 5000 });
         const [accepted] = listener.accept();
         accepted.send(new Uint8Array(3));
         const received = client.recv(new Uint8Array(8));
         for (const socket of [...sockets, listener, client, accepted]) socket.close();
         console.log(JSON.stringify({ codes, waited, received }));`,
        { descriptors: 64 },
      );
      equal((result['codes'] as string[]).join(), Array(6).fill('EMFILE').join());
      ok(['EMFILE', 'told'].includes(result['waited'] as string), String(result['waited']));
      equal(result['received'], 3);
    },
  },
  {
    name: 'open sockets without a pending wait do not keep the process alive',
    methods: ['new', 'listen', 'readable'],
    timeout: 30_000,
    async run() {
      const { code, signal } = await start(
        backend,
        `${BOUND}
         globalThis.kept = [bound(), new Socket(Domain.IPV4, Type.STREAM)];
         kept[1].listen(1);
         await kept[0].readable({ timeout: 20 }).catch(() => {});
         await kept[0].writable();`,
      ).ended;
      equal(code, 0, `ended by ${signal ?? 'itself'}`);
    },
  },
  {
    name: 'a pending wait keeps the process alive until it ends',
    methods: ['readable'],
    timeout: 30_000,
    async run(t) {
      const program = start(
        backend,
        `${BOUND}
         const socket = bound();
         console.log('port', socket.localAddr().port);
         await socket.readable();
         console.log('told', socket.recv(new Uint8Array(8)));`,
      );
      try {
        const port = Number(await program.line('port'));
        await pause(STARTED);
        equal(program.process.exitCode, null, 'it stays');
        t.bound('udp4').sendTo(bytes('wake'), loopback('ipv4', port));
        const { code, output } = await program.ended;
        equal(code, 0);
        ok(output.includes('told 4'), output);
      } finally {
        program.process.kill('SIGKILL');
      }
    },
  },
  {
    name: 'the process ends when the socket of its only wait is closed',
    methods: ['readable', 'close'],
    timeout: 30_000,
    async run() {
      const { code, output } = await start(
        backend,
        `${BOUND}
         const socket = bound();
         setTimeout(() => socket.close(), 50);
         console.log(await socket.readable().catch((error) => error.code));`,
      ).ended;
      equal(code, 0);
      equal(output.trim(), 'EBADF');
    },
  },
  {
    name: 'waiting uses no thread and no processor time',
    methods: ['readable'],
    timeout: 30_000,
    async run() {
      const { threads, busy } = await report(
        backend,
        `${BOUND}
         const { readdirSync } = await import('node:fs');
         const count = () => readdirSync('/proc/self/task').length;
         const first = bound();
         await first.readable({ timeout: 10 }).catch(() => {});
         const before = count();
         const sockets = Array.from({ length: 100 }, bound);
         const waits = sockets.map((socket) => socket.readable({ timeout: 1000 }).catch(() => {}));
         const start = process.cpuUsage();
         await new Promise((resolve) => setTimeout(resolve, 500));
         const { user, system } = process.cpuUsage(start);
         const threads = count() - before;
         await Promise.all(waits);
         for (const socket of [first, ...sockets]) socket.close();
         console.log(JSON.stringify({ threads, busy: (user + system) / 1000 }));`,
      );
      equal(threads, 0, 'threads that waiting started');
      within(busy as number, 0, 250, 'milliseconds of processor time in 500 of waiting');
    },
  },
  {
    name: 'connectTimeout continues after a signal with the remaining time',
    socket2Docs: 'On Unix, this will loop over EINTR errors.',
    methods: ['connectTimeout'],
    timeout: 30_000,
    async run(t) {
      const address = await t.silentAddress();
      const program = start(
        backend,
        `let signals = 0;
         process.on('SIGUSR2', () => { signals++; });
         console.log('ready');
         await new Promise((resolve) => setTimeout(resolve, 50));
         const socket = new Socket(Domain.IPV4, Type.STREAM);
         const start = performance.now();
         let code = 'connected';
         try {
           socket.connectTimeout(SockAddr.parse(process.argv[1]), 1000);
         } catch (error) {
           code = error.code;
         }
         const elapsed = performance.now() - start;
         await new Promise((resolve) => setTimeout(resolve, 50));
         socket.close();
         console.log('result', JSON.stringify({ code, elapsed, signals }));
         process.exit();`,
        { arguments: [address.toString()] },
      );
      await program.line('ready');
      const interrupting = setInterval(() => program.process.kill('SIGUSR2'), 20);
      try {
        const result = JSON.parse(await program.line('result')) as Record<string, unknown>;
        equal(result['code'], 'ETIMEDOUT');
        ok((result['elapsed'] as number) >= 990, `ended after ${String(result['elapsed'])} ms`);
        ok((result['signals'] as number) > 0, 'signals arrived meanwhile');
      } finally {
        clearInterval(interrupting);
        program.process.kill('SIGKILL');
        await program.ended;
      }
    },
  },
  {
    name: 'a process that ends does not wait for lingering sockets',
    socket2Docs:
      'When the socket is closed as part of exit(2), it always lingers in the background.',
    methods: ['setLinger'],
    needs: ['setLinger'],
    timeout: 30_000,
    async run(t) {
      const listener = t.listener();
      const program = start(
        backend,
        `const socket = new Socket(Domain.IPV4, Type.STREAM);
         socket.connect(SockAddr.parse(process.argv[1]));
         while (socket.trySend(new Uint8Array(65_536)) !== undefined);
         socket.setLinger(20_000);
         console.log('ending');`,
        { arguments: [listener.localAddr().toString()] },
      );
      await program.line('ending');
      const begin = Date.now();
      equal((await program.ended).code, 0);
      within(Date.now() - begin, 0, 15_000, 'milliseconds to the end');
    },
  },
  {
    name: "node's own AbortSignal ends a wait",
    methods: ['readable', 'writable'],
    async run(t) {
      const [one] = t.connectedPair();
      const controller = new AbortController();
      const wait = one.readable({ signal: controller.signal }).catch((error: unknown) => error);
      controller.abort();
      equal(await wait, controller.signal.reason);
      const error = await one
        .readable({ signal: AbortSignal.timeout(20) })
        .catch((reason: unknown) => reason);
      equal((error as Error).name, 'TimeoutError');
      await one.writable({ signal: new AbortController().signal });
      await rejectsCode('ETIMEDOUT', () => one.readable({ timeout: 20 }));
    },
  },
  {
    name: 'inspect shows what a socket is',
    socket2Docs: 'impl Debug for Socket',
    methods: ['[nodejs.util.inspect.custom]'],
    run(t) {
      const [one] = t.connectedPair();
      equal(inspect(one), one.toString());
      ok(inspect({ one }).includes(`fd: ${one.asRawFd()}`), inspect({ one }));
    },
  },
];
