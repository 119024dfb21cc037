/* Waiting with poll(2) until a deadline. */
#include "system.h"

#ifdef SOCK_SYSTEM_UNIX

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

#if defined(POLLRDHUP)
#define POLL_HANGUP (POLLHUP | POLLRDHUP)
#define POLL_READABLE (POLLIN | POLLRDHUP)
#else
#define POLL_HANGUP POLLHUP
#define POLL_READABLE POLLIN
#endif
#define INTERESTS (unsigned)(SOCK_READABLE | SOCK_WRITABLE | SOCK_PRIORITY)

static short events_of(unsigned interest) {
  int events = 0;
  if (interest & SOCK_READABLE) events |= POLL_READABLE;
  if (interest & SOCK_WRITABLE) events |= POLLOUT;
  if (interest & SOCK_PRIORITY) events |= POLLPRI;
  return (short)events;
}

static uint32_t readiness(short events) {
  uint32_t ready = 0;
  if (events & POLLIN) ready |= SOCK_READABLE;
  if (events & POLLOUT) ready |= SOCK_WRITABLE;
  if (events & POLLPRI) ready |= SOCK_PRIORITY;
  if (events & (POLLERR | POLLNVAL)) ready |= SOCK_ERROR;
  if (events & POLL_HANGUP) ready |= SOCK_HANGUP;
  return ready;
}

int sock_wait(sock_handle socket, unsigned interest, double milliseconds) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  if (milliseconds != milliseconds || (interest & ~INTERESTS)) return -EINVAL;
  short ready = 0;
  const int count =
      sock_poll_until(descriptor, events_of(interest), sock_deadline_after(milliseconds), &ready);
  if (count <= 0) return count;
  return ready & POLLNVAL ? -EBADF : (int)readiness(ready);
}

/* The most sockets of one call, which keeps their list on the stack. A poller takes more. */
#define POLL_MAX 256

int sock_poll(sock_poll_entry *entries, size_t count, double milliseconds) {
  if (count > POLL_MAX || milliseconds != milliseconds) return -EINVAL;
  struct pollfd list[POLL_MAX];
  for (size_t i = 0; i < count; i++) {
    const int descriptor = sock_descriptor(entries[i].socket);
    if (descriptor < 0 || (entries[i].interest & ~INTERESTS)) return -EINVAL;
    list[i] = (struct pollfd){.fd = descriptor, .events = events_of(entries[i].interest)};
  }
  const sock_deadline deadline = sock_deadline_after(milliseconds);
  for (;;) {
    const int left = sock_deadline_left(deadline);
    const int ready = poll(list, (nfds_t)count, left);
    if (ready < 0 && errno != EINTR) return sock_fail();
    if (ready > 0 || (ready == 0 && left == 0)) {
      for (size_t i = 0; i < count; i++) entries[i].ready = readiness(list[i].revents);
      return ready;
    }
  }
}

#endif
