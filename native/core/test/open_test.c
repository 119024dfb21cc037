/* Opening, accepting, duplicating, checking and closing. */
#include "expect.h"

#include <sys/resource.h>

static const sock_handle no_descriptors[] = {-1, -100000, INT64_MIN, (sock_handle)INT_MAX + 1,
                                             INT64_MAX};

static int is_cloexec(sock_handle socket) {
  return fcntl((int)socket, F_GETFD) & FD_CLOEXEC ? 1 : 0;
}

static void open_sets_cloexec_unless_inheritable(void) {
  const sock_handle plain = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(is_cloexec(plain), 1);
  const sock_handle raw = sock_open(AF_INET, SOCK_STREAM, 0, SOCK_OPEN_INHERITABLE);
  EXPECT_EQUAL(is_cloexec(raw), 0);
  EXPECT_EQUAL(sock_nonblocking(plain), 0);
  EXPECT_EQUAL(sock_close(plain), 0);
  EXPECT_EQUAL(sock_close(raw), 0);
}

static void open_reports_the_systems_error(void) {
  EXPECT_EQUAL(sock_open(9999, SOCK_STREAM, 0, 0), -EAFNOSUPPORT);
  EXPECT_EQUAL(sock_open(AF_INET, SOCK_STREAM, IPPROTO_UDP, 0), -EPROTONOSUPPORT);
  EXPECT(sock_open(AF_INET, -1, 0, 0) < 0);
}

