/* sock_poll: many sockets in one call. */
#include "expect.h"

#include <math.h>

#define MOST 256

static void reports_the_sockets_that_are_ready(void) {
  sock_handle pair[2];
  EXPECT_EQUAL(sock_pair(AF_UNIX, SOCK_STREAM, 0, 0, pair), 0);
  EXPECT_EQUAL(sock_send(pair[0], "x", 1, 0), 1);
  sock_poll_entry entries[2] = {{pair[0], SOCK_READABLE, 77},
                                {pair[1], SOCK_READABLE | SOCK_WRITABLE, 77}};
  EXPECT_EQUAL(sock_poll(entries, 2, -1), 1);
  EXPECT_EQUAL(entries[0].ready, 0);
  EXPECT_EQUAL(entries[1].ready, SOCK_READABLE | SOCK_WRITABLE);
  EXPECT_EQUAL(sock_close(pair[0]), 0);
  EXPECT_EQUAL(sock_poll(entries + 1, 1, 0), 1);
  EXPECT(entries[1].ready & SOCK_HANGUP);
  EXPECT_EQUAL(sock_close(pair[1]), 0);
}

static void returns_0_when_time_is_up(void) {
  sock_handle pair[2];
  EXPECT_EQUAL(sock_pair(AF_UNIX, SOCK_STREAM, 0, 0, pair), 0);
  sock_poll_entry entry = {pair[0], SOCK_READABLE, 77};
  EXPECT_EQUAL(sock_poll(&entry, 1, 0), 0);
  EXPECT_EQUAL(entry.ready, 0);
  EXPECT_EQUAL(sock_poll(&entry, 1, 5), 0);
  EXPECT_EQUAL(sock_poll(NULL, 0, 1), 0);
  EXPECT_EQUAL(sock_close(pair[0]), 0);
  EXPECT_EQUAL(sock_close(pair[1]), 0);
}

static void reports_a_closed_socket_as_an_error(void) {
  const sock_handle socket = sock_open(AF_INET, SOCK_DGRAM, 0, 0);
  EXPECT(socket >= 0);
  EXPECT_EQUAL(sock_close(socket), 0);
  sock_poll_entry entry = {socket, SOCK_READABLE, 0};
  EXPECT_EQUAL(sock_poll(&entry, 1, -1), 1);
  EXPECT_EQUAL(entry.ready, SOCK_ERROR);
}

static void refuses_wrong_arguments(void) {
  static sock_poll_entry many[MOST + 1];
  const sock_handle socket = sock_open(AF_INET, SOCK_DGRAM, 0, 0);
  EXPECT(socket >= 0);
  for (int i = 0; i <= MOST; i++) many[i] = (sock_poll_entry){socket, SOCK_WRITABLE, 0};
  EXPECT_EQUAL(sock_poll(many, MOST, 0), MOST);
  EXPECT_EQUAL(sock_poll(many, MOST + 1, 0), -EINVAL);
  EXPECT_EQUAL(sock_poll(many, 1, (double)NAN), -EINVAL);
  many[1].interest = SOCK_EDGE;
  EXPECT_EQUAL(sock_poll(many, 2, 0), -EINVAL);
  many[1] = (sock_poll_entry){-1, SOCK_READABLE, 0};
  EXPECT_EQUAL(sock_poll(many, 2, 0), -EINVAL);
  many[1].socket = (int64_t)1 << 40;
  EXPECT_EQUAL(sock_poll(many, 2, 0), -EINVAL);
  EXPECT_EQUAL(sock_close(socket), 0);
}

int main(void) {
  RUN(reports_the_sockets_that_are_ready);
  RUN(returns_0_when_time_is_up);
  RUN(reports_a_closed_socket_as_an_error);
  RUN(refuses_wrong_arguments);
  return report();
}
