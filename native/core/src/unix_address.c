/* Conversion between `sock_address` and the system's `struct sockaddr`. */
#include "system.h"

#ifdef SOCK_SYSTEM_UNIX

#define PATH_OFFSET offsetof(struct sockaddr_un, sun_path)
#define PATH_ROOM sizeof(((struct sockaddr_un *)0)->sun_path)
/*
 * Where the address bytes begin in a family for which `sock_address` has no layout of its own. Correct with sa_len
 * and without.
 */
#define SYSTEM_DATA_OFFSET offsetof(struct sockaddr, sa_data)

static int encode_ipv4(const sock_address *address, struct sockaddr_in *out, socklen_t *length) {
  if (address->length != sizeof(out->sin_addr)) return -EINVAL;
  out->sin_family = AF_INET;
  out->sin_port = htons(address->port);
  memcpy(&out->sin_addr, address->data, sizeof(out->sin_addr));
  *length = sizeof(*out);
  return 0;
}

static int encode_ipv6(const sock_address *address, struct sockaddr_in6 *out, socklen_t *length) {
  if (address->length != sizeof(out->sin6_addr)) return -EINVAL;
  out->sin6_family = AF_INET6;
  out->sin6_port = htons(address->port);
  out->sin6_flowinfo = htonl(address->flowinfo);
  out->sin6_scope_id = address->scope_id;
  memcpy(&out->sin6_addr, address->data, sizeof(out->sin6_addr));
  *length = sizeof(*out);
  return 0;
}

static int encode_unix(const sock_address *address, struct sockaddr_un *out, socklen_t *length) {
  const size_t size = address->length;
  if (size > PATH_ROOM) return -ENAMETOOLONG;
  out->sun_family = AF_UNIX;
  memcpy(out->sun_path, address->data, size);
  if (size > 0 && address->data[0] == 0) {
#if defined(__linux__)
    *length = (socklen_t)(PATH_OFFSET + size);
    return 0;
#else
    return -EINVAL;
#endif
  }
  /* The system would stop at the NUL and use another path than the given one. */
  if (memchr(address->data, 0, size) != NULL) return -EINVAL;
  /* A path that fills sun_path has no room for the NUL and needs none. */
  *length = (socklen_t)(PATH_OFFSET + size + (size > 0 && size < PATH_ROOM ? 1 : 0));
  return 0;
}

#if defined(__linux__)
static int encode_vsock(const sock_address *address, struct sockaddr_vm *out, socklen_t *length) {
  out->svm_family = AF_VSOCK;
  out->svm_port = address->flowinfo;
  out->svm_cid = address->scope_id;
  *length = sizeof(*out);
  return 0;
}

static int encode_packet(const sock_address *address, sock_system_address *out, socklen_t *length) {
  const size_t offset = offsetof(struct sockaddr_ll, sll_addr);
  /* A link-layer address may be longer than sll_addr: those of InfiniBand have 20 bytes. */
  if (address->length > sizeof(out->bytes) - offset || address->scope_id > INT_MAX) return -EINVAL;
  out->packet.sll_family = AF_PACKET;
  out->packet.sll_protocol = htons(address->port);
  out->packet.sll_ifindex = (int)address->scope_id;
  out->packet.sll_hatype = (unsigned short)(address->flowinfo >> 16);
  out->packet.sll_pkttype = (unsigned char)(address->flowinfo & 0xff);
  out->packet.sll_halen = (unsigned char)address->length;
  memcpy(out->bytes + offset, address->data, address->length);
  const size_t size = offset + address->length;
  *length = (socklen_t)(size > sizeof(out->packet) ? size : sizeof(out->packet));
  return 0;
}

static int encode_netlink(const sock_address *address, struct sockaddr_nl *out, socklen_t *length) {
  out->nl_family = AF_NETLINK;
  out->nl_groups = address->flowinfo;
  out->nl_pid = address->scope_id;
  *length = sizeof(*out);
  return 0;
}
#endif

static int encode_system(const sock_address *address, sock_system_address *out, socklen_t *length) {
  out->any.sa_family = (sa_family_t)(address->family & ~SOCK_FAMILY_SYSTEM);
  memcpy(out->bytes + SYSTEM_DATA_OFFSET, address->data, address->length);
  *length = (socklen_t)(SYSTEM_DATA_OFFSET + address->length);
  return 0;
}

static int encode_family(const sock_address *address, sock_system_address *out, socklen_t *length) {
  switch (address->family) {
    case SOCK_FAMILY_UNSPEC:
      /* connect(2) to AF_UNSPEC dissolves a datagram socket's association. */
      out->any.sa_family = AF_UNSPEC;
      *length = sizeof(out->any);
      return 0;
    case SOCK_FAMILY_IPV4:
      return encode_ipv4(address, &out->ipv4, length);
    case SOCK_FAMILY_IPV6:
      return encode_ipv6(address, &out->ipv6, length);
    case SOCK_FAMILY_UNIX:
      return encode_unix(address, &out->local, length);
#if defined(__linux__)
    case SOCK_FAMILY_VSOCK:
      return encode_vsock(address, &out->vsock, length);
    case SOCK_FAMILY_PACKET:
      return encode_packet(address, out, length);
    case SOCK_FAMILY_NETLINK:
      return encode_netlink(address, &out->netlink, length);
#endif
    default:
      return address->family & SOCK_FAMILY_SYSTEM ? encode_system(address, out, length)
                                                  : -EAFNOSUPPORT;
  }
}

