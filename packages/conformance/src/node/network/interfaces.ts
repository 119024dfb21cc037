/** Interfaces as netlink reports them, in a namespace where they can be changed. */
import { Domain, interfaceNames, SockAddr, type Socket, Type } from '@sock/core';
import { deepEqual, equal, fail, ok } from '../../assert.js';
import { text } from '../../bytes.js';
import type { Case } from '../../case.js';
import { loopback } from '../../context.js';
import { ECHO, echoRequest } from '../../echo.js';
import { lacksNamespaces } from '../lacks.js';
import { Namespace } from '../namespace.js';
import type { NodeBackend } from '../program.js';

/** Linux include/uapi/linux/netlink.h and rtnetlink.h */
const NETLINK_ROUTE = 0;
const [NLM_F_REQUEST, NLM_F_DUMP] = [1, 0x300];
const [NLMSG_DONE, RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK] = [3, 16, 17, 18];
const IFLA_IFNAME = 3;
const RTNLGRP_LINK = 1;
const [HEADER, IFINFO] = [16, 16];
const ARRIVAL = 5000;

/** An interface in a message from the kernel. */
interface Link {
  readonly type: number;
  readonly index: number;
  readonly name: string;
}

/** The links in a netlink datagram. `done` is true if it ends a list. */
function linksOf(data: Uint8Array): { links: Link[]; done: boolean } {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const links: Link[] = [];
  let done = false;
  for (let at = 0; at + HEADER <= data.length; at += (view.getUint32(at, true) + 3) & ~3) {
    const length = view.getUint32(at, true);
    const type = view.getUint16(at + 4, true);
    if (type === NLMSG_DONE) done = true;
    if (type !== RTM_NEWLINK && type !== RTM_DELLINK) continue;
    let name = '';
    for (
      let a = at + HEADER + IFINFO;
      a + 4 <= at + length;
      a += (view.getUint16(a, true) + 3) & ~3
    ) {
      if (view.getUint16(a + 2, true) !== IFLA_IFNAME) continue;
      name = text(data.subarray(a + 4, a + view.getUint16(a, true) - 1));
    }
    links.push({ type, index: view.getInt32(at + HEADER + 4, true), name });
  }
  return { links, done };
}

/** Receives from the kernel. Its port id is 0. */
function fromKernel(socket: Socket): { links: Link[]; done: boolean } {
  const buffer = new Uint8Array(65_536);
  const [length, from] = socket.recvFrom(buffer);
  equal(from.asNetlinkAddress()?.[0], 0, 'the port id of the sender');
  return linksOf(buffer.subarray(0, length));
}

function listLinks(socket: Socket): Link[] {
  const request = new DataView(new ArrayBuffer(HEADER + IFINFO));
  request.setUint32(0, request.byteLength, true);
  request.setUint16(4, RTM_GETLINK, true);
  request.setUint16(6, NLM_F_REQUEST | NLM_F_DUMP, true);
  socket.sendTo(request, SockAddr.netlink());
  const all: Link[] = [];
  for (;;) {
    const { links, done } = fromKernel(socket);
    all.push(...links);
    if (done) return all;
  }
}

const pair = ({ index, name }: { index: number; name: string }): string => `${index} ${name}`;

