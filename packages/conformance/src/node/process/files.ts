/** Files and descriptors that are sent over sockets. */
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { Domain, type OwnedFd, type Socket, Type } from '@sock/core';
import { equal, ok, throwsCode, within } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import type { Context } from '../../context.js';
import { needsControl, only, received } from '../../control.js';
import { target } from '../descriptors.js';
import { temporaryFolder } from '../folder.js';

/** O_CLOEXEC in fdinfo, proc(5). */
const CLOEXEC = 0o2000000;

/** A file that is open for reading. It is closed when the case ends. */
function openFile(t: Context, content: string): number {
  const path = `${temporaryFolder(t)}/file`;
  writeFileSync(path, content);
  const file = openSync(path, 'r');
  t.finally(() => closeSync(file));
  return file;
}

function pairOf(t: Context, type: Type = Type.DGRAM): [Socket, Socket] {
  const [one, other] = t.Socket.pair(Domain.UNIX, type);
  return [t.track(one), t.track(other)];
}

function closesOnExec(fd: number): boolean {
  const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
  return (Number.parseInt(flags ?? '', 8) & CLOEXEC) !== 0;
}

const needsRights = ['unix', 'pair', ...needsControl];

export const files: readonly Case[] = [
  {
    name: 'sendfile sends a range of a file, and returns 0 at its end: the peer receives the bytes',
    methods: ['sendfile', 'recv'],
    observes: ['sendfile'],
    needs: ['sendfile'],
    run(t) {
      const file = openFile(t, '0123456789');
      const [one, other] = t.connectedPair('tcp4');
      const buffer = new Uint8Array(32);
      equal(one.sendfile(file, 2, 3), 3);
      equal(text(t.recvAll(other, 3)), '234');
      equal(one.sendfile(file), 10);
      equal(text(t.recvAll(other, 10)), '0123456789');
      equal(one.sendfile(file, 10), 0);
      equal(other.tryRecv(buffer), undefined);
      equal(readFileSync(file, 'utf8'), '0123456789', 'the position of the file is unchanged');
    },
  },
  {
    name: 'SCM_RIGHTS: a file and a socket arrive as new descriptors with close-on-exec',
    methods: ['sendmsg', 'recvmsg'],
    needs: needsRights,
    run(t) {
      const [sender, receiver] = pairOf(t);
      const file = openFile(t, 'content');
      const sent = t.bound('udp4');
      const rights = { kind: 'rights', fds: [file, sent] } as const;
      sender.sendmsg({ buffers: [bytes('x')], control: [rights] });
      const { fds } = only(received(receiver).control, 'rights');
      equal(fds.length, 2);
      const [first, second] = fds as [OwnedFd<Socket>, OwnedFd<Socket>];
      equal(target(first.asRawFd()), target(file), 'what the first descriptor refers to');
      equal(
        target(second.asRawFd()),
        target(sent.asRawFd()),
        'what the second descriptor refers to',
      );
      for (const fd of fds) ok(closesOnExec(fd.asRawFd()), 'close-on-exec');
      equal(readFileSync(first.asRawFd(), 'utf8'), 'content');
      throwsCode('ENOTSOCK', () => first.intoSocket(), 'of a file');
      equal(first.closed, false, 'after it was refused');
      first.close();
      throwsCode('EBADF', () => first.asRawFd());
      const socket = t.track(second.intoSocket());
      ok(socket instanceof t.Socket, 'a socket of the class that received it');
      equal(socket.localAddr().toString(), sent.localAddr().toString());
      equal(second.closed, true, 'the descriptor it was made of');
    },
  },
  {
    name: 'SCM_RIGHTS: descriptors without room are closed, and the flags report it',
    methods: ['sendmsg', 'recvmsg'],
    needs: needsRights,
    run(t) {
      const [sender, receiver] = pairOf(t);
      const control = [{ kind: 'rights', fds: Array<Socket>(10).fill(sender) }] as const;
      sender.sendmsg({ buffers: [bytes('x')], control });
      const some = received(receiver, { control: 32 });
      equal(some.flags.isControlTruncated, true);
      const { fds } = only(some.control, 'rights');
      within(fds.length, 1, 9, 'descriptors');
      for (const fd of fds) fd.close();
      sender.sendmsg({ buffers: [bytes('x')], control });
      const none = received(receiver, { control: 0 });
      equal(none.control.length, 0);
      equal(none.flags.isControlTruncated, true);
    },
  },
  {
    name: 'SCM_RIGHTS: intoRawFd releases the descriptor',
    methods: ['sendmsg', 'recvmsg'],
    needs: needsRights,
    run(t) {
      const [sender, receiver] = pairOf(t);
      const rights = { kind: 'rights', fds: [sender] } as const;
      sender.sendmsg({ buffers: [bytes('x')], control: [rights] });
      const [owned] = only(received(receiver).control, 'rights').fds;
      const fd = owned?.intoRawFd() ?? -1;
      equal(owned?.closed, true);
      equal(target(fd), target(sender.asRawFd()));
      closeSync(fd);
    },
  },
];
