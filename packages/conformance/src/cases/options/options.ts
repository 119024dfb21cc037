/** Each row of the option table is set and read back, on each kind of socket that has it. */
import {
  type OptionRow,
  options as table,
  type Sample,
  SockError,
  type Socket,
  Type,
} from '@sock/core';
import { equal, fail, notEqual, ok, throwsCode } from '../../assert.js';
import type { Case } from '../../case.js';
import type { Context, Link } from '../../context.js';
import { setterOf } from '../../option-sample.js';

type Target = Link | 'unix';

const targetsOfGroup: Readonly<Record<OptionRow['group'], readonly Target[]>> = {
  socket: ['tcp4', 'udp4', 'tcp6'],
  ipv4: ['tcp4', 'udp4'],
  ipv6: ['tcp6', 'udp6'],
  tcp: ['tcp4', 'tcp6'],
  udp: ['udp4', 'udp6'],
  // These kinds of sockets cannot be made in the same way on every backend: they have their own tests.
  dccp: [],
  packet: [],
  netlink: [],
  raw: [],
};

/** Errors that depend on privileges and on the kernel's modules, not on the backend. */
const REFUSALS = ['EPERM', 'EACCES'];

type Methods = Record<string, (value?: unknown) => unknown>;

const methodsOf = (socket: Socket): Methods => socket as unknown as Methods;

function open(t: Context, target: Target): Socket {
  return target === 'unix' ? t.open('unix', Type.DGRAM) : t.socket(target);
}

/** Fails unless the value has the type that the codec promises. */
function checkType({ codec, name }: OptionRow, value: unknown): void {
  switch (codec) {
    case 'bool':
    case 'boolU8':
      return equal(typeof value, 'boolean', name);
    case 'milliseconds':
    case 'timeval':
    case 'linger':
      return ok(
        value === null || (typeof value === 'number' && value >= 0),
        `${name}: ${String(value)}`,
      );
    case 'errno':
      return ok(value === null || value instanceof SockError, `${name}: ${String(value)}`);
    case 'device':
      return ok(value === null || Number.isInteger(value), `${name}: ${String(value)}`);
    case 'string':
      return ok(value === null || typeof value === 'string', `${name}: ${String(value)}`);
    case 'protocol':
      return ok(
        value === null || ['string', 'number'].includes(typeof value),
        `${name}: ${String(value)}`,
      );
    case 'ipv4':
    case 'domain':
    case 'type':
    case 'pathMtu':
      return equal(typeof value, 'string', name);
    case 'u64':
      return equal(typeof value, 'bigint', name);
    case 'bytes':
      return ok(value instanceof Uint8Array, name);
    default:
      return ok(Number.isInteger(value), `${name}: ${String(value)}`);
  }
}

function samplesOf(t: Context, { name, codec, samples, range }: OptionRow): readonly Sample[] {
  if (name === 'onlyV6' && !t.supports('dualStack')) return [true];
  if (samples !== undefined) return samples;
  switch (codec) {
    case 'bool':
    case 'boolU8':
      return [true, false, true];
    case 'u8':
    case 'int':
    case 'u32':
      return range === undefined ? [1] : [...range];
    case 'seconds':
    case 'timeval':
    case 'milliseconds':
      return [1000];
    default:
      return [];
  }
}

/** Sets and reads back. Returns false if the system does not permit it. */
function roundTrip(
  socket: Socket,
  row: OptionRow,
  names: readonly [string, string],
  value: unknown,
): boolean {
  const [getter, setter] = names;
  const methods = methodsOf(socket);
  const before = methods[getter]?.();
  try {
    methods[setter]?.(value);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined || !REFUSALS.includes(code)) throw error;
    equal(methods[getter]?.(), before, `${getter} after ${setter} was refused`);
    return false;
  }
  const after = methods[getter]?.();
  checkType(row, after);
  if (row.readsBack === 'atLeast' && typeof value === 'number') {
    ok((after as number) >= value, `${setter}(${value}), then ${getter}() is ${String(after)}`);
  } else {
    equal(after, value, `${getter} after ${setter}`);
  }
  return true;
}