export const interfaces = (backend: NodeBackend): Case[] => [
  {
    name: 'netlink lists the interfaces that ifNameIndex lists, with the same indexes',
    methods: ['sendTo', 'recvFrom', 'bind', 'localAddr'],
    needs: ['netlink', 'ifNameIndex'],
    run(t) {
      const socket = t.open(Domain.NETLINK, Type.RAW, NETLINK_ROUTE);
      socket.setReadTimeout(ARRIVAL);
      socket.bind(SockAddr.netlink());
      const [pid, groups] = socket.localAddr().asNetlinkAddress() ?? [0, 0];
      ok(pid > 0, `the port id ${pid} that the kernel chose`);
      equal(groups, 0);
      const listed = interfaceNames(t.Socket.driver).ifNameIndex();
      deepEqual(listLinks(socket).map(pair).toSorted(), listed.map(pair).toSorted());
    },
  },
  {
    name: 'after addNetlinkMembership a socket is told of new and removed interfaces, until dropNetlinkMembership',
    methods: ['addNetlinkMembership', 'dropNetlinkMembership', 'recvFrom'],
    needs: ['netlink', 'addNetlinkMembership', 'dropNetlinkMembership'],
    lacks: lacksNamespaces,
    timeout: 60_000,
    run(t) {
      const namespace = new Namespace(t, backend);
      const socket = namespace.open(Domain.NETLINK, Type.RAW, NETLINK_ROUTE);
      socket.setReadTimeout(ARRIVAL);
      // An unbound socket has port id 0, that of the kernel, and does not receive what the kernel sends.
      socket.bind(SockAddr.netlink());
      socket.addNetlinkMembership(RTNLGRP_LINK);
      deepEqual(socket.localAddr().asNetlinkAddress()?.[1], 1 << (RTNLGRP_LINK - 1));
      namespace.run('ip', 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'other');
      namespace.run('ip', 'link', 'delete', 'one');
      for (const type of [RTM_NEWLINK, RTM_DELLINK]) {
        for (;;) {
          const { links } = fromKernel(socket);
          if (links.some((link) => link.type === type && link.name === 'one')) break;
        }
      }
      socket.dropNetlinkMembership(RTNLGRP_LINK);
      const buffer = new Uint8Array(65_536);
      while (socket.tryRecv(buffer) !== undefined);
      namespace.run('ip', 'link', 'add', 'two', 'type', 'veth', 'peer', 'name', 'another');
      equal(socket.tryRecv(buffer), undefined);
    },
  },
  {
    name: 'addPacketMembership makes the interface promiscuous, until dropPacketMembership',
    methods: ['addPacketMembership', 'dropPacketMembership'],
    needs: ['packet', 'addPacketMembership', 'dropPacketMembership'],
    lacks: lacksNamespaces,
    timeout: 60_000,
    run(t) {
      const namespace = new Namespace(t, backend);
      const show = (): string => namespace.run('ip', '-d', 'link', 'show', 'lo');
      const promiscuity = (): string => /promiscuity (\d+)/.exec(show())?.[1] ?? fail(show());
      const index = Number(/^(\d+):/.exec(show())?.[1]);
      const socket = namespace.open(Domain.PACKET, Type.RAW);
      equal(promiscuity(), '0');
      socket.addPacketMembership(index, 'promiscuous');
      equal(promiscuity(), '1');
      socket.dropPacketMembership(index, 'promiscuous');
      equal(promiscuity(), '0');
      socket.addPacketMembership(index, 'promiscuous');
      socket.close();
      equal(promiscuity(), '0', 'once the socket is closed');
    },
  },
  {
    name: 'an ICMP datagram socket can ping if ping_group_range includes its group',
    methods: ['sendTo', 'recvFrom'],
    needs: ['recvFrom', 'netlink'],
    lacks: lacksNamespaces,
    timeout: 60_000,
    run(t) {
      const namespace = new Namespace(t, backend);
      const range = '/proc/sys/net/ipv4/ping_group_range';
      namespace.run('sh', '-c', `echo '0 2147483647' > ${range}`);
      for (const domain of ['ipv4', 'ipv6'] as const) {
        const { protocol, reply } = ECHO[domain];
        const socket = namespace.open(domain, Type.DGRAM, protocol);
        socket.setReadTimeout(ARRIVAL);
        const to = loopback(domain);
        socket.sendTo(echoRequest(domain, 0), to);
        const buffer = new Uint8Array(64);
        const [length, from] = socket.recvFrom(buffer);
        deepEqual([length, buffer[0], from.address], [8, reply, to.address]);
        // The kernel has replaced the identifier by the socket's own number.
        equal(new DataView(buffer.buffer).getUint16(4), socket.localAddr().port);
      }
    },
  },
];
