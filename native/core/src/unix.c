/* Opening, naming and closing sockets. */
#include "system.h"

#ifdef SOCK_SYSTEM_UNIX

#if defined(__linux__)
const char *const sock_system = "linux";
#elif defined(__APPLE__)
const char *const sock_system = "darwin";
#elif defined(__FreeBSD__)
const char *const sock_system = "freebsd";
#elif defined(__OpenBSD__)
const char *const sock_system = "openbsd";
#elif defined(__NetBSD__)
const char *const sock_system = "netbsd";
#else
const char *const sock_system = "unix";
#endif

/* Apple has neither SOCK_CLOEXEC nor accept4(2). There a second call sets the flag. */
#if defined(SOCK_CLOEXEC)
#define OPENS_CLOEXEC 1
#else
#define OPENS_CLOEXEC 0
#endif

static int set_cloexec(int descriptor, int on) {
  const int before = fcntl(descriptor, F_GETFD);
  if (before < 0) return sock_fail();
  const int after = on ? before | FD_CLOEXEC : before & ~FD_CLOEXEC;
  if (after != before && fcntl(descriptor, F_SETFD, after) < 0) return sock_fail();
  return 0;
}

/* Does what the system could not do while it made the descriptor. On failure closes the descriptor. */
static int finish_open(int descriptor, unsigned flags) {
  if (flags & SOCK_OPEN_INHERITABLE) return 0;
  int result = OPENS_CLOEXEC ? 0 : set_cloexec(descriptor, 1);
#if defined(__APPLE__)
  const int on = 1;
  if (result == 0 && setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on)) < 0) {
    result = sock_fail();
  }
#endif
  if (result < 0) close(descriptor);
  return result;
}

static int type_with_flags(int type, unsigned flags) {
#if OPENS_CLOEXEC
  if (!(flags & SOCK_OPEN_INHERITABLE)) return type | SOCK_CLOEXEC;
#else
  (void)flags;
#endif
  return type;
}

int64_t sock_open(int domain, int type, int protocol, unsigned flags) {
  const int descriptor = socket(domain, type_with_flags(type, flags), protocol);
  if (descriptor < 0) return sock_fail();
  const int result = finish_open(descriptor, flags);
  return result < 0 ? result : descriptor;
}

int sock_pair(int domain, int type, int protocol, unsigned flags, sock_handle out[2]) {
  int pair[2];
  if (socketpair(domain, type_with_flags(type, flags), protocol, pair) < 0) return sock_fail();
  int result = finish_open(pair[0], flags);
  if (result < 0) {
    close(pair[1]);
    return result;
  }
  result = finish_open(pair[1], flags);
  if (result < 0) {
    close(pair[0]);
    return result;
  }
  out[0] = pair[0];
  out[1] = pair[1];
  return 0;
}

int sock_close(sock_handle socket) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  return close(descriptor) < 0 ? sock_fail() : 0;
}

int sock_check(sock_handle socket) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  int type = 0;
  socklen_t length = sizeof(type);
  return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) < 0 ? sock_fail() : 0;
}

int sock_set_cloexec(sock_handle socket, int on) {
  const int descriptor = sock_descriptor(socket);
  return descriptor < 0 ? descriptor : set_cloexec(descriptor, on);
}

int sock_bind(sock_handle socket, const sock_address *address) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  sock_system_address name;
  socklen_t length = 0;
  const int result = sock_address_encode(address, &name, &length);
  if (result < 0) return result;
  return bind(descriptor, &name.any, length) < 0 ? sock_fail() : 0;
}

int sock_listen(sock_handle socket, int backlog) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  return listen(descriptor, backlog) < 0 ? sock_fail() : 0;
}

/* Whether accept(2) may wait. If the mode cannot be read, accept(2) fails too. */
static int may_wait(int listener) {
  const int mode = fcntl(listener, F_GETFL);
  return mode >= 0 && !(mode & O_NONBLOCK);
}

/* Whether accept(2) of a blocking listener would wait now. On a socket that cannot accept it does not wait: it fails. */
static int would_wait(int descriptor) {
  short ready = 0;
  if (sock_poll_until(descriptor, POLLIN, sock_deadline_after(0), &ready) != 0) return 0;
  int listening = 0;
  socklen_t length = sizeof(listening);
  return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) == 0 && listening;
}

