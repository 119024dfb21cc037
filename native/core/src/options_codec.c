/* The codecs of the option table, except those made of addresses (options_address.c). */
#include "options_codec.h"

#if defined(SOCK_SYSTEM_UNIX) || defined(SOCK_SYSTEM_WINDOWS)

#define MS_PER_S 1000
#define US_PER_MS 1000
#define US_PER_S 1000000
/* Longer than any process runs, and exact in a double, also in microseconds. */
#define LONGEST_TIME_MS 1e12

/* Interface names, congestion controls and protocol modules have 16 bytes with their NUL. The system cuts
   a longer name short, and what is left may be the name of another one. */
#define LONGEST_NAME 15

#define IPV4_SIZE sizeof(struct in_addr)

typedef struct codec_row {
  size_t room;
  int (*decode)(const option_payload *payload, socklen_t length, sock_value *value);
  int (*encode)(const sock_value *value, option_payload *payload, socklen_t *length);
} codec_row;

static const codec_row codecs[CODEC_COUNT] = {
#define CODEC(name, room, decode, encode) [CODEC_##name] = {room, decode, encode},
    OPTION_CODECS(CODEC)
#undef CODEC
};

#define FITS(name, room, decode, encode) \
  _Static_assert((room) <= sizeof(option_payload), "the payload holds every codec's value");
OPTION_CODECS(FITS)
#undef FITS

socklen_t option_room(option_codec codec) {
  return (socklen_t)codecs[codec].room;
}

int option_decode(option_codec codec, const option_payload *payload, socklen_t length,
                  sock_value *value) {
  value->number = 0;
  value->length = 0;
  /* The system reports a longer value than it had room for: the bytes beyond the room are not its answer. */
  if (length > option_room(codec)) return -EINVAL;
  return codecs[codec].decode(payload, length, value);
}

int option_encode(option_codec codec, const sock_value *value, option_payload *payload,
                  socklen_t *length) {
  return codecs[codec].encode(value, payload, length);
}

int option_refuse_decode(const option_payload *payload, socklen_t length, sock_value *value) {
  (void)payload, (void)length, (void)value;
  return -EINVAL;
}

/* The error that the system itself gives for an option that can only be read. */
int option_refuse_encode(const sock_value *value, option_payload *payload, socklen_t *length) {
  (void)value, (void)payload, (void)length;
  return -ENOPROTOOPT;
}

/* Integers. */

/* The system may answer with an int or with one byte, whatever the codec's own size is. */
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

int option_decode_int(const option_payload *payload, socklen_t length, sock_value *value) {
  return decode_integer(payload, length, 1, &value->number);
}

int option_decode_natural(const option_payload *payload, socklen_t length, sock_value *value) {
  return decode_integer(payload, length, 0, &value->number);
}

int option_decode_bool(const option_payload *payload, socklen_t length, sock_value *value) {
  const int result = decode_integer(payload, length, 1, &value->number);
  value->number = value->number != 0 ? 1 : 0;
  return result;
}

/* C leaves the conversion of a double outside the integer's range undefined. NaN is in no range. */
static int integer_of(double number, double lowest, double highest, int64_t *out) {
  if (!(number >= lowest && number <= highest)) return -EINVAL;
  const int64_t whole = (int64_t)number;
  if ((double)whole != number) return -EINVAL;
  *out = whole;
  return 0;
}

static int encode_integer(double number, double lowest, double highest, option_payload *payload,
                          socklen_t *length) {
  int64_t whole = 0;
  const int result = integer_of(number, lowest, highest, &whole);
  payload->natural = (unsigned)whole;
  *length = sizeof(payload->natural);
  return result;
}

int option_encode_unit(const sock_value *value, option_payload *payload, socklen_t *length) {
  (void)value;
  return encode_integer(0, 0, 0, payload, length);
}

int option_encode_bool(const sock_value *value, option_payload *payload, socklen_t *length) {
  return encode_integer(value->number, 0, 1, payload, length);
}

