import { Domain, SockAddr, Socket, Type } from '@sock/native';

/** Kept from the collector: collected they would be closed, and the queue would have room again. */
const kept: Socket[] = [];

/**
 * An address that answers no connection request: a listener whose queue is full. Node's host for
 * wasi:sockets accepts behind the component's back, so a listener of @sock/wasi has no such queue.
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
