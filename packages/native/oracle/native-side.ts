/** Runs a sequence through @sock/native, or another backend whose system is Linux. */
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ControlMessage,
  Domain,
  type ReceivedControlMessage,
  SockAddr,
  Socket,
  Type,
} from '@sock/native';
import {
  type AddressKind,
  type Control,
  type Family,
  OPTIONS,
  type Operation,
  type SocketType,
} from './operations.js';

/** A value, or the number of the error, in the form of peer.py. */
export type Outcome = unknown;

type Of<Op extends Operation['op']> = Extract<Operation, { op: Op }>;

const LOOPBACK = { 4: '127.0.0.1', 6: '::1' } as const;
const ANY = { 4: '0.0.0.0', 6: '::' } as const;
const FOREIGN = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;
const DOMAINS = { 0: Domain.UNIX, 4: Domain.IPV4, 6: Domain.IPV6 } as const;
const TYPES = { stream: Type.STREAM, dgram: Type.DGRAM, seqpacket: Type.SEQPACKET } as const;
const HOW = ['read', 'write', 'both'] as const;
/** The same as TIMEOUT of peer.py, in milliseconds. */
const TIMEOUT = 2;
const NO_DESCRIPTOR = 0x7fffffff;
const NOBODY = 'nobody';

/** Groups that only this process uses. */
const GROUP4 = `239.${(process.pid >> 8) & 255}.${process.pid & 255}.`;
const GROUP6 = `ff01::${(process.pid & 0xffff).toString(16)}:`;
const groupAddress = (name: string): string =>
  name.replace('group4-', GROUP4).replace('group6-', GROUP6);
const groupName = (address: string): string =>
  address.replace(GROUP4, 'group4-').replace(GROUP6, 'group6-');

interface Slot {
  socket: Socket;
  readonly family: Family;
}

const fill = (byte: number, length: number): Uint8Array => new Uint8Array(length).fill(byte);
const sum = (bytes: Uint8Array): number => bytes.reduce((total, byte) => total + byte, 0);
/** The sockets of a backend. */
export type SocketsOf = (new (domain: Domain, type: Type) => Socket) &
  Pick<typeof Socket, 'driver' | 'pair' | 'fromRawFd'>;
/** The filled bytes, joined. */
function joined(buffers: readonly Uint8Array[], length: number): Uint8Array {
  return Uint8Array.from(buffers.flatMap((buffer) => [...buffer])).subarray(0, length);
}

/** What a control message says, in the form of peer.py. Closes the descriptors. */
function said(message: ReceivedControlMessage<Socket>): unknown {
  switch (message.kind) {
    case 'rights': {
      const sockets = message.fds.map((fd) => fd.intoSocket());
      const types = sockets.map((socket) => socket.getsockoptRaw(1, 3, 4)[0]);
      for (const socket of sockets) socket.close();
      return ['rights', types];
    }
    case 'credentials':
      return ['credentials', message.pid === process.pid, message.uid, message.gid];
    case 'ipv4PacketInfo':
      return [
        'pktinfo',
        message.interfaceIndex,
        groupName(message.address),
        groupName(message.destination),
      ];
    case 'ipv6PacketInfo':
      return ['pktinfo', message.interfaceIndex, groupName(message.address)];
    case 'ttl':
    case 'tos':
    case 'hopLimit':
    case 'trafficClass':
      return [message.kind, message.value];
    case 'error': {
      const origin = ['none', 'local', 'icmp', 'icmp6'].indexOf(String(message.origin));
      const { icmpType, icmpCode, info, data, offender } = message;
      return ['error', -message.error.errno, origin, icmpType, icmpCode, info, data, offender];
    }
    case 'raw': {
      const { level, type, data } = message;
      // Truncated credentials begin with the number of the process, which is that of this side.
      return ['raw', level, type, level === 1 && type === 2 ? data.length : [...data]];
    }
    default:
      return message;
  }
}

