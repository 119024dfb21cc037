/* Receiving and sending on Windows. */
#include "windows_transfer.h"

#ifdef SOCK_SYSTEM_WINDOWS

/* The limit of Linux. It fits a ULONG. */
#define TRANSFER_MAX 0x7ffff000u

int sock_wsabufs_fill(sock_wsabufs *out, const sock_buffer *buffers, size_t count) {
  if (count > SOCK_BUFFERS_MAX) return -EMSGSIZE;
  out->count = (DWORD)count;
  out->total = 0;
  for (size_t i = 0; i < count; i++) {
    if (buffers[i].length > TRANSFER_MAX - (uint64_t)out->total) return -EMSGSIZE;
    out->list[i].len = (ULONG)buffers[i].length;
    out->list[i].buf = buffers[i].data;
    out->total += (int64_t)buffers[i].length;
  }
  /* Winsock refuses an empty list. */
  if (count == 0) {
    out->list[0] = (WSABUF){0, NULL};
    out->count = 1;
  }
  return 0;
}

/*
 * When the socket's own time-out (SO_RCVTIMEO, SO_SNDTIMEO) passes, unix returns EAGAIN, and ETIMEDOUT means a dead
 * connection. Winsock returns WSAETIMEDOUT for both. WSAPoll tells them apart.
 */
static int timed_out(SOCKET socket, int option) {
  DWORD time = 0;
  int length = sizeof(time);
  if (getsockopt(socket, SOL_SOCKET, option, (char *)&time, &length) != 0 || time == 0) {
    return -ETIMEDOUT;
  }
  WSAPOLLFD entry = {socket, POLLRDNORM, 0};
  const int count = WSAPoll(&entry, 1, 0);
  return count > 0 && (entry.revents & (POLLERR | POLLHUP)) ? -ETIMEDOUT : -EAGAIN;
}

int sock_receive_failed(SOCKET socket) {
  const int error = WSAGetLastError();
  if (error == WSAETIMEDOUT) return timed_out(socket, SO_RCVTIMEO);
  if (error != WSAECONNRESET && error != WSAENETRESET) return -sock_error_number(error);
  if (sock_has_messages(socket) != 1) return -ECONNRESET;
  /*
   * If a datagram could not be delivered, Windows fails the next receive. On unix only a connected socket gets such
   * an error: ECONNREFUSED.
   */
  sock_system_address peer;
  int length = sizeof(peer);
  return getpeername(socket, &peer.any, &length) == 0 ? -ECONNREFUSED : -EINTR;
}

/* Windows waits for data even if the program asks for 0 bytes. */
static int is_empty_stream(SOCKET socket, int64_t total) {
  if (total > 0 || sock_has_messages(socket) != 0) return 0;
  sock_system_address peer;
  int length = sizeof(peer);
  return getpeername(socket, &peer.any, &length) == 0;
}

/* On unix a receive of out-of-band data fails at once if there is none. On Windows it waits. */
static int lacks_out_of_band(SOCKET socket) {
  WSAPOLLFD entry = {socket, POLLRDBAND, 0};
  return WSAPoll(&entry, 1, 0) == 0;
}

static int64_t receive_now(SOCKET socket, WSABUF *buffers, DWORD count, int64_t total, int *flags,
                           sock_system_address *name, int *name_length) {
  if (total == 0 && is_empty_stream(socket, total)) {
    *flags = 0;
    return 0;
  }
  const int out_of_band = *flags & MSG_OOB;
  if (out_of_band && lacks_out_of_band(socket)) return -EINVAL;
  for (;;) {
    DWORD received = 0;
    DWORD flag = (DWORD)*flags;
    const int result = name == NULL ? WSARecv(socket, buffers, count, &received, &flag, NULL, NULL)
                                    : WSARecvFrom(socket, buffers, count, &received, &flag,
                                                  &name->any, name_length, NULL, NULL);
    if (result == 0) {
      *flags = ((int)flag & SOCK_MESSAGE_FLAGS) | out_of_band;
      return received;
    }
    switch (WSAGetLastError()) {
      case WSAEMSGSIZE:
        *flags = MSG_TRUNC;
        return total;
      case WSAESHUTDOWN:
        /* After a shutdown for reading, the stream ends. */
        *flags = 0;
        return 0;
      default: {
        const int failed = sock_receive_failed(socket);
        if (failed != -EINTR) return failed;
      }
    }
  }
}

