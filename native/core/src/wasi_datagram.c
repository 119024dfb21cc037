/* UDP by wasi:sockets/udp. */
#include "wasi.h"

#ifdef SOCK_SYSTEM_WASI

#include <stdlib.h>

/* A call to a host may be a round trip, and asking for more than there is may cost a host another system call. So one
   datagram is asked for until so many came one after the other, then twice as many each time, up to FETCH_MAX. */
#define FETCH_MAX 16
#define FETCH_PATIENCE 16

static udp_borrow_udp_socket_t udp(wasi_socket *socket) {
  return udp_borrow_udp_socket(socket->udp);
}

static void drop_streams(wasi_socket *socket) {
  wasi_drop(&socket->readable);
  wasi_drop(&socket->writable);
  if (!socket->streams) return;
  udp_incoming_datagram_stream_drop_own(socket->incoming);
  udp_outgoing_datagram_stream_drop_own(socket->outgoing);
  socket->streams = false;
}

/* A host keeps what arrives only from when the streams are there: so from the bind on. */
static int open_streams(wasi_socket *socket, const wasi_address *peer) {
  drop_streams(socket);
  udp_tuple2_own_incoming_datagram_stream_own_outgoing_datagram_stream_t streams;
  network_error_code_t error;
  wasi_address remote;
  if (peer != NULL) remote = *peer;
  if (!udp_method_udp_socket_stream(udp(socket), peer != NULL ? &remote : NULL, &streams, &error)) {
    return wasi_failure(error);
  }
  socket->incoming = streams.f0;
  socket->outgoing = streams.f1;
  socket->streams = true;
  return 0;
}

static int bind_only(wasi_socket *socket, const wasi_address *address) {
  const instance_network_own_network_t network = instance_network_instance_network();
  network_error_code_t error;
  wasi_address local = *address;
  bool ok = udp_method_udp_socket_start_bind(udp(socket), network_borrow_network(network), &local,
                                             &error);
  network_network_drop_own(network);
  if (!ok) return wasi_failure(error);
  while (!(ok = udp_method_udp_socket_finish_bind(udp(socket), &error)) &&
         error == NETWORK_ERROR_CODE_WOULD_BLOCK) {
    wasi_block(wasi_change(socket), -1);
  }
  if (!ok) return wasi_failure(error);
  socket->state = WASI_BOUND;
  return 0;
}

int wasi_datagram_bind(wasi_socket *socket, const wasi_address *address) {
  if (socket->state != WASI_UNBOUND) return -EINVAL;
  const int result = bind_only(socket, address);
  return result < 0 ? result : open_streams(socket, NULL);
}

/* What POSIX does for a socket that sends before it is bound. */
static int ensure_bound(wasi_socket *socket) {
  if (socket->state != WASI_UNBOUND) return 0;
  const wasi_address any = wasi_any(socket->domain);
  return wasi_datagram_bind(socket, &any);
}

int wasi_datagram_connect(wasi_socket *socket, const wasi_address *address) {
  if (socket->state == WASI_UNBOUND) {
    const wasi_address any = wasi_any(socket->domain);
    const int result = bind_only(socket, &any);
    if (result < 0) return result;
  }
  const int result = open_streams(socket, address);
  if (result < 0) {
    (void)open_streams(socket, NULL);
    socket->state = WASI_BOUND;
    return result;
  }
  socket->state = WASI_CONNECTED;
  return 0;
}

static bool arrived(const wasi_socket *socket) {
  return socket->next_datagram < socket->datagrams.len;
}

/* The libc's own function for it leaves the bytes of each behind. */
static void free_datagrams(wasi_socket *socket) {
  for (size_t i = 0; i < socket->datagrams.len; i++) {
    wasip2_list_u8_free(&socket->datagrams.ptr[i].data);
  }
  if (socket->datagrams.len > 0) free(socket->datagrams.ptr);
  socket->datagrams = (udp_list_incoming_datagram_t){NULL, 0};
  socket->next_datagram = 0;
}

/* Has the host fill `datagrams`, which is empty. 1: there is one, 0: there is none yet. */
static int fetch(wasi_socket *socket) {
  udp_list_incoming_datagram_t list;
  network_error_code_t error;
  if (socket->fetch == 0) socket->fetch = 1;
  if (!udp_method_incoming_datagram_stream_receive(
          udp_borrow_incoming_datagram_stream(socket->incoming), socket->fetch, &list, &error)) {
    return error == NETWORK_ERROR_CODE_WOULD_BLOCK ? 0 : wasi_failure(error);
  }
  if (list.len < socket->fetch) {
    if (socket->fetch > 1 || list.len == 0) socket->patience = FETCH_PATIENCE;
    socket->fetch = 1;
  } else if (socket->patience > 0) {
    socket->patience--;
  } else if (socket->fetch < FETCH_MAX && !wasi_is_direct()) {
    socket->fetch *= 2;
  }
  socket->datagrams = list;
  socket->next_datagram = 0;
  return arrived(socket);
}

int wasi_datagram_look(wasi_socket *socket) {
  if (arrived(socket) || socket->pending_error != 0) return 1;
  const int result = fetch(socket);
  /* The error is kept for the call that receives. */
  if (result < 0) socket->pending_error = -result;
  return result != 0;
}

