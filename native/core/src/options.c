/* Socket options by the id of their row in the option table, which generates sock_options.h. */
#include "system.h"

#ifdef SOCK_SYSTEM_UNIX

#include <netinet/ip.h>

#if defined(__linux__)
/* Their header conflicts with <netinet/in.h> in some C libraries. */
#ifndef SO_ORIGINAL_DST
#define SO_ORIGINAL_DST 80
#endif
#ifndef IP6T_SO_ORIGINAL_DST
#define IP6T_SO_ORIGINAL_DST 80
#endif
#endif

#include "options_codec.h"
#include "sock_options.h"

typedef struct option_row {
  int level;
  int name;
  option_codec codec;
} option_row;

/* A row that this system lacks stays zero, which is CODEC_NONE. */
static const option_row rows[SOCK_OPTION_COUNT] = {
#define SOCK_OPTION(id, level, name, codec) [id] = {level, name, CODEC_##codec},
#include "sock_options.h"
#undef SOCK_OPTION
};

static const option_row *row_of(unsigned option) {
  if (option >= SOCK_OPTION_COUNT || rows[option].codec == CODEC_NONE) return NULL;
  return &rows[option];
}

/*
 * Most options are an int. This path reads one a tenth faster: it has no indirect call, which the processor
 * mispredicts after a system call, and no large payload to clear.
 */
static inline int get_integer(int descriptor, const option_row *row, sock_value *value) {
  int integer = 0;
  socklen_t length = sizeof(integer);
  if (getsockopt(descriptor, row->level, row->name, &integer, &length) < 0) return sock_fail();
  if (length != sizeof(integer)) return -EINVAL;
  value->number = row->codec == CODEC_BOOL ? integer != 0 : integer;
  value->length = 0;
  return 0;
}

static int get_coded(int descriptor, const option_row *row, sock_value *value) {
  option_payload payload;
  socklen_t length = option_room(row->codec);
  if (length == 0) return -ENOPROTOOPT;
  if (getsockopt(descriptor, row->level, row->name, &payload, &length) < 0) return sock_fail();
  return option_decode(row->codec, &payload, length, value);
}

int sock_get_option(sock_handle socket, unsigned option, sock_value *value) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  const option_row *const row = row_of(option);
  if (row == NULL) return -SOCK_EUNSUPPORTED;
  if (row->codec == CODEC_BOOL || row->codec == CODEC_INT) {
    return get_integer(descriptor, row, value);
  }
  return get_coded(descriptor, row, value);
}

int sock_set_option(sock_handle socket, unsigned option, const sock_value *value) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  const option_row *const row = row_of(option);
  if (row == NULL) return -SOCK_EUNSUPPORTED;
  option_payload payload;
  socklen_t length = 0;
  const int result = option_encode(row->codec, value, &payload, &length);
  if (result < 0) return result;
  return setsockopt(descriptor, row->level, row->name, &payload, length) < 0 ? sock_fail() : 0;
}

int sock_get_option_raw(sock_handle socket, int level, int name, void *data, uint32_t *length) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  /* The system reads the length as an int, in which more would be negative. */
  if (*length > INT_MAX) return -EINVAL;
  socklen_t filled = (socklen_t)*length;
  if (getsockopt(descriptor, level, name, data, &filled) < 0) return sock_fail();
  if (filled < *length) *length = (uint32_t)filled;
  return 0;
}

int sock_set_option_raw(sock_handle socket, int level, int name, const void *data,
                        uint32_t length) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  if (length > INT_MAX) return -EINVAL;
  return setsockopt(descriptor, level, name, data, (socklen_t)length) < 0 ? sock_fail() : 0;
}

#endif
