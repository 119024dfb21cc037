import {
  Domain,
  MSG,
  Protocol,
  type SockAddr,
  SockError,
  Socket,
  Timestamping,
  Type,
} from '@sock/native';
import { whenReadable } from '../when-readable.js';
import { decodeEcho, type EchoKind, encodeRequest, HEADER, ICMP, ICMPV6 } from './icmp.js';

/** The kernel reports the time of each sending, without a copy of the packet. */
const TIMES =
  Timestamping.TX_SOFTWARE | Timestamping.SOFTWARE | Timestamping.OPT_ID | Timestamping.OPT_TSONLY;
const CONTROL_ROOM = 512;

export interface PingerInit {
  /** Bytes of data in a request. */
  readonly size: number;
  readonly ttl?: number | undefined;
  /** Uses a raw socket even if a datagram socket is allowed. */
  readonly raw?: boolean | undefined;
}

/** The outcome of a request. */
export type Answer =
  | {
      readonly kind: 'reply';
      readonly from: string;
      readonly sequence: number;
      /** Length of ICMP header and data, in bytes. */
      readonly bytes: number;
      readonly ttl: number;
      /** Round-trip time in milliseconds. */
      readonly time: number;
      readonly duplicate: boolean;
    }
  | {
      readonly kind: 'error';
      readonly from: string;
      readonly sequence: number;
      readonly reason: string;
    };

interface Request {
  /** When it was sent, in nanoseconds since 1970. */
  time: bigint;
  open: boolean;
}

/** Sends echo requests to one host, and reports replies and errors. */
export class Pinger {
  readonly socket: Socket;
  readonly #destination: SockAddr;
  readonly #size: number;
  readonly #kind: EchoKind;
  readonly #raw: boolean;
  readonly #requests = new Map<number, Request>();
  /** The sequence numbers in the order of sending. The kernel numbers its times in the same order. */
  readonly #sent: number[] = [];
  #outstanding = 0;

