/** Binding to addresses that do not belong to this machine. */
import { SockAddr, type Socket } from '@sock/core';
import { equal, throwsCode } from '../../../assert.js';
import { bytes } from '../../../bytes.js';
import type { Case } from '../../../case.js';
import type { Context } from '../../../context.js';
import { lacksAdmin } from '../../../privilege.js';

/** Reserved for documentation: RFC 5737, RFC 3849. */
const FOREIGN = { udp4: SockAddr.ipv4('203.0.113.7', 0), udp6: SockAddr.ipv6('2001:db8::7', 0) };

type Link = keyof typeof FOREIGN;
type Set = 'setFreebindV4' | 'setFreebindV6' | 'setIpTransparentV4' | 'setIpTransparentV6';
type Get = 'freebindV4' | 'freebindV6' | 'ipTransparentV4' | 'ipTransparentV6';

/** Binds to a foreign address. Fails unless only the option allows that. */
function bindForeign(t: Context, link: Link, set: Set, get: Get): Socket {
  const refused = t.socket(link);
  equal(refused[get](), false);
  throwsCode('EADDRNOTAVAIL', () => refused.bind(FOREIGN[link]));
  const socket = t.socket(link);
  socket[set](true);
  equal(socket[get](), true);
  socket.bind(FOREIGN[link]);
  equal(socket.localAddr().address, FOREIGN[link].address);
  return socket;
}

/** Fails unless a peer sees the datagram come from the foreign address. */
function sendsFrom(t: Context, socket: Socket, link: Link): void {
  const receiver = t.bound(link);
  receiver.setReadTimeout(5000);
  socket.sendTo(bytes('x'), receiver.localAddr());
  equal(receiver.recvFrom(new Uint8Array(8))[1].address, FOREIGN[link].address);
}

const transparent = (link: Link, get: 'ipTransparentV4' | 'ipTransparentV6', set: Set): Case => ({
  name: `${set} sends from an address that is not local: the peer sees that address`,
  methods: [set, get, 'bind', 'sendTo'],
  observes: [set, get],
  needs: [set, 'setReadTimeout'],
  lacks: lacksAdmin,
  run(t) {
    sendsFrom(t, bindForeign(t, link, set, get), link);
  },
});

export const foreignAddresses: readonly Case[] = [
  {
    name: 'setFreebindV4 binds to an address that is not local, and cannot send from it',
    methods: ['setFreebindV4', 'freebindV4', 'bind'],
    observes: ['setFreebindV4', 'freebindV4'],
    needs: ['setFreebindV4'],
    run(t) {
      const socket = bindForeign(t, 'udp4', 'setFreebindV4', 'freebindV4');
      throwsCode(['EINVAL', 'ENETUNREACH'], () =>
        socket.sendTo(bytes('x'), t.bound('udp4').localAddr()),
      );
    },
  },
  {
    name: 'setFreebindV6 binds to an address that is not local: the peer sees that address',
    methods: ['setFreebindV6', 'freebindV6', 'bind'],
    observes: ['setFreebindV6', 'freebindV6'],
    needs: ['setFreebindV6', 'setReadTimeout'],
    run(t) {
      sendsFrom(t, bindForeign(t, 'udp6', 'setFreebindV6', 'freebindV6'), 'udp6');
    },
  },
  transparent('udp4', 'ipTransparentV4', 'setIpTransparentV4'),
  transparent('udp6', 'ipTransparentV6', 'setIpTransparentV6'),
];
