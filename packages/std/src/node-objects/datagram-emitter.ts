import dgram from 'node:dgram';
import { type ReceivedControlMessage, SockAddr, type Socket } from '@sock/core';
import { invalidArgument } from '../node-errors.js';
import {
  joinAll,
  type JoinAllOptions,
  type JoinedGroup,
  type JoinsAll,
} from '../multicast/join-all.js';
import { driverOf, toNodeAddress } from '../node-address.js';
import { type DgramState, dgramState } from '../node-internals.js';
import { HAS_DATAGRAM_HANDLE } from '../runtime.js';
import { DatagramHandle } from './datagram-handle.js';
import { OwnDatagrams } from './own-datagrams.js';
import type { RinfoColumns } from './rinfo-columns.js';
import { sendArguments } from './send-arguments.js';

/** BIND_STATE_UNBOUND of node's lib/dgram.js. */
const UNBOUND = 0;
/** CONNECT_STATE_CONNECTED of node's lib/dgram.js. */
const CONNECTED = 2;
/** Node's class wants a port where a socket has none. */
const NO_PORT = 1;

type Callback = (error: Error | null, bytes?: number) => void;

/** Node's class, or one that is like it where the runtime's own does not work on a handle of node's kind. */
const Datagrams: typeof dgram.Socket = HAS_DATAGRAM_HANDLE
  ? dgram.Socket
  : (OwnDatagrams as unknown as typeof dgram.Socket);

const isAddress = (value: unknown): value is string | SockAddr =>
  typeof value === 'string' || value instanceof SockAddr;

const lastFunction = (values: unknown[]): Callback | undefined =>
  values.findLast((value) => typeof value === 'function') as Callback | undefined;

/** Takes the port out of an error of a socket without ports. */
function withoutPort<T extends Error | null | undefined>(error: T): T {
  if (error === null || error === undefined || !('port' in error)) return error;
  const { syscall, code, address } = error as NodeJS.ErrnoException & { address?: string };
  // A name that stands for a SockAddr says nothing.
  const place = address === undefined || address.startsWith('\0\0') ? '' : ` ${address}`;
  Reflect.deleteProperty(error, 'port');
  if (place === '') Reflect.deleteProperty(error, 'address');
  return Object.assign(error, { message: `${syscall} ${code}${place}` });
}

/**
 * A `dgram.Socket` without a descriptor of node's, or of a type that node does not support: unix datagrams,
 * sequenced packets, raw, packet and netlink sockets; also UDP with options that node does not read for,
 * such as `udpGro` and `recvErrV4`. It is node's own class on a Socket of any backend: checks, callbacks and
 * events are node's.
 *
 * For addresses other than IP, `rinfo.address` is the path (an abstract name begins with NUL, a sender
 * without a name has `''`), `rinfo.port` is 0 and `rinfo.sockAddr` is the address as a SockAddr. `send`,
 * `bind` and `connect` take a path or a SockAddr in place of port and address. A unix socket without a
 * name gets an abstract one before its first send, as node binds a UDP socket to a port: so its messages can
 * be answered.
 *
 * Two events beside node's: `errorQueue` has the control messages of an entry of the error queue that is
 * no error, such as a transmit timestamp. A message that was cut emits `error` with EMSGSIZE before it.
 */
export class DatagramEmitter extends Datagrams implements JoinsAll {
  readonly type: string;
  readonly #handle: DatagramHandle | undefined;
  /** Whether `send`, `bind` and `connect` take no port. */
  readonly #portless: boolean;
  readonly #raw: boolean;
  /** Whether a message needs an address: the system knows no other receiver. */
  readonly #named: boolean;

  constructor(
    socket: Socket,
    {
      signal,
      ...options
    }: Partial<dgram.SocketOptions> & { readonly signal?: AbortSignal | undefined } = {},
    /** What `rinfo` says beside node's fields; its options are on. */
    rinfo?: RinfoColumns,
  ) {
    const domain = socket.domain();
    const udp = domain === 'ipv6' ? 'udp6' : 'udp4';
    // @ts-expect-error: node's constructor takes the options of `createSocket`; @types/node declares none
    super({ ...options, type: udp, ...(signal === undefined ? {} : { signal }) });
    const ip = domain === 'ipv4' || domain === 'ipv6';
    this.type = ip ? udp : String(domain);
    this.#raw = socket.type() === 'raw';
    this.#named = ip || domain === 'unix';
    this.#portless = !ip || this.#raw;
    const state = dgramState(this);
    if (state.handle === null) {
      // An aborted signal has closed it.
      socket.close();
      return;
    }
    const owner = {
      ended: () => {
        if (dgramState(this).handle !== null) this.close();
      },
      reported: (control: readonly ReceivedControlMessage[]) => this.emit('errorQueue', control),
    };
    this.#handle = new DatagramHandle(state.handle, () => socket, owner, rinfo);
    void this.#handle.socket;
    if (!ip) {
      state.handle.lookup = (address, callback) => process.nextTick(callback, null, address);
    } else if (this.#raw) {
      const { lookup } = state.handle;
      state.handle.lookup = (address, callback) => {
        if (address.startsWith('\0')) process.nextTick(callback, null, address);
        else lookup(address, callback);
      };
    }
    const connected = isConnected(socket);
    if (connected) state.connectState = CONNECTED;
    if (connected || this.#isBound(socket)) this.#startListening(state);
  }

  /** Sockets without ports receive without being bound, but unix sockets need a name. */
  #isBound(socket: Socket): boolean {
    const local = socket.localAddr();
    if (!this.#portless) return local.port !== 0;
    if (!local.isUnix() || driverOf(socket).system !== 'linux') return true;
    return local.len() > 2;
  }

  /** Has node's class go through its bind without binding. Nobody can listen yet, so `listening` is delayed. */
  #startListening(state: DgramState): void {
    const { handle } = state;
    if (handle === null) return;
    const { lookup, bind } = handle;
    handle.lookup = (_, callback) => callback(null, '');
    handle.bind = () => 0;
    super.bind({ port: 0, exclusive: true });
    handle.lookup = lookup;
    if (bind !== undefined) handle.bind = bind;
    process.nextTick(() => {
      if (state.handle !== null) this.emit('listening');
    });
  }

