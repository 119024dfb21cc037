/** Runs a sequence through @sock/native. */
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { type AddressKind, OPTIONS, type Operation } from './operations.js';

/** A value, or the number of the error; as peer.py gives them. */
export type Outcome = unknown;

const LOOPBACK = { 4: '127.0.0.1', 6: '::1' } as const;
const FOREIGN = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;
const HOW = ['read', 'write', 'both'] as const;
/** As peer.py's TIMEOUT, in milliseconds. */
const TIMEOUT = 2;

interface Slot {
  socket: Socket;
  readonly family: 0 | 4 | 6;
}

const fill = (byte: number, length: number): Uint8Array => new Uint8Array(length).fill(byte);
const sum = (bytes: Uint8Array): number => bytes.reduce((total, byte) => total + byte, 0);
const make = (family: 4 | 6, type: 'stream' | 'dgram'): Socket =>
  new Socket(
    family === 4 ? Domain.IPV4 : Domain.IPV6,
    type === 'stream' ? Type.STREAM : Type.DGRAM,
  );

class Run {
  readonly #slots = new Map<number, Slot>();
  readonly #ports = new Map<number, string>();

  #keep(name: number, socket: Socket, family: 0 | 4 | 6): void {
    this.#slots.get(name)?.socket.close();
    socket.setReadTimeout(TIMEOUT);
    socket.setWriteTimeout(TIMEOUT);
    this.#slots.set(name, { socket, family });
  }

  #symbol(address: SockAddr): unknown {
    if (address.isUnix()) return 'unix';
    if (!address.isIpv4() && !address.isIpv6()) return null;
    let port: number | string = address.port;
    if (port > 1024) {
      const known = this.#ports.get(port) ?? `p${this.#ports.size}`;
      this.#ports.set(port, known);
      port = known;
    }
    return [address.address, port];
  }

  #address({ family }: Slot, kind: AddressKind, other: number, nobody = 1): SockAddr | null {
    if (family === 0) return null;
    const at = (host: string, port: number): SockAddr =>
      family === 4 ? SockAddr.ipv4(host, port) : SockAddr.ipv6(host, port);
    if (kind === 'free') return at(LOOPBACK[family], 0);
    if (kind === 'foreign') return at(FOREIGN[family], 7);
    const target = kind === 'slot' ? this.#slots.get(other) : undefined;
    if (target === undefined || target.family !== family || target.socket.closed) {
      return at(LOOPBACK[family], nobody);
    }
    return at(LOOPBACK[family], target.socket.localAddr().port);
  }

  step(operation: Operation): Outcome {
    if (operation.op === 'new') {
      this.#keep(operation.slot, make(operation.family, operation.type), operation.family);
      return null;
    }
    if (operation.op === 'pair') {
      const type = operation.type === 'stream' ? Type.STREAM : Type.DGRAM;
      const [one, other] = Socket.pair(Domain.UNIX, type);
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
        const address = this.#address(slot, operation.kind, operation.other, nobody);
        if (address === null) return 'none';
        socket[operation.op](address);
        return null;
      }
      case 'listen':
        socket.listen(operation.backlog);
        return null;
      case 'accept': {
        const [connection, peer] = socket.acceptRaw();
        this.#keep(operation.other, connection, slot.family);
        return slot.family === 0 ? 'unix' : this.#symbol(peer);
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
        if (address === null) return 'none';
        return socket.sendTo(fill(operation.byte, operation.length), address);
      }
      case 'recv':
      case 'peek': {
        const buffer = new Uint8Array(operation.length);
        const length = socket[operation.op](buffer);
        return [length, sum(buffer.subarray(0, length))];
      }
      case 'recvfrom': {
        const buffer = new Uint8Array(operation.length);
        const [length, from] = socket.recvFrom(buffer);
        return [length, sum(buffer.subarray(0, length)), from.isUnix() ? null : this.#symbol(from)];
      }
      case 'recvv': {
        const buffers = [new Uint8Array(operation.length), new Uint8Array(3)];
        const [length, flags, from] = socket.recvFromVectored(buffers);
        const bytes = new Uint8Array(operation.length + 3);
        bytes.set(buffers[0] as Uint8Array);
        bytes.set(buffers[1] as Uint8Array, operation.length);
        return [
          length,
          sum(bytes.subarray(0, length)),
          flags.isTruncated,
          from.isUnix() ? null : this.#symbol(from),
        ];
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
        slot.socket = Socket.fromRawFd(socket.intoRawFd());
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
    }
  }

  #method(socket: Socket, name: string): (...values: unknown[]) => unknown {
    const method = (socket as unknown as Record<string, (...values: unknown[]) => unknown>)[name];
    if (method === undefined) throw new TypeError(`Socket has no ${name}`);
    return method.bind(socket);
  }

  end(): void {
    for (const { socket } of this.#slots.values()) socket.close();
  }
}

/** The outcome of each step. */
export function runNative(sequence: readonly Operation[]): Outcome[] {
  const run = new Run();
  try {
    return sequence.map((operation) => {
      try {
        return run.step(operation) ?? null;
      } catch (error) {
        const { errno, code } = error as { errno?: number; code?: string };
        // What never reaches the system: the argument is out of the option's range.
        if (code === 'ERR_OUT_OF_RANGE') return { errno: 'range' };
        if (errno === undefined) throw error;
        return { errno: -errno };
      }
    });
  } finally {
    run.end();
  }
}
