/* Receiving and sending: plain, with addresses, with several buffers, and wrong arguments. */
#include "expect.h"

#include <signal.h>

/* The bytes of a stream may arrive in parts. A test that needs all of them asks for all. */
static void expect_bytes(sock_handle socket, const char *expected) {
  char bytes[64] = {0};
  const size_t size = strlen(expected);
  EXPECT_EQUAL(sock_recv(socket, bytes, size, MSG_WAITALL), size);
  EXPECT(memcmp(bytes, expected, size) == 0);
}

/* Two datagram sockets on the IPv4 loopback. `addresses` gets their addresses. */
static void datagram_pair(sock_handle pair[2], sock_address addresses[2]) {
  for (int i = 0; i < 2; i++) pair[i] = bound_ipv4(SOCK_DGRAM, &addresses[i]);
}

static void streams_carry_bytes_both_ways(void) {
  sock_handle pair[2];
  tcp_pair(pair);
  EXPECT_EQUAL(sock_send(pair[0], "ping", 4, 0), 4);
  expect_bytes(pair[1], "ping");
  EXPECT_EQUAL(sock_send(pair[1], "pong!", 5, 0), 5);
  expect_bytes(pair[0], "pong!");
  close_pair(pair);
}

static void an_ended_stream_reads_zero_for_ever(void) {
  sock_handle pair[2];
  tcp_pair(pair);
  char byte = 0;
  EXPECT_EQUAL(sock_send(pair[0], "x", 1, 0), 1);
  EXPECT_EQUAL(sock_shutdown(pair[0], 1), 0);
  EXPECT_EQUAL(sock_recv(pair[1], &byte, 1, 0), 1);
  EXPECT_EQUAL(sock_recv(pair[1], &byte, 1, 0), 0);
  EXPECT_EQUAL(sock_recv(pair[1], &byte, 1, 0), 0);
  close_pair(pair);
}

static void streams_give_no_sender(void) {
  sock_handle pair[2];
  tcp_pair(pair);
  sock_address from;
  memset(&from, 0xff, sizeof(from));
  char byte = 0;
  int flags = -1;
  const sock_buffer piece = {&byte, 1};
  EXPECT_EQUAL(sock_send(pair[0], "ab", 2, 0), 2);
  EXPECT_EQUAL(sock_recv_from(pair[1], &byte, 1, 0, &from), 1);
  EXPECT_EQUAL(from.family, SOCK_FAMILY_UNSPEC);
  EXPECT_EQUAL(from.length, 0);
  memset(&from, 0xff, sizeof(from));
  EXPECT_EQUAL(sock_recv_vectored(pair[1], &piece, 1, 0, &flags, &from), 1);
  EXPECT_EQUAL(byte, 'b');
  EXPECT_EQUAL(from.family, SOCK_FAMILY_UNSPEC);
  close_pair(pair);
}

static void datagrams_come_with_their_sender(void) {
  sock_handle pair[2];
  sock_address addresses[2], from;
  datagram_pair(pair, addresses);
  char bytes[8];
  EXPECT_EQUAL(sock_send_to(pair[0], "hello", 5, 0, &addresses[1]), 5);
  EXPECT_EQUAL(sock_recv_from(pair[1], bytes, sizeof(bytes), 0, &from), 5);
  EXPECT(memcmp(bytes, "hello", 5) == 0);
  EXPECT_EQUAL(from.family, SOCK_FAMILY_IPV4);
  EXPECT_EQUAL(from.port, addresses[0].port);
  EXPECT_EQUAL(from.length, 4);
  EXPECT(memcmp(from.data, addresses[0].data, 4) == 0);
  close_pair(pair);
}

static void unnamed_senders_have_no_address(void) {
  sock_handle pair[2];
  EXPECT_EQUAL(sock_pair(AF_UNIX, SOCK_DGRAM, 0, 0, pair), 0);
  sock_address from;
  memset(&from, 0xff, sizeof(from));
  char byte;
  EXPECT_EQUAL(sock_send(pair[0], "x", 1, 0), 1);
  EXPECT_EQUAL(sock_recv_from(pair[1], &byte, 1, 0, &from), 1);
  EXPECT(from.family == SOCK_FAMILY_UNSPEC || from.family == SOCK_FAMILY_UNIX);
  EXPECT_EQUAL(from.length, 0);
  close_pair(pair);
}

