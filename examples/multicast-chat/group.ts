import { Domain, SockAddr, Socket, Type } from '@sock/native';

/** 224.0.0.0/4 and ff00::/8. */
export function isMulticast(address: SockAddr): boolean {
  return address.isIpv6()
    ? address.address.startsWith('ff')
    : (Number.parseInt(address.address, 10) & 0xf0) === 0xe0;
}

/** A multicast group that this socket has joined. */
export class Group {
  readonly socket: Socket;
  readonly address: SockAddr;
  readonly #interfaceIndex: number;

  /**
   * Joins the group.
   * @param address the group and the port
   * @param interfaceIndex 0 means the interface that the routes choose
   * @throws {SockError} EADDRINUSE, ENODEV, EINVAL if the address is not a multicast group
   */
  constructor(address: SockAddr, interfaceIndex: number) {
    this.#interfaceIndex = interfaceIndex;
    this.address = address.isIpv6()
      ? SockAddr.ipv6(address.address, address.port, { scopeId: interfaceIndex })
      : address;
    this.socket = new Socket(Domain.forAddress(address), Type.DGRAM);
    try {
      // Other programs on this machine may be members too.
      this.socket.setReuseAddress(true);
      // A socket that is bound to the group receives no packet that was sent to another address.
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
    // Ignore the interfaces on which only other programs joined the group.
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

  /** Sends to all members, including those on this machine. */
  send(bytes: Uint8Array): void {
    const interfaceIndex = this.#interfaceIndex;
    this.socket.sendmsg({
      buffers: [bytes],
      address: this.address,
      // With IPv6 the address names the interface.
      control: this.address.isIpv6()
        ? []
        : [{ kind: 'ipv4PacketInfo', interfaceIndex, address: '0.0.0.0' }],
    });
  }
}
