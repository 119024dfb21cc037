/* What comes and goes with each datagram of a batch, between control messages and the columns of `sock_columns`. */
#include "system.h"

#if defined(SOCK_SYSTEM_UNIX) || defined(SOCK_SYSTEM_WINDOWS)

/* Some C libraries' headers do not have these yet. The numbers are part of the kernel's interface. */
#if defined(__linux__)
#ifndef SO_TIMESTAMPNS
#define SO_TIMESTAMPNS 35
#endif
#ifndef SO_TIMESTAMPING
#define SO_TIMESTAMPING 37
#endif
#ifndef SO_RXQ_OVFL
#define SO_RXQ_OVFL 40
#endif
#ifndef SO_TXTIME
#define SO_TXTIME 61
#endif
#endif

/* The size of an element, in the order of the bits of `wanted`, which is the order of the columns in memory. */
static const size_t sizes[SOCK_COLUMNS] = {
    sizeof(sock_address), sizeof(sock_address), 8, 8, 8, 4, 4, 2, 1, 1, 1};

int sock_columns_layout(sock_columns *columns, uint8_t *memory, size_t length, uint32_t wanted,
                        uint32_t capacity) {
  uint8_t *place[SOCK_COLUMNS];
  size_t used = 0;
  if ((wanted & ~(uint32_t)SOCK_COLUMNS_ALL) != 0 || !(wanted & SOCK_COLUMN_FILLED)) return -EINVAL;
  if ((uintptr_t)memory % 8 != 0 || capacity == 0 || capacity > 65536) return -EINVAL;
  for (unsigned i = 0; i < SOCK_COLUMNS; i++) {
    place[i] = NULL;
    if (!(wanted & (1u << i))) continue;
    const size_t space = sizes[i] * capacity;
    if (length - used < space) return -EINVAL;
    place[i] = memory + used;
    used += space;
  }
  columns->destinations = (sock_address *)(void *)place[0];
  columns->sources = (sock_address *)(void *)place[1];
  columns->timestamps = (uint64_t *)(void *)place[2];
  columns->hardware_timestamps = (uint64_t *)(void *)place[3];
  columns->transmit_times = (uint64_t *)(void *)place[4];
  columns->interfaces = (uint32_t *)(void *)place[5];
  columns->drops = (uint32_t *)(void *)place[6];
  columns->filled = (uint16_t *)(void *)place[7];
  columns->tos = place[8];
  columns->ecn = place[9];
  columns->ttl = place[10];
  columns->whole = (wanted & SOCK_COLUMNS_WHOLE) != 0;
  return 0;
}

void sock_columns_clear(const sock_columns *columns, uint32_t index) {
  columns->filled[index] = 0;
  if (columns->destinations != NULL) {
    memset(&columns->destinations[index], 0, offsetof(sock_address, data));
  }
  if (columns->timestamps != NULL) columns->timestamps[index] = 0;
  if (columns->hardware_timestamps != NULL) columns->hardware_timestamps[index] = 0;
  if (columns->interfaces != NULL) columns->interfaces[index] = 0;
  if (columns->drops != NULL) columns->drops[index] = 0;
  if (columns->tos != NULL) columns->tos[index] = 0;
  if (columns->ecn != NULL) columns->ecn[index] = 0;
  if (columns->ttl != NULL) columns->ttl[index] = 0;
}

/* A number that some systems give as an int and others as one byte. */
static int number_of(const sock_control_part *part, uint8_t *out) {
  int32_t number = 0;
  if (part->length >= sizeof(number)) {
    memcpy(&number, part->data, sizeof(number));
  } else if (part->length >= 1) {
    number = part->data[0];
  } else {
    return 0;
  }
  *out = (uint8_t)number;
  return 1;
}

static int take_tos(const sock_columns *columns, uint32_t index, const sock_control_part *part) {
  uint8_t tos = 0;
  if (!number_of(part, &tos)) return 1;
  if (columns->tos != NULL) columns->tos[index] = tos;
  if (columns->ecn != NULL) columns->ecn[index] = tos & 3;
  columns->filled[index] |= (uint16_t)(SOCK_COLUMN_TOS | SOCK_COLUMN_ECN);
  return 1;
}

