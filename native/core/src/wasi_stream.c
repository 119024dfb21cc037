/* The kind `wasi_streams`: TCP by wasi:sockets/tcp, whose data goes through the streams of wasi:io. */
#include "wasi.h"

#ifdef SOCK_SYSTEM_WASI

#include <stdlib.h>

/* The most that one read asks a host for. Hosts allocate that much. */
#define READ_MAX 65536

static tcp_borrow_tcp_socket_t tcp(const wasi_socket *socket) {
  return tcp_borrow_tcp_socket(socket->tcp);
}

static int bind_to(wasi_socket *socket, const wasi_address *address) {
  if (socket->state != WASI_UNBOUND) return -EINVAL;
  const instance_network_own_network_t network = instance_network_instance_network();
  network_error_code_t error;
  wasi_address local = *address;
  bool ok = tcp_method_tcp_socket_start_bind(tcp(socket), network_borrow_network(network), &local,
                                             &error);
  network_network_drop_own(network);
  if (!ok) return wasi_failure(error);
  while (!(ok = tcp_method_tcp_socket_finish_bind(tcp(socket), &error)) &&
         error == NETWORK_ERROR_CODE_WOULD_BLOCK) {
    wasi_block(wasi_change(socket), -1);
  }
  if (!ok) return wasi_failure(error);
  socket->state = WASI_BOUND;
  return 0;
}

static int take_pending_error(wasi_socket *socket) {
  const int error = socket->pending_error;
  socket->pending_error = 0;
  return -error;
}

/* The reason of a failed connect the first time, ECONNABORTED after that. */
static int failed(wasi_socket *socket) {
  const int error = take_pending_error(socket);
  return error != 0 ? error : -ECONNABORTED;
}

static int advance(wasi_socket *socket) {
  if (socket->state != WASI_CONNECTING) return 0;
  tcp_tuple2_own_input_stream_own_output_stream_t streams;
  network_error_code_t error;
  if (tcp_method_tcp_socket_finish_connect(tcp(socket), &streams, &error)) {
    socket->input = streams.f0;
    socket->output = streams.f1;
    socket->streams = true;
    socket->state = WASI_CONNECTED;
    return 0;
  }
  if (error == NETWORK_ERROR_CODE_WOULD_BLOCK) return -EALREADY;
  socket->state = WASI_FAILED;
  /* The error stays until a connect or SO_ERROR reads it, whichever call found it. */
  socket->pending_error = -wasi_failure(error);
  return -socket->pending_error;
}

static int start_connect(wasi_socket *socket, const wasi_address *address) {
  switch (socket->state) {
    case WASI_CONNECTING: {
      const int result = advance(socket);
      return socket->state == WASI_FAILED ? failed(socket) : result;
    }
    case WASI_CONNECTED:
      return -EISCONN;
    case WASI_LISTENING:
      return -EISCONN;
    case WASI_FAILED:
      return failed(socket);
    default:
      break;
  }
  const instance_network_own_network_t network = instance_network_instance_network();
  network_error_code_t error;
  wasi_address remote = *address;
  const bool ok = tcp_method_tcp_socket_start_connect(tcp(socket), network_borrow_network(network),
                                                      &remote, &error);
  network_network_drop_own(network);
  if (!ok) {
    const int failure = wasi_failure(error);
    /* A wrong argument leaves the socket as it was. After a refusal of the network it cannot be used again. */
    if (failure != -EINVAL && failure != -EACCES) socket->state = WASI_FAILED;
    return failure;
  }
  socket->state = WASI_CONNECTING;
  return -EINPROGRESS;
}

static int start_listening(wasi_socket *socket, int backlog) {
  network_error_code_t error;
  if (socket->state == WASI_UNBOUND) {
    const wasi_address any = wasi_any(socket->domain);
    const int result = bind_to(socket, &any);
    if (result < 0) return result;
  }
  if (socket->state != WASI_BOUND && socket->state != WASI_LISTENING) return -EINVAL;
  const uint64_t length = backlog > 0 ? (uint64_t)backlog : 1;
  /* Some hosts do not support it. They choose the length of the queue. */
  (void)tcp_method_tcp_socket_set_listen_backlog_size(tcp(socket), length, &error);
  if (socket->state == WASI_LISTENING) return 0;
  bool ok = tcp_method_tcp_socket_start_listen(tcp(socket), &error);
  if (!ok) return wasi_failure(error);
  while (!(ok = tcp_method_tcp_socket_finish_listen(tcp(socket), &error)) &&
         error == NETWORK_ERROR_CODE_WOULD_BLOCK) {
    wasi_block(wasi_change(socket), -1);
  }
  if (!ok) return wasi_failure(error);
  socket->state = WASI_LISTENING;
  return 0;
}

