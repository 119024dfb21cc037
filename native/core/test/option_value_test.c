/* Each codec reads what it wrote, and the system does what the option says. */
#include "expect.h"

#include <math.h>
#include <net/if.h>

#include "sock_options.h"

static int set_number(sock_handle socket, unsigned option, double number) {
  const sock_value value = {.number = number};
  return sock_set_option(socket, option, &value);
}

static int set_bytes(sock_handle socket, unsigned option, const void *bytes, uint32_t length) {
  sock_value value = {.length = length};
  memcpy(value.bytes, bytes, length < SOCK_VALUE_BYTES ? length : SOCK_VALUE_BYTES);
  return sock_set_option(socket, option, &value);
}

/* NaN for an option that cannot be read. NaN equals no number. */
static double get_number(sock_handle socket, unsigned option) {
  sock_value value;
  return sock_get_option(socket, option, &value) == 0 ? value.number : (double)NAN;
}

static void expect_number(sock_handle socket, unsigned option, double written, double read) {
  char text[120];
  const int result = set_number(socket, option, written);
  const double number = get_number(socket, option);
  snprintf(text, sizeof(text), "option %u set to %.17g: %d, read as %.17g, not %.17g", option,
           written, result, number, read);
  expect_note(result == 0 && number == read, __FILE__, __LINE__, text);
}

static void expect_string(sock_handle socket, unsigned option, const char *text) {
  sock_value value;
  EXPECT_EQUAL(set_bytes(socket, option, text, (uint32_t)strlen(text)), 0);
  EXPECT_EQUAL(sock_get_option(socket, option, &value), 0);
  EXPECT_EQUAL(value.length, strlen(text));
  EXPECT(memcmp(value.bytes, text, strlen(text)) == 0);
}

static void switches_go_on_and_off(void) {
  static const unsigned options[] = {SOCK_OPTION_KEEPALIVE, SOCK_OPTION_OUT_OF_BAND_INLINE,
                                     SOCK_OPTION_REUSE_ADDRESS, SOCK_OPTION_REUSE_PORT,
                                     SOCK_OPTION_NODELAY};
  static const unsigned options_v6[] = {SOCK_OPTION_ONLY_V6, SOCK_OPTION_MULTICAST_LOOP_V6,
                                        SOCK_OPTION_RECV_PKTINFO_V6};
  const sock_handle stream = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
    expect_number(stream, options[i], 1, 1);
    expect_number(stream, options[i], 0, 0);
  }
  EXPECT_EQUAL(set_number(stream, SOCK_OPTION_KEEPALIVE, 2), -EINVAL);
  EXPECT_EQUAL(sock_close(stream), 0);

  const sock_handle datagram = sock_open(AF_INET, SOCK_DGRAM, 0, 0);
  expect_number(datagram, SOCK_OPTION_BROADCAST, 1, 1);
  expect_number(datagram, SOCK_OPTION_BROADCAST, 0, 0);
  expect_number(datagram, SOCK_OPTION_MULTICAST_LOOP_V4, 0, 0);
  expect_number(datagram, SOCK_OPTION_MULTICAST_LOOP_V4, 1, 1);
  EXPECT_EQUAL(sock_close(datagram), 0);

  const sock_handle v6 = sock_open(AF_INET6, SOCK_DGRAM, 0, 0);
  if (v6 < 0) SKIP("no IPv6");
  for (size_t i = 0; i < sizeof(options_v6) / sizeof(options_v6[0]); i++) {
    expect_number(v6, options_v6[i], 1, 1);
    expect_number(v6, options_v6[i], 0, 0);
  }
  EXPECT_EQUAL(sock_close(v6), 0);
}

