/* How an option's value crosses between `sock_value` and the bytes the system takes. */
#ifndef SOCK_OPTIONS_CODEC_H
#define SOCK_OPTIONS_CODEC_H

#include "system.h"

#if defined(SOCK_SYSTEM_UNIX) || defined(SOCK_SYSTEM_WINDOWS)

#if !defined(__NetBSD__) && !defined(SOCK_SYSTEM_WINDOWS)
#define SOCK_HAS_IP_MREQN 1
#endif
#if defined(IP_ADD_SOURCE_MEMBERSHIP)
#define SOCK_HAS_IP_MREQ_SOURCE 1
#endif
#if defined(MCAST_JOIN_SOURCE_GROUP)
#define SOCK_HAS_GROUP_SOURCE 1
#endif

#if defined(__linux__)
#define MD5_KEY_MAX 80
/** Linux's struct tcp_md5sig, which the C libraries declare in part only. */
typedef struct option_md5 {
  struct sockaddr_storage address;
  uint8_t flags;
  uint8_t prefix_length;
  uint16_t key_length;
  int32_t interface_index;
  uint8_t key[MD5_KEY_MAX];
} option_md5;
#endif

/** What getsockopt(2) fills and setsockopt(2) reads, aligned for every kind. */
typedef union option_payload {
  int integer;
  unsigned natural;
  uint8_t byte;
  uint64_t wide;
  struct timeval time;
  struct linger linger;
  struct in_addr ipv4;
  struct ip_mreq mreq;
#if defined(SOCK_HAS_IP_MREQN)
  struct ip_mreqn mreqn;
#endif
#if defined(SOCK_HAS_IP_MREQ_SOURCE)
  struct ip_mreq_source source;
#endif
  struct ipv6_mreq mreq6;
#if defined(SOCK_HAS_GROUP_SOURCE)
  struct group_source_req group_source;
#endif
#if defined(__linux__)
  struct packet_mreq packet;
  option_md5 md5;
#endif
  sock_system_address address;
  uint8_t bytes[SOCK_VALUE_BYTES];
} option_payload;

/* Linux and Windows take IP_MULTICAST_TTL and IP_MULTICAST_LOOP as an int. The systems they came from take one byte. */
#if defined(__linux__) || defined(SOCK_SYSTEM_WINDOWS)
#define MULTICAST_SIZE sizeof(int)
#else
#define MULTICAST_SIZE sizeof(uint8_t)
#endif

/* A time-out is a DWORD of milliseconds on Windows and a struct timeval elsewhere. */
#if defined(SOCK_SYSTEM_WINDOWS)
#define TIMEVAL_ROW(ROW) \
  ROW(TIMEVAL, sizeof(DWORD), option_decode_milliseconds, option_encode_milliseconds)
#else
#define TIMEVAL_ROW(ROW) \
  ROW(TIMEVAL, sizeof(struct timeval), option_decode_timeval, option_encode_timeval)
#endif

/*
 * The codecs, one row each: the name that a row of sock_options.h gives, the room that getsockopt(2)
 * gets, the function that reads what it filled, the function that makes what setsockopt(2) takes. To add
 * a codec, add a row and its functions: the numbers, the declarations and the table follow from the rows.
 *
 * A codec whose values can only be set has no room; option_refuse_decode stands where it would read. A
 * codec whose values can only be read has option_refuse_encode. WASI has no codecs: its host takes typed
 * values, so nothing crosses as bytes (wasi_options.c).
 */
/* clang-format off */
#define OPTION_CODECS(ROW)                                                                              \
  /* A row of the option table that this system lacks. */                                               \
  ROW(NONE,             0,                           option_refuse_decode,        option_refuse_encode) \
  /* No value: setting the option is the act. The systems take an int. */                               \
  ROW(UNIT,             0,                           option_refuse_decode,        option_encode_unit) \
  ROW(BOOL,             sizeof(int),                 option_decode_bool,          option_encode_bool) \
  ROW(INT,              sizeof(int),                 option_decode_int,           option_encode_int) \
  ROW(U32,              sizeof(int),                 option_decode_natural,       option_encode_u32) \
  ROW(U8,               MULTICAST_SIZE,              option_decode_natural,       option_encode_u8) \
  ROW(BOOL_U8,          MULTICAST_SIZE,              option_decode_bool,          option_encode_bool_u8) \
  /* One byte on every system. */                                                                       \
  ROW(BYTE,             0,                           option_refuse_decode,        option_encode_byte) \
  ROW(SECONDS,          sizeof(int),                 option_decode_seconds,       option_encode_seconds) \
  ROW(MILLISECONDS,     sizeof(int),                 option_decode_milliseconds,  option_encode_milliseconds) \
  TIMEVAL_ROW(ROW)                                                                                      \
  ROW(LINGER,           sizeof(struct linger),       option_decode_linger,        option_encode_linger) \
  ROW(ERRNO,            sizeof(int),                 option_decode_int,           option_refuse_encode) \
  ROW(INTERFACE_INDEX,  sizeof(int),                 option_decode_natural,       option_encode_interface_index) \
  ROW(IPV4,             sizeof(struct in_addr),      option_decode_ipv4,          option_encode_ipv4) \
  ROW(IP_MREQ,          0,                           option_refuse_decode,        option_encode_mreq) \
  ROW(IP_MREQN,         0,                           option_refuse_decode,        option_encode_mreqn) \
  ROW(IP_MREQ_SOURCE,   0,                           option_refuse_decode,        option_encode_mreq_source) \
  ROW(IPV6_MREQ,        0,                           option_refuse_decode,        option_encode_mreq6) \
  ROW(IPV6_MREQ_SOURCE, 0,                           option_refuse_decode,        option_encode_mreq6_source) \
  ROW(PACKET_MREQ,      0,                           option_refuse_decode,        option_encode_packet_mreq) \
  ROW(TCP_MD5,          0,                           option_refuse_decode,        option_encode_md5) \
  ROW(STRING,           SOCK_VALUE_BYTES,            option_decode_string,        option_encode_string) \
  ROW(U64,              sizeof(uint64_t),            option_decode_u64,           option_encode_u64) \
  ROW(BYTES,            SOCK_VALUE_BYTES,            option_decode_bytes,         option_encode_bytes) \
  ROW(ADDRESS,          sizeof(sock_system_address), option_decode_address,       option_refuse_encode)
/* clang-format on */

typedef enum option_codec {
#define NUMBER(name, room, decode, encode) CODEC_##name,
  OPTION_CODECS(NUMBER)
#undef NUMBER
      CODEC_COUNT
} option_codec;

/* Several rows may name one function: C allows a declaration to be repeated. */
#define DECLARE(name, room, decode, encode)                                       \
  int decode(const option_payload *payload, socklen_t length, sock_value *value); \
  int encode(const sock_value *value, option_payload *payload, socklen_t *length);
OPTION_CODECS(DECLARE)
#undef DECLARE

/** Room to offer getsockopt(2). 0 if values of the codec can only be set. */
socklen_t option_room(option_codec codec);
/** -EINVAL if the system's answer does not have the length that the codec expects. */
int option_decode(option_codec codec, const option_payload *payload, socklen_t length,
                  sock_value *value);
/** -EINVAL or -ENAMETOOLONG if `value` is out of the codec's range. -ENOPROTOOPT if values can only be read. */
int option_encode(option_codec codec, const sock_value *value, option_payload *payload,
                  socklen_t *length);

#endif
#endif
