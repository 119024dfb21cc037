/* The three ways to connect: in the blocking mode of the socket, without waiting, and with a time-out. */
#include "system.h"

#ifdef SOCK_SYSTEM_UNIX

static int connect_now(int descriptor, const sock_address *address) {
  sock_system_address name;
  socklen_t length = 0;
  const int result = sock_address_encode(address, &name, &length);
  if (result < 0) return result;
  return connect(descriptor, &name.any, length) < 0 ? sock_fail() : 0;
}

int sock_connect(sock_handle socket, const sock_address *address) {
  const int descriptor = sock_descriptor(socket);
  return descriptor < 0 ? descriptor : connect_now(descriptor, address);
}

int sock_try_connect(sock_handle socket, const sock_address *address) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  const int nonblocking = sock_nonblocking(socket);
  if (nonblocking < 0) return nonblocking;
  if (nonblocking) return connect_now(descriptor, address);

  int result = sock_set_nonblocking(socket, 1);
  if (result < 0) return result;
  result = connect_now(descriptor, address);
  const int restored = sock_set_nonblocking(socket, 0);
  return restored < 0 ? restored : result;
}

static int finish_connect(int descriptor, sock_deadline deadline) {
  short ready = 0;
  const int count = sock_poll_until(descriptor, POLLOUT, deadline, &ready);
  if (count < 0) return count;
  if (count == 0) return -ETIMEDOUT;
  if (ready & POLLNVAL) return -EBADF;

  int error = 0;
  socklen_t length = sizeof(error);
  if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) < 0) return sock_fail();
  if (error != 0) return -error;
  /* The socket is hung up without an error: another thread shut it down, or read the error. */
  return ready & (POLLHUP | POLLERR) ? -ECONNABORTED : 0;
}

#if defined(__linux__)
static int connect_within(int descriptor, const sock_address *address, sock_deadline deadline) {
  for (;;) {
    const int left = sock_deadline_left(deadline);
    if (left == 0) return -ETIMEDOUT;
    /* All zeros mean no time-out. */
    struct timeval time = {0, 0};
    if (left > 0) time = (struct timeval){left / 1000, left % 1000 * 1000};
    if (setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time)) < 0) {
      return sock_fail();
    }
    const int result = connect_now(descriptor, address);
    if (result != -EAGAIN && result != -EINTR) return result;
  }
}

/*
 * Connecting a unix socket to a listener whose queue is full is not "in progress", so poll(2) cannot wait for it.
 * connect(2) itself waits for room, as long as SO_SNDTIMEO allows (socket(7)).
 */
static int connect_local(int descriptor, const sock_address *address, sock_deadline deadline) {
  struct timeval before;
  socklen_t length = sizeof(before);
  if (getsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &before, &length) < 0) return sock_fail();
  int result = sock_set_nonblocking(descriptor, 0);
  if (result < 0) return result;
  result = connect_within(descriptor, address, deadline);
  if (setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &before, sizeof(before)) < 0 && result == 0) {
    return sock_fail();
  }
  return result;
}
#endif

int sock_connect_timeout(sock_handle socket, const sock_address *address, double milliseconds) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  if (!(milliseconds > 0)) return -EINVAL;
  const sock_deadline deadline = sock_deadline_after(milliseconds);

  const int nonblocking = sock_nonblocking(socket);
  if (nonblocking < 0) return nonblocking;
  int result = sock_set_nonblocking(socket, 1);
  if (result < 0) return result;

  result = connect_now(descriptor, address);
  /* The system continues an interrupted connect in the background, as one that is in progress. */
  if (result == -EINPROGRESS || result == -EINTR) result = finish_connect(descriptor, deadline);
#if defined(__linux__)
  if (result == -EAGAIN && address->family == SOCK_FAMILY_UNIX) {
    result = connect_local(descriptor, address, deadline);
  }
#endif

  const int restored = sock_set_nonblocking(socket, result < 0 ? nonblocking : 0);
  return result < 0 ? result : restored;
}

#endif
