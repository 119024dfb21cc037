/** The driver of one host: handles become sockets, and what a call left in memory becomes its arguments. */
import {
  type BatchArrays,
  type Driver,
  EUNSUPPORTED,
  type Handle,
  Layout,
  OpenFlags,
  type SockError,
} from '@sock/core';
import { ADDRESS_SIZE, AddressMemory } from './address.js';
import { fitsColumns, SimColumns } from './batch-columns.js';
import type { CallName } from './fault.js';
import type { Host } from './host.js';
import { lookUp } from './names.js';
import { constants, errors } from './numbers.js';
import { emptyValue, ValueMemory } from './option-value.js';
import { AT_ONCE, FOR_EVER, type SimSocket } from './sim-socket.js';
import { getOption, setOption, supportTable } from './socket-options.js';
import { TcpSocket } from './tcp.js';
import { UdpSocket } from './udp.js';
import { UnixSocket } from './unix.js';

const { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_NONBLOCK, SOCK_CLOEXEC } = constants;
const { AF_INET, AF_INET6, AF_UNIX, MSG_DONTWAIT, MSG_ERRQUEUE } = constants;
/** Flags of a receive or send that mean nothing here, MSG_OOB among them. */
const MSG_OOB = 1;
/** The interfaces of every host, by index from 1. */
const INTERFACES: readonly string[] = ['lo', 'eth0'];
const SUPPORT = Object.freeze(supportTable());

