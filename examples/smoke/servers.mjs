/** Checks the recipes for servers and clients of TCP through real peers: node's own net and http, and curl. */
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { eventually, example, expect, Program, run, withPrograms } from './program.mjs';
import { inNamespace, NetworkNamespace } from './namespace.mjs';

async function listening(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

/** A client of a protocol of lines. */
class LineClient {
  text = '';
  #socket;

  constructor(port) {
    this.#socket = net.connect(port, '127.0.0.1');
    this.#socket.setEncoding('utf8').on('data', (data) => {
      this.text += data;
    });
    this.#socket.on('error', () => {});
    this.closed = new Promise((resolve) => this.#socket.once('close', resolve));
  }

  async says(text) {
    await eventually(() => this.text.includes(text) || this.#socket.destroyed);
    expect(this.text.includes(text) ? text : this.text, text);
  }

  write(text) {
    this.#socket.write(text);
  }

  pause() {
    this.#socket.pause();
  }

  end() {
    this.#socket.end();
    return this.closed;
  }
}

const chatServer = () =>
  withPrograms(async (start) => {
    const server = start(example('chat-server/chat-server.ts', '--port', '0'));
    const [, port] = await server.printed(/127\.0\.0\.1:(\d+)/);
    const ada = new LineClient(port);
    await ada.says('Your name?\n');
    ada.write('Ada\n');
    await ada.says('Ada joined\n');
    const bob = new LineClient(port);
    // In pieces, with the line end of telnet and with a sequence that would clear the terminal of the others.
    bob.write('Bo');
    await bob.says('Your name?\n');
    bob.write('b\r\nhello\r\n\u001B[2Jhi\n');
    await ada.says('Bob joined\nBob: hello\nBob: ?[2Jhi\n');
    expect(bob.text.includes('Bob: hello'), false);
    ada.write('é'.repeat(1000) + '\n');
    await bob.says(`Ada: ${'é'.repeat(1000)}\n`);

    const endless = new LineClient(port);
    endless.write('x'.repeat(10_000));
    await endless.closed;
    await server.printed(/a line is longer than 4096 bytes/);

    // A client that never reads is dropped, and costs the others nothing.
    const slow = new LineClient(port);
    await slow.says('Your name?\n');
    slow.write('Slow\n');
    await ada.says('Slow joined\n');
    slow.pause();
    const line = `${'y'.repeat(4000)}\n`;
    for (let sent = 0; !ada.text.includes('Slow left'); sent++) {
      expect(sent < 10_000, true);
      bob.write(line);
      await new Promise((done) => setTimeout(done, 1));
    }
    await bob.end();
    await ada.says('Bob left\n');
    await server.interrupt();
    await ada.closed;

    // More clients than descriptors: those that are too many wait, and are served when others have gone.
    const command = example('chat-server/chat-server.ts', '--port', '0');
    const limited = start(['sh', '-c', 'ulimit -n 40; exec "$@"', 'sh', ...command]);
    const [, limitedPort] = await limited.printed(/127\.0\.0\.1:(\d+)/);
    const clients = Array.from({ length: 50 }, () => new LineClient(limitedPort));
    await limited.printed(/EMFILE.*: waiting for a connection to end/);
    expect(clients.at(-1).text, '');
    for (const client of clients) {
      await client.says('Your name?\n');
      await client.end();
    }
    await limited.interrupt();
  });

const tcpProxy = () =>
  withPrograms(async (start) => {
    let reset;
    const target = http.createServer((request, response) => {
      if (request.url === '/reset') {
        response.write('a part');
        reset = setTimeout(() => request.socket.resetAndDestroy(), 50);
      } else request.pipe(response);
    });
    const to = `127.0.0.1:${await listening(target)}`;
    // It answers only when the client has ended its half.
    const halfClose = net.createServer({ allowHalfOpen: true }, (socket) => {
      let bytes = 0;
      socket.on('data', (data) => (bytes += data.length));
      socket.on('end', () => socket.end(`${bytes} bytes`));
    });
    const proxy = start(example('tcp-proxy/tcp-proxy.ts', '--port', '0', '--to', to));
    const [, port] = await proxy.printed(/127\.0\.0\.1:(\d+)/);
    const body = 'z'.repeat(3_000_000);
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
        return answer.text();
      }),
    );
    for (const answer of answers) expect(answer.length, body.length);
    expect(await run(['curl', '-sS', '--data', 'hello', `http://127.0.0.1:${port}/`]), 'hello');
    // A reset arrives as a reset: the client must not take a part for the whole.
    const cut = await fetch(`http://127.0.0.1:${port}/reset`)
      .then((response) => response.text())
      .catch((error) => `failed: ${error.cause?.code ?? error.message}`);
    expect(cut, /^failed: (ECONNRESET|UND_ERR_SOCKET)/);
    clearTimeout(reset);

    const half = start(
      example(
        'tcp-proxy/tcp-proxy.ts',
        '--port',
        '0',
        '--to',
        `127.0.0.1:${await listening(halfClose)}`,
      ),
    );
    const [, halfPort] = await half.printed(/127\.0\.0\.1:(\d+)/);
    const client = net.connect({ port: Number(halfPort), host: '127.0.0.1', allowHalfOpen: true });
    client.end(Buffer.alloc(1_000_000));
    let text = '';
    for await (const piece of client) text += piece;
    expect(text, '1000000 bytes');
    halfClose.close();
    await half.interrupt();

    // Nobody listens any more: the client is refused, and the proxy goes on.
    target.closeAllConnections();
    target.close();
    await once(target, 'close');
    await fetch(`http://127.0.0.1:${port}/`).then(
      () => expect('an answer', 'none'),
      () => {},
    );
    await proxy.printed(/ECONNREFUSED/);
    await proxy.interrupt();
    const wrong = example('tcp-proxy/tcp-proxy.ts', '--to', 'nowhere');
    expect(await new Program(wrong).end(1), /A host and a port/);
  });

