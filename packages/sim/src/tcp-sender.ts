import type { AgendaEvent } from './agenda.js';
import { ByteQueue } from './byte-queue.js';
import type { Clock } from './clock.js';
import { NO_DATA, TcpFlag } from './packet.js';
import { Queue } from './queue.js';

const { SYN, ACK, FIN } = TcpFlag;
/** What Linux has: net.ipv4.tcp_retries2, and RFC 6298's times. In milliseconds. */
const RETRANSMIT_FIRST = 1000;
const RETRANSMIT_LEAST = 200;
const RETRANSMIT_MOST = 120_000;
const RETRIES = 15;
/** A segment counts as lost after so many acknowledgments of the data before it: RFC 5681. */
const DUPLICATES = 3;

/** What a sender needs of its connection. */
export interface SenderConnection {
  readonly clock: Clock;
  /** How often a SYN is repeated, or undefined once the connection is there. */
  readonly synRetries: number | undefined;
  /** TCP_USER_TIMEOUT in milliseconds; negative: none. */
  readonly userTimeout: number;
  /** The connection is over: nothing is sent again. */
  readonly isClosed: boolean;
  emit(sequence: number, flags: number, data: Uint8Array): void;
  /** Something was sent that has to be acknowledged: asks for a call of {@link TcpSender.armTimer}. */
  unsettled(): void;
  /** Nobody acknowledged what was sent, however often. */
  timedOut(): void;
}

/** A stretch of the stream that was sent. */
interface Sent {
  readonly sequence: number;
  readonly end: number;
  readonly flags: number;
  readonly data: Uint8Array;
  readonly at: number;
  again: boolean;
}

/** The sending half of a TCP connection: what waits, what is on its way, and when it is sent again (RFC 6298). */
export class TcpSender {
  /** The next sequence number. */
  next = 0;
  /** The peer's window, in bytes. */
  window = 0;
  /** The largest segment, in bytes. */
  mss = 536;
  readonly #connection: SenderConnection;
  /** What the window has no room for yet. */
  readonly #waiting = new ByteQueue();
  readonly #sent = new Queue<Sent>();
  #sentBytes = 0;
  #unacknowledged = 0;
  #finWaits = false;
  #finSequence = -1;
  #duplicates = 0;
  #timer: AgendaEvent | undefined;
  #unsettled = false;
  #timeout = RETRANSMIT_FIRST;
  #roundTrip = 0;
  #variance = 0;
  #attempts = 0;
  #stuckSince = -1;

  constructor(connection: SenderConnection) {
    this.#connection = connection;
  }

  /** How many bytes are not acknowledged. */
  get pending(): number {
    return this.#waiting.length + this.#sentBytes;
  }

  /** Everything was acknowledged, the FIN too if there was one. */
  get isDone(): boolean {
    return this.#sent.length === 0 && this.#waiting.length === 0 && !this.#finWaits;
  }

  get finAcknowledged(): boolean {
    return this.#finSequence >= 0 && this.#unacknowledged > this.#finSequence;
  }

  /** Begins a connection. */
  begin(mss: number): void {
    this.mss = mss;
    this.#unacknowledged = this.next = 0;
    this.#attempts = 0;
    this.#timeout = RETRANSMIT_FIRST;
  }

  push(data: Uint8Array): void {
    this.#waiting.push(data);
    this.output();
  }

  /** Sends a FIN after all that waits. */
  finish(): void {
    this.#finWaits = true;
    this.output();
  }