int64_t sock_accept4(sock_handle socket, sock_address *peer, int flags) {
  const int listener = sock_descriptor(socket);
  if (listener < 0) return listener;
#if OPENS_CLOEXEC
  sock_system_address name;
  socklen_t length = sizeof(name);
  const int accepted =
      accept4(listener, peer == NULL ? NULL : &name.any, peer == NULL ? NULL : &length, flags);
  if (accepted < 0) return sock_fail();
  if (peer != NULL) sock_address_decode(&name, length, peer);
  return accepted;
#else
  (void)peer, (void)flags;
  return -SOCK_EUNSUPPORTED;
#endif
}

static int64_t accept_with_flags(int listener, sock_address *peer, unsigned flags) {
#if OPENS_CLOEXEC
  return sock_accept4(listener, peer, flags & SOCK_OPEN_INHERITABLE ? 0 : SOCK_CLOEXEC);
#else
  sock_system_address name;
  socklen_t length = sizeof(name);
  const int accepted =
      accept(listener, peer == NULL ? NULL : &name.any, peer == NULL ? NULL : &length);
  if (accepted < 0) return sock_fail();
  const int result = finish_open(accepted, flags);
  if (result < 0) return result;
  if (peer != NULL) sock_address_decode(&name, length, peer);
  return accepted;
#endif
}

int64_t sock_accept(sock_handle socket, sock_address *peer, unsigned flags) {
  const int listener = sock_descriptor(socket);
  if (listener < 0) return listener;
  if ((flags & SOCK_OPEN_DONTWAIT) && may_wait(listener) && would_wait(listener)) return -EAGAIN;
  return accept_with_flags(listener, peer, flags);
}

int sock_accept_batch(sock_handle socket, sock_handle *accepted, sock_address *peers, int count,
                      unsigned flags) {
  const int listener = sock_descriptor(socket);
  if (listener < 0) return listener;
  /* Asking once for all of them is what a batch saves, beside the way to the caller and back. */
  const int blocking = may_wait(listener);
  for (int done = 0; done < count; done++) {
    const int waits = blocking && (done > 0 || (flags & SOCK_OPEN_DONTWAIT));
    const int64_t result =
        waits && would_wait(listener) ? -EAGAIN : accept_with_flags(listener, &peers[done], flags);
    if (result < 0) return done > 0 ? done : (int)result;
    accepted[done] = result;
  }
  return count;
}

int sock_local_address(sock_handle socket, sock_address *address) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  sock_system_address name;
  socklen_t length = sizeof(name);
  if (getsockname(descriptor, &name.any, &length) < 0) return sock_fail();
  sock_address_decode(&name, length, address);
  return 0;
}

int sock_peer_address(sock_handle socket, sock_address *address) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  sock_system_address name;
  socklen_t length = sizeof(name);
  if (getpeername(descriptor, &name.any, &length) < 0) return sock_fail();
  sock_address_decode(&name, length, address);
  return 0;
}

int64_t sock_duplicate(sock_handle socket) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  const int duplicate = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  return duplicate < 0 ? sock_fail() : duplicate;
}

int sock_nonblocking(sock_handle socket) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  const int mode = fcntl(descriptor, F_GETFL);
  if (mode < 0) return sock_fail();
  return mode & O_NONBLOCK ? 1 : 0;
}

int sock_set_nonblocking(sock_handle socket, int on) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  const int before = fcntl(descriptor, F_GETFL);
  if (before < 0) return sock_fail();
  const int after = on ? before | O_NONBLOCK : before & ~O_NONBLOCK;
  if (after != before && fcntl(descriptor, F_SETFL, after) < 0) return sock_fail();
  return 0;
}

int sock_shutdown(sock_handle socket, int how) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  static const int directions[] = {SHUT_RD, SHUT_WR, SHUT_RDWR};
  if (how < 0 || how > 2) return -EINVAL;
  return shutdown(descriptor, directions[how]) < 0 ? sock_fail() : 0;
}

#endif