static int64_t accept_one(wasi_socket *socket, sock_address *peer, bool wait) {
  if (socket->state != WASI_LISTENING) return -EINVAL;
  tcp_tuple3_own_tcp_socket_own_input_stream_own_output_stream_t accepted;
  network_error_code_t error;
  while (!tcp_method_tcp_socket_accept(tcp(socket), &accepted, &error)) {
    if (error != NETWORK_ERROR_CODE_WOULD_BLOCK) return wasi_failure(error);
    if (!wait) return -EAGAIN;
    if (wasi_block(wasi_change(socket), socket->read_timeout) == 0) return -EAGAIN;
  }
  wasi_socket *const connection = wasi_new(socket->domain, &wasi_streams);
  if (connection == NULL) {
    streams_input_stream_drop_own(accepted.f1);
    streams_output_stream_drop_own(accepted.f2);
    tcp_tcp_socket_drop_own(accepted.f0);
    return -ENOMEM;
  }
  connection->tcp = accepted.f0;
  connection->input = accepted.f1;
  connection->output = accepted.f2;
  connection->streams = true;
  connection->state = WASI_CONNECTED;
  wasi_address remote;
  if (peer != NULL) {
    memset(peer, 0, sizeof(*peer));
    if (tcp_method_tcp_socket_remote_address(tcp(connection), &remote, &error)) {
      wasi_address_decode(&remote, peer);
    }
  }
  return wasi_insert(connection);
}

/* A broken connection fails one call with its error, as in POSIX. After that, a read finds the end and a send EPIPE. */
static int failure_of(wasi_socket *socket, streams_stream_error_t *error, int closed) {
  if (error->tag != STREAMS_STREAM_ERROR_CLOSED) socket->broken = socket->ended = true;
  return wasi_stream_failure(error, closed);
}

/* Reads at most `most` bytes into a list of the host's. With `wait` it returns only when there is a byte or the end.
   1: it read something. 0: there is nothing yet, or the stream has ended. */
static int read_some(wasi_socket *socket, size_t most, bool wait, wasip2_list_u8_t *bytes) {
  const streams_borrow_input_stream_t input = streams_borrow_input_stream(socket->input);
  const uint64_t wanted = most < READ_MAX ? most : READ_MAX;
  streams_stream_error_t error;
  const bool ok = wait ? streams_method_input_stream_blocking_read(input, wanted, bytes, &error)
                       : streams_method_input_stream_read(input, wanted, bytes, &error);
  if (!ok) {
    socket->ended = true;
    return failure_of(socket, &error, 0);
  }
  if (bytes->len > 0) return 1;
  wasip2_list_u8_free(bytes);
  return 0;
}

/* Makes room for `size` bytes in `ahead`. */
static int reserve(wasi_socket *socket, size_t size) {
  if (socket->ahead_room >= size) return 0;
  uint8_t *const larger = realloc(socket->ahead, size);
  if (larger == NULL) return -ENOMEM;
  socket->ahead = larger;
  socket->ahead_room = size;
  return 0;
}

/* Reads, and appends to what is in `ahead`. */
static int read_ahead(wasi_socket *socket, size_t most, bool wait) {
  wasip2_list_u8_t bytes;
  int result = read_some(socket, most, wait, &bytes);
  if (result <= 0) return result;
  if (socket->ahead_start > 0) {
    memmove(socket->ahead, socket->ahead + socket->ahead_start, socket->ahead_length);
    socket->ahead_start = 0;
  }
  if (reserve(socket, socket->ahead_length + bytes.len) < 0) {
    result = -ENOMEM;
  } else {
    memcpy(socket->ahead + socket->ahead_length, bytes.ptr, bytes.len);
    socket->ahead_length += bytes.len;
  }
  wasip2_list_u8_free(&bytes);
  return result;
}

static int look(wasi_socket *socket) {
  if (socket->ahead_length > 0 || socket->ended || socket->pending_error != 0) return 1;
  const int result = read_ahead(socket, READ_MAX, false);
  /* The call that receives returns the error. */
  if (result < 0) socket->pending_error = -result;
  return result != 0 || socket->ended;
}

/* Fills the buffers from their byte `skip` on. Returns how many bytes of `from` it copied. */
static size_t scatter(const uint8_t *from, size_t length, const sock_buffer *buffers, size_t count,
                      size_t skip) {
  size_t taken = 0;
  for (size_t i = 0; i < count && taken < length; i++) {
    if (skip >= buffers[i].length) {
      skip -= buffers[i].length;
      continue;
    }
    const size_t room = buffers[i].length - skip;
    const size_t size = room < length - taken ? room : length - taken;
    memcpy((uint8_t *)buffers[i].data + skip, from + taken, size);
    taken += size;
    skip = 0;
  }
  return taken;
}