/** Whether the setter accepts the initial value: some defaults can only be read. */
function canBeSet({ codec, range }: OptionRow, value: unknown): boolean {
  if (codec === 'seconds') return value !== 0;
  if (range === undefined || typeof value !== 'number') return true;
  return value >= range[0] && value <= range[1];
}

function setCase(row: OptionRow, name: string, setter: string, target: Target): Case {
  return {
    name: `${setter} on ${target}: ${name} reads back what was set, and the default again`,
    socket2Docs: [
      `Get the value of the ${row.option} option`,
      `Set the value of the ${row.option} option`,
    ],
    methods: [name, setter],
    needs: [name, setter, ...(target === 'unix' ? ['unix'] : [])],
    run(t) {
      const socket = open(t, target);
      const methods = methodsOf(socket);
      const initial = methods[name]?.();
      checkType(row, initial);
      const samples = samplesOf(t, row);
      const allowed = samples.every((value) => roundTrip(socket, row, [name, setter], value));
      if (allowed && canBeSet(row, initial)) roundTrip(socket, row, [name, setter], initial);
      const untouched = methodsOf(open(t, target))[name]?.();
      if (row.codec !== 'int' || initial === untouched) {
        equal(untouched, initial, `${name} of another socket`);
      }
    },
  };
}

function getCase(row: OptionRow, name: string, target: Target): Case {
  return {
    name: `${name} on ${target} has its documented type`,
    socket2Docs: `Get the value of the ${row.option} option`,
    methods: [name],
    needs: [name, ...(target === 'unix' ? ['unix'] : [])],
    run(t) {
      checkType(row, methodsOf(open(t, target))[name]?.());
    },
  };
}

function roundTripsOf(row: OptionRow): Case[] {
  if (row.access === 'set') return [];
  const targets: readonly Target[] = row.on ?? targetsOfGroup[row.group];
  return [row.name, ...(row.aliases ?? [])].flatMap((name) =>
    targets.map((target) => {
      const setter = setterOf(row, name);
      return setter === undefined ? getCase(row, name, target) : setCase(row, name, setter, target);
    }),
  );
}

