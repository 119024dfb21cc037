/** Two hosts that the tests connect with each other. */
import {
  Domain,
  type Host,
  Network,
  type NetworkOptions,
  SockAddr,
  type Socket,
  Type,
} from '@sock/sim';

export interface TwoHosts {
  readonly network: Network;
  readonly one: Host;
  readonly other: Host;
}

export function twoHosts(options: NetworkOptions = {}): TwoHosts {
  const network = new Network({ seed: 1, ...options });
  const one = network.host('10.0.0.1', { name: 'one' });
  const other = network.host('10.0.0.2', { name: 'other' });
  return { network, one, other };
}

/** A listener of a host, on port 80. */
export function listener(host: Host, backlog = 16): Socket {
  const socket = new host.Socket(Domain.IPV4, Type.STREAM);
  socket.bind(SockAddr.ipv4('0.0.0.0', 80));
  socket.listen(backlog);
  return socket;
}

export const stream = (host: Host): Socket => new host.Socket(Domain.IPV4, Type.STREAM);
export const datagrams = (host: Host, port = 0): Socket => {
  const socket = new host.Socket(Domain.IPV4, Type.DGRAM);
  socket.bind(SockAddr.ipv4('0.0.0.0', port));
  return socket;
};

export const at = (host: Host, port = 80): SockAddr => SockAddr.ipv4(host.address, port);

/** A connection from the first host to the second: its two ends. */
export function connection({ one, other }: TwoHosts): [Socket, Socket] {
  const server = listener(other);
  const client = stream(one);
  client.connect(at(other));
  const [accepted] = server.accept();
  server.close();
  return [client, accepted];
}

/** The error code that a call throws. */
export function codeOf(call: () => unknown): string | undefined {
  try {
    call();
  } catch (error) {
    return (error as { code?: string }).code;
  }
  return undefined;
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (data: Uint8Array): string => new TextDecoder().decode(data);

/** Everything up to the end of the stream. */
export function readAll(socket: Socket): Uint8Array {
  const parts: number[] = [];
  const buffer = new Uint8Array(4096);
  for (let length = socket.recv(buffer); length > 0; length = socket.recv(buffer)) {
    parts.push(...buffer.subarray(0, length));
  }
  return Uint8Array.from(parts);
}
