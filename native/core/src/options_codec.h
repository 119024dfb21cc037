/* How an option's value crosses between `sock_value` and the bytes the system takes. */
#ifndef SOCK_OPTIONS_CODEC_H
#define SOCK_OPTIONS_CODEC_H

#include "system.h"

#ifdef SOCK_SYSTEM_UNIX

typedef enum option_codec {
  CODEC_NONE,
  CODEC_BOOL,
  CODEC_INT,
  CODEC_U32,
  CODEC_U8,
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
  CODEC_STRING,
  CODEC_U64,
  CODEC_BYTES,
  CODEC_ADDRESS
} option_codec;

#if !defined(__NetBSD__)
#define SOCK_HAS_IP_MREQN 1
#endif
#if defined(IP_ADD_SOURCE_MEMBERSHIP)
#define SOCK_HAS_IP_MREQ_SOURCE 1
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

#endif
#endif
