/** CAN frames. Only CAN sockets report that a message was sent on this host, or by this socket. */
import { SockAddr, type Socket, Type } from '@sock/core';
import { deepEqual, equal } from '../../assert.js';
import type { Case } from '../../case.js';
import { lackOf } from '../../privilege.js';
import { lacksCommand, lacksNamespaces } from '../lacks.js';
import { Namespace } from '../namespace.js';
import type { NodeBackend } from '../program.js';

/** Linux include/linux/socket.h and include/uapi/linux/can/raw.h */
const [AF_CAN, CAN_RAW, SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS] = [29, 1, 101, 4];
/** `struct can_frame` */
const FRAME = 16;
const ADD = ['ip', 'link', 'add', 'bus', 'type', 'vcan'];

const lacksCan = lackOf(
  { feature: 'CAN' },
  ({ Socket: Class }) => new Class(AF_CAN, Type.RAW, CAN_RAW),
);

/** `struct sockaddr_can`: the family, padding, the interface, and room for transport protocols. */
function canAddress(interfaceIndex: number): SockAddr {
  const data = new DataView(new ArrayBuffer(22));
  data.setInt32(2, interfaceIndex, true);
  return SockAddr.raw(AF_CAN, new Uint8Array(data.buffer));
}

export const can = (backend: NodeBackend): Case[] => [
  {
    name: 'a CAN frame of this host has MSG_DONTROUTE, and one of the socket itself MSG_CONFIRM too',
    methods: ['bind', 'localAddr', 'recvmsg'],
    observes: ['RecvFlags.isConfirm', 'RecvFlags.isDontroute', 'SockAddr.raw'],
    needs: ['recvmsg', 'netlink'],
    lacks: (asked) =>
      lacksCan(asked) ?? lacksNamespaces() ?? lacksCommand('unshare', '--net', ...ADD),
    timeout: 60_000,
    run(t) {
      const namespace = new Namespace(t, backend);
      namespace.run(...ADD);
      namespace.run('ip', 'link', 'set', 'bus', 'up');
      const index = Number(/^(\d+):/.exec(namespace.run('ip', '-o', 'link', 'show', 'bus'))?.[1]);
      const bound = (): Socket => {
        const socket = namespace.open(AF_CAN, Type.RAW, CAN_RAW);
        socket.setReadTimeout(5000);
        socket.bind(canAddress(index));
        equal(socket.localAddr().family, AF_CAN);
        return socket;
      };
      const [sender, other] = [bound(), bound()];
      sender.setsockoptRaw(SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, Uint8Array.of(1, 0, 0, 0));
      const frame = new Uint8Array(FRAME);
      frame[0] = 0x42;
      sender.send(frame);
      for (const socket of [sender, other]) {
        const { flags } = socket.recvmsg({ buffers: [new Uint8Array(FRAME)] });
        deepEqual([flags.isDontroute, flags.isConfirm], [true, socket === sender]);
      }
    },
  },
];