int option_encode_int(const sock_value *value, option_payload *payload, socklen_t *length) {
  return encode_integer(value->number, INT_MIN, INT_MAX, payload, length);
}

int option_encode_u32(const sock_value *value, option_payload *payload, socklen_t *length) {
  return encode_integer(value->number, 0, (double)UINT_MAX, payload, length);
}

int option_encode_interface_index(const sock_value *value, option_payload *payload,
                                  socklen_t *length) {
  return encode_integer(value->number, 0, INT_MAX, payload, length);
}

static int encode_multicast(double number, double highest, option_payload *payload,
                            socklen_t *length) {
  int64_t whole = 0;
  const int result = integer_of(number, 0, highest, &whole);
  if (MULTICAST_SIZE == sizeof(int)) {
    payload->integer = (int)whole;
  } else {
    payload->byte = (uint8_t)whole;
  }
  *length = MULTICAST_SIZE;
  return result;
}

int option_encode_u8(const sock_value *value, option_payload *payload, socklen_t *length) {
  return encode_multicast(value->number, UINT8_MAX, payload, length);
}

int option_encode_bool_u8(const sock_value *value, option_payload *payload, socklen_t *length) {
  return encode_multicast(value->number, 1, payload, length);
}

int option_encode_byte(const sock_value *value, option_payload *payload, socklen_t *length) {
  int64_t whole = 0;
  const int result = integer_of(value->number, 0, UINT8_MAX, &whole);
  payload->byte = (uint8_t)whole;
  *length = sizeof(payload->byte);
  return result;
}

/* Times. */

/* Cuts off the part of a second, as the systems do. */
static int seconds_of(double milliseconds, int *seconds) {
  if (!(milliseconds >= 0 && milliseconds / MS_PER_S <= INT_MAX)) return -EINVAL;
  *seconds = (int)(milliseconds / MS_PER_S);
  return 0;
}

int option_decode_seconds(const option_payload *payload, socklen_t length, sock_value *value) {
  const int result = decode_integer(payload, length, 1, &value->number);
  value->number *= MS_PER_S;
  return result;
}

int option_encode_seconds(const sock_value *value, option_payload *payload, socklen_t *length) {
  const int result = seconds_of(value->number, &payload->integer);
  /* A time above 0 never becomes 0: some options refuse 0, and for others it means "off". */
  if (result == 0 && value->number > 0 && payload->integer == 0) payload->integer = 1;
  *length = sizeof(payload->integer);
  return result;
}

int option_decode_milliseconds(const option_payload *payload, socklen_t length, sock_value *value) {
  const int result = decode_integer(payload, length, 0, &value->number);
  if (result == 0 && value->number == 0) value->number = -1;
  return result;
}

/* The system takes 0 for "for ever". So 0 is refused, and a time above 0 never becomes 0. */
int option_encode_milliseconds(const sock_value *value, option_payload *payload,
                               socklen_t *length) {
  const double number = value->number;
  *length = sizeof(payload->natural);
  payload->natural = 0;
  if (number == -1) return 0;
  if (!(number > 0 && number <= (double)UINT_MAX)) return -EINVAL;
  payload->natural = (unsigned)number;
  if ((double)payload->natural < number) payload->natural++;
  return 0;
}

#if !defined(SOCK_SYSTEM_WINDOWS)
int option_decode_timeval(const option_payload *payload, socklen_t length, sock_value *value) {
  if (length != sizeof(payload->time)) return -EINVAL;
  const double seconds = (double)payload->time.tv_sec;
  const double microseconds = (double)payload->time.tv_usec;
  const double milliseconds = seconds * MS_PER_S + microseconds / US_PER_MS;
  value->number = milliseconds > 0 ? milliseconds : -1;
  return 0;
}

