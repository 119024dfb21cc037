/*
 * Sockets that the program has closed or shut down, and that still send. In POSIX the system goes on
 * sending what is queued. Of the hosts of WASI, some wait when a stream that sends is dropped, and some cut
 * it off. So the component drops it, or ends it, only when everything is sent.
 */
#include "wasi.h"

#ifdef SOCK_SYSTEM_WASI

static wasi_socket *sending;

static void sent(wasi_socket *socket) {
  if (socket->references == 0) {
    wasi_free(socket);
  } else {
    (void)socket->kind->end(socket);
  }
}

void wasi_after_sending(wasi_socket *socket) {
  if (socket->sending) return;
  socket->kind->flush(socket);
  if (wasi_is_direct() || !socket->kind->is_sending(socket)) {
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
    if (socket->kind->is_sending(socket)) {
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

#endif
