/** The bytes of a text in Latin-1. */
export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The text of the first `length` bytes, in Latin-1. */
export function text(buffer: Uint8Array, length: number = buffer.length): string {
  return String.fromCharCode(...buffer.subarray(0, length));
}

/** `length` bytes whose values depend on their position, so that a lost or moved byte shows. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8) * 7) & 0xff);
}
