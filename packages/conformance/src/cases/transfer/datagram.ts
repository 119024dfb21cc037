import { SockAddr } from '@sock/core';
import { equal, notEqual, ok, throwsCode } from '../../assert.js';
import { bytes, text } from '../../bytes.js';
import type { Case } from '../../case.js';
import type { Context } from '../../context.js';
import { domainOf, loopback, pause } from '../../context.js';

const datagramLinks = ['udp4', 'udp6'] as const;

const bound = (t: Context, link: 'udp4' | 'udp6') => [t.bound(link), t.bound(link)] as const;

export const datagram: readonly Case[] = [
  {
    name: 'sendTo sends to the address, recvFrom returns the sender',
    socket2Docs: [
      'Receives data from the socket.',
      'On success, returns the number of bytes read and the address from whence the data came.',
      'Sends data on the socket to the given address.',
      'On success, returns the number of bytes written.',
    ],
    methods: ['sendTo', 'recvFrom'],
    observes: ['sendTo', 'recvFrom'],
    run(t) {
      for (const link of datagramLinks) {
        const [one, other] = bound(t, link);
        equal(one.sendTo(bytes('hello'), other.localAddr()), 5, link);
        const buffer = new Uint8Array(16);
        const result = other.recvFrom(buffer);
        equal(result.length, 2);
        equal(text(buffer, result[0]), 'hello', link);
        ok(result[1] instanceof SockAddr, 'the sender is a SockAddr');
        ok(result[1].equals(one.localAddr()), `${link}: ${result[1].toString()}`);
      }
    },
  },
  {
    name: 'a reply can be sent to the address that recvFrom returned',
    socket2Docs: 'This is typically used on UDP or datagram-oriented sockets.',
    methods: ['sendTo', 'recvFrom'],
    run(t) {
      for (const link of datagramLinks) {
        const [one, other] = bound(t, link);
        one.sendTo(bytes('?'), other.localAddr());
        const buffer = new Uint8Array(4);
        other.sendTo(bytes('!!'), other.recvFrom(buffer)[1]);
        equal(text(buffer, one.recvFrom(buffer)[0]), '!!', link);
      }
    },
  },
  {
    name: 'datagrams keep their boundaries',
    methods: ['sendTo', 'recvFrom'],
    run(t) {
      const [one, other] = bound(t, 'udp4');
      for (const part of ['a', 'bcd', 'ef']) one.sendTo(bytes(part), other.localAddr());
      const buffer = new Uint8Array(16);
      for (const part of ['a', 'bcd', 'ef']) {
        equal(text(buffer, other.recvFrom(buffer)[0]), part);
      }
    },
  },
  {
    name: 'the part of a datagram that does not fit the buffer is lost',
    methods: ['recvFrom', 'sendTo'],
    run(t) {
      const [one, other] = bound(t, 'udp4');
      one.sendTo(bytes('abcdef'), other.localAddr());
      one.sendTo(bytes('next'), other.localAddr());
      const buffer = new Uint8Array(4);
      equal(text(buffer, other.recvFrom(buffer)[0]), 'abcd');
      equal(text(buffer, other.recvFrom(buffer)[0]), 'next');
    },
  },
  {
    name: 'addresses from recvFrom stay correct after later receives',
    methods: ['recvFrom'],
    run(t) {
      const [receiver] = bound(t, 'udp4');
      const senders = [t.bound('udp4'), t.bound('udp4'), t.bound('udp4')];
      for (const sender of senders) sender.sendTo(bytes('x'), receiver.localAddr());
      const from = senders.map(() => receiver.recvFrom(new Uint8Array(1))[1]);
      for (const [index, sender] of senders.entries()) {
        ok((from[index] as SockAddr).equals(sender.localAddr()), `sender ${index}`);
      }
    },
  },
  {
    name: 'sendTo of an unbound socket binds it',
    methods: ['sendTo', 'localAddr'],
    run(t) {
      const [receiver] = bound(t, 'udp4');
      const socket = t.socket('udp4');
      socket.sendTo(bytes('x'), receiver.localAddr());
      notEqual(socket.localAddr().port, 0);
      equal(receiver.recvFrom(new Uint8Array(1))[1].port, socket.localAddr().port);
    },
  },
  {
    name: 'sendToWithFlags and recvFromWithFlags with 0 do the same as sendTo and recvFrom',
    methods: ['sendToWithFlags', 'recvFromWithFlags'],
    run(t) {
      const [one, other] = bound(t, 'udp4');
      equal(one.sendToWithFlags(bytes('abc'), other.localAddr(), 0), 3);
      const buffer = new Uint8Array(8);
      const [length, from] = other.recvFromWithFlags(buffer, 0);
      equal(text(buffer, length), 'abc');
      ok(from.equals(one.localAddr()), from.toString());
    },
  },
  {
    name: 'sendToWithFlags passes its flags to the system: MORE joins datagrams',
    socket2Docs:
      'Identical to send_to but allows for specification of arbitrary flags to the underlying sendto call.',
    methods: ['sendToWithFlags', 'recv'],
    observes: ['sendToWithFlags'],
    needs: ['MSG_MORE'],
    run(t) {
      const [one, other] = bound(t, 'udp4');
      one.sendToWithFlags(bytes('a'), other.localAddr(), t.flag('MORE'));
      one.sendToWithFlags(bytes('b'), other.localAddr(), 0);
      const buffer = new Uint8Array(8);
      equal(text(buffer, other.recv(buffer)), 'ab');
    },
  },
  {
    name: 'recvFromWithFlags passes its flags to the system: PEEK leaves the datagram, DONTWAIT does not wait',
    socket2Docs:
      'Identical to recv_from but allows for specification of arbitrary flags to the underlying recvfrom call.',
    methods: ['recvFromWithFlags'],
    observes: ['recvFromWithFlags'],
    needs: ['MSG_PEEK', 'MSG_DONTWAIT'],
    run(t) {
      const [one, other] = bound(t, 'udp4');
      const buffer = new Uint8Array(8);
      throwsCode('EAGAIN', () => other.recvFromWithFlags(buffer, t.flag('DONTWAIT')));
      one.sendTo(bytes('abc'), other.localAddr());
      equal(other.recvFromWithFlags(buffer, t.flag('PEEK'))[0], 3);
      equal(other.recvFromWithFlags(buffer, 0)[0], 3);
    },
  },
  {
    name: 'send of a datagram socket without a peer throws',
    methods: ['send'],
    run(t) {
      throwsCode(['EDESTADDRREQ', 'ENOTCONN'], () => t.bound('udp4').send(bytes('x')));
    },
  },
  {
    name: 'sendTo throws EMSGSIZE for more bytes than a datagram holds, and sends nothing',
    methods: ['sendTo'],
    run(t) {
      const [one, other] = bound(t, 'udp4');
      const error = throwsCode('EMSGSIZE', () =>
        one.sendTo(new Uint8Array(70_000), other.localAddr()),
      );
      equal(error.syscall, 'sendto');
      equal(error.port, other.localAddr().port);
      equal(other.tryRecv(new Uint8Array(1)), undefined);
    },
  },
  {
    name: 'sendTo throws for an address of another family',
    methods: ['sendTo'],
    run(t) {
      for (const link of datagramLinks) {
        const other = domainOf(link) === 'ipv4' ? 'ipv6' : 'ipv4';
        throwsCode(
          ['EAFNOSUPPORT', 'EINVAL', 'ENETUNREACH'],
          () => t.bound(link).sendTo(bytes('x'), loopback(other, 9)),
          link,
        );
      }
    },
  },
  {
    name: 'setBroadcast(true) permits sending to a broadcast address',
    socket2Docs: 'When enabled, this socket is allowed to send packets to a broadcast address.',
    methods: ['setBroadcast', 'broadcast', 'sendTo', 'recvFrom'],
    observes: ['setBroadcast', 'broadcast'],
    needs: ['setBroadcast'],
    run(t) {
      const receiver = t.socket('udp4');
      receiver.bind(SockAddr.ipv4('0.0.0.0', 0));
      const everybody = SockAddr.ipv4('127.255.255.255', receiver.localAddr().port);
      const sender = t.bound('udp4');
      throwsCode('EACCES', () => sender.sendTo(bytes('x'), everybody));
      equal(sender.broadcast(), false);
      sender.setBroadcast(true);
      equal(sender.broadcast(), true);
      sender.sendTo(bytes('all'), everybody);
      const buffer = new Uint8Array(8);
      const [length, from] = receiver.recvFrom(buffer);
      equal(text(buffer, length), 'all');
      ok(from.equals(sender.localAddr()), from.toString());
    },
  },
  {
    name: 'takeError returns the refusal of a datagram once',
    socket2Docs: 'This can be useful for checking errors between calls.',
    methods: ['takeError', 'send', 'connect'],
    observes: ['takeError'],
    needs: ['MSG_ERRQUEUE'],
    async run(t) {
      const socket = t.bound('udp4');
      const nobody = t.bound('udp4');
      socket.connect(nobody.localAddr());
      nobody.close();
      socket.send(bytes('x'));
      let code: string | undefined;
      for (let attempt = 0; attempt < 100 && code === undefined; attempt++) {
        code = socket.takeError()?.code;
        if (code === undefined) await pause(10);
      }
      equal(code, 'ECONNREFUSED');
      equal(socket.takeError(), null);
    },
  },
];