static size_t room_of(const sock_buffer *buffers, size_t count) {
  size_t room = 0;
  for (size_t i = 0; i < count; i++) room += buffers[i].length;
  return room;
}

/* Waits for something to read. Returns false when time is up. */
static bool wait_readable(wasi_socket *socket) {
  return wasi_block(wasi_readable(socket), socket->read_timeout) > 0;
}

static int64_t peek(wasi_socket *socket, const sock_buffer *buffers, size_t count, size_t wanted,
                    bool wait) {
  while (socket->ahead_length < wanted && !socket->ended && !socket->read_shut) {
    const int result = read_ahead(socket, READ_MAX, false);
    if (result < 0) return result;
    if (result > 0 || socket->ended) continue;
    if (wait && wait_readable(socket)) continue;
    if (socket->ahead_length == 0) return -EAGAIN;
    break;
  }
  const uint8_t *const from = socket->ahead + socket->ahead_start;
  return (int64_t)scatter(from, socket->ahead_length, buffers, count, 0);
}

/* Reads once from the host, which puts its list right into the buffer. 0: nothing yet, or the end. */
static int64_t receive_into(wasi_socket *socket, uint8_t *data, size_t room, bool wait) {
  wasip2_list_u8_t bytes;
  wasi_place(data, room);
  const int result = read_some(socket, room, wait, &bytes);
  wasi_place(NULL, 0);
  if (result <= 0) return result;
  const size_t taken = bytes.len < room ? bytes.len : room;
  if (bytes.ptr != data) {
    memcpy(data, bytes.ptr, taken);
    wasip2_list_u8_free(&bytes);
  }
  return (int64_t)taken;
}

/* Reads once: what `look` kept, or else from the host. 0: nothing yet, or the end. */
static int64_t receive_some(wasi_socket *socket, const sock_buffer *buffers, size_t count,
                            size_t done, size_t room, bool wait) {
  if (socket->ahead_length > 0) {
    const uint8_t *const from = socket->ahead + socket->ahead_start;
    const size_t taken = scatter(from, socket->ahead_length, buffers, count, done);
    socket->ahead_start += taken;
    socket->ahead_length -= taken;
    if (socket->ahead_length == 0) socket->ahead_start = 0;
    return (int64_t)taken;
  }
  if (socket->ended || socket->read_shut) return 0;
  if (count == 1) return receive_into(socket, (uint8_t *)buffers[0].data + done, room - done, wait);
  wasip2_list_u8_t bytes;
  const int result = read_some(socket, room - done, wait, &bytes);
  if (result <= 0) return result;
  const size_t taken = scatter(bytes.ptr, bytes.len, buffers, count, done);
  wasip2_list_u8_free(&bytes);
  return (int64_t)taken;
}

static int64_t receive(wasi_socket *socket, const sock_buffer *buffers, size_t count, int flags,
                       int *out_flags, sock_address *from) {
  (void)out_flags, (void)from;
  if (flags & ~(MSG_PEEK | MSG_DONTWAIT | MSG_WAITALL | MSG_NOSIGNAL)) return -EOPNOTSUPP;
  advance(socket);
  if (!socket->streams) return -ENOTCONN;
  if (socket->ahead_length == 0 && socket->pending_error != 0) return take_pending_error(socket);
  const size_t room = room_of(buffers, count);
  const bool wait = !socket->nonblocking && !(flags & MSG_DONTWAIT);
  const bool all = (flags & MSG_WAITALL) != 0 && wait;
  if (room == 0) return 0;
  if (flags & MSG_PEEK) return peek(socket, buffers, count, all ? room : 1, wait);
  /* The host's own call waits if there is nothing else to wait for. */
  const bool within = wait && socket->read_timeout < 0 && wasi_sending() == NULL;
  size_t done = 0;
  for (;;) {
    const int64_t result = receive_some(socket, buffers, count, done, room, within);
    if (result < 0) return done > 0 ? (int64_t)done : result;
    done += (size_t)result;
    const bool over = socket->ahead_length == 0 && (socket->ended || socket->read_shut);
    if (over || done == room || (done > 0 && !all)) return (int64_t)done;
    if (result > 0 || within) continue;
    if (!wait || !wait_readable(socket)) return done > 0 ? (int64_t)done : -EAGAIN;
  }
}

