/**
 * Connect from an address of your choice
 *
 * Bind before you connect. With `bindAddressNoPort` the kernel picks the port at connect, so many connections
 * to different servers can share one port.
 *
 * Systems: linux.
 * Prints: connected from 127.0.0.9
 */
import { Domain, SockAddr, Socket, Type } from '@sock/native';

using listener = new Socket(Domain.IPV4, Type.STREAM);
listener.bind(SockAddr.parse('127.0.0.1:0'));
listener.listen(128);

using socket = new Socket(Domain.IPV4, Type.STREAM);
socket.setBindAddressNoPort(true);
socket.bind(SockAddr.ipv4('127.0.0.9', 0));
socket.connect(listener.localAddr());
console.log(`connected from ${socket.localAddr().address}`);
