/* Waiting on sockets with WSAPoll. Before Windows 10 2004 it does not report a failed connect. */
#include "system.h"

#ifdef SOCK_SYSTEM_WINDOWS

#define INTERESTS (unsigned)(SOCK_READABLE | SOCK_WRITABLE | SOCK_PRIORITY)
/* The most sockets of one call, which keeps their list on the stack. A poller takes more. */
#define POLL_MAX 256

static SHORT events_of(unsigned interest) {
  int events = 0;
  if (interest & SOCK_READABLE) events |= POLLRDNORM;
  if (interest & SOCK_WRITABLE) events |= POLLWRNORM;
  if (interest & SOCK_PRIORITY) events |= POLLRDBAND;
  return (SHORT)events;
}

static uint32_t readiness(SHORT events, unsigned interest) {
  uint32_t ready = 0;
  if (events & POLLRDNORM) ready |= SOCK_READABLE;
  if (events & POLLWRNORM) ready |= SOCK_WRITABLE;
  if (events & POLLRDBAND) ready |= SOCK_PRIORITY;
  if (events & (POLLERR | POLLNVAL)) ready |= SOCK_ERROR;
  if (events & POLLHUP) {
    ready |= SOCK_HANGUP;
    /* The end of the stream is readable, but WSAPoll does not say so. */
    ready |= interest & SOCK_READABLE;
  }
  return ready;
}

int sock_poll(sock_poll_entry *entries, size_t count, double milliseconds) {
  if (count == 0 || count > POLL_MAX || milliseconds != milliseconds) return -EINVAL;
  WSAPOLLFD list[POLL_MAX];
  for (size_t i = 0; i < count; i++) {
    const SOCKET number = sock_socket(entries[i].socket);
    if (number == INVALID_SOCKET || (entries[i].interest & ~INTERESTS)) return -EINVAL;
    list[i] = (WSAPOLLFD){number, events_of(entries[i].interest), 0};
  }
  const sock_deadline deadline = sock_deadline_after(milliseconds);
  for (;;) {
    const int left = sock_deadline_left(deadline);
    const int ready = WSAPoll(list, (ULONG)count, left);
    if (ready == SOCKET_ERROR) return sock_fail();
    if (ready > 0 || left == 0) {
      for (size_t i = 0; i < count; i++) {
        entries[i].ready = readiness(list[i].revents, entries[i].interest);
      }
      return ready;
    }
  }
}

int sock_wait(sock_handle socket, unsigned interest, double milliseconds) {
  const int result = sock_check(socket);
  if (result < 0) return result;
  sock_poll_entry entry = {socket, interest, 0};
  const int count = sock_poll(&entry, 1, milliseconds);
  return count <= 0 ? count : (int)entry.ready;
}

#endif
