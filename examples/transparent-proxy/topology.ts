import { NetworkNamespace } from '../network-namespace.js';

/** Three network namespaces in a row: client - proxy - server. */
export interface Topology {
  readonly client: NetworkNamespace;
  readonly proxy: NetworkNamespace;
  readonly server: NetworkNamespace;
  readonly clientAddress: string;
  readonly serverAddress: string;
}

/** Makes the namespaces, with the proxy's routing in the middle. They end with this process. */
export async function makeTopology(port: number): Promise<Topology> {
  const client = await NetworkNamespace.make();
  const [proxy, server] = [
    await NetworkNamespace.make(client),
    await NetworkNamespace.make(client),
  ];
  NetworkNamespace.join([client, 'to-proxy', '10.77.1.1/24'], [proxy, 'to-client', '10.77.1.2/24']);
  NetworkNamespace.join([proxy, 'to-server', '10.77.2.1/24'], [server, 'to-proxy', '10.77.2.2/24']);
  client.ip('route', 'add', 'default', 'via', '10.77.1.2');
  server.ip('route', 'add', 'default', 'via', '10.77.2.1');
  // Deliver the client's packets to the port, and the server's answers from it, to the proxy itself.
  for (const packets of [`iif to-client dport ${port}`, `iif to-server sport ${port}`]) {
    proxy.ip('rule', 'add', 'ipproto', 'tcp', ...packets.split(' '), 'lookup', '100');
  }
  proxy.ip('route', 'add', 'local', 'default', 'dev', 'lo', 'table', '100');
  return { client, proxy, server, clientAddress: '10.77.1.1', serverAddress: '10.77.2.2' };
}