int64_t sock_receive(SOCKET socket, WSABUF *buffers, DWORD count, int64_t total, int *flags,
                     sock_system_address *name, int *name_length) {
  const int held = *flags & MSG_DONTWAIT ? sock_mode_hold(socket) : 0;
  if (held < 0) return held;
  *flags &= ~MSG_DONTWAIT;
  const int64_t result = receive_now(socket, buffers, count, total, flags, name, name_length);
  sock_mode_release(socket, held);
  return result;
}

/* A datagram without an address to send to: EDESTADDRREQ on unix, ENOTCONN in Winsock. */
static int sending_failed(SOCKET socket) {
  const int error = sock_fail();
  sock_system_address peer;
  int length = sizeof(peer);
  if (error != -ENOTCONN && error != -EINVAL) return error;
  return sock_has_messages(socket) == 1 && getpeername(socket, &peer.any, &length) != 0
             ? -EDESTADDRREQ
             : error;
}

int64_t sock_transmit(SOCKET socket, WSABUF *buffers, DWORD count, int flags,
                      const sock_system_address *name, int name_length) {
  const int held = flags & MSG_DONTWAIT ? sock_mode_hold(socket) : 0;
  if (held < 0) return held;
  const DWORD flag = (DWORD)(flags & ~MSG_DONTWAIT);
  DWORD sent = 0;
  const int result = name == NULL ? WSASend(socket, buffers, count, &sent, flag, NULL, NULL)
                                  : WSASendTo(socket, buffers, count, &sent, flag, &name->any,
                                              name_length, NULL, NULL);
  sock_mode_release(socket, held);
  if (result == 0) return sent;
  if (WSAGetLastError() == WSAETIMEDOUT) return timed_out(socket, SO_SNDTIMEO);
  return name != NULL ? sock_fail_with(socket, name) : sending_failed(socket);
}

static WSABUF one(const void *data, size_t length) {
  return (WSABUF){(ULONG)(length < TRANSFER_MAX ? length : TRANSFER_MAX), (CHAR *)data};
}

int64_t sock_recv(sock_handle socket, void *data, size_t length, int flags) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  WSABUF buffer = one(data, length);
  return sock_receive(number, &buffer, 1, buffer.len, &flags, NULL, NULL);
}

int64_t sock_recv_from(sock_handle socket, void *data, size_t length, int flags,
                       sock_address *from) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  WSABUF buffer = one(data, length);
  sock_system_address name;
  int name_length = sizeof(name);
  /* Windows does not fill in the address of a stream's peer. */
  name.any.sa_family = AF_UNSPEC;
  const int64_t count = sock_receive(number, &buffer, 1, buffer.len, &flags, &name, &name_length);
  if (count >= 0) sock_address_decode(&name, name_length, from);
  return count;
}

int64_t sock_recv_vectored(sock_handle socket, const sock_buffer *buffers, size_t count, int flags,
                           int *out_flags, sock_address *from) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  sock_wsabufs list;
  const int result = sock_wsabufs_fill(&list, buffers, count);
  if (result < 0) return result;
  sock_system_address name;
  int name_length = sizeof(name);
  name.any.sa_family = AF_UNSPEC;
  const int64_t received =
      sock_receive(number, list.list, list.count, list.total, &flags, from != NULL ? &name : NULL,
                   from != NULL ? &name_length : NULL);
  if (received < 0) return received;
  *out_flags = flags;
  if (from != NULL) sock_address_decode(&name, name_length, from);
  return received;
}

int64_t sock_send(sock_handle socket, const void *data, size_t length, int flags) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  WSABUF buffer = one(data, length);
  return sock_transmit(number, &buffer, 1, flags, NULL, 0);
}

int64_t sock_send_to(sock_handle socket, const void *data, size_t length, int flags,
                     const sock_address *to) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  sock_system_address name;
  socklen_t name_length = 0;
  const int result = sock_address_encode(to, &name, &name_length);
  if (result < 0) return result;
  WSABUF buffer = one(data, length);
  return sock_transmit(number, &buffer, 1, flags, &name, name_length);
}

int64_t sock_send_vectored(sock_handle socket, const sock_buffer *buffers, size_t count, int flags,
                           const sock_address *to) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  sock_wsabufs list;
  int result = sock_wsabufs_fill(&list, buffers, count);
  if (result < 0) return result;
  sock_system_address name;
  socklen_t name_length = 0;
  if (to != NULL) {
    result = sock_address_encode(to, &name, &name_length);
    if (result < 0) return result;
  }
  return sock_transmit(number, list.list, list.count, flags, to != NULL ? &name : NULL,
                       name_length);
}

#endif
