/** Messages that are built part by part, as socket2 does: `struct msghdr`. */
import { shareInstances } from '../instances.js';
import type { SockAddr } from '../address.js';
import type { BufferSource } from '../socket/buffer.js';
import type { ControlMessage, ReceivedControlMessage } from './control-message.js';
import { checkInteger, invalidType } from '../errors.js';
import { RecvFlags } from '../socket/recv-flags.js';

/** SOCK_CONTROL_MAX of libsock. */
const CONTROL_MAX = 16384;
const NO_FLAGS = new RecvFlags({}, 0);

/** A message for {@link Socket.sendmsg}: `struct msghdr`. */
export interface MessageToSend {
  readonly buffers: readonly BufferSource[];
  /** The receiver; left out on a connected socket. */
  readonly address?: SockAddr | undefined;
  readonly control?: readonly ControlMessage[] | undefined;
  /** `MSG_...` flags, in addition to those of the call. */
  readonly flags?: number | undefined;
}

/** Builds a message for {@link Socket.sendmsg}; each `with...` returns a new object. */
export class MsgHdr implements MessageToSend {
  readonly buffers: readonly BufferSource[];
  readonly address?: SockAddr | undefined;
  readonly control?: readonly ControlMessage[] | undefined;
  readonly flags?: number | undefined;

  /** @throws `ERR_INVALID_ARG_TYPE`; `sendmsg` checks the members when it sends the message */
  constructor(init: Partial<MessageToSend> = {}) {
    if (typeof init !== 'object' || init === null)
      throw invalidType('init', 'of type object', init);
    this.buffers = init.buffers ?? [];
    this.address = init.address;
    this.control = init.control;
    this.flags = init.flags;
  }

  /** @param address where to send to (`msg_name`) */
  withAddr(address: SockAddr): MsgHdr {
    return new MsgHdr({ ...this, address });
  }

  /** @param buffers what to send, one after the other (`msg_iov`) */
  withBuffers(buffers: readonly BufferSource[]): MsgHdr {
    return new MsgHdr({ ...this, buffers });
  }

  /** @param control control messages (`msg_control`) */
  withControl(control: readonly ControlMessage[]): MsgHdr {
    return new MsgHdr({ ...this, control });
  }

  /** @param flags `MSG_...` flags (`msg_flags`) */
  withFlags(flags: number): MsgHdr {
    return new MsgHdr({ ...this, flags });
  }
}

/** The buffers of {@link Socket.recvmsg}. */
export interface MessageRoom {
  readonly buffers: readonly BufferSource[];
  /** Room for control messages, in bytes by the system's count (0 to 16384); default 0. */
  readonly control?: number | undefined;
}

/** A received message. */
export interface ReceivedMessage<T = unknown> {
  /** Bytes put into the buffers. */
  readonly length: number;
  /** `isTruncated` is about the data, `isControlTruncated` about the control messages. */
  readonly flags: RecvFlags;
  /** The sender; on a connected stream its family is `'unspec'`. */
  readonly address: SockAddr;
  readonly control: ReceivedControlMessage<T>[];
}

/** Allocates room for control messages; throws `ERR_INVALID_ARG_TYPE` or `ERR_OUT_OF_RANGE`. */
export function controlRoom(argument: string, length: number): Uint8Array {
  return new Uint8Array(checkInteger(argument, length, 0, CONTROL_MAX));
}

/**
 * A message to be received by {@link Socket.recvmsg}, which fills it anew each time; each `with...`
 * returns a new, empty object. Receiving into one again allocates no room for control messages.
 *
 * @example
 * const message = new MsgHdrMut().withAddr().withBuffers([buffer]).withControl(256);
 * const length = socket.recvmsg(message);
 * if (message.flags().isTruncated) console.log('more than', length, 'bytes from', message.address);
 */
export class MsgHdrMut<T = unknown> {
  #buffers: readonly BufferSource[] = [];
  #control: Uint8Array = new Uint8Array(0);
  #wantsAddress = false;
  #received: ReceivedMessage | undefined;
  #controlLength = 0;

  /** Puts a message in, with the bytes that its control messages took. @internal */
  receive(message: ReceivedMessage, controlLength: number): void {
    this.#received = message;
    this.#controlLength = controlLength;
  }

  /** The room for control messages, which each call uses again. @internal */
  get controlRoom(): Uint8Array {
    return this.#control;
  }

  #with(change: (header: MsgHdrMut<T>) => void): MsgHdrMut<T> {
    const header = new MsgHdrMut<T>();
    header.#buffers = this.#buffers;
    header.#control = new Uint8Array(this.#control.length);
    header.#wantsAddress = this.#wantsAddress;
    change(header);
    return header;
  }

  /** Asks for the sender's address (`msg_name`). */
  withAddr(): MsgHdrMut<T> {
    return this.#with((header) => {
      header.#wantsAddress = true;
    });
  }

  /** @param buffers what to receive into, one after the other (`msg_iov`) */
  withBuffers(buffers: readonly BufferSource[]): MsgHdrMut<T> {
    return this.#with((header) => {
      header.#buffers = buffers;
    });
  }

  /**
   * @param length room for control messages (`msg_control`), in bytes by the system's count (0 to 16384)
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_OUT_OF_RANGE`
   */
  withControl(length: number): MsgHdrMut<T> {
    const control = controlRoom('length', length);
    return this.#with((header) => {
      header.#control = control;
    });
  }

  /** What to receive into. */
  get buffers(): readonly BufferSource[] {
    return this.#buffers;
  }

  /** The sender if `withAddr` was called; `undefined` before a message was received. */
  get address(): SockAddr | undefined {
    return this.#wantsAddress ? this.#received?.address : undefined;
  }

  /** The received control messages. */
  get control(): readonly ReceivedControlMessage<T>[] {
    return (this.#received?.control ?? []) as ReceivedControlMessage<T>[];
  }

  /** The flags of the received message (`msg_flags`). */
  flags(): RecvFlags {
    return this.#received?.flags ?? NO_FLAGS;
  }

  /** The number of bytes that the control messages took (`msg_controllen`). */
  controlLen(): number {
    return this.#controlLength;
  }
}

shareInstances(MsgHdr, 'MsgHdr');
shareInstances(MsgHdrMut, 'MsgHdrMut');
