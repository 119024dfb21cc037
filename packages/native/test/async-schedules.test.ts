/** Random schedules of asynchronous calls, against a model. For an hour: `npm run async-schedules -- --minutes 60`. */
import { runSchedule, type ScheduleHost } from '@sock/conformance';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const RUNS = Number(process.env['SOCK_SCHEDULES'] ?? 3000);
/** Repeats a run: the seed that a failure names. */
const SEED = process.env['SOCK_SCHEDULES_SEED'];
/** Bytes: small, so that sends have to wait. The system doubles it. */
const ROOM = 4096;

test(`${RUNS} random schedules lose no byte, settle each call once and leave nothing waiting`, async () => {
  using listener = new Socket(Domain.IPV4, Type.STREAM);
  listener.bind(SockAddr.ipv4('127.0.0.1', 0));
  listener.listen(16);
  const host: ScheduleHost = {
    driver: Socket.driver,
    async pair(Own, kind) {
      if (kind % 2 === 0) return Own.pair(Domain.UNIX, Type.STREAM);
      const own = new Own(Domain.IPV4, Type.STREAM);
      own.setSendBufferSize(ROOM);
      own.connect(listener.localAddr());
      own.setNodelay(true);
      const [peer] = listener.accept();
      peer.setNodelay(true);
      return [own, peer];
    },
    async datagrams(Own, kind) {
      if (kind % 2 === 0) return Own.pair(Domain.UNIX, Type.DGRAM);
      const own = new Own(Domain.IPV4, Type.DGRAM);
      const peer = new Socket(Domain.IPV4, Type.DGRAM);
      for (const socket of [own, peer]) socket.bind(SockAddr.ipv4('127.0.0.1', 0));
      own.connect(peer.localAddr());
      peer.connect(own.localAddr());
      return [own, peer];
    },
    listener(Own, kind) {
      const domain = kind % 2 === 0 ? Domain.UNIX : Domain.IPV4;
      const own = new Own(domain, Type.STREAM);
      own.bind(kind % 2 === 0 ? SockAddr.unix('') : SockAddr.ipv4('127.0.0.1', 0));
      own.listen(128);
      return [own, (Class = Socket) => new Class(domain, Type.STREAM)];
    },
    turn: () => new Promise((resolve) => setImmediate(resolve)),
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  };
  const numbers = fc.array(fc.nat({ max: 10_000_000 }), { minLength: 4, maxLength: 40 });
  let schedules = 0;
  await fc.assert(
    fc.asyncProperty(numbers, async (schedule) => {
      schedules++;
      await runSchedule(host, schedule);
    }),
    { numRuns: RUNS, ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
  );
  expect(schedules).toBe(RUNS);
}, 240_000);
