/** Moves datagrams between a QUIC stack and a transport, keeps its timer, and tells a program what happens. */
import { SockAddr } from '@sock/native';
import { FIELDS, NO_ADDRESS, type Stack, type StackEvent } from './stack.js';
import type { Arrived, Transport } from './transport.js';

/** Batches that one step receives. More would delay the acknowledgements of the first. */
const BATCHES = 4;
const RUN_MAX = 1 << 17;
/** Length, size of each datagram, ECN bits, receiver, source. */
type Run = readonly [number, number, number, number, number];

export class Peer {
  readonly stack: Stack;
  readonly transport: Transport;
  readonly #onEvent: (event: StackEvent) => void;
  readonly #numbers = new Map<string, number>();
  readonly #addresses: SockAddr[] = [];
  readonly #run = new Uint8Array(RUN_MAX);
  readonly #out = new Uint32Array(FIELDS);
  /** How much of {@link #run} the transport has taken, and how long it is. */
  #taken = 0;
  #length = 0;
  #in = new Uint32Array(FIELDS * 1024);
  #timer: NodeJS.Timeout | undefined;
  #timerEnds = Infinity;
  #isClosed = false;

  constructor(stack: Stack, transport: Transport, onEvent: (event: StackEvent) => void) {
    this.stack = stack;
    this.transport = transport;
    this.#onEvent = onEvent;
    transport.start(() => this.step());
  }

  /** Begins a connection and returns its number. */
  connect(address: SockAddr, name: string): number {
    return this.stack.connect(this.#number(address), name);
  }

  /** Receives, lets the program work, and sends. Call it after a call of the stack outside an event. */
  step(): void {
    if (this.#isClosed) return;
    if (performance.now() >= this.#timerEnds) this.stack.expire();
    for (let i = 0; i < BATCHES; i++) {
      const arrived = this.transport.receive();
      if (arrived !== undefined) this.#take(arrived);
      for (let event = this.stack.event(); event !== null; event = this.stack.event()) {
        this.#onEvent(event);
        if (this.#isClosed) return;
      }
      this.#send();
      if (arrived === undefined) break;
    }
    this.#arm();
  }

  #take(arrived: Arrived): void {
    const { count } = arrived;
    if (this.#in.length < count * FIELDS) this.#in = new Uint32Array(count * FIELDS * 2);
    const numbers = this.#in;
    let sender = NO_ADDRESS;
    let destination = NO_ADDRESS;
    for (let i = 0; i < count; i++) {
      if (!arrived.isSamePath(i)) {
        sender = this.#number(arrived.sender(i));
        const local = arrived.destination(i);
        destination = local === undefined ? NO_ADDRESS : this.#number(local);
      }
      const at = i * FIELDS;
      numbers[at] = arrived.offset(i);
      numbers[at + 1] = arrived.length(i);
      numbers[at + 2] = sender;
      numbers[at + 3] = destination;
      numbers[at + 4] = arrived.ecn(i);
    }
    this.stack.receive(arrived.data, numbers, count);
  }

  #send(): void {
    const { stack, transport } = this;
    const out = this.#out;
    for (;;) {
      if (this.#taken === this.#length) {
        if (!stack.transmit(this.#run, out, transport.maxSegments)) break;
        this.#taken = 0;
        this.#length = out[0] as number;
      }
      const bytes = this.#run.subarray(this.#taken, this.#length);
      const [, segment, ecn, to, from] = out as unknown as readonly number[] as Run;
      const source = from === NO_ADDRESS ? undefined : this.#address(from);
      this.#taken += transport.send(bytes, segment, ecn, this.#address(to), source);
      if (this.#taken < this.#length) break;
    }
    transport.flush();
  }

  /** One timer serves all; it moves only when it would ring too late. */
  #arm(): void {
    const delay = this.stack.timeout();
    if (delay < 0) return;
    const ends = performance.now() + delay;
    if (this.#timer !== undefined && this.#timerEnds <= ends) return;
    clearTimeout(this.#timer);
    this.#timerEnds = ends;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.stack.expire();
      this.#timerEnds = Infinity;
      this.step();
    }, delay);
  }

  #number(address: SockAddr): number {
    const key = `${address.address} ${address.port}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.stack.number(address.address, address.port);
      this.#numbers.set(key, number);
    }
    return number;
  }

  #address(number: number): SockAddr {
    let address = this.#addresses[number];
    if (address === undefined) {
      const ip = this.stack.ip(number);
      const port = this.stack.port(number);
      address = ip.includes(':') ? SockAddr.ipv6(ip, port) : SockAddr.ipv4(ip, port);
      this.#addresses[number] = address;
    }
    return address;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.transport.close();
  }
}
