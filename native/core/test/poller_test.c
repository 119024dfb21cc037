/* Pollers: what sock.h promises of them on every system. */
#include "expect.h"

#include <math.h>

static sock_event events[16];

static int64_t open_poller(void) {
  const int64_t poller = sock_poller_open();
  EXPECT(poller >= 0);
  return poller;
}

static void send_byte(sock_handle socket) {
  EXPECT_EQUAL(sock_send(socket, "x", 1, 0), 1);
}

static void take_byte(sock_handle socket) {
  char byte;
  EXPECT_EQUAL(sock_recv(socket, &byte, 1, 0), 1);
}

static void a_time_out_passes_and_nothing_is_ready(void) {
  sock_handle pair[2];
  tcp_pair(pair);
  const int64_t poller = open_poller();
  EXPECT_EQUAL(sock_poller_add(poller, pair[0], 7, SOCK_READABLE), 0);
  const double start = now_ms();
  EXPECT_EQUAL(sock_poller_wait(poller, events, 16, 30), 0);
  EXPECT(now_ms() - start >= 29);
  EXPECT_EQUAL(sock_poller_close(poller), 0);
  close_pair(pair);
}

static void a_level_is_reported_until_it_is_gone(void) {
  sock_handle pair[2];
  tcp_pair(pair);
  const int64_t poller = open_poller();
  EXPECT_EQUAL(sock_poller_add(poller, pair[0], 0xffffffff, SOCK_READABLE), 0);
  send_byte(pair[1]);
  for (int i = 0; i < 2; i++) {
    EXPECT_EQUAL(sock_poller_wait(poller, events, 16, 5000), 1);
    EXPECT_EQUAL(events[0].token, 0xffffffff);
    EXPECT_EQUAL(events[0].ready, SOCK_READABLE);
  }
  take_byte(pair[0]);
  EXPECT_EQUAL(sock_poller_wait(poller, events, 16, 0), 0);
  EXPECT_EQUAL(sock_poller_close(poller), 0);
  close_pair(pair);
}

static void both_directions_come_as_one_event(void) {
  sock_handle pair[2];
  tcp_pair(pair);
  const int64_t poller = open_poller();
  send_byte(pair[0]);
  send_byte(pair[1]);
  EXPECT_EQUAL(sock_poller_add(poller, pair[0], 1, SOCK_READABLE | SOCK_WRITABLE), 0);
  EXPECT_EQUAL(sock_poller_add(poller, pair[1], 2, SOCK_READABLE | SOCK_WRITABLE), 0);
  /* The bytes may need a moment to arrive. */
  for (int i = 0; i < 1000; i++) {
    EXPECT_EQUAL(sock_poller_wait(poller, events, 16, 5000), 2);
    if ((events[0].ready & events[1].ready & SOCK_READABLE) != 0) break;
  }
  EXPECT_EQUAL(events[0].token + events[1].token, 3);
  EXPECT_EQUAL(events[0].ready, SOCK_READABLE | SOCK_WRITABLE);
  EXPECT_EQUAL(events[1].ready, SOCK_READABLE | SOCK_WRITABLE);
  EXPECT_EQUAL(sock_poller_close(poller), 0);
  close_pair(pair);
}

static void an_edge_is_reported_once_and_again_for_new_data(void) {
  sock_handle pair[2];
  tcp_pair(pair);
  const int64_t poller = open_poller();
  EXPECT_EQUAL(sock_poller_add(poller, pair[0], 3, SOCK_READABLE | SOCK_EDGE), 0);
  send_byte(pair[1]);
  EXPECT_EQUAL(sock_poller_wait(poller, events, 16, 5000), 1);
  EXPECT_EQUAL(sock_poller_wait(poller, events, 16, 0), 0);
  send_byte(pair[1]);
  EXPECT_EQUAL(sock_poller_wait(poller, events, 16, 5000), 1);
  EXPECT_EQUAL(sock_poller_close(poller), 0);
  close_pair(pair);
}

