/* Socket options of Windows by the id of their row in the option table, which generates sock_options.h. */
#include "system.h"

#ifdef SOCK_SYSTEM_WINDOWS

#include "options_codec.h"
#include "sock_options.h"

typedef struct option_row {
  int level;
  int name;
  option_codec codec;
} option_row;

/* A row that this system lacks stays zero, which is CODEC_NONE. */
static const option_row rows[SOCK_OPTION_COUNT] = {
#define SOCK_OPTION(id, level, name, codec) [id] = {level, (int)(name), CODEC_##codec},
#include "sock_options.h"
#undef SOCK_OPTION
};

static const option_row *row_of(unsigned option) {
  if (option >= SOCK_OPTION_COUNT || rows[option].codec == CODEC_NONE) return NULL;
  return &rows[option];
}

/* Windows has SO_DOMAIN and SO_PROTOCOL as fields of SO_PROTOCOL_INFOW. */
static int get_protocol_info(SOCKET socket, unsigned option, sock_value *value) {
  WSAPROTOCOL_INFOW info;
  const int result = sock_protocol_info(socket, &info);
  if (result < 0) return result;
  value->number = option == SOCK_OPTION_DOMAIN ? info.iAddressFamily : info.iProtocol;
  value->length = 0;
  return 0;
}

int sock_get_option(sock_handle socket, unsigned option, sock_value *value) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  const option_row *const row = row_of(option);
  if (row == NULL) return -SOCK_EUNSUPPORTED;
  if (option == SOCK_OPTION_DOMAIN || option == SOCK_OPTION_PROTOCOL) {
    return get_protocol_info(number, option, value);
  }
  option_payload payload;
  socklen_t length = option_room(row->codec);
  if (length == 0) return -ENOPROTOOPT;
  memset(&payload, 0, sizeof(payload));
  if (getsockopt(number, row->level, row->name, (char *)&payload, &length) != 0) return sock_fail();
  const int result = option_decode(row->codec, &payload, length, value);
  if (result == 0 && row->codec == CODEC_ERRNO) {
    value->number = sock_error_number((int)value->number);
  }
  return result;
}

/* The largest datagram over IPv4. Joined datagrams must not exceed it: UDP_RECV_MAX_COALESCED_SIZE. */
#define COALESCED_MAX 65507

/* Before Windows 10 1709 an ioctl sets the time of keep-alive, and nothing else of keep-alive can be set. */
static int set_keepalive_time(SOCKET socket, DWORD seconds) {
  struct tcp_keepalive values = {1, seconds * 1000, 1000};
  DWORD filled = 0;
  return WSAIoctl(socket, SIO_KEEPALIVE_VALS, &values, sizeof(values), NULL, 0, &filled, NULL,
                  NULL) != 0
             ? sock_fail()
             : 0;
}

static int set_by_ioctl(SOCKET socket, DWORD code, option_payload *payload, socklen_t length) {
  DWORD filled = 0;
  return WSAIoctl(socket, code, payload, (DWORD)length, NULL, 0, &filled, NULL, NULL) != 0
             ? sock_fail()
             : 0;
}

int sock_set_option(sock_handle socket, unsigned option, const sock_value *value) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  const option_row *const row = row_of(option);
  if (row == NULL) return -SOCK_EUNSUPPORTED;
  option_payload payload;
  socklen_t length = 0;
  memset(&payload, 0, sizeof(payload));
  int result = option_encode(row->codec, value, &payload, &length);
  if (result < 0) return result;
  /* On unix the value is a switch. On Windows it is the most bytes that joined datagrams may have together. */
  if (option == SOCK_OPTION_UDP_GRO && payload.natural != 0) payload.natural = COALESCED_MAX;
  if (option == SOCK_OPTION_TCP_ACK_FREQUENCY) {
    return set_by_ioctl(number, (DWORD)row->name, &payload, sizeof(payload.byte));
  }
  if (setsockopt(number, row->level, row->name, (const char *)&payload, length) == 0) return 0;
  result = sock_fail();
  if (option == SOCK_OPTION_TCP_KEEPALIVE_TIME && result == -ENOPROTOOPT) {
    return set_keepalive_time(number, payload.natural);
  }
  return result;
}

int sock_get_option_raw(sock_handle socket, int level, int name, void *data, uint32_t *length) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  if (*length > INT_MAX) return -EINVAL;
  int filled = (int)*length;
  if (getsockopt(number, level, name, data, &filled) != 0) return sock_fail();
  if (filled >= 0 && (uint32_t)filled < *length) *length = (uint32_t)filled;
  return 0;
}

int sock_set_option_raw(sock_handle socket, int level, int name, const void *data,
                        uint32_t length) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  if (length > INT_MAX) return -EINVAL;
  return setsockopt(number, level, name, data, (int)length) != 0 ? sock_fail() : 0;
}

#endif
