/**
 * Sends datagrams to itself, and prints the median nanoseconds of the turn of the event loop that receives them:
 * `turn.mjs DATAGRAMS COUNT`. The same as `c turn`.
 */
import process from 'node:process';
import { DatagramBatch, Domain, Interest, Poller, SockAddr, Socket, Type } from '@sock/native';

const [datagrams, count] = process.argv.slice(2).map(Number);
const WARM = 3000;
const socket = new Socket(Domain.IPV4, Type.DGRAM);
socket.bind(SockAddr.ipv4('127.0.0.1', 0));
socket.connect(socket.localAddr());
socket.setRecvBufferSize(4 << 20);
const out = new DatagramBatch({ count: datagrams, size: 64, addresses: false });
for (let i = 0; i < datagrams; i++) out.push(new Uint8Array(64));
const batch = new DatagramBatch({ count: 64, size: 2048, addresses: false });
const times = new Float64Array(count);
let turn = -WARM;
let [left, since, bytes] = [0, 0, 0];

function send() {
  left = socket.sendBatch(out);
  since = performance.now();
}

function received() {
  const time = performance.now() - since;
  if (turn >= 0) times[turn] = time * 1e6;
  turn += 1;
  if (turn < count) send();
  else {
    console.log(Math.round(times.toSorted()[count >> 1]));
    process.exit();
  }
}

const poller = new Poller();
poller.register(socket, 0, Interest.READABLE);
poller.attach(() => {
  for (let batches = 16; batches > 0; batches--) {
    const taken = socket.tryRecvBatch(batch) ?? 0;
    left -= taken;
    for (let i = 0; i < taken; i++) bytes += batch.lengths[i];
    if (left === 0) {
      received();
      return;
    }
    if (taken < batch.capacity) return;
  }
});
send();