static void open_reports_that_descriptors_ran_out(void) {
  struct rlimit before;
  EXPECT_EQUAL(getrlimit(RLIMIT_NOFILE, &before), 0);
  struct rlimit none = before;
  none.rlim_cur = 3;
  sock_handle pair[2];
  const sock_handle socket = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(setrlimit(RLIMIT_NOFILE, &none), 0);
  EXPECT_EQUAL(sock_open(AF_INET, SOCK_STREAM, 0, 0), -EMFILE);
  EXPECT_EQUAL(sock_pair(AF_UNIX, SOCK_STREAM, 0, 0, pair), -EMFILE);
  const int64_t duplicate = sock_duplicate(socket);
  /* Linux returns EINVAL if the lowest number asked for is beyond the limit, else EMFILE. */
  EXPECT_EQUAL(duplicate, -EMFILE);
  EXPECT_EQUAL(sock_poller_open(), -EMFILE);
  EXPECT_EQUAL(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQUAL(sock_close(socket), 0);
}

static void pair_is_connected_both_ways(void) {
  sock_handle pair[2];
  EXPECT_EQUAL(sock_pair(AF_UNIX, SOCK_STREAM, 0, 0, pair), 0);
  EXPECT_EQUAL(is_cloexec(pair[0]) + is_cloexec(pair[1]), 2);
  char byte = 0;
  EXPECT_EQUAL(sock_send(pair[0], "a", 1, 0), 1);
  EXPECT_EQUAL(sock_recv(pair[1], &byte, 1, 0), 1);
  EXPECT_EQUAL(byte, 'a');
  EXPECT_EQUAL(sock_send(pair[1], "b", 1, 0), 1);
  EXPECT_EQUAL(sock_recv(pair[0], &byte, 1, 0), 1);
  EXPECT_EQUAL(byte, 'b');
  close_pair(pair);

  EXPECT_EQUAL(sock_pair(AF_UNIX, SOCK_DGRAM, 0, SOCK_OPEN_INHERITABLE, pair), 0);
  EXPECT_EQUAL(is_cloexec(pair[0]) + is_cloexec(pair[1]), 0);
  close_pair(pair);
  EXPECT_EQUAL(sock_pair(AF_INET, SOCK_STREAM, 0, 0, pair), -EOPNOTSUPP);
}

static void check_tells_sockets_from_files(void) {
  const sock_handle socket = sock_open(AF_INET, SOCK_DGRAM, 0, 0);
  EXPECT_EQUAL(sock_check(socket), 0);
  EXPECT_EQUAL(sock_close(socket), 0);
  EXPECT_EQUAL(sock_check(socket), -EBADF);
  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_EQUAL(sock_check(file), -ENOTSOCK);
  close(file);
}

static void set_cloexec_switches_both_ways(void) {
  const sock_handle socket = sock_open(AF_INET, SOCK_DGRAM, 0, 0);
  EXPECT_EQUAL(sock_set_cloexec(socket, 0), 0);
  EXPECT_EQUAL(is_cloexec(socket), 0);
  EXPECT_EQUAL(sock_set_cloexec(socket, 1), 0);
  EXPECT_EQUAL(sock_set_cloexec(socket, 1), 0);
  EXPECT_EQUAL(is_cloexec(socket), 1);
  EXPECT_EQUAL(sock_close(socket), 0);
}

static void duplicate_shares_one_description(void) {
  const sock_handle socket = sock_open(AF_INET, SOCK_DGRAM, 0, SOCK_OPEN_INHERITABLE);
  const int64_t duplicate = sock_duplicate(socket);
  EXPECT(duplicate >= 0 && duplicate != socket);
  EXPECT_EQUAL(is_cloexec(duplicate), 1);
  EXPECT_EQUAL(sock_set_nonblocking(socket, 1), 0);
  EXPECT_EQUAL(sock_nonblocking(duplicate), 1);
  EXPECT_EQUAL(sock_close(socket), 0);
  EXPECT_EQUAL(sock_check(duplicate), 0);
  EXPECT_EQUAL(sock_close(duplicate), 0);
}

static void nonblocking_mode_switches_both_ways(void) {
  const sock_handle socket = sock_open(AF_INET, SOCK_DGRAM, 0, 0);
  const int flags = fcntl((int)socket, F_GETFL);
  EXPECT_EQUAL(sock_nonblocking(socket), 0);
  EXPECT_EQUAL(sock_set_nonblocking(socket, 1), 0);
  EXPECT_EQUAL(sock_set_nonblocking(socket, 1), 0);
  EXPECT_EQUAL(sock_nonblocking(socket), 1);
  EXPECT_EQUAL(sock_set_nonblocking(socket, 0), 0);
  EXPECT_EQUAL(fcntl((int)socket, F_GETFL), flags);
  EXPECT_EQUAL(sock_close(socket), 0);
}

static void accept_gives_the_peer_and_cloexec(void) {
  sock_address address, local, peer;
  const sock_handle listener = listening_ipv4(4, &address);
  const sock_handle client = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(sock_connect(client, &address), 0);
  EXPECT_EQUAL(sock_local_address(client, &local), 0);
  const int64_t accepted = sock_accept(listener, &peer, 0);
  EXPECT_EQUAL(is_cloexec(accepted), 1);
  EXPECT_EQUAL(peer.family, SOCK_FAMILY_IPV4);
  EXPECT_EQUAL(peer.port, local.port);
  EXPECT_EQUAL(peer.length, 4);
  EXPECT(memcmp(peer.data, local.data, 4) == 0);
  EXPECT_EQUAL(sock_close(accepted), 0);
  EXPECT_EQUAL(sock_close(client), 0);

  const sock_handle second = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(sock_connect(second, &address), 0);
  const int64_t raw = sock_accept(listener, NULL, SOCK_OPEN_INHERITABLE);
  EXPECT_EQUAL(is_cloexec(raw), 0);
  EXPECT_EQUAL(sock_close(raw), 0);
  EXPECT_EQUAL(sock_close(second), 0);
  EXPECT_EQUAL(sock_close(listener), 0);
}

#if defined(SOCK_NONBLOCK)
static void accept4_sets_the_flags_it_is_given(void) {
  sock_address address, peer;
  const sock_handle listener = listening_ipv4(4, &address);
  EXPECT_EQUAL(sock_accept4(listener, NULL, -1), -EINVAL);
  for (int flags = 0; flags < 4; flags++) {
    const int cloexec = flags & 1, nonblocking = flags >> 1;
    const sock_handle client = sock_open(AF_INET, SOCK_STREAM, 0, 0);
    EXPECT_EQUAL(sock_connect(client, &address), 0);
    const int64_t accepted =
        sock_accept4(listener, flags == 0 ? NULL : &peer,
                     (cloexec ? SOCK_CLOEXEC : 0) | (nonblocking ? SOCK_NONBLOCK : 0));
    EXPECT_EQUAL(is_cloexec(accepted), cloexec);
    EXPECT_EQUAL(sock_nonblocking(accepted), nonblocking);
    if (flags != 0) EXPECT_EQUAL(peer.family, SOCK_FAMILY_IPV4);
    EXPECT_EQUAL(sock_close(accepted), 0);
    EXPECT_EQUAL(sock_close(client), 0);
  }
  EXPECT_EQUAL(sock_close(listener), 0);
}
#endif

static void accept_without_waiting(void) {
  sock_address address;
  const sock_handle listener = listening_ipv4(4, &address);
  EXPECT_EQUAL(sock_accept(listener, NULL, SOCK_OPEN_DONTWAIT), -EAGAIN);
  EXPECT_EQUAL(sock_nonblocking(listener), 0);
  const sock_handle client = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(sock_connect(client, &address), 0);
  const int64_t accepted = sock_accept(listener, NULL, SOCK_OPEN_DONTWAIT);
  EXPECT_EQUAL(sock_close(accepted), 0);
  EXPECT_EQUAL(sock_set_nonblocking(listener, 1), 0);
  EXPECT_EQUAL(sock_accept(listener, NULL, SOCK_OPEN_DONTWAIT), -EAGAIN);
  EXPECT_EQUAL(sock_accept(listener, NULL, 0), -EAGAIN);
  EXPECT_EQUAL(sock_close(client), 0);
  EXPECT_EQUAL(sock_close(listener), 0);
}

static void accept_without_waiting_still_says_what_cannot_accept(void) {
  const sock_handle stream = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  const sock_handle datagram = sock_open(AF_INET, SOCK_DGRAM, 0, 0);
  EXPECT_EQUAL(sock_accept(stream, NULL, SOCK_OPEN_DONTWAIT), -EINVAL);
  EXPECT_EQUAL(sock_accept(datagram, NULL, SOCK_OPEN_DONTWAIT), -EOPNOTSUPP);
  EXPECT_EQUAL(sock_accept(datagram, NULL, 0), -EOPNOTSUPP);
  EXPECT_EQUAL(sock_close(stream), 0);
  EXPECT_EQUAL(sock_close(datagram), 0);
  EXPECT_EQUAL(sock_accept(stream, NULL, SOCK_OPEN_DONTWAIT), -EBADF);
}

static void accept_batch_takes_what_is_there(void) {
  enum { CLIENTS = 3 };
  sock_address address, local, peers[8];
  sock_handle clients[CLIENTS], accepted[8];
  for (int nonblocking = 0; nonblocking < 2; nonblocking++) {
    const sock_handle listener = listening_ipv4(8, &address);
    EXPECT_EQUAL(sock_set_nonblocking(listener, nonblocking), 0);
    EXPECT_EQUAL(sock_accept_batch(listener, accepted, peers, 8, SOCK_OPEN_DONTWAIT), -EAGAIN);
    for (int i = 0; i < CLIENTS; i++) {
      clients[i] = sock_open(AF_INET, SOCK_STREAM, 0, 0);
      EXPECT_EQUAL(sock_connect(clients[i], &address), 0);
    }
    EXPECT_EQUAL(sock_accept_batch(listener, accepted, peers, 1, 0), 1);
    EXPECT_EQUAL(sock_accept_batch(listener, accepted + 1, peers + 1, 7, 0), CLIENTS - 1);
    for (int i = 0; i < CLIENTS; i++) {
      EXPECT_EQUAL(sock_local_address(clients[i], &local), 0);
      EXPECT_EQUAL(peers[i].port, local.port);
      EXPECT_EQUAL(is_cloexec(accepted[i]), 1);
      EXPECT_EQUAL(sock_close(accepted[i]), 0);
      EXPECT_EQUAL(sock_close(clients[i]), 0);
    }
    EXPECT_EQUAL(sock_close(listener), 0);
  }
  const sock_handle stream = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(sock_accept_batch(stream, accepted, peers, 8, 0), -EINVAL);
  EXPECT_EQUAL(sock_close(stream), 0);
}

static void shutdown_takes_three_directions(void) {
  sock_handle pair[2];
  EXPECT_EQUAL(sock_pair(AF_UNIX, SOCK_STREAM, 0, 0, pair), 0);
  EXPECT_EQUAL(sock_shutdown(pair[0], 3), -EINVAL);
  EXPECT_EQUAL(sock_shutdown(pair[0], -1), -EINVAL);
  char byte;
  EXPECT_EQUAL(sock_shutdown(pair[0], 1), 0);
  EXPECT_EQUAL(sock_recv(pair[1], &byte, 1, 0), 0);
  EXPECT_EQUAL(sock_send(pair[1], "a", 1, 0), 1);
  EXPECT_EQUAL(sock_recv(pair[0], &byte, 1, 0), 1);
  EXPECT_EQUAL(sock_shutdown(pair[0], 0), 0);
  EXPECT_EQUAL(sock_recv(pair[0], &byte, 1, 0), 0);
  EXPECT_EQUAL(sock_shutdown(pair[1], 2), 0);
  close_pair(pair);
  const sock_handle unconnected = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(sock_shutdown(unconnected, 2), -ENOTCONN);
  EXPECT_EQUAL(sock_close(unconnected), 0);
}

static void closing_twice_is_refused(void) {
  const sock_handle socket = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(sock_close(socket), 0);
  EXPECT_EQUAL(sock_close(socket), -EBADF);
}

/* Calls every function with a handle that is not open. */
static void refuses(sock_handle handle) {
  sock_address address = ipv4_loopback(1);
  sock_handle poller = sock_poller_open();
  sock_value value = {.number = 0};
  sock_event event;
  char byte = 0;
  int flags = 0;
  uint32_t length = 1;
  const sock_buffer buffer = {&byte, 1};
  EXPECT_EQUAL(sock_close(handle), -EBADF);
  EXPECT_EQUAL(sock_check(handle), -EBADF);
  EXPECT_EQUAL(sock_set_cloexec(handle, 1), -EBADF);
  EXPECT_EQUAL(sock_bind(handle, &address), -EBADF);
  EXPECT_EQUAL(sock_connect(handle, &address), -EBADF);
  EXPECT_EQUAL(sock_try_connect(handle, &address), -EBADF);
  EXPECT_EQUAL(sock_connect_timeout(handle, &address, 1), -EBADF);
  EXPECT_EQUAL(sock_listen(handle, 1), -EBADF);
  EXPECT_EQUAL(sock_accept(handle, &address, 0), -EBADF);
  EXPECT_EQUAL(sock_accept(handle, NULL, SOCK_OPEN_DONTWAIT), -EBADF);
  EXPECT_EQUAL(sock_accept4(handle, &address, 0), -EBADF);
  EXPECT_EQUAL(sock_accept_batch(handle, &poller, &address, 1, 0), -EBADF);
  EXPECT_EQUAL(sock_local_address(handle, &address), -EBADF);
  EXPECT_EQUAL(sock_peer_address(handle, &address), -EBADF);
  EXPECT_EQUAL(sock_duplicate(handle), -EBADF);
  EXPECT_EQUAL(sock_nonblocking(handle), -EBADF);
  EXPECT_EQUAL(sock_set_nonblocking(handle, 1), -EBADF);
  EXPECT_EQUAL(sock_shutdown(handle, 0), -EBADF);
  EXPECT_EQUAL(sock_recv(handle, &byte, 1, 0), -EBADF);
  EXPECT_EQUAL(sock_recv_from(handle, &byte, 1, 0, &address), -EBADF);
  EXPECT_EQUAL(sock_recv_vectored(handle, &buffer, 1, 0, &flags, NULL), -EBADF);
  EXPECT_EQUAL(sock_send(handle, &byte, 1, 0), -EBADF);
  address = ipv4_loopback(1);
  EXPECT_EQUAL(sock_send_to(handle, &byte, 1, 0, &address), -EBADF);
  EXPECT_EQUAL(sock_send_vectored(handle, &buffer, 1, 0, NULL), -EBADF);
  EXPECT_EQUAL(sock_get_option_raw(handle, SOL_SOCKET, SO_TYPE, &byte, &length), -EBADF);
  EXPECT_EQUAL(sock_set_option_raw(handle, SOL_SOCKET, SO_KEEPALIVE, &byte, 1), -EBADF);
  EXPECT(sock_get_option(handle, 1, &value) < 0);
  EXPECT(sock_set_option(handle, 1, &value) < 0);
  EXPECT_EQUAL(sock_wait(handle, SOCK_READABLE, 0), -EBADF);
  EXPECT_EQUAL(sock_poller_add(poller, handle, 1, SOCK_READABLE), -EBADF);
  EXPECT_EQUAL(sock_poller_add(handle, poller, 1, SOCK_READABLE), -EBADF);
  EXPECT_EQUAL(sock_poller_wait(handle, &event, 1, 0), -EBADF);
  EXPECT_EQUAL(sock_poller_close(handle), -EBADF);
  EXPECT_EQUAL(sock_poller_close(poller), 0);
}

static void what_is_no_descriptor_is_refused(void) {
  for (size_t i = 0; i < sizeof(no_descriptors) / sizeof(no_descriptors[0]); i++) {
    refuses(no_descriptors[i]);
  }
}

static void what_was_closed_is_refused(void) {
  refuses(1023);
}

static void many_opens_leave_nothing_behind(void) {
  for (int i = 0; i < 20000; i++) {
    const sock_handle socket = sock_open(AF_INET, SOCK_STREAM, 0, 0);
    if (socket < 0 || sock_close(socket) != 0) {
      EXPECT(0);
      return;
    }
  }
  EXPECT(1);
}

int main(void) {
  RUN(open_sets_cloexec_unless_inheritable);
  RUN(open_reports_the_systems_error);
  RUN(open_reports_that_descriptors_ran_out);
  RUN(pair_is_connected_both_ways);
  RUN(check_tells_sockets_from_files);
  RUN(set_cloexec_switches_both_ways);
  RUN(duplicate_shares_one_description);
  RUN(nonblocking_mode_switches_both_ways);
  RUN(accept_gives_the_peer_and_cloexec);
#if defined(SOCK_NONBLOCK)
  RUN(accept4_sets_the_flags_it_is_given);
#endif
  RUN(accept_without_waiting);
  RUN(accept_without_waiting_still_says_what_cannot_accept);
  RUN(accept_batch_takes_what_is_there);
  RUN(shutdown_takes_three_directions);
  RUN(closing_twice_is_refused);
  RUN(what_is_no_descriptor_is_refused);
  RUN(what_was_closed_is_refused);
  RUN(many_opens_leave_nothing_behind);
  return report();
}