/* 1: there is a datagram, 0: receiving was shut down. */
static int await_datagram(wasi_socket *socket, bool wait) {
  const double end = socket->read_timeout < 0 ? -1 : wasi_now() + socket->read_timeout;
  unsigned mistakes = 0;
  while (!arrived(socket)) {
    if (socket->read_shut) return 0;
    const int result = fetch(socket);
    if (result != 0) return result;
    if (!wait) return -EAGAIN;
    const double left = end < 0 ? -1 : end - wasi_now();
    if (end >= 0 && left <= 0) return -EAGAIN;
    wasi_rest(mistakes++, left);
    if (wasi_block(wasi_readable(socket), left) == 0) return -EAGAIN;
  }
  return 1;
}

int64_t wasi_datagram_recv(wasi_socket *socket, const sock_buffer *buffers, size_t count, int flags,
                           int *out_flags, sock_address *from) {
  if (flags & ~(MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC | MSG_WAITALL | MSG_NOSIGNAL)) {
    return -EOPNOTSUPP;
  }
  if (socket->pending_error != 0) {
    const int error = socket->pending_error;
    socket->pending_error = 0;
    return -error;
  }
  const int bound = ensure_bound(socket);
  if (bound < 0) return bound;
  const bool wait = !socket->nonblocking && !(flags & MSG_DONTWAIT);
  /* The first that comes is right where it is wanted, unless it stays. */
  if (count == 1 && !(flags & MSG_PEEK)) wasi_place(buffers[0].data, buffers[0].length);
  const int there = await_datagram(socket, wait);
  wasi_place(NULL, 0);
  if (there <= 0) return there;
  udp_incoming_datagram_t *const datagram = &socket->datagrams.ptr[socket->next_datagram];
  const size_t length = datagram->data.len;
  size_t done = 0;
  for (size_t i = 0; i < count && done < length; i++) {
    const size_t left = length - done;
    const size_t size = buffers[i].length < left ? buffers[i].length : left;
    if (datagram->data.ptr != buffers[i].data) {
      memcpy(buffers[i].data, datagram->data.ptr + done, size);
    }
    done += size;
  }
  if (out_flags != NULL) *out_flags = done < length ? MSG_TRUNC : 0;
  if (from != NULL) wasi_address_decode(&datagram->remote_address, from);
  if (flags & MSG_TRUNC) done = length;
  /* What was placed is not the component's to free. */
  if (count == 1 && datagram->data.ptr == buffers[0].data) datagram->data.len = 0;
  if (!(flags & MSG_PEEK)) {
    socket->next_datagram++;
    if (!arrived(socket)) free_datagrams(socket);
  }
  return (int64_t)done;
}

static int64_t send_joined(wasi_socket *socket, uint8_t *data, size_t length, bool wait,
                           const wasi_address *to) {
  const udp_borrow_outgoing_datagram_stream_t outgoing =
      udp_borrow_outgoing_datagram_stream(socket->outgoing);
  network_error_code_t error;
  for (;;) {
    uint64_t permit = 0;
    if (!udp_method_outgoing_datagram_stream_check_send(outgoing, &permit, &error)) {
      return wasi_failure(error);
    }
    if (permit > 0) break;
    if (!wait || wasi_block(wasi_writable(socket), socket->write_timeout) == 0) return -EAGAIN;
  }
  udp_outgoing_datagram_t datagram;
  memset(&datagram, 0, sizeof(datagram));
  datagram.data.ptr = data;
  datagram.data.len = length;
  datagram.remote_address.is_some = to != NULL;
  if (to != NULL) datagram.remote_address.val = *to;
  udp_list_outgoing_datagram_t list = {&datagram, 1};
  uint64_t sent = 0;
  if (!udp_method_outgoing_datagram_stream_send(outgoing, &list, &sent, &error)) {
    return wasi_failure(error);
  }
  return sent == 0 ? -EAGAIN : (int64_t)length;
}

/* The interface takes only the peer's own address on a connected socket. */
static bool same(const wasi_address *a, const wasi_address *b) {
  sock_address first;
  sock_address second;
  wasi_address_decode(a, &first);
  wasi_address_decode(b, &second);
  return memcmp(&first, &second, sizeof(first)) == 0;
}

int64_t wasi_datagram_send(wasi_socket *socket, const sock_buffer *buffers, size_t count, int flags,
                           const wasi_address *to) {
  if (flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL)) return -EOPNOTSUPP;
  if (socket->write_shut) return -EPIPE;
  if (to == NULL && socket->state != WASI_CONNECTED) return -EDESTADDRREQ;
  const int bound = ensure_bound(socket);
  if (bound < 0) return bound;
  if (to != NULL && socket->state == WASI_CONNECTED) {
    wasi_address peer;
    network_error_code_t error;
    if (!udp_method_udp_socket_remote_address(udp(socket), &peer, &error)) {
      return wasi_failure(error);
    }
    if (!same(to, &peer)) return -EISCONN;
  }
  const bool wait = !socket->nonblocking && !(flags & MSG_DONTWAIT);
  if (count == 1) return send_joined(socket, buffers[0].data, buffers[0].length, wait, to);
  size_t length = 0;
  for (size_t i = 0; i < count; i++) length += buffers[i].length;
  uint8_t *const joined = malloc(length > 0 ? length : 1);
  if (joined == NULL) return -ENOMEM;
  size_t filled = 0;
  for (size_t i = 0; i < count; i++) {
    memcpy(joined + filled, buffers[i].data, buffers[i].length);
    filled += buffers[i].length;
  }
  const int64_t result = send_joined(socket, joined, length, wait, to);
  free(joined);
  return result;
}

void wasi_datagram_close(wasi_socket *socket) {
  free_datagrams(socket);
  drop_streams(socket);
  wasi_drop(&socket->change);
  udp_udp_socket_drop_own(socket->udp);
}

#endif
