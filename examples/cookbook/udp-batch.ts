/**
 * Many datagrams with one call
 *
 * A `DatagramBatch` holds the memory of many datagrams. `sendBatch` and `recvBatch` move all of them with
 * one system call, sendmmsg(2) and recvmmsg(2), and allocate nothing.
 *
 * Backends: native, wasi.
 * Prints: 32 datagrams, the last is number 31
 */
import { DatagramBatch, Domain, SockAddr, Socket, Type } from '@sock/native';

const receiver = new Socket(Domain.IPV4, Type.DGRAM);
receiver.bind(SockAddr.parse('127.0.0.1:0'));
const sender = new Socket(Domain.IPV4, Type.DGRAM);

const outgoing = new DatagramBatch({ count: 32, size: 1200 });
const to = receiver.localAddr();
for (let i = 0; i < 32; i++) outgoing.push(new TextEncoder().encode(`number ${i}`), to);
sender.sendBatch(outgoing);

const incoming = new DatagramBatch({ count: 32, size: 1200 });
let received = 0;
let last = '';
while (received < 32) {
  await receiver.readable();
  const count = receiver.tryRecvBatch(incoming) ?? 0;
  received += count;
  if (count > 0) last = new TextDecoder().decode(incoming.bytes(count - 1));
}
console.log(`${received} datagrams, the last is ${last}`);
sender.close();
receiver.close();
