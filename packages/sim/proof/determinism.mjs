/**
 * A thousand seeds, each twice: both traces must be the same, byte for byte. Prints a digest of all traces, which
 * must be the same in every engine. Runs in Node, Bun and Deno as it is.
 *
 *   node packages/sim/proof/determinism.mjs [seeds]
 */
import { Domain, Network, SockAddr, Type } from '../dist/index.js';

const argument = globalThis.process?.argv[2] ?? globalThis.Deno?.args[0];
const seeds = Number(argument ?? 1000);

const stream = (host) => new host.Socket(Domain.IPV4, Type.STREAM);
const datagram = (host, port) => {
  const socket = new host.Socket(Domain.IPV4, Type.DGRAM);
  socket.bind(SockAddr.ipv4('0.0.0.0', port));
  return socket;
};

/** An echo server that may crash, clients that try again, and datagrams, on a bad network. */
async function program(network) {
  const [server, ...clients] = ['server', 'a', 'b'].map((name, i) =>
    network.host(`10.0.0.${i + 1}`, { name }),
  );
  server.run(async ({ signal }) => {
    const listener = stream(server);
    listener.bind(SockAddr.ipv4('0.0.0.0', 80));
    listener.listen(8);
    while (!signal.aborted) {
      await listener.readable();
      const accepted = listener.tryAccept();
      if (accepted !== undefined) echo(accepted[0]).catch(() => accepted[0].close());
    }
  });
  async function echo(socket) {
    const buffer = new Uint8Array(2048);
    for (;;) {
      await socket.readable();
      const length = socket.tryRecv(buffer);
      if (length === 0) break;
      if (length !== undefined) socket.send(buffer.subarray(0, length));
    }
    socket.close();
  }
  async function ask(host, size) {
    const socket = stream(host);
    try {
      socket.tryConnect(SockAddr.ipv4('10.0.0.1', 80));
      await socket.writable({ timeout: 3000 });
      socket.send(new Uint8Array(size));
      for (let got = 0; got < size;) {
        await socket.readable({ timeout: 3000 });
        const length = socket.tryRecv(new Uint8Array(4096));
        if (length === 0) throw new Error('ended');
        got += length ?? 0;
      }
    } finally {
      socket.close();
    }
  }
  async function client(host) {
    for (let i = 0; i < 3; i++) {
      for (let attempt = 0; attempt < 8; attempt++) {
        try {
          await ask(host, 100 + Math.floor(Math.random() * 4000));
          break;
        } catch (error) {
          network.note(`${host.name}: ${error.code ?? error.message}`);
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 500));
        }
      }
    }
  }
  async function chatter() {
    const [one, other] = [datagram(clients[0], 9), datagram(clients[1], 9)];
    for (let i = 0; i < 10; i++) {
      one.sendTo(Uint8Array.of(i), SockAddr.ipv4('10.0.0.3', 9));
      await new Promise((resolve) => setTimeout(resolve, 37));
      while (other.tryRecv(new Uint8Array(1)) !== undefined) network.note(`at ${Date.now()}`);
    }
  }
  await Promise.all([...clients.map(client), chatter()]);
}

async function run(seed) {
  const network = new Network({
    seed,
    latency: 10,
    jitter: 8,
    loss: 0.05,
    duplicate: 0.03,
    reorder: 0.05,
    traceLimit: 100_000,
    faults: [
      { kind: 'partition', from: 'a', to: 'server', at: 100 + (seed % 7) * 50, for: 900 },
      ...(seed % 3 === 0 ? [{ kind: 'crash', host: 'server', at: 300, for: 1500 }] : []),
      ...(seed % 5 === 0 ? [{ kind: 'reset', from: 'b', to: 'server', afterBytes: 150 }] : []),
    ],
  });
  await network.run(() => program(network));
  return network.trace();
}

/** FNV-1a, 32 bits. */
function mix(hash, text) {
  let value = hash;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value;
}

let hash = 0x811c9dc5;
let bytes = 0;
const distinct = new Set();
for (let seed = 0; seed < seeds; seed++) {
  const [first, second] = [await run(seed), await run(seed)];
  if (first !== second) {
    const lines = second.split('\n');
    const at = first.split('\n').findIndex((line, i) => line !== lines[i]);
    throw new Error(`seed ${seed} differs in line ${at}:\n${first.split('\n')[at]}\n${lines[at]}`);
  }
  distinct.add(mix(0, first));
  hash = mix(hash, first);
  bytes += first.length;
}
console.log(
  `${seeds} seeds, each twice the same: ${bytes} bytes of trace, ${distinct.size} distinct, digest ${(hash >>> 0).toString(16)}`,
);
