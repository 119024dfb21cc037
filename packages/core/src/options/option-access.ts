/**
 * How the generated methods of `SocketOptions` read and write an option. They pass the row's id to the
 * driver; the value is in the driver's memory.
 */
import { SockAddr } from '../address.js';
import { Layout } from '../driver.js';
import { invalidValue, type SockError } from '../errors.js';
import type { SocketHandle } from '../socket/socket-handle.js';

/** Reads the numeric value of an option row. */
export function getNumber(socket: SocketHandle, id: number, name: string): number {
  const result = socket.driver.getOption(socket.handle, id);
  if (result < 0) throw socket.context.error(result, 'getsockopt', { operation: name });
  return socket.context.memory.f64[Layout.valueNumber >> 3] as number;
}

/** Reads the bytes of an option row. */
export function getBytes(socket: SocketHandle, id: number, name: string): Uint8Array {
  getNumber(socket, id, name);
  const { memory } = socket.context;
  return memory.bytes(Layout.valueBytes, memory.u32[Layout.valueLength >> 2] as number);
}

/** Reads the address of an option row. */
export function getAddress(socket: SocketHandle, id: number, name: string): SockAddr {
  getNumber(socket, id, name);
  return SockAddr.read(socket.context.memory, Layout.valueBytes);
}

/** Sets an option row whose value is a number. */
export function setNumber(socket: SocketHandle, id: number, name: string, value: number): void {
  socket.context.memory.f64[Layout.valueNumber >> 3] = value;
  const result = socket.driver.setOption(socket.handle, id);
  if (result < 0) throw socket.context.error(result, 'setsockopt', { operation: name, value });
}

/** Sets an option row whose value is a number and bytes; the parts are joined. */
export function setBytes(
  socket: SocketHandle,
  id: number,
  name: string,
  number: number,
  ...parts: Uint8Array[]
): void {
  const { memory } = socket.context;
  let length = 0;
  for (const part of parts) {
    if (length + part.length > Layout.valueBytesSize) {
      throw invalidValue(name, `must have at most ${Layout.valueBytesSize} bytes`, part);
    }
    memory.u8.set(part, Layout.valueBytes + length);
    length += part.length;
  }
  memory.u32[Layout.valueLength >> 2] = length;
  memory.f64[Layout.valueNumber >> 3] = number;
  const result = socket.driver.setOption(socket.handle, id);
  if (result < 0) {
    const value = memory.bytes(Layout.valueBytes, length);
    throw socket.context.error(result, 'setsockopt', { operation: name, value });
  }
}

/** A pending error as an error; `null` for 0. */
export function errorOf(socket: SocketHandle, number: number): SockError | null {
  return number === 0 ? null : socket.context.error(-number, 'getsockopt');
}
