/** What Node as a host has to do beyond the contract. Each test runs in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Domain, SockAddr, Socket as NativeSocket, Type } from '@sock/native';
import { expect, test } from 'vitest';

const MiB = 1 << 20;

/** Runs a program on @sock/wasi. Returns its output when it has ended by itself. */
async function run(program: string, input?: string, host = ''): Promise<string> {
  const script = `
    import { Domain, Events, Interest, Poller, SockAddr, Socket, Type } from '@sock/wasi';
    const loopback = SockAddr.ipv4('127.0.0.1', 0);
    const code = (call) => { try { call(); return 'none'; } catch (error) { return error.code; } };
    ${program}
  `;
  const args = ['--input-type=module', '--eval', script, ...(input === undefined ? [] : [input])];
  const child = spawn(process.execPath, args, {
    cwd: import.meta.dirname,
    env: { ...process.env, SOCK_WASI_HOST: host },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [status] = (await once(child, 'close')) as [number | null];
  expect(status, output).toBe(0);
  return output.trim();
}

test('without leave to use the network each call fails with EACCES, and nothing traps', async () => {
  const codes = await run(
    `
    const { _denyTcp, _denyUdp } = await import('@bytecodealliance/preview2-shim/sockets');
    _denyTcp();
    _denyUdp();
    const address = SockAddr.ipv4('127.0.0.1', 9);
    const tcp = () => new Socket(Domain.IPV4, Type.STREAM);
    const udp = () => new Socket(Domain.IPV4, Type.DGRAM);
    console.log([
      code(() => tcp().bind(loopback)),
      code(() => tcp().connect(address)),
      code(() => tcp().tryConnect(address)),
      code(() => tcp().connectTimeout(address, 1000)),
      code(() => tcp().listen(1)),
      code(() => udp().bind(loopback)),
      code(() => udp().connect(address)),
      code(() => udp().sendTo(new Uint8Array(1), address)),
    ].join());
  `,
    undefined,
    'shim',
  );
  expect(new Set(codes.split(','))).toEqual(new Set(['EACCES']));
});

test('a program that ends after a close has sent everything, though its peer was slow', async () => {
  const listener = new NativeSocket(Domain.IPV4, Type.STREAM);
  listener.bind(SockAddr.ipv4('127.0.0.1', 0));
  listener.setRecvBufferSize(4096);
  listener.listen(1);
  const ended = run(
    `
      const socket = new Socket(Domain.IPV4, Type.STREAM);
      socket.connect(SockAddr.ipv4('127.0.0.1', Number(process.argv[1])));
      let sent = 0;
      for (const chunk = new Uint8Array(${MiB}); sent < 64 * ${MiB};) {
        const count = socket.trySend(chunk);
        if (count === undefined) break;
        sent += count;
      }
      socket.close();
      console.log(sent);
    `,
    String(listener.localAddr().port),
  );
  await listener.readable();
  const [server] = listener.accept();
  // Long after the last line of the program has run.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const buffer = new Uint8Array(MiB);
  let received = 0;
  for (;;) {
    await server.readable();
    const count = server.recv(buffer);
    if (count === 0) break;
    received += count;
  }
  server.close();
  listener.close();
  expect(String(received)).toBe(await ended);
  expect(received).toBeGreaterThan(0);
});

test('a poller that was unref-ed lets the process end, another keeps it alive', async () => {
  const program = (unref: string): string => `
    const socket = new Socket(Domain.IPV4, Type.DGRAM);
    socket.bind(loopback);
    const poller = new Poller();
    poller.register(socket, 0, Interest.READABLE);
    poller.attach(() => { console.log('told'); process.exit(); });
    poller${unref};
    setTimeout(() => socket.sendTo(new Uint8Array(1), socket.localAddr()), 100)${unref};
  `;
  expect(await run(program('.unref()'))).toBe('');
  expect(await run(program('.ref()'))).toBe('told');
});

test('a handler that throws leaves the others waiting', async () => {
  const told = await run(`
    process.on('uncaughtException', ({ message }) => console.log(message));
    const [bad, good] = [0, 1].map(() => {
      const socket = new Socket(Domain.IPV4, Type.DGRAM);
      socket.bind(loopback);
      return socket;
    });
    const poller = new Poller();
    poller.register(bad, 0, Interest.READABLE | Interest.ONE_SHOT);
    poller.attach(() => { throw new Error('thrown'); });
    bad.sendTo(new Uint8Array(1), bad.localAddr());
    setTimeout(() => good.sendTo(new Uint8Array(1), good.localAddr()), 100);
    await good.readable();
    console.log('told');
    process.exit();
  `);
  expect(told.split('\n')).toEqual(['thrown', 'told']);
});

test('a wait that nothing could end is refused; one for a refused datagram ends in time', async () => {
  const codes = await run(
    `
    const poller = new Poller();
    const events = new Events();
    const listener = new Socket(Domain.IPV4, Type.STREAM);
    listener.bind(loopback);
    listener.listen(1);
    poller.register(listener, 0, Interest.WRITABLE);
    const endless = code(() => poller.poll(events));
    const gone = new Socket(Domain.IPV4, Type.DGRAM);
    gone.bind(loopback);
    const address = gone.localAddr();
    gone.close();
    const socket = new Socket(Domain.IPV4, Type.DGRAM);
    socket.connect(address);
    socket.send(new Uint8Array(1));
    socket.setReadTimeout(100);
    console.log([endless, code(() => socket.recv(new Uint8Array(1)))].join());
    process.exit();
  `,
    undefined,
    'shim',
  );
  expect(codes).toBe('EDEADLK,EAGAIN');
});

test('over the addon: refusals, backlog, half-close and a reset are as POSIX has them', async () => {
  const said = await run(`
    const { hostName } = await import('@sock/wasi');
    const gone = new Socket(Domain.IPV4, Type.DGRAM);
    gone.bind(loopback);
    const address = gone.localAddr();
    gone.close();
    const udp = new Socket(Domain.IPV4, Type.DGRAM);
    udp.connect(address);
    udp.send(new Uint8Array(1));
    const refused = code(() => udp.recv(new Uint8Array(1)));
    const bound = new Socket(Domain.IPV4, Type.STREAM);
    bound.bind(loopback);
    const bindOnly = code(() => new Socket(Domain.IPV4, Type.STREAM).connect(bound.localAddr()));
    bound.listen(1);
    const client = new Socket(Domain.IPV4, Type.STREAM);
    client.connect(bound.localAddr());
    const [server] = bound.accept();
    server.shutdown('write');
    const buffer = new Uint8Array(8);
    const halves = [client.recv(buffer), client.send(buffer), server.recv(buffer)].join(' ');
    const other = new Socket(Domain.IPV4, Type.STREAM);
    other.connect(bound.localAddr());
    const [unread] = bound.accept();
    other.send(buffer);
    unread.readable().then(() => {
      unread.close();
      const reset = code(() => other.recv(buffer));
      console.log([hostName, refused, bindOnly, halves, reset].join());
    });
  `);
  expect(said).toBe('native,ECONNREFUSED,ECONNREFUSED,0 8 8,ECONNRESET');
});
