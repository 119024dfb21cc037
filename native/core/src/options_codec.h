/* How an option's value crosses between `sock_value` and the bytes the system takes. */
#ifndef SOCK_OPTIONS_CODEC_H
#define SOCK_OPTIONS_CODEC_H

#include "system.h"

#if defined(SOCK_SYSTEM_UNIX) || defined(SOCK_SYSTEM_WINDOWS)

typedef enum option_codec {
  CODEC_NONE,
  /* Set by setting it: there is no value, and an int is what the systems take. */
  CODEC_UNIT,
  CODEC_BOOL,
  CODEC_INT,
  CODEC_U32,
  CODEC_U8,
  /* One byte on every system. */
  CODEC_BYTE,
  CODEC_BOOL_U8,
  CODEC_SECONDS,
  CODEC_MILLISECONDS,
  CODEC_TIMEVAL,
  CODEC_LINGER,
  CODEC_ERRNO,
  CODEC_INTERFACE_INDEX,
  CODEC_IPV4,
  CODEC_IP_MREQ,
  CODEC_IP_MREQN,
  CODEC_IP_MREQ_SOURCE,
  CODEC_IPV6_MREQ,
  CODEC_IPV6_MREQ_SOURCE,
  CODEC_PACKET_MREQ,
  CODEC_TCP_MD5,
  CODEC_STRING,
  CODEC_U64,
  CODEC_BYTES,
  CODEC_ADDRESS
} option_codec;

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
/** Linux's struct tcp_md5sig, of which the C libraries have parts. */
typedef struct option_md5 {
  struct sockaddr_storage address;
  uint8_t flags;
  uint8_t prefix_length;
  uint16_t key_length;
  int32_t interface_index;
  uint8_t key[MD5_KEY_MAX];
} option_md5;
#endif

/** What getsockopt(2) and setsockopt(2) read and write, aligned for each. */
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

/** Room to offer getsockopt(2); 0 when values of the codec can only be set. */
socklen_t option_room(option_codec codec);
/** -EINVAL when the system's answer has not the length the codec says. */
int option_decode(option_codec codec, const option_payload *payload, socklen_t length,
                  sock_value *value);
/** -EINVAL or -ENAMETOOLONG when `value` is outside what the codec can say. */
int option_encode(option_codec codec, const sock_value *value, option_payload *payload,
                  socklen_t *length);

/* The codecs of memberships and signatures, which are structures of addresses. */
int option_encode_mreq(const sock_value *value, option_payload *payload, socklen_t *length);
int option_encode_mreqn(const sock_value *value, option_payload *payload, socklen_t *length);
int option_encode_mreq_source(const sock_value *value, option_payload *payload, socklen_t *length);
int option_encode_mreq6(const sock_value *value, option_payload *payload, socklen_t *length);
int option_encode_mreq6_source(const sock_value *value, option_payload *payload, socklen_t *length);
int option_encode_packet_mreq(const sock_value *value, option_payload *payload, socklen_t *length);
int option_encode_md5(const sock_value *value, option_payload *payload, socklen_t *length);

#endif
#endif
