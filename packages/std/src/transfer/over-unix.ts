/** Sends a socket over a unix socket, with one byte of data, as any program does that uses SCM_RIGHTS: unix(7). */
import type { ReceivedMessage, Socket, WaitOptions } from '@sock/core';
import { SockError } from '@sock/core';
import { channelClosed, type MovingClass } from './channel-kind.js';

/** The system sends no control message without data. */
const BYTE = new Uint8Array(1);
/** CMSG_SPACE(253 descriptors): with less room the system closes what does not fit. */
const CONTROL_ROOM = 1032;

/** Sends a duplicate. The socket stays as it is. */
export async function giveOver(
  channel: Socket,
  socket: Socket,
  options: WaitOptions,
): Promise<void> {
  await channel.sendmsgAsync(
    { buffers: [BYTE], control: [{ kind: 'rights', fds: [socket] }] },
    options,
  );
}

/** Receives a socket. */
export async function takeOver<T extends Socket>(
  channel: Socket,
  SocketOf: MovingClass<T>,
  options: WaitOptions,
): Promise<T> {
  // What a socket receives has its class. A view has the class that the caller asks for.
  const view = SocketOf.borrowRawFd(channel.asRawFd());
  const room = { buffers: [new Uint8Array(1)], control: CONTROL_ROOM };
  const message = (await view.recvmsgAsync(room, options)) as ReceivedMessage<T>;
  return socketOf(message);
}

/** @throws {SockError} if the message has no socket; closes what else came with it */
function socketOf<T extends Socket>(message: ReceivedMessage<T>): T {
  const fds = message.control.flatMap((item) => (item.kind === 'rights' ? item.fds : []));
  const [first, ...others] = fds;
  for (const fd of others) fd.close();
  if (first === undefined) {
    if (message.length === 0) throw channelClosed('receiveSocket', 'the channel is at its end');
    // The system drops descriptors for which the process has no room.
    const code = message.flags.isControlTruncated ? 'EMFILE' : 'EBADMSG';
    const why = code === 'EMFILE' ? 'no descriptor is free' : 'data came without a socket';
    throw new SockError(code, { message: `receiveSocket ${code}: ${why}` });
  }
  try {
    return first.intoSocket();
  } catch (error) {
    first.close();
    throw error;
  }
}
