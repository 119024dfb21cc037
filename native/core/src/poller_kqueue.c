/* Waiting on many sockets, with kqueue(2). */
#include "system.h"

#if defined(SOCK_SYSTEM_BSD)

#include <sys/event.h>

#include <time.h>

/* Events per system call: enough to amortise it, small enough for any thread's stack. */
#define BATCH 256
#define NS_PER_MS 1000000

/* kevent's fields have other types on NetBSD, which EV_SET casts to. */
static int change(int queue, int descriptor, int filter, int action) {
  struct kevent event;
  EV_SET(&event, (uintptr_t)descriptor, (short)filter, (unsigned short)action, 0, 0, 0);
  const struct timespec at_once = {0, 0};
  return kevent(queue, &event, 1, NULL, 0, &at_once) < 0 ? sock_fail() : 0;
}

static int set_filter(int queue, int descriptor, int filter, int on) {
  if (on) return change(queue, descriptor, filter, EV_ADD | EV_ONESHOT);
  const int result = change(queue, descriptor, filter, EV_DELETE);
  return result == -ENOENT ? 0 : result;
}

int64_t sock_poller_open(void) {
  const int queue = kqueue();
  if (queue < 0) return sock_fail();
  const int result = sock_set_cloexec(queue, 1);
  if (result < 0) {
    close(queue);
    return result;
  }
  return queue;
}

int sock_poller_set(int64_t poller, sock_handle socket, unsigned interest) {
  const int queue = sock_descriptor(poller);
  if (queue < 0) return queue;
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  if (interest & ~(unsigned)(SOCK_READABLE | SOCK_WRITABLE | SOCK_PRIORITY)) return -EINVAL;
  /* Out-of-band data has a filter of its own on Apple; elsewhere it makes the socket readable. */
#if defined(EVFILT_EXCEPT)
  const int reads = (interest & SOCK_READABLE) != 0;
  const int priority = set_filter(queue, descriptor, EVFILT_EXCEPT, interest & SOCK_PRIORITY);
  if (priority < 0) return priority;
#else
  const int reads = (interest & (SOCK_READABLE | SOCK_PRIORITY)) != 0;
#endif
  const int result = set_filter(queue, descriptor, EVFILT_READ, reads);
  if (result < 0) return result;
  return set_filter(queue, descriptor, EVFILT_WRITE, interest & SOCK_WRITABLE);
}

static uint32_t readiness(const struct kevent *event) {
  uint32_t ready = 0;
  if (event->filter == EVFILT_READ) ready |= SOCK_READABLE;
  if (event->filter == EVFILT_WRITE) ready |= SOCK_WRITABLE;
#if defined(EVFILT_EXCEPT)
  if (event->filter == EVFILT_EXCEPT) ready |= SOCK_PRIORITY;
#endif
  if (event->flags & EV_EOF) ready |= SOCK_HANGUP;
  if ((event->flags & EV_ERROR) || ((event->flags & EV_EOF) && event->fflags != 0)) {
    ready |= SOCK_ERROR;
  }
  return ready;
}

/* One event per socket, though the queue reports each filter by itself. Returns how many. */
static int merge(const struct kevent *batch, int count, sock_event *events) {
  int merged = 0;
  for (int i = 0; i < count; i++) {
    const sock_handle socket = (sock_handle)batch[i].ident;
    int at = 0;
    while (at < merged && events[at].socket != socket) at++;
    if (at == merged) {
      events[at] = (sock_event){.socket = socket, .ready = 0, .reserved = 0};
      merged++;
    }
    events[at].ready |= readiness(&batch[i]);
  }
  return merged;
}

static const struct timespec *left_of(sock_deadline deadline, struct timespec *room) {
  const int milliseconds = sock_deadline_left(deadline);
  if (milliseconds < 0) return NULL;
  room->tv_sec = milliseconds / 1000;
  room->tv_nsec = (long)(milliseconds % 1000) * NS_PER_MS;
  return room;
}

int sock_poller_wait(int64_t poller, sock_event *events, int capacity, double milliseconds) {
  const int queue = sock_descriptor(poller);
  if (queue < 0) return queue;
  if (capacity <= 0 || milliseconds != milliseconds) return -EINVAL;
  struct kevent batch[BATCH];
  /* int on most systems and size_t on NetBSD; 16 bits widen to either. */
  const uint16_t room = (uint16_t)(capacity < BATCH ? capacity : BATCH);
  const sock_deadline deadline = sock_deadline_after(milliseconds);
  for (;;) {
    struct timespec time;
    const struct timespec *const left = left_of(deadline, &time);
    const int count = kevent(queue, NULL, 0, batch, room, left);
    if (count < 0 && errno != EINTR) return sock_fail();
    if (count > 0) {
      const int merged = merge(batch, count, events);
      /* One filter fired, which disarms the socket: the other filters must not fire later. */
      for (int i = 0; i < merged; i++) sock_poller_set(poller, events[i].socket, 0);
      return merged;
    }
    if (count == 0 && left != NULL && left->tv_sec == 0 && left->tv_nsec == 0) return 0;
  }
}

int sock_poller_close(int64_t poller) {
  return sock_close(poller);
}

#endif
