/**
 * 100,000 connections that are open at once, and 10 million datagrams, each in less than a minute, with bounded
 * memory. `node packages/sim/proof/scale.mjs [connections|datagrams]`
 */
import { Domain, Network, SockAddr, Type } from '../dist/index.js';

const CONNECTIONS = 100_000;
const DATAGRAMS = 10_000_000;
/** Sent in one instant, before time passes. */
const BATCH = 100;
const MEBIBYTE = 1 << 20;
const MINUTE = 60_000;

/** Runs one of them, and fails where it takes more than a minute or more memory than that, in MiB. */
function measured(name, most, run) {
  const start = performance.now();
  const result = run();
  const time = performance.now() - start;
  const memory = process.memoryUsage().rss / MEBIBYTE;
  console.log(`${result} in ${(time / 1000).toFixed(1)} s, ${memory.toFixed(0)} MiB`);
  if (time > MINUTE) throw new Error(`${name} took ${time} ms`);
  if (memory > most) throw new Error(`${name} took ${memory} MiB`);
}

const parts = {
  connections: () =>
    measured('connections', 1024, () => {
      const network = new Network({ seed: 1 });
      const server = network.host('10.0.0.1', { name: 'server' });
      // A host has 28,232 ports to connect from.
      const clients = [0, 1, 2, 3].map((i) => network.host(`10.0.1.${i + 1}`));
      const address = SockAddr.ipv4('10.0.0.1', 80);
      const listener = new server.Socket(Domain.IPV4, Type.STREAM);
      listener.bind(address);
      listener.listen(16);
      const buffer = new Uint8Array(16);
      const sockets = [];
      for (let i = 0; i < CONNECTIONS; i++) {
        const client = new clients[i % 4].Socket(Domain.IPV4, Type.STREAM);
        client.connect(address);
        const [accepted] = listener.accept();
        client.send(buffer);
        accepted.send(buffer.subarray(0, accepted.recv(buffer)));
        if (client.recv(buffer) !== 16) throw new Error('the echo is short');
        sockets.push(client, accepted);
      }
      for (const socket of sockets) socket.close();
      void network.clock.advance(120_000);
      return `${CONNECTIONS} connections, ${network.traceEntries().length} entries kept`;
    }),
  datagrams: () =>
    measured('datagrams', 512, () => {
      const network = new Network({ seed: 1, latency: 1 });
      const [one, other] = ['10.0.0.1', '10.0.0.2'].map((address) => network.host(address));
      const receiver = new other.Socket(Domain.IPV4, Type.DGRAM);
      const to = SockAddr.ipv4('10.0.0.2', 9);
      receiver.bind(to);
      const sender = new one.Socket(Domain.IPV4, Type.DGRAM);
      const data = new Uint8Array(100);
      const buffer = new Uint8Array(200);
      let received = 0;
      while (received < DATAGRAMS) {
        for (let i = 0; i < BATCH; i++) sender.sendTo(data, to);
        void network.clock.advance(1);
        while (receiver.tryRecv(buffer) !== undefined) received += 1;
      }
      return `${received} datagrams`;
    }),
};

const chosen = process.argv.slice(2);
for (const [name, run] of Object.entries(parts)) {
  if (chosen.length === 0 || chosen.includes(name)) run();
}
