/** How connections are set up: the SYN as the listener sees it, and the connection as the peer sees it. */
import type { Socket } from '@sock/core';
import { equal, fail, ok, throwsCode } from '../../../assert.js';
import { bytes, text } from '../../../bytes.js';
import type { Case } from '../../../case.js';
import type { Context } from '../../../context.js';
import { loopback } from '../../../context.js';

const OPTION_END = 0;
const OPTION_NOP = 1;
const OPTION_MSS = 2;
/** Bytes of a TCP header without options, and the offset of its length field. */
const TCP_HEADER = 20;
const TCP_OFFSET = 12;

/** The data of a TCP option in the headers of a SYN, which begin with the IPv4 header. */
function tcpOption(headers: Uint8Array, kind: number): Uint8Array | undefined {
  const tcp = headers.subarray(((headers[0] ?? 0) & 15) * 4);
  const end = ((tcp[TCP_OFFSET] ?? 0) >> 4) * 4;
  for (let at = TCP_HEADER; at < end;) {
    const found = tcp[at] ?? OPTION_END;
    if (found === OPTION_END) break;
    if (found === OPTION_NOP) {
      at++;
      continue;
    }
    const length = tcp[at + 1] ?? 0;
    if (length < 2) return fail(`a TCP option of ${length} bytes`);
    if (found === kind) return tcp.subarray(at + 2, at + length);
    at += length;
  }
  return undefined;
}

/** How many bytes of data followed these headers. */
function payloadOf(headers: Uint8Array): number {
  const ip = ((headers[0] ?? 0) & 15) * 4;
  const tcp = ((headers[ip + TCP_OFFSET] ?? 0) >> 4) * 4;
  return new DataView(headers.buffer, headers.byteOffset).getUint16(2) - ip - tcp;
}

/** The headers of the SYN that a socket sends to connect. */
function synOf(t: Context, client: Socket): Uint8Array {
  const listener = t.listener();
  listener.setTcpSaveSyn(1);
  client.connect(listener.localAddr());
  const [server] = t.accept(listener);
  return server.tcpSavedSyn();
}

export const handshake: readonly Case[] = [
  {
    name: 'setTcpSaveSyn keeps the headers of the SYN, from the IP header on; tcpSavedSyn returns them once',
    methods: ['setTcpSaveSyn', 'tcpSavedSyn', 'accept'],
    needs: ['setTcpSaveSyn', 'tcpSavedSyn'],
    run(t) {
      const listener = t.listener();
      listener.setTcpSaveSyn(1);
      const client = t.socket('tcp4');
      client.connect(listener.localAddr());
      const [server] = t.accept(listener);
      const syn = server.tcpSavedSyn();
      equal((syn[0] ?? 0) >> 4, 4, 'the version of IP');
      equal(syn.subarray(12, 16).join('.'), '127.0.0.1', 'the source');
      const tcp = new DataView(syn.buffer, syn.byteOffset + ((syn[0] ?? 0) & 15) * 4);
      equal(tcp.getUint16(0), client.localAddr().port, 'the source port');
      equal(tcp.getUint16(2), listener.localAddr().port, 'the destination port');
      equal(server.tcpSavedSyn().length, 0, 'bytes of it afterwards');
    },
  },
  {
    name: 'setTcpMss announces the size to the peer in the SYN, and bounds the segments',
    methods: ['setTcpMss', 'tcpMss', 'connect'],
    observes: ['setTcpMss', 'tcpMss'],
    needs: ['setTcpMss', 'setTcpSaveSyn', 'tcpSavedSyn'],
    run(t) {
      const client = t.socket('tcp4');
      client.setTcpMss(1000);
      const option = tcpOption(synOf(t, client), OPTION_MSS);
      equal(option?.join(), '3,232', 'the MSS announced, two bytes');
      ok(client.tcpMss() <= 1000, `segments of ${client.tcpMss()}`);
    },
  },
  {
    name: 'setTcpDeferAccept makes a listener ready when data arrives, not when a client connects',
    methods: ['setTcpDeferAccept', 'accept'],
    needs: ['setTcpDeferAccept'],
    async run(t) {
      const listener = t.listener();
      listener.setTcpDeferAccept(10_000);
      const [quiet, talker] = [t.socket('tcp4'), t.socket('tcp4')];
      quiet.connect(listener.localAddr());
      talker.connect(listener.localAddr());
      talker.send(bytes('now'));
      await listener.readable();
      const [server, peer] = t.accept(listener);
      // The socket that connected later, but sent data.
      ok(peer.equals(talker.localAddr()), `the peer is ${peer.toString()}`);
      const buffer = new Uint8Array(8);
      equal(text(buffer, server.recv(buffer)), 'now');
      equal(listener.tryAccept(), undefined, 'the quiet one');
    },
  },
  {
    name: 'setTcpFastopenConnect puts the first data into the SYN of a listener with setTcpFastopen',
    methods: ['setTcpFastopen', 'setTcpFastopenConnect', 'setTcpFastopenNoCookie'],
    needs: [
      'setTcpFastopen',
      'setTcpFastopenConnect',
      'setTcpFastopenNoCookie',
      'setTcpSaveSyn',
      'tcpSavedSyn',
    ],
    run(t) {
      const listener = t.bound('tcp4');
      listener.setTcpFastopen(8);
      listener.setTcpFastopenNoCookie(true);
      listener.setTcpSaveSyn(1);
      listener.listen(8);
      const client = t.socket('tcp4');
      client.setTcpFastopenConnect(true);
      client.setTcpFastopenNoCookie(true);
      client.connect(listener.localAddr());
      equal(listener.tryAccept(), undefined, 'nothing was sent yet');
      client.send(bytes('early'));
      const [server] = t.accept(listener);
      const buffer = new Uint8Array(8);
      equal(text(buffer, server.recv(buffer)), 'early');
      server.send(bytes('!'));
      equal(client.recv(buffer), 1);
      // Whether the listener accepts data in a SYN is a setting of the system: net.ipv4.tcp_fastopen.
      equal(payloadOf(server.tcpSavedSyn()), 5, 'bytes of data in the SYN');
    },
  },
  {
    name: 'setBindAddressNoPort: connect chooses the port; without it bind does',
    methods: ['setBindAddressNoPort', 'bind', 'connect', 'localAddr'],
    needs: ['setBindAddressNoPort'],
    run(t) {
      const listener = t.listener();
      for (const late of [true, false]) {
        const client = t.socket('tcp4');
        client.setBindAddressNoPort(late);
        client.bind(loopback('ipv4'));
        equal(client.localAddr().port === 0, late, `late: ${late}: no port after bind`);
        client.connect(listener.localAddr());
        const [, peer] = t.accept(listener);
        ok(peer.equals(client.localAddr()), 'the peer sees the port');
      }
    },
  },
  {
    name: 'setLocalPortRange bounds the port that the system chooses',
    methods: ['setLocalPortRange', 'localPortRange', 'bind'],
    needs: ['setLocalPortRange'],
    run(t) {
      const { port } = t.refusingAddress();
      const one = t.socket('udp4');
      one.setLocalPortRange([port, port]);
      one.bind(loopback('ipv4'));
      equal(one.localAddr().port, port);
      const other = t.socket('udp4');
      other.setLocalPortRange([port, port]);
      throwsCode('EADDRINUSE', () => other.bind(loopback('ipv4')), 'the only port is taken');
    },
  },
];
