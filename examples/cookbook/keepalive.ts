/**
 * Notice a dead peer on an idle connection
 *
 * `setTcpKeepalive` turns probes on and sets all three numbers. Times are in milliseconds: here the first probe goes
 * out after 30 idle seconds, then one every 5 seconds; after 4 unanswered probes the connection fails with ETIMEDOUT.
 *
 * Prints: probes after 30000 ms, every 5000 ms, 4 times
 */
import { Domain, Socket, Type } from '@sock/native';

using socket = new Socket(Domain.IPV4, Type.STREAM);
socket.setTcpKeepalive({ time: 30_000, interval: 5_000, retries: 4 });
const [time, interval] = [socket.tcpKeepaliveTime(), socket.tcpKeepaliveInterval()];
console.log(`probes after ${time} ms, every ${interval} ms, ${socket.tcpKeepaliveRetries()} times`);
