/** Messages of unix sockets: their senders and their boundaries. */
import { Domain, type Socket, Type } from '@sock/core';
import { deepEqual, equal, notEqual } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import type { Context } from '../../context.js';
import { needsControl, only, received } from '../../control.js';

function pairOf(t: Context, type: Type): [Socket, Socket] {
  const [one, other] = t.Socket.pair(Domain.UNIX, type);
  return [t.track(one), t.track(other)];
}

const needs = ['unix', 'pair', ...needsControl];

export const unixMessages: readonly Case[] = [
  {
    name: 'setPasscred reports process, user and group of the sender, as peercred does',
    methods: ['setPasscred', 'passcred', 'peercred', 'sendmsg', 'recvmsg'],
    observes: ['setPasscred', 'passcred'],
    needs: [...needs, 'setPasscred', 'peercred'],
    run(t) {
      const [sender, receiver] = pairOf(t, Type.DGRAM);
      sender.send(bytes('x'));
      equal(received(receiver).control.length, 0, 'control messages that nobody asked for');
      receiver.setPasscred(true);
      equal(receiver.passcred(), true);
      sender.send(bytes('x'));
      const { pid, uid, gid } = only(received(receiver).control, 'credentials');
      notEqual(pid, 0, 'the process');
      deepEqual({ pid, uid, gid }, { ...receiver.peercred() });
      sender.sendmsg({ buffers: [bytes('x')], control: [{ kind: 'credentials', pid, uid, gid }] });
      equal(only(received(receiver).control, 'credentials').pid, pid, 'sent by the process itself');
    },
  },
  {
    name: 'MSG_EOR is not transmitted by unix sockets',
    methods: ['sendmsg', 'recvmsg'],
    needs: [...needs, 'seqpacket', 'MSG_EOR'],
    run(t) {
      const [sender, receiver] = pairOf(t, Type.SEQPACKET);
      for (const flags of [0, t.flag('EOR')]) {
        sender.sendmsg({ buffers: [bytes('one'), bytes('two')] }, flags);
        const { data, flags: told } = received(receiver);
        equal(text(data), 'onetwo');
        // Every packet is a record. Linux does not set MSG_EOR for each.
        equal(told.isEndOfRecord, false);
      }
    },
  },
  {
    name: 'setPeekOff: each peek continues where the last one ended',
    methods: ['setPeekOff', 'peekOff', 'peek'],
    needs: ['unix', 'pair', 'setPeekOff'],
    run(t) {
      const [sender, receiver] = pairOf(t, Type.STREAM);
      receiver.setPeekOff(0);
      sender.send(bytes('abcdef'));
      const buffer = new Uint8Array(2);
      for (const part of ['ab', 'cd', 'ef']) equal(text(buffer, receiver.peek(buffer)), part);
      equal(receiver.peekOff(), 6);
      equal(receiver.recv(new Uint8Array(16)), 6, 'bytes that are still there');
    },
  },
];
