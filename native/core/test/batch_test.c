/* Many datagrams with one call: their order, their addresses, segments and errors. */
#include "expect.h"

enum { ROOM = 64, MOST = 200 };

typedef struct arena {
  uint8_t data[MOST * ROOM];
  uint32_t lengths[MOST];
  int32_t flags[MOST];
  sock_address addresses[MOST];
  uint32_t segments[MOST];
} arena;

static arena sent, received;

static sock_batch batch_of(arena *arena, uint32_t count) {
  memset(arena, 0, sizeof(*arena));
  return (sock_batch){.data = arena->data,
                      .size = ROOM,
                      .count = count,
                      .lengths = arena->lengths,
                      .flags = arena->flags,
                      .addresses = arena->addresses,
                      .segments = arena->segments};
}

static void put(uint32_t index, const char *text, const sock_address *to) {
  sent.lengths[index] = (uint32_t)strlen(text);
  memcpy(sent.data + index * ROOM, text, strlen(text));
  sent.addresses[index] = *to;
}

static void expect_text(uint32_t index, const char *text) {
  EXPECT_EQUAL(received.lengths[index], strlen(text));
  EXPECT(memcmp(received.data + index * ROOM, text, strlen(text)) == 0);
}

/* Two datagram sockets; the second receives. */
static sock_address open_pair(sock_handle pair[2], sock_address *sender) {
  sock_address receiver;
  pair[0] = bound_ipv4(SOCK_DGRAM, sender);
  pair[1] = bound_ipv4(SOCK_DGRAM, &receiver);
  return receiver;
}

static void datagrams_come_in_order_with_their_sender(void) {
  sock_handle pair[2];
  sock_address from;
  const sock_address to = open_pair(pair, &from);
  const sock_batch out = batch_of(&sent, 3), in = batch_of(&received, MOST);
  put(0, "one", &to);
  put(1, "", &to);
  put(2, "three", &to);
  EXPECT_EQUAL(sock_send_batch(pair[0], &out, 0), 3);
  EXPECT_EQUAL(sock_recv_batch(pair[1], &in, 0), 3);
  expect_text(0, "one");
  expect_text(1, "");
  expect_text(2, "three");
  for (int i = 0; i < 3; i++) {
    EXPECT_EQUAL(received.addresses[i].port, from.port);
    EXPECT_EQUAL(received.segments[i], 0);
    EXPECT_EQUAL(received.flags[i], 0);
  }
  EXPECT_EQUAL(sock_recv_batch(pair[1], &in, MSG_DONTWAIT), -EAGAIN);
  close_pair(pair);
}

static void more_than_one_call_carries_go_too(void) {
  sock_handle pair[2];
  sock_address from;
  const sock_address to = open_pair(pair, &from);
  sock_batch out = batch_of(&sent, MOST), in = batch_of(&received, MOST);
  for (uint32_t i = 0; i < MOST; i++) {
    sent.lengths[i] = 1;
    sent.data[i * ROOM] = (uint8_t)i;
  }
  out.addresses = NULL;
  out.segments = NULL;
  in.addresses = NULL;
  in.segments = NULL;
  EXPECT_EQUAL(sock_connect(pair[0], &to), 0);
  EXPECT_EQUAL(sock_send_batch(pair[0], &out, 0), MOST);
  EXPECT_EQUAL(sock_recv_batch(pair[1], &in, 0), MOST);
  for (uint32_t i = 0; i < MOST; i++) EXPECT_EQUAL(received.data[i * ROOM], (uint8_t)i);
  close_pair(pair);
}

static void no_more_come_than_there_is_room_for(void) {
  sock_handle pair[2];
  sock_address from;
  const sock_address to = open_pair(pair, &from);
  const sock_batch out = batch_of(&sent, 3), in = batch_of(&received, 2);
  for (uint32_t i = 0; i < 3; i++) put(i, "x", &to);
  EXPECT_EQUAL(sock_send_batch(pair[0], &out, 0), 3);
  EXPECT_EQUAL(sock_recv_batch(pair[1], &in, 0), 2);
  EXPECT_EQUAL(sock_recv_batch(pair[1], &in, 0), 1);
  close_pair(pair);
}