static void empty_datagrams_are_datagrams(void) {
  sock_handle pair[2];
  sock_address addresses[2], from;
  datagram_pair(pair, addresses);
  char byte;
  EXPECT_EQUAL(sock_send_to(pair[0], NULL, 0, 0, &addresses[1]), 0);
  EXPECT_EQUAL(sock_wait(pair[1], SOCK_READABLE, 2000), SOCK_READABLE);
  EXPECT_EQUAL(sock_recv_from(pair[1], &byte, 1, MSG_DONTWAIT, &from), 0);
  EXPECT_EQUAL(from.port, addresses[0].port);
  EXPECT_EQUAL(sock_recv(pair[1], &byte, 1, MSG_DONTWAIT), -EAGAIN);
  close_pair(pair);
}

static void a_datagram_too_long_is_cut(void) {
  sock_handle pair[2];
  sock_address addresses[2], from;
  datagram_pair(pair, addresses);
  char bytes[4];
  EXPECT_EQUAL(sock_send_to(pair[0], "truncate", 8, 0, &addresses[1]), 8);
  EXPECT_EQUAL(sock_recv_from(pair[1], bytes, 4, 0, &from), 4);
  EXPECT(memcmp(bytes, "trun", 4) == 0);
  /* The rest of the datagram is lost. */
  EXPECT_EQUAL(sock_recv(pair[1], bytes, 4, MSG_DONTWAIT), -EAGAIN);
#if defined(__linux__)
  EXPECT_EQUAL(sock_send_to(pair[0], "truncate", 8, 0, &addresses[1]), 8);
  EXPECT_EQUAL(sock_recv(pair[1], bytes, 4, MSG_TRUNC), 8);
#endif
  close_pair(pair);
}

static void pieces_fill_in_order_and_tell_of_truncation(void) {
  sock_handle pair[2];
  sock_address addresses[2], from;
  datagram_pair(pair, addresses);
  char first[3], second[4];
  const sock_buffer pieces[] = {{first, sizeof(first)}, {NULL, 0}, {second, sizeof(second)}};
  int flags = -1;
  EXPECT_EQUAL(sock_send_to(pair[0], "abcdef", 6, 0, &addresses[1]), 6);
  EXPECT_EQUAL(sock_recv_vectored(pair[1], pieces, 3, 0, &flags, &from), 6);
  EXPECT(memcmp(first, "abc", 3) == 0 && memcmp(second, "def", 3) == 0);
  EXPECT_EQUAL(flags & MSG_TRUNC, 0);
  EXPECT_EQUAL(from.port, addresses[0].port);

  EXPECT_EQUAL(sock_send_to(pair[0], "abcdefgh", 8, 0, &addresses[1]), 8);
  EXPECT_EQUAL(sock_recv_vectored(pair[1], pieces, 3, 0, &flags, NULL), 7);
  EXPECT_EQUAL(flags & MSG_TRUNC, MSG_TRUNC);
  close_pair(pair);
}

static void pieces_go_as_one_datagram(void) {
  sock_handle pair[2];
  sock_address addresses[2];
  datagram_pair(pair, addresses);
  char bytes[16];
  const sock_buffer pieces[] = {{(char[]){'a', 'b'}, 2}, {NULL, 0}, {(char[]){'c'}, 1}};
  EXPECT_EQUAL(sock_send_vectored(pair[0], pieces, 3, 0, &addresses[1]), 3);
  EXPECT_EQUAL(sock_recv(pair[1], bytes, sizeof(bytes), 0), 3);
  EXPECT(memcmp(bytes, "abc", 3) == 0);
  EXPECT_EQUAL(sock_connect(pair[0], &addresses[1]), 0);
  EXPECT_EQUAL(sock_send_vectored(pair[0], pieces, 1, 0, NULL), 2);
  EXPECT_EQUAL(sock_recv(pair[1], bytes, sizeof(bytes), 0), 2);
  close_pair(pair);
}

