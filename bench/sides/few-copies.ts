/** The cases that save copies or packets: sendfile, MSG_ZEROCOPY, TCP_CORK, and two hints to the system. */
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Backend from '@sock/native';
import type { Cases } from './serve.js';

type Socket = InstanceType<(typeof Backend)['Socket']>;

interface Loops {
  udp(count: number, prepare: (socket: Socket) => void): number;
  overTcp(run: (client: Socket, server: Socket) => void): number;
}

const SIZE = 65536;
const PIECES = 8;
const PIECE = 128;

/** Makes the cases from the parts of the other cases. */
export function fewCopies({ MSG }: typeof Backend, { udp, overTcp }: Loops): Cases {
  const buffer = new Uint8Array(SIZE);
  const piece = buffer.subarray(0, PIECE);

  function receive(server: Socket, size: number): void {
    for (let got = 0; got < size;) got += server.recv(buffer);
  }

  function withFile(count: number, send: (client: Socket, file: number) => void): number {
    const path = join(tmpdir(), `sock-bench-${process.pid}`);
    const file = openSync(path, 'w+');
    unlinkSync(path);
    try {
      writeSync(file, buffer);
      return overTcp((client, server) => {
        for (let i = 0; i < count; i++) {
          send(client, file);
          receive(server, SIZE);
        }
      });
    } finally {
      closeSync(file);
    }
  }

  /** Reads completions until the one of send `id` arrives. */
  function complete(client: Socket, id: number): void {
    for (;;) {
      const message = client.tryRecvmsg({ buffers: [], control: 128 }, MSG['ERRQUEUE']);
      for (const part of message?.control ?? []) {
        if (part.kind !== 'error' || part.origin !== 'zerocopy') throw new Error(part.kind);
        if (part.data === id) return;
      }
    }
  }

  function inPieces(count: number, cork: boolean): number {
    return overTcp((client, server) => {
      for (let i = 0; i < count; i++) {
        if (cork) client.setTcpCork(true);
        for (let sent = 0; sent < PIECES; sent++) client.send(piece);
        if (cork) client.setTcpCork(false);
        receive(server, PIECES * PIECE);
      }
    });
  }

  return {
    'file-64k-read': (count) =>
      withFile(count, (client, file) => {
        readSync(file, buffer, 0, SIZE, 0);
        client.send(buffer);
      }),
    'file-64k-sendfile': (count) =>
      withFile(count, (client, file) => client.sendfile(file, 0, SIZE)),
    'tcp-64k-zerocopy': (count) =>
      overTcp((client, server) => {
        client.setZerocopy(true);
        for (let i = 0; i < count; i++) {
          client.sendWithFlags(buffer, MSG['ZEROCOPY'] as number);
          receive(server, SIZE);
          complete(client, i);
        }
      }),
    'tcp-8x128': (count) => inPieces(count, false),
    'tcp-8x128-cork': (count) => inPieces(count, true),
    'udp-64-busy-poll': (count) => udp(count, (socket) => socket.setBusyPoll(50)),
    'udp-64-incoming-cpu': (count) => udp(count, (socket) => socket.setCpuAffinity(0)),
  };
}
