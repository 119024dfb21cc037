/* The codecs of the option table. */
#include "options_codec.h"

#if defined(SOCK_SYSTEM_UNIX) || defined(SOCK_SYSTEM_WINDOWS)

#define MS_PER_S 1000
#define US_PER_MS 1000
#define US_PER_S 1000000
/* Longer than any process runs, and exact in a double, in microseconds too. */
#define LONGEST_TIME_MS 1e12

/* Linux and Windows take IP_MULTICAST_TTL and _LOOP as an int; the systems they came from take one byte. */
#if defined(__linux__) || defined(SOCK_SYSTEM_WINDOWS)
#define MULTICAST_SIZE sizeof(int)
#else
#define MULTICAST_SIZE sizeof(uint8_t)
#endif

/* A time-out is a DWORD of milliseconds on Windows, and a struct timeval elsewhere. */
#if defined(SOCK_SYSTEM_WINDOWS)
#define TIME_OUT_SIZE sizeof(DWORD)
#else
#define TIME_OUT_SIZE sizeof(struct timeval)
#endif

/* Interface names, congestion controls and protocol modules all have 16 bytes with their NUL. A
   longer name would be cut short by the system, and could then be that of another one. */
#define LONGEST_NAME 15

#define IPV4_SIZE sizeof(struct in_addr)

socklen_t option_room(option_codec codec) {
  switch (codec) {
    case CODEC_BOOL:
    case CODEC_INT:
    case CODEC_U32:
    case CODEC_SECONDS:
    case CODEC_MILLISECONDS:
    case CODEC_ERRNO:
    case CODEC_INTERFACE_INDEX:
      return sizeof(int);
    case CODEC_U8:
    case CODEC_BOOL_U8:
      return MULTICAST_SIZE;
    case CODEC_TIMEVAL:
      return TIME_OUT_SIZE;
    case CODEC_LINGER:
      return sizeof(struct linger);
    case CODEC_IPV4:
      return IPV4_SIZE;
    case CODEC_U64:
      return sizeof(uint64_t);
    case CODEC_STRING:
    case CODEC_BYTES:
      return SOCK_VALUE_BYTES;
    case CODEC_ADDRESS:
      return sizeof(sock_system_address);
    case CODEC_NONE:
    case CODEC_UNIT:
    case CODEC_BYTE:
    case CODEC_IP_MREQ:
    case CODEC_IP_MREQN:
    case CODEC_IP_MREQ_SOURCE:
    case CODEC_IPV6_MREQ:
    case CODEC_IPV6_MREQ_SOURCE:
    case CODEC_PACKET_MREQ:
    case CODEC_TCP_MD5:
      return 0;
  }
  return 0;
}

/* An integer of whichever width the system answered with. */
static int decode_integer(const option_payload *payload, socklen_t length, int is_signed,
                          double *number) {
  if (length == sizeof(int)) {
    *number = is_signed ? payload->integer : (double)payload->natural;
    return 0;
  }
  if (length == sizeof(uint8_t)) {
    *number = payload->byte;
    return 0;
  }
  return -EINVAL;
}

static int decode_milliseconds(const option_payload *payload, socklen_t length, double *number) {
  const int result = decode_integer(payload, length, 0, number);
  if (result == 0 && *number == 0) *number = -1;
  return result;
}

static int decode_bytes(const void *bytes, size_t size, sock_value *value) {
  value->length = (uint32_t)size;
  memcpy(value->bytes, bytes, size);
  return 0;
}

#if !defined(SOCK_SYSTEM_WINDOWS)
static int decode_timeval(const option_payload *payload, socklen_t length, double *number) {
  if (length != sizeof(payload->time)) return -EINVAL;
  const double seconds = (double)payload->time.tv_sec;
  const double microseconds = (double)payload->time.tv_usec;
  const double milliseconds = seconds * MS_PER_S + microseconds / US_PER_MS;
  *number = milliseconds > 0 ? milliseconds : -1;
  return 0;
}
#endif

