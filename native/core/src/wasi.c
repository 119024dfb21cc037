/* The calls of sock.h on sockets of WASI: each finds the socket and leaves the rest to its kind. */
#include "wasi.h"

#ifdef SOCK_SYSTEM_WASI

int sock_bind(sock_handle handle, const sock_address *address) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  wasi_address local;
  const int result = wasi_address_encode(socket, address, &local);
  if (result < 0) return result;
  return socket->type == SOCK_STREAM ? wasi_stream_bind(socket, &local)
                                     : wasi_datagram_bind(socket, &local);
}

static int begin_connect(wasi_socket *socket, const sock_address *address) {
  wasi_address remote;
  const int result = wasi_address_encode(socket, address, &remote);
  if (result < 0) return result;
  return socket->type == SOCK_STREAM ? wasi_stream_start_connect(socket, &remote)
                                     : wasi_datagram_connect(socket, &remote);
}

static int wait_connected(wasi_socket *socket, double milliseconds) {
  for (;;) {
    const int result = wasi_stream_advance(socket);
    if (result != -EALREADY) {
      socket->pending_error = 0;
      return result;
    }
    if (wasi_block(wasi_change(socket), milliseconds) == 0) return -ETIMEDOUT;
  }
}

int sock_try_connect(sock_handle handle, const sock_address *address) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  const int result = begin_connect(socket, address);
  /* Some hosts do nothing until somebody waits: what goes out at once in POSIX would go out then. */
  if (result == -EINPROGRESS) (void)wasi_block(wasi_change(socket), 0);
  return result;
}

int sock_connect(sock_handle handle, const sock_address *address) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  if (socket->nonblocking) return sock_try_connect(handle, address);
  const int result = begin_connect(socket, address);
  return result == -EINPROGRESS ? wait_connected(socket, -1) : result;
}

int sock_connect_timeout(sock_handle handle, const sock_address *address, double milliseconds) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  if (!(milliseconds > 0)) return -EINVAL;
  int result = begin_connect(socket, address);
  if (result == -EINPROGRESS || result == -EALREADY) {
    result = wait_connected(socket, milliseconds);
  }
  if (result == 0) socket->nonblocking = false;
  return result;
}

int sock_listen(sock_handle handle, int backlog) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  return socket->type == SOCK_STREAM ? wasi_stream_listen(socket, backlog) : -EOPNOTSUPP;
}

int64_t sock_accept(sock_handle handle, sock_address *peer, unsigned flags) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  if (socket->type != SOCK_STREAM) return -EOPNOTSUPP;
  const bool wait = !socket->nonblocking && !(flags & SOCK_OPEN_DONTWAIT);
  return wasi_stream_accept(socket, peer, wait);
}

int sock_local_address(sock_handle handle, sock_address *address) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  wasi_address local = wasi_any(socket->domain);
  network_error_code_t error;
  const bool ok =
      socket->type == SOCK_STREAM
          ? tcp_method_tcp_socket_local_address(tcp_borrow_tcp_socket(socket->tcp), &local, &error)
          : udp_method_udp_socket_local_address(udp_borrow_udp_socket(socket->udp), &local, &error);
  /* Not bound yet: POSIX answers with the unspecified address. */
  if (!ok) local = wasi_any(socket->domain);
  wasi_address_decode(&local, address);
  return 0;
}

int sock_peer_address(sock_handle handle, sock_address *address) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  if (socket->type == SOCK_STREAM) wasi_stream_advance(socket);
  if (socket->state != WASI_CONNECTED) return -ENOTCONN;
  wasi_address remote;
  network_error_code_t error;
  const bool ok = socket->type == SOCK_STREAM
                      ? tcp_method_tcp_socket_remote_address(tcp_borrow_tcp_socket(socket->tcp),
                                                             &remote, &error)
                      : udp_method_udp_socket_remote_address(udp_borrow_udp_socket(socket->udp),
                                                             &remote, &error);
  if (!ok) return -ENOTCONN;
  wasi_address_decode(&remote, address);
  return 0;
}

int sock_nonblocking(sock_handle handle) {
  const wasi_socket *const socket = wasi_socket_of(handle);
  return socket == NULL ? -EBADF : socket->nonblocking;
}

int sock_set_nonblocking(sock_handle handle, int on) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  socket->nonblocking = on != 0;
  return 0;
}

int sock_shutdown(sock_handle handle, int how) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  if (how < 0 || how > 2) return -EINVAL;
  if (socket->type == SOCK_STREAM) return wasi_stream_shutdown(socket, how);
  if (socket->state != WASI_CONNECTED) return -ENOTCONN;
  if (how != 1) socket->read_shut = true;
  if (how != 0) socket->write_shut = true;
  return 0;
}

int64_t sock_recv_vectored(sock_handle handle, const sock_buffer *buffers, size_t count, int flags,
                           int *out_flags, sock_address *from) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  if (count > SOCK_BUFFERS_MAX) return -EMSGSIZE;
  (void)sock_closing();
  if (from != NULL) memset(from, 0, sizeof(*from));
  if (out_flags != NULL) *out_flags = 0;
  return socket->type == SOCK_STREAM
             ? wasi_stream_recv(socket, buffers, count, flags)
             : wasi_datagram_recv(socket, buffers, count, flags, out_flags, from);
}

int64_t sock_recv(sock_handle handle, void *data, size_t length, int flags) {
  const sock_buffer buffer = {data, length};
  return sock_recv_vectored(handle, &buffer, 1, flags, NULL, NULL);
}

int64_t sock_recv_from(sock_handle handle, void *data, size_t length, int flags,
                       sock_address *from) {
  const sock_buffer buffer = {data, length};
  return sock_recv_vectored(handle, &buffer, 1, flags, NULL, from);
}

int64_t sock_send_vectored(sock_handle handle, const sock_buffer *buffers, size_t count, int flags,
                           const sock_address *to) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  if (count > SOCK_BUFFERS_MAX) return -EMSGSIZE;
  (void)sock_closing();
  if (socket->type == SOCK_STREAM) {
    /* POSIX lets a stream ignore the address, or refuse it: as Linux does, it is ignored. */
    return wasi_stream_send(socket, buffers, count, flags);
  }
  wasi_address remote;
  if (to != NULL) {
    const int result = wasi_address_encode(socket, to, &remote);
    if (result < 0) return result;
  }
  return wasi_datagram_send(socket, buffers, count, flags, to != NULL ? &remote : NULL);
}

int64_t sock_send(sock_handle handle, const void *data, size_t length, int flags) {
  const sock_buffer buffer = {(void *)(uintptr_t)data, length};
  return sock_send_vectored(handle, &buffer, 1, flags, NULL);
}

int64_t sock_send_to(sock_handle handle, const void *data, size_t length, int flags,
                     const sock_address *to) {
  const sock_buffer buffer = {(void *)(uintptr_t)data, length};
  return sock_send_vectored(handle, &buffer, 1, flags, to);
}

#endif