static int take_ttl(const sock_columns *columns, uint32_t index, const sock_control_part *part) {
  uint8_t ttl = 0;
  if (!number_of(part, &ttl)) return 1;
  if (columns->ttl != NULL) columns->ttl[index] = ttl;
  columns->filled[index] |= (uint16_t)SOCK_COLUMN_TTL;
  return 1;
}

static void take_destination(const sock_columns *columns, uint32_t index, uint16_t family,
                             const uint8_t *bytes, uint32_t length, uint32_t interface_index) {
  if (columns->interfaces != NULL) columns->interfaces[index] = interface_index;
  if (columns->destinations != NULL) {
    sock_address *const address = &columns->destinations[index];
    memset(address, 0, offsetof(sock_address, data));
    address->family = family;
    address->length = length;
    memcpy(address->data, bytes, length);
    /* A link-local address means nothing without its interface. */
    if (length == 16 && bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) {
      address->scope_id = interface_index;
    }
  }
  columns->filled[index] |= (uint16_t)(SOCK_COLUMN_DESTINATION | SOCK_COLUMN_INTERFACE);
}

#if defined(IP_PKTINFO)
static int take_ipv4_info(const sock_columns *columns, uint32_t index,
                          const sock_control_part *part) {
  struct in_pktinfo info;
  if (part->length < sizeof(info)) return 1;
  /* A dual-stack socket may report both. Its own family wins. */
  if (columns->filled[index] & SOCK_COLUMN_DESTINATION) return 1;
  memcpy(&info, part->data, sizeof(info));
  take_destination(columns, index, SOCK_FAMILY_IPV4, (const uint8_t *)&info.ipi_addr, 4,
                   (uint32_t)info.ipi_ifindex);
  return 1;
}
#endif

static int take_ipv6_info(const sock_columns *columns, uint32_t index,
                          const sock_control_part *part) {
  struct in6_pktinfo info;
  if (part->length < sizeof(info)) return 1;
  memcpy(&info, part->data, sizeof(info));
  take_destination(columns, index, SOCK_FAMILY_IPV6, (const uint8_t *)&info.ipi6_addr, 16,
                   (uint32_t)info.ipi6_ifindex);
  return 1;
}

static int take_ipv4(const sock_columns *columns, uint32_t index, const sock_control_part *part) {
  if (part->type == IP_TOS) return take_tos(columns, index, part);
  if (part->type == IP_TTL) return take_ttl(columns, index, part);
#if defined(SOCK_SYSTEM_BSD)
#if defined(IP_RECVTOS)
  if (part->type == IP_RECVTOS) return take_tos(columns, index, part);
#endif
  if (part->type == IP_RECVTTL) return take_ttl(columns, index, part);
#endif
#if defined(IP_PKTINFO)
  if (part->type == IP_PKTINFO) return take_ipv4_info(columns, index, part);
#endif
  return 0;
}

static int take_ipv6(const sock_columns *columns, uint32_t index, const sock_control_part *part) {
  if (part->type == IPV6_TCLASS) return take_tos(columns, index, part);
  if (part->type == IPV6_HOPLIMIT) return take_ttl(columns, index, part);
  if (part->type == IPV6_PKTINFO) return take_ipv6_info(columns, index, part);
  return 0;
}

#if defined(SOCK_SYSTEM_UNIX)

static void set_timestamp(const sock_columns *columns, uint32_t index, uint64_t *column,
                          uint32_t bit, uint64_t nanoseconds) {
  if (nanoseconds == 0) return;
  if (column != NULL) column[index] = nanoseconds;
  columns->filled[index] |= (uint16_t)bit;
}

