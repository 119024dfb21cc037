/* The three ways to connect and their results: accepted, refused, timed out, interrupted. */
#include "expect.h"

#include <signal.h>

#define FILLERS 8

/* A listener with a full queue, so a connect to it waits. */
typedef struct full_listener {
  sock_handle listener;
  sock_address address;
  sock_handle fillers[FILLERS];
} full_listener;

/* Returns 0 if the system goes on accepting connections, as some do on the loopback. */
static int fill(full_listener *full) {
  full->listener = listening_ipv4(0, &full->address);
  int pending = 0;
  for (int i = 0; i < FILLERS; i++) {
    full->fillers[i] = sock_open(AF_INET, SOCK_STREAM, 0, 0);
    const int result = sock_try_connect(full->fillers[i], &full->address);
    EXPECT(result == 0 || result == -EINPROGRESS);
    pending = sock_wait(full->fillers[i], SOCK_WRITABLE, 50) == 0;
  }
  return pending;
}

static void empty(const full_listener *full) {
  for (int i = 0; i < FILLERS; i++) EXPECT_EQUAL(sock_close(full->fillers[i]), 0);
  EXPECT_EQUAL(sock_close(full->listener), 0);
}

/* A port on which nobody listens: it was free a moment ago. */
static sock_address refusing_address(void) {
  sock_address address;
  const sock_handle socket = bound_ipv4(SOCK_STREAM, &address);
  EXPECT_EQUAL(sock_close(socket), 0);
  return address;
}

static volatile sig_atomic_t signals;

static void count_signal(int number) {
  (void)number;
  signals++;
}

/* From now on a signal comes every 5 ms. Without SA_RESTART each one ends a call that waits. */
static struct sigaction start_signals(void) {
  struct sigaction action, before;
  memset(&action, 0, sizeof(action));
  action.sa_handler = count_signal;
  signals = 0;
  EXPECT_EQUAL(sigaction(SIGALRM, &action, &before), 0);
  const struct itimerval often = {{0, 5000}, {0, 5000}};
  EXPECT_EQUAL(setitimer(ITIMER_REAL, &often, NULL), 0);
  return before;
}

static void stop_signals(const struct sigaction *before) {
  const struct itimerval never = {{0, 0}, {0, 0}};
  EXPECT_EQUAL(setitimer(ITIMER_REAL, &never, NULL), 0);
  EXPECT_EQUAL(sigaction(SIGALRM, before, NULL), 0);
}

static void expect_connected(sock_handle client, const sock_address *address) {
  sock_address peer;
  EXPECT_EQUAL(sock_peer_address(client, &peer), 0);
  EXPECT_EQUAL(peer.port, address->port);
  EXPECT_EQUAL(sock_send(client, "x", 1, 0), 1);
}

static void connect_connects(void) {
  sock_address address;
  const sock_handle listener = listening_ipv4(1, &address);
  const sock_handle client = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(sock_connect(client, &address), 0);
  expect_connected(client, &address);
  EXPECT_EQUAL(sock_connect(client, &address), -EISCONN);
  EXPECT_EQUAL(sock_close(client), 0);
  EXPECT_EQUAL(sock_close(listener), 0);
}

static void refusals_are_reported_by_each_way(void) {
  const sock_address address = refusing_address();
  sock_handle client = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(sock_connect(client, &address), -ECONNREFUSED);
  EXPECT_EQUAL(sock_close(client), 0);

  client = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  const double start = now_ms();
  EXPECT_EQUAL(sock_connect_timeout(client, &address, 30000), -ECONNREFUSED);
  EXPECT(now_ms() - start < 5000);
  EXPECT_EQUAL(sock_nonblocking(client), 0);
  EXPECT_EQUAL(sock_close(client), 0);

  client = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  int result = sock_try_connect(client, &address);
  if (result == -EINPROGRESS) {
    EXPECT(sock_wait(client, SOCK_WRITABLE, 2000) & SOCK_ERROR);
    int error = 0;
    uint32_t length = sizeof(error);
    EXPECT_EQUAL(sock_get_option_raw(client, SOL_SOCKET, SO_ERROR, &error, &length), 0);
    result = -error;
  }
  EXPECT_EQUAL(result, -ECONNREFUSED);
  EXPECT_EQUAL(sock_close(client), 0);
}

