import type { Driver } from './driver.js';

/** The flags of a received message: `msg_flags` of recvmsg(2). */
export class RecvFlags {
  readonly #driver: Driver;
  /** The number as the system gave it. */
  readonly value: number;

  /** @internal */
  constructor(driver: Driver, value: number) {
    this.#driver = driver;
    this.value = value;
  }

  #has(name: string): boolean {
    return (this.value & (this.#driver.constants[name] ?? 0)) !== 0;
  }

  /** `MSG_TRUNC`: the datagram was longer than the buffers; the rest is lost. */
  get isTruncated(): boolean {
    return this.#has('MSG_TRUNC');
  }

  /** `MSG_CTRUNC`: there was no room for all control messages; the rest is lost. */
  get isControlTruncated(): boolean {
    return this.#has('MSG_CTRUNC');
  }

  /** `MSG_EOR`: the message ends a record (SOCK_SEQPACKET). */
  get isEndOfRecord(): boolean {
    return this.#has('MSG_EOR');
  }

  /** `MSG_OOB`: out-of-band data was received. */
  get isOutOfBand(): boolean {
    return this.#has('MSG_OOB');
  }

  /** `MSG_CONFIRM` */
  get isConfirm(): boolean {
    return this.#has('MSG_CONFIRM');
  }

  /** `MSG_DONTROUTE` */
  get isDontroute(): boolean {
    return this.#has('MSG_DONTROUTE');
  }
}