static void integers_come_back(void) {
  const sock_handle stream = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  const sock_handle datagram = sock_open(AF_INET, SOCK_DGRAM, 0, 0);
  for (int ttl = 1; ttl <= 255; ttl++) expect_number(stream, SOCK_OPTION_TTL, ttl, ttl);
  EXPECT(set_number(stream, SOCK_OPTION_TTL, 256) < 0);
  expect_number(datagram, SOCK_OPTION_TOS_V4, 0xb8, 0xb8);
  for (int ttl = 0; ttl <= 255; ttl += 51) {
    expect_number(datagram, SOCK_OPTION_MULTICAST_TTL_V4, ttl, ttl);
  }
  EXPECT_EQUAL(set_number(datagram, SOCK_OPTION_MULTICAST_TTL_V4, 256), -EINVAL);
  expect_number(stream, SOCK_OPTION_TCP_KEEPALIVE_RETRIES, 7, 7);
  /* Linux doubles the size, to have room for its own data. */
  EXPECT_EQUAL(set_number(stream, SOCK_OPTION_RECV_BUFFER_SIZE, 40000), 0);
  EXPECT(get_number(stream, SOCK_OPTION_RECV_BUFFER_SIZE) >= 40000);
  EXPECT_EQUAL(get_number(stream, SOCK_OPTION_TYPE), SOCK_STREAM);
  EXPECT_EQUAL(get_number(datagram, SOCK_OPTION_TYPE), SOCK_DGRAM);
  EXPECT(set_number(datagram, SOCK_OPTION_TYPE, SOCK_STREAM) < 0);
#if defined(__linux__)
  expect_number(stream, SOCK_OPTION_PRIORITY, 6, 6);
  if (set_number(stream, SOCK_OPTION_MARK, 1) == 0) {
    expect_number(stream, SOCK_OPTION_MARK, 4294967295.0, 4294967295.0);
  }
#endif
  EXPECT_EQUAL(sock_close(stream), 0);
  EXPECT_EQUAL(sock_close(datagram), 0);

  const sock_handle v6 = sock_open(AF_INET6, SOCK_DGRAM, 0, 0);
  if (v6 < 0) SKIP("no IPv6");
  expect_number(v6, SOCK_OPTION_UNICAST_HOPS_V6, 200, 200);
  expect_number(v6, SOCK_OPTION_MULTICAST_HOPS_V6, 3, 3);
  expect_number(v6, SOCK_OPTION_TCLASS_V6, 0x20, 0x20);
  EXPECT_EQUAL(sock_close(v6), 0);
}

static void seconds_lose_their_fraction_but_never_all(void) {
  const sock_handle socket = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  const unsigned options[] = {SOCK_OPTION_TCP_KEEPALIVE_TIME, SOCK_OPTION_TCP_KEEPALIVE_INTERVAL};
  for (size_t i = 0; i < 2; i++) {
    expect_number(socket, options[i], 7000, 7000);
    expect_number(socket, options[i], 7999.9, 7000);
    expect_number(socket, options[i], 0.001, 1000);
    EXPECT(set_number(socket, options[i], 1e12) < 0);
    EXPECT_EQUAL(get_number(socket, options[i]), 1000);
  }
  EXPECT_EQUAL(sock_close(socket), 0);
}

static void milliseconds_round_up(void) {
#if defined(TCP_USER_TIMEOUT)
  const sock_handle socket = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  expect_number(socket, SOCK_OPTION_TCP_USER_TIMEOUT, 1500, 1500);
  expect_number(socket, SOCK_OPTION_TCP_USER_TIMEOUT, 0.2, 1);
  expect_number(socket, SOCK_OPTION_TCP_USER_TIMEOUT, 1.5, 2);
  expect_number(socket, SOCK_OPTION_TCP_USER_TIMEOUT, 2147483647, 2147483647);
  expect_number(socket, SOCK_OPTION_TCP_USER_TIMEOUT, -1, -1);
  EXPECT_EQUAL(set_number(socket, SOCK_OPTION_TCP_USER_TIMEOUT, 0), -EINVAL);
  EXPECT_EQUAL(sock_close(socket), 0);
#else
  SKIP("no TCP_USER_TIMEOUT");
#endif
}

