/** The linear memory of a component, seen anew after it has grown, and never read or written past its end. */
import { trap } from '../sockets/resource.js';

const NOTHING = new ArrayBuffer(0);

export class GuestMemory {
  static readonly #known = new WeakMap<WebAssembly.Memory, GuestMemory>();

  static of(memory: WebAssembly.Memory): GuestMemory {
    let known = GuestMemory.#known.get(memory);
    if (known === undefined) {
      known = new GuestMemory(memory);
      GuestMemory.#known.set(memory, known);
    }
    return known;
  }

  /** Memory of a module that is not instantiated yet: {@link attach} gives it. */
  static later(): GuestMemory {
    return new GuestMemory(undefined);
  }

  #memory: WebAssembly.Memory | undefined;
  buffer: ArrayBuffer = NOTHING;
  u8: Uint8Array = new Uint8Array(NOTHING);
  u16: Uint16Array = new Uint16Array(NOTHING);
  i32: Int32Array = new Int32Array(NOTHING);
  view: DataView = new DataView(NOTHING);
  #size = 0;
  #in = this.u8;
  #out = this.u8;

  private constructor(memory: WebAssembly.Memory | undefined) {
    this.#memory = memory;
    this.#see();
  }

  attach(memory: WebAssembly.Memory): void {
    this.#memory = memory;
    this.#see();
  }

  #see(): void {
    if (this.#memory === undefined) return;
    const buffer = this.#memory.buffer as ArrayBuffer;
    this.buffer = buffer;
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.view = new DataView(buffer);
    this.#size = buffer.byteLength;
    this.#in = this.u8;
    this.#out = this.u8;
  }

  /** To be called first of all, and after whatever may have made the memory grow. */
  refresh(): void {
    if (this.u8.length === 0) this.#see();
  }

  /** The pointer, when so many bytes are there and it is aligned: a trap when not. */
  at(pointer: number, size: number, align: number): number {
    const start = pointer >>> 0;
    if (start + size > this.#size || (start & (align - 1)) !== 0) {
      trap(`pointer ${start} with ${size} bytes is out of range or not aligned to ${align}`);
    }
    return start;
  }

  /** A view to receive into, which is kept while the same place is asked for: a driver may know it then. */
  into(pointer: number, length: number): Uint8Array {
    const last = this.#in;
    if (last.byteOffset === pointer && last.length === length) return last;
    return (this.#in = new Uint8Array(this.buffer, pointer, length));
  }

  /** A view to send from. */
  from(pointer: number, length: number): Uint8Array {
    const last = this.#out;
    if (last.byteOffset === pointer && last.length === length) return last;
    return (this.#out = new Uint8Array(this.buffer, pointer, length));
  }
}
