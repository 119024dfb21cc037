/** The operations that move data. Each is tried by the `try...` method of the socket that it is named after. */
import { SockAddr } from '../address.js';
import { checkInteger, invalidType, invalidValue, SockError } from '../errors.js';
import { encodeControl } from '../message/control-message.js';
import {
  controlRoom,
  type MessageRoom,
  type MessageToSend,
  MsgHdrMut,
  type ReceivedMessage,
} from '../message/message-header.js';
import { type BufferSource, bytesOf, bytesOfAll } from '../socket/buffer.js';
import { DatagramBatch } from '../socket/datagram-batch.js';
import type { Progress } from './async-options.js';
import type { AsyncSocket } from './async-socket.js';
import { MORE, nobody, Pending, withBytes } from './pending.js';

/** A buffer of the caller's that must stay as it is until the call is done. */
class HeldBuffer {
  readonly bytes: Uint8Array;
  readonly length: number;

  constructor(
    readonly argument: string,
    buffer: BufferSource,
  ) {
    this.bytes = bytesOf(argument, buffer);
    this.length = this.bytes.byteLength;
  }

  /** The bytes, if the buffer has neither been detached nor resized. */
  get(): Uint8Array {
    const { bytes, length } = this;
    if (bytes.byteLength !== length) refuse(this.argument, bytes);
    return bytes;
  }
}

function refuse(argument: string, bytes: Uint8Array): never {
  bytesOf(argument, bytes);
  throw invalidValue(argument, 'must not be resized while a call waits to use it', bytes.length);
}

function checkObject<T extends object>(argument: string, value: T): T {
  if (typeof value !== 'object' || value === null) {
    throw invalidType(argument, 'of type object', value);
  }
  return value;
}

/** Several of them. */
class HeldBuffers {
  readonly list: Uint8Array[];
  readonly #lengths: number[];

  constructor(
    readonly argument: string,
    buffers: readonly BufferSource[],
  ) {
    this.list = bytesOfAll(argument, buffers);
    this.#lengths = this.list.map(({ byteLength }) => byteLength);
  }

  get(): Uint8Array[] {
    for (const [index, bytes] of this.list.entries()) {
      if (bytes.byteLength !== this.#lengths[index]) refuse(`${this.argument}[${index}]`, bytes);
    }
    return this.list;
  }
}

const NO_BYTES: Uint8Array = new Uint8Array(0);

/** {@link AsyncSocket.recvAsync} */
export class Recv extends Pending<number> {
  // A HeldBuffer, without an object of its own: this is the call that programs make most.
  #bytes = NO_BYTES;
  #length = 0;
  flags = 0;

  /** @param spare takes the object back when the call has succeeded, for the next call */
  constructor(
    readonly socket: AsyncSocket,
    readonly spare?: { recv: Recv | undefined },
  ) {
    super();
  }

  with(buffer: BufferSource, flags: number): this {
    this.#bytes = bytesOf('buffer', buffer);
    this.#length = this.#bytes.byteLength;
    this.flags = flags;
    return this;
  }

  override get syscall(): string {
    return 'recv';
  }

  override attempt(): number | undefined {
    const bytes = this.#bytes;
    if (bytes.byteLength !== this.#length) refuse('buffer', bytes);
    return this.socket.tryRecv(bytes, this.flags);
  }

  override leftNothing(count: number): boolean {
    return count > 0 && count < this.#length && this.flags === 0;
  }

  override done(): void {
    if (this.spare === undefined) return;
    // The buffer is the caller's again.
    this.#bytes = NO_BYTES;
    this.resolve = nobody;
    this.reject = nobody;
    this.spare.recv = this;
  }
}

/** {@link AsyncSocket.recvFromAsync} */
export class RecvFrom extends Pending<[number, SockAddr]> {
  readonly #buffer: HeldBuffer;

  constructor(
    readonly socket: AsyncSocket,
    buffer: BufferSource,
    readonly flags: number,
  ) {
    super();
    this.#buffer = new HeldBuffer('buffer', buffer);
  }

  override get syscall(): string {
    return 'recvfrom';
  }

  override attempt(): [number, SockAddr] | undefined {
    return this.socket.tryRecvFrom(this.#buffer.get(), this.flags);
  }
}

/** {@link AsyncSocket.recvExactAsync} */
export class RecvExact extends Pending<number> {
  readonly #buffer: HeldBuffer;
  #received = 0;

  constructor(
    readonly socket: AsyncSocket,
    buffer: BufferSource,
    readonly flags: number,
    readonly progress: Progress | undefined,
  ) {
    super();
    this.#buffer = new HeldBuffer('buffer', buffer);
  }

  override get syscall(): string {
    return 'recv';
  }

  override attempt(): number | undefined | typeof MORE {
    const bytes = this.#buffer.get();
    const { length } = bytes;
    // A receive of no bytes would say nothing about the stream.
    if (length === 0) {
      this.socket.asRawFd();
      return 0;
    }
    const rest = this.#received === 0 ? bytes : bytes.subarray(this.#received);
    const count = this.socket.tryRecv(rest, this.flags);
    if (count === undefined) return undefined;
    if (count === 0) {
      throw new SockError('ERR_SOCK_END_OF_STREAM', {
        syscall: 'recv',
        message: `recv: the stream ended after ${this.#received} of ${length} bytes`,
      });
    }
    this.#received += count;
    if (this.progress !== undefined) this.progress.bytes = this.#received;
    return this.#received < length ? MORE : length;
  }

