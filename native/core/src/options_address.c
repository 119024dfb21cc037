/* The codecs of options whose values are structures of addresses: memberships and signatures. */
#include "options_codec.h"

#if defined(SOCK_SYSTEM_UNIX) || defined(SOCK_SYSTEM_WINDOWS)

#define IPV4_SIZE sizeof(struct in_addr)
#define IPV6_SIZE sizeof(struct in6_addr)

/* Reads an interface index, which must be a whole number. NaN is in no range. */
static int index_of(double number, int *index) {
  if (!(number >= 0 && number <= INT_MAX)) return -EINVAL;
  *index = (int)number;
  return (double)*index == number ? 0 : -EINVAL;
}

int option_encode_mreq(const sock_value *value, option_payload *payload, socklen_t *length) {
  if (value->length != 2 * IPV4_SIZE || value->number != 0) return -EINVAL;
  memcpy(&payload->mreq.imr_multiaddr, value->bytes, IPV4_SIZE);
  memcpy(&payload->mreq.imr_interface, value->bytes + IPV4_SIZE, IPV4_SIZE);
  *length = sizeof(payload->mreq);
  return 0;
}

int option_encode_mreqn(const sock_value *value, option_payload *payload, socklen_t *length) {
#if defined(SOCK_HAS_IP_MREQN)
  int index = 0;
  if (value->length != 2 * IPV4_SIZE) return -EINVAL;
  const int result = index_of(value->number, &index);
  memcpy(&payload->mreqn.imr_multiaddr, value->bytes, IPV4_SIZE);
  memcpy(&payload->mreqn.imr_address, value->bytes + IPV4_SIZE, IPV4_SIZE);
  payload->mreqn.imr_ifindex = index;
  *length = sizeof(payload->mreqn);
  return result;
#else
  return value->number == 0 ? option_encode_mreq(value, payload, length) : -SOCK_EUNSUPPORTED;
#endif
}

int option_encode_mreq_source(const sock_value *value, option_payload *payload, socklen_t *length) {
#if defined(SOCK_HAS_IP_MREQ_SOURCE)
  if (value->length != 3 * IPV4_SIZE) return -EINVAL;
  /* By name, because the order of the fields differs between systems. */
  memcpy(&payload->source.imr_multiaddr, value->bytes, IPV4_SIZE);
  memcpy(&payload->source.imr_interface, value->bytes + IPV4_SIZE, IPV4_SIZE);
  memcpy(&payload->source.imr_sourceaddr, value->bytes + 2 * IPV4_SIZE, IPV4_SIZE);
  *length = sizeof(payload->source);
  return 0;
#else
  (void)value;
  (void)payload;
  (void)length;
  return -SOCK_EUNSUPPORTED;
#endif
}

int option_encode_mreq6(const sock_value *value, option_payload *payload, socklen_t *length) {
  struct ipv6_mreq *const mreq = &payload->mreq6;
  int index = 0;
  if (value->length != IPV6_SIZE) return -EINVAL;
  const int result = index_of(value->number, &index);
  memcpy(&mreq->ipv6mr_multiaddr, value->bytes, IPV6_SIZE);
  mreq->ipv6mr_interface = (__typeof__(mreq->ipv6mr_interface))index;
  *length = sizeof(*mreq);
  return result;
}

#if defined(SOCK_HAS_GROUP_SOURCE)
static void put_ipv6(const uint8_t *bytes, struct sockaddr_storage *out) {
  struct sockaddr_in6 address;
  memset(&address, 0, sizeof(address));
#if defined(SOCK_SYSTEM_BSD)
  address.sin6_len = sizeof(address);
#endif
  address.sin6_family = AF_INET6;
  memcpy(&address.sin6_addr, bytes, IPV6_SIZE);
  memcpy(out, &address, sizeof(address));
}
#endif

int option_encode_mreq6_source(const sock_value *value, option_payload *payload,
                               socklen_t *length) {
#if defined(SOCK_HAS_GROUP_SOURCE)
  int index = 0;
  if (value->length != 2 * IPV6_SIZE) return -EINVAL;
  const int result = index_of(value->number, &index);
  memset(&payload->group_source, 0, sizeof(payload->group_source));
  payload->group_source.gsr_interface = (uint32_t)index;
  put_ipv6(value->bytes, &payload->group_source.gsr_group);
  put_ipv6(value->bytes + IPV6_SIZE, &payload->group_source.gsr_source);
  *length = sizeof(payload->group_source);
  return result;
#else
  (void)value;
  (void)payload;
  (void)length;
  return -SOCK_EUNSUPPORTED;
#endif
}

/* `number` is the interface index. `bytes` has the kind of membership (2 bytes) and the link-layer address. */
int option_encode_packet_mreq(const sock_value *value, option_payload *payload, socklen_t *length) {
#if defined(__linux__)
  struct packet_mreq *const mreq = &payload->packet;
  uint16_t kind = 0;
  int index = 0;
  if (value->length < sizeof(kind)) return -EINVAL;
  const size_t size = value->length - sizeof(kind);
  if (size > sizeof(mreq->mr_address)) return -EINVAL;
  const int result = index_of(value->number, &index);
  memset(mreq, 0, sizeof(*mreq));
  memcpy(&kind, value->bytes, sizeof(kind));
  mreq->mr_ifindex = index;
  mreq->mr_type = kind;
  mreq->mr_alen = (unsigned short)size;
  memcpy(mreq->mr_address, value->bytes + sizeof(kind), size);
  *length = sizeof(*mreq);
  return result;
#else
  (void)value;
  (void)payload;
  (void)length;
  return -SOCK_EUNSUPPORTED;
#endif
}

#if defined(__linux__)
static int put_address(const uint8_t *bytes, size_t size, struct sockaddr_storage *out) {
  sock_address address;
  sock_system_address system;
  socklen_t length = 0;
  memset(&address, 0, sizeof(address));
  if (size != IPV4_SIZE && size != IPV6_SIZE) return -EINVAL;
  address.family = size == IPV4_SIZE ? SOCK_FAMILY_IPV4 : SOCK_FAMILY_IPV6;
  address.length = (uint32_t)size;
  memcpy(address.data, bytes, size);
  const int result = sock_address_encode(&address, &system, &length);
  memcpy(out, &system.storage, sizeof(*out));
  return result;
}
#endif

/* `number` is the prefix length, or -1. `bytes` has the size of the address (1 byte), the address and the key. */
int option_encode_md5(const sock_value *value, option_payload *payload, socklen_t *length) {
#if defined(__linux__)
  option_md5 *const md5 = &payload->md5;
  const uint8_t *bytes = value->bytes;
  const size_t address_size = value->length > 0 ? *bytes++ : 0;
  if (value->length < 1 + address_size) return -EINVAL;
  const size_t key_size = value->length - 1 - address_size;
  if (key_size > sizeof(md5->key)) return -EINVAL;
  memset(md5, 0, sizeof(*md5));
  const int result = put_address(bytes, address_size, &md5->address);
  if (result < 0) return result;
  if (value->number != -1) {
    if (!(value->number >= 0 && value->number <= UINT8_MAX)) return -EINVAL;
    md5->flags = 1; /* TCP_MD5SIG_FLAG_PREFIX */
    md5->prefix_length = (uint8_t)value->number;
    if (md5->prefix_length != value->number) return -EINVAL;
  }
  md5->key_length = (uint16_t)key_size;
  memcpy(md5->key, bytes + address_size, key_size);
  *length = sizeof(*md5);
  return 0;
#else
  (void)value;
  (void)payload;
  (void)length;
  return -SOCK_EUNSUPPORTED;
#endif
}

#endif
