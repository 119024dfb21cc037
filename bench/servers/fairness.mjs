/**
 * Serves 64 sockets on the event loop for a second, while another thread floods them all. Prints as JSON how many
 * datagrams the least and the most served of them got, and how a timer of 10 ms fared.
 */
import { Worker } from 'node:worker_threads';
import { DatagramBatch, Domain, Interest, Poller, SockAddr, Socket, Type } from '@sock/native';

const SOCKETS = 64;
const SECOND = 1000;
const TICK = 10;

const sockets = Array.from({ length: SOCKETS }, () => {
  const socket = new Socket(Domain.IPV4, Type.DGRAM);
  socket.bind(SockAddr.ipv4('127.0.0.1', 0));
  return socket;
});
const poller = new Poller();
const batch = new DatagramBatch({ count: 64, size: 2048, addresses: false });
const served = new Float64Array(SOCKETS);
for (const [token, socket] of sockets.entries()) poller.register(socket, token, Interest.READABLE);
poller.attach((events) => {
  for (let i = 0; i < events.length; i++) {
    const token = events.token(i);
    served[token] += sockets[token].tryRecvBatch(batch) ?? 0;
  }
});

const source = `
const { workerData } = require('node:worker_threads');
import(${JSON.stringify(import.meta.resolve('@sock/native'))}).then(({ DatagramBatch, Domain, SockAddr, Socket, Type }) => {
  const socket = new Socket(Domain.IPV4, Type.DGRAM);
  const batch = new DatagramBatch({ count: 16 * workerData.length, size: 64 });
  for (let i = 0; i < 16; i++) {
    for (const port of workerData) batch.push(new Uint8Array(64), SockAddr.ipv4('127.0.0.1', port));
  }
  for (;;) socket.sendBatch(batch);
});`;
const ports = sockets.map((socket) => socket.localAddr().port);
const flood = new Worker(source, { eval: true, workerData: ports });
const arrived = () => served.every((count) => count > 0);
while (!arrived()) await new Promise((resolve) => setTimeout(resolve, 1));

served.fill(0);
const start = performance.now();
let [timers, late, due] = [0, 0, start + TICK];
await new Promise((resolve) => {
  const tick = () => {
    const now = performance.now();
    timers += 1;
    late = Math.max(late, now - due);
    due = now + TICK;
    if (now - start < SECOND) setTimeout(tick, TICK);
    else resolve();
  };
  setTimeout(tick, TICK);
});
const [least, most] = [Math.min(...served), Math.max(...served)];
console.log(JSON.stringify({ sockets: SOCKETS, least, most, timers, late }));
await flood.terminate();
poller.close();