  override describe(error: unknown): unknown {
    const received = this.#received;
    withBytes(error, 'bytesRead', received);
    if (error instanceof SockError) {
      // A view, and left out of what is shown of the error: it may be long.
      Object.defineProperty(error, 'bytes', {
        value: this.#buffer.bytes.subarray(0, received),
        configurable: true,
        writable: true,
      });
    }
    return error;
  }
}

/** {@link AsyncSocket.recvmsgAsync} */
export class RecvMessage<S extends AsyncSocket> extends Pending<ReceivedMessage<S> | number> {
  readonly #buffers: HeldBuffers;
  /** Read once: reading the caller's object again later could run the caller's code. */
  readonly #room: MessageRoom | MsgHdrMut;

  constructor(
    readonly socket: S,
    room: MessageRoom | MsgHdrMut,
    readonly flags: number,
  ) {
    super();
    if (room instanceof MsgHdrMut) {
      this.#buffers = new HeldBuffers('room.buffers', room.buffers);
      this.#room = room;
      return;
    }
    const { control = 0, buffers } = checkObject('room', room);
    controlRoom('room.control', control);
    this.#buffers = new HeldBuffers('room.buffers', buffers);
    this.#room = { buffers: this.#buffers.list, control };
  }

  override get syscall(): string {
    return 'recvmsg';
  }

  override attempt(): ReceivedMessage<S> | number | undefined {
    this.#buffers.get();
    return this.socket.tryRecvmsg(this.#room as MessageRoom, this.flags) as
      | ReceivedMessage<S>
      | number
      | undefined;
  }
}

/** {@link AsyncSocket.recvBatchAsync} */
export class RecvBatch extends Pending<number> {
  constructor(
    readonly socket: AsyncSocket,
    readonly batch: DatagramBatch,
    readonly flags: number,
  ) {
    super();
    DatagramBatch.check(batch);
  }

  override get syscall(): string {
    return 'recvmmsg';
  }

  override attempt(): number | undefined {
    return this.socket.tryRecvBatch(this.batch, this.flags);
  }
}

/** {@link AsyncSocket.sendAsync} */
export class Send extends Pending<number> {
  readonly #buffer: HeldBuffer;

  constructor(
    readonly socket: AsyncSocket,
    buffer: BufferSource,
    readonly flags: number,
  ) {
    super();
    this.#buffer = new HeldBuffer('buffer', buffer);
  }

  override get syscall(): string {
    return 'send';
  }

  override attempt(): number | undefined {
    return this.socket.trySend(this.#buffer.get(), this.flags);
  }
}

/** {@link AsyncSocket.sendAllAsync} */
export class SendAll extends Pending<number> {
  readonly #buffer: HeldBuffer;
  #sent = 0;

  constructor(
    readonly socket: AsyncSocket,
    buffer: BufferSource,
    readonly flags: number,
    readonly progress: Progress | undefined,
  ) {
    super();
    this.#buffer = new HeldBuffer('buffer', buffer);
  }

  override get syscall(): string {
    return 'send';
  }

  override attempt(): number | undefined | typeof MORE {
    const bytes = this.#buffer.get();
    const rest = this.#sent === 0 ? bytes : bytes.subarray(this.#sent);
    const count = this.socket.trySend(rest, this.flags);
    if (count === undefined) return undefined;
    this.#sent += count;
    if (this.progress !== undefined) this.progress.bytes = this.#sent;
    return this.#sent < bytes.length ? MORE : bytes.length;
  }

  override describe(error: unknown): unknown {
    return withBytes(error, 'bytesWritten', this.#sent);
  }
}

/** {@link AsyncSocket.sendToAsync} */
export class SendTo extends Pending<number> {
  readonly #buffer: HeldBuffer;

  constructor(
    readonly socket: AsyncSocket,
    buffer: BufferSource,
    readonly address: SockAddr,
    readonly flags: number,
  ) {
    super();
    this.#buffer = new HeldBuffer('buffer', buffer);
    // Refuses what is no address, also if other calls are to be made first.
    SockAddr.write(socket.context.memory, address);
  }

  override get syscall(): string {
    return 'sendto';
  }

  override attempt(): number | undefined {
    return this.socket.trySendTo(this.#buffer.get(), this.address, this.flags);
  }
}

/** {@link AsyncSocket.sendmsgAsync} */
export class SendMessage extends Pending<number> {
  readonly #buffers: HeldBuffers;
  readonly #message: MessageToSend;

  constructor(
    readonly socket: AsyncSocket,
    message: MessageToSend,
    readonly flags: number,
  ) {
    super();
    const { buffers, address, control, flags: more } = checkObject('message', message);
    this.#buffers = new HeldBuffers('message.buffers', buffers);
    if (address !== undefined) SockAddr.write(socket.context.memory, address);
    this.#message = { buffers: this.#buffers.list, address, control, flags: more };
  }

  override get syscall(): string {
    return 'sendmsg';
  }

  override check(): void {
    const { control, flags = 0 } = this.#message;
    if (control !== undefined) encodeControl(this.socket.context, control);
    checkInteger('message.flags', flags, -0x80000000, 0x7fffffff);
  }

  override attempt(): number | undefined {
    this.#buffers.get();
    return this.socket.trySendmsg(this.#message, this.flags);
  }
}

/** {@link AsyncSocket.sendBatchAsync} */
export class SendBatch extends Pending<number> {
  constructor(
    readonly socket: AsyncSocket,
    readonly batch: DatagramBatch,
    readonly flags: number,
  ) {
    super();
    DatagramBatch.check(batch);
  }

  override get syscall(): string {
    return 'sendmmsg';
  }

  override attempt(): number | undefined {
    return this.socket.trySendBatch(this.batch, this.flags);
  }
}
