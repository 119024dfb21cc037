/* TCP by wasi:sockets/tcp, whose data goes through the streams of wasi:io. */
#include "wasi.h"

#ifdef SOCK_SYSTEM_WASI

#include <stdlib.h>

/* What one read asks a host for at most: hosts allocate it. */
#define READ_MAX 65536

static tcp_borrow_tcp_socket_t tcp(wasi_socket *socket) {
  return tcp_borrow_tcp_socket(socket->tcp);
}

int wasi_stream_bind(wasi_socket *socket, const wasi_address *address) {
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

/* Why it failed, once; then that it did. */
static int failed(wasi_socket *socket) {
  const int error = socket->pending_error;
  socket->pending_error = 0;
  return error != 0 ? -error : -ECONNABORTED;
}

int wasi_stream_start_connect(wasi_socket *socket, const wasi_address *address) {
  switch (socket->state) {
    case WASI_CONNECTING:
      return wasi_stream_advance(socket);
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
    /* Refused for what it was asked, the socket is as it was; refused by the network, it is spent. */
    if (failure != -EINVAL && failure != -EACCES) socket->state = WASI_FAILED;
    return failure;
  }
  socket->state = WASI_CONNECTING;
  return -EINPROGRESS;
}

int wasi_stream_advance(wasi_socket *socket) {
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
  return wasi_failure(error);
}

int wasi_stream_listen(wasi_socket *socket, int backlog) {
  network_error_code_t error;
  if (socket->state == WASI_UNBOUND) {
    const wasi_address any = wasi_any(socket->domain);
    const int result = wasi_stream_bind(socket, &any);
    if (result < 0) return result;
  }
  if (socket->state != WASI_BOUND && socket->state != WASI_LISTENING) return -EINVAL;
  const uint64_t length = backlog > 0 ? (uint64_t)backlog : 1;
  /* A host may not know how; the queue is then as long as it makes it. */
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

int64_t wasi_stream_accept(wasi_socket *socket, sock_address *peer, bool wait) {
  if (socket->state != WASI_LISTENING) return -EINVAL;
  tcp_tuple3_own_tcp_socket_own_input_stream_own_output_stream_t accepted;
  network_error_code_t error;
  while (!tcp_method_tcp_socket_accept(tcp(socket), &accepted, &error)) {
    if (error != NETWORK_ERROR_CODE_WOULD_BLOCK) return wasi_failure(error);
    if (!wait) return -EAGAIN;
    if (wasi_block(wasi_change(socket), socket->read_timeout) == 0) return -EAGAIN;
  }
  wasi_socket *const connection = wasi_new(socket->domain, SOCK_STREAM);
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

/* Reads into `ahead` what is there now, up to `most`. 1: something, 0: nothing yet or ended. */
static int read_ahead(wasi_socket *socket, size_t most) {
  wasip2_list_u8_t bytes;
  streams_stream_error_t error;
  const uint64_t wanted = most < READ_MAX ? most : READ_MAX;
  if (!streams_method_input_stream_read(streams_borrow_input_stream(socket->input), wanted, &bytes,
                                        &error)) {
    const int failure = wasi_stream_failure(&error, 0);
    if (failure == 0) socket->ended = true;
    return failure;
  }
  if (bytes.len == 0) {
    wasip2_list_u8_free(&bytes);
    return 0;
  }
  if (socket->ahead_start > 0) {
    memmove(socket->ahead, socket->ahead + socket->ahead_start, socket->ahead_length);
    socket->ahead_start = 0;
  }
  const int result = wasi_reserve(socket, socket->ahead_length + bytes.len);
  if (result == 0) {
    memcpy(socket->ahead + socket->ahead_length, bytes.ptr, bytes.len);
    socket->ahead_length += bytes.len;
  }
  wasip2_list_u8_free(&bytes);
  return result < 0 ? result : 1;
}

int wasi_stream_look(wasi_socket *socket) {
  if (socket->ahead_length > 0 || socket->ended) return 1;
  const int result = read_ahead(socket, READ_MAX);
  /* An error is something to receive, too: the next call will find it again. */
  return result != 0 || socket->ended;
}

static size_t take(wasi_socket *socket, const sock_buffer *buffers, size_t count, size_t skip,
                   bool peek) {
  size_t taken = 0;
  const uint8_t *from = socket->ahead + socket->ahead_start;
  for (size_t i = 0; i < count && taken < socket->ahead_length; i++) {
    if (skip >= buffers[i].length) {
      skip -= buffers[i].length;
      continue;
    }
    const size_t room = buffers[i].length - skip;
    const size_t left = socket->ahead_length - taken;
    const size_t size = room < left ? room : left;
    memcpy((uint8_t *)buffers[i].data + skip, from + taken, size);
    taken += size;
    skip = 0;
  }
  if (!peek) {
    socket->ahead_start += taken;
    socket->ahead_length -= taken;
    if (socket->ahead_length == 0) socket->ahead_start = 0;
  }
  return taken;
}

static size_t room_of(const sock_buffer *buffers, size_t count) {
  size_t room = 0;
  for (size_t i = 0; i < count; i++) room += buffers[i].length;
  return room;
}

int64_t wasi_stream_recv(wasi_socket *socket, const sock_buffer *buffers, size_t count, int flags) {
  if (flags & ~(MSG_PEEK | MSG_DONTWAIT | MSG_WAITALL | MSG_NOSIGNAL)) return -EOPNOTSUPP;
  wasi_stream_advance(socket);
  if (!socket->streams) return -ENOTCONN;
  const size_t room = room_of(buffers, count);
  const bool peek = (flags & MSG_PEEK) != 0;
  const bool wait = !socket->nonblocking && !(flags & MSG_DONTWAIT);
  const bool all = (flags & MSG_WAITALL) != 0 && wait;
  size_t done = 0;
  while (done < room) {
    /* Peeking at all of it needs all of it ahead; taking goes piece by piece. */
    const size_t wanted = peek && all ? room : 1;
    if (socket->ahead_length >= wanted || (socket->ahead_length > 0 && socket->ended)) {
      done += take(socket, buffers, count, done, peek);
      if (!all || peek) break;
      continue;
    }
    if (socket->ended || socket->read_shut) break;
    const int result = read_ahead(socket, room - done);
    if (result < 0) return done > 0 ? (int64_t)done : result;
    if (result > 0 || socket->ended) continue;
    if (!wait) return done > 0 ? (int64_t)done : -EAGAIN;
    if (wasi_block(wasi_readable(socket), socket->read_timeout) == 0) {
      return done > 0 ? (int64_t)done : -EAGAIN;
    }
  }
  return (int64_t)done;
}

static int64_t send_piece(wasi_socket *socket, const uint8_t *data, size_t length, bool wait) {
  size_t sent = 0;
  while (sent < length) {
    uint64_t permit = 0;
    streams_stream_error_t error;
    const streams_borrow_output_stream_t output = streams_borrow_output_stream(socket->output);
    if (!streams_method_output_stream_check_write(output, &permit, &error)) {
      const int failure = wasi_stream_failure(&error, -EPIPE);
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
      const int failure = wasi_stream_failure(&error, -EPIPE);
      return sent > 0 ? (int64_t)sent : failure;
    }
    sent += piece.len;
  }
  return (int64_t)sent;
}

int64_t wasi_stream_send(wasi_socket *socket, const sock_buffer *buffers, size_t count, int flags) {
  if (flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL)) return -EOPNOTSUPP;
  const int state = wasi_stream_advance(socket);
  if (state == -EALREADY) return -EAGAIN;
  if (socket->state == WASI_UNBOUND || socket->state == WASI_BOUND) return -EPIPE;
  if (!socket->streams) return -ENOTCONN;
  if (socket->write_shut) return -EPIPE;
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

int wasi_stream_shutdown(wasi_socket *socket, int how) {
  wasi_stream_advance(socket);
  if (socket->state != WASI_CONNECTED) return -ENOTCONN;
  static const tcp_shutdown_type_t types[] = {TCP_SHUTDOWN_TYPE_RECEIVE, TCP_SHUTDOWN_TYPE_SEND,
                                              TCP_SHUTDOWN_TYPE_BOTH};
  network_error_code_t error;
  /* Nothing waits to write any more, and hosts that end the stream here want its children gone. */
  if (how != 0) wasi_drop(&socket->writable);
  if (!tcp_method_tcp_socket_shutdown(tcp(socket), types[how], &error)) return wasi_failure(error);
  if (how != 1) socket->read_shut = true;
  if (how != 0) socket->write_shut = true;
  return 0;
}

bool wasi_stream_sending(wasi_socket *socket) {
  if (!socket->streams || socket->write_shut) return false;
  uint64_t permit = 0;
  streams_stream_error_t error;
  if (!streams_method_output_stream_check_write(streams_borrow_output_stream(socket->output),
                                                &permit, &error)) {
    (void)wasi_stream_failure(&error, 0);
    return false;
  }
  return permit == 0;
}

void wasi_stream_close(wasi_socket *socket) {
  /* Children before what they are of, which is what the interface asks for. */
  wasi_drop(&socket->readable);
  wasi_drop(&socket->writable);
  wasi_drop(&socket->change);
  if (socket->streams) {
    streams_input_stream_drop_own(socket->input);
    streams_output_stream_drop_own(socket->output);
  }
  tcp_tcp_socket_drop_own(socket->tcp);
}

#endif
