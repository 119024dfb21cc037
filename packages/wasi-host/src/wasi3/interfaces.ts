/**
 * wasi:sockets 0.3 as the output of `jco transpile --async-mode jspi` calls it: classes whose async functions return promises.
 * The sockets, the policy and the options are those of 0.2; nothing runs in a worker.
 */
import { camelCase } from '../component/codec.js';
import { type InterfaceDefinition, numbersOf, type WitAddress } from '../interfaces/define.js';
import { tcpOptions, udpOptions } from '../interfaces/options.js';
import type { ErrorCode } from '../failure.js';
import { resolveAddresses } from '../sockets/lookup.js';
import type { Resource } from '../sockets/resource.js';
import type { Scope } from '../sockets/scope.js';
import { check, errorOf, errorOfCode } from './errors.js';
import type { ByteReader } from './streams.js';
import { Tcp } from './tcp.js';
import { Udp } from './udp.js';
import { Waits } from './waits.js';

const DISPOSE: symbol = Symbol.dispose ?? Symbol.for('dispose');
type Family = 'ipv4' | 'ipv6';

/** Gives a class the options: `keep-alive-count` of 0.2 is `get-keep-alive-count` of 0.3. */
function addOptions<T extends object>(
  scope: Scope,
  prototype: T,
  options: InterfaceDefinition,
  socketOf: (self: T) => Resource,
): void {
  for (const [key, { call }] of Object.entries(options)) {
    const name = key.replace(/^.*\./, '');
    const method = camelCase(name.startsWith('set-') ? name : `get-${name}`);
    Object.defineProperty(prototype, method, {
      value(this: T, ...args: unknown[]) {
        const result = call(scope, ...([socketOf(this), ...args] as never[]));
        const { tag, val } = result as { tag: string; val: unknown };
        if (tag === 'ok') return val;
        throw errorOfCode(val as ErrorCode);
      },
    });
  }
}

/** The class `TcpSocket` of one host. */
function tcpSocketOf(scope: Scope, waits: Waits): unknown {
  return class TcpSocket {
    readonly #tcp: Tcp;
    static {
      addOptions(scope, this.prototype, tcpOptions, (self) => self.#tcp.socket);
      Object.defineProperty(this.prototype, DISPOSE, {
        value(this: TcpSocket) {
          this.#tcp.drop();
        },
      });
    }
    constructor(tcp: Tcp) {
      if (!(tcp instanceof Tcp)) throw new TypeError('tcp-socket has no constructor');
      this.#tcp = tcp;
    }
    static create(family: Family): TcpSocket {
      return new TcpSocket(Tcp.create(scope, waits, family));
    }
    bind(address: WitAddress): void {
      this.#tcp.bind(address);
    }
    connect(address: WitAddress): Promise<void> {
      return this.#tcp.connect(address);
    }
    listen(): unknown {
      return this.#tcp.listen((connection) => new TcpSocket(connection));
    }
    send(data: ByteReader): Promise<void> {
      return this.#tcp.send(data);
    }
    receive(): unknown {
      return this.#tcp.receive();
    }
    getLocalAddress(): WitAddress {
      return this.#tcp.localAddress();
    }
    getRemoteAddress(): WitAddress {
      return this.#tcp.remoteAddress();
    }
    getIsListening(): boolean {
      return this.#tcp.socket.state === 'listening';
    }
    getAddressFamily(): Family {
      return `ipv${this.#tcp.socket.family}`;
    }
    setListenBacklogSize(size: bigint): void {
      check(this.#tcp.socket.setListenBacklogSize(size));
    }
  };
}

/** The class `UdpSocket` of one host. */
function udpSocketOf(scope: Scope, waits: Waits): unknown {
  return class UdpSocket {
    readonly #udp: Udp;
    static {
      addOptions(scope, this.prototype, udpOptions, (self) => self.#udp.socket);
      Object.defineProperty(this.prototype, DISPOSE, {
        value(this: UdpSocket) {
          this.#udp.drop();
        },
      });
    }
    constructor(udp: Udp) {
      if (!(udp instanceof Udp)) throw new TypeError('udp-socket has no constructor');
      this.#udp = udp;
    }
    static create(family: Family): UdpSocket {
      return new UdpSocket(Udp.create(scope, waits, family));
    }
    bind(address: WitAddress): void {
      this.#udp.bind(address);
    }
    connect(address: WitAddress): void {
      this.#udp.connect(address);
    }
    disconnect(): void {
      this.#udp.disconnect();
    }
    send(data: Uint8Array, address: WitAddress | undefined): Promise<void> {
      return this.#udp.send(data, address);
    }
    receive(): Promise<[Uint8Array, WitAddress]> {
      return this.#udp.receive();
    }
    getLocalAddress(): WitAddress {
      return this.#udp.localAddress();
    }
    getRemoteAddress(): WitAddress {
      return this.#udp.remoteAddress();
    }
    getAddressFamily(): Family {
      return `ipv${this.#udp.socket.family}`;
    }
  };
}

interface WitIpAddress {
  readonly tag: 'ipv4' | 'ipv6';
  readonly val: number[];
}

async function resolve(scope: Scope, waits: Waits, name: string): Promise<WitIpAddress[]> {
  const stream = resolveAddresses(scope, name);
  if (typeof stream === 'number') throw errorOf(stream);
  try {
    await waits.until(stream);
    const list: WitIpAddress[] = [];
    for (;;) {
      const next = stream.next();
      if (typeof next === 'number') throw errorOf(next);
      if (next === undefined) return list;
      list.push({ tag: next.length === 4 ? 'ipv4' : 'ipv6', val: numbersOf(next) });
    }
  } finally {
    stream.drop();
  }
}

/** What a host of 0.3 has: `types` of wasi:sockets, and the look-up of names. */
export interface Sockets3 {
  readonly types: Readonly<Record<'TcpSocket' | 'UdpSocket', unknown>>;
  resolveAddresses(name: string): Promise<WitIpAddress[]>;
}

export function sockets3Of(scope: Scope): Sockets3 {
  const waits = new Waits(scope);
  return {
    types: { TcpSocket: tcpSocketOf(scope, waits), UdpSocket: udpSocketOf(scope, waits) },
    resolveAddresses: (name) => resolve(scope, waits, name),
  };
}