export const options: readonly Case[] = [
  ...(table as readonly OptionRow[]).flatMap(roundTripsOf),
  {
    name: 'supports knows every option by the names of its getter and its setter',
    methods: ['supports'],
    run(t) {
      const socket = t.socket('tcp4');
      for (const row of table as readonly OptionRow[]) {
        const setter = setterOf(row);
        for (const name of [row.name, ...(setter === undefined ? [] : [setter])]) {
          const { level, reason } = socket.supports(name);
          if (!['native', 'emulated', 'advisory', 'unsupported'].includes(level)) fail(level);
          if (level !== 'native') ok((reason ?? '').length > 0, `${name} is ${level}, but why?`);
          const methods = methodsOf(socket);
          if (row.access !== 'set' || name !== row.name)
            equal(typeof methods[name], 'function', name);
        }
      }
      throwsCode('ERR_INVALID_ARG_VALUE', () => socket.supports('noSuchOption'));
    },
  },
  {
    name: 'an option of another level throws ENOPROTOOPT or a similar error, whose syscall names the option',
    methods: ['nodelay', 'setNodelay'],
    needs: ['keepalive'],
    run(t) {
      const error = throwsCode(['ENOPROTOOPT', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL'], () =>
        t.socket('udp4').nodelay(),
      );
      equal(error.syscall, 'getsockopt');
      equal(
        throwsCode(['ENOPROTOOPT', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL'], () =>
          t.socket('udp4').setNodelay(true),
        ).syscall,
        'setsockopt',
      );
    },
  },
  {
    name: 'each socket has its own options',
    methods: ['setTtl', 'ttl'],
    needs: ['setTtl'],
    run(t) {
      const [one, other] = [t.socket('udp4'), t.socket('udp4')];
      one.setTtl(7);
      equal(one.ttl(), 7);
      notEqual(other.ttl(), 7);
    },
  },
  {
    name: 'setReuseAddress(true) lets a listener bind while an old connection is in TIME_WAIT',
    socket2Docs: 'This indicates that futher calls to bind may allow reuse of local addresses.',
    methods: ['setReuseAddress', 'reuseAddress', 'bind'],
    observes: ['setReuseAddress', 'reuseAddress'],
    needs: ['setReuseAddress'],
    lacks: ({ Socket: { driver } }) =>
      driver.system === 'win32'
        ? 'a system that keeps the address of a closed connection: Windows gives it out'
        : undefined,
    run(t) {
      const first = t.socket('tcp4');
      first.setReuseAddress(true);
      first.bind(t.refusingAddress());
      first.listen(1);
      const address = first.localAddr();
      const client = t.socket('tcp4');
      client.connect(address);
      const [server] = t.accept(first);
      // The side that closes first keeps the address in TIME_WAIT.
      server.close();
      equal(client.recv(new Uint8Array(1)), 0);
      client.close();
      first.close();
      const second = t.socket('tcp4');
      equal(second.reuseAddress(), false);
      // If the backend only stores the option, the host behaves as if it were set.
      if (second.supports('setReuseAddress').level === 'native') {
        throwsCode('EADDRINUSE', () => second.bind(address), 'without it');
      }
      second.setReuseAddress(true);
      equal(second.reuseAddress(), true);
      second.bind(address);
      second.listen(1);
    },
  },
  {
    name: 'setReusePort(true) lets several sockets bind one address',
    methods: ['setReusePort', 'bind'],
    needs: ['setReusePort'],
    run(t) {
      const [one, other] = [t.socket('udp4'), t.socket('udp4')];
      for (const socket of [one, other]) socket.setReusePort(true);
      one.bind(t.refusingAddress());
      other.bind(one.localAddr());
      ok(one.localAddr().equals(other.localAddr()), 'the same address');
    },
  },
  {
    name: 'setRecvBufferSize and setSendBufferSize change the buffers',
    socket2Docs: [
      "Changes the size of the operating system's receive buffer associated with the socket.",
      "Changes the size of the operating system's send buffer associated with the socket.",
    ],
    methods: ['setRecvBufferSize', 'recvBufferSize', 'setSendBufferSize', 'sendBufferSize'],
    needs: ['setRecvBufferSize', 'setSendBufferSize'],
    run(t) {
      const socket = t.socket('tcp4');
      for (const [set, get] of [
        ['setRecvBufferSize', 'recvBufferSize'],
        ['setSendBufferSize', 'sendBufferSize'],
      ] as const) {
        socket[set](16_384);
        const small = socket[get]();
        socket[set](131_072);
        ok(socket[get]() > small, `${get}: ${small}, then ${socket[get]()}`);
      }
    },
  },
  {
    name: 'getsockoptRaw and setsockoptRaw read and write an option as bytes',
    methods: ['getsockoptRaw', 'setsockoptRaw', 'keepalive'],
    needs: ['getsockoptRaw', 'setsockoptRaw', 'keepalive', 'MSG_ERRQUEUE'],
    run(t) {
      const socket = t.socket('tcp4');
      const [SOL_SOCKET, SO_KEEPALIVE] = [1, 9];
      equal(socket.getsockoptRaw(SOL_SOCKET, SO_KEEPALIVE, 4).join(), '0,0,0,0');
      socket.setsockoptRaw(SOL_SOCKET, SO_KEEPALIVE, Uint8Array.of(1, 0, 0, 0));
      equal(socket.keepalive(), true);
      equal(socket.getsockoptRaw(SOL_SOCKET, SO_KEEPALIVE, 64).length, 4);
      throwsCode('ENOPROTOOPT', () => socket.getsockoptRaw(SOL_SOCKET, 9999, 4));
      throwsCode('ENOPROTOOPT', () => socket.setsockoptRaw(SOL_SOCKET, 9999, new Uint8Array(4)));
    },
  },
];