int option_decode(option_codec codec, const option_payload *payload, socklen_t length,
                  sock_value *value) {
  double *const number = &value->number;
  /* socklen_t is signed on some systems. */
  const size_t size = (size_t)length;
  int result = 0;
  value->number = 0;
  value->length = 0;
  /* More than it was offered: what is behind its room is not the system's answer. */
  if (length > option_room(codec)) return -EINVAL;
  switch (codec) {
    case CODEC_BOOL:
    case CODEC_BOOL_U8:
      result = decode_integer(payload, length, 1, number);
      *number = *number != 0 ? 1 : 0;
      return result;
    case CODEC_INT:
      return decode_integer(payload, length, 1, number);
    case CODEC_U32:
    case CODEC_U8:
    case CODEC_INTERFACE_INDEX:
      return decode_integer(payload, length, 0, number);
    case CODEC_ERRNO:
      return decode_integer(payload, length, 1, number);
    case CODEC_SECONDS:
      result = decode_integer(payload, length, 1, number);
      *number *= MS_PER_S;
      return result;
    case CODEC_MILLISECONDS:
      return decode_milliseconds(payload, length, number);
    case CODEC_TIMEVAL:
#if defined(SOCK_SYSTEM_WINDOWS)
      return decode_milliseconds(payload, length, number);
#else
      return decode_timeval(payload, length, number);
#endif
    case CODEC_LINGER:
      if (size != sizeof(payload->linger)) return -EINVAL;
      *number = payload->linger.l_onoff ? (double)payload->linger.l_linger * MS_PER_S : -1;
      return 0;
    case CODEC_IPV4:
      return size == IPV4_SIZE ? decode_bytes(payload->bytes, size, value) : -EINVAL;
    case CODEC_U64:
      return size == sizeof(uint64_t) ? decode_bytes(payload->bytes, size, value) : -EINVAL;
    case CODEC_STRING:
      return decode_bytes(payload->bytes, strnlen((const char *)payload->bytes, size), value);
    case CODEC_BYTES:
      return decode_bytes(payload->bytes, size, value);
    case CODEC_ADDRESS: {
      sock_address address;
      memset(&address, 0, sizeof(address));
      sock_address_decode(&payload->address, length, &address);
      return decode_bytes(&address, sizeof(address), value);
    }
    case CODEC_NONE:
    case CODEC_UNIT:
    case CODEC_BYTE:
    case CODEC_IP_MREQ:
    case CODEC_IP_MREQN:
    case CODEC_IP_MREQ_SOURCE:
    case CODEC_IPV6_MREQ:
    case CODEC_IPV6_MREQ_SOURCE:
    case CODEC_PACKET_MREQ:
    case CODEC_TCP_MD5:
      break;
  }
  return -EINVAL;
}

/* A conversion from double is undefined outside the integer's range, and NaN is inside none. */
static int encode_integer(double number, double lowest, double highest, int64_t *out) {
  if (!(number >= lowest && number <= highest)) return -EINVAL;
  const int64_t whole = (int64_t)number;
  if ((double)whole != number) return -EINVAL;
  *out = whole;
  return 0;
}

static int encode_int(double number, double lowest, double highest, option_payload *payload,
                      socklen_t *length) {
  int64_t whole = 0;
  const int result = encode_integer(number, lowest, highest, &whole);
  payload->natural = (unsigned)whole;
  *length = sizeof(payload->natural);
  return result;
}

static int encode_multicast(double number, double highest, option_payload *payload,
                            socklen_t *length) {
  int64_t whole = 0;
  const int result = encode_integer(number, 0, highest, &whole);
  if (MULTICAST_SIZE == sizeof(int)) {
    payload->integer = (int)whole;
  } else {
    payload->byte = (uint8_t)whole;
  }
  *length = MULTICAST_SIZE;
  return result;
}

static int encode_byte(double number, option_payload *payload, socklen_t *length) {
  int64_t whole = 0;
  const int result = encode_integer(number, 0, UINT8_MAX, &whole);
  payload->byte = (uint8_t)whole;
  *length = sizeof(payload->byte);
  return result;
}

/* Whole seconds, the rest cut off as the systems themselves do. */
static int seconds_of(double milliseconds, int *seconds) {
  if (!(milliseconds >= 0 && milliseconds / MS_PER_S <= INT_MAX)) return -EINVAL;
  *seconds = (int)(milliseconds / MS_PER_S);
  return 0;
}

/* 0 would mean "for ever" to the system, so it is refused and a time above 0 never becomes 0. */
static int encode_milliseconds(double number, option_payload *payload, socklen_t *length) {
  *length = sizeof(payload->natural);
  payload->natural = 0;
  if (number == -1) return 0;
  if (!(number > 0 && number <= (double)UINT_MAX)) return -EINVAL;
  payload->natural = (unsigned)number;
  if ((double)payload->natural < number) payload->natural++;
  return 0;
}

