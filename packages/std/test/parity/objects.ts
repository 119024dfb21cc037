/** Runs node's objects and their stand-ins through the same states, and observes them in each. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { Domain, SockAddr, Socket, Type } from '@sock/native';
import { intoDgramSocket, intoNetServer, intoNetSocket, sockRef } from '@sock/std';
import { type Observations, observeCalls, observeEvents, observeMembers, show } from './observe.js';

/** Makes an object, and returns a Socket by which its options can be read. */
interface Maker<T> {
  make(port: number): Promise<{ object: T; options: Socket }>;
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

/** Socket options that node's objects set. */
function observeOptions(
  into: Observations,
  socket: Socket,
  state: string,
  names: readonly string[],
): void {
  for (const name of names) {
    const read = (socket as unknown as Record<string, () => unknown>)[name];
    into.set(`socket option ${name}, ${state}`, show(read?.call(socket)));
  }
}

const netSockets: Readonly<Record<'node' | 'ours', Maker<net.Socket>>> = {
  node: {
    async make(port) {
      const object = net.connect(port, '127.0.0.1');
      await once(object, 'ready');
      return { object, options: sockRef(object) as Socket };
    },
  },
  ours: {
    async make(port) {
      const socket = new Socket(Domain.IPV4, Type.STREAM);
      socket.connect(SockAddr.ipv4('127.0.0.1', port));
      const options = socket.tryClone();
      return { object: intoNetSocket(socket, { duplex: true }), options };
    },
  },
};

/** A client: connected, after a round trip, ended by both sides, destroyed. */
export async function observeNetSocket(side: 'node' | 'ours'): Promise<Observations> {
  const found: Observations = new Map();
  const server = net.createServer((socket) => socket.on('error', () => {}).pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { object, options } = await netSockets[side].make(
    (server.address() as net.AddressInfo).port,
  );
  const events = observeEvents(object as never);
  object.on('error', () => {});
  const names = ['nodelay', 'keepalive', 'tcpKeepaliveInterval', 'tcpKeepaliveRetries'];
  observeMembers(found, object, 'connected');
  observeOptions(found, options, 'connected', names);
  observeCalls(found, object, 'connected', [
    ['address'],
    ['ref'],
    ['unref'],
    ['ref'],
    ['setNoDelay'],
    ['setNoDelay', false],
    ['setKeepAlive', true, 5000],
    ['setTimeout', 0],
    ['setTimeout', 'foo'],
    ['setTimeout', -1],
    ['setTimeout', 10, 'not a function'],
    ['setTimeout', 0],
    ['write'],
    ['write', null],
    ['write', 5],
    ['setEncoding', 'no such encoding'],
  ]);
  observeOptions(found, options, 'after setKeepAlive(true, 5000)', [...names, 'tcpKeepaliveTime']);
  object.write('12345');
  await once(object, 'data');
  observeMembers(found, object, 'after a round trip');
  object.end();
  await once(object, 'close');
  found.set('events, round trip and end', events());
  observeMembers(found, object, 'closed');
  observeCalls(found, object, 'closed', [
    ['address'],
    ['write', 'x'],
    ['end'],
    ['destroy'],
    ['ref'],
    ['unref'],
    ['setNoDelay', true],
    ['setKeepAlive', true],
    ['setTimeout', 1000],
  ]);
  object.setTimeout(0);
  options.close();
  server.close();
  return found;
}

/** A server: listening, with a connection, closed. */
export async function observeServer(side: 'node' | 'ours'): Promise<Observations> {
  const found: Observations = new Map();
  let server: net.Server;
  if (side === 'node') server = net.createServer().listen(0, '127.0.0.1');
  else {
    const socket = new Socket(Domain.IPV4, Type.STREAM);
    socket.bind(SockAddr.ipv4('127.0.0.1', 0));
    socket.listen(511);
    server = intoNetServer(socket, { duplex: true });
  }
  const events = observeEvents(server as never);
  if (!server.listening || side === 'ours') await once(server, 'listening');
  else await turn();
  observeMembers(found, server, 'listening');
  observeCalls(found, server, 'listening', [
    ['address'],
    ['ref'],
    ['unref'],
    ['ref'],
    ['listen', 0],
    ['getConnections', 5],
  ]);
  const { port } = server.address() as net.AddressInfo;
  // Its data must be read for its end to be seen.
  const client = net.connect(port, '127.0.0.1').resume();
  const [[failed]] = await Promise.all([once(client, 'close'), serve(server)]);
  found.set('the client closes with an error', show(failed));
  await new Promise((resolve) => server.close(resolve));
  found.set('events, one connection and close', events());
  observeMembers(found, server, 'closed');
  observeCalls(found, server, 'closed', [['address'], ['ref'], ['unref'], ['close']]);
  return found;
}

async function serve(server: net.Server): Promise<void> {
  const [connection] = (await once(server, 'connection')) as [net.Socket];
  connection.resume().end('x');
  await once(connection, 'close');
}

/** A datagram socket: bound, after a datagram to itself, connected, closed. */
export async function observeDgramSocket(side: 'node' | 'ours'): Promise<Observations> {
  const found: Observations = new Map();
  let object: dgram.Socket;
  if (side === 'node') object = dgram.createSocket('udp4');
  else object = intoDgramSocket(new Socket(Domain.IPV4, Type.DGRAM), { duplex: true });
  const events = observeEvents(object as never);
  object.on('error', () => {});
  observeCalls(found, object, 'unbound', [
    ['getSendQueueCount'],
    ['remoteAddress'],
    ['send'],
    ['send', 5, 9],
    ['send', 'x', 70_000, '127.0.0.1'],
    ['send', 'x', 0, '127.0.0.1'],
  ]);
  object.bind(0, '127.0.0.1');
  await once(object, 'listening');
  observeMembers(found, object, 'bound');
  observeCalls(found, object, 'bound', [
    ['address'],
    ['ref'],
    ['unref'],
    ['ref'],
    ['bind', 0],
    ['disconnect'],
    ['remoteAddress'],
    ['setBroadcast', true],
    ['setTTL', 64],
    ['setTTL', 'x'],
    ['setTTL', 0],
    ['setMulticastTTL', 3],
    ['setMulticastTTL', 'x'],
    ['setMulticastLoopback', true],
    ['setMulticastInterface', 5],
    ['setMulticastInterface', 'no address'],
    ['addMembership'],
    ['addMembership', 'no address'],
    ['addMembership', '127.0.0.1'],
    ['dropMembership', '239.1.2.3'],
    ['addSourceSpecificMembership', 5],
    ['setRecvBufferSize', -1],
    ['setSendBufferSize', 'x'],
    ['getSendQueueSize'],
    ['getSendQueueCount'],
  ]);
  const { port } = object.address();
  object.send('12345', port, '127.0.0.1');
  const [message, from] = (await once(object, 'message')) as [Buffer, object];
  found.set('message', `${message.constructor.name} ${show(from)}`);
  object.connect(port, '127.0.0.1');
  await once(object, 'connect');
  observeMembers(found, object, 'connected');
  observeCalls(found, object, 'connected', [
    ['remoteAddress'],
    ['connect', port],
    ['send', 'x', port, '127.0.0.1'],
    ['send', Buffer.from('xyz'), 1, 5],
    ['disconnect'],
  ]);
  await turn();
  object.close();
  await once(object, 'close');
  found.set('events, a message, connect and close', events());
  observeMembers(found, object, 'closed');
  observeCalls(found, object, 'closed', [
    ['address'],
    ['remoteAddress'],
    ['bind', 0],
    ['send', 'x', 9],
    ['close'],
    ['ref'],
    ['unref'],
    ['setTTL', 64],
    ['setBroadcast', true],
    ['getRecvBufferSize'],
    ['getSendQueueCount'],
    ['getSendQueueSize'],
    ['addMembership', '239.1.2.3'],
  ]);
  return found;
}
