import { Domain, SockAddr, Socket, Type } from '@sock/native';

/** Kept alive: the collector would close them, and the queue would have room again. */
const kept: Socket[] = [];

/**
 * An address that does not answer connection requests: a listener with a full queue. A listener of @sock/wasi
 * cannot do that, because Node's host for wasi:sockets accepts before the component does.
 */
export function silentPeer(): SockAddr {
  const listener = new Socket(Domain.IPV4, Type.STREAM);
  listener.bind(SockAddr.ipv4('127.0.0.1', 0));
  listener.listen(0);
  kept.push(listener);
  const address = listener.localAddr();
  for (let i = 0; i < 4; i++) {
    const client = new Socket(Domain.IPV4, Type.STREAM);
    client.tryConnect(address);
    kept.push(client);
  }
  return address;
}
