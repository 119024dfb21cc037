/*
 * A small test framework. RUN calls a function, which is a test. The test fails if an EXPECT in it fails, or if it
 * leaves more or fewer descriptors open than there were.
 */
#ifndef EXPECT_H
#define EXPECT_H

#include "system.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int expect_passed, expect_failed, expect_skipped;
static const char *expect_test = "";

static inline void expect_note(int holds, const char *file, int line, const char *text) {
  if (holds) {
    expect_passed++;
    return;
  }
  expect_failed++;
  fprintf(stderr, "%s:%d: %s: %s\n", file, line, expect_test, text);
}

static inline void expect_equal(int64_t actual, int64_t expected, const char *file, int line,
                                const char *text) {
  char message[400];
  snprintf(message, sizeof(message), "%s is %lld, not %lld", text, (long long)actual,
           (long long)expected);
  expect_note(actual == expected, file, line, message);
}

#define EXPECT(condition) expect_note((condition) ? 1 : 0, __FILE__, __LINE__, #condition)
#define EXPECT_EQUAL(actual, expected) \
  expect_equal((int64_t)(actual), (int64_t)(expected), __FILE__, __LINE__, #actual)

#define SKIP(reason)                                           \
  do {                                                         \
    expect_skipped++;                                          \
    fprintf(stderr, "%s: skipped: %s\n", expect_test, reason); \
    return;                                                    \
  } while (0)

static inline int count_descriptors(void) {
  int count = 0;
  for (int descriptor = 0; descriptor < 1024; descriptor++) {
    if (fcntl(descriptor, F_GETFD) >= 0) count++;
  }
  return count;
}

#define RUN(test)                                          \
  do {                                                     \
    const int descriptors_before = count_descriptors();    \
    expect_test = #test;                                   \
    test();                                                \
    EXPECT_EQUAL(count_descriptors(), descriptors_before); \
  } while (0)

static inline int report(void) {
  printf("%d passed, %d failed, %d skipped\n", expect_passed, expect_failed, expect_skipped);
  return expect_failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static inline double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static inline sock_address ipv4_loopback(uint16_t port) {
  sock_address address = {.family = SOCK_FAMILY_IPV4, .port = port, .length = 4};
  address.data[0] = 127;
  address.data[3] = 1;
  return address;
}

static inline sock_address ipv6_loopback(uint16_t port) {
  sock_address address = {.family = SOCK_FAMILY_IPV6, .port = port, .length = 16};
  address.data[15] = 1;
  return address;
}

static inline sock_address unix_name(const void *bytes, uint32_t length) {
  sock_address address = {.family = SOCK_FAMILY_UNIX, .length = length};
  memcpy(address.data, bytes, length < SOCK_ADDRESS_DATA ? length : SOCK_ADDRESS_DATA);
  return address;
}

/** A socket of `type`, bound to a free port of the IPv4 loopback. `address` gets the address. */
static inline sock_handle bound_ipv4(int type, sock_address *address) {
  const sock_handle socket = sock_open(AF_INET, type, 0, 0);
  *address = ipv4_loopback(0);
  if (socket < 0 || sock_bind(socket, address) < 0 || sock_local_address(socket, address) < 0) {
    fprintf(stderr, "the IPv4 loopback cannot be bound\n");
    exit(EXIT_FAILURE);
  }
  return socket;
}

/** A listener on the IPv4 loopback. */
static inline sock_handle listening_ipv4(int backlog, sock_address *address) {
  const sock_handle listener = bound_ipv4(SOCK_STREAM, address);
  EXPECT_EQUAL(sock_listen(listener, backlog), 0);
  return listener;
}

/** A connected pair of TCP sockets. */
static inline void tcp_pair(sock_handle pair[2]) {
  sock_address address;
  const sock_handle listener = listening_ipv4(1, &address);
  pair[0] = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(sock_connect(pair[0], &address), 0);
  pair[1] = sock_accept(listener, NULL, 0);
  EXPECT(pair[1] >= 0);
  EXPECT_EQUAL(sock_close(listener), 0);
}

static inline void close_pair(const sock_handle pair[2]) {
  EXPECT_EQUAL(sock_close(pair[0]), 0);
  EXPECT_EQUAL(sock_close(pair[1]), 0);
}

#endif
