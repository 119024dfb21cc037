/** Random schedules of asynchronous calls, against a model, on hosts that are some milliseconds apart. */
import { runSchedule, type ScheduleHost } from '@sock/conformance';
import { Network, SockAddr } from '@sock/sim';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const RUNS = Number(process.env['SOCK_SCHEDULES'] ?? 2000);
/** Repeats a run: the seed that a failure names. */
const SEED = process.env['SOCK_SCHEDULES_SEED'];
/** Bytes: small, so that sends have to wait. */
const ROOM = 4096;

function hostOn(network: Network): ScheduleHost {
  const [server, client] = [network.host('10.0.0.1'), network.host('10.0.0.2')];
  return {
    driver: client.Socket.driver,
    async pair(Own, kind) {
      if (kind % 3 === 0) return Own.pair('unix', 'stream');
      const listener = new server.Socket('ipv4', 'stream');
      listener.bind(SockAddr.ipv4('10.0.0.1', 80));
      listener.listen(4);
      const own = new Own('ipv4', 'stream');
      own.setSendBufferSize(ROOM);
      await own.connectAsync(SockAddr.ipv4('10.0.0.1', 80));
      const [peer] = await listener.acceptAsync();
      listener.close();
      peer.setNodelay(true);
      return [own, peer];
    },
    async datagrams(Own, kind) {
      if (kind % 3 === 0) return Own.pair('unix', 'dgram');
      const own = new Own('ipv4', 'dgram');
      own.bind(SockAddr.ipv4('10.0.0.2', 0));
      const peer = new server.Socket('ipv4', 'dgram');
      peer.bind(SockAddr.ipv4('10.0.0.1', 0));
      own.connect(peer.localAddr());
      peer.connect(own.localAddr());
      return [own, peer];
    },
    listener(Own) {
      const own = new Own('ipv4', 'stream');
      own.bind(SockAddr.ipv4('10.0.0.2', 80));
      own.listen(128);
      return [own, (Class = server.Socket) => new Class('ipv4', 'stream')];
    },
    // Longer than a round trip: what was sent has arrived.
    turn: () => new Promise((resolve) => setTimeout(resolve, 3)),
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  };
}

test(`${RUNS} random schedules lose no byte, settle each call once and leave nothing waiting`, async () => {
  const numbers = fc.array(fc.nat({ max: 10_000_000 }), { minLength: 4, maxLength: 40 });
  let schedules = 0;
  await fc.assert(
    fc.asyncProperty(numbers, async (schedule) => {
      schedules++;
      const network = new Network({
        seed: schedule[0] as number,
        latency: (schedule[1] as number) % 2,
      });
      await network.run(() => runSchedule(hostOn(network), schedule), { report: () => {} });
    }),
    { numRuns: RUNS, ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
  );
  expect(schedules).toBe(RUNS);
}, 240_000);
