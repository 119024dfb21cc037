/** ICMP echo, RFC 792 and RFC 4443: the protocol and the message types of each version of IP. */
export const ECHO = {
  ipv4: { protocol: 'icmpv4', request: 8, reply: 0 },
  ipv6: { protocol: 'icmpv6', request: 128, reply: 129 },
} as const;

/** An echo request. The checksum counts only for IPv4: for IPv6 the system fills it in. */
export function echoRequest(domain: 'ipv4' | 'ipv6', identifier: number): Uint8Array {
  const { request } = ECHO[domain];
  const sum = (request << 8) + identifier + 1;
  const checksum = ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
  return Uint8Array.of(
    request,
    0,
    checksum >> 8,
    checksum & 0xff,
    identifier >> 8,
    identifier & 0xff,
    0,
    1,
  );
}
