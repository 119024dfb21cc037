/** The flags of a received message: `msg_flags` of recvmsg(2). */

import { shareInstances } from '../instances.js';
export class RecvFlags {
  readonly #constants: Readonly<Record<string, number>>;
  /** The number as the system gave it. */
  readonly value: number;

  /** @internal */
  constructor(constants: Readonly<Record<string, number>>, value: number) {
    this.#constants = constants;
    this.value = value;
  }

  #has(name: string): boolean {
    return (this.value & (this.#constants[name] ?? 0)) !== 0;
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

shareInstances(RecvFlags, 'RecvFlags');
