/**
 * See how a connection is doing
 *
 * `tcpInfo` returns the kernel's own numbers: round-trip time, retransmissions, congestion window. `sockRef` reads them
 * from a connection of node as well.
 *
 * Systems: linux.
 * Prints: established, 0 retransmissions
 */
import { Domain, SockAddr, Socket, Type } from '@sock/native';

using listener = new Socket(Domain.IPV4, Type.STREAM);
listener.bind(SockAddr.parse('127.0.0.1:0'));
listener.listen(128);
using socket = new Socket(Domain.IPV4, Type.STREAM);
socket.connect(listener.localAddr());

const info = socket.tcpInfo();
console.log(`${info.state}, ${info.retransmits} retransmissions`);
