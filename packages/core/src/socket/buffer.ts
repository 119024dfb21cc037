import { invalidType, invalidValue } from '../errors.js';

/** The most buffers of one vectored call: IOV_MAX of Linux. */
const BUFFERS_MAX = 1024;

/** Any buffer: a typed array, `DataView`, `Buffer`, `ArrayBuffer` or `SharedArrayBuffer`. */
export type BufferSource = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

/**
 * The bytes of a buffer, without a copy.
 * @throws `ERR_INVALID_ARG_TYPE`; `ERR_INVALID_ARG_VALUE` when it is detached or out of its buffer's bounds
 */
export function bytesOf(argument: string, buffer: BufferSource): Uint8Array {
  // A proxy, or an object that only inherits from Uint8Array, is no view.
  if (ArrayBuffer.isView(buffer)) {
    if (buffer instanceof Uint8Array) {
      // An empty or detached array has no first element. V8 calls a function for `byteLength`, and its optimized code of
      // Node 20 reads the former `length` of an array that was detached.
      if (buffer[0] === undefined) checkAttached(argument, buffer);
      return buffer;
    }
    checkAttached(argument, buffer);
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }
  if (
    buffer instanceof ArrayBuffer ||
    (typeof SharedArrayBuffer === 'function' && buffer instanceof SharedArrayBuffer)
  ) {
    if (buffer.byteLength === 0) checkDetached(argument, buffer);
    return new Uint8Array(buffer);
  }
  const expected = 'an ArrayBufferView, an ArrayBuffer or a SharedArrayBuffer';
  const hint = typeof buffer === 'string' ? ': new TextEncoder().encode(text)' : '';
  throw invalidType(argument, expected + hint, buffer);
}

/** The bytes of a list of buffers. Reads the list once, so that nothing can change it between check and call. */
export function bytesOfAll(argument: string, buffers: readonly BufferSource[]): Uint8Array[] {
  if (!Array.isArray(buffers)) throw invalidType(argument, 'an array of buffers', buffers);
  if (buffers.length > BUFFERS_MAX) {
    throw invalidValue(argument, `must have at most ${BUFFERS_MAX} buffers`, buffers.length);
  }
  const list: Uint8Array[] = [];
  for (let index = 0; index < buffers.length; index++) {
    list.push(bytesOf(`${argument}[${index}]`, buffers[index] as BufferSource));
  }
  // A getter of a later element may have detached an earlier one.
  for (const [index, bytes] of list.entries()) {
    if (bytes.byteLength === 0) checkAttached(`${argument}[${index}]`, bytes);
  }
  return list;
}

/** A method that refuses every typed array that is detached or lies outside its buffer. */
const validate = Object.getPrototypeOf(Uint8Array.prototype).keys as () => unknown;

/**
 * Refuses what only looks empty: a view of a detached buffer, or one that lies past the end of a
 * resizable buffer that shrank. A call on it would succeed with nothing done.
 */
function checkAttached(argument: string, view: ArrayBufferView): void {
  checkDetached(argument, view.buffer);
  try {
    if (view instanceof DataView) void view.byteLength;
    else validate.call(view);
  } catch {
    throw invalidValue(argument, 'must lie inside its buffer', undefined);
  }
}

/**
 * Bytes that are copied, such as a raw option's value: a Uint8Array that is not detached.
 * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`
 */
export function checkBytes(argument: string, value: unknown, expected?: string): Uint8Array {
  if (!(value instanceof Uint8Array) || !ArrayBuffer.isView(value)) {
    throw invalidType(argument, expected ?? 'an instance of Uint8Array', value);
  }
  if (value.byteLength === 0) checkAttached(argument, value);
  return value;
}

function checkDetached(argument: string, buffer: ArrayBuffer | SharedArrayBuffer): void {
  try {
    // The one test for detachment that every engine has.
    void new Uint8Array(buffer);
  } catch {
    throw invalidValue(argument, 'must not be detached', buffer);
  }
}