  /** @throws {SockError} EACCES if neither kind of socket is allowed */
  constructor(destination: SockAddr, { size, ttl, raw = false }: PingerInit) {
    this.#destination = destination;
    this.#size = size;
    this.#kind = destination.isIpv6() ? ICMPV6 : ICMP;
    [this.socket, this.#raw] = open(destination.domain(), raw);
    const { socket } = this;
    if (destination.isIpv6()) {
      socket.setRecvErrV6(true);
      socket.setRecvHoplimitV6(true);
      if (ttl !== undefined) socket.setUnicastHopsV6(ttl);
      if (this.#raw) socket.setIcmp6Filter(blockAllBut(this.#kind.reply));
    } else {
      socket.setRecvErrV4(true);
      socket.setRecvTtlV4(true);
      if (ttl !== undefined) socket.setTtl(ttl);
      if (this.#raw) socket.setIcmpFilter(~(1 << this.#kind.reply) >>> 0);
    }
    // The kernel takes both times of a round trip: a reply carries its time of arrival, and the error
    // queue delivers the time at which the request left.
    socket.setTimestampns(true);
    socket.setTimestamping(TIMES);
  }

  /** Requests that have neither a reply nor an error yet. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** Whether it is the first answer to the request. */
  #answered(request: Request): boolean {
    const first = request.open;
    request.open = false;
    if (first) this.#outstanding -= 1;
    return first;
  }

  /** @throws {SockError} ENETUNREACH, EHOSTUNREACH, EPERM (a firewall), ... */
  send(sequence: number): void {
    const number = sequence & 0xffff;
    // On a datagram socket the kernel writes the id, and delivers only replies with that id.
    const request = encodeRequest(this.#kind, process.pid & 0xffff, number, this.#size);
    const time = now();
    this.socket.sendTo(request, this.#destination);
    // The previous request with this number was sent 65536 requests ago.
    const lost = this.#requests.get(number);
    if (lost !== undefined) this.#answered(lost);
    this.#requests.set(number, { time, open: true });
    this.#outstanding += 1;
    this.#sent.push(number);
  }

  /** Replies and errors as they arrive, until the signal aborts. */
  async *answers(signal: AbortSignal): AsyncGenerator<Answer> {
    for await (const _ of whenReadable(this.socket, signal)) {
      // Read the error queue first: it holds the times of sending.
      yield* this.#errors();
      yield* this.#replies();
    }
  }

  *#replies(): Generator<Answer> {
    const buffer = Buffer.alloc(65536);
    for (;;) {
      const message = this.#receive(buffer, 0);
      if (message === undefined) return;
      const { address, control } = message;
      let bytes = buffer.subarray(0, message.length);
      // A raw IPv4 socket delivers the IP header too.
      if (this.#raw && address.isIpv4()) bytes = bytes.subarray(((bytes[0] ?? 0) & 15) * 4);
      const echo = decodeEcho(bytes);
      if (echo === undefined || echo.type !== this.#kind.reply || !this.#isOurs(echo.id)) continue;
      const request = this.#requests.get(echo.sequence);
      if (request === undefined) continue;
      let [arrived, ttl] = [now(), 0];
      for (const item of control) {
        if (item.kind === 'timestamp') arrived = item.nanoseconds;
        else if (item.kind === 'ttl' || item.kind === 'hopLimit') ttl = item.value;
      }
      yield {
        kind: 'reply',
        from: address.address,
        sequence: echo.sequence,
        bytes: bytes.length,
        ttl,
        time: Number(arrived - request.time) / 1e6,
        duplicate: !this.#answered(request),
      };
    }
  }

  *#errors(): Generator<Answer> {
    const buffer = Buffer.alloc(HEADER + this.#size);
    for (;;) {
      const message = this.#receive(buffer, MSG['ERRQUEUE'] as number);
      if (message === undefined) return;
      const stamp = message.control.find((item) => item.kind === 'timestamping');
      const error = message.control.find((item) => item.kind === 'error');
      if (error === undefined) continue;
      if (error.origin === 'timestamping') {
        const request = this.#requests.get(this.#sent[error.data] ?? -1);
        if (request !== undefined && stamp?.software != null) request.time = stamp.software;
        continue;
      }
      // The error quotes the beginning of the request that failed.
      const echo = decodeEcho(buffer.subarray(0, message.length));
      if (echo === undefined || echo.type !== this.#kind.request || !this.#isOurs(echo.id))
        continue;
      const request = this.#requests.get(echo.sequence);
      if (request !== undefined) this.#answered(request);
      yield {
        kind: 'error',
        from: error.offender ?? 'this host',
        sequence: echo.sequence,
        reason:
          error.origin === 'local'
            ? `${error.error.code}, mtu=${error.info}`
            : this.#kind.explain(error.icmpType, error.icmpCode),
      };
    }
  }

  #receive(buffer: Buffer, flags: number): ReturnType<Socket['tryRecvmsg']> {
    try {
      return this.socket.tryRecvmsg({ buffers: [buffer], control: CONTROL_ROOM }, flags);
    } catch (error) {
      // The error only says that the queue has an entry. The next readable() reports it again.
      if (flags === 0 && error instanceof SockError && error.syscall === 'recvmsg')
        return undefined;
      throw error;
    }
  }

  #isOurs(id: number): boolean {
    return !this.#raw || id === (process.pid & 0xffff);
  }
}

/** An ICMP datagram socket if the system allows this group one, otherwise a raw socket. */
function open(domain: Domain, raw: boolean): [socket: Socket, raw: boolean] {
  const protocol = domain === Domain.IPV6 ? Protocol.ICMPV6 : Protocol.ICMPV4;
  if (!raw) {
    try {
      return [new Socket(domain, Type.DGRAM, protocol), false];
    } catch (error) {
      if ((error as SockError).code !== 'EACCES') throw error;
    }
  }
  return [new Socket(domain, Type.RAW, protocol), true];
}

/** `struct icmp6_filter`: a bit for each type. A set bit blocks the type. */
function blockAllBut(type: number): Uint8Array {
  const words = new Uint32Array(8).fill(0xffffffff);
  (words[type >> 5] as number) &= ~(1 << (type & 31));
  return new Uint8Array(words.buffer);
}

/** The clock of the kernel's timestamps, as precisely as JavaScript can read it. */
function now(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6));
}