/* epoll disarms the whole socket, and a queue only the filter that fired. */
static void one_shot_disarms_the_whole_socket(void) {
  sock_handle pair[2];
  tcp_pair(pair);
  const int64_t poller = open_poller();
  const unsigned both = SOCK_READABLE | SOCK_WRITABLE | SOCK_ONE_SHOT;
  EXPECT_EQUAL(sock_poller_add(poller, pair[0], 4, both), 0);
  EXPECT_EQUAL(sock_poller_wait(poller, events, 16, 5000), 1);
  EXPECT_EQUAL(events[0].ready, SOCK_WRITABLE);
  send_byte(pair[1]);
  EXPECT_EQUAL(sock_poller_wait(poller, events, 16, 20), 0);
  EXPECT_EQUAL(sock_poller_modify(poller, pair[0], 5, SOCK_READABLE | SOCK_ONE_SHOT), 0);
  EXPECT_EQUAL(sock_poller_wait(poller, events, 16, 5000), 1);
  EXPECT_EQUAL(events[0].token, 5);
  EXPECT_EQUAL(events[0].ready, SOCK_READABLE);
  EXPECT_EQUAL(sock_poller_wait(poller, events, 16, 0), 0);
  EXPECT_EQUAL(sock_poller_close(poller), 0);
  close_pair(pair);
}

static void a_registration_is_modified_and_removed(void) {
  sock_handle pair[2];
  tcp_pair(pair);
  const int64_t poller = open_poller();
  EXPECT_EQUAL(sock_poller_add(poller, pair[0], 1, SOCK_WRITABLE), 0);
  EXPECT_EQUAL(sock_poller_wait(poller, events, 16, 5000), 1);
  EXPECT_EQUAL(sock_poller_modify(poller, pair[0], 2, SOCK_READABLE), 0);
  EXPECT_EQUAL(sock_poller_wait(poller, events, 16, 0), 0);
  send_byte(pair[1]);
  EXPECT_EQUAL(sock_poller_wait(poller, events, 16, 5000), 1);
  EXPECT_EQUAL(events[0].token, 2);
  EXPECT_EQUAL(sock_poller_remove(poller, pair[0]), 0);
  EXPECT_EQUAL(sock_poller_wait(poller, events, 16, 0), 0);
  EXPECT_EQUAL(sock_poller_close(poller), 0);
  close_pair(pair);
}

static void urgent_data_an_end_and_an_error_are_told_apart(void) {
  sock_handle pair[2];
  tcp_pair(pair);
  const int64_t poller = open_poller();
  EXPECT_EQUAL(sock_poller_add(poller, pair[0], 1, SOCK_READABLE | SOCK_PRIORITY), 0);
  EXPECT_EQUAL(sock_send(pair[1], "!", 1, MSG_OOB), 1);
#if !defined(TEST_KQUEUE_WITHOUT_EXCEPT)
  EXPECT_EQUAL(sock_poller_wait(poller, events, 16, 5000), 1);
  EXPECT_EQUAL(events[0].ready, SOCK_PRIORITY);
#endif
  char byte;
  EXPECT_EQUAL(sock_recv(pair[0], &byte, 1, MSG_OOB), 1);
  EXPECT_EQUAL(sock_shutdown(pair[1], SHUT_WR), 0);
  EXPECT_EQUAL(sock_poller_wait(poller, events, 16, 5000), 1);
  EXPECT_EQUAL(events[0].ready, SOCK_READABLE | SOCK_HANGUP);
  EXPECT_EQUAL(sock_poller_remove(poller, pair[0]), 0);

  sock_address refusing;
  const sock_handle bound = bound_ipv4(SOCK_STREAM, &refusing);
  const sock_handle client = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(sock_set_nonblocking(client, 1), 0);
  if (sock_connect(client, &refusing) == -EINPROGRESS) {
    EXPECT_EQUAL(sock_poller_add(poller, client, 2, SOCK_WRITABLE), 0);
    EXPECT_EQUAL(sock_poller_wait(poller, events, 16, 5000), 1);
    EXPECT((events[0].ready & SOCK_ERROR) != 0);
  }
  EXPECT_EQUAL(sock_close(client), 0);
  EXPECT_EQUAL(sock_close(bound), 0);
  EXPECT_EQUAL(sock_poller_close(poller), 0);
  close_pair(pair);
}