static void as_many_pieces_as_the_limit_says(void) {
  static sock_buffer pieces[SOCK_BUFFERS_MAX + 1];
  static char sent[SOCK_BUFFERS_MAX + 1], received[SOCK_BUFFERS_MAX + 1];
  sock_handle pair[2];
  tcp_pair(pair);
  for (size_t i = 0; i <= SOCK_BUFFERS_MAX; i++) {
    sent[i] = (char)i;
    pieces[i] = (sock_buffer){&sent[i], 1};
  }
  EXPECT_EQUAL(sock_send_vectored(pair[0], pieces, SOCK_BUFFERS_MAX, 0, NULL), SOCK_BUFFERS_MAX);
  EXPECT_EQUAL(sock_send_vectored(pair[0], pieces, SOCK_BUFFERS_MAX + 1, 0, NULL), -EMSGSIZE);
  EXPECT_EQUAL(sock_send_vectored(pair[0], pieces, SIZE_MAX, 0, NULL), -EMSGSIZE);
  /* The low 16 bits are 1. They must not be taken for the count. */
  EXPECT_EQUAL(sock_send_vectored(pair[0], pieces, UINT16_MAX + 2, 0, NULL), -EMSGSIZE);
  for (size_t i = 0; i <= SOCK_BUFFERS_MAX; i++) pieces[i].data = &received[i];
  int flags = 77;
  EXPECT_EQUAL(sock_recv_vectored(pair[1], pieces, SOCK_BUFFERS_MAX + 1, 0, &flags, NULL),
               -EMSGSIZE);
  EXPECT_EQUAL(flags, 77);
  EXPECT_EQUAL(sock_recv_vectored(pair[1], pieces, SOCK_BUFFERS_MAX, MSG_WAITALL, &flags, NULL),
               SOCK_BUFFERS_MAX);
  EXPECT(memcmp(sent, received, SOCK_BUFFERS_MAX) == 0);
  EXPECT_EQUAL(sock_recv(pair[1], received, 1, MSG_DONTWAIT), -EAGAIN);
  close_pair(pair);
}

static void no_pieces_move_no_bytes(void) {
  sock_handle pair[2];
  tcp_pair(pair);
  int flags = -1;
  EXPECT_EQUAL(sock_send_vectored(pair[0], NULL, 0, 0, NULL), 0);
  EXPECT_EQUAL(sock_send(pair[0], "x", 1, 0), 1);
  EXPECT_EQUAL(sock_wait(pair[1], SOCK_READABLE, 2000), SOCK_READABLE);
  EXPECT_EQUAL(sock_recv_vectored(pair[1], NULL, 0, MSG_DONTWAIT, &flags, NULL), 0);
  expect_bytes(pair[1], "x");
  close_pair(pair);
}

static void peeking_leaves_the_bytes(void) {
  sock_handle pair[2];
  tcp_pair(pair);
  char bytes[4] = {0};
  int flags = 0;
  const sock_buffer piece = {bytes, sizeof(bytes)};
  EXPECT_EQUAL(sock_send(pair[0], "peek", 4, 0), 4);
  EXPECT_EQUAL(sock_recv(pair[1], bytes, 4, MSG_PEEK | MSG_WAITALL), 4);
  memset(bytes, 0, sizeof(bytes));
  EXPECT_EQUAL(sock_recv_vectored(pair[1], &piece, 1, MSG_PEEK, &flags, NULL), 4);
  EXPECT(memcmp(bytes, "peek", 4) == 0);
  expect_bytes(pair[1], "peek");
  EXPECT_EQUAL(sock_recv(pair[1], bytes, 4, MSG_DONTWAIT | MSG_PEEK), -EAGAIN);
  close_pair(pair);
}

static void urgent_bytes_go_beside_the_stream(void) {
  sock_handle pair[2];
  tcp_pair(pair);
  char byte = 0;
  EXPECT_EQUAL(sock_recv(pair[1], &byte, 1, MSG_OOB | MSG_DONTWAIT), -EINVAL);
  EXPECT_EQUAL(sock_send(pair[0], "n", 1, 0), 1);
  EXPECT_EQUAL(sock_send(pair[0], "!", 1, MSG_OOB), 1);
  EXPECT_EQUAL(sock_wait(pair[1], SOCK_PRIORITY, 2000) & SOCK_PRIORITY, SOCK_PRIORITY);
  EXPECT_EQUAL(sock_recv(pair[1], &byte, 1, MSG_OOB), 1);
  EXPECT_EQUAL(byte, '!');
  EXPECT_EQUAL(sock_recv(pair[1], &byte, 1, 0), 1);
  EXPECT_EQUAL(byte, 'n');
  EXPECT_EQUAL(sock_recv(pair[1], &byte, 1, MSG_DONTWAIT), -EAGAIN);
  close_pair(pair);
}

static volatile sig_atomic_t broken_pipes;

static void count_broken_pipe(int number) {
  (void)number;
  broken_pipes++;
}

