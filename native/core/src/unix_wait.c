/* Waiting on one socket with poll(2) against a deadline. */
#include "system.h"

#ifdef SOCK_SYSTEM_UNIX

#include <time.h>

#define NEVER INT64_MAX
#define AT_ONCE 0

/* Longer than any process runs, and far below where the arithmetic would overflow. */
#define LONGEST_WAIT_MS 1e12
#define NS_PER_MS 1000000
#define NS_PER_S 1000000000

static int64_t monotonic_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

sock_deadline sock_deadline_after(double milliseconds) {
  if (milliseconds < 0 || milliseconds > LONGEST_WAIT_MS) return NEVER;
  /* A wait of 0 is the hot one (a try), and needs no clock. */
  if (!(milliseconds > 0)) return AT_ONCE;
  return monotonic_now() + (int64_t)(milliseconds * NS_PER_MS);
}

int sock_deadline_left(sock_deadline deadline) {
  if (deadline == NEVER) return -1;
  if (deadline == AT_ONCE) return 0;
  const int64_t left = deadline - monotonic_now();
  if (left <= 0) return 0;
  /* Rounded up: rounding down would spin through the last millisecond. */
  const int64_t milliseconds = (left + NS_PER_MS - 1) / NS_PER_MS;
  return milliseconds < INT_MAX ? (int)milliseconds : INT_MAX;
}

int sock_poll_until(int descriptor, short events, sock_deadline deadline, short *ready) {
  struct pollfd entry = {.fd = descriptor, .events = events, .revents = 0};
  for (;;) {
    const int left = sock_deadline_left(deadline);
    const int count = poll(&entry, 1, left);
    if (count > 0) {
      *ready = entry.revents;
      return 1;
    }
    if (count < 0 && errno != EINTR) return sock_fail();
    if (count == 0 && left == 0) return 0;
  }
}

int sock_wait(sock_handle socket, unsigned interest, double milliseconds) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  if (milliseconds != milliseconds) return -EINVAL;
  if (interest & ~(unsigned)(SOCK_READABLE | SOCK_WRITABLE | SOCK_PRIORITY)) return -EINVAL;

  int events = 0;
  if (interest & SOCK_READABLE) events |= POLLIN;
  if (interest & SOCK_WRITABLE) events |= POLLOUT;
  if (interest & SOCK_PRIORITY) events |= POLLPRI;
#if defined(POLLRDHUP)
  if (interest & SOCK_READABLE) events |= POLLRDHUP;
#endif

  short ready = 0;
  const int count =
      sock_poll_until(descriptor, (short)events, sock_deadline_after(milliseconds), &ready);
  if (count <= 0) return count;
  if (ready & POLLNVAL) return -EBADF;

  int bits = 0;
  if (ready & POLLIN) bits |= SOCK_READABLE;
  if (ready & POLLOUT) bits |= SOCK_WRITABLE;
  if (ready & POLLPRI) bits |= SOCK_PRIORITY;
  if (ready & POLLERR) bits |= SOCK_ERROR;
  if (ready & POLLHUP) bits |= SOCK_HANGUP;
#if defined(POLLRDHUP)
  if (ready & POLLRDHUP) bits |= SOCK_HANGUP;
#endif
  return bits;
}

#endif
