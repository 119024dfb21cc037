import { networkInterfaces } from 'node:os';
import { Domain, ifNameToIndex, SockAddr, Socket, Type } from '@sock/native';

/** The group and port of multicast DNS: RFC 6762, section 3. */
export const GROUP = SockAddr.ipv4('224.0.0.251', 5353);

/** An interface, with its first IPv4 address. */
export interface Link {
  readonly name: string;
  readonly index: number;
  readonly address: string;
}

/** Finds an interface by name. Without a name: the first one that has an IPv4 address and is not the loopback. */
export function findLink(name: string | undefined): Link {
  for (const [found, addresses = []] of Object.entries(networkInterfaces())) {
    const ipv4 = addresses.find(({ family }) => family === 'IPv4');
    if (ipv4 === undefined || (name === undefined ? ipv4.internal : found !== name)) continue;
    return { name: found, index: ifNameToIndex(found), address: ipv4.address };
  }
  throw new Error(`no interface ${name ?? ''} with an IPv4 address`);
}

/**
 * A socket that sends to the group by one interface.
 * @param port 5353 to receive what is sent to the group; 0 to ask and receive answers only
 */
export function openSocket(link: Link, port: number): Socket {
  const socket = new Socket(Domain.IPV4, Type.DGRAM);
  try {
    if (port !== 0) {
      // Other responders of this machine have the port too. Some systems want both options.
      socket.setReuseAddress(true);
      if (process.platform !== 'win32') socket.setReusePort(true);
    }
    socket.bind(SockAddr.ipv4('0.0.0.0', port));
    if (port !== 0) socket.joinMulticastV4N(GROUP.address, link.index);
    socket.setMulticastIfV4(link.address);
    // RFC 6762, section 11: a router would have made it less, so 255 proves that the packet is of this link.
    socket.setMulticastTtlV4(255);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
