/** Connecting by name: RFC 8305 over the sockets of any backend. */
import { connectHost, type ConnectHostOptions, type HostLookup, SockAddr } from '@sock/core';
import { deepEqual, equal, fail, ok, rejectsCode, waited } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import { type Context, pause } from '../../context.js';
import { rejection, Signal } from '../../signal.js';

/** The name of the loopback addresses: RFC 6761, section 6.3. */
const LOCAL = 'localhost';
/** A name that has no addresses: RFC 6761, section 6.4. Without a network the resolver can't tell. */
const UNKNOWN = 'unknown.invalid';
const UNKNOWN_CODES = ['ENOTFOUND', 'EAI_AGAIN'];

/** A resolver that finds these addresses for every name. */
const finds =
  (v4: readonly string[], v6: readonly string[] = []): HostLookup =>
  (_host, { family }) =>
    Promise.resolve(family === 4 ? v4 : v6);

async function connected(t: Context, host: string, port: number, options?: ConnectHostOptions) {
  const socket = await connectHost(t.Socket, host, port, options);
  return t.track(socket);
}

/** The error of an attempt that is expected to fail. A socket that it returns is closed. */
async function failure(t: Context, host: string, port: number, options: ConnectHostOptions) {
  return rejection(connected(t, host, port, options));
}

