/* The kind `wasi_datagrams`: UDP by wasi:sockets/udp. */
#include "wasi.h"

#ifdef SOCK_SYSTEM_WASI

#include <stdlib.h>

/* A call to the host may be a round trip, but asking for more datagrams than there are costs the host another system
   call, and wasmtime then waits for its reactor in another thread. So the component asks for one until FETCH_PATIENCE
   answers in a row were full, and then for twice as many each time, up to FETCH_MAX. Whenever that brings only one, it
   is twice as patient before it tries again, up to FETCH_PATIENCE_MAX. */
#define FETCH_MAX 16
#define FETCH_PATIENCE 16
#define FETCH_PATIENCE_MAX 4096

static udp_borrow_udp_socket_t udp(const wasi_socket *socket) {
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

/* A host keeps arriving datagrams only once the streams exist. So they are opened together with the bind. */
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

static int bind_to(wasi_socket *socket, const wasi_address *address) {
  if (socket->state != WASI_UNBOUND) return -EINVAL;
  const int result = bind_only(socket, address);
  return result < 0 ? result : open_streams(socket, NULL);
}

/* POSIX binds a socket that sends before it is bound. */
static int ensure_bound(wasi_socket *socket) {
  if (socket->state != WASI_UNBOUND) return 0;
  const wasi_address any = wasi_any(socket->domain);
  return bind_to(socket, &any);
}

static int connect_to(wasi_socket *socket, const wasi_address *address) {
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

/* wasi-libc's function for this does not free the bytes of each datagram. */
static void free_datagrams(wasi_socket *socket) {
  for (size_t i = 0; i < socket->datagrams.len; i++) {
    wasip2_list_u8_free(&socket->datagrams.ptr[i].data);
  }
  if (socket->datagrams.len > 0 && socket->datagrams.ptr != &socket->datagram) {
    free(socket->datagrams.ptr);
  }
  socket->datagrams = (udp_list_incoming_datagram_t){NULL, 0};
  socket->next_datagram = 0;
}

/* Asks the host for datagrams. `datagrams` must be empty. 1: one or more arrived. 0: none yet. */
static int fetch(wasi_socket *socket) {
  udp_list_incoming_datagram_t list;
  network_error_code_t error;
  if (socket->fetch == 0) {
    socket->fetch = 1;
    socket->caution = FETCH_PATIENCE;
  }
  wasi_place_datagram(&socket->datagram);
  const bool ok = udp_method_incoming_datagram_stream_receive(
      udp_borrow_incoming_datagram_stream(socket->incoming), socket->fetch, &list, &error);
  wasi_place_datagram(NULL);
  if (!ok) {
    return error == NETWORK_ERROR_CODE_WOULD_BLOCK ? 0 : wasi_failure(error);
  }
  if (socket->fetch > 1) {
    if (list.len > 1) {
      socket->caution = FETCH_PATIENCE;
    } else if (socket->caution < FETCH_PATIENCE_MAX) {
      socket->caution *= 2;
    }
  }
  if (list.len < socket->fetch) {
    if (socket->fetch > 1 || list.len == 0) socket->patience = socket->caution;
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

static int look(wasi_socket *socket) {
  if (arrived(socket) || socket->pending_error != 0) return 1;
  const int result = fetch(socket);
  /* The call that receives returns the error. */
  if (result < 0) socket->pending_error = -result;
  return result != 0;
}

/* 1: there is a datagram. 0: the program has shut receiving down. */
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

static int64_t receive(wasi_socket *socket, const sock_buffer *buffers, size_t count, int flags,
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
  /* The host puts the first datagram right into the buffer, unless it has to stay for another call. */
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
  /* A datagram in the program's buffer must not be freed. */
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
  udp_outgoing_datagram_t datagram;
  datagram.data.ptr = data;
  datagram.data.len = length;
  datagram.remote_address.is_some = to != NULL;
  if (to != NULL) datagram.remote_address.val = *to;
  for (;;) {
    /* A direct host lets every datagram be sent without asking. */
    uint64_t permit = wasi_is_direct();
    if (permit == 0 && !udp_method_outgoing_datagram_stream_check_send(outgoing, &permit, &error)) {
      return wasi_failure(error);
    }
    udp_list_outgoing_datagram_t list = {&datagram, 1};
    uint64_t sent = 0;
    if (permit > 0 && !udp_method_outgoing_datagram_stream_send(outgoing, &list, &sent, &error)) {
      return wasi_failure(error);
    }
    if (sent > 0) return (int64_t)length;
    if (!wait || wasi_block(wasi_writable(socket), socket->write_timeout) == 0) return -EAGAIN;
  }
}

/* On a connected socket the interface accepts no other address than the peer's. */
static bool same(const wasi_address *a, const wasi_address *b) {
  sock_address first;
  sock_address second;
  wasi_address_decode(a, &first);
  wasi_address_decode(b, &second);
  return memcmp(&first, &second, sizeof(first)) == 0;
}

static int64_t transmit_to(wasi_socket *socket, const sock_buffer *buffers, size_t count, int flags,
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

static int64_t transmit(wasi_socket *socket, const sock_buffer *buffers, size_t count, int flags,
                        const sock_address *to) {
  wasi_address remote;
  if (to != NULL) {
    const int result = wasi_address_encode(socket, to, &remote);
    if (result < 0) return result;
  }
  return transmit_to(socket, buffers, count, flags, to != NULL ? &remote : NULL);
}

static void drop(wasi_socket *socket) {
  free_datagrams(socket);
  drop_streams(socket);
  wasi_drop(&socket->change);
  udp_udp_socket_drop_own(socket->udp);
}

static bool create(wasi_socket *socket, network_ip_address_family_t family,
                   network_error_code_t *error) {
  return udp_create_socket_create_udp_socket(family, &socket->udp, error);
}

static int32_t host_handle(const wasi_socket *socket) {
  return socket->udp.__handle;
}

/* A datagram socket is connected when `connect_to` returns. */
static int advance(wasi_socket *socket) {
  (void)socket;
  return 0;
}

static int refuse_listen(wasi_socket *socket, int backlog) {
  (void)socket, (void)backlog;
  return -EOPNOTSUPP;
}

static int64_t refuse_accept(wasi_socket *socket, sock_address *peer, bool wait) {
  (void)socket, (void)peer, (void)wait;
  return -EOPNOTSUPP;
}

static bool local_address(const wasi_socket *socket, wasi_address *out,
                          network_error_code_t *error) {
  return udp_method_udp_socket_local_address(udp(socket), out, error);
}

static bool peer_address(const wasi_socket *socket, wasi_address *out,
                         network_error_code_t *error) {
  return udp_method_udp_socket_remote_address(udp(socket), out, error);
}

static int shut_down(wasi_socket *socket, int how) {
  if (socket->state != WASI_CONNECTED) return -ENOTCONN;
  if (how != 1) socket->read_shut = true;
  if (how != 0) socket->write_shut = true;
  return 0;
}

static bool get(const wasi_socket *socket, wasi_setting setting, uint64_t *out,
                network_error_code_t *error) {
  uint8_t hops = 0;
  bool ok = false;
  switch (setting) {
    case WASI_HOP_LIMIT:
      ok = udp_method_udp_socket_unicast_hop_limit(udp(socket), &hops, error);
      *out = hops;
      return ok;
    case WASI_RECEIVE_BUFFER:
      return udp_method_udp_socket_receive_buffer_size(udp(socket), out, error);
    case WASI_SEND_BUFFER:
      return udp_method_udp_socket_send_buffer_size(udp(socket), out, error);
    default:
      *error = NETWORK_ERROR_CODE_NOT_SUPPORTED;
      return false;
  }
}

static bool set(const wasi_socket *socket, wasi_setting setting, uint64_t value,
                network_error_code_t *error) {
  switch (setting) {
    case WASI_HOP_LIMIT:
      return udp_method_udp_socket_set_unicast_hop_limit(udp(socket), (uint8_t)value, error);
    case WASI_RECEIVE_BUFFER:
      return udp_method_udp_socket_set_receive_buffer_size(udp(socket), value, error);
    case WASI_SEND_BUFFER:
      return udp_method_udp_socket_set_send_buffer_size(udp(socket), value, error);
    default:
      *error = NETWORK_ERROR_CODE_NOT_SUPPORTED;
      return false;
  }
}

static poll_own_pollable_t subscribe(const wasi_socket *socket) {
  return udp_method_udp_socket_subscribe(udp(socket));
}

static poll_own_pollable_t subscribe_readable(const wasi_socket *socket) {
  return udp_method_incoming_datagram_stream_subscribe(
      udp_borrow_incoming_datagram_stream(socket->incoming));
}

static poll_own_pollable_t subscribe_writable(const wasi_socket *socket) {
  return udp_method_outgoing_datagram_stream_subscribe(
      udp_borrow_outgoing_datagram_stream(socket->outgoing));
}

static uint32_t known(const wasi_socket *socket, uint32_t interest) {
  (void)socket, (void)interest;
  return 0;
}

/* The host has sent a datagram, or lost it, when `send` returns. Nothing is left to send. */
static void flush(wasi_socket *socket) {
  (void)socket;
}

static bool is_sending(const wasi_socket *socket) {
  (void)socket;
  return false;
}

static int end(wasi_socket *socket) {
  (void)socket;
  return 0;
}

const wasi_kind wasi_datagrams = {
    .type = SOCK_DGRAM,
    .protocol = IPPROTO_UDP,
    .create = create,
    .drop = drop,
    .host_handle = host_handle,
    .bind = bind_to,
    .connect = connect_to,
    .advance = advance,
    .listen = refuse_listen,
    .accept = refuse_accept,
    .local_address = local_address,
    .peer_address = peer_address,
    .shutdown = shut_down,
    .recv = receive,
    .send = transmit,
    .get = get,
    .set = set,
    .subscribe = subscribe,
    .subscribe_readable = subscribe_readable,
    .subscribe_writable = subscribe_writable,
    .known = known,
    .look = look,
    .flush = flush,
    .is_sending = is_sending,
    .end = end,
};

#endif