int option_encode_timeval(const sock_value *value, option_payload *payload, socklen_t *length) {
  const double number = value->number;
  struct timeval *const time = &payload->time;
  *length = sizeof(*time);
  memset(time, 0, sizeof(*time));
  if (number == -1) return 0;
  if (!(number > 0 && number <= LONGEST_TIME_MS)) return -EINVAL;
  int64_t microseconds = (int64_t)(number * US_PER_MS + 0.5);
  if (microseconds == 0) microseconds = 1;
  const int64_t seconds = microseconds / US_PER_S;
  if (sizeof(time->tv_sec) == sizeof(int32_t) && seconds > INT32_MAX) return -EINVAL;
  /* The fields' types differ between systems. The checks above make both values fit. */
  time->tv_sec = (__typeof__(time->tv_sec))seconds;
  time->tv_usec = (__typeof__(time->tv_usec))(microseconds % US_PER_S);
  return 0;
}
#endif

int option_decode_linger(const option_payload *payload, socklen_t length, sock_value *value) {
  /* socklen_t is signed on some systems. */
  if ((size_t)length != sizeof(payload->linger)) return -EINVAL;
  value->number = payload->linger.l_onoff ? (double)payload->linger.l_linger * MS_PER_S : -1;
  return 0;
}

int option_encode_linger(const sock_value *value, option_payload *payload, socklen_t *length) {
  struct linger *const linger = &payload->linger;
  *length = sizeof(*linger);
  memset(linger, 0, sizeof(*linger));
  if (value->number == -1) return 0;
  int seconds = 0;
  const int result = seconds_of(value->number, &seconds);
  linger->l_onoff = 1;
  linger->l_linger = (__typeof__(linger->l_linger))seconds;
  /* Windows has 16 bits for the seconds. */
  return result == 0 && linger->l_linger != seconds ? -EINVAL : result;
}

/* Bytes. */

static int decode_exactly(const option_payload *payload, socklen_t length, size_t size,
                          sock_value *value) {
  return (size_t)length == size ? option_decode_bytes(payload, length, value) : -EINVAL;
}

int option_decode_bytes(const option_payload *payload, socklen_t length, sock_value *value) {
  value->length = (uint32_t)length;
  memcpy(value->bytes, payload->bytes, (size_t)length);
  return 0;
}

int option_decode_ipv4(const option_payload *payload, socklen_t length, sock_value *value) {
  return decode_exactly(payload, length, IPV4_SIZE, value);
}

int option_decode_u64(const option_payload *payload, socklen_t length, sock_value *value) {
  return decode_exactly(payload, length, sizeof(uint64_t), value);
}

int option_decode_string(const option_payload *payload, socklen_t length, sock_value *value) {
  const size_t size = strnlen((const char *)payload->bytes, (size_t)length);
  return option_decode_bytes(payload, (socklen_t)size, value);
}

int option_decode_address(const option_payload *payload, socklen_t length, sock_value *value) {
  sock_address address;
  memset(&address, 0, sizeof(address));
  sock_address_decode(&payload->address, length, &address);
  value->length = sizeof(address);
  memcpy(value->bytes, &address, sizeof(address));
  return 0;
}

static int encode_bytes(const sock_value *value, size_t least, size_t most, option_payload *payload,
                        socklen_t *length) {
  if (value->length < least || value->length > most) return -EINVAL;
  memcpy(payload->bytes, value->bytes, value->length);
  *length = (socklen_t)value->length;
  return 0;
}

int option_encode_bytes(const sock_value *value, option_payload *payload, socklen_t *length) {
  return encode_bytes(value, 0, SOCK_VALUE_BYTES, payload, length);
}

int option_encode_ipv4(const sock_value *value, option_payload *payload, socklen_t *length) {
  return encode_bytes(value, IPV4_SIZE, IPV4_SIZE, payload, length);
}

int option_encode_u64(const sock_value *value, option_payload *payload, socklen_t *length) {
  return encode_bytes(value, sizeof(uint64_t), sizeof(uint64_t), payload, length);
}

int option_encode_string(const sock_value *value, option_payload *payload, socklen_t *length) {
  if (value->length > LONGEST_NAME) return -ENAMETOOLONG;
  if (memchr(value->bytes, 0, value->length) != NULL) return -EINVAL;
  return encode_bytes(value, 0, LONGEST_NAME, payload, length);
}

#endif