export const connectByName: readonly Case[] = [
  {
    name: 'connectHost connects by name, and returns a Socket of the class with its options set',
    methods: ['tryConnect', 'writable', 'setTtl'],
    async run(t) {
      const listener = t.listener();
      const { port } = listener.localAddr();
      const sock = { ttl: 33 };
      const socket = await connected(t, LOCAL, port, { family: 4, timeout: 5000, sock });
      ok(socket instanceof t.Socket, 'of the class');
      equal(socket.nonblocking(), false, 'nonblocking');
      equal(socket.ttl(), 33, 'IP_TTL');
      equal(String(socket.peerAddr()), `127.0.0.1:${port}`);
      const [connection] = t.accept(listener);
      socket.send(bytes('hello'));
      equal(text(t.recvAll(connection, 5)), 'hello');
    },
  },
  {
    name: 'connectHost looks up both families, and takes the one that answers',
    methods: ['tryConnect'],
    async run(t) {
      for (const link of ['tcp4', 'tcp6'] as const) {
        const listener = t.listener(link);
        const { port, address } = listener.localAddr();
        const lookup = finds(['127.0.0.1'], ['::1']);
        const socket = await connected(t, 'db.example', port, { lookup, timeout: 5000 });
        equal(socket.peerAddr().address, address, link);
        listener.close();
      }
    },
  },
  {
    name: 'connectHost takes addresses as text and as SockAddr, without a look-up',
    methods: ['tryConnect'],
    async run(t) {
      const lookup: HostLookup = () => fail('an address was looked up');
      const four = t.listener('tcp4').localAddr();
      const six = t.listener('tcp6').localAddr();
      for (const [host, address] of [
        ['127.0.0.1', four],
        ['::1', six],
        ['[::1]', six],
        ['0:0::1', six],
      ] as const) {
        const socket = await connected(t, host, address.port, { lookup });
        ok(socket.peerAddr().equals(address), host);
      }
      const socket = t.track(await connectHost(t.Socket, six, undefined, { lookup }));
      ok(socket.peerAddr().equals(six), 'a SockAddr');
    },
  },
  {
    name: 'look-ups of one name at the same time all have their answer',
    methods: ['tryConnect'],
    async run(t) {
      const listener = t.listener();
      const { port } = listener.localAddr();
      const sockets = await Promise.all(
        [4, 0, 4].map((family) => connected(t, LOCAL, port, { family: family as 0 | 4 })),
      );
      for (const socket of sockets) equal(socket.peerAddr().address, '127.0.0.1');
    },
  },
  {
    name: 'connectHost reports a name without addresses',
    methods: ['tryConnect'],
    timeout: 60_000,
    async run(t) {
      const error = await rejectsCode(UNKNOWN_CODES, () => connected(t, UNKNOWN, 80));
      equal(error.syscall, 'getaddrinfo');
      ok(error.message.includes(UNKNOWN), error.message);
      // A text that can be no name is not found either.
      await rejectsCode([...UNKNOWN_CODES, 'EAI_FAIL'], () => connected(t, 'not a name', 80));
      const none: HostLookup = () => Promise.resolve([]);
      await rejectsCode('ENOTFOUND', () => connected(t, 'db.example', 80, { lookup: none }));
      const denied = Object.assign(new Error('no'), { code: 'EACCES' });
      const lookup: HostLookup = () => Promise.reject(denied);
      // One error, though the look-ups of both families fail.
      equal(await failure(t, 'db.example', 80, { lookup }), denied);
      const wrong: HostLookup = () => Promise.resolve(['nowhere']);
      await rejectsCode('ERR_INVALID_IP_ADDRESS', () =>
        connected(t, 'db.example', 80, { lookup: wrong }),
      );
    },
  },
  {
    name: 'connectHost tries the next address while an attempt gets no answer, and closes that attempt',
    methods: ['tryConnect', 'writable', 'close'],
    async run(t) {
      const silent = await t.silentAddress();
      const good = t.socket('tcp6');
      good.bind(SockAddr.ipv6('::1', silent.port));
      good.listen(16);
      // The good address comes when the other one is being tried.
      const late = (): Promise<string[]> => pause(150).then(() => ['::1']);
      const lookup: HostLookup = (_host, { family }) =>
        family === 6 ? late() : Promise.resolve([silent.address]);
      const start = Date.now();
      const socket = await connected(t, 'db.example', silent.port, { lookup, attemptDelay: 50 });
      waited(start, 140);
      equal(socket.peerAddr().address, '::1');
    },
  },
  {
    name: 'connectHost rejects with the errors of all attempts',
    methods: ['tryConnect'],
    async run(t) {
      const { port } = t.refusingAddress();
      const one = await rejectsCode('ECONNREFUSED', () =>
        connected(t, 'db.example', port, { lookup: finds(['127.0.0.1']) }),
      );
      equal(one.address, '127.0.0.1');
      equal(one.port, port);
      const lookup = finds(['127.0.0.1'], ['::1']);
      const all = await rejectsCode('ECONNREFUSED', () =>
        connected(t, 'db.example', port, { lookup }),
      );
      const { errors } = all as Error as AggregateError;
      deepEqual(
        errors.map(({ address }: { address: string }) => address),
        ['::1', '127.0.0.1'],
      );
    },
  },
  {
    name: 'an abort ends connectHost with its reason, in a look-up and in an attempt',
    methods: ['tryConnect', 'writable'],
    async run(t) {
      const reason = new Error('enough');
      const never: HostLookup = () => new Promise(() => undefined);
      const silent = await t.silentAddress();
      for (const lookup of [never, finds([silent.address])]) {
        const signal = new Signal();
        const ended = failure(t, 'db.example', silent.port, { lookup, signal });
        await pause(30);
        signal.abort(reason);
        equal(await ended, reason);
        equal(signal.listeners, 0, 'listeners');
        // A signal that was aborted before.
        equal(await failure(t, 'db.example', silent.port, { lookup, signal }), reason);
      }
    },
  },
  {
    name: 'a time-out ends connectHost with ETIMEDOUT, whose cause has the attempts that failed',
    methods: ['tryConnect', 'writable'],
    async run(t) {
      const never: HostLookup = () => new Promise(() => undefined);
      await rejectsCode('ETIMEDOUT', () =>
        connected(t, 'db.example', 80, { lookup: never, timeout: 30 }),
      );
      const silent = await t.silentAddress();
      const error = await rejectsCode('ETIMEDOUT', () =>
        connected(t, 'db.example', silent.port, {
          lookup: finds([silent.address], ['::1']),
          timeout: 300,
        }),
      );
      equal(error.syscall, 'connect');
      const { errors } = error.cause as AggregateError;
      deepEqual(
        errors.map(({ code }: { code: string }) => code),
        ['ECONNREFUSED'],
      );
    },
  },
  {
    name: 'connectHost refuses wrong arguments before it looks a name up',
    methods: ['tryConnect'],
    async run(t) {
      let calls = 0;
      const lookup: HostLookup = () => {
        calls += 1;
        return Promise.resolve([]);
      };
      const refuse = (code: string, host: unknown, port: unknown, options: object = {}) =>
        rejectsCode(code, () =>
          connected(t, host as string, port as number, { lookup, ...options }),
        );
      for (const port of [-1, 65_536, 1.5, Number.NaN]) {
        await refuse('ERR_OUT_OF_RANGE', 'db.example', port);
      }
      await refuse('ERR_INVALID_ARG_TYPE', 'db.example', '80');
      await refuse('ERR_INVALID_ARG_TYPE', 80, 80);
      for (const host of ['', 'a\0b', '[db.example]']) {
        await refuse('ERR_INVALID_ARG_VALUE', host, 80);
      }
      for (const timeout of [0, -1, Number.NaN, 2 ** 31]) {
        await refuse('ERR_OUT_OF_RANGE', 'db.example', 80, { timeout });
      }
      await refuse('ERR_INVALID_ARG_TYPE', 'db.example', 80, { signal: {} });
      await refuse('ERR_INVALID_ARG_VALUE', 'db.example', 80, { family: 5 });
      await refuse('ERR_INVALID_ARG_VALUE', 'db.example', 80, { sock: { noSuchOption: 1 } });
      await refuse('ERR_SOCK_UNSUPPORTED', 'db.example', 80, { sock: { broadcast: true } });
      await refuse('ERR_INVALID_ARG_TYPE', 'db.example', 80, { sock: { ttl: '33' } });
      equal(calls, 0, 'look-ups');
    },
  },
];
