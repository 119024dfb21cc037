/* The calls of sock.h for WASI. Each finds the socket and calls the function of its kind. */
#include "wasi.h"

#ifdef SOCK_SYSTEM_WASI

#include <stdlib.h>

int64_t sock_open(int domain, int type, int protocol, unsigned flags) {
  (void)flags; /* A component has no exec(2), so nothing could inherit the socket. */
  (void)sock_closing();
  if (domain != AF_INET && domain != AF_INET6) return -EAFNOSUPPORT;
  const bool nonblocking = (type & SOCK_NONBLOCK) != 0;
  type &= ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (type != SOCK_STREAM && type != SOCK_DGRAM) return -EPROTONOSUPPORT;
  const wasi_kind *const kind = type == SOCK_STREAM ? &wasi_streams : &wasi_datagrams;
  if (protocol != 0 && protocol != kind->protocol) return -EPROTONOSUPPORT;
  wasi_socket *const socket = wasi_new(domain, kind);
  if (socket == NULL) return -ENOMEM;
  const network_ip_address_family_t family =
      domain == AF_INET ? NETWORK_IP_ADDRESS_FAMILY_IPV4 : NETWORK_IP_ADDRESS_FAMILY_IPV6;
  network_error_code_t error;
  if (!kind->create(socket, family, &error)) {
    free(socket);
    return wasi_failure(error);
  }
  socket->nonblocking = nonblocking;
  return wasi_insert(socket);
}

int sock_pair(int domain, int type, int protocol, unsigned flags, sock_handle out[2]) {
  (void)domain, (void)type, (void)protocol, (void)flags, (void)out;
  return -SOCK_EUNSUPPORTED;
}

int sock_set_cloexec(sock_handle handle, int on) {
  (void)handle, (void)on;
  return -SOCK_EUNSUPPORTED;
}

int sock_bind(sock_handle handle, const sock_address *address) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  wasi_address local;
  const int result = wasi_address_encode(socket, address, &local);
  if (result < 0) return result;
  return socket->kind->bind(socket, &local);
}

static int begin_connect(wasi_socket *socket, const sock_address *address) {
  wasi_address remote;
  const int result = wasi_address_encode(socket, address, &remote);
  if (result < 0) return result;
  return socket->kind->connect(socket, &remote);
}

static int wait_connected(wasi_socket *socket, double milliseconds) {
  for (;;) {
    const int result = socket->kind->advance(socket);
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
  /* Some hosts do nothing until the program waits. A wait of 0 has them send the SYN now, as POSIX does. */
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
  return socket->kind->listen(socket, backlog);
}

int64_t sock_accept(sock_handle handle, sock_address *peer, unsigned flags) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  const bool wait = !socket->nonblocking && !(flags & SOCK_OPEN_DONTWAIT);
  return socket->kind->accept(socket, peer, wait);
}

int sock_local_address(sock_handle handle, sock_address *address) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  wasi_address local = wasi_any(socket->domain);
  network_error_code_t error;
  /* POSIX returns the unspecified address for a socket that is not bound. */
  if (!socket->kind->local_address(socket, &local, &error)) local = wasi_any(socket->domain);
  wasi_address_decode(&local, address);
  return 0;
}

int sock_peer_address(sock_handle handle, sock_address *address) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  (void)socket->kind->advance(socket);
  if (socket->state != WASI_CONNECTED) return -ENOTCONN;
  wasi_address remote;
  network_error_code_t error;
  if (!socket->kind->peer_address(socket, &remote, &error)) return -ENOTCONN;
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
  return socket->kind->shutdown(socket, how);
}

int64_t sock_recv_vectored(sock_handle handle, const sock_buffer *buffers, size_t count, int flags,
                           int *out_flags, sock_address *from) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  if (count > SOCK_BUFFERS_MAX) return -EMSGSIZE;
  (void)sock_closing();
  if (from != NULL) memset(from, 0, sizeof(*from));
  if (out_flags != NULL) *out_flags = 0;
  return socket->kind->recv(socket, buffers, count, flags, out_flags, from);
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
  return socket->kind->send(socket, buffers, count, flags, to);
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