static void a_datagram_too_long_is_cut(void) {
  sock_handle pair[2];
  sock_address from;
  const sock_address to = open_pair(pair, &from);
  const sock_batch out = batch_of(&sent, 1);
  sock_batch in = batch_of(&received, 1);
  in.size = 2;
  put(0, "long", &to);
  EXPECT_EQUAL(sock_send_batch(pair[0], &out, 0), 1);
  EXPECT_EQUAL(sock_recv_batch(pair[1], &in, 0), 1);
  expect_text(0, "lo");
  EXPECT(received.flags[0] & MSG_TRUNC);
  close_pair(pair);
}

static void expect_segments(sock_handle sender, sock_handle receiver, const sock_address *to) {
  const sock_batch out = batch_of(&sent, 2), in = batch_of(&received, MOST);
  put(0, "aaaabbbbcc", to);
  put(1, "whole", to);
  sent.segments[0] = 4;
  EXPECT_EQUAL(sock_send_batch(sender, &out, 0), 2);
  EXPECT_EQUAL(sock_recv_batch(receiver, &in, 0), 4);
  expect_text(0, "aaaa");
  expect_text(1, "bbbb");
  expect_text(2, "cc");
  expect_text(3, "whole");
}

static void segments_are_datagrams_of_their_own(void) {
  sock_handle pair[2];
  sock_address from;
  const sock_address to = open_pair(pair, &from);
  expect_segments(pair[0], pair[1], &to);
  close_pair(pair);
}

/* The kernel cuts segments only if it also makes checksums. */
static void segments_that_the_system_refuses_to_cut_go_one_by_one(void) {
#if defined(SO_NO_CHECK)
  sock_handle pair[2];
  sock_address from;
  const sock_address to = open_pair(pair, &from);
  const int on = 1;
  EXPECT_EQUAL(sock_set_option_raw(pair[0], SOL_SOCKET, SO_NO_CHECK, &on, sizeof(on)), 0);
  expect_segments(pair[0], pair[1], &to);
  close_pair(pair);
#else
  SKIP("the system always makes checksums");
#endif
}

static void the_first_failure_is_the_error_and_a_later_one_a_count(void) {
  sock_handle pair[2];
  sock_address from;
  const sock_address to = open_pair(pair, &from), other = ipv6_loopback(9);
  sock_batch out = batch_of(&sent, 2);
  put(0, "x", &to);
  put(1, "y", &other);
  EXPECT_EQUAL(sock_send_batch(pair[0], &out, 0), 1);
  sent.addresses[0] = other;
  EXPECT(sock_send_batch(pair[0], &out, 0) < 0);
  sent.lengths[0] = ROOM + 1;
  EXPECT_EQUAL(sock_send_batch(pair[0], &out, 0), -EINVAL);
  out.addresses = NULL;
  sent.lengths[0] = 1;
  EXPECT_EQUAL(sock_send_batch(pair[0], &out, 0), -EDESTADDRREQ);
  EXPECT_EQUAL(sock_send_batch(-1, &out, 0), -EBADF);
  EXPECT_EQUAL(sock_recv_batch(-1, &out, 0), -EBADF);
  close_pair(pair);
}

int main(void) {
  RUN(datagrams_come_in_order_with_their_sender);
  RUN(more_than_one_call_carries_go_too);
  RUN(no_more_come_than_there_is_room_for);
  RUN(a_datagram_too_long_is_cut);
  RUN(segments_are_datagrams_of_their_own);
  RUN(segments_that_the_system_refuses_to_cut_go_one_by_one);
  RUN(the_first_failure_is_the_error_and_a_later_one_a_count);
  return report();
}