static int64_t send_piece(wasi_socket *socket, const uint8_t *data, size_t length, bool wait) {
  size_t sent = 0;
  while (sent < length) {
    uint64_t permit = 0;
    streams_stream_error_t error;
    const streams_borrow_output_stream_t output = streams_borrow_output_stream(socket->output);
    if (!streams_method_output_stream_check_write(output, &permit, &error)) {
      const int failure = failure_of(socket, &error, -EPIPE);
      return sent > 0 ? (int64_t)sent : failure;
    }
    if (permit == 0) {
      if (!wait || wasi_block(wasi_writable(socket), socket->write_timeout) == 0) {
        return sent > 0 ? (int64_t)sent : -EAGAIN;
      }
      continue;
    }
    const size_t left = length - sent;
    wasip2_list_u8_t piece = {(uint8_t *)(uintptr_t)(data + sent),
                              left < permit ? left : (size_t)permit};
    if (!streams_method_output_stream_write(output, &piece, &error)) {
      const int failure = failure_of(socket, &error, -EPIPE);
      return sent > 0 ? (int64_t)sent : failure;
    }
    socket->written = true;
    sent += piece.len;
  }
  return (int64_t)sent;
}

/* POSIX lets a stream ignore the address or refuse it. Linux ignores it. */
static int64_t transmit(wasi_socket *socket, const sock_buffer *buffers, size_t count, int flags,
                        const sock_address *to) {
  (void)to;
  if (flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL)) return -EOPNOTSUPP;
  const int state = advance(socket);
  if (state == -EALREADY) return -EAGAIN;
  if (socket->state == WASI_UNBOUND || socket->state == WASI_BOUND) return -EPIPE;
  if (!socket->streams) return -ENOTCONN;
  if (socket->pending_error != 0) return take_pending_error(socket);
  if (socket->write_shut || socket->broken) return -EPIPE;
  const bool wait = !socket->nonblocking && !(flags & MSG_DONTWAIT);
  int64_t done = 0;
  for (size_t i = 0; i < count; i++) {
    const int64_t sent = send_piece(socket, buffers[i].data, buffers[i].length, wait);
    if (sent < 0) return done > 0 ? done : sent;
    done += sent;
    if ((size_t)sent < buffers[i].length) break;
  }
  return done;
}

static int end(wasi_socket *socket) {
  socket->fin = true;
  /* Nobody waits to write any more, and some hosts end the stream here, which needs its pollables dropped. */
  wasi_drop(&socket->writable);
  network_error_code_t error;
  return tcp_method_tcp_socket_shutdown(tcp(socket), TCP_SHUTDOWN_TYPE_SEND, &error)
             ? 0
             : wasi_failure(error);
}

static int shut_down(wasi_socket *socket, int how) {
  advance(socket);
  if (socket->state != WASI_CONNECTED) return -ENOTCONN;
  network_error_code_t error;
  if (how != 1 && !socket->read_shut) {
    if (!tcp_method_tcp_socket_shutdown(tcp(socket), TCP_SHUTDOWN_TYPE_RECEIVE, &error)) {
      return wasi_failure(error);
    }
    socket->read_shut = true;
  }
  if (how != 0 && !socket->write_shut) {
    socket->write_shut = true;
    wasi_after_sending(socket);
  }
  return 0;
}

static void flush(wasi_socket *socket) {
  if (!socket->written || socket->fin) return;
  /* From now on the stream's pollable means that everything is sent. */
  wasi_drop(&socket->writable);
  streams_stream_error_t error;
  if (!streams_method_output_stream_flush(streams_borrow_output_stream(socket->output), &error)) {
    (void)wasi_stream_failure(&error, 0);
  }
}

static bool is_sending(const wasi_socket *socket) {
  /* A permit of 0 means that the host sends only if something was written: some hosts start without room. */
  if (!socket->written || socket->fin) return false;
  uint64_t permit = 0;
  streams_stream_error_t error;
  if (!streams_method_output_stream_check_write(streams_borrow_output_stream(socket->output),
                                                &permit, &error)) {
    (void)wasi_stream_failure(&error, 0);
    return false;
  }
  return permit == 0;
}

static void drop(wasi_socket *socket) {
  /* The interface asks for this order: a resource goes after those made from it. */
  wasi_drop(&socket->readable);
  wasi_drop(&socket->writable);
  wasi_drop(&socket->change);
  if (socket->streams) {
    streams_input_stream_drop_own(socket->input);
    streams_output_stream_drop_own(socket->output);
  }
  tcp_tcp_socket_drop_own(socket->tcp);
}

static bool create(wasi_socket *socket, network_ip_address_family_t family,
                   network_error_code_t *error) {
  return tcp_create_socket_create_tcp_socket(family, &socket->tcp, error);
}

