/** The bytes of a text. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The text of the first `length` bytes. */
export function text(buffer: Uint8Array, length: number = buffer.length): string {
  return String.fromCharCode(...buffer.subarray(0, length));
}

/** `length` bytes that differ from place to place. */
export function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8) * 7) & 0xff);
}