static void time_outs_come_back_and_end_a_receive(void) {
  sock_handle pair[2];
  tcp_pair(pair);
  const unsigned options[] = {SOCK_OPTION_READ_TIMEOUT, SOCK_OPTION_WRITE_TIMEOUT};
  for (size_t i = 0; i < 2; i++) {
    EXPECT_EQUAL(get_number(pair[0], options[i]), -1);
    expect_number(pair[0], options[i], 1500, 1500);
    expect_number(pair[0], options[i], 3600000, 3600000);
    expect_number(pair[0], options[i], -1, -1);
    EXPECT_EQUAL(set_number(pair[0], options[i], 0), -EINVAL);
    EXPECT_EQUAL(get_number(pair[0], options[i]), -1);
    /* Shorter than a tick of the system's clock. It must not become an endless wait. */
    EXPECT_EQUAL(set_number(pair[0], options[i], 1e-9), 0);
    EXPECT(get_number(pair[0], options[i]) > 0);
    EXPECT_EQUAL(set_number(pair[0], options[i], 1e12), 0);
    EXPECT(get_number(pair[0], options[i]) != 0);
  }
  char byte;
  EXPECT_EQUAL(set_number(pair[0], SOCK_OPTION_READ_TIMEOUT, 60), 0);
  const double start = now_ms();
  EXPECT_EQUAL(sock_recv(pair[0], &byte, 1, 0), -EAGAIN);
  EXPECT(now_ms() - start >= 59);
  close_pair(pair);
}

static void lingering_has_off_none_and_a_time(void) {
  const sock_handle socket = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(get_number(socket, SOCK_OPTION_LINGER), -1);
  expect_number(socket, SOCK_OPTION_LINGER, 0, 0);
  expect_number(socket, SOCK_OPTION_LINGER, 3000, 3000);
  expect_number(socket, SOCK_OPTION_LINGER, 3999, 3000);
  expect_number(socket, SOCK_OPTION_LINGER, -1, -1);
  EXPECT_EQUAL(set_number(socket, SOCK_OPTION_LINGER, -2), -EINVAL);
  EXPECT_EQUAL(sock_close(socket), 0);
}

static void the_pending_error_is_taken(void) {
  sock_address nobody;
  const sock_handle gone = bound_ipv4(SOCK_DGRAM, &nobody);
  EXPECT_EQUAL(sock_close(gone), 0);
  const sock_handle socket = sock_open(AF_INET, SOCK_DGRAM, 0, 0);
  EXPECT_EQUAL(sock_connect(socket, &nobody), 0);
  EXPECT_EQUAL(sock_send(socket, "x", 1, 0), 1);
  EXPECT(sock_wait(socket, SOCK_READABLE, 2000) & SOCK_ERROR);
  EXPECT_EQUAL(get_number(socket, SOCK_OPTION_TAKE_ERROR), ECONNREFUSED);
  EXPECT_EQUAL(get_number(socket, SOCK_OPTION_TAKE_ERROR), 0);
  EXPECT_EQUAL(set_number(socket, SOCK_OPTION_TAKE_ERROR, 0), -ENOPROTOOPT);
  EXPECT_EQUAL(sock_close(socket), 0);
}

static void names_come_back_and_are_never_cut(void) {
#if defined(__linux__)
  const sock_handle socket = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  expect_string(socket, SOCK_OPTION_TCP_CONGESTION, "reno");
  EXPECT_EQUAL(set_bytes(socket, SOCK_OPTION_TCP_CONGESTION, "nosuchcontrol", 13), -ENOENT);
  EXPECT_EQUAL(set_bytes(socket, SOCK_OPTION_TCP_CONGESTION, "re\0no", 5), -EINVAL);
  EXPECT_EQUAL(set_bytes(socket, SOCK_OPTION_TCP_CONGESTION, "reno\0", 5), -EINVAL);
  EXPECT_EQUAL(set_bytes(socket, SOCK_OPTION_TCP_CONGESTION, "sixteen-letters!", 16),
               -ENAMETOOLONG);
  const sock_value hostile = {.length = UINT32_MAX, .bytes = "reno"};
  EXPECT_EQUAL(sock_set_option(socket, SOCK_OPTION_TCP_CONGESTION, &hostile), -ENAMETOOLONG);
  expect_string(socket, SOCK_OPTION_DEVICE, "lo");
  expect_string(socket, SOCK_OPTION_DEVICE, "");
  EXPECT_EQUAL(set_bytes(socket, SOCK_OPTION_DEVICE, "no-such-device", 14), -ENODEV);
  EXPECT_EQUAL(sock_close(socket), 0);
#else
  SKIP("names are options of Linux");
#endif
}