static void a_wake_ends_one_wait(void) {
  sock_handle pair[2];
  tcp_pair(pair);
  const int64_t poller = open_poller();
  EXPECT_EQUAL(sock_poller_add(poller, pair[0], 1, SOCK_READABLE), 0);
  const int64_t waker = sock_poller_waker(poller);
  EXPECT(waker >= 0 && waker != poller);
  for (int i = 0; i < 3; i++) {
    EXPECT_EQUAL(sock_poller_wake(waker), 0);
    EXPECT_EQUAL(sock_poller_wake(waker), 0);
    /* Without an end: only the wake ends it. */
    EXPECT_EQUAL(sock_poller_wait(poller, events, 16, -1), 0);
  }
  EXPECT_EQUAL(sock_poller_wait(poller, events, 16, 0), 0);
  send_byte(pair[1]);
  EXPECT_EQUAL(sock_poller_wake(waker), 0);
  int count = 0;
  for (int i = 0; i < 1000 && count == 0; i++) {
    count = sock_poller_wait(poller, events, 16, 5000);
  }
  EXPECT_EQUAL(count, 1);
  EXPECT_EQUAL(events[0].token, 1);
  EXPECT_EQUAL(sock_poller_close(waker), 0);
  EXPECT_EQUAL(sock_poller_close(poller), 0);
  close_pair(pair);
}

static void a_small_room_leaves_the_rest(void) {
  sock_handle pairs[3][2];
  const int64_t poller = open_poller();
  for (uint32_t i = 0; i < 3; i++) {
    tcp_pair(pairs[i]);
    EXPECT_EQUAL(sock_poller_add(poller, pairs[i][0], i, SOCK_WRITABLE | SOCK_ONE_SHOT), 0);
  }
  unsigned seen = 0;
  for (int i = 0; i < 3; i++) {
    EXPECT_EQUAL(sock_poller_wait(poller, events, 1, 5000), 1);
    seen |= 1u << events[0].token;
  }
  EXPECT_EQUAL(seen, 7);
  EXPECT_EQUAL(sock_poller_wait(poller, events, 1, 0), 0);
  EXPECT_EQUAL(sock_poller_close(poller), 0);
  for (int i = 0; i < 3; i++) close_pair(pairs[i]);
}

static void a_closed_socket_has_no_events(void) {
  sock_handle pair[2];
  tcp_pair(pair);
  const int64_t poller = open_poller();
  EXPECT_EQUAL(sock_poller_add(poller, pair[0], 1, SOCK_WRITABLE), 0);
  EXPECT_EQUAL(sock_close(pair[0]), 0);
  EXPECT_EQUAL(sock_poller_wait(poller, events, 16, 0), 0);
  EXPECT_EQUAL(sock_poller_close(poller), 0);
  EXPECT_EQUAL(sock_close(pair[1]), 0);
}

static void wrong_arguments_are_refused(void) {
  sock_handle pair[2];
  tcp_pair(pair);
  const int64_t poller = open_poller();
  EXPECT_EQUAL(sock_poller_add(-1, pair[0], 1, SOCK_READABLE), -EBADF);
  EXPECT_EQUAL(sock_poller_add(poller, -1, 1, SOCK_READABLE), -EBADF);
  EXPECT_EQUAL(sock_poller_add(poller, 1 << 20, 1, SOCK_READABLE), -EBADF);
  EXPECT_EQUAL(sock_poller_add(poller, pair[0], 1, 1u << 30), -EINVAL);
  EXPECT_EQUAL(sock_poller_wait(poller, events, 0, 0), -EINVAL);
  EXPECT_EQUAL(sock_poller_wait(poller, events, 16, (double)NAN), -EINVAL);
  EXPECT_EQUAL(sock_poller_wait(-1, events, 16, 0), -EBADF);
  EXPECT_EQUAL(sock_poller_waker(-1), -EBADF);
  EXPECT_EQUAL(sock_poller_wake(-1), -EBADF);
  EXPECT_EQUAL(sock_poller_close(poller), 0);
  close_pair(pair);
}

int main(void) {
  RUN(a_time_out_passes_and_nothing_is_ready);
  RUN(a_level_is_reported_until_it_is_gone);
  RUN(both_directions_come_as_one_event);
  RUN(an_edge_is_reported_once_and_again_for_new_data);
  RUN(one_shot_disarms_the_whole_socket);
  RUN(a_registration_is_modified_and_removed);
  RUN(urgent_data_an_end_and_an_error_are_told_apart);
  RUN(a_wake_ends_one_wait);
  RUN(a_small_room_leaves_the_rest);
  RUN(a_closed_socket_has_no_events);
  RUN(wrong_arguments_are_refused);
  return report();
}
