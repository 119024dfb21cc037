/* Waiting on many sockets, with kqueue(2). */
#include "system.h"

#if defined(SOCK_SYSTEM_BSD)

#include <sys/event.h>

#include <time.h>

/*
 * Events in one system call: few enough for the stack of any thread, enough to make the cost of the call small for
 * each.
 */
#define BATCH 256
#define NS_PER_MS 1000000

/* The identifier of the user event that `sock_poller_wake` triggers. No descriptor has this number. */
#define WAKER UINTPTR_MAX

/* What EVFILT_EXCEPT has to report. Without it the filter reports nothing. */
#if defined(NOTE_OOB)
#define OUT_OF_BAND NOTE_OOB
#else
#define OUT_OF_BAND 0
#endif

/* The fields of a kevent have other types on NetBSD. EV_SET casts to them. */
static int change(int queue, int descriptor, int filter, int action, uint32_t token) {
  struct kevent event;
  memset(&event, 0, sizeof(event));
#if defined(EVFILT_EXCEPT)
  const unsigned wanted = filter == EVFILT_EXCEPT ? OUT_OF_BAND : 0;
#else
  const unsigned wanted = 0;
#endif
  EV_SET(&event, (uintptr_t)descriptor, (short)filter, (unsigned short)action, wanted, 0, 0);
  memcpy(&event.udata, &token, sizeof(token));
  const struct timespec at_once = {0, 0};
  return kevent(queue, &event, 1, NULL, 0, &at_once) < 0 ? sock_fail() : 0;
}

static int remove_filter(int queue, int descriptor, int filter) {
  const int result = change(queue, descriptor, filter, EV_DELETE, 0);
  return result == -ENOENT ? 0 : result;
}

static int set_filter(int queue, int descriptor, int filter, int on, unsigned interest,
                      uint32_t token) {
  if (!on) return remove_filter(queue, descriptor, filter);
  int action = EV_ADD;
  if (interest & SOCK_EDGE) action |= EV_CLEAR;
  if (interest & SOCK_ONE_SHOT) action |= EV_ONESHOT;
  return change(queue, descriptor, filter, action, token);
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

int sock_poller_modify(int64_t poller, sock_handle socket, uint32_t token, unsigned interest) {
  const int queue = sock_descriptor(poller);
  if (queue < 0) return queue;
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  const unsigned known = SOCK_READABLE | SOCK_WRITABLE | SOCK_PRIORITY | SOCK_EDGE | SOCK_ONE_SHOT;
  if (interest & ~known) return -EINVAL;
  /*
   * macOS and OpenBSD have a filter for out-of-band data. Elsewhere a queue reports such data only if it stays in
   * line, as data to read: SO_OOBINLINE.
   */
#if defined(EVFILT_EXCEPT)
  const int reads = (interest & SOCK_READABLE) != 0;
  const int priority =
      set_filter(queue, descriptor, EVFILT_EXCEPT, interest & SOCK_PRIORITY, interest, token);
  if (priority < 0) return priority;
#else
  const int reads = (interest & (SOCK_READABLE | SOCK_PRIORITY)) != 0;
#endif
  const int result = set_filter(queue, descriptor, EVFILT_READ, reads, interest, token);
  if (result < 0) return result;
  return set_filter(queue, descriptor, EVFILT_WRITE, interest & SOCK_WRITABLE, interest, token);
}

int sock_poller_add(int64_t poller, sock_handle socket, uint32_t token, unsigned interest) {
  return sock_poller_modify(poller, socket, token, interest);
}

int sock_poller_remove(int64_t poller, sock_handle socket) {
  return sock_poller_modify(poller, socket, 0, 0);
}

int64_t sock_poller_waker(int64_t poller) {
  const int queue = sock_descriptor(poller);
  if (queue < 0) return queue;
  struct kevent event;
  memset(&event, 0, sizeof(event));
  EV_SET(&event, WAKER, EVFILT_USER, EV_ADD | EV_CLEAR, 0, 0, 0);
  const struct timespec at_once = {0, 0};
  if (kevent(queue, &event, 1, NULL, 0, &at_once) < 0) return sock_fail();
  return sock_duplicate(queue);
}

int sock_poller_wake(int64_t waker) {
  const int queue = sock_descriptor(waker);
  if (queue < 0) return queue;
  struct kevent event;
  memset(&event, 0, sizeof(event));
  EV_SET(&event, WAKER, EVFILT_USER, 0, NOTE_TRIGGER, 0, 0);
  const struct timespec at_once = {0, 0};
  return kevent(queue, &event, 1, NULL, 0, &at_once) < 0 ? sock_fail() : 0;
}

static uint32_t readiness(const struct kevent *event) {
  uint32_t ready = 0;
  if (event->filter == EVFILT_READ) ready |= SOCK_READABLE;
  if (event->filter == EVFILT_WRITE) ready |= SOCK_WRITABLE;
#if defined(EVFILT_EXCEPT)
  if (event->filter == EVFILT_EXCEPT) ready |= SOCK_PRIORITY;
#endif
  if (event->flags & EV_EOF) ready |= SOCK_HANGUP;
  /* The other filters have flags of their own there. */
  const int is_error = event->filter == EVFILT_READ || event->filter == EVFILT_WRITE;
  if ((event->flags & EV_ERROR) || (is_error && (event->flags & EV_EOF) && event->fflags != 0)) {
    ready |= SOCK_ERROR;
  }
  return ready;
}

/* EV_ONESHOT removes only the filter that fired. This removes the others too, as epoll disarms the whole socket. */
static void disarm(int queue, int descriptor) {
  (void)remove_filter(queue, descriptor, EVFILT_READ);
  (void)remove_filter(queue, descriptor, EVFILT_WRITE);
#if defined(EVFILT_EXCEPT)
  (void)remove_filter(queue, descriptor, EVFILT_EXCEPT);
#endif
}

/* Makes one event for each socket. The queue reports each filter on its own. Returns how many events there are. */
static int merge(int queue, struct kevent *batch, int count, sock_event *events) {
  int merged = 0;
  for (int i = 0; i < count; i++) {
    if (batch[i].ident == WAKER) continue;
    if (batch[i].flags & EV_ONESHOT) disarm(queue, (int)batch[i].ident);
    int at = 0;
    /* The first entries of the batch remember which socket each event belongs to. */
    while (at < merged && batch[at].ident != batch[i].ident) at++;
    if (at == merged) {
      memcpy(&events[at].token, &batch[i].udata, sizeof(events[at].token));
      events[at].ready = 0;
      merged++;
    }
    events[at].ready |= readiness(&batch[i]);
    batch[at].ident = batch[i].ident;
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
  /* The parameter is an int on most systems and a size_t on NetBSD. 16 bits widen to either. */
  const uint16_t room = (uint16_t)(capacity < BATCH ? capacity : BATCH);
  const sock_deadline deadline = sock_deadline_after(milliseconds);
  for (;;) {
    struct timespec time;
    const struct timespec *const left = left_of(deadline, &time);
    const int count = kevent(queue, NULL, 0, batch, room, left);
    if (count < 0 && errno != EINTR) return sock_fail();
    if (count > 0) return merge(queue, batch, count, events);
    if (count == 0 && left != NULL && left->tv_sec == 0 && left->tv_nsec == 0) return 0;
  }
}

int sock_poller_close(int64_t poller) {
  return sock_close(poller);
}

#endif
