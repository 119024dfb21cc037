/**
 * The first client of README.md, for the server beside it.
 *
 *   node --import tsx examples/first/client.ts
 */
import { connectHost, Socket } from '@sock/native';

const socket = await connectHost(Socket, 'localhost', 7000, { timeout: 5000 });
await socket.sendAllAsync(new TextEncoder().encode('hello'));
const buffer = new Uint8Array(1024);
const length = await socket.recvAsync(buffer);
console.log(new TextDecoder().decode(buffer.subarray(0, length)));
socket.close();
