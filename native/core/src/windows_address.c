/* Conversion between `sock_address` and Winsock's `struct sockaddr`. */
#include "system.h"

#ifdef SOCK_SYSTEM_WINDOWS

#define PATH_OFFSET offsetof(struct sockaddr_un, sun_path)
#define PATH_ROOM sizeof(((struct sockaddr_un *)0)->sun_path)
/* Where the address bytes begin in a family for which `sock_address` has no layout of its own. */
#define SYSTEM_DATA_OFFSET offsetof(struct sockaddr, sa_data)

static int encode_unix(const sock_address *address, struct sockaddr_un *out, socklen_t *length) {
  const size_t size = address->length;
  /* Windows needs the NUL that ends the path. */
  if (size >= PATH_ROOM) return -ENAMETOOLONG;
  out->sun_family = AF_UNIX;
  memcpy(out->sun_path, address->data, size);
  /* The system would stop at the NUL and use another path than the given one. */
  if (memchr(address->data, 0, size) != NULL) return -EINVAL;
  *length = (socklen_t)sizeof(*out);
  return 0;
}

static int encode_family(const sock_address *address, sock_system_address *out, socklen_t *length) {
  switch (address->family) {
    case SOCK_FAMILY_UNSPEC:
      out->any.sa_family = AF_UNSPEC;
      *length = (socklen_t)sizeof(out->any);
      return 0;
    case SOCK_FAMILY_IPV4:
      if (address->length != sizeof(out->ipv4.sin_addr)) return -EINVAL;
      out->ipv4.sin_family = AF_INET;
      out->ipv4.sin_port = htons(address->port);
      memcpy(&out->ipv4.sin_addr, address->data, sizeof(out->ipv4.sin_addr));
      *length = (socklen_t)sizeof(out->ipv4);
      return 0;
    case SOCK_FAMILY_IPV6:
      if (address->length != sizeof(out->ipv6.sin6_addr)) return -EINVAL;
      out->ipv6.sin6_family = AF_INET6;
      out->ipv6.sin6_port = htons(address->port);
      out->ipv6.sin6_flowinfo = htonl(address->flowinfo);
      out->ipv6.sin6_scope_id = address->scope_id;
      memcpy(&out->ipv6.sin6_addr, address->data, sizeof(out->ipv6.sin6_addr));
      *length = (socklen_t)sizeof(out->ipv6);
      return 0;
    case SOCK_FAMILY_UNIX:
      return encode_unix(address, &out->local, length);
    default:
      if (!(address->family & SOCK_FAMILY_SYSTEM)) return -EAFNOSUPPORT;
      out->any.sa_family = (u_short)(address->family & ~SOCK_FAMILY_SYSTEM);
      memcpy(out->bytes + SYSTEM_DATA_OFFSET, address->data, address->length);
      *length = (socklen_t)(SYSTEM_DATA_OFFSET + address->length);
      return 0;
  }
}

int sock_address_encode(const sock_address *address, sock_system_address *out, socklen_t *length) {
  if (address->length > SOCK_ADDRESS_DATA) {
    return address->family == SOCK_FAMILY_UNIX ? -ENAMETOOLONG : -EINVAL;
  }
  memset(out, 0, sizeof(*out));
  return encode_family(address, out, length);
}

static void decode_bytes(const void *bytes, size_t size, sock_address *out) {
  out->length = (uint32_t)(size < SOCK_ADDRESS_DATA ? size : SOCK_ADDRESS_DATA);
  memcpy(out->data, bytes, out->length);
}

/* Returns 0 if `sock_address` has no layout for the family, or if the system gave too few bytes. */
static int decode_family(const sock_system_address *in, size_t length, sock_address *out) {
  switch (in->any.sa_family) {
    case AF_INET:
      if (length < offsetof(struct sockaddr_in, sin_addr) + sizeof(in->ipv4.sin_addr)) return 0;
      out->family = SOCK_FAMILY_IPV4;
      out->port = ntohs(in->ipv4.sin_port);
      decode_bytes(&in->ipv4.sin_addr, sizeof(in->ipv4.sin_addr), out);
      return 1;
    case AF_INET6:
      if (length < sizeof(in->ipv6)) return 0;
      out->family = SOCK_FAMILY_IPV6;
      out->port = ntohs(in->ipv6.sin6_port);
      out->flowinfo = ntohl(in->ipv6.sin6_flowinfo);
      out->scope_id = in->ipv6.sin6_scope_id;
      decode_bytes(&in->ipv6.sin6_addr, sizeof(in->ipv6.sin6_addr), out);
      return 1;
    case AF_UNIX: {
      const size_t room = length > PATH_OFFSET ? length - PATH_OFFSET : 0;
      const size_t size = room < PATH_ROOM ? room : PATH_ROOM;
      out->family = SOCK_FAMILY_UNIX;
      decode_bytes(in->local.sun_path, strnlen(in->local.sun_path, size), out);
      return 1;
    }
    default:
      return 0;
  }
}

void sock_address_decode(const sock_system_address *in, socklen_t length, sock_address *out) {
  size_t size = length > 0 ? (size_t)length : 0;
  if (size > sizeof(in->bytes)) size = sizeof(in->bytes);
  out->family = SOCK_FAMILY_UNSPEC;
  out->port = 0;
  out->flowinfo = 0;
  out->scope_id = 0;
  out->length = 0;
  /* Connected streams give no address. */
  if (size < SYSTEM_DATA_OFFSET || decode_family(in, size, out)) return;
  if (in->any.sa_family == AF_UNSPEC) return;
  out->family = (uint16_t)(SOCK_FAMILY_SYSTEM | in->any.sa_family);
  decode_bytes(in->bytes + SYSTEM_DATA_OFFSET, size - SYSTEM_DATA_OFFSET, out);
}

#endif
