/* Waiting on many sockets, with epoll(7). */
#include "system.h"

#if defined(__linux__)

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

/*
 * Events in one system call: few enough for the stack of any thread, enough to make the cost of the call small for
 * each.
 */
#define BATCH 256

int64_t sock_poller_open(void) {
  const int descriptor = epoll_create1(EPOLL_CLOEXEC);
  return descriptor < 0 ? sock_fail() : descriptor;
}

/* No token has this value: a token has 32 bits. */
#define WAKER UINT64_MAX

static int control(int64_t poller, int operation, sock_handle socket, uint32_t token,
                   unsigned interest) {
  const int epoll = sock_descriptor(poller);
  if (epoll < 0) return epoll;
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  const unsigned known = SOCK_READABLE | SOCK_WRITABLE | SOCK_PRIORITY | SOCK_EDGE | SOCK_ONE_SHOT;
  if (interest & ~known) return -EINVAL;
  struct epoll_event event;
  memset(&event, 0, sizeof(event));
  if (interest & SOCK_READABLE) event.events |= EPOLLIN | EPOLLRDHUP;
  if (interest & SOCK_WRITABLE) event.events |= EPOLLOUT;
  if (interest & SOCK_PRIORITY) event.events |= EPOLLPRI;
  if (interest & SOCK_EDGE) event.events |= EPOLLET;
  if (interest & SOCK_ONE_SHOT) event.events |= EPOLLONESHOT;
  event.data.u64 = token;
  return epoll_ctl(epoll, operation, descriptor, &event) < 0 ? sock_fail() : 0;
}

int sock_poller_add(int64_t poller, sock_handle socket, uint32_t token, unsigned interest) {
  return control(poller, EPOLL_CTL_ADD, socket, token, interest);
}

int sock_poller_modify(int64_t poller, sock_handle socket, uint32_t token, unsigned interest) {
  return control(poller, EPOLL_CTL_MOD, socket, token, interest);
}

int sock_poller_remove(int64_t poller, sock_handle socket) {
  return control(poller, EPOLL_CTL_DEL, socket, 0, 0);
}

/* Edge-triggered, so each wake is one event and nobody has to read the counter. */
int64_t sock_poller_waker(int64_t poller) {
  const int epoll = sock_descriptor(poller);
  if (epoll < 0) return epoll;
  const int waker = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (waker < 0) return sock_fail();
  struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data = {.u64 = WAKER}};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, waker, &event) == 0) return waker;
  const int error = sock_fail();
  close(waker);
  return error;
}

int sock_poller_wake(int64_t waker) {
  const int descriptor = sock_descriptor(waker);
  if (descriptor < 0) return descriptor;
  /*
   * The number may belong to another file by now. Only an anonymous inode has no file type, and of those only an
   * eventfd takes these eight bytes.
   */
  struct stat status;
  if (fstat(descriptor, &status) < 0) return sock_fail();
  if ((status.st_mode & S_IFMT) != 0) return -EBADF;
  const uint64_t one = 1;
  if (write(descriptor, &one, sizeof(one)) >= 0) return 0;
  if (errno == EINVAL) return -EBADF;
  if (errno != EAGAIN) return sock_fail();
  /* The counter is full. It must be read first, because only a write that succeeds makes an event. */
  uint64_t count = 0;
  if (read(descriptor, &count, sizeof(count)) < 0 && errno != EAGAIN) return sock_fail();
  return write(descriptor, &one, sizeof(one)) < 0 ? sock_fail() : 0;
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
    int filled = 0;
    for (int i = 0; i < count; i++) {
      if (batch[i].data.u64 == WAKER) continue;
      events[filled].token = (uint32_t)batch[i].data.u64;
      events[filled].ready = readiness(batch[i].events);
      filled++;
    }
    if (count > 0) return filled;
    if (count == 0 && left == 0) return 0;
  }
}

int sock_poller_close(int64_t poller) {
  return sock_close(poller);
}

#endif