static void try_connect_never_waits_and_keeps_the_mode(void) {
  full_listener full;
  const int is_full = fill(&full);
  for (int nonblocking = 0; nonblocking < 2; nonblocking++) {
    const sock_handle client = sock_open(AF_INET, SOCK_STREAM, 0, 0);
    EXPECT_EQUAL(sock_set_nonblocking(client, nonblocking), 0);
    const double start = now_ms();
    const int result = sock_try_connect(client, &full.address);
    EXPECT(result == -EINPROGRESS || (!is_full && result == 0));
    if (is_full) EXPECT_EQUAL(sock_try_connect(client, &full.address), -EALREADY);
    EXPECT(now_ms() - start < 500);
    EXPECT_EQUAL(sock_nonblocking(client), nonblocking);
    EXPECT_EQUAL(sock_close(client), 0);
  }
  empty(&full);
}

static void try_connect_succeeds_in_the_background(void) {
  sock_address address;
  const sock_handle listener = listening_ipv4(1, &address);
  const sock_handle client = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  const int result = sock_try_connect(client, &address);
  EXPECT(result == 0 || result == -EINPROGRESS);
  EXPECT_EQUAL(sock_wait(client, SOCK_WRITABLE, 2000), SOCK_WRITABLE);
  expect_connected(client, &address);
  EXPECT_EQUAL(sock_close(client), 0);
  EXPECT_EQUAL(sock_close(listener), 0);
}

static void a_timed_connect_leaves_blocking_mode(void) {
  sock_address address;
  const sock_handle listener = listening_ipv4(2, &address);
  for (int nonblocking = 0; nonblocking < 2; nonblocking++) {
    const sock_handle client = sock_open(AF_INET, SOCK_STREAM, 0, 0);
    EXPECT_EQUAL(sock_set_nonblocking(client, nonblocking), 0);
    EXPECT_EQUAL(sock_connect_timeout(client, &address, 5000), 0);
    EXPECT_EQUAL(sock_nonblocking(client), 0);
    expect_connected(client, &address);
    EXPECT_EQUAL(sock_close(client), 0);
  }
  EXPECT_EQUAL(sock_close(listener), 0);
}

