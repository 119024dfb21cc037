/** UDP by a DatagramEndpoint. */
import {
  DatagramEndpoint,
  Domain,
  Interest,
  Poller,
  type SockAddr,
  Socket,
  Type,
  type DatagramMeta,
} from '@sock/native';
import type { Arrived, Transport, TransportCounts } from './transport.js';

/** quinn-proto tries datagrams up to this size. */
const SIZE = 1472;
const BUFFER = 4 << 20;

export class EndpointTransport implements Transport {
  readonly #socket: Socket;
  readonly #endpoint: DatagramEndpoint;
  readonly #poller = new Poller();
  readonly #arrived: Arrived;
  readonly #sentMarks = [0, 0, 0, 0];
  readonly #receivedMarks = [0, 0, 0, 0];
  #drops = 0;
  #isEmpty = false;
  /** Whether the socket has no room. Until the poller says otherwise, another call would only say so again. */
  #isFull = false;
  #interest: number = Interest.READABLE;
  #last: { ecn: number; source: SockAddr | undefined } & DatagramMeta = {
    ecn: 0,
    source: undefined,
  };

  /** @param sendBuffer SO_SNDBUF in bytes */
  constructor(address: SockAddr, sendBuffer: number) {
    this.#socket = new Socket(Domain.forAddress(address), Type.DGRAM);
    this.#socket.setRecvBufferSize(BUFFER);
    this.#socket.setSendBufferSize(sendBuffer);
    this.#socket.bind(address);
    this.#endpoint = new DatagramEndpoint(this.#socket, {
      size: SIZE,
      columns: ['ecn', 'destination', 'source', 'drops'],
      // A datagram that is longer than the path allows is a probe of QUIC's own discovery, which learns from its loss.
      // The same holds for one that found a full queue.
      onFailure: ({ error, outcome }) => {
        if (outcome === 'failed' && error.code !== 'EMSGSIZE') {
          console.error(`not sent: ${error.message}`);
        }
      },
      onReport: ({ error, address: to, origin }) => {
        console.error(`${origin} reports ${error.code} of ${to}`);
      },
    });
    this.#arrived = arrivedOf(this.#endpoint);
    this.#poller.register(this.#socket, 0, this.#interest);
  }

  get address(): SockAddr {
    return this.#socket.localAddr();
  }

  get maxSegments(): number {
    return this.#endpoint.path.maxSegments;
  }

  start(step: () => void): void {
    this.#poller.attach((events) => {
      for (let i = 0; i < events.length; i++) if (events.isWritable(i)) this.#isFull = false;
      step();
    });
  }

  receive(): Arrived | undefined {
    if (this.#isEmpty) {
      this.#isEmpty = false;
      return undefined;
    }
    const count = this.#endpoint.tryReceive();
    if (count === undefined) return undefined;
    const { received } = this.#endpoint;
    // After a batch that is not full, another call would only say so. The poller reports what arrives later.
    this.#isEmpty = received.length < received.capacity;
    for (let i = 0; i < count; i++) {
      const slot = this.#endpoint.slotOf(i);
      const mark = received.ecn?.[slot] ?? 0;
      this.#receivedMarks[mark] = (this.#receivedMarks[mark] as number) + 1;
      this.#drops = Math.max(this.#drops, received.drops?.[slot] ?? 0);
    }
    return this.#arrived;
  }

  send(bytes: Uint8Array, segment: number, ecn: number, to: SockAddr, from?: SockAddr): number {
    // Datagrams with one object of meta data join a run without a comparison of its fields.
    if (this.#last.ecn !== ecn || this.#last.source !== from) this.#last = { ecn, source: from };
    const size = segment || bytes.length;
    let taken = this.#endpoint.pushRun(bytes, size, to, this.#last);
    while (taken < bytes.length && this.#trySend()) {
      taken += this.#endpoint.pushRun(bytes.subarray(taken), size, to, this.#last);
    }
    this.#sentMarks[ecn] = (this.#sentMarks[ecn] as number) + Math.ceil(taken / size);
    return taken;
  }

  #trySend(): boolean {
    if (!this.#isFull) this.#isFull = !this.#endpoint.trySend();
    return !this.#isFull;
  }

  flush(): boolean {
    const isDone = this.#trySend();
    const interest = isDone ? Interest.READABLE : Interest.READABLE | Interest.WRITABLE;
    if (interest !== this.#interest) this.#poller.reregister(this.#socket, 0, interest);
    this.#interest = interest;
    return isDone;
  }

  counts(): TransportCounts {
    const { sent, received, calls, runs, joined, waits, refused, failed, truncated } =
      this.#endpoint.statistics;
    return {
      sent,
      received,
      calls,
      runs,
      joined,
      waits,
      refused,
      failed,
      truncated,
      drops: this.#drops,
      sentMarks: this.#sentMarks,
      receivedMarks: this.#receivedMarks,
    };
  }

  close(): void {
    this.#poller.close();
    this.#socket.close();
  }
}

function arrivedOf(endpoint: DatagramEndpoint): Arrived {
  const { received } = endpoint;
  return {
    get count() {
      return endpoint.length;
    },
    data: received.data,
    offset: (index) => endpoint.offsetOf(index),
    length: (index) => endpoint.lengthOf(index),
    ecn: (index) => received.ecn?.[endpoint.slotOf(index)] ?? 0,
    sender: (index) => endpoint.addressOf(index),
    destination: (index) => received.destination(endpoint.slotOf(index)),
    isSamePath: (index) => index > 0 && endpoint.slotOf(index) === endpoint.slotOf(index - 1),
  };
}
