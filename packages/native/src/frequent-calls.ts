/**
 * The calls that a program makes most often, at the least cost. Reading or making a Node-API value is a call into
 * the engine. After a system call, with cold caches, each costs 20 to 40 ns. So numbers cross in the driver's
 * memory. A buffer that is used again does not cross at all: the addon still knows where its bytes are.
 */
import type { Driver, Handle } from '@sock/core';

/** The functions of the addon. Without a buffer they use the buffer of the last call in their direction. */
export interface FrameCalls {
  open(): void;
  accept(): void;
  close(): void;
  recv(buffer?: Uint8Array): void;
  recvFrom(buffer?: Uint8Array): void;
  send(buffer?: Uint8Array): void;
  sendTo(buffer?: Uint8Array): void;
  getOption(): void;
  setOption(): void;
}

/** The functions of {@link Driver} that are made from them. */
export type FrequentCalls = Pick<
  Driver,
  'open' | 'accept' | 'close' | 'recv' | 'recvFrom' | 'send' | 'sendTo' | 'getOption' | 'setOption'
>;

/** Indices into an Int32Array: `Memory::frame` of native/addon/instance.h. */
const HANDLE = 98;
const NUMBER = 99;
const RESULT = 100;
const DOMAIN = 101;
const TYPE = 102;
const PROTOCOL = 103;

/** Longer buffers are not cached: the cache would keep them alive. */
const LENGTH_MAX = 65536;

/** A getter of every typed array. No own property and no subclass can replace it. */
function intrinsic<T>(name: string | symbol): (view: unknown) => T {
  const prototype: object = Object.getPrototypeOf(Uint8Array.prototype);
  const getter = Object.getOwnPropertyDescriptor(prototype, name)?.get as () => T;
  return Function.prototype.call.bind(getter) as (view: unknown) => T;
}

const lengthOf = intrinsic<number>('length');
const bufferOf = intrinsic<ArrayBufferLike>('buffer');
/** `undefined` if the value is not a typed array. The other getters throw then. */
const kindOf = intrinsic<string | undefined>(Symbol.toStringTag);

/** A buffer that no caller has. */
const NONE: Uint8Array = new Uint8Array(0);

/** The last used buffer of a direction. */
class LastBuffer {
  #seen = NONE;
  #known = NONE;
  #length = 0;

  /**
   * Whether the addon may use the address that it knows. The bytes of a view stay where they are as long as the
   * length stays: detaching the buffer, or shrinking it below the view, makes the length 0. The elements show the
   * length, as no property can replace one, and the engine has a call for the getter of `length`.
   */
  has(buffer: Uint8Array): boolean {
    const length = this.#length;
    return (
      buffer === this.#known && buffer[length - 1] !== undefined && buffer[length] === undefined
    );
  }

  /**
   * Forgets the buffer before a call passes it. Returns what to remember after the call. Only then the addon knows
   * it: the call may fail before it reaches the addon, if the stack is full.
   */
  cross(buffer: Uint8Array): Uint8Array {
    this.#known = NONE;
    const seen = this.#seen;
    this.#seen = NONE;
    if (kindOf(buffer) !== 'Uint8Array') return NONE;
    const length = lengthOf(buffer);
    if (length <= LENGTH_MAX) this.#seen = buffer;
    if (buffer !== seen || length === 0) return NONE;
    // An engine may keep the bytes of a small array in its own heap until somebody asks for the `buffer`.
    void bufferOf(buffer);
    this.#length = length;
    return buffer;
  }

  /** Remembers the buffer after the call. */
  know(buffer: Uint8Array): void {
    this.#known = buffer;
  }
}

function isInt32(value: number): boolean {
  return typeof value === 'number' && (value | 0) === value;
}

/** Makes the functions of {@link Driver}. `invalid` is their result for wrong arguments. */
export function frequentCalls(
  calls: FrameCalls,
  memory: ArrayBuffer,
  invalid: number,
): FrequentCalls {
  const { open, accept, close, recv, recvFrom, send, sendTo, getOption, setOption } = calls;
  const frame = new Int32Array(memory);
  const incoming = new LastBuffer();
  const outgoing = new LastBuffer();

  return {
    open(domain: number, type: number, protocol: number, flags: number): Handle {
      if (!isInt32(domain) || !isInt32(type) || !isInt32(protocol) || !isInt32(flags)) {
        return invalid;
      }
      frame[DOMAIN] = domain;
      frame[TYPE] = type;
      frame[PROTOCOL] = protocol;
      frame[NUMBER] = flags;
      open();
      return frame[RESULT] as number;
    },
    accept(handle: Handle, flags: number): Handle {
      if (!isInt32(handle) || !isInt32(flags)) return invalid;
      frame[HANDLE] = handle;
      frame[NUMBER] = flags;
      accept();
      return frame[RESULT] as number;
    },
    close(handle: Handle): number {
      if (!isInt32(handle)) return invalid;
      frame[HANDLE] = handle;
      close();
      return frame[RESULT] as number;
    },
    recv(handle: Handle, buffer: Uint8Array, flags: number): number {
      if (!isInt32(handle) || !isInt32(flags)) return invalid;
      frame[HANDLE] = handle;
      frame[NUMBER] = flags;
      if (incoming.has(buffer)) recv();
      else {
        const known = incoming.cross(buffer);
        recv(buffer);
        incoming.know(known);
      }
      return frame[RESULT] as number;
    },
    recvFrom(handle: Handle, buffer: Uint8Array, flags: number): number {
      if (!isInt32(handle) || !isInt32(flags)) return invalid;
      frame[HANDLE] = handle;
      frame[NUMBER] = flags;
      if (incoming.has(buffer)) recvFrom();
      else {
        const known = incoming.cross(buffer);
        recvFrom(buffer);
        incoming.know(known);
      }
      return frame[RESULT] as number;
    },
    send(handle: Handle, buffer: Uint8Array, flags: number): number {
      if (!isInt32(handle) || !isInt32(flags)) return invalid;
      frame[HANDLE] = handle;
      frame[NUMBER] = flags;
      if (outgoing.has(buffer)) send();
      else {
        const known = outgoing.cross(buffer);
        send(buffer);
        outgoing.know(known);
      }
      return frame[RESULT] as number;
    },
    sendTo(handle: Handle, buffer: Uint8Array, flags: number): number {
      if (!isInt32(handle) || !isInt32(flags)) return invalid;
      frame[HANDLE] = handle;
      frame[NUMBER] = flags;
      if (outgoing.has(buffer)) sendTo();
      else {
        const known = outgoing.cross(buffer);
        sendTo(buffer);
        outgoing.know(known);
      }
      return frame[RESULT] as number;
    },
    getOption(handle: Handle, option: number): number {
      if (!isInt32(handle) || !isInt32(option)) return invalid;
      frame[HANDLE] = handle;
      frame[NUMBER] = option;
      getOption();
      return frame[RESULT] as number;
    },
    setOption(handle: Handle, option: number): number {
      if (!isInt32(handle) || !isInt32(option)) return invalid;
      frame[HANDLE] = handle;
      frame[NUMBER] = option;
      setOption();
      return frame[RESULT] as number;
    },
  };
}
