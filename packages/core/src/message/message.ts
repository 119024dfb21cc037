/** sendmsg(2) and recvmsg(2): what {@link Socket.sendmsg} and {@link Socket.recvmsg} are made of. */
import { SockAddr } from '../address.js';
import { Layout } from '../driver.js';
import { checkInteger, invalidType } from '../errors.js';
import type { Socket } from '../socket.js';
import { bytesOfAll } from '../socket/buffer.js';
import { RecvFlags } from '../socket/recv-flags.js';
import type { SocketClass } from '../socket/socket-handle.js';
import { decodeControl, encodeControl } from './control-message.js';
import {
  controlRoom,
  type MessageRoom,
  type MessageToSend,
  MsgHdrMut,
  type ReceivedMessage,
} from './message-header.js';

const NO_BYTES = new Uint8Array(0);

/** Sends a message; returns the driver's result. */
export function sendMessage(socket: Socket, message: MessageToSend, flags: number): number {
  if (typeof message !== 'object' || message === null) {
    throw invalidType('message', 'of type object', message);
  }
  const { driver, context } = socket;
  const { buffers, address, control, flags: more = 0 } = message;
  const ancillary = control === undefined ? NO_BYTES : encodeControl(context, control);
  const all = flags | checkInteger('message.flags', more, -0x80000000, 0x7fffffff);
  // Last: encoding the control messages may run the caller's code, which may detach a buffer.
  const list = bytesOfAll('message.buffers', buffers);
  if (address !== undefined) SockAddr.write(context.memory, address);
  if (driver.sendMessage === undefined) throw context.unsupported('sendmsg');
  return driver.sendMessage(socket.handle, list, all, address !== undefined, ancillary);
}

/** The room for control messages that `recvmsg` was given. */
export function controlRoomOf(room: MessageRoom | MsgHdrMut): Uint8Array {
  if (typeof room !== 'object' || room === null) throw invalidType('room', 'of type object', room);
  return room instanceof MsgHdrMut
    ? room.controlRoom
    : controlRoom('room.control', room.control ?? 0);
}

/** Receives a message; returns the driver's result. */
export function recvMessage(
  socket: Socket,
  room: MessageRoom | MsgHdrMut,
  control: Uint8Array,
  flags: number,
): number {
  const list = bytesOfAll('room.buffers', room.buffers);
  if (socket.driver.recvMessage === undefined) throw socket.context.unsupported('recvmsg');
  return socket.driver.recvMessage(socket.handle, list, flags, control);
}

/** What `recvmsg` returns for a message of `length` bytes that the driver has just received. */
export function receivedMessage<T extends Socket>(
  socket: T,
  room: MessageRoom | MsgHdrMut,
  control: Uint8Array,
  length: number,
): ReceivedMessage<T> | number {
  const { context } = socket;
  const { driver, memory } = context;
  const filled = memory.i32[Layout.controlLength >> 2] as number;
  const message: ReceivedMessage<T> = {
    length,
    flags: new RecvFlags(driver.constants, memory.i32[Layout.flags >> 2] as number),
    address: SockAddr.read(memory),
    control: decodeControl(
      context,
      socket.constructor as SocketClass<T>,
      control.subarray(0, filled),
    ),
  };
  if (!(room instanceof MsgHdrMut)) return message;
  room.receive(message, filled);
  return length;
}