class Run {
  readonly #Socket: SocketsOf;
  readonly #slots = new Map<number, Slot>();
  readonly #ports = new Map<number, string>();
  readonly #folder = mkdtempSync(join(tmpdir(), 'sock-oracle-'));

  constructor(Class: SocketsOf) {
    this.#Socket = Class;
  }

  #make(family: Family, type: SocketType): Socket {
    return new this.#Socket(DOMAINS[family], TYPES[type]);
  }

  #keep(name: number, socket: Socket, family: Family): void {
    this.#slots.get(name)?.socket.close();
    socket.setReadTimeout(TIMEOUT);
    socket.setWriteTimeout(TIMEOUT);
    this.#slots.set(name, { socket, family });
  }

  #path(name: number | string): string {
    return join(this.#folder, `n${name}`);
  }

  /** Replaces values that the system chose, or that belong to this side, by their names. */
  #symbol(address: SockAddr): unknown {
    if (address.isUnix()) return this.#unixSymbol(address);
    if (!address.isIpv4() && !address.isIpv6()) return null;
    let port: number | string = address.port;
    if (port > 1024) {
      const known = this.#ports.get(port) ?? `p${this.#ports.size}`;
      this.#ports.set(port, known);
      port = known;
    }
    return [groupName(address.address), port];
  }

  #unixSymbol(address: SockAddr): string {
    if (address.isUnnamed()) return 'unnamed';
    const path = address.asPathname();
    if (path !== null) return path.replace(this.#folder, 'path:');
    const name = new TextDecoder().decode(address.asAbstractNamespace() as Uint8Array);
    return name.startsWith(this.#folder) ? name.replace(this.#folder, 'abstract:') : 'auto';
  }

  #address({ family }: Slot, kind: AddressKind, other: number, nobody = 1): SockAddr {
    if (family === 0) return this.#unixAddress(kind, other);
    const at = (host: string, port: number): SockAddr =>
      family === 4 ? SockAddr.ipv4(host, port) : SockAddr.ipv6(host, port);
    if (kind === 'any') return at(ANY[family], 0);
    if (kind === 'foreign') return at(FOREIGN[family], 7);
    if (kind === 'refused') return at(LOOPBACK[family], 1);
    if (kind !== 'slot') return at(LOOPBACK[family], 0);
    const target = this.#slots.get(other);
    if (target === undefined || target.family !== family || target.socket.closed) {
      return at(LOOPBACK[family], nobody);
    }
    return at(LOOPBACK[family], target.socket.localAddr().port);
  }

  #unixAddress(kind: AddressKind, other: number): SockAddr {
    switch (kind) {
      case 'path':
        return SockAddr.unix(this.#path(other));
      case 'foreign':
        return SockAddr.unix(join(this.#folder, 'nowhere/n'));
      case 'unnamed':
        return SockAddr.unix('');
      case 'slot': {
        const target = this.#slots.get(other);
        if (target?.family === 0 && !target.socket.closed) return target.socket.localAddr();
        return SockAddr.abstract(this.#path(NOBODY));
      }
      case 'refused':
        return SockAddr.abstract(this.#path(NOBODY));
      default:
        return SockAddr.abstract(this.#path(other));
    }
  }

  step(operation: Operation): Outcome {
    if (operation.op === 'new') {
      this.#keep(operation.slot, this.#make(operation.family, operation.type), operation.family);
      return null;
    }
    if (operation.op === 'pair') {
      const [one, other] = this.#Socket.pair(Domain.UNIX, TYPES[operation.type]);
      this.#keep(operation.slot, one, 0);
      this.#keep(operation.other, other, 0);
      return null;
    }
    const slot = this.#slots.get(operation.slot);
    return slot === undefined ? 'none' : this.#on(slot, operation);
  }

  #on(slot: Slot, operation: Exclude<Operation, { op: 'new' | 'pair' }>): Outcome {
    const { socket } = slot;
    switch (operation.op) {
      case 'bind':
      case 'connect': {
        const nobody = operation.op === 'bind' ? 0 : 1;
        socket[operation.op](this.#address(slot, operation.kind, operation.other, nobody));
        return null;
      }
      case 'listen':
        socket.listen(operation.backlog);
        return null;
      case 'accept': {
        const [connection, peer] = socket.acceptRaw();
        this.#keep(operation.other, connection, slot.family);
        return this.#symbol(peer);
      }
      case 'send':
        return socket.send(fill(operation.byte, operation.length));
      case 'sendv':
        return socket.sendVectored([
          fill(operation.byte, operation.length),
          new Uint8Array(0),
          new TextEncoder().encode('zz'),
        ]);
      case 'sendto': {
        const address = this.#address(slot, operation.kind, operation.other);
        return socket.sendTo(fill(operation.byte, operation.length), address);
      }
      case 'sendmsg':
        return this.#sendmsg(slot, operation);
      case 'recvmsg':
        return this.#recvmsg(slot, operation);
      case 'recv':
      case 'peek': {
        const buffer = new Uint8Array(operation.length);
        const length = socket[operation.op](buffer);
        return [length, sum(buffer.subarray(0, length))];
      }
      case 'recvfrom': {
        const buffer = new Uint8Array(operation.length);
        const [length, from] = socket.recvFrom(buffer);
        return [length, sum(buffer.subarray(0, length)), this.#symbol(from)];
      }
      case 'recvv': {
        const buffers = [new Uint8Array(operation.length), new Uint8Array(3)];
        const [length, flags, from] = socket.recvFromVectored(buffers);
        return [length, sum(joined(buffers, length)), flags.isTruncated, this.#symbol(from)];
      }
      case 'local':
        return this.#symbol(socket.localAddr());
      case 'peer':
        return this.#symbol(socket.peerAddr());
      case 'shutdown':
        socket.shutdown(HOW[operation.how]);
        return null;
      case 'blocking':
        socket.setNonblocking(!operation.on);
        return null;
      case 'isBlocking':
        return !socket.nonblocking();
      case 'error':
        return -(socket.takeError()?.errno ?? 0) + 0;
      case 'clone':
        this.#keep(operation.other, socket.tryClone(), slot.family);
        return null;
      case 'close':
        socket.close();
        return null;
      case 'detach':
        slot.socket = this.#Socket.fromRawFd(socket.intoRawFd());
        return null;
      case 'get':
        return Number(this.#method(socket, operation.option)());
      case 'set': {
        const { bool } = OPTIONS.find(({ option }) => option === operation.option) ?? {
          bool: false,
        };
        const name = `set${operation.option.charAt(0).toUpperCase()}${operation.option.slice(1)}`;
        this.#method(socket, name)(bool ? operation.value !== 0 : operation.value);
        return null;
      }
      case 'join':
      case 'leave':
        return this.#membership(socket, operation);
      case 'source':
        socket[operation.call](operation.source, groupAddress(operation.group), operation.by);
        return null;
      case 'setIf':
        if (typeof operation.by === 'number') socket.setMulticastIfV6(operation.by);
        else socket.setMulticastIfV4(operation.by);
        return null;
      case 'getIf':
        return slot.family === 6 ? socket.multicastIfV6() : socket.multicastIfV4();
      case 'sendgroup':
        return this.#sendToGroup(slot, operation);
    }
  }

  #control(part: Control): ControlMessage {
    switch (part.kind) {
      case 'rights': {
        const socket = this.#slots.get(part.of)?.socket;
        const fd = socket === undefined || socket.closed ? NO_DESCRIPTOR : socket;
        return { kind: 'rights', fds: Array.from({ length: part.count }, () => fd) };
      }
      case 'credentials':
        return {
          kind: 'credentials',
          pid: part.mine ? process.pid : 0x7ffffff0,
          uid: process.getuid?.() as number,
          gid: process.getgid?.() as number,
        };
      case 'int': {
        const kinds = { 2: 'ttl', 1: 'tos', 52: 'hopLimit', 67: 'trafficClass' } as const;
        return { kind: kinds[part.type as keyof typeof kinds], value: part.value };
      }
      case 'raw':
        return { level: part.level, type: part.type, data: new Uint8Array(part.length) };
    }
  }

  #sendmsg(slot: Slot, { kind, other, byte, lengths, control, flags }: Of<'sendmsg'>): number {
    const address = kind === null ? undefined : this.#address(slot, kind, other);
    const message = {
      buffers: lengths.map((length) => fill(byte, length)),
      control: control.map((part) => this.#control(part)),
      address,
    };
    return slot.socket.sendmsg(message, flags);
  }

  #recvmsg({ socket }: Slot, { rooms, control: room, flags: ask }: Of<'recvmsg'>): Outcome {
    const buffers = rooms.map((length) => new Uint8Array(length));
    const { length, flags, address, control } = socket.recvmsg({ buffers, control: room }, ask);
    const names = Object.entries({
      truncated: flags.isTruncated,
      control: flags.isControlTruncated,
      record: flags.isEndOfRecord,
      urgent: flags.isOutOfBand,
    });
    return [
      length,
      sum(joined(buffers, length)),
      names.filter(([, is]) => is).map(([name]) => name),
      this.#symbol(address),
      control.map(said),
    ];
  }

  #membership(socket: Socket, { op, group: name, by }: Of<'join' | 'leave'>): Outcome {
    const group = groupAddress(name);
    if (group.includes(':')) {
      if (typeof by !== 'number') return 'none';
      if (op === 'join') socket.joinMulticastV6(group, by);
      else socket.leaveMulticastV6(group, by);
    } else if (typeof by === 'number') {
      if (op === 'join') socket.joinMulticastV4N(group, by);
      else socket.leaveMulticastV4N(group, by);
    } else if (op === 'join') {
      socket.joinMulticastV4(group, by);
    } else {
      socket.leaveMulticastV4(group, by);
    }
    return null;
  }

  #sendToGroup({ socket, family }: Slot, operation: Of<'sendgroup'>): Outcome {
    const { other, byte, length } = operation;
    const group = groupAddress(operation.group);
    const target = this.#slots.get(other);
    if (family !== (group.includes(':') ? 6 : 4)) return 'none';
    if (target === undefined || target.family !== family || target.socket.closed) return 'none';
    if (family === 6) socket.setMulticastIfV6(1);
    else socket.setMulticastIfV4('127.0.0.1');
    const { port } = target.socket.localAddr();
    const address = family === 6 ? SockAddr.ipv6(group, port) : SockAddr.ipv4(group, port);
    return socket.sendTo(fill(byte, length), address);
  }

  #method(socket: Socket, name: string): (...values: unknown[]) => unknown {
    const method = (socket as unknown as Record<string, (...values: unknown[]) => unknown>)[name];
    if (method === undefined) throw new TypeError(`Socket has no ${name}`);
    return method.bind(socket);
  }

  end(): void {
    for (const { socket } of this.#slots.values()) socket.close();
    rmSync(this.#folder, { recursive: true });
  }
}

/** How many sockets this process has open. */
function openSockets(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}

/** The outcome of each step, on the sockets of a backend. */
export function runOn(Class: SocketsOf, sequence: readonly Operation[]): Outcome[] {
  const run = new Run(Class);
  try {
    return sequence.map((operation) => {
      try {
        return run.step(operation) ?? null;
      } catch (error) {
        const { errno, code } = error as { errno?: number; code?: string };
        // The argument is out of the option's range and never reaches the system.
        if (code === 'ERR_OUT_OF_RANGE') return { errno: 'range' };
        if (errno === undefined) throw error;
        return { errno: -errno };
      }
    });
  } finally {
    run.end();
  }
}

/** The outcome of each step on @sock/native. */
export function runNative(sequence: readonly Operation[]): Outcome[] {
  const before = openSockets();
  const outcomes = runOn(Socket, sequence);
  const left = openSockets() - before;
  // Not by the number of the step: CPython's last step has another outcome.
  return left === 0 ? outcomes : [...outcomes.slice(0, -1), { left }];
}