static void a_timed_connect_takes_datagrams_and_local_sockets(void) {
  sock_address address;
  const sock_handle server = bound_ipv4(SOCK_DGRAM, &address);
  const sock_handle client = sock_open(AF_INET, SOCK_DGRAM, 0, 0);
  EXPECT_EQUAL(sock_connect_timeout(client, &address, 1000), 0);
  EXPECT_EQUAL(sock_nonblocking(client), 0);
  EXPECT_EQUAL(sock_close(client), 0);
  EXPECT_EQUAL(sock_close(server), 0);

  address = unix_name("timed", 5);
  const sock_handle listener = sock_open(AF_UNIX, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(sock_bind(listener, &address), 0);
  EXPECT_EQUAL(sock_listen(listener, 1), 0);
  const sock_handle local = sock_open(AF_UNIX, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(sock_connect_timeout(local, &address, 1000), 0);
  EXPECT_EQUAL(sock_nonblocking(local), 0);
  EXPECT_EQUAL(sock_close(local), 0);
  EXPECT_EQUAL(sock_close(listener), 0);
  EXPECT_EQUAL(unlink("timed"), 0);
}

static void time_runs_out_and_not_before(void) {
  full_listener full;
  if (!fill(&full)) {
    empty(&full);
    SKIP("this system's listeners take every connection");
  }
  static const double times[] = {0.2, 1, 60, 250};
  for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
    for (int nonblocking = 0; nonblocking < 2; nonblocking++) {
      const sock_handle client = sock_open(AF_INET, SOCK_STREAM, 0, 0);
      EXPECT_EQUAL(sock_set_nonblocking(client, nonblocking), 0);
      const double start = now_ms();
      EXPECT_EQUAL(sock_connect_timeout(client, &full.address, times[i]), -ETIMEDOUT);
      const double waited = now_ms() - start;
      EXPECT(waited >= times[i]);
      EXPECT(waited < times[i] + 400);
      EXPECT_EQUAL(sock_nonblocking(client), nonblocking);
      EXPECT_EQUAL(sock_close(client), 0);
    }
  }
  empty(&full);
}

static void signals_neither_end_nor_prolong_the_wait(void) {
  full_listener full;
  if (!fill(&full)) {
    empty(&full);
    SKIP("this system's listeners take every connection");
  }
  const sock_handle client = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  const struct sigaction before = start_signals();
  const double start = now_ms();
  EXPECT_EQUAL(sock_connect_timeout(client, &full.address, 300), -ETIMEDOUT);
  const double waited = now_ms() - start;
  EXPECT(signals >= 10);
  stop_signals(&before);
  EXPECT(waited >= 300);
  EXPECT(waited < 700);
  EXPECT_EQUAL(sock_close(client), 0);
  empty(&full);
}

static void signals_do_not_hide_a_connection_that_comes(void) {
  full_listener full;
  if (!fill(&full)) {
    empty(&full);
    SKIP("this system's listeners take every connection");
  }
  /* With room in the queue the system's own second attempt succeeds, a second later. */
  for (int i = 0; i < FILLERS; i++) {
    const int64_t accepted = sock_accept(full.listener, NULL, SOCK_OPEN_DONTWAIT);
    if (accepted >= 0) EXPECT_EQUAL(sock_close(accepted), 0);
  }
  const sock_handle client = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  const struct sigaction before = start_signals();
  EXPECT_EQUAL(sock_connect_timeout(client, &full.address, 5000), 0);
  stop_signals(&before);
  expect_connected(client, &full.address);
  EXPECT_EQUAL(sock_close(client), 0);
  empty(&full);
}

static void a_local_connect_waits_for_room_too(void) {
#if defined(__linux__)
  const sock_address address = unix_name("full", 4);
  const sock_handle listener = sock_open(AF_UNIX, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(sock_bind(listener, &address), 0);
  EXPECT_EQUAL(sock_listen(listener, 0), 0);
  const sock_handle first = sock_open(AF_UNIX, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(sock_connect(first, &address), 0);
  const sock_handle second = sock_open(AF_UNIX, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(sock_try_connect(second, &address), -EAGAIN);

  /* SO_SNDTIMEO belongs to the caller and stays as it was. */
  const struct timeval own = {77, 0};
  struct timeval after = {0, 0};
  uint32_t length = sizeof(after);
  EXPECT_EQUAL(sock_set_option_raw(second, SOL_SOCKET, SO_SNDTIMEO, &own, sizeof(own)), 0);
  const struct sigaction before = start_signals();
  const double start = now_ms();
  EXPECT_EQUAL(sock_connect_timeout(second, &address, 200), -ETIMEDOUT);
  const double waited = now_ms() - start;
  EXPECT(waited >= 200 && waited < 600);
  EXPECT(signals >= 10);
  stop_signals(&before);
  EXPECT_EQUAL(sock_get_option_raw(second, SOL_SOCKET, SO_SNDTIMEO, &after, &length), 0);
  EXPECT_EQUAL(after.tv_sec, 77);
  EXPECT_EQUAL(sock_nonblocking(second), 0);

  EXPECT_EQUAL(sock_close(sock_accept(listener, NULL, 0)), 0);
  EXPECT_EQUAL(sock_connect_timeout(second, &address, 5000), 0);
  EXPECT_EQUAL(sock_send(second, "x", 1, 0), 1);
  EXPECT_EQUAL(sock_close(first), 0);
  EXPECT_EQUAL(sock_close(second), 0);
  EXPECT_EQUAL(sock_close(listener), 0);
  EXPECT_EQUAL(unlink("full"), 0);
#else
  SKIP("other systems refuse when the queue is full");
#endif
}

static void times_must_be_above_zero(void) {
  sock_address address;
  const sock_handle listener = listening_ipv4(1, &address);
  const sock_handle client = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  const double zero = 0;
  EXPECT_EQUAL(sock_connect_timeout(client, &address, 0), -EINVAL);
  EXPECT_EQUAL(sock_connect_timeout(client, &address, -1), -EINVAL);
  EXPECT_EQUAL(sock_connect_timeout(client, &address, zero / zero), -EINVAL);
  EXPECT_EQUAL(sock_connect_timeout(client, &address, -1 / zero), -EINVAL);
  EXPECT_EQUAL(sock_accept(listener, NULL, SOCK_OPEN_DONTWAIT), -EAGAIN);
  EXPECT_EQUAL(sock_connect_timeout(client, &address, 1 / zero), 0);
  EXPECT_EQUAL(sock_close(client), 0);
  EXPECT_EQUAL(sock_close(listener), 0);
}

static void what_cannot_connect_says_so_at_once(void) {
  sock_address address;
  const sock_handle listener = listening_ipv4(1, &address);
  EXPECT_EQUAL(sock_connect(listener, &address), -EISCONN);
  EXPECT_EQUAL(sock_connect_timeout(listener, &address, 30000), -EISCONN);
  EXPECT_EQUAL(sock_nonblocking(listener), 0);
  const sock_handle client = sock_open(AF_INET, SOCK_STREAM, 0, 0);
  const sock_address other = ipv6_loopback(1), missing = unix_name("missing", 7);
  EXPECT_EQUAL(sock_connect_timeout(client, &other, 30000), -EAFNOSUPPORT);
  /* Shorter than any address of the family. Some systems check the length first. */
  const int mixed = sock_connect_timeout(client, &missing, 30000);
  EXPECT(mixed == -EAFNOSUPPORT || mixed == -EINVAL);
  const sock_handle local = sock_open(AF_UNIX, SOCK_STREAM, 0, 0);
  EXPECT_EQUAL(sock_connect_timeout(local, &missing, 30000), -ENOENT);
  EXPECT_EQUAL(sock_close(local), 0);
  EXPECT_EQUAL(sock_close(client), 0);
  EXPECT_EQUAL(sock_connect_timeout(client, &address, 30000), -EBADF);
  EXPECT_EQUAL(sock_close(listener), 0);
  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_EQUAL(sock_connect_timeout(file, &address, 30000), -ENOTSOCK);
  EXPECT_EQUAL(sock_try_connect(file, &address), -ENOTSOCK);
  EXPECT_EQUAL(sock_nonblocking(file), 0);
  close(file);
}

int main(void) {
  RUN(connect_connects);
  RUN(refusals_are_reported_by_each_way);
  RUN(try_connect_never_waits_and_keeps_the_mode);
  RUN(try_connect_succeeds_in_the_background);
  RUN(a_timed_connect_leaves_blocking_mode);
  RUN(a_timed_connect_takes_datagrams_and_local_sockets);
  RUN(time_runs_out_and_not_before);
  RUN(signals_neither_end_nor_prolong_the_wait);
  RUN(signals_do_not_hide_a_connection_that_comes);
  RUN(a_local_connect_waits_for_room_too);
  RUN(times_must_be_above_zero);
  RUN(what_cannot_connect_says_so_at_once);
  return report();
}
