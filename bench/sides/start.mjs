/** Prints the milliseconds from the import of a backend of @sock to the first byte that it sent: `start.mjs PACKAGE`. */
import process from 'node:process';

const start = performance.now();
const { Domain, SockAddr, Socket, Type } = await import(process.argv[2]);
const socket = new Socket(Domain.IPV4, Type.DGRAM);
socket.bind(SockAddr.ipv4('127.0.0.1', 0));
socket.connect(socket.localAddr());
socket.send(new Uint8Array(1));
console.log((performance.now() - start).toFixed(3));
// The thread of preview2-shim would keep the process.
process.exit();
