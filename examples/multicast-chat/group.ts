import { Domain, SockAddr, Socket, Type } from '@sock/native';

/** 224.0.0.0/4 and ff00::/8. */
export function isMulticast(address: SockAddr): boolean {
  return address.isIpv6()
    ? address.address.startsWith('ff')
    : (Number.parseInt(address.address, 10) & 0xf0) === 0xe0;
}

/** A multicast group, of which this machine's interface is a member. */
export class Group {
  readonly socket: Socket;
  readonly address: SockAddr;
  readonly #interfaceIndex: number;

  /**
   * Joins.
   * @param address the group and the port
   * @param interfaceIndex 0: the interface that the routes say
   * @throws {SockError} EADDRINUSE, ENODEV, EINVAL when the address is no group's
   */
  constructor(address: SockAddr, interfaceIndex: number) {
    this.#interfaceIndex = interfaceIndex;
    this.address = address.isIpv6()
      ? SockAddr.ipv6(address.address, address.port, { scopeId: interfaceIndex })
      : address;
    this.socket = new Socket(Domain.forAddress(address), Type.DGRAM);
    try {
      // Others on this machine are members too.
      this.socket.setReuseAddress(true);
      // Bound to the group, it receives nothing that was sent to the port alone.
      this.socket.bind(this.address);
      if (address.isIpv6()) this.#joinV6();
      else this.#joinV4();
    } catch (error) {
      this.socket.close();
      throw error;
    }
  }

  #joinV4(): void {
    const { socket } = this;
    socket.joinMulticastV4N(this.address.address, this.#interfaceIndex);
    // Not what was sent to the group on an interface that another program joined it on.
    socket.setMulticastAllV4(false);
    socket.setMulticastLoopV4(true);
    socket.setMulticastTtlV4(1);
  }

  #joinV6(): void {
    const { socket } = this;
    socket.joinMulticastV6(this.address.address, this.#interfaceIndex);
    socket.setMulticastAllV6(false);
    socket.setMulticastLoopV6(true);
    socket.setMulticastHopsV6(1);
  }

  /** Sends to all members, those on this machine among them. */
  send(bytes: Uint8Array): void {
    const interfaceIndex = this.#interfaceIndex;
    this.socket.sendmsg({
      buffers: [bytes],
      address: this.address,
      // Of IPv6 the address names the interface.
      control: this.address.isIpv6()
        ? []
        : [{ kind: 'ipv4PacketInfo', interfaceIndex, address: '0.0.0.0' }],
    });
  }
}