static void wide_numbers_come_back(void) {
#if defined(SO_MAX_PACING_RATE)
  const sock_handle socket = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  const uint64_t rate = 0x123456789a;
  sock_value value;
  EXPECT_EQUAL(set_bytes(socket, SOCK_OPTION_MAX_PACING_RATE, &rate, sizeof(rate)), 0);
  EXPECT_EQUAL(sock_get_option(socket, SOCK_OPTION_MAX_PACING_RATE, &value), 0);
  EXPECT_EQUAL(value.length, sizeof(rate));
  EXPECT(memcmp(value.bytes, &rate, sizeof(rate)) == 0);
  EXPECT_EQUAL(set_bytes(socket, SOCK_OPTION_MAX_PACING_RATE, &rate, 4), -EINVAL);
  uint64_t cookie = 0;
  EXPECT_EQUAL(sock_get_option(socket, SOCK_OPTION_COOKIE, &value), 0);
  memcpy(&cookie, value.bytes, sizeof(cookie));
  EXPECT(value.length == sizeof(cookie) && cookie != 0);
  EXPECT_EQUAL(sock_close(socket), 0);
#else
  SKIP("no option of 64 bits");
#endif
}

static void an_interface_is_named_by_address_or_index(void) {
  const uint8_t loopback[] = {127, 0, 0, 1};
  sock_value value;
  const sock_handle socket = sock_open(AF_INET, SOCK_DGRAM, 0, 0);
  EXPECT_EQUAL(set_bytes(socket, SOCK_OPTION_MULTICAST_IF_V4, loopback, 4), 0);
  EXPECT_EQUAL(sock_get_option(socket, SOCK_OPTION_MULTICAST_IF_V4, &value), 0);
  EXPECT(value.length == 4 && memcmp(value.bytes, loopback, 4) == 0);
  EXPECT_EQUAL(set_bytes(socket, SOCK_OPTION_MULTICAST_IF_V4, loopback, 3), -EINVAL);
  EXPECT_EQUAL(sock_close(socket), 0);

  const sock_handle v6 = sock_open(AF_INET6, SOCK_DGRAM, 0, 0);
  const unsigned index = if_nametoindex("lo");
  if (v6 < 0 || index == 0) SKIP("no IPv6, or no interface named lo");
  expect_number(v6, SOCK_OPTION_MULTICAST_IF_V6, index, index);
  EXPECT_EQUAL(set_number(v6, SOCK_OPTION_MULTICAST_IF_V6, 4294967295.0), -EINVAL);
  EXPECT_EQUAL(sock_close(v6), 0);
}

/* A member of the group receives what is sent to it on the loopback. After leaving, it receives nothing. */
static void hears(sock_handle receiver, uint16_t port, int expected) {
  const sock_handle sender = sock_open(AF_INET, SOCK_DGRAM, 0, 0);
  const uint8_t loopback[] = {127, 0, 0, 1};
  sock_address group = {.family = SOCK_FAMILY_IPV4, .port = port, .length = 4};
  memcpy(group.data, (uint8_t[]){239, 255, 7, 9}, 4);
  char byte;
  EXPECT_EQUAL(set_bytes(sender, SOCK_OPTION_MULTICAST_IF_V4, loopback, 4), 0);
  EXPECT_EQUAL(sock_send_to(sender, "m", 1, 0, &group), 1);
  EXPECT_EQUAL(sock_recv(receiver, &byte, 1, MSG_DONTWAIT), expected);
  EXPECT_EQUAL(sock_close(sender), 0);
}

