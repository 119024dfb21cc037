/*
 * kqueue(2) as its manual describes it, over poll(2), for the tests of poller_kqueue.c on Linux: the filters for
 * reading, writing and out-of-band data, user events, EV_CLEAR, EV_ONESHOT and EV_EOF. It serves one thread. A
 * duplicate of a queue is the same queue. A closed descriptor leaves its queue.
 *
 * @see kqueue(2) of FreeBSD and of macOS
 */
#ifndef TEST_KQUEUE_EVENT_H
#define TEST_KQUEUE_EVENT_H

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct kevent {
  uintptr_t ident;
  short filter;
  unsigned short flags;
  unsigned fflags;
  int64_t data;
  void *udata;
};

#define EVFILT_READ (-1)
#define EVFILT_WRITE (-2)
#define EVFILT_USER (-10)
#if !defined(TEST_KQUEUE_WITHOUT_EXCEPT)
#define EVFILT_EXCEPT (-15)
#define NOTE_OOB 0x2
#endif

#define EV_ADD 0x0001
#define EV_DELETE 0x0002
#define EV_ONESHOT 0x0010
#define EV_CLEAR 0x0020
#define EV_EOF 0x8000
#define EV_ERROR 0x4000
#define NOTE_TRIGGER 0x01000000

#define EV_SET(event, id, filter_, flags_, fflags_, data_, udata_) \
  do {                                                             \
    struct kevent *const set = (event);                            \
    set->ident = (id);                                             \
    set->filter = (filter_);                                       \
    set->flags = (flags_);                                         \
    set->fflags = (fflags_);                                       \
    set->data = (data_);                                           \
    set->udata = (udata_);                                         \
  } while (0)

/* What is registered, and what EV_CLEAR has reported of it. */
struct knote {
  ino_t queue;
  ino_t file;
  struct kevent event;
  int64_t reported;
  int triggered;
};

#define KNOTES 64
static struct knote knotes[KNOTES];

static ino_t inode_of(int descriptor) {
  struct stat status;
  return fstat(descriptor, &status) < 0 ? 0 : status.st_ino;
}

static int kqueue(void) {
  return memfd_create("kqueue", 0);
}

static struct knote *find_knote(ino_t queue, const struct kevent *event) {
  for (int i = 0; i < KNOTES; i++) {
    struct knote *const note = &knotes[i];
    if (note->queue == queue && note->event.ident == event->ident &&
        note->event.filter == event->filter) {
      return note;
    }
  }
  return NULL;
}

static struct knote *new_knote(void) {
  for (int i = 0; i < KNOTES; i++) {
    if (knotes[i].queue == 0) return &knotes[i];
  }
  abort();
}

static int change_knote(ino_t queue, const struct kevent *change) {
  struct knote *note = find_knote(queue, change);
  if (change->flags & EV_DELETE) {
    if (note == NULL) return ENOENT;
    memset(note, 0, sizeof(*note));
    return 0;
  }
  const ino_t file = change->filter == EVFILT_USER ? 1 : inode_of((int)change->ident);
  if (file == 0) return EBADF;
  if (note == NULL) {
    if (!(change->flags & EV_ADD)) return ENOENT;
    note = new_knote();
    note->queue = queue;
  }
  if (change->flags & EV_ADD) {
    note->file = file;
    note->event = *change;
    note->event.flags = change->flags & (EV_CLEAR | EV_ONESHOT);
    note->reported = -1;
  }
  if (change->fflags & NOTE_TRIGGER) note->triggered = 1;
  return 0;
}

/* Fills the event if the note has one. */
static int activity(struct knote *note, struct kevent *out) {
  *out = note->event;
  if (note->event.filter == EVFILT_USER) {
    if (!note->triggered) return 0;
    if (note->event.flags & EV_CLEAR) note->triggered = 0;
    return 1;
  }
  const int descriptor = (int)note->event.ident;
  if (inode_of(descriptor) != note->file) {
    memset(note, 0, sizeof(*note));
    return 0;
  }
#if defined(EVFILT_EXCEPT)
  if (note->event.filter == EVFILT_EXCEPT && !(note->event.fflags & NOTE_OOB)) return 0;
#endif
  const short wanted = note->event.filter == EVFILT_READ    ? POLLIN | POLLRDHUP
                       : note->event.filter == EVFILT_WRITE ? POLLOUT
                                                            : POLLPRI;
  struct pollfd entry = {descriptor, wanted, 0};
  if (poll(&entry, 1, 0) <= 0 || (entry.revents & (wanted | POLLHUP | POLLERR)) == 0) {
    note->reported = -1;
    return 0;
  }
  int bytes = 0;
  if (note->event.filter == EVFILT_READ) (void)ioctl(descriptor, FIONREAD, &bytes);
  const int ended = entry.revents & (POLLHUP | POLLERR) ||
                    (note->event.filter == EVFILT_READ && entry.revents & POLLRDHUP);
  const int64_t state = (int64_t)bytes * 2 + (ended ? 1 : 0);
  if (note->event.flags & EV_CLEAR && note->reported == state) return 0;
  note->reported = state;
  out->data = bytes;
  if (ended) {
    int error = 0;
    socklen_t length = sizeof(error);
    /* The error stays stored for the caller, so this model cannot read it: POLLERR says that there is one. */
    if (getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &error, &length) == 0) {
      out->flags |= EV_EOF;
      out->fflags = entry.revents & POLLERR ? ECONNREFUSED : 0;
    }
  }
  return 1;
}

static int take_events(ino_t queue, struct kevent *events, int room) {
  int count = 0;
  for (int i = 0; i < KNOTES && count < room; i++) {
    if (knotes[i].queue != queue || !activity(&knotes[i], &events[count])) continue;
    if (knotes[i].event.flags & EV_ONESHOT) memset(&knotes[i], 0, sizeof(knotes[i]));
    count++;
  }
  return count;
}

static int kevent(int descriptor, const struct kevent *changes, int change_count,
                  struct kevent *events, int room, const struct timespec *timeout) {
  const ino_t queue = inode_of(descriptor);
  if (queue == 0) return errno = EBADF, -1;
  for (int i = 0; i < change_count; i++) {
    const int error = change_knote(queue, &changes[i]);
    if (error != 0) return errno = error, -1;
  }
  if (room == 0) return 0;
  struct timespec now, pause = {0, 1000000};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const int64_t start = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
  for (;;) {
    const int count = take_events(queue, events, room);
    if (count > 0) return count;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const int64_t passed = now.tv_sec * INT64_C(1000000000) + now.tv_nsec - start;
    if (timeout != NULL && passed >= timeout->tv_sec * INT64_C(1000000000) + timeout->tv_nsec) {
      return 0;
    }
    (void)nanosleep(&pause, NULL);
  }
}

#endif
