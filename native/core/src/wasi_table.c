/* Handles, and the sockets they stand for. */
#include "wasi.h"

#ifdef SOCK_SYSTEM_WASI

#include <stdlib.h>

/* More than any host lets a component open; it bounds what a runaway program takes. */
#define HANDLES_MAX 65536

/* A component instance is one thread's, and its memory nobody else's: this table is to it what the
   descriptor table is to a process. */
static wasi_socket **table;
static uint32_t room;

wasi_socket *wasi_socket_of(sock_handle handle) {
  return handle >= 0 && handle < (int64_t)room ? table[handle] : NULL;
}

static int grow(void) {
  const uint32_t wanted = room == 0 ? 16 : room * 2;
  if (wanted > HANDLES_MAX) return -EMFILE;
  wasi_socket **const larger = realloc(table, wanted * sizeof(*larger));
  if (larger == NULL) return -ENOMEM;
  memset(larger + room, 0, (wanted - room) * sizeof(*larger));
  table = larger;
  room = wanted;
  return 0;
}

static int64_t place(wasi_socket *socket) {
  uint32_t free_handle = 0;
  while (free_handle < room && table[free_handle] != NULL) free_handle++;
  if (free_handle == room) {
    const int result = grow();
    if (result < 0) return result;
  }
  table[free_handle] = socket;
  return free_handle;
}

static void let_go(wasi_socket *socket) {
  if (socket->type == SOCK_STREAM) {
    wasi_stream_close(socket);
  } else {
    wasi_datagram_close(socket);
  }
  free(socket->ahead);
  free(socket);
}

/* As POSIX has it, closing and shutting down leave the sending of what is queued to the system: but a
   host waits when a stream is let go of that sends, or cuts it off. So that comes when it is done. */
static wasi_socket *sending;

static void sent(wasi_socket *socket) {
  if (socket->references == 0) {
    let_go(socket);
  } else {
    wasi_stream_end(socket);
  }
}

void wasi_after_sending(wasi_socket *socket) {
  if (socket->sending) return;
  wasi_stream_flush(socket);
  if (wasi_is_direct() || !wasi_stream_sending(socket)) {
    sent(socket);
    return;
  }
  socket->sending = true;
  socket->next_sending = sending;
  sending = socket;
}

wasi_socket *wasi_sending(void) {
  return sending;
}

uint32_t sock_closing(void) {
  uint32_t left = 0;
  for (wasi_socket **at = &sending; *at != NULL;) {
    wasi_socket *const socket = *at;
    if (wasi_stream_sending(socket)) {
      left++;
      at = &socket->next_sending;
    } else {
      *at = socket->next_sending;
      socket->sending = false;
      sent(socket);
    }
  }
  return left;
}

static void destroy(wasi_socket *socket) {
  if (socket->type == SOCK_STREAM) {
    wasi_after_sending(socket);
  } else {
    let_go(socket);
  }
}

int64_t wasi_insert(wasi_socket *socket) {
  const int64_t handle = place(socket);
  if (handle < 0) let_go(socket);
  return handle;
}

wasi_socket *wasi_new(int domain, int type) {
  wasi_socket *const socket = calloc(1, sizeof(*socket));
  if (socket == NULL) return NULL;
  socket->references = 1;
  socket->domain = domain;
  socket->type = type;
  socket->read_timeout = -1;
  socket->write_timeout = -1;
  return socket;
}

int wasi_reserve(wasi_socket *socket, size_t size) {
  if (socket->ahead_room >= size) return 0;
  uint8_t *const larger = realloc(socket->ahead, size);
  if (larger == NULL) return -ENOMEM;
  socket->ahead = larger;
  socket->ahead_room = size;
  return 0;
}

int64_t sock_open(int domain, int type, int protocol, unsigned flags) {
  (void)flags; /* A component has no exec: nothing is inherited. */
  (void)sock_closing();
  if (domain != AF_INET && domain != AF_INET6) return -EAFNOSUPPORT;
  const bool nonblocking = (type & SOCK_NONBLOCK) != 0;
  type &= ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (type != SOCK_STREAM && type != SOCK_DGRAM) return -EPROTONOSUPPORT;
  const int natural = type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
  if (protocol != 0 && protocol != natural) return -EPROTONOSUPPORT;
  wasi_socket *const socket = wasi_new(domain, type);
  if (socket == NULL) return -ENOMEM;
  const network_ip_address_family_t family =
      domain == AF_INET ? NETWORK_IP_ADDRESS_FAMILY_IPV4 : NETWORK_IP_ADDRESS_FAMILY_IPV6;
  network_error_code_t error;
  const bool made = type == SOCK_STREAM
                        ? tcp_create_socket_create_tcp_socket(family, &socket->tcp, &error)
                        : udp_create_socket_create_udp_socket(family, &socket->udp, &error);
  if (!made) {
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

int sock_close(sock_handle handle) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  table[handle] = NULL;
  socket->references--;
  if (socket->references == 0) destroy(socket);
  (void)sock_closing();
  return 0;
}

int sock_check(sock_handle handle) {
  return wasi_socket_of(handle) == NULL ? -EBADF : 0;
}

int sock_set_cloexec(sock_handle handle, int on) {
  (void)handle, (void)on;
  return -SOCK_EUNSUPPORTED;
}

int64_t sock_duplicate(sock_handle handle) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  const int64_t duplicate = place(socket);
  if (duplicate >= 0) socket->references++;
  return duplicate;
}

#endif