static void memberships_of_ipv4_take_effect(void) {
  const uint8_t by_address[] = {239, 255, 7, 9, 127, 0, 0, 1, 127, 0, 0, 1};
  const sock_handle socket = sock_open(AF_INET, SOCK_DGRAM, 0, 0);
  sock_address any = {.family = SOCK_FAMILY_IPV4, .length = 4};
  EXPECT_EQUAL(sock_bind(socket, &any), 0);
  EXPECT_EQUAL(sock_local_address(socket, &any), 0);
  EXPECT_EQUAL(set_bytes(socket, SOCK_OPTION_JOIN_MULTICAST_V4, by_address, 8), 0);
  hears(socket, any.port, 1);
  EXPECT_EQUAL(set_bytes(socket, SOCK_OPTION_JOIN_MULTICAST_V4, by_address, 8), -EADDRINUSE);
  EXPECT_EQUAL(set_bytes(socket, SOCK_OPTION_LEAVE_MULTICAST_V4, by_address, 8), 0);
  EXPECT_EQUAL(set_bytes(socket, SOCK_OPTION_LEAVE_MULTICAST_V4, by_address, 8), -EADDRNOTAVAIL);

  const unsigned index = if_nametoindex("lo");
  sock_value by_index = {.number = index, .length = 8};
  memcpy(by_index.bytes, by_address, 4);
  if (index != 0) {
    EXPECT_EQUAL(sock_set_option(socket, SOCK_OPTION_JOIN_MULTICAST_V4_N, &by_index), 0);
    hears(socket, any.port, 1);
    EXPECT_EQUAL(sock_set_option(socket, SOCK_OPTION_LEAVE_MULTICAST_V4_N, &by_index), 0);
  }
  by_index.number = 0.5;
  EXPECT_EQUAL(sock_set_option(socket, SOCK_OPTION_JOIN_MULTICAST_V4_N, &by_index), -EINVAL);
  /* A row without an interface index refuses one. */
  by_index.number = 1;
  EXPECT_EQUAL(sock_set_option(socket, SOCK_OPTION_JOIN_MULTICAST_V4, &by_index), -EINVAL);
  EXPECT_EQUAL(set_bytes(socket, SOCK_OPTION_JOIN_SSM_V4, by_address, 12), 0);
  hears(socket, any.port, 1);
  EXPECT_EQUAL(set_bytes(socket, SOCK_OPTION_LEAVE_SSM_V4, by_address, 12), 0);
  EXPECT_EQUAL(set_bytes(socket, SOCK_OPTION_JOIN_MULTICAST_V4, "\x7f\0\0\1\0\0\0\0", 8), -EINVAL);
  EXPECT_EQUAL(sock_close(socket), 0);
}

static void memberships_of_ipv6_take_effect(void) {
  const sock_handle socket = sock_open(AF_INET6, SOCK_DGRAM, 0, 0);
  const unsigned index = if_nametoindex("lo");
  if (socket < 0 || index == 0) SKIP("no IPv6, or no interface named lo");
  sock_address any = {.family = SOCK_FAMILY_IPV6, .length = 16};
  sock_value group = {.number = index, .length = 16, .bytes = {0xff, 0x02, [15] = 0x79}};
  char byte;
  EXPECT_EQUAL(sock_bind(socket, &any), 0);
  EXPECT_EQUAL(sock_local_address(socket, &any), 0);
  EXPECT_EQUAL(sock_set_option(socket, SOCK_OPTION_JOIN_MULTICAST_V6, &group), 0);
  sock_address to = {.family = SOCK_FAMILY_IPV6, .port = any.port, .scope_id = index, .length = 16};
  memcpy(to.data, group.bytes, 16);
  const int64_t sent = sock_send_to(socket, "m", 1, 0, &to);
  /* A loopback without a multicast route accepts members but delivers nothing. */
  if (sent != -ENETUNREACH) {
    EXPECT_EQUAL(sent, 1);
    EXPECT_EQUAL(sock_recv(socket, &byte, 1, MSG_DONTWAIT), 1);
  }
  EXPECT_EQUAL(sock_set_option(socket, SOCK_OPTION_LEAVE_MULTICAST_V6, &group), 0);
  EXPECT_EQUAL(sock_set_option(socket, SOCK_OPTION_LEAVE_MULTICAST_V6, &group), -EADDRNOTAVAIL);
  group.number = 4294967297.0;
  EXPECT_EQUAL(sock_set_option(socket, SOCK_OPTION_JOIN_MULTICAST_V6, &group), -EINVAL);
  EXPECT_EQUAL(sock_close(socket), 0);
}