static void a_peer_that_went_away_is_an_error_and_no_signal(void) {
  struct sigaction action, before;
  memset(&action, 0, sizeof(action));
  action.sa_handler = count_broken_pipe;
  EXPECT_EQUAL(sigaction(SIGPIPE, &action, &before), 0);
  sock_handle pair[2];
  const sock_buffer piece = {(char[]){'x'}, 1};
  const sock_message message = {.buffers = &piece, .count = 1};
  EXPECT_EQUAL(sock_pair(AF_UNIX, SOCK_STREAM, 0, 0, pair), 0);
  EXPECT_EQUAL(sock_close(pair[1]), 0);
  EXPECT_EQUAL(sock_send(pair[0], "x", 1, 0), -EPIPE);
  EXPECT_EQUAL(sock_send_vectored(pair[0], &piece, 1, 0, NULL), -EPIPE);
  EXPECT_EQUAL(sock_send_message(pair[0], &message, 0), -EPIPE);
  EXPECT_EQUAL(sock_close(pair[0]), 0);

  /* TCP learns it from the answer to the first send. */
  tcp_pair(pair);
  EXPECT_EQUAL(sock_send(pair[0], "x", 1, 0), 1);
  EXPECT_EQUAL(sock_wait(pair[1], SOCK_READABLE, 2000), SOCK_READABLE);
  EXPECT_EQUAL(sock_close(pair[1]), 0);
  EXPECT(sock_wait(pair[0], SOCK_READABLE, 2000) & SOCK_ERROR);
  EXPECT_EQUAL(sock_send(pair[0], "x", 1, 0), -ECONNRESET);
  EXPECT_EQUAL(sock_send(pair[0], "x", 1, 0), -EPIPE);
  EXPECT_EQUAL(sock_close(pair[0]), 0);
  EXPECT_EQUAL(broken_pipes, 0);
  sigaction(SIGPIPE, &before, NULL);
}

static void a_socket_shut_for_writing_refuses_to_send(void) {
  sock_handle pair[2];
  tcp_pair(pair);
  EXPECT_EQUAL(sock_shutdown(pair[0], 1), 0);
  EXPECT_EQUAL(sock_send(pair[0], "x", 1, 0), -EPIPE);
  close_pair(pair);
}

static void unconnected_sockets_refuse(void) {
  char byte = 0;
  const sock_handle stream = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  const sock_handle datagram = sock_open(AF_INET, SOCK_DGRAM, 0, 0);
  EXPECT_EQUAL(sock_recv(stream, &byte, 1, 0), -ENOTCONN);
  EXPECT(sock_send(stream, &byte, 1, 0) == -EPIPE || sock_send(stream, &byte, 1, 0) == -ENOTCONN);
  EXPECT_EQUAL(sock_send(datagram, &byte, 1, 0), -EDESTADDRREQ);
  EXPECT_EQUAL(sock_close(stream), 0);
  EXPECT_EQUAL(sock_close(datagram), 0);
}

static void connected_datagrams_hear_that_nobody_listens(void) {
  sock_address nobody;
  const sock_handle gone = bound_ipv4(SOCK_DGRAM, &nobody);
  EXPECT_EQUAL(sock_close(gone), 0);
  const sock_handle socket = sock_open(AF_INET, SOCK_DGRAM, 0, 0);
  char byte = 0;
  EXPECT_EQUAL(sock_connect(socket, &nobody), 0);
  EXPECT_EQUAL(sock_send(socket, "x", 1, 0), 1);
  EXPECT_EQUAL(sock_recv(socket, &byte, 1, 0), -ECONNREFUSED);
  EXPECT_EQUAL(sock_recv(socket, &byte, 1, MSG_DONTWAIT), -EAGAIN);
  EXPECT_EQUAL(sock_close(socket), 0);
}

static void datagrams_have_a_longest_length(void) {
  static char bytes[70000];
  sock_handle pair[2];
  sock_address addresses[2];
  datagram_pair(pair, addresses);
  EXPECT_EQUAL(sock_send_to(pair[0], bytes, 65507, 0, &addresses[1]), 65507);
  EXPECT_EQUAL(sock_recv(pair[1], bytes, sizeof(bytes), 0), 65507);
  EXPECT_EQUAL(sock_send_to(pair[0], bytes, 65508, 0, &addresses[1]), -EMSGSIZE);
  EXPECT_EQUAL(sock_recv(pair[1], bytes, sizeof(bytes), MSG_DONTWAIT), -EAGAIN);
  close_pair(pair);
}

