/** The chat's datagrams: a name and a line of text, in UTF-8, with a NUL between them. */
import { printable } from '../printable.js';

/** The largest datagram, in bytes: it fits any link without fragments. */
export const ROOM = 1200;

export interface Line {
  readonly name: string;
  readonly text: string;
}

/** Encodes a message, cut to the largest datagram. */
export function encodeLine(name: string, text: string): Uint8Array {
  const bytes = new Uint8Array(ROOM);
  const { written } = new TextEncoder().encodeInto(`${name}\0${text}`, bytes);
  return bytes.subarray(0, written);
}

/** Decodes a message. `undefined` for anything else: everybody can send to the group. */
export function decodeLine(datagram: Uint8Array): Line | undefined {
  try {
    const [name, text, ...rest] = new TextDecoder('utf-8', { fatal: true })
      .decode(datagram)
      .split('\0');
    if (name === undefined || text === undefined || rest.length > 0) return undefined;
    return { name: printable(name), text: printable(text) };
  } catch {
    return undefined;
  }
}
