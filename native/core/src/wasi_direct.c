/*
 * Plain exports for a JavaScript host that runs the core module itself. They are the calls that a driver makes most
 * often, with one buffer and without lists and allocation, and they tell which of the host's sockets a socket stands
 * for. Other hosts do not see them.
 *
 * `socket` is what the component's resource holds: a pointer to a handle, whose memory is from malloc
 * (wasm/src/component.c). Addresses cross in `address`.
 */
#include "wasi.h"

#ifdef SOCK_SYSTEM_WASI

#include <stdlib.h>

#define EXPORT(name) __attribute__((export_name("direct_" #name)))
#define DECLARE(type, name, ...)                \
  EXPORT(name) type direct_##name(__VA_ARGS__); \
  type direct_##name(__VA_ARGS__)

#define BUFFER_SIZE 65536

static bool direct;

bool wasi_is_direct(void) {
  return direct;
}

/*
 * The host calls this first. It promises to send what is queued when a stream is dropped, and to take a datagram
 * without `check-send` before it. It waits on its own sockets, so nothing may stay in the component that the host does
 * not see.
 */
DECLARE(void, start, void) {
  direct = true;
}

static uint8_t buffer[BUFFER_SIZE] __attribute__((aligned(16)));
static sock_address address;
static sock_value value;

DECLARE(uint8_t *, buffer, void) {
  return buffer;
}

DECLARE(sock_address *, address, void) {
  return &address;
}

DECLARE(sock_value *, value, void) {
  return &value;
}

static size_t bounded(uint32_t length) {
  return length < BUFFER_SIZE ? length : BUFFER_SIZE;
}

DECLARE(int32_t, send, const sock_handle *socket, uint32_t length, int32_t flags) {
  return (int32_t)sock_send(*socket, buffer, bounded(length), flags);
}

DECLARE(int32_t, recv, const sock_handle *socket, uint32_t length, int32_t flags) {
  return (int32_t)sock_recv(*socket, buffer, bounded(length), flags);
}

DECLARE(int32_t, send_to, const sock_handle *socket, uint32_t length, int32_t flags) {
  return (int32_t)sock_send_to(*socket, buffer, bounded(length), flags, &address);
}

DECLARE(int32_t, recv_from, const sock_handle *socket, uint32_t length, int32_t flags) {
  return (int32_t)sock_recv_from(*socket, buffer, bounded(length), flags, &address);
}

DECLARE(int32_t, get_option, const sock_handle *socket, uint32_t option) {
  return sock_get_option(*socket, option, &value);
}

DECLARE(int32_t, set_option, const sock_handle *socket, uint32_t option) {
  return sock_set_option(*socket, option, &value);
}

/* A pointer for a new handle, or the error. */
static int32_t made(int64_t handle) {
  if (handle < 0) return (int32_t)handle;
  sock_handle *const socket = malloc(sizeof(*socket));
  if (socket == NULL) abort();
  *socket = handle;
  return (int32_t)(uintptr_t)socket;
}

DECLARE(int32_t, open, int32_t domain, int32_t type, int32_t protocol) {
  return made(sock_open(domain, type, protocol, 0));
}

DECLARE(void, close, sock_handle *socket) {
  (void)sock_close(*socket);
  free(socket);
}

DECLARE(int32_t, bind, const sock_handle *socket) {
  return sock_bind(*socket, &address);
}

DECLARE(int32_t, connect, const sock_handle *socket) {
  return sock_connect(*socket, &address);
}

DECLARE(int32_t, try_connect, const sock_handle *socket) {
  return sock_try_connect(*socket, &address);
}

DECLARE(int32_t, listen, const sock_handle *socket, int32_t backlog) {
  return sock_listen(*socket, backlog);
}

DECLARE(int32_t, accept, const sock_handle *socket, uint32_t flags) {
  return made(sock_accept(*socket, &address, flags));
}

DECLARE(int32_t, local_address, const sock_handle *socket) {
  return sock_local_address(*socket, &address);
}

DECLARE(int32_t, peer_address, const sock_handle *socket) {
  return sock_peer_address(*socket, &address);
}

DECLARE(int32_t, nonblocking, const sock_handle *socket) {
  return sock_nonblocking(*socket);
}

DECLARE(int32_t, set_nonblocking, const sock_handle *socket, int32_t on) {
  return sock_set_nonblocking(*socket, on);
}

/* The host's handle of the TCP or UDP socket; 0 for a socket that is closed. */
DECLARE(uint32_t, host_socket, const sock_handle *socket) {
  const wasi_socket *const found = wasi_socket_of(*socket);
  if (found == NULL) return 0;
  return (uint32_t)found->kind->host_handle(found);
}

/* Whether the socket is readable, whatever the host's socket is: data, the end or an error waits in the component. */
DECLARE(int32_t, has_received, const sock_handle *socket) {
  const wasi_socket *const found = wasi_socket_of(*socket);
  if (found == NULL) return 1;
  return found->ahead_length > 0 || found->next_datagram < found->datagrams.len ||
         found->pending_error != 0 || found->ended || found->read_shut;
}

/* Whether an attempt to connect has begun. A wait has to finish it. */
DECLARE(int32_t, is_connecting, const sock_handle *socket) {
  const wasi_socket *const found = wasi_socket_of(*socket);
  return found != NULL && found->state == WASI_CONNECTING;
}

#endif
