/** Four small protocols, each with a bug that only a bad network shows, and each without it. */
import { type Host, type Network, SockAddr, type Socket } from '@sock/sim';
import type { Scenario, SearchOptions } from '@sock/sim/search';

/** A protocol with a bug. */
export interface Planted {
  readonly name: string;
  readonly buggy: Scenario;
  readonly fixed: Scenario;
  readonly options: SearchOptions;
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

function check(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}

interface Pair {
  readonly client: Host;
  readonly server: Host;
}

function hosts(network: Network): Pair {
  return {
    server: network.host('10.0.0.1', { name: 'server' }),
    client: network.host('10.0.0.2', { name: 'client' }),
  };
}

const SERVER = SockAddr.ipv4('10.0.0.1', 7000);

function datagram(host: Host, port = 0): Socket {
  const socket = new host.Socket('ipv4', 'dgram');
  socket.bind(SockAddr.ipv4('0.0.0.0', port));
  return socket;
}

/** The next datagram, or nothing within a time. */
async function next(socket: Socket, timeout: number): Promise<[Uint8Array, SockAddr] | undefined> {
  const buffer = new Uint8Array(64);
  try {
    await socket.readable({ timeout });
  } catch {
    return undefined;
  }
  const received = socket.tryRecvFrom(buffer);
  return received && [buffer.slice(0, received[0]), received[1]];
}

/** A request that is sent again and again: the pause before each doubles, with a cap or without one. */
const retrying =
  (cap: number): Scenario =>
  async ({ network }) => {
    const { client, server } = hosts(network);
    server.run(async ({ signal }) => {
      const socket = datagram(server, SERVER.port);
      while (!signal.aborted) {
        const request = await next(socket, 600_000);
        if (request !== undefined) socket.sendTo(Uint8Array.of(1), request[1]);
      }
    });
    const socket = datagram(client);
    let wait = 100;
    for (;;) {
      socket.sendTo(Uint8Array.of(0), SERVER);
      const start = network.clock.now;
      if ((await next(socket, wait)) !== undefined) return;
      check(
        network.clock.now - start <= 2000,
        `waited ${network.clock.now - start} ms for an answer`,
      );
      wait = Math.min(cap, wait * 2);
    }
  };

/** A consumer that sleeps when its queue is empty, and whom a producer wakes by a datagram. */
const waking =
  (checksAgain: boolean): Scenario =>
  async ({ network }) => {
    const { client, server } = hosts(network);
    const queue: number[] = [];
    let taken = 0;
    const producer = async (): Promise<void> => {
      const socket = datagram(client);
      for (let i = 0; i < 5; i++) {
        queue.push(i);
        socket.sendTo(Uint8Array.of(i), SERVER);
        await pause(100);
      }
    };
    const consumer = async (): Promise<void> => {
      const socket = datagram(server, SERVER.port);
      const limit = network.clock.now + 60_000;
      while (taken < 5) {
        // What was lost is the wake-up, not the work.
        await next(socket, checksAgain ? 1000 : limit - network.clock.now);
        for (; queue.length > 0; taken++) queue.shift();
        check(network.clock.now < limit, `${queue.length} jobs wait, and nobody was woken`);
      }
    };
    await Promise.all([producer(), consumer()]);
  };

/** Payments, each of which is to be booked once, however often it is sent. */
const paying =
  (remembers: boolean): Scenario =>
  async ({ network }) => {
    const { client, server } = hosts(network);
    const booked: number[] = [];
    const seen = new Set<number>();
    server.run(async ({ signal }) => {
      const socket = datagram(server, SERVER.port);
      while (!signal.aborted) {
        const request = await next(socket, 600_000);
        if (request === undefined) continue;
        const [[id = 0], from] = request;
        if (!remembers || !seen.has(id)) booked.push(id);
        seen.add(id);
        socket.sendTo(Uint8Array.of(id), from);
      }
    });
    const socket = datagram(client);
    for (let id = 0; id < 3; id++) {
      for (let answered = false; !answered;) {
        socket.sendTo(Uint8Array.of(id), SERVER);
        const end = network.clock.now + 500;
        while (!answered && network.clock.now < end) {
          const answer = await next(socket, end - network.clock.now);
          answered = answer?.[0][0] === id;
        }
      }
    }
    await pause(20_000);
    check(booked.length === new Set(booked).size, `booked ${booked.join()}`);
  };

/** A file sent over a connection: the receiver answers at its end, which the sender must tell by a half-close. */
const copying =
  (noticesReset: boolean): Scenario =>
  async ({ network }) => {
    const { client, server } = hosts(network);
    const size = 2000;
    const listener = new server.Socket('ipv4', 'stream');
    listener.bind(SERVER);
    listener.listen(4);
    let stored = 0;
    server.run(async ({ signal }) => {
      while (!signal.aborted) {
        await listener.readable();
        const [connection] = listener.accept();
        void receive(connection);
      }
    });
    const receive = async (connection: Socket): Promise<void> => {
      const buffer = new Uint8Array(512);
      let length = 0;
      try {
        for (;;) {
          await connection.readable();
          const count = connection.recv(buffer);
          if (count === 0) break;
          length += count;
        }
        if (length === size) stored += 1;
        connection.send(Uint8Array.of(1));
      } catch {
        // The client sends it again, over another connection.
      }
      connection.close();
    };
    const limit = network.clock.now + 120_000;
    const send = async (): Promise<boolean> => {
      const socket = new client.Socket('ipv4', 'stream');
      socket.tryConnect(SERVER);
      await socket.writable();
      socket.send(new Uint8Array(size / 2));
      await pause(50);
      try {
        socket.send(new Uint8Array(size / 2));
        socket.shutdown('write');
      } catch (error) {
        if (noticesReset) throw error;
        // The bug: as if it had been sent. The answer never comes, as the end was never told.
        await pause(limit - network.clock.now);
      }
      await socket.readable();
      return socket.recv(new Uint8Array(1)) === 1;
    };
    for (let sent = false; !sent;) {
      check(network.clock.now < limit, 'sender and receiver wait for each other');
      sent = await send().catch(() => false);
      if (!sent) await pause(1000);
    }
    check(stored >= 1, 'the file is not there');
  };

/** The four of them. */
export const planted: readonly Planted[] = [
  {
    name: 'a retry whose pause has no cap',
    buggy: retrying(Infinity),
    fixed: retrying(2000),
    options: {
      latency: 10,
      faults: { hosts: ['client', 'server'], kinds: ['drop', 'delay', 'partition'] },
    },
  },
  {
    name: 'a wake-up that is lost',
    buggy: waking(false),
    fixed: waking(true),
    options: { latency: 10 },
  },
  {
    name: 'a delivery that is doubled',
    buggy: paying(false),
    fixed: paying(true),
    options: { latency: 10 },
  },
  {
    name: 'a half-close that never comes',
    buggy: copying(false),
    fixed: copying(true),
    options: {
      latency: 10,
      faults: {
        hosts: ['client', 'server'],
        kinds: ['drop', 'delay', 'reset', 'refuse'],
        within: 1000,
      },
    },
  },
];
