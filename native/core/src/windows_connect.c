/* The three ways to connect: in the blocking mode of the socket, without waiting, and with a time-out. */
#include "system.h"

#ifdef SOCK_SYSTEM_WINDOWS

/* Zeros in the socket's own family dissolve the association of a datagram socket, as AF_UNSPEC does on unix. */
static int encode_peer(SOCKET socket, const sock_address *address, sock_system_address *name,
                       socklen_t *length) {
  const int result = sock_address_encode(address, name, length);
  if (result < 0 || address->family != SOCK_FAMILY_UNSPEC) return result;
  WSAPROTOCOL_INFOW info;
  const int known = sock_protocol_info(socket, &info);
  if (known < 0) return known;
  name->any.sa_family = (u_short)info.iAddressFamily;
  *length = (socklen_t)(info.iAddressFamily == AF_INET6 ? sizeof(name->ipv6) : sizeof(name->ipv4));
  return 0;
}

static int connect_now(SOCKET socket, const sock_address *address) {
  sock_system_address name;
  socklen_t length = 0;
  const int result = encode_peer(socket, address, &name, &length);
  if (result < 0) return result;
  if (connect(socket, &name.any, length) == 0) return 0;
  /* Winsock's name for "in progress". */
  return WSAGetLastError() == WSAEWOULDBLOCK ? -EINPROGRESS : sock_fail_with(socket, &name);
}

int sock_connect(sock_handle socket, const sock_address *address) {
  const SOCKET number = sock_socket(socket);
  return number == INVALID_SOCKET ? -EBADF : connect_now(number, address);
}

static int pending_error(SOCKET socket) {
  int error = 0;
  int length = sizeof(error);
  if (getsockopt(socket, SOL_SOCKET, SO_ERROR, (char *)&error, &length) != 0) return sock_fail();
  return error == 0 ? 0 : -sock_error_number(error);
}

int sock_try_connect(sock_handle socket, const sock_address *address) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  /* Another connect after a failed one would start a new attempt, and nobody would get the error. */
  const int failed = pending_error(number);
  if (failed < 0) return failed;
  const int held = sock_mode_hold(number);
  if (held < 0) return held;
  const int result = connect_now(number, address);
  sock_mode_release(number, held);
  return result;
}

/* This uses select, because WSAPoll does not report a failed connect before Windows 10 2004. */
static int finish_connect(SOCKET socket, sock_deadline deadline) {
  int count = 0;
  do {
    const int left = sock_deadline_left(deadline);
    struct timeval time = {left / 1000, left % 1000 * 1000};
    fd_set made = {.fd_count = 1, .fd_array = {socket}};
    fd_set failed = made;
    count = select(0, NULL, &made, &failed, left < 0 ? NULL : &time);
    if (count == SOCKET_ERROR) return sock_fail();
    if (count == 0 && left == 0) return -ETIMEDOUT;
  } while (count == 0);

  return pending_error(socket);
}

int sock_connect_timeout(sock_handle socket, const sock_address *address, double milliseconds) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  if (!(milliseconds > 0)) return -EINVAL;
  const sock_deadline deadline = sock_deadline_after(milliseconds);
  const int held = sock_mode_hold(number);
  if (held < 0) return held;
  int result = connect_now(number, address);
  if (result == -EINPROGRESS) result = finish_connect(number, deadline);
  if (result < 0) {
    sock_mode_release(number, held);
    return result;
  }
  return sock_mode_change(number, 0);
}

#endif
