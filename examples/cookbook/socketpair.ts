/**
 * Who is on the other end of a unix socket
 *
 * `Socket.pair` makes two connected sockets. Sequenced packets keep the ends of messages. `peercred` returns the process,
 * user and group of the peer: the kernel vouches for them.
 *
 * Systems: linux.
 * Prints: ping, from this process
 */
import { Domain, Socket, Type } from '@sock/native';

const [ours, theirs] = Socket.pair(Domain.UNIX, Type.SEQPACKET);
theirs.send(new TextEncoder().encode('ping'));

const buffer = new Uint8Array(64);
const text = new TextDecoder().decode(buffer.subarray(0, ours.recv(buffer)));
const sender = ours.peercred().pid === process.pid ? 'this process' : 'another process';
console.log(`${text}, from ${sender}`);
ours.close();
theirs.close();
