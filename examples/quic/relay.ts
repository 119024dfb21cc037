/**
 * A router between a client and a server, as a process of its own: it marks some datagrams as it would in congestion
 * (CE), and loses some. Its argument is a {@link RelayInit} in JSON. It prints its address once it listens. At the end
 * of its input it prints a {@link RelayReport}.
 */
import { DatagramEndpoint, Domain, Interest, Poller, SockAddr, Socket, Type } from '@sock/native';
import { ECN } from './transport.js';

export interface RelayInit {
  readonly server: string;
  /** Of so many datagrams, one is marked, or lost. 0: none. */
  readonly markOneOf: number;
  readonly loseOneOf: number;
}

export interface RelayReport {
  readonly forwarded: number;
  readonly marked: number;
  readonly lost: number;
  /** Datagrams that came without ECT, so that they must not be marked: RFC 3168, 5. */
  readonly unmarkable: number;
}

const BUFFER = 4 << 20;
const MARKS = Object.values(ECN).map((ecn) => ({ ecn }));
const init = JSON.parse(process.argv[2] as string) as RelayInit;
const server = SockAddr.parse(init.server);
const report = { forwarded: 0, marked: 0, lost: 0, unmarkable: 0 };
const poller = new Poller();

/** One side of the router. */
class Side {
  readonly endpoint: DatagramEndpoint;
  readonly #token: number;
  #interest: number = Interest.READABLE;

  constructor(token: number, address: SockAddr) {
    this.#token = token;
    const socket = new Socket(Domain.forAddress(address), Type.DGRAM);
    socket.setRecvBufferSize(BUFFER);
    socket.setSendBufferSize(BUFFER);
    socket.bind(address);
    this.endpoint = new DatagramEndpoint(socket, { size: 1472, columns: ['ecn'] });
    poller.register(socket, token, this.#interest);
  }

  send(): void {
    const isDone = this.endpoint.trySend();
    const interest = isDone ? Interest.READABLE : Interest.READABLE | Interest.WRITABLE;
    if (interest !== this.#interest) poller.reregister(this.endpoint.socket, this.#token, interest);
    this.#interest = interest;
  }
}

const any = server.isIpv6() ? SockAddr.ipv6('::1', 0) : SockAddr.ipv4('127.0.0.1', 0);
const [front, back] = [new Side(0, any), new Side(1, any)];
let client: SockAddr | undefined;

const one = (of: number): boolean => of > 0 && Math.random() * of < 1;

function forward(from: Side, to: Side): void {
  for (;;) {
    const count = from.endpoint.tryReceive();
    if (count === undefined) break;
    if (from === front) client = from.endpoint.addressOf(count - 1);
    const target = from === front ? server : client;
    if (target === undefined) break;
    for (let i = 0; i < count; i++) {
      let mark = from.endpoint.received.ecn?.[from.endpoint.slotOf(i)] ?? ECN.none;
      if (one(init.markOneOf)) {
        if (mark === ECN.none) report.unmarkable++;
        else {
          mark = ECN.ce;
          report.marked++;
        }
      }
      // A router whose queue is full loses what comes next.
      const datagram = from.endpoint.bytes(i);
      if (one(init.loseOneOf) || !push(to.endpoint, datagram, target, mark)) report.lost++;
      else report.forwarded++;
    }
  }
  to.send();
}

function push(to: DatagramEndpoint, bytes: Uint8Array, target: SockAddr, mark: number): boolean {
  const meta = MARKS.find(({ ecn }) => ecn === mark);
  return to.push(bytes, target, meta) || (to.trySend() && to.push(bytes, target, meta));
}

poller.attach((events) => {
  for (let i = 0; i < events.length; i++) {
    if (events.token(i) === 0) forward(front, back);
    else forward(back, front);
  }
});
console.log(String(front.endpoint.socket.localAddr()));
process.stdin.resume().on('end', () => {
  poller.close();
  front.endpoint.socket.close();
  back.endpoint.socket.close();
  console.log(JSON.stringify(report));
});
