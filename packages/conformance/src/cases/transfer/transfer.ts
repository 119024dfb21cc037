import { deepEqual, equal, ok, throwsCode } from '../../assert.js';
import { bytes, pattern, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import { links } from '../../context.js';

const MiB = 1 << 20;

export const transfer: readonly Case[] = [
  {
    name: 'send sends to the connected peer and returns the number of bytes',
    socket2Docs: [
      'Sends data on the socket to a connected peer.',
      'On success returns the number of bytes that were sent.',
    ],
    methods: ['send', 'recv'],
    observes: ['send', 'recv'],
    run(t) {
      for (const link of links) {
        const [one, other] = t.connectedPair(link);
        equal(one.send(bytes('hello')), 5, link);
        const buffer = new Uint8Array(16);
        equal(other.recv(buffer), 5, link);
        equal(text(buffer, 5), 'hello', link);
      }
    },
  },
  {
    name: 'both sides of a connection send and receive',
    socket2Docs:
      'This is typically used on TCP sockets or datagram sockets which have been connected.',
    methods: ['send', 'recv'],
    run(t) {
      for (const link of links) {
        const [one, other] = t.connectedPair(link);
        const buffer = new Uint8Array(8);
        for (let i = 0; i < 10; i++) {
          one.send(Uint8Array.of(i));
          equal(other.recv(buffer), 1, link);
          other.send(Uint8Array.of(i, buffer[0] as number));
          equal(one.recv(buffer), 2, link);
          equal(buffer[1], i, link);
        }
      }
    },
  },
  {
    name: 'recv writes nothing beyond what it received',
    socket2Docs:
      'However this implementation promises to not write uninitialised bytes to the buffer and passes it directly to recv(2) system call.',
    methods: ['recv'],
    run(t) {
      const [one, other] = t.connectedPair();
      one.send(bytes('abc'));
      const buffer = new Uint8Array(8).fill(0xee);
      equal(other.recv(buffer), 3);
      deepEqual([...buffer], [97, 98, 99, 0xee, 0xee, 0xee, 0xee, 0xee]);
    },
  },
  {
    name: 'recv into a short buffer leaves the rest of the stream',
    socket2Docs: 'Receives data on the socket from the remote address to which it is connected.',
    methods: ['recv'],
    run(t) {
      const [one, other] = t.connectedPair();
      one.send(bytes('abcdef'));
      const buffer = new Uint8Array(4);
      equal(text(buffer, other.recv(buffer)), 'abcd');
      equal(text(buffer, other.recv(buffer)), 'ef');
    },
  },
  {
    name: 'recv returns 0 at the end of the stream, repeatedly',
    methods: ['recv', 'close'],
    run(t) {
      const [one, other] = t.connectedPair();
      one.send(bytes('last'));
      one.close();
      equal(text(t.recvAll(other, 16)), 'last');
      equal(other.recv(new Uint8Array(4)), 0);
      equal(other.recv(new Uint8Array(4)), 0);
    },
  },
  {
    name: 'recv throws ENOTCONN for a stream that is not connected',
    socket2Docs: 'This method might fail if the socket is not connected.',
    methods: ['recv', 'send'],
    run(t) {
      const socket = t.socket('tcp4');
      const error = throwsCode('ENOTCONN', () => socket.recv(new Uint8Array(1)));
      equal(error.syscall, 'recv');
      throwsCode(['ENOTCONN', 'EPIPE'], () => socket.send(new Uint8Array(1)));
    },
  },
  {
    name: 'recv of a non-blocking socket throws EAGAIN if there is no data',
    methods: ['recv', 'setNonblocking'],
    run(t) {
      for (const link of links) {
        const [one] = t.connectedPair(link);
        one.setNonblocking(true);
        throwsCode('EAGAIN', () => one.recv(new Uint8Array(1)), link);
      }
    },
  },
  {
    name: 'read and write do the same as recv and send',
    socket2Docs: ['impl Read for Socket', 'impl Write for Socket'],
    methods: ['read', 'write'],
    run(t) {
      const [one, other] = t.connectedPair();
      equal(one.write(bytes('written')), 7);
      const buffer = new Uint8Array(16);
      equal(text(buffer, other.read(buffer)), 'written');
      one.close();
      equal(other.read(buffer), 0);
    },
  },
  {
    name: 'a megabyte arrives as it was sent',
    methods: ['trySend', 'tryRecv', 'readable'],
    timeout: 60_000,
    async run(t) {
      const [one, other] = t.connectedPair();
      const data = pattern(MiB);
      const received = new Uint8Array(MiB);
      const receiving = (async () => {
        let length = 0;
        while (length < MiB) {
          const count = other.tryRecv(received.subarray(length));
          if (count === undefined) await other.readable({ timeout: 20_000 });
          else if (count === 0) break;
          else length += count;
        }
        return length;
      })();
      let sent = 0;
      while (sent < MiB) {
        const count = one.trySend(data.subarray(sent));
        if (count === undefined) await one.writable({ timeout: 20_000 });
        else sent += count;
      }
      equal(await receiving, MiB);
      equal(
        received.findIndex((byte, index) => byte !== data[index]),
        -1,
        'the first byte that differs',
      );
    },
  },
  {
    name: 'any view of bytes can be sent from and received into',
    methods: ['send', 'recv'],
    run(t) {
      const [one, other] = t.connectedPair();
      const data = bytes('12345678');
      const sources = [
        data,
        data.buffer,
        new DataView(data.buffer),
        new Uint16Array(data.buffer),
        new Float64Array(data.buffer),
        new Uint8ClampedArray(data.buffer),
      ];
      for (const source of sources) {
        equal(one.send(source), 8, source.constructor.name);
        const target = new Uint8Array(8);
        equal(text(t.recvAll(other, 8)), '12345678', source.constructor.name);
        one.send(data);
        const Target = source.constructor as new (length: number | ArrayBuffer) => typeof source;
        const into = source instanceof ArrayBuffer ? target.buffer : new Target(target.buffer);
        equal(other.recv(into), 8, `into ${source.constructor.name}`);
        equal(text(target), '12345678', `into ${source.constructor.name}`);
      }
    },
  },
  {
    name: 'a view with an offset sends and receives only its part of the buffer',
    methods: ['send', 'recv'],
    run(t) {
      const [one, other] = t.connectedPair();
      one.send(bytes('..part..').subarray(2, 6));
      const target = bytes('________');
      equal(other.recv(new DataView(target.buffer, 3, 4)), 4);
      equal(text(target), '___part_');
    },
  },
  {
    name: 'an empty datagram is sent and received',
    methods: ['send', 'recv'],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      equal(one.send(new Uint8Array(0)), 0);
      one.send(bytes('next'));
      const buffer = new Uint8Array(8);
      equal(other.recv(buffer), 0);
      equal(other.recv(buffer), 4);
    },
  },
  {
    name: 'send to a peer that has closed throws EPIPE or ECONNRESET, and no signal ends the process',
    socket2Docs: 'Additionally, on Apple platforms SOCK_NOSIGPIPE is set.',
    methods: ['send', 'close'],
    run(t) {
      const [one, other] = t.connectedPair();
      other.close();
      const data = new Uint8Array(1024);
      throwsCode(['EPIPE', 'ECONNRESET', 'ECONNABORTED'], () => {
        for (let i = 0; i < 1000; i++) one.send(data);
      });
    },
  },
  {
    name: 'sendWithFlags with 0 does the same as send',
    socket2Docs:
      'Identical to send but allows for specification of arbitrary flags to the underlying send call.',
    methods: ['sendWithFlags', 'recvWithFlags'],
    run(t) {
      const [one, other] = t.connectedPair();
      equal(one.sendWithFlags(bytes('plain'), 0), 5);
      const buffer = new Uint8Array(8);
      equal(other.recvWithFlags(buffer, 0), 5);
      equal(text(buffer, 5), 'plain');
    },
  },
  {
    name: 'sendWithFlags passes its flags to the system: MORE joins datagrams',
    socket2Docs:
      'Identical to send but allows for specification of arbitrary flags to the underlying send call.',
    methods: ['sendWithFlags', 'recv'],
    observes: ['sendWithFlags'],
    needs: ['MSG_MORE'],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      one.sendWithFlags(bytes('first,'), t.flag('MORE'));
      one.sendWithFlags(bytes('second'), 0);
      const buffer = new Uint8Array(32);
      equal(text(buffer, other.recv(buffer)), 'first,second');
    },
  },
  {
    name: 'recvWithFlags passes its flags to the system: DONTWAIT throws EAGAIN on a blocking socket',
    socket2Docs:
      'Identical to recv but allows for specification of arbitrary flags to the underlying recv call.',
    methods: ['recvWithFlags'],
    needs: ['MSG_DONTWAIT'],
    run(t) {
      for (const link of links) {
        const [one] = t.connectedPair(link);
        throwsCode('EAGAIN', () => one.recvWithFlags(new Uint8Array(1), t.flag('DONTWAIT')), link);
      }
    },
  },
  {
    name: 'recvWithFlags passes its flags to the system: PEEK leaves the data',
    socket2Docs:
      'Identical to recv but allows for specification of arbitrary flags to the underlying recv call.',
    methods: ['recvWithFlags'],
    observes: ['recvWithFlags'],
    needs: ['MSG_PEEK'],
    run(t) {
      const [one, other] = t.connectedPair();
      one.send(bytes('kept'));
      const buffer = new Uint8Array(8);
      equal(other.recvWithFlags(buffer, t.flag('PEEK')), 4);
      equal(other.recvWithFlags(buffer, 0), 4);
    },
  },
  {
    name: 'recvWithFlags passes its flags to the system: WAITALL fills the buffer',
    socket2Docs:
      'Identical to recv but allows for specification of arbitrary flags to the underlying recv call.',
    methods: ['recvWithFlags'],
    needs: ['MSG_WAITALL'],
    run(t) {
      const [one, other] = t.connectedPair();
      one.setNodelay(true);
      for (const part of ['ab', 'cd', 'ef']) one.send(bytes(part));
      const buffer = new Uint8Array(6);
      equal(other.recvWithFlags(buffer, t.flag('WAITALL')), 6);
      equal(text(buffer), 'abcdef');
    },
  },
  {
    name: 'shared memory can be sent from and received into',
    methods: ['send', 'recv'],
    run(t) {
      if (typeof SharedArrayBuffer !== 'function') return;
      const [one, other] = t.connectedPair();
      const source = new Uint8Array(new SharedArrayBuffer(4));
      source.set(bytes('shrd'));
      one.send(source);
      one.send(source.buffer);
      const target = new Uint8Array(new SharedArrayBuffer(4));
      equal(other.recv(target), 4);
      equal(text(Uint8Array.from(target)), 'shrd');
      ok(other.recv(target.buffer) === 4, 'into a SharedArrayBuffer');
    },
  },
];
