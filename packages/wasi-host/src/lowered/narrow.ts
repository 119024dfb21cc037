/**
 * Functions whose middle argument is a u64 that never needs to be large. WebAssembly gives JavaScript a BigInt for it,
 * which the engine allocates in every call. A function of WebAssembly in between makes a plain number of it.
 */
import type { CoreFunction } from '../component/call.js';

/**
 * `(func (export "f") (param i32 i64 i32) (call $f (local.get 0) (i32.wrap_i64 (min (local.get 1) 0x7fffffff)) (local.get 2)))`,
 * where $f is the import.
 */
const BYTES = [
  [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  // Types: (i32, i64, i32) -> (), (i32, i32, i32) -> ().
  [1, 13, 2, 0x60, 3, 0x7f, 0x7e, 0x7f, 0, 0x60, 3, 0x7f, 0x7f, 0x7f, 0],
  // Import of "h" "f", which has the second type.
  [2, 7, 1, 1, 0x68, 1, 0x66, 0, 1],
  // A function of the first type, exported as "f".
  [3, 2, 1, 0],
  [7, 5, 1, 1, 0x66, 0, 1],
  // Code: two operands and the comparison for `select`, which is the minimum.
  [10, 29, 1, 27, 0, 0x20, 0],
  [0x20, 1, 0x42, 0xff, 0xff, 0xff, 0xff, 7, 0x20, 1, 0x42, 0xff, 0xff, 0xff, 0xff, 7, 0x54, 0x1b],
  [0xa7, 0x20, 2, 0x10, 0, 0x0b],
].flat();

let compiled: WebAssembly.Module | undefined;

/** The function with a u64 as its second argument, which is 2^31 - 1 at most when `f` is called. */
export function narrow(
  f: (first: number, second: number, third: number) => undefined,
): CoreFunction {
  compiled ??= new WebAssembly.Module(Uint8Array.from(BYTES));
  return new WebAssembly.Instance(compiled, { h: { f } }).exports['f'] as CoreFunction;
}
