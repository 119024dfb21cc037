/** Connections that the firewall redirects. */
import { Domain, SockAddr, type Socket, Type } from '@sock/core';
import { equal, ok, throwsCode } from '../../assert.js';
import type { Case } from '../../case.js';
import { lacksNft } from '../lacks.js';
import { Namespace } from '../namespace.js';
import type { NodeBackend } from '../program.js';

/** Redirects one port of the loopback interface to another. */
const rulesFor = (from: number, to: number): string => `
table inet redirection {
  chain output {
    type nat hook output priority -100;
    tcp dport ${from} redirect to :${to}
  }
}
`;

/** The address that a client connected to. */
const WANTED = 4000;

function redirected(
  backend: NodeBackend,
  domain: 'ipv4' | 'ipv6',
  get: 'originalDstV4' | 'originalDstV6',
): Case {
  const at = (port: number): SockAddr =>
    domain === Domain.IPV4 ? SockAddr.ipv4('127.0.0.1', port) : SockAddr.ipv6('::1', port);
  return {
    name: `${get} returns the destination of a connection before the firewall redirected it`,
    methods: [get, 'accept'],
    observes: [get],
    needs: [get],
    lacks: lacksNft,
    timeout: 60_000,
    run(t) {
      const namespace = new Namespace(t, backend);
      const open = (): Socket => namespace.open(domain, Type.STREAM);
      const listener = open();
      listener.bind(at(0));
      listener.listen(4);
      const { port } = listener.localAddr();
      namespace.feed(rulesFor(WANTED, port), 'nft', '--file', '-');
      open().connect(at(WANTED));
      const [server] = t.accept(listener);
      equal(server.localAddr().port, port, 'the redirected port');
      ok(server[get]().equals(at(WANTED)), `the destination: ${server[get]().toString()}`);
      throwsCode(['ENOENT', 'ENOTCONN', 'ENOPROTOOPT'], () => open()[get](), 'not connected');
    },
  };
}

export const redirections = (backend: NodeBackend): Case[] => [
  redirected(backend, Domain.IPV4, 'originalDstV4'),
  redirected(backend, Domain.IPV6, 'originalDstV6'),
];