  /** Sends what the peer's window has room for. */
  output(): void {
    while (this.#waiting.length > 0) {
      const room = this.window - (this.next - this.#unacknowledged);
      if (room <= 0) break;
      this.transmit(ACK, this.#waiting.take(Math.min(room, this.mss)));
    }
    if (this.#finWaits && this.#waiting.length === 0) {
      this.#finWaits = false;
      this.#finSequence = this.next;
      this.transmit(FIN | ACK, NO_DATA);
    }
    if (this.#waiting.length > 0) this.#unsettle();
  }

  /** Sends something that has to be acknowledged. */
  transmit(flags: number, data: Uint8Array): void {
    const sequence = this.next;
    const end = sequence + data.length + ((flags & (SYN | FIN)) === 0 ? 0 : 1);
    this.#sent.push({ sequence, end, flags, data, at: this.#connection.clock.now, again: false });
    this.#sentBytes += data.length;
    this.next = end;
    this.#connection.emit(sequence, flags, data);
    this.#unsettle();
  }

  /** Sends a SYN that acknowledges the peer's, in place of the one that was sent: RFC 9293, section 3.5. */
  answerSyn(): void {
    this.#sent.clear();
    this.next = 0;
    this.transmit(SYN | ACK, NO_DATA);
  }

  /** Asks the peer whether it is there, or has room now: RFC 9293, sections 3.8.4 and 3.8.6.1. */
  probe(): void {
    this.#connection.emit(this.#unacknowledged - 1, ACK, NO_DATA);
  }

  /** Repeats what was sent first of what is not acknowledged. */
  repeat(): void {
    const { first } = this.#sent;
    if (first !== undefined) this.#again(first);
  }

  /** Takes the acknowledgment of a segment. Returns whether it acknowledges anything new. */
  acknowledged(acknowledgment: number): boolean {
    if (acknowledgment <= this.#unacknowledged) return false;
    const { now } = this.#connection.clock;
    for (let { first } = this.#sent; first !== undefined && first.end <= acknowledgment;) {
      this.#sent.shift();
      this.#sentBytes -= first.data.length;
      // Karn: the acknowledgment of what was sent twice may be of either.
      if (!first.again && first.end === acknowledgment) this.#measure(now - first.at);
      ({ first } = this.#sent);
    }
    this.#unacknowledged = acknowledgment;
    this.#attempts = 0;
    this.#duplicates = 0;
    this.#stuckSince = -1;
    this.stopTimer();
    const { first } = this.#sent;
    if (first !== undefined) {
      this.#unsettle();
      // It was lost together with what is acknowledged now: its own time-out is not waited for.
      if (first.at < now - this.#timeout && !first.again) this.#again(first);
    }
    return true;
  }

  /** Takes an acknowledgment without data or a FIN that may say again what one before it said. */
  repeated(acknowledgment: number, window: number): void {
    if (acknowledgment !== this.#unacknowledged || window !== this.window) return;
    if (this.#sent.length === 0) return;
    this.#duplicates += 1;
    if (this.#duplicates === DUPLICATES) this.repeat();
  }

  /** Takes the window of a segment that is not older than others. */
  takeWindow(acknowledgment: number, window: number): void {
    if (acknowledgment < this.#unacknowledged) return;
    const opened = window > this.window;
    this.window = window;
    if (opened || this.#waiting.length > 0 || this.#finWaits) this.output();
    // The peer answered a probe of its closed window: it is there.
    if (this.#sent.length === 0) this.#attempts = 0;
  }

  /** Forgets all that is not acknowledged: the connection is over. */
  clear(): void {
    this.stopTimer();
    this.#waiting.clear();
    this.#sent.clear();
    this.#sentBytes = 0;
    this.#finWaits = false;
    this.#finSequence = -1;
  }

  /** Has what is unacknowledged, or has no window to go into, be tried again after a while. */
  armTimer(): void {
    this.#unsettled = false;
    if (this.#timer !== undefined || this.#connection.isClosed) return;
    if (this.#sent.length === 0 && this.#waiting.length === 0) return;
    const { clock } = this.#connection;
    if (this.#stuckSince < 0) this.#stuckSince = clock.now;
    this.#timer = clock.schedule(this.#timeout, () => {
      this.#timer = undefined;
      this.#retry();
    });
  }

  stopTimer(): void {
    this.#connection.clock.cancel(this.#timer);
    this.#timer = undefined;
  }

  #unsettle(): void {
    if (this.#unsettled || this.#timer !== undefined) return;
    this.#unsettled = true;
    this.#connection.unsettled();
  }

  #retry(): void {
    const { first } = this.#sent;
    if (first === undefined && this.#waiting.length === 0) return;
    const { clock, synRetries = RETRIES, userTimeout } = this.#connection;
    this.#attempts += 1;
    const tooLong = userTimeout >= 0 && clock.now - this.#stuckSince >= userTimeout;
    // A peer that answers and keeps its window closed is there: the window may be closed for ever.
    if ((this.#attempts > synRetries && first !== undefined) || tooLong) {
      this.#connection.timedOut();
      return;
    }
    this.#timeout = Math.min(this.#timeout * 2, RETRANSMIT_MOST);
    if (first === undefined) this.probe();
    else this.#again(first);
    this.armTimer();
  }

  #again(sent: Sent): void {
    sent.again = true;
    this.#connection.emit(sent.sequence, sent.flags, sent.data);
  }

  /** RFC 6298, section 2. */
  #measure(roundTrip: number): void {
    if (this.#roundTrip === 0) {
      this.#roundTrip = roundTrip;
      this.#variance = roundTrip / 2;
    } else {
      this.#variance = 0.75 * this.#variance + 0.25 * Math.abs(this.#roundTrip - roundTrip);
      this.#roundTrip = 0.875 * this.#roundTrip + 0.125 * roundTrip;
    }
    const timeout = this.#roundTrip + 4 * this.#variance;
    this.#timeout = Math.min(RETRANSMIT_MOST, Math.max(RETRANSMIT_LEAST, timeout));
  }
}