  /** What stands for a path or a SockAddr in node's calls. */
  #name(place: string | SockAddr | undefined): string {
    if (this.#handle === undefined) return '';
    if (typeof place !== 'string') return this.#handle.nameOf(place);
    // Node's class takes the empty text for no address.
    return place === '' ? this.#handle.nameOf(SockAddr.unix('')) : place;
  }

  /**
   * `bind([port][, address][, callback])` or `bind(options[, callback])`. Sockets other than IP take a path
   * or a SockAddr in place of port and address, or in `options.address`. Without one, a unix socket gets an
   * abstract name.
   */
  override bind(...values: unknown[]): this {
    const [first] = values;
    const callback = lastFunction(values);
    let options: dgram.BindOptions;
    if (typeof first === 'object' && first !== null && !(first instanceof SockAddr)) {
      options = { ...(first as dgram.BindOptions) };
      if (options.fd !== undefined) {
        throw invalidArgument(
          'ERR_INVALID_ARG_VALUE',
          "The property 'options.fd' is not supported: the socket has one",
        );
      }
    } else if (this.#portless && isAddress(first)) {
      options = { address: first as string };
    } else {
      const [port, address] = values;
      options = {
        ...(typeof port === 'function' ? {} : { port: port as number }),
        ...(typeof address === 'function' || !address ? {} : { address: address as string }),
      };
    }
    const place: unknown = options.address;
    if (place instanceof SockAddr || (this.#portless && !this.#raw)) {
      options.address = this.#name((place as string | SockAddr | undefined) ?? '');
    }
    // Not through a cluster's primary: it has no descriptor of this socket.
    const call = [{ ...options, exclusive: true }, ...(callback === undefined ? [] : [callback])];
    return Reflect.apply(super.bind, this, call) as this;
  }

  /**
   * `connect(port[, address][, callback])`. Sockets other than IP take a path or a SockAddr in place of port
   * and address.
   */
  override connect(...values: unknown[]): void {
    const place = values.find(isAddress);
    if (place === undefined || (!this.#portless && typeof place === 'string')) {
      Reflect.apply(super.connect, this, values);
      return;
    }
    const callback = lastFunction(values) as ((error?: Error) => void) | undefined;
    if (place instanceof SockAddr && !this.#portless) {
      const { address = '', port = 0 } = toNodeAddress(place, this.#driver);
      Reflect.apply(super.connect, this, [port, address, callback]);
      return;
    }
    const done = callback && ((error?: Error) => callback(withoutPort(error)));
    Reflect.apply(super.connect, this, [NO_PORT, this.#name(place), done]);
  }

  /**
   * `send(msg[, offset, length][, port][, address][, callback])`. Sockets without ports take a path or a
   * SockAddr in place of port and address.
   */
  override send(...values: unknown[]): void {
    const { connectState } = dgramState(this);
    if (this.#portless) {
      const wanted = connectState === CONNECTED ? 'none' : this.#named ? 'required' : 'optional';
      const { bytes, address, callback } = sendArguments(values, wanted);
      const done =
        callback && ((error: Error | null, count?: number) => callback(withoutPort(error), count));
      const list = [bytes];
      const call =
        connectState === CONNECTED ? [list, done] : [list, NO_PORT, this.#name(address), done];
      Reflect.apply(super.send, this, call);
      return;
    }
    const at = values.findIndex((value) => value instanceof SockAddr);
    if (at > 0) {
      const { address = '', port = 0 } = toNodeAddress(values[at] as SockAddr, this.#driver);
      // In place of the address, of port and address, or of both.
      const from = typeof values[at - 1] === 'number' && at % 2 === 0 ? at - 1 : at;
      values.splice(from, at - from + 1, port, address);
    }
    Reflect.apply(super.send, this, values);
  }

  get #driver() {
    return driverOf((this.#handle as DatagramHandle).socket);
  }

  /** As {@link joinAll} of `@sock/std` does on this socket. */
  joinAll(group: string, options?: JoinAllOptions): JoinedGroup {
    return joinAll(this, group, options);
  }

  /** Node's `address()`; for addresses other than IP, the same fields as `rinfo`. */
  override address(): ReturnType<dgram.Socket['address']> {
    const state = dgramState(this);
    if (state.handle !== null && !this.#portless && state.bindState === UNBOUND) {
      // As node, which has no descriptor before it binds.
      throw Object.assign(new Error('getsockname EBADF'), {
        code: 'EBADF',
        errno: -9,
        syscall: 'getsockname',
      });
    }
    return super.address();
  }
}

/** Whether the socket has a peer that it was connected to. Every netlink socket has one, the kernel. */
function isConnected(socket: Socket): boolean {
  try {
    const peer = socket.peerAddr();
    return peer.isIpv4() || peer.isIpv6() || peer.isUnix() || socket.domain() === 'unix';
  } catch {
    return false;
  }
}