static void units_are_set_and_not_read(void) {
#if defined(SO_DETACH_FILTER)
  const sock_handle socket = sock_open(AF_INET, SOCK_DGRAM, 0, 0);
  sock_value value = {.number = 0};
  EXPECT_EQUAL(sock_set_option(socket, SOCK_OPTION_DETACH_FILTER, &value), -ENOENT);
  EXPECT_EQUAL(sock_get_option(socket, SOCK_OPTION_DETACH_FILTER, &value), -ENOPROTOOPT);
  EXPECT_EQUAL(sock_close(socket), 0);
#else
  SKIP("no option without a value");
#endif
}

static void signatures_have_bounds(void) {
#if defined(TCP_MD5SIG)
  const sock_handle socket = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  sock_value value = {.number = -1, .length = 8, .bytes = {4, 127, 0, 0, 1, 'k', 'e', 'y'}};
  const int result = sock_set_option(socket, SOCK_OPTION_TCP_MD5SIG, &value);
  EXPECT(result == 0 || result == -ENOPROTOOPT || result == -EINVAL);
  value.length = 5 + 81;
  EXPECT_EQUAL(sock_set_option(socket, SOCK_OPTION_TCP_MD5SIG, &value), -EINVAL);
  value.length = 4;
  EXPECT_EQUAL(sock_set_option(socket, SOCK_OPTION_TCP_MD5SIG, &value), -EINVAL);
  value.length = 0;
  EXPECT_EQUAL(sock_set_option(socket, SOCK_OPTION_TCP_MD5SIG, &value), -EINVAL);
  value.length = 8;
  value.bytes[0] = 5;
  EXPECT_EQUAL(sock_set_option(socket, SOCK_OPTION_TCP_MD5SIG, &value), -EINVAL);
  value.bytes[0] = 4;
  value.number = 256;
  EXPECT_EQUAL(sock_set_option(socket, SOCK_OPTION_TCP_MD5SIG_EXT, &value), -EINVAL);
  value.number = 24.5;
  EXPECT_EQUAL(sock_set_option(socket, SOCK_OPTION_TCP_MD5SIG_EXT, &value), -EINVAL);
  EXPECT_EQUAL(sock_close(socket), 0);
#else
  SKIP("no TCP_MD5SIG");
#endif
}

int main(void) {
  RUN(switches_go_on_and_off);
  RUN(integers_come_back);
  RUN(seconds_lose_their_fraction_but_never_all);
  RUN(milliseconds_round_up);
  RUN(time_outs_come_back_and_end_a_receive);
  RUN(lingering_has_off_none_and_a_time);
  RUN(the_pending_error_is_taken);
  RUN(names_come_back_and_are_never_cut);
  RUN(wide_numbers_come_back);
  RUN(an_interface_is_named_by_address_or_index);
  RUN(memberships_of_ipv4_take_effect);
  RUN(memberships_of_ipv6_take_effect);
  RUN(units_are_set_and_not_read);
  RUN(signatures_have_bounds);
  return report();
}