static int32_t host_handle(const wasi_socket *socket) {
  return socket->tcp.__handle;
}

static bool local_address(const wasi_socket *socket, wasi_address *out,
                          network_error_code_t *error) {
  return tcp_method_tcp_socket_local_address(tcp(socket), out, error);
}

static bool peer_address(const wasi_socket *socket, wasi_address *out,
                         network_error_code_t *error) {
  return tcp_method_tcp_socket_remote_address(tcp(socket), out, error);
}

static bool get(const wasi_socket *socket, wasi_setting setting, uint64_t *out,
                network_error_code_t *error) {
  uint8_t hops = 0;
  bool on = false;
  uint32_t count = 0;
  bool ok = false;
  switch (setting) {
    case WASI_HOP_LIMIT:
      ok = tcp_method_tcp_socket_hop_limit(tcp(socket), &hops, error);
      *out = hops;
      return ok;
    case WASI_RECEIVE_BUFFER:
      return tcp_method_tcp_socket_receive_buffer_size(tcp(socket), out, error);
    case WASI_SEND_BUFFER:
      return tcp_method_tcp_socket_send_buffer_size(tcp(socket), out, error);
    case WASI_KEEPALIVE:
      ok = tcp_method_tcp_socket_keep_alive_enabled(tcp(socket), &on, error);
      *out = on;
      return ok;
    case WASI_KEEPALIVE_TIME:
      return tcp_method_tcp_socket_keep_alive_idle_time(tcp(socket), out, error);
    case WASI_KEEPALIVE_INTERVAL:
      return tcp_method_tcp_socket_keep_alive_interval(tcp(socket), out, error);
    case WASI_KEEPALIVE_COUNT:
      ok = tcp_method_tcp_socket_keep_alive_count(tcp(socket), &count, error);
      *out = count;
      return ok;
  }
  *error = NETWORK_ERROR_CODE_NOT_SUPPORTED;
  return false;
}

static bool set(const wasi_socket *socket, wasi_setting setting, uint64_t value,
                network_error_code_t *error) {
  switch (setting) {
    case WASI_HOP_LIMIT:
      return tcp_method_tcp_socket_set_hop_limit(tcp(socket), (uint8_t)value, error);
    case WASI_RECEIVE_BUFFER:
      return tcp_method_tcp_socket_set_receive_buffer_size(tcp(socket), value, error);
    case WASI_SEND_BUFFER:
      return tcp_method_tcp_socket_set_send_buffer_size(tcp(socket), value, error);
    case WASI_KEEPALIVE:
      return tcp_method_tcp_socket_set_keep_alive_enabled(tcp(socket), value != 0, error);
    case WASI_KEEPALIVE_TIME:
      return tcp_method_tcp_socket_set_keep_alive_idle_time(tcp(socket), value, error);
    case WASI_KEEPALIVE_INTERVAL:
      return tcp_method_tcp_socket_set_keep_alive_interval(tcp(socket), value, error);
    case WASI_KEEPALIVE_COUNT:
      return tcp_method_tcp_socket_set_keep_alive_count(tcp(socket), (uint32_t)value, error);
  }
  *error = NETWORK_ERROR_CODE_NOT_SUPPORTED;
  return false;
}

static poll_own_pollable_t subscribe(const wasi_socket *socket) {
  return tcp_method_tcp_socket_subscribe(tcp(socket));
}

static poll_own_pollable_t subscribe_readable(const wasi_socket *socket) {
  return streams_method_input_stream_subscribe(streams_borrow_input_stream(socket->input));
}

static poll_own_pollable_t subscribe_writable(const wasi_socket *socket) {
  return streams_method_output_stream_subscribe(streams_borrow_output_stream(socket->output));
}

static uint32_t known(const wasi_socket *socket, uint32_t interest) {
  switch (socket->state) {
    case WASI_UNBOUND:
    case WASI_BOUND:
      return (interest & SOCK_WRITABLE) | SOCK_HANGUP;
    case WASI_FAILED:
      return (interest & (SOCK_READABLE | SOCK_WRITABLE)) | SOCK_ERROR | SOCK_HANGUP;
    default:
      return socket->write_shut ? interest & SOCK_WRITABLE : 0;
  }
}

const wasi_kind wasi_streams = {
    .type = SOCK_STREAM,
    .protocol = IPPROTO_TCP,
    .create = create,
    .drop = drop,
    .host_handle = host_handle,
    .bind = bind_to,
    .connect = start_connect,
    .advance = advance,
    .listen = start_listening,
    .accept = accept_one,
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
