/* Every row of the option table, on every kind of socket, with all sorts of values. */
#include "expect.h"

#include <netinet/ip.h>

#include "options_codec.h"
#include "sock_options.h"

typedef struct row {
  unsigned id;
  int level;
  int name;
  option_codec codec;
  const char *text;
} row;

static const row rows[] = {
#define SOCK_OPTION(id, level, name, codec) {id, level, name, CODEC_##codec, #name},
#include "sock_options.h"
#undef SOCK_OPTION
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

typedef struct kind {
  int domain;
  int type;
  int protocol;
} kind;

static const kind kinds[] = {
    {AF_INET, SOCK_STREAM, 0},
    {AF_INET6, SOCK_STREAM, 0},
    {AF_INET, SOCK_DGRAM, 0},
    {AF_INET6, SOCK_DGRAM, 0},
    {AF_UNIX, SOCK_STREAM, 0},
    {AF_UNIX, SOCK_DGRAM, 0},
    {AF_INET, SOCK_RAW, IPPROTO_ICMP},
    {AF_INET6, SOCK_RAW, IPPROTO_ICMPV6},
#if defined(__linux__)
    {AF_PACKET, SOCK_RAW, 0},
    {AF_NETLINK, SOCK_RAW, NETLINK_ROUTE},
    {AF_VSOCK, SOCK_STREAM, 0},
    {AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE},
    {AF_INET, 6 /* SOCK_DCCP */, 33 /* IPPROTO_DCCP */},
#endif
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* Negative for a kind that this machine lacks or that needs privileges. */
static sock_handle open_kind(size_t at) {
  return sock_open(kinds[at].domain, kinds[at].type, kinds[at].protocol, 0);
}

static int is_system_error(int result) {
  for (const sock_constant *error = sock_errors; error->name != NULL; error++) {
    if (error->value == -result) return 1;
  }
  return 0;
}

/* Reports a row that fails. A row that holds counts once, not once for each value. */
static int row_holds(int holds, const row *row, const char *what, int result) {
  char text[200];
  if (holds) return 1;
  snprintf(text, sizeof(text), "row %u (%s) %s: %d", row->id, row->text, what, result);
  expect_note(0, __FILE__, __LINE__, text);
  return 0;
}

static void some_rows_are_compiled(void) {
  /* Rows that every system has. A missing header would lose them all. */
  EXPECT(ROWS >= 30);
#if defined(__linux__)
  EXPECT(ROWS >= 150);
#endif
}

/* The result must be that of the system call, so no row can have a wrong codec. */
static int reads_as_the_system(sock_handle socket, const row *row) {
  sock_value value = {.number = 77, .length = UINT32_MAX};
  const int result = sock_get_option(socket, row->id, &value);
  option_payload payload;
  uint32_t length = option_room(row->codec);
  memset(&payload, 0, sizeof(payload));
  const int raw = length == 0
                      ? -ENOPROTOOPT
                      : sock_get_option_raw(socket, row->level, row->name, &payload, &length);
  int holds = row_holds(result == 0 || is_system_error(result), row, "reads as", result);
  holds &= row_holds(result == raw, row, "reads unlike getsockopt(2)", result);
  if (result != 0) return holds;
  holds &= row_holds(value.length <= SOCK_VALUE_BYTES, row, "reads too much", (int)value.length);
  const int number = payload.integer;
  if (row->codec == CODEC_INT) {
    holds &= row_holds(value.number == number, row, "reads another number", number);
  }
  if (row->codec == CODEC_BOOL) {
    holds &= row_holds(value.number == (number != 0), row, "reads the opposite", number);
  }
  if (row->codec == CODEC_BYTES) {
    holds &= row_holds(value.length == length, row, "reads another length", (int)value.length);
  }
  return holds;
}

static void every_row_reads_as_the_system_answers(void) {
  for (size_t k = 0; k < KINDS; k++) {
    const sock_handle socket = open_kind(k);
    if (socket < 0) continue;
    for (size_t i = 0; i < ROWS; i++) EXPECT(reads_as_the_system(socket, &rows[i]));
    EXPECT_EQUAL(sock_close(socket), 0);
  }
}

static int has_row(unsigned id) {
  for (size_t i = 0; i < ROWS; i++) {
    if (rows[i].id == id) return 1;
  }
  return 0;
}

static void ids_without_a_row_are_unsupported(void) {
  static const unsigned beyond[] = {
      SOCK_OPTION_COUNT, SOCK_OPTION_COUNT + 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
  const sock_handle socket = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  sock_value value = {.number = 77};
  int without = 0;
  for (unsigned id = 0; id < SOCK_OPTION_COUNT; id++) {
    if (has_row(id)) continue;
    EXPECT_EQUAL(sock_get_option(socket, id, &value), -SOCK_EUNSUPPORTED);
    EXPECT_EQUAL(sock_set_option(socket, id, &value), -SOCK_EUNSUPPORTED);
    without++;
  }
  EXPECT(without > 0);
  for (size_t i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++) {
    EXPECT_EQUAL(sock_get_option(socket, beyond[i], &value), -SOCK_EUNSUPPORTED);
    EXPECT_EQUAL(sock_set_option(socket, beyond[i], &value), -SOCK_EUNSUPPORTED);
  }
  EXPECT_EQUAL(value.number, 77);
  EXPECT_EQUAL(sock_close(socket), 0);
}

static void a_row_is_looked_at_after_the_handle(void) {
  sock_value value = {.number = 0};
  for (size_t i = 0; i < ROWS; i++) {
    EXPECT_EQUAL(sock_get_option(-1, rows[i].id, &value), -EBADF);
    EXPECT_EQUAL(sock_set_option(-1, rows[i].id, &value), -EBADF);
  }
}

static const double zero = 0;

/* Numbers around the limits of the integer types, and fractions. */
static size_t hostile_numbers(double out[32]) {
  const double numbers[] = {zero / zero,
                            1 / zero,
                            -1 / zero,
                            1e300,
                            -1e300,
                            4294967295.0,
                            4294967296.0,
                            4294967295.5,
                            2147483647.0,
                            2147483648.0,
                            -2147483648.0,
                            -2147483649.0,
                            2147483647001,
                            1e12,
                            1e12 + 1,
                            4.9e-324,
                            0.1,
                            0.5,
                            -0.5,
                            1.5,
                            255,
                            256,
                            -1,
                            -2,
                            -0.0,
                            9.3e18,
                            1.8446744e19};
  memcpy(out, numbers, sizeof(numbers));
  return sizeof(numbers) / sizeof(numbers[0]);
}

/* Whether libsock must refuse `number` itself, before any system call. */
static int is_outside(option_codec codec, double number) {
  const int is_whole = number >= -9e18 && number <= 9e18 && (double)(int64_t)number == number;
  switch (codec) {
    case CODEC_BOOL:
    case CODEC_BOOL_U8:
      return number != 0 && number != 1;
    case CODEC_INT:
      return !is_whole || number < INT_MIN || number > INT_MAX;
    case CODEC_U32:
      return !is_whole || number < 0 || number > (double)UINT_MAX;
    case CODEC_INTERFACE_INDEX:
      return !is_whole || number < 0 || number > INT_MAX;
    case CODEC_U8:
    case CODEC_BYTE:
      return !is_whole || number < 0 || number > UINT8_MAX;
    case CODEC_SECONDS:
      return !(number >= 0 && number <= 1000.0 * INT_MAX);
    case CODEC_LINGER:
      return number != -1 && !(number >= 0 && number <= 1000.0 * INT_MAX);
    case CODEC_MILLISECONDS:
      return number != -1 && !(number > 0 && number <= (double)UINT_MAX);
    case CODEC_TIMEVAL:
      return number != -1 && !(number > 0 && number <= 1e12);
    default:
      return 0;
  }
}

static int withstands_numbers(sock_handle socket, const row *row) {
  double numbers[32];
  const size_t count = hostile_numbers(numbers);
  int holds = 1;
  for (size_t i = 0; i < count; i++) {
    const sock_value value = {.number = numbers[i]};
    const int result = sock_set_option(socket, row->id, &value);
    holds &= row_holds(result == 0 || is_system_error(result), row, "sets as", result);
    if (is_outside(row->codec, numbers[i])) {
      holds &= row_holds(result == -EINVAL, row, "sets what it cannot say", result);
    }
  }
  return holds;
}

/* The number of bytes of the codec's value. -1 if any number will do, or if the value is a number. */
static int bytes_of(option_codec codec) {
  switch (codec) {
    case CODEC_IPV4:
      return 4;
    case CODEC_U64:
    case CODEC_IP_MREQ:
    case CODEC_IP_MREQN:
      return 8;
    case CODEC_IP_MREQ_SOURCE:
      return 12;
    case CODEC_IPV6_MREQ:
      return 16;
    case CODEC_IPV6_MREQ_SOURCE:
      return 32;
    default:
      return -1;
  }
}

static int withstands_lengths(sock_handle socket, const row *row) {
  static const uint32_t lengths[] = {
      0,   1,   2,    3,     4,     7,       8,          9,          11,        12,
      13,  15,  16,   17,    20,    31,      32,         33,         80,        97,
      98,  99,  128,  243,   244,   245,     255,        256,        300,       511,
      512, 513, 1024, 65535, 65536, INT_MAX, 0x80000000, 0xfffffffe, UINT32_MAX};
  static const uint8_t fillings[] = {0, 1, 4, 16, 0x7f, 0xff};
  const int bytes = bytes_of(row->codec);
  int holds = 1;
  for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
    for (size_t f = 0; f < sizeof(fillings); f++) {
      sock_value value = {.number = 0, .length = lengths[i]};
      memset(value.bytes, fillings[f], sizeof(value.bytes));
      const int result = sock_set_option(socket, row->id, &value);
      holds &= row_holds(result == 0 || is_system_error(result), row, "sets as", result);
      if (bytes >= 0 && lengths[i] != (uint32_t)bytes) {
        holds &= row_holds(result == -EINVAL, row, "sets bytes it does not have", result);
      }
    }
  }
  return holds;
}

/* A new socket for each row: an option must not change the result of the next one. */
static void every_row_withstands(int (*withstands)(sock_handle socket, const row *row)) {
  for (size_t k = 0; k < KINDS; k++) {
    for (size_t i = 0; i < ROWS; i++) {
      const sock_handle socket = open_kind(k);
      if (socket < 0) break;
      EXPECT(withstands(socket, &rows[i]));
      EXPECT_EQUAL(sock_close(socket), 0);
    }
  }
}

static void every_row_withstands_hostile_numbers(void) {
  every_row_withstands(withstands_numbers);
}

static void every_row_withstands_hostile_lengths(void) {
  every_row_withstands(withstands_lengths);
}

static void raw_options_have_the_systems_lengths(void) {
  const sock_handle socket = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  int number = 0;
  uint32_t length = sizeof(number);
  EXPECT_EQUAL(sock_get_option_raw(socket, SOL_SOCKET, SO_TYPE, &number, &length), 0);
  EXPECT_EQUAL(number, SOCK_STREAM);
  EXPECT_EQUAL(length, sizeof(number));
  char room[64];
  length = sizeof(room);
  EXPECT_EQUAL(sock_get_option_raw(socket, SOL_SOCKET, SO_TYPE, room, &length), 0);
  EXPECT_EQUAL(length, sizeof(number));
  length = 1;
  EXPECT_EQUAL(sock_get_option_raw(socket, SOL_SOCKET, SO_TYPE, room, &length), 0);
  EXPECT_EQUAL(length, 1);
  number = 1;
  EXPECT_EQUAL(sock_set_option_raw(socket, SOL_SOCKET, SO_KEEPALIVE, &number, sizeof(number)), 0);
  EXPECT_EQUAL(sock_set_option_raw(socket, SOL_SOCKET, SO_KEEPALIVE, &number, 1), -EINVAL);
  EXPECT_EQUAL(sock_set_option_raw(socket, SOL_SOCKET, SO_KEEPALIVE, NULL, 0), -EINVAL);
  EXPECT_EQUAL(sock_get_option_raw(socket, -1, -1, &number, &length), -EOPNOTSUPP);
  EXPECT_EQUAL(sock_close(socket), 0);
}

static void raw_lengths_beyond_an_int_are_refused(void) {
  static const uint32_t lengths[] = {(uint32_t)INT_MAX + 1, 0xfffffffe, UINT32_MAX};
  const sock_handle socket = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  int number = 0;
  for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
    uint32_t length = lengths[i];
    EXPECT_EQUAL(sock_get_option_raw(socket, SOL_SOCKET, SO_TYPE, &number, &length), -EINVAL);
    EXPECT_EQUAL(length, lengths[i]);
    EXPECT_EQUAL(sock_set_option_raw(socket, SOL_SOCKET, SO_KEEPALIVE, &number, length), -EINVAL);
  }
  EXPECT_EQUAL(sock_close(socket), 0);
}

int main(void) {
  RUN(some_rows_are_compiled);
  RUN(every_row_reads_as_the_system_answers);
  RUN(ids_without_a_row_are_unsupported);
  RUN(a_row_is_looked_at_after_the_handle);
  RUN(every_row_withstands_hostile_numbers);
  RUN(every_row_withstands_hostile_lengths);
  RUN(raw_options_have_the_systems_lengths);
  RUN(raw_lengths_beyond_an_int_are_refused);
  return report();
}
