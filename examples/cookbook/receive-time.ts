/**
 * The time at which the kernel received a datagram
 *
 * With `timestampns` the time of arrival comes as a control message of `recvmsg`. It is the kernel's time, before your
 * process was scheduled.
 *
 * Systems: linux.
 * Prints: arrived after it was sent
 */
import { Domain, SockAddr, Socket, Type } from '@sock/native';

using socket = new Socket(Domain.IPV4, Type.DGRAM);
socket.setTimestampns(true);
socket.bind(SockAddr.parse('127.0.0.1:0'));
const sent = BigInt(Date.now()) * 1_000_000n;
socket.sendTo(new TextEncoder().encode('hello'), socket.localAddr());

const message = socket.recvmsg({ buffers: [new Uint8Array(64)], control: 128 });
for (const item of message.control) {
  if (item.kind === 'timestamp' && item.nanoseconds >= sent)
    console.log('arrived after it was sent');
}
