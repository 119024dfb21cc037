/** Names of unix domain sockets: `sun_path` of `struct sockaddr_un`, unix(7). */
import { checkBytes } from '../socket/buffer.js';
import { invalidValue, outOfRange } from '../errors.js';

/** The size of Linux's `sun_path` without its NUL. Systems with less room report ENAMETOOLONG. */
const PATH_MAX = 107;

function nameBytes(argument: string, name: unknown): Uint8Array {
  return typeof name === 'string'
    ? new TextEncoder().encode(name)
    : Uint8Array.from(checkBytes(argument, name, 'of type string or an instance of Uint8Array'));
}

function checkLength(argument: string, length: number): void {
  if (length > PATH_MAX)
    throw outOfRange(`${argument}.length`, `at most ${PATH_MAX} bytes`, length);
}

/** The bytes of a path, or of an abstract name with its leading NUL. */
export function pathBytes(argument: string, path: unknown): Uint8Array {
  const bytes = nameBytes(argument, path);
  const isAbstract = bytes[0] === 0;
  if (!isAbstract && bytes.includes(0)) {
    throw invalidValue(argument, 'must not contain a NUL byte', path);
  }
  checkLength(argument, isAbstract ? bytes.length - 1 : bytes.length);
  return bytes;
}

/** The bytes of an abstract name after the leading NUL. */
export function abstractBytes(argument: string, name: unknown): Uint8Array {
  const bytes = nameBytes(argument, name);
  checkLength(argument, bytes.length);
  return Uint8Array.of(0, ...bytes);
}
