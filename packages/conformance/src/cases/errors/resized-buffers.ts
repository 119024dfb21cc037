/** Views that lie past the end of a resizable buffer that shrank. They look empty and are not. */
import { SockAddr } from '@sock/core';
import { equal, throwsCode } from '../../assert.js';
import { bytes } from '../../bytes.js';
import type { Case } from '../../case.js';

interface Resizable extends ArrayBuffer {
  resize(length: number): void;
}

const ResizableBuffer = ArrayBuffer as unknown as new (
  length: number,
  options: { maxByteLength: number },
) => Resizable;

/** Views of four bytes that are out of bounds now, of each kind. */
function shrunk(): ArrayBufferView[] {
  const buffer = new ResizableBuffer(16, { maxByteLength: 16 });
  const views = [
    new Uint8Array(buffer, 8, 4),
    new Uint16Array(buffer, 8, 2),
    new DataView(buffer, 8, 4),
    // It follows the length of the buffer, and begins past its end.
    new Uint8Array(buffer, 8),
  ];
  buffer.resize(4);
  return views;
}

export const resizedBuffers: readonly Case[] = [
  {
    name: 'a view past the end of a shrunk buffer is refused by every call, before any system call',
    methods: ['send', 'recv', 'trySend', 'tryRecv', 'sendTo', 'recvFrom', 'peek'],
    lacks: () =>
      'resize' in ArrayBuffer.prototype ? undefined : 'resizable buffers in the JavaScript engine',
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      one.send(bytes('waiting'));
      const address = one.localAddr();
      for (const view of shrunk()) {
        for (const call of [
          () => one.send(view),
          () => one.trySend(view),
          () => one.sendWithFlags(view, 0),
          () => one.sendTo(view, address),
          () => one.trySendTo(view, address),
          () => one.sendVectored([view]),
          () => other.recv(view),
          () => other.tryRecv(view),
          () => other.recvFrom(view),
          () => other.tryRecvFrom(view),
          () => other.peek(view),
          () => other.recvVectored([view]),
        ]) {
          throwsCode('ERR_INVALID_ARG_VALUE', call, `${view.constructor.name}: ${String(call)}`);
        }
      }
      equal(other.recv(new Uint8Array(16)), 7, 'the datagram is still there');
    },
  },
  {
    name: 'an empty view inside its buffer is a buffer like any other',
    methods: ['send', 'recv'],
    run(t) {
      const [one, other] = t.connectedPair('udp4');
      equal(one.send(new Uint8Array(0)), 0);
      equal(one.send(new Uint8Array(new ArrayBuffer(8), 8)), 0);
      equal(other.recv(new Uint8Array(8)), 0);
      equal(other.recv(new Uint8Array(8)), 0);
    },
  },
  {
    name: 'addresses and options refuse such a view too',
    methods: [],
    lacks: () =>
      'resize' in ArrayBuffer.prototype ? undefined : 'resizable buffers in the JavaScript engine',
    run() {
      const [view] = shrunk() as [Uint8Array];
      throwsCode('ERR_INVALID_ARG_VALUE', () => SockAddr.unix(view));
      throwsCode('ERR_INVALID_ARG_VALUE', () => SockAddr.abstract(view));
      throwsCode('ERR_INVALID_ARG_VALUE', () => SockAddr.raw(1, view));
    },
  },
];