#if defined(__linux__)
/* Reads a `struct timespec` of the kernel: two words of `size / 2` bytes. */
static uint64_t timespec_at(const uint8_t *data, size_t size) {
  if (size == 16) {
    int64_t words[2];
    memcpy(words, data, sizeof(words));
    return (uint64_t)words[0] * 1000000000u + (uint64_t)words[1];
  }
  int32_t words[2];
  memcpy(words, data, sizeof(words));
  return (uint64_t)words[0] * 1000000000u + (uint64_t)words[1];
}
#endif

static int take_socket(const sock_columns *columns, uint32_t index, const sock_control_part *part) {
#if defined(__linux__)
  if (part->type == SO_TIMESTAMPNS) {
    if (part->length != 16 && part->length != 8) return 1;
    set_timestamp(columns, index, columns->timestamps, SOCK_COLUMN_TIMESTAMP,
                  timespec_at(part->data, part->length));
    return 1;
  }
  if (part->type == SO_TIMESTAMPING) {
    const size_t size = part->length / 3;
    if (part->length % 3 != 0 || (size != 16 && size != 8)) return 1;
    set_timestamp(columns, index, columns->timestamps, SOCK_COLUMN_TIMESTAMP,
                  timespec_at(part->data, size));
    set_timestamp(columns, index, columns->hardware_timestamps, SOCK_COLUMN_HARDWARE_TIMESTAMP,
                  timespec_at(part->data + 2 * size, size));
    return 1;
  }
  if (part->type == SO_RXQ_OVFL) {
    uint32_t drops = 0;
    if (part->length < sizeof(drops)) return 1;
    memcpy(&drops, part->data, sizeof(drops));
    if (columns->drops != NULL) columns->drops[index] = drops;
    columns->filled[index] |= (uint16_t)SOCK_COLUMN_DROPS;
    return 1;
  }
#endif
#if defined(SCM_TIMESTAMP)
  if (part->type == SCM_TIMESTAMP) {
    struct timeval time;
    if (part->length < sizeof(time)) return 1;
    memcpy(&time, part->data, sizeof(time));
    set_timestamp(columns, index, columns->timestamps, SOCK_COLUMN_TIMESTAMP,
                  (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u);
    return 1;
  }
#endif
  return 0;
}

#endif

int sock_columns_take(const sock_columns *columns, uint32_t index, const sock_control_part *part) {
  if (part->level == IPPROTO_IP) return take_ipv4(columns, index, part);
  if (part->level == IPPROTO_IPV6) return take_ipv6(columns, index, part);
#if defined(SOCK_SYSTEM_UNIX)
  if (part->level == SOL_SOCKET) return take_socket(columns, index, part);
#endif
  return 0;
}

static int is_mapped(const sock_address *address) {
  static const uint8_t prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return memcmp(address->data, prefix, sizeof(prefix)) == 0;
}

int sock_columns_levels(const sock_address *destination) {
  if (destination == NULL) return SOCK_LEVEL_IPV4 | SOCK_LEVEL_IPV6;
  if (destination->family == SOCK_FAMILY_IPV4) return SOCK_LEVEL_IPV4;
  if (destination->family != SOCK_FAMILY_IPV6) return 0;
  /* The system sends to these by IPv4, and reads the control messages of IPv4. */
  return is_mapped(destination) ? SOCK_LEVEL_IPV4 : SOCK_LEVEL_IPV6;
}

typedef struct writer {
  uint8_t *out;
  size_t room;
  size_t used;
  int result;
} writer;

static void put(writer *to, int level, int type, const void *data, size_t length) {
  if (to->result < 0) return;
  to->result = sock_control_append(to->out, to->room, &to->used, level, type, data, length);
}

static void put_ipv4_info(writer *to, const uint8_t *address, uint32_t interface_index) {
#if defined(IP_PKTINFO)
  struct in_pktinfo info;
  memset(&info, 0, sizeof(info));
#if defined(SOCK_SYSTEM_WINDOWS)
  info.ipi_ifindex = interface_index;
  if (address != NULL) memcpy(&info.ipi_addr, address, 4);
#else
  /* The field is an int on Linux and unsigned on Apple's systems. */
  memcpy(&info.ipi_ifindex, &interface_index, sizeof(interface_index));
  if (address != NULL) memcpy(&info.ipi_spec_dst, address, 4);
#endif
  put(to, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
#elif defined(IP_SENDSRCADDR)
  if (interface_index != 0)
    to->result = -SOCK_EUNSUPPORTED;
  else if (address != NULL)
    put(to, IPPROTO_IP, IP_SENDSRCADDR, address, 4);
#else
  (void)address, (void)interface_index;
  to->result = -SOCK_EUNSUPPORTED;
#endif
}

static void put_ipv6_info(writer *to, const uint8_t *address, uint32_t interface_index) {
  struct in6_pktinfo info;
  memset(&info, 0, sizeof(info));
  if (address != NULL) memcpy(&info.ipi6_addr, address, 16);
  memcpy(&info.ipi6_ifindex, &interface_index, sizeof(interface_index));
  put(to, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
}

/* The source address and the interface, which cross in one control message. */
static void put_source(writer *to, const sock_columns *columns, uint32_t index, int levels) {
  uint32_t interface_index = columns->interfaces != NULL ? columns->interfaces[index] : 0;
  const sock_address *source = columns->sources != NULL ? &columns->sources[index] : NULL;
  if (source != NULL && source->family == SOCK_FAMILY_UNSPEC) source = NULL;
  const uint8_t *address = NULL;
  if (source != NULL) {
    int level = 0;
    if (source->family == SOCK_FAMILY_IPV4 && source->length == 4) {
      level = SOCK_LEVEL_IPV4;
      address = source->data;
    } else if (source->family == SOCK_FAMILY_IPV6 && source->length == 16) {
      level = is_mapped(source) ? SOCK_LEVEL_IPV4 : SOCK_LEVEL_IPV6;
      address = source->data + (level == SOCK_LEVEL_IPV4 ? 12 : 0);
      if (interface_index == 0) interface_index = source->scope_id;
    }
    levels &= level;
    if (levels == 0) {
      to->result = -EINVAL;
      return;
    }
  } else if (interface_index == 0) {
    return;
  }
  if (levels & SOCK_LEVEL_IPV4) put_ipv4_info(to, address, interface_index);
  if (levels & SOCK_LEVEL_IPV6) put_ipv6_info(to, address, interface_index);
}

static void put_number(writer *to, int levels, int ipv4, int ipv6, int32_t number) {
  if (levels & SOCK_LEVEL_IPV4) put(to, IPPROTO_IP, ipv4, &number, sizeof(number));
  if (levels & SOCK_LEVEL_IPV6) put(to, IPPROTO_IPV6, ipv6, &number, sizeof(number));
}

int64_t sock_columns_write(const sock_columns *columns, uint32_t index, int levels, uint8_t *out,
                           size_t room) {
  writer to = {out, room, 0, 0};
  if (columns->sources != NULL || columns->interfaces != NULL) {
    put_source(&to, columns, index, levels);
  }
  if (columns->tos != NULL || columns->ecn != NULL) {
    int32_t tos = columns->tos != NULL ? columns->tos[index] : 0;
    if (columns->ecn != NULL) tos = (tos & ~3) | (columns->ecn[index] & 3);
    put_number(&to, levels, IP_TOS, IPV6_TCLASS, tos);
  }
  if (columns->ttl != NULL && columns->ttl[index] != 0) {
    put_number(&to, levels, IP_TTL, IPV6_HOPLIMIT, columns->ttl[index]);
  }
  if (columns->transmit_times != NULL && columns->transmit_times[index] != 0) {
#if defined(__linux__)
    put(&to, SOL_SOCKET, SO_TXTIME, &columns->transmit_times[index], sizeof(uint64_t));
#else
    to.result = -SOCK_EUNSUPPORTED;
#endif
  }
  return to.result < 0 ? to.result : (int64_t)to.used;
}

#endif