int sock_address_encode(const sock_address *address, sock_system_address *out, socklen_t *length) {
  if (address->length > SOCK_ADDRESS_DATA) {
    return address->family == SOCK_FAMILY_UNIX ? -ENAMETOOLONG : -EINVAL;
  }
  memset(out, 0, sizeof(*out));
  const int result = encode_family(address, out, length);
#if defined(SOCK_SYSTEM_BSD)
  out->any.sa_len = (uint8_t)*length;
#endif
  return result;
}

static void decode_bytes(const uint8_t *bytes, size_t size, sock_address *out) {
  out->length = (uint32_t)(size < SOCK_ADDRESS_DATA ? size : SOCK_ADDRESS_DATA);
  memcpy(out->data, bytes, out->length);
}

static void decode_unix(const struct sockaddr_un *in, size_t length, sock_address *out) {
  /* For a path that fills sun_path, Linux counts a NUL after it. */
  size_t size = length > PATH_OFFSET ? length - PATH_OFFSET : 0;
  if (size > PATH_ROOM) size = PATH_ROOM;
#if defined(__linux__)
  const int is_abstract = size > 0 && in->sun_path[0] == 0;
#else
  const int is_abstract = 0;
#endif
  if (!is_abstract) size = strnlen(in->sun_path, size);
  out->family = SOCK_FAMILY_UNIX;
  decode_bytes((const uint8_t *)in->sun_path, size, out);
}

#if defined(__linux__)
static void decode_packet(const sock_system_address *in, size_t length, sock_address *out) {
  const size_t offset = offsetof(struct sockaddr_ll, sll_addr);
  size_t size = in->packet.sll_halen;
  if (size > length - offset) size = length - offset;
  out->family = SOCK_FAMILY_PACKET;
  out->port = ntohs(in->packet.sll_protocol);
  out->flowinfo = (uint32_t)in->packet.sll_hatype << 16 | in->packet.sll_pkttype;
  out->scope_id = (uint32_t)in->packet.sll_ifindex;
  decode_bytes(in->bytes + offset, size, out);
}
#endif

/* Returns 0 if `sock_address` has no layout for the family, or if the system gave too few bytes. */
static int decode_family(const sock_system_address *in, size_t length, sock_address *out) {
  switch (in->any.sa_family) {
    case AF_INET:
      if (length < offsetof(struct sockaddr_in, sin_addr) + sizeof(in->ipv4.sin_addr)) return 0;
      out->family = SOCK_FAMILY_IPV4;
      out->port = ntohs(in->ipv4.sin_port);
      decode_bytes((const uint8_t *)&in->ipv4.sin_addr, sizeof(in->ipv4.sin_addr), out);
      return 1;
    case AF_INET6:
      if (length < sizeof(in->ipv6)) return 0;
      out->family = SOCK_FAMILY_IPV6;
      out->port = ntohs(in->ipv6.sin6_port);
      out->flowinfo = ntohl(in->ipv6.sin6_flowinfo);
      out->scope_id = in->ipv6.sin6_scope_id;
      decode_bytes((const uint8_t *)&in->ipv6.sin6_addr, sizeof(in->ipv6.sin6_addr), out);
      return 1;
    case AF_UNIX:
      decode_unix(&in->local, length, out);
      return 1;
#if defined(__linux__)
    case AF_VSOCK:
      if (length < sizeof(in->vsock)) return 0;
      out->family = SOCK_FAMILY_VSOCK;
      out->flowinfo = in->vsock.svm_port;
      out->scope_id = in->vsock.svm_cid;
      return 1;
    case AF_PACKET:
      if (length < offsetof(struct sockaddr_ll, sll_addr)) return 0;
      decode_packet(in, length, out);
      return 1;
    case AF_NETLINK:
      if (length < sizeof(in->netlink)) return 0;
      out->family = SOCK_FAMILY_NETLINK;
      out->flowinfo = in->netlink.nl_groups;
      out->scope_id = in->netlink.nl_pid;
      return 1;
#endif
    default:
      return 0;
  }
}

void sock_address_decode(const sock_system_address *in, socklen_t length, sock_address *out) {
  const size_t size = length < sizeof(in->bytes) ? length : sizeof(in->bytes);
  out->family = SOCK_FAMILY_UNSPEC;
  out->port = 0;
  out->flowinfo = 0;
  out->scope_id = 0;
  out->length = 0;
  /* Connected streams and unnamed senders of datagrams give no address. */
  if (size < SYSTEM_DATA_OFFSET || decode_family(in, size, out)) return;
  if (in->any.sa_family == AF_UNSPEC) return;
  out->family = (uint16_t)(SOCK_FAMILY_SYSTEM | in->any.sa_family);
  decode_bytes(in->bytes + SYSTEM_DATA_OFFSET, size - SYSTEM_DATA_OFFSET, out);
}

#endif