/** Makes the driver of a host. */
export function makeDriver(host: Host): Driver {
  const { network, sockets, waits, pollers } = host;
  const memory = new ArrayBuffer(Layout.size);
  const view = new DataView(memory);
  const addresses = new AddressMemory(network.ips, memory);
  const values = new ValueMemory(memory);
  /** Given away as numbers, until somebody adopts them. */
  const released = new Map<Handle, SimSocket>();
  const one: Uint8Array[] = [new Uint8Array(0)];

  const insert = (socket: SimSocket): Handle => {
    const handle = network.nextHandle();
    sockets.set(handle, socket);
    return handle;
  };
  const isFull = (): boolean =>
    host.limits.openFiles !== undefined && sockets.size >= host.limits.openFiles;

  const make = (domain: number, type: number, protocol: number): SimSocket | number => {
    const kind = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    const id = network.nextCookie();
    if (domain === AF_UNIX) {
      if (kind !== SOCK_STREAM && kind !== SOCK_DGRAM && kind !== SOCK_SEQPACKET) {
        return -errors.ESOCKTNOSUPPORT;
      }
      if (protocol !== 0 && protocol !== AF_UNIX) return -errors.EPROTONOSUPPORT;
      const socket = new UnixSocket(host, id, domain, kind, 0);
      host.unixSockets.add(socket);
      return socket;
    }
    if (domain !== AF_INET && domain !== AF_INET6) return -errors.EAFNOSUPPORT;
    const { IPPROTO_TCP, IPPROTO_UDP } = constants;
    if (kind === SOCK_STREAM) {
      if (protocol !== 0 && protocol !== IPPROTO_TCP) return -errors.EPROTONOSUPPORT;
      return new TcpSocket(host, id, domain, kind, IPPROTO_TCP);
    }
    if (kind === SOCK_DGRAM) {
      if (protocol !== 0 && protocol !== IPPROTO_UDP) return -errors.EPROTONOSUPPORT;
      return new UdpSocket(host, id, domain, kind, IPPROTO_UDP);
    }
    return kind === constants.SOCK_SEQPACKET ? -errors.ESOCKTNOSUPPORT : -EUNSUPPORTED;
  };

  /** Calls on the socket of a handle, unless it is gone or a fault has the call fail. */
  const on = (
    handle: Handle,
    name: CallName | undefined,
    call: (socket: SimSocket) => number,
  ): number => {
    const socket = sockets.get(handle);
    if (socket === undefined) return -errors.EBADF;
    if (socket.dead) return -errors.ENETDOWN;
    if (name !== undefined) {
      const failure = host.failureOf(name);
      if (failure < 0) return failure;
    }
    return call(socket);
  };

  const connect = (handle: Handle, milliseconds: number | undefined): number =>
    on(handle, 'connect', (socket) => {
      const time = socket.options.writeTimeout < 0 ? FOR_EVER : socket.options.writeTimeout;
      const wait = milliseconds ?? (socket.nonblocking ? AT_ONCE : time);
      return socket.connect(addresses.read(), wait);
    });

  const connectTimeout = (handle: Handle, milliseconds: number): number =>
    on(handle, 'connect', (socket) => {
      const { nonblocking } = socket;
      const result = socket.connect(addresses.read(), milliseconds);
      if (result >= 0 && nonblocking) socket.nonblocking = false;
      return result === -errors.EINPROGRESS ? -errors.ETIMEDOUT : result;
    });

  const receive = (
    handle: Handle,
    buffers: readonly Uint8Array[],
    flags: number,
    from: boolean,
  ): number => {
    const socket = sockets.get(handle);
    if (socket === undefined) return -errors.EBADF;
    if (socket.dead) return -errors.ENETDOWN;
    const failure = host.failureOf('recv');
    if (failure < 0) return failure;
    if ((flags & MSG_OOB) !== 0)
      return socket.type === SOCK_STREAM ? -errors.EINVAL : -errors.EOPNOTSUPP;
    // Errors are never queued here: IP_RECVERR is unsupported.
    if ((flags & MSG_ERRQUEUE) !== 0 && socket.domain !== AF_UNIX) return -errors.EAGAIN;
    host.received.flags = 0;
    const length = socket.receive(buffers, flags, from);
    return length;
  };

  const send = (
    handle: Handle,
    buffers: readonly Uint8Array[],
    flags: number,
    to: boolean,
  ): number => {
    const socket = sockets.get(handle);
    if (socket === undefined) return -errors.EBADF;
    if (socket.dead) return -errors.ENETDOWN;
    const failure = host.failureOf('send');
    if (failure < 0) return failure;
    if ((flags & MSG_OOB) !== 0) return -errors.EOPNOTSUPP;
    return socket.send(buffers, flags, to ? addresses.read() : undefined);
  };

  /** One buffer, in an array that is used again. */
  const single = (buffer: Uint8Array): Uint8Array[] => {
    one[0] = buffer;
    return one;
  };

  const accept = (handle: Handle, dontwait: boolean, nonblocking: boolean): Handle =>
    on(handle, 'accept', (socket) => {
      if (isFull()) return -errors.EMFILE;
      const connection = socket.accept(!dontwait && !socket.nonblocking);
      if (typeof connection === 'number') return connection;
      connection.nonblocking = nonblocking;
      if (connection instanceof UnixSocket) connection.writePeer();
      else {
        const { peerIp, peerPort } = connection as TcpSocket;
        if (peerIp !== undefined) addresses.writeIp(peerIp, peerPort, connection.six);
      }
      return insert(connection);
    });

  /** Whether the arrays have room for so many; those of a batch that was transferred have none. */
  const fits = (batch: BatchArrays, count: number): boolean => {
    const { data, lengths, flags, segments, addresses: list, size, columns } = batch;
    return (
      data.length >= count * size &&
      [lengths, flags, segments].every(({ length }) => length >= count) &&
      (list === undefined || list.length >= count * ADDRESS_SIZE) &&
      (columns === undefined || fitsColumns(columns, count))
    );
  };

  const ofBatch = ({ addresses: list }: BatchArrays): AddressMemory | undefined =>
    list && new AddressMemory(network.ips, list.buffer, list.byteOffset, list.length);

  /** Has a call make for each slot; the number of those that went, or the error of the first. */
  const each = (
    handle: Handle,
    batch: BatchArrays,
    count: number,
    call: (
      socket: SimSocket,
      index: number,
      list: AddressMemory | undefined,
      columns: SimColumns | undefined,
    ) => number,
  ): number => {
    const socket = sockets.get(handle);
    if (socket === undefined) return -errors.EBADF;
    if (socket.dead) return -errors.ENETDOWN;
    if (typeof batch !== 'object' || batch === null || !fits(batch, count)) return -errors.EINVAL;
    const list = ofBatch(batch);
    const columns = batch.columns && new SimColumns(network.ips, batch.columns);
    for (let index = 0; index < count; index++) {
      const result = call(socket, index, list, columns);
      if (result < 0) return index === 0 ? result : index;
    }
    return count;
  };

  return {
    name: 'sim',
    system: 'linux',
    constants,
    errors,
    memory,
    support: SUPPORT,
    poller: pollers.driver(),
    lookup: (name, family, done) => {
      lookUp(network, name, network.lookupTime).then(
        (ips) => {
          const fit = ips.filter((ip) => family === 0 || ip.family === family);
          if (fit.length === 0) done('ENOTFOUND', []);
          else
            done(
              undefined,
              fit.map(({ text }) => text),
            );
        },
        (error: SockError) => done(error.code, []),
      );
    },

    open: (domain, type, protocol) => {
      const failure = host.failureOf('socket');
      if (failure < 0) return failure;
      if (isFull()) return -errors.EMFILE;
      const socket = make(domain, type, protocol);
      if (typeof socket === 'number') return socket;
      socket.nonblocking = (type & SOCK_NONBLOCK) !== 0;
      return insert(socket);
    },
    pair: (domain, type, protocol) => {
      const failure = host.failureOf('socket');
      if (failure < 0) return failure;
      const first = make(domain, type, protocol);
      const second = make(domain, type, protocol);
      if (typeof first === 'number') return first;
      if (!(first instanceof UnixSocket) || !(second instanceof UnixSocket)) {
        return -errors.EOPNOTSUPP;
      }
      first.nonblocking = second.nonblocking = (type & SOCK_NONBLOCK) !== 0;
      first.join(second);
      const handle = insert(first);
      view.setInt32(Layout.flags, insert(second), true);
      return handle;
    },
    close: (handle) => {
      const socket = sockets.get(handle);
      if (socket === undefined) return -errors.EBADF;
      waits.close(handle);
      pollers.forget(handle);
      sockets.delete(handle);
      host.forget(handle);
      socket.references -= 1;
      if (socket.references > 0 || socket.dead) return 0;
      const result = socket.close();
      network.settle();
      return host.down ? result : host.failureOf('close') || result;
    },
    adopt: (handle) => {
      if (sockets.has(handle)) return -errors.EEXIST;
      const socket = released.get(handle);
      if (socket === undefined) return -errors.EBADF;
      released.delete(handle);
      sockets.set(handle, socket);
      return 0;
    },
    release: (handle) => {
      const socket = sockets.get(handle);
      if (socket === undefined) return -errors.EBADF;
      waits.close(handle);
      pollers.forget(handle);
      sockets.delete(handle);
      host.forget(handle);
      released.set(handle, socket);
      return 0;
    },
    setCloexec: (handle) => on(handle, undefined, () => 0),

    bind: (handle) => on(handle, 'bind', (socket) => socket.bind(addresses.read())),
    connect: (handle) => connect(handle, undefined),
    tryConnect: (handle) => connect(handle, AT_ONCE),
    connectTimeout,
    listen: (handle, backlog) => on(handle, 'listen', (socket) => socket.listen(backlog)),
    accept: (handle, flags) => accept(handle, (flags & OpenFlags.DONTWAIT) !== 0, false),
    accept4: (handle, flags) => {
      if ((flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) !== 0) return -errors.EINVAL;
      return accept(handle, false, (flags & SOCK_NONBLOCK) !== 0);
    },
    localAddress: (handle) => on(handle, undefined, (socket) => socket.localAddress()),
    peerAddress: (handle) => on(handle, undefined, (socket) => socket.peerAddress()),
    duplicate: (handle) =>
      on(handle, undefined, (socket) => {
        if (isFull()) return -errors.EMFILE;
        socket.references += 1;
        return insert(socket);
      }),
    nonblocking: (handle) => on(handle, undefined, (socket) => Number(socket.nonblocking)),
    setNonblocking: (handle, nonblocking) =>
      on(handle, undefined, (socket) => {
        socket.nonblocking = nonblocking;
        return 0;
      }),
    shutdown: (handle, how) => on(handle, undefined, (socket) => socket.shutdown(how)),

    recv: (handle, buffer, flags) => receive(handle, single(buffer), flags, false),
    recvFrom: (handle, buffer, flags) => receive(handle, single(buffer), flags, true),
    recvVectored: (handle, buffers, flags, from) => {
      const result = receive(handle, buffers, flags, from);
      view.setInt32(Layout.flags, host.received.flags, true);
      return result;
    },
    send: (handle, buffer, flags) => send(handle, single(buffer), flags, false),
    sendTo: (handle, buffer, flags) => send(handle, single(buffer), flags, true),
    sendVectored: send,

    recvBatch: (handle, batch, count, flags) =>
      each(handle, batch, count, (socket, index, list, columns) => {
        const slot = batch.data.subarray(index * batch.size, (index + 1) * batch.size);
        const wait = index === 0 ? flags : flags | MSG_DONTWAIT;
        const length = receive(handle, [slot], wait, list !== undefined);
        if (length < 0) return length;
        batch.lengths[index] = length;
        batch.flags[index] = host.received.flags;
        batch.segments[index] = 0;
        list?.copy(addresses, index * ADDRESS_SIZE);
        columns?.receive(index, socket.lastHeader());
        return 0;
      }),
    sendBatch: (handle, batch, count, flags) =>
      each(handle, batch, count, (socket, index, list, columns) => {
        const failure = host.failureOf('send');
        if (failure < 0) return failure;
        const length = batch.lengths[index] as number;
        if (length > batch.size) return -errors.EINVAL;
        const header = columns?.header(index);
        if (typeof header === 'number') return header;
        const piece = batch.segments[index] || length || 1;
        let sent = 0;
        do {
          const start = index * batch.size + sent;
          const bytes = batch.data.subarray(start, start + Math.min(piece, length - sent));
          const to = list?.read(index * ADDRESS_SIZE);
          const result = socket.send([bytes], flags, to, header);
          if (result < 0) return result;
          sent += bytes.length;
        } while (sent < length);
        return 0;
      }),

    interfaceIndex: (name) => {
      const text = String.fromCharCode(...name);
      const index = INTERFACES.indexOf(text);
      return index < 0 ? -errors.ENODEV : index + 1;
    },
    interfaceName: (index, name) => {
      const text = INTERFACES[index - 1];
      if (text === undefined) return -errors.ENXIO;
      for (let i = 0; i < text.length; i++) name[i] = text.charCodeAt(i);
      return text.length;
    },
    interfaces: (list) => {
      const entry = 20;
      const words = new DataView(list.buffer, list.byteOffset, list.byteLength);
      INTERFACES.forEach((text, at) => {
        if ((at + 1) * entry > list.length) return;
        list.fill(0, at * entry, (at + 1) * entry);
        words.setUint32(at * entry, at + 1, true);
        for (let i = 0; i < text.length; i++) list[at * entry + 4 + i] = text.charCodeAt(i);
      });
      return INTERFACES.length;
    },

    getOption: (handle, option) =>
      on(handle, undefined, (socket) => {
        const value = emptyValue();
        const result = getOption(socket, option, value);
        if (result === 0) values.write(value);
        return result;
      }),
    setOption: (handle, option) =>
      on(handle, undefined, (socket) => setOption(socket, option, values.read())),
    getOptionRaw: (handle) => on(handle, undefined, () => -EUNSUPPORTED),
    setOptionRaw: (handle) => on(handle, undefined, () => -EUNSUPPORTED),

    watch: (handle, interest, ready) => {
      const socket = sockets.get(handle);
      if (socket === undefined) return -errors.EBADF;
      waits.watch(handle, socket, interest, ready);
      return 0;
    },
  };
}
