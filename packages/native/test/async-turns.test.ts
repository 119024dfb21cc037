/** A turn of the event loop has bounded work, also if a socket is always ready: counted, not timed. */
import { DatagramBatch, Domain, SockAddr, Socket, Type } from '@sock/native';
import { expect, test } from 'vitest';

/** The calls of one turn: 128 before a socket waits for an event, and 128 after each of the 16 polls of a turn. */
const MOST = 17 * 128;
const CALLS = 12_000;

/** Makes the calls one after the other. Returns the most that were made between two turns of the event loop. */
async function mostInATurn(call: () => Promise<unknown>): Promise<number> {
  let most = 0;
  let count = 0;
  let turn = setImmediate(function next() {
    most = Math.max(most, count);
    count = 0;
    turn = setImmediate(next);
  });
  for (let i = 0; i < CALLS; i++) {
    await call();
    count++;
  }
  clearImmediate(turn);
  return Math.max(most, count);
}

/** A stream with so much to receive that a call for one byte never has to wait. */
function loaded(): [Socket, Socket] {
  const [one, other] = Socket.pair(Domain.UNIX, Type.STREAM);
  one.send(new Uint8Array(2 * CALLS));
  return [one, other];
}

function toItself(): Socket {
  const socket = new Socket(Domain.IPV4, Type.DGRAM);
  socket.bind(SockAddr.ipv4('127.0.0.1', 0));
  socket.connect(socket.localAddr());
  return socket;
}

const byte = new Uint8Array(1);
const batch = new DatagramBatch({ count: 4, size: 16 });

/** By name: makes the sockets, and the call that never has to wait. */
const forms: Record<string, (open: (...sockets: Socket[]) => Socket) => () => Promise<unknown>> = {
  recvAsync(open) {
    const socket = open(...loaded().reverse());
    return () => socket.recvAsync(byte);
  },
  recvExactAsync(open) {
    const socket = open(...loaded().reverse());
    return () => socket.recvExactAsync(byte);
  },
  recvmsgAsync(open) {
    const socket = open(...loaded().reverse());
    return () => socket.recvmsgAsync({ buffers: [byte] });
  },
  'a BYOB read'(open) {
    const reader = open(...loaded().reverse())
      .streams()
      .readable.getReader({ mode: 'byob' });
    return () => reader.read(new Uint8Array(1));
  },
  'a read'(open) {
    const reader = open(...loaded().reverse())
      .streams({ chunkSize: 1 })
      .readable.getReader();
    return () => reader.read();
  },
  sendAsync(open) {
    const socket = open(toItself());
    return () => socket.sendAsync(byte);
  },
  sendToAsync(open) {
    const socket = open(toItself());
    const address = socket.localAddr();
    return () => socket.sendToAsync(byte, address);
  },
  'sendAllAsync and recvFromAsync'(open) {
    const socket = open(toItself());
    return async () => {
      await socket.sendAllAsync(byte);
      await socket.recvFromAsync(byte);
    };
  },
  'sendAsync and recvBatchAsync'(open) {
    const socket = open(toItself());
    return async () => {
      await socket.sendAsync(byte);
      await socket.recvBatchAsync(batch);
    };
  },
  'sendAsync and datagrams'(open) {
    const socket = open(toItself());
    const iteration = socket.datagrams(byte);
    return async () => {
      await socket.sendAsync(byte);
      await iteration.next();
    };
  },
};

for (const [name, make] of Object.entries(forms)) {
  test(`${name}: no more than ${MOST} of ${CALLS} calls in one turn`, async () => {
    const opened: Socket[] = [];
    const call = make((...sockets) => {
      opened.push(...sockets);
      return sockets[0] as Socket;
    });
    const most = await mostInATurn(call);
    for (const socket of opened) socket.close();
    expect(most).toBeLessThanOrEqual(MOST);
    // It is the socket that ends a turn, and not each call.
    expect(most).toBeGreaterThan(20);
  });
}

/** A socket that counts what it tries. */
class Counting extends Socket {
  tries = 0;

  override tryRecv(...values: Parameters<Socket['tryRecv']>): number | undefined {
    this.tries++;
    return super.tryRecv(...values);
  }
}

// Elsewhere a wait is not told of changes alone, but the receive that would find nothing is left out too.
test('a TCP server that waits again and again makes one receive for each message', async () => {
  const listener = new Counting(Domain.IPV4, Type.STREAM);
  listener.bind(SockAddr.ipv4('127.0.0.1', 0));
  listener.listen(1);
  const client = new Socket(Domain.IPV4, Type.STREAM);
  client.connect(listener.localAddr());
  client.setNodelay(true);
  const [connection] = listener.accept();
  const serving = (async () => {
    const buffer = new Uint8Array(4096);
    for (let length; (length = await connection.recvAsync(buffer)) > 0;) {
      connection.send(buffer.subarray(0, length));
    }
  })();
  const answer = new Uint8Array(64);
  for (let i = 0; i < 500; i++) {
    client.send(answer);
    await client.recvExactAsync(answer);
  }
  client.close();
  await serving;
  // The first has to find out that it waits, and the last that it is the last. Some events come for nothing.
  expect(connection.tries).toBeLessThan(550);
  connection.close();
  listener.close();
});
