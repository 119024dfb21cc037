/** Typed views of {@link Driver.memory}: where addresses, option values and flags cross. */
export class Memory {
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly f64: Float64Array;

  constructor(buffer: ArrayBuffer) {
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  /** Copies `length` bytes out. */
  bytes(offset: number, length: number): Uint8Array {
    return Uint8Array.from(this.u8.subarray(offset, offset + length));
  }
}
