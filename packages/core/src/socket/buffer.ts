import { invalidType, invalidValue } from '../errors.js';

/** Buffers in one vectored call: IOV_MAX of Linux. */
const BUFFERS_MAX = 1024;

/** Whatever bytes can be read from or written to: typed arrays, `DataView`, `Buffer`, `ArrayBuffer`. */
export type BufferSource = ArrayBufferView | ArrayBuffer | SharedArrayBuffer;

/**
 * The bytes of a buffer, without a copy.
 * @throws `ERR_INVALID_ARG_TYPE`; `ERR_INVALID_ARG_VALUE` when it is detached or out of its buffer's bounds
 */
export function bytesOf(argument: string, buffer: BufferSource): Uint8Array {
  // A proxy, or an object that only inherits from Uint8Array, is no view.
  if (ArrayBuffer.isView(buffer)) {
    if (buffer instanceof Uint8Array) {
      if (buffer.length === 0) checkAttached(argument, buffer);
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
  throw invalidType(argument, 'an ArrayBufferView, an ArrayBuffer or a SharedArrayBuffer', buffer);
}

/** A list of buffers, read out once so that nothing can change them between check and call. */
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
    if (bytes.length === 0) checkAttached(`${argument}[${index}]`, bytes);
  }
  return list;
}

/** A detached buffer looks empty; a call on it would succeed with nothing done. */
function checkAttached(argument: string, view: ArrayBufferView): void {
  checkDetached(argument, view.buffer);
  try {
    // A DataView whose resizable buffer shrank throws here, a typed array reads 0.
    void view.byteLength;
  } catch {
    throw invalidValue(argument, 'must lie inside its buffer', undefined);
  }
}

function checkDetached(argument: string, buffer: ArrayBuffer | SharedArrayBuffer): void {
  try {
    // The one test for detachment that every engine has.
    void new Uint8Array(buffer);
  } catch {
    throw invalidValue(argument, 'must not be detached', buffer);
  }
}