const portScanner = async () => {
  // The scanner resets its connections.
  const make = () => net.createServer((socket) => socket.on('error', () => {}));
  const servers = [make(), make(), make()];
  const ports = await Promise.all(servers.map(listening));
  const scan = (...args) => example('port-scanner/port-scanner.ts', '127.0.0.1', ...args);
  const ranges = ports.map((port) => `${Math.max(1, port - 100)}-${Math.min(65_535, port + 100)}`);
  const all = ['--ports', ranges.join(',')];
  const check = (output) => {
    for (const port of ports) expect(output, new RegExp(`^${port} open$`, 'm'));
    expect(output, /^\d+ open, \d+ closed, 0 without an answer$/m);
  };
  const output = await run(scan(...all));
  check(output);
  // With fewer descriptors than connections it asks fewer ports at a time, and misses none.
  const limited = ['sh', '-c', 'ulimit -n 128; exec "$@"', 'sh', ...scan(...all)];
  check(await run([...limited, '--concurrency', '400']));
  for (const server of servers) server.close();
  expect(await run(scan('--ports', '80-70'), 1), /no range of ports/);
  return inNamespace(async (host) => {
    const router = await NetworkNamespace.make(host);
    try {
      // The router drops packets to 10.0.4.0/24: nothing answers. Nothing else has a route.
      NetworkNamespace.join([host, 'eth0', '10.0.1.1/24'], [router, 'eth0', '10.0.1.2/24']);
      host.ip('route', 'add', '10.0.4.0/24', 'via', '10.0.1.2');
      router.ip('route', 'add', 'blackhole', '10.0.4.0/24');
      router.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
      const at = (address, ...args) =>
        host.command(
          ...example('port-scanner/port-scanner.ts', address, '--timeout', '300', ...args),
        );
      expect(
        await run(at('10.0.4.1', '--ports', '1-500')),
        /^0 open, 0 closed, 500 without an answer$/m,
      );
      expect(await run(at('10.0.1.2', '--ports', '1-50')), /^0 open, 50 closed, 0 without/m);
      expect(await run(at('10.9.9.9', '--ports', '1-50')), /^0 open, 0 closed, 50 without/m);
      await withPrograms(async (start) => {
        const slow = at('10.0.4.1', '--ports', '1-60000', '--concurrency', '10');
        const program = start(slow);
        await new Promise((done) => setTimeout(done, 1500));
        expect(await program.interrupt(), /^0 open, 0 closed, \d+ without an answer$/m);
      });
    } finally {
      router.close();
    }
  });
};

/** An HTTP server that answers its name. Its connections end after each answer. */
async function backend(name, port = 0) {
  const server = http.createServer((_, response) => {
    response.setHeader('connection', 'close').end(name);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { name, server, port: server.address().port };
}

const loadBalancer = () =>
  withPrograms(async (start) => {
    const backends = [await backend('a'), await backend('b'), await backend('c')];
    const balancer = start(
      example(
        ...['load-balancer/load-balancer.ts', '--port', '0', '--interval', '100', '--backends'],
        ...backends.map(({ port }) => `127.0.0.1:${port}`),
      ),
    );
    const [, port] = await balancer.printed(/127\.0\.0\.1:(\d+) with 2 threads/);
    /** The names of the backends that answered. Every request must succeed. */
    const ask = async (count) => {
      const names = await Promise.all(
        Array.from({ length: count }, async () => {
          return (await fetch(`http://127.0.0.1:${port}/`)).text();
        }),
      );
      return new Set(names);
    };
    expect((await ask(60)).size, 3);
    const [{ server, port: deadPort }] = backends;
    server.close();
    server.closeAllConnections();
    // Some of these come before a health check has found it out.
    const without = await ask(60);
    expect([...without].sort().join(), 'b,c');
    await balancer.printed(new RegExp(`127\\.0\\.0\\.1:${deadPort} is dead`));
    backends[0] = await backend('a', deadPort);
    await balancer.printed(new RegExp(`127\\.0\\.0\\.1:${deadPort} is alive`));
    expect((await ask(60)).size, 3);
    for (const { server: each } of backends) {
      each.close();
      each.closeAllConnections();
    }
    await fetch(`http://127.0.0.1:${port}/`).then(
      () => expect('an answer', 'none'),
      () => {},
    );
    await balancer.interrupt();
  });

/** The programs of README.md use a fixed port, which is free in a namespace. */
const first = () =>
  inNamespace((namespace) =>
    withPrograms(async (start) => {
      start(namespace.command(...example('first/server.ts')));
      const client = namespace.command(...example('first/client.ts'));
      const isListening = () =>
        namespace.run('ss', '--listening', '--numeric', '--tcp').includes(':7000');
      await eventually(isListening);
      expect(await run(client), 'hello\n');
    }),
  );

export const servers = {
  'chat-server': chatServer,
  'tcp-proxy': tcpProxy,
  'port-scanner': portScanner,
  'load-balancer': loadBalancer,
  first,
};