#if !defined(SOCK_SYSTEM_WINDOWS)
static int encode_timeval(double number, struct timeval *time, socklen_t *length) {
  *length = sizeof(*time);
  memset(time, 0, sizeof(*time));
  if (number == -1) return 0;
  if (!(number > 0 && number <= LONGEST_TIME_MS)) return -EINVAL;
  int64_t microseconds = (int64_t)(number * US_PER_MS + 0.5);
  if (microseconds == 0) microseconds = 1;
  const int64_t seconds = microseconds / US_PER_S;
  if (sizeof(time->tv_sec) == sizeof(int32_t) && seconds > INT32_MAX) return -EINVAL;
  /* The fields' types differ between systems, but both hold what is checked above. */
  time->tv_sec = (__typeof__(time->tv_sec))seconds;
  time->tv_usec = (__typeof__(time->tv_usec))(microseconds % US_PER_S);
  return 0;
}
#endif

static int encode_linger(double number, struct linger *linger, socklen_t *length) {
  *length = sizeof(*linger);
  memset(linger, 0, sizeof(*linger));
  if (number == -1) return 0;
  int seconds = 0;
  const int result = seconds_of(number, &seconds);
  linger->l_onoff = 1;
  linger->l_linger = (__typeof__(linger->l_linger))seconds;
  /* Windows counts in 16 bits. */
  return result == 0 && linger->l_linger != seconds ? -EINVAL : result;
}

static int encode_bytes(const sock_value *value, size_t least, size_t most, option_payload *payload,
                        socklen_t *length) {
  if (value->length < least || value->length > most) return -EINVAL;
  memcpy(payload->bytes, value->bytes, value->length);
  *length = (socklen_t)value->length;
  return 0;
}

static int encode_name(const sock_value *value, option_payload *payload, socklen_t *length) {
  if (value->length > LONGEST_NAME) return -ENAMETOOLONG;
  if (memchr(value->bytes, 0, value->length) != NULL) return -EINVAL;
  memcpy(payload->bytes, value->bytes, value->length);
  *length = (socklen_t)value->length;
  return 0;
}

int option_encode(option_codec codec, const sock_value *value, option_payload *payload,
                  socklen_t *length) {
  const double number = value->number;
  int result = 0;
  switch (codec) {
    case CODEC_BOOL:
      return encode_int(number, 0, 1, payload, length);
    case CODEC_INT:
      return encode_int(number, INT_MIN, INT_MAX, payload, length);
    case CODEC_U32:
      return encode_int(number, 0, (double)UINT_MAX, payload, length);
    case CODEC_INTERFACE_INDEX:
      return encode_int(number, 0, INT_MAX, payload, length);
    case CODEC_U8:
      return encode_multicast(number, UINT8_MAX, payload, length);
    case CODEC_BOOL_U8:
      return encode_multicast(number, 1, payload, length);
    case CODEC_SECONDS:
      result = seconds_of(number, &payload->integer);
      /* A time above 0 never becomes 0, which some options refuse and others take for "off". */
      if (result == 0 && number > 0 && payload->integer == 0) payload->integer = 1;
      *length = sizeof(payload->integer);
      return result;
    case CODEC_MILLISECONDS:
      return encode_milliseconds(number, payload, length);
    case CODEC_TIMEVAL:
#if defined(SOCK_SYSTEM_WINDOWS)
      return encode_milliseconds(number, payload, length);
#else
      return encode_timeval(number, &payload->time, length);
#endif
    case CODEC_LINGER:
      return encode_linger(number, &payload->linger, length);
    case CODEC_IPV4:
      return encode_bytes(value, IPV4_SIZE, IPV4_SIZE, payload, length);
    case CODEC_U64:
      return encode_bytes(value, sizeof(uint64_t), sizeof(uint64_t), payload, length);
    case CODEC_BYTES:
      return encode_bytes(value, 0, SOCK_VALUE_BYTES, payload, length);
    case CODEC_STRING:
      return encode_name(value, payload, length);
    case CODEC_IP_MREQ:
      return option_encode_mreq(value, payload, length);
    case CODEC_IP_MREQN:
      return option_encode_mreqn(value, payload, length);
    case CODEC_IP_MREQ_SOURCE:
      return option_encode_mreq_source(value, payload, length);
    case CODEC_IPV6_MREQ:
      return option_encode_mreq6(value, payload, length);
    case CODEC_IPV6_MREQ_SOURCE:
      return option_encode_mreq6_source(value, payload, length);
    case CODEC_PACKET_MREQ:
      return option_encode_packet_mreq(value, payload, length);
    case CODEC_TCP_MD5:
      return option_encode_md5(value, payload, length);
    case CODEC_UNIT:
      return encode_int(0, 0, 0, payload, length);
    case CODEC_BYTE:
      return encode_byte(number, payload, length);
    case CODEC_NONE:
    case CODEC_ERRNO:
    case CODEC_ADDRESS:
      break;
  }
  /* What the system answers when an option can only be read. */
  return -ENOPROTOOPT;
}

#endif