/* Memory that does not exist and impossible lengths: the result must be the system's, and nothing else happens. */
static void lengths_and_pointers_are_the_systems_to_judge(void) {
  sock_handle pair[2];
  tcp_pair(pair);
  char byte = 'x';
  int flags = 0;
  const sock_buffer endless[] = {{&byte, SIZE_MAX}, {&byte, SIZE_MAX}};
  EXPECT(sock_send_vectored(pair[0], endless, 2, 0, NULL) < 0);
  EXPECT_EQUAL(sock_send(pair[0], NULL, 1, 0), -EFAULT);
  EXPECT_EQUAL(sock_send(pair[0], "y", 1, 0), 1);
  EXPECT_EQUAL(sock_wait(pair[1], SOCK_READABLE, 2000), SOCK_READABLE);
  EXPECT(sock_recv_vectored(pair[1], endless, 2, MSG_DONTWAIT, &flags, NULL) < 0);
  EXPECT_EQUAL(sock_recv(pair[1], &byte, 0, MSG_DONTWAIT), 0);
  expect_bytes(pair[1], "y");
  close_pair(pair);
}

static void a_full_buffer_takes_a_part_then_none(void) {
  static char bytes[8 << 20];
  sock_handle pair[2];
  EXPECT_EQUAL(sock_pair(AF_UNIX, SOCK_STREAM, 0, 0, pair), 0);
  EXPECT_EQUAL(sock_set_nonblocking(pair[0], 1), 0);
  EXPECT_EQUAL(sock_set_nonblocking(pair[1], 1), 0);
  int64_t sent = 0, part;
  while ((part = sock_send(pair[0], bytes, sizeof(bytes), 0)) > 0) sent += part;
  EXPECT_EQUAL(part, -EAGAIN);
  EXPECT(sent > 0 && sent < (int64_t)sizeof(bytes));
  int64_t received = 0;
  while ((part = sock_recv(pair[1], bytes, sizeof(bytes), 0)) > 0) received += part;
  EXPECT_EQUAL(part, -EAGAIN);
  EXPECT_EQUAL(received, sent);
  EXPECT(sock_send(pair[0], bytes, 1, 0) == 1);
  close_pair(pair);
}

static void interrupt(int number) {
  (void)number;
}

/* Each is one system call. The caller decides whether to go on. */
static void a_signal_interrupts_a_transfer(void) {
  struct sigaction action, before;
  memset(&action, 0, sizeof(action));
  action.sa_handler = interrupt;
  EXPECT_EQUAL(sigaction(SIGALRM, &action, &before), 0);
  sock_handle pair[2];
  EXPECT_EQUAL(sock_pair(AF_UNIX, SOCK_STREAM, 0, 0, pair), 0);
  /* Repeated, because the first signal may come before the call. */
  const struct itimerval often = {{0, 10000}, {0, 10000}}, never = {{0, 0}, {0, 0}};
  char byte = 0;
  int flags = 0;
  const sock_buffer piece = {&byte, 1};
  EXPECT_EQUAL(setitimer(ITIMER_REAL, &often, NULL), 0);
  EXPECT_EQUAL(sock_recv(pair[0], &byte, 1, 0), -EINTR);
  EXPECT_EQUAL(sock_recv_vectored(pair[0], &piece, 1, 0, &flags, NULL), -EINTR);
  EXPECT_EQUAL(setitimer(ITIMER_REAL, &never, NULL), 0);
  sigaction(SIGALRM, &before, NULL);
  close_pair(pair);
}

static void what_was_closed_is_refused(void) {
  sock_handle pair[2];
  sock_address address = ipv4_loopback(9);
  char byte = 0;
  int flags = 77;
  const sock_buffer piece = {&byte, 1};
  tcp_pair(pair);
  close_pair(pair);
  EXPECT_EQUAL(sock_recv(pair[0], &byte, 1, 0), -EBADF);
  EXPECT_EQUAL(sock_recv_from(pair[0], &byte, 1, 0, &address), -EBADF);
  EXPECT_EQUAL(address.port, 9);
  EXPECT_EQUAL(sock_recv_vectored(pair[0], &piece, 1, 0, &flags, &address), -EBADF);
  EXPECT_EQUAL(flags, 77);
  EXPECT_EQUAL(sock_send(pair[0], &byte, 1, 0), -EBADF);
  EXPECT_EQUAL(sock_send_to(pair[0], &byte, 1, 0, &address), -EBADF);
  EXPECT_EQUAL(sock_send_vectored(pair[0], &piece, 1, 0, &address), -EBADF);
}

