/* Waiting on many sockets, with epoll(7). */
#include "system.h"

#if defined(__linux__)

#include <sys/epoll.h>

/* Events per system call: enough to amortise it, small enough for any thread's stack. */
#define BATCH 256

int64_t sock_poller_open(void) {
  const int descriptor = epoll_create1(EPOLL_CLOEXEC);
  return descriptor < 0 ? sock_fail() : descriptor;
}

int sock_poller_set(int64_t poller, sock_handle socket, unsigned interest) {
  const int epoll = sock_descriptor(poller);
  if (epoll < 0) return epoll;
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  if (interest & ~(unsigned)(SOCK_READABLE | SOCK_WRITABLE | SOCK_PRIORITY)) return -EINVAL;

  if (interest == 0) {
    if (epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, NULL) == 0 || errno == ENOENT) return 0;
    return sock_fail();
  }
  struct epoll_event event;
  memset(&event, 0, sizeof(event));
  event.events = EPOLLONESHOT;
  if (interest & SOCK_READABLE) event.events |= EPOLLIN | EPOLLRDHUP;
  if (interest & SOCK_WRITABLE) event.events |= EPOLLOUT;
  if (interest & SOCK_PRIORITY) event.events |= EPOLLPRI;
  event.data.fd = descriptor;
  /* Arming again is the common case: a socket is added once and waited on many times. */
  if (epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event) == 0) return 0;
  if (errno != ENOENT) return sock_fail();
  return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) < 0 ? sock_fail() : 0;
}

static uint32_t readiness(uint32_t events) {
  uint32_t ready = 0;
  if (events & EPOLLIN) ready |= SOCK_READABLE;
  if (events & EPOLLOUT) ready |= SOCK_WRITABLE;
  if (events & EPOLLPRI) ready |= SOCK_PRIORITY;
  if (events & EPOLLERR) ready |= SOCK_ERROR;
  if (events & (EPOLLHUP | EPOLLRDHUP)) ready |= SOCK_HANGUP;
  return ready;
}

int sock_poller_wait(int64_t poller, sock_event *events, int capacity, double milliseconds) {
  const int epoll = sock_descriptor(poller);
  if (epoll < 0) return epoll;
  if (capacity <= 0 || milliseconds != milliseconds) return -EINVAL;
  struct epoll_event batch[BATCH];
  const int room = capacity < BATCH ? capacity : BATCH;
  const sock_deadline deadline = sock_deadline_after(milliseconds);
  for (;;) {
    const int left = sock_deadline_left(deadline);
    const int count = epoll_wait(epoll, batch, room, left);
    if (count < 0 && errno != EINTR) return sock_fail();
    for (int i = 0; i < count; i++) {
      events[i].socket = batch[i].data.fd;
      events[i].ready = readiness(batch[i].events);
      events[i].reserved = 0;
    }
    if (count > 0 || (count == 0 && left == 0)) return count;
  }
}

int sock_poller_close(int64_t poller) {
  return sock_close(poller);
}

#endif
