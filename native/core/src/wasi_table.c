/* Handles, and the sockets they stand for. */
#include "wasi.h"

#ifdef SOCK_SYSTEM_WASI

#include <stdlib.h>

/* More than any host lets a component open. It limits what a faulty program can use up. */
#define HANDLES_MAX 65536

/* A component instance has one thread and its own memory. The table is for an instance what the descriptor
   table is for a process. */
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

void wasi_free(wasi_socket *socket) {
  socket->kind->drop(socket);
  free(socket->ahead);
  free(socket);
}

wasi_socket *wasi_new(int domain, const wasi_kind *kind) {
  wasi_socket *const socket = calloc(1, sizeof(*socket));
  if (socket == NULL) return NULL;
  socket->references = 1;
  socket->domain = domain;
  socket->kind = kind;
  socket->read_timeout = -1;
  socket->write_timeout = -1;
  return socket;
}

int64_t wasi_insert(wasi_socket *socket) {
  const int64_t handle = place(socket);
  if (handle < 0) wasi_free(socket);
  return handle;
}

int sock_close(sock_handle handle) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  table[handle] = NULL;
  socket->references--;
  if (socket->references == 0) wasi_after_sending(socket);
  (void)sock_closing();
  return 0;
}

int sock_check(sock_handle handle) {
  return wasi_socket_of(handle) == NULL ? -EBADF : 0;
}

int64_t sock_duplicate(sock_handle handle) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  const int64_t duplicate = place(socket);
  if (duplicate >= 0) socket->references++;
  return duplicate;
}

#endif