static void a_pipe_passes_bytes_between_sockets(void) {
  sock_handle from[2], to[2], ends[2];
  const sock_handle closed[2] = {-1, -1};
  sock_spliced it = {0};
  const int made = sock_pipe(ends);
  if (made == -SOCK_EUNSUPPORTED) return;
  EXPECT_EQUAL(made, 0);
  EXPECT_EQUAL(sock_pair(AF_UNIX, SOCK_STREAM, 0, 0, from), 0);
  EXPECT_EQUAL(sock_pair(AF_UNIX, SOCK_STREAM, 0, 0, to), 0);
  EXPECT_EQUAL(sock_set_nonblocking(from[1], 1), 0);
  EXPECT_EQUAL(sock_set_nonblocking(to[0], 1), 0);
  EXPECT_EQUAL(sock_splice(from[1], ends, to[0], 100, 0, &it), SOCK_SPLICE_RECV);
  EXPECT_EQUAL(it.held + it.sent + it.piece, 0);
  EXPECT_EQUAL(sock_send(from[0], "spliced", 7, 0), 7);
  /* A small piece is the last of a call. */
  EXPECT_EQUAL(sock_splice(from[1], ends, to[0], 100, 7, &it), SOCK_SPLICE_MORE);
  EXPECT_EQUAL(it.sent, 7);
  EXPECT_EQUAL(it.piece, 7);
  char bytes[8];
  EXPECT_EQUAL(sock_recv(to[1], bytes, sizeof(bytes), 0), 7);
  EXPECT(memcmp(bytes, "spliced", 7) == 0);

  /* What does not fit stays in the pipe, and goes first. */
  static char many[1 << 16];
  int64_t total = 0, passed = 0;
  while (sock_send(to[0], many, sizeof(many), MSG_DONTWAIT) > 0) continue;
  for (int64_t sent; (sent = sock_send(from[0], many, sizeof(many), MSG_DONTWAIT)) > 0;)
    total += sent;
  int status = sock_splice(from[1], ends, to[0], 1000, 0, &it);
  EXPECT_EQUAL(status, SOCK_SPLICE_SEND);
  EXPECT(it.held > 0);
  EXPECT_EQUAL(it.held, it.piece);
  EXPECT_EQUAL(sock_shutdown(from[0], 1), 0);
  while (status >= 0 && status != SOCK_SPLICE_END) {
    while (sock_recv(to[1], many, sizeof(many), MSG_DONTWAIT) > 0) continue;
    status = sock_splice(from[1], ends, to[0], 1000, 0, &it);
    passed += it.sent;
  }
  EXPECT_EQUAL(status, SOCK_SPLICE_END);
  EXPECT_EQUAL(it.held, 0);
  EXPECT_EQUAL(passed, total);

  EXPECT_EQUAL(sock_splice(-1, ends, to[0], 5, 0, &it), -EBADF);
  EXPECT_EQUAL(sock_splice(from[1], closed, to[0], 5, 0, &it), -EBADF);
  EXPECT_EQUAL(sock_splice(from[1], ends, -1, 5, 0, &it), -EBADF);
  close_pair(from);
  close_pair(to);
  close_pair(ends);
}

int main(void) {
  RUN(streams_carry_bytes_both_ways);
  RUN(an_ended_stream_reads_zero_for_ever);
  RUN(streams_give_no_sender);
  RUN(datagrams_come_with_their_sender);
  RUN(unnamed_senders_have_no_address);
  RUN(empty_datagrams_are_datagrams);
  RUN(a_datagram_too_long_is_cut);
  RUN(pieces_fill_in_order_and_tell_of_truncation);
  RUN(pieces_go_as_one_datagram);
  RUN(as_many_pieces_as_the_limit_says);
  RUN(no_pieces_move_no_bytes);
  RUN(peeking_leaves_the_bytes);
  RUN(urgent_bytes_go_beside_the_stream);
  RUN(a_peer_that_went_away_is_an_error_and_no_signal);
  RUN(a_socket_shut_for_writing_refuses_to_send);
  RUN(unconnected_sockets_refuse);
  RUN(connected_datagrams_hear_that_nobody_listens);
  RUN(datagrams_have_a_longest_length);
  RUN(lengths_and_pointers_are_the_systems_to_judge);
  RUN(a_full_buffer_takes_a_part_then_none);
  RUN(a_signal_interrupts_a_transfer);
  RUN(what_was_closed_is_refused);
  RUN(a_pipe_passes_bytes_between_sockets);
  return report();
}
