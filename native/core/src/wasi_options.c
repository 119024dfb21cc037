/* The options of the table that wasi:sockets has a word for. */
#include "wasi.h"

#ifdef SOCK_SYSTEM_WASI

#include "sock_options.h"

#define NS_PER_MS 1e6
#define NS_PER_S UINT64_C(1000000000)
#define MS_PER_S 1000

static tcp_borrow_tcp_socket_t tcp(const wasi_socket *socket) {
  return tcp_borrow_tcp_socket(socket->tcp);
}

static udp_borrow_udp_socket_t udp(const wasi_socket *socket) {
  return udp_borrow_udp_socket(socket->udp);
}

static int number_of(bool ok, network_error_code_t error, double number, sock_value *value) {
  if (!ok) return wasi_failure(error);
  value->number = number;
  return 0;
}

static int get_hop_limit(const wasi_socket *socket, sock_value *value) {
  uint8_t hops = 0;
  network_error_code_t error = 0;
  const bool ok = socket->type == SOCK_STREAM
                      ? tcp_method_tcp_socket_hop_limit(tcp(socket), &hops, &error)
                      : udp_method_udp_socket_unicast_hop_limit(udp(socket), &hops, &error);
  return number_of(ok, error, hops, value);
}

static int set_hop_limit(const wasi_socket *socket, double number) {
  if (!(number >= 1 && number <= 255)) return -EINVAL;
  network_error_code_t error = 0;
  const uint8_t hops = (uint8_t)number;
  const bool ok = socket->type == SOCK_STREAM
                      ? tcp_method_tcp_socket_set_hop_limit(tcp(socket), hops, &error)
                      : udp_method_udp_socket_set_unicast_hop_limit(udp(socket), hops, &error);
  return ok ? 0 : wasi_failure(error);
}

static int get_buffer_size(const wasi_socket *socket, bool receive, sock_value *value) {
  uint64_t size = 0;
  network_error_code_t error = 0;
  bool ok;
  if (socket->type == SOCK_STREAM) {
    ok = receive ? tcp_method_tcp_socket_receive_buffer_size(tcp(socket), &size, &error)
                 : tcp_method_tcp_socket_send_buffer_size(tcp(socket), &size, &error);
  } else {
    ok = receive ? udp_method_udp_socket_receive_buffer_size(udp(socket), &size, &error)
                 : udp_method_udp_socket_send_buffer_size(udp(socket), &size, &error);
  }
  return number_of(ok, error, (double)size, value);
}

static int set_buffer_size(const wasi_socket *socket, bool receive, double number) {
  if (!(number >= 0 && number <= INT32_MAX)) return -EINVAL;
  /* 0 is what the interface refuses, and POSIX takes for the smallest there is. */
  const uint64_t size = number < 1 ? 1 : (uint64_t)number;
  network_error_code_t error = 0;
  bool ok;
  if (socket->type == SOCK_STREAM) {
    ok = receive ? tcp_method_tcp_socket_set_receive_buffer_size(tcp(socket), size, &error)
                 : tcp_method_tcp_socket_set_send_buffer_size(tcp(socket), size, &error);
  } else {
    ok = receive ? udp_method_udp_socket_set_receive_buffer_size(udp(socket), size, &error)
                 : udp_method_udp_socket_set_send_buffer_size(udp(socket), size, &error);
  }
  return ok ? 0 : wasi_failure(error);
}

static int get_keepalive(const wasi_socket *socket, unsigned option, sock_value *value) {
  if (socket->type != SOCK_STREAM) {
    /* SO_KEEPALIVE can be asked of any socket; the others are TCP's. */
    return option == SOCK_OPTION_KEEPALIVE ? 0 : -EOPNOTSUPP;
  }
  network_error_code_t error = 0;
  bool on = false;
  uint64_t duration = 0;
  uint32_t count = 0;
  switch (option) {
    case SOCK_OPTION_KEEPALIVE:
      return number_of(tcp_method_tcp_socket_keep_alive_enabled(tcp(socket), &on, &error), error,
                       on, value);
    case SOCK_OPTION_TCP_KEEPALIVE_TIME:
      return number_of(tcp_method_tcp_socket_keep_alive_idle_time(tcp(socket), &duration, &error),
                       error, (double)duration / NS_PER_MS, value);
    case SOCK_OPTION_TCP_KEEPALIVE_INTERVAL:
      return number_of(tcp_method_tcp_socket_keep_alive_interval(tcp(socket), &duration, &error),
                       error, (double)duration / NS_PER_MS, value);
    default:
      return number_of(tcp_method_tcp_socket_keep_alive_count(tcp(socket), &count, &error), error,
                       count, value);
  }
}

/* Hosts keep whole seconds, as tcp(7) does: at least one, the rest cut off. */
static uint64_t seconds_in_ns(double milliseconds) {
  const uint64_t seconds = (uint64_t)(milliseconds / MS_PER_S);
  return (seconds > 0 ? seconds : 1) * NS_PER_S;
}

static int set_keepalive(const wasi_socket *socket, unsigned option, double number) {
  if (socket->type != SOCK_STREAM) return -EOPNOTSUPP;
  const double most = option == SOCK_OPTION_TCP_KEEPALIVE_RETRIES ? UINT32_MAX : 1e12;
  if (!(number >= 0 && number <= most)) return -EINVAL;
  network_error_code_t error = 0;
  bool ok;
  switch (option) {
    case SOCK_OPTION_KEEPALIVE:
      ok = tcp_method_tcp_socket_set_keep_alive_enabled(tcp(socket), number != 0, &error);
      break;
    case SOCK_OPTION_TCP_KEEPALIVE_TIME:
      ok = tcp_method_tcp_socket_set_keep_alive_idle_time(tcp(socket), seconds_in_ns(number),
                                                          &error);
      break;
    case SOCK_OPTION_TCP_KEEPALIVE_INTERVAL:
      ok =
          tcp_method_tcp_socket_set_keep_alive_interval(tcp(socket), seconds_in_ns(number), &error);
      break;
    default:
      ok = tcp_method_tcp_socket_set_keep_alive_count(tcp(socket), (uint32_t)number, &error);
      break;
  }
  return ok ? 0 : wasi_failure(error);
}

/* Reading SO_ERROR is also how a program learns how connecting went. */
static double take_error(wasi_socket *socket) {
  if (socket->type == SOCK_STREAM) wasi_stream_advance(socket);
  const int error = socket->pending_error;
  socket->pending_error = 0;
  return error;
}

int sock_get_option(sock_handle handle, unsigned option, sock_value *value) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  value->number = 0;
  value->length = 0;
  switch (option) {
    case SOCK_OPTION_TYPE:
      value->number = socket->type;
      return 0;
    case SOCK_OPTION_DOMAIN:
      value->number = socket->domain;
      return 0;
    case SOCK_OPTION_PROTOCOL:
      value->number = socket->type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
      return 0;
    case SOCK_OPTION_IS_LISTENER:
      value->number = socket->state == WASI_LISTENING;
      return 0;
    case SOCK_OPTION_TAKE_ERROR:
      value->number = take_error(socket);
      return 0;
    case SOCK_OPTION_READ_TIMEOUT:
      value->number = socket->read_timeout;
      return 0;
    case SOCK_OPTION_WRITE_TIMEOUT:
      value->number = socket->write_timeout;
      return 0;
    case SOCK_OPTION_RECV_BUFFER_SIZE:
      return get_buffer_size(socket, true, value);
    case SOCK_OPTION_SEND_BUFFER_SIZE:
      return get_buffer_size(socket, false, value);
    case SOCK_OPTION_REUSE_ADDRESS:
      value->number = socket->reuse_address;
      return 0;
    case SOCK_OPTION_NODELAY:
      if (socket->type != SOCK_STREAM) return -EOPNOTSUPP;
      value->number = socket->nodelay;
      return 0;
    case SOCK_OPTION_KEEPALIVE:
    case SOCK_OPTION_TCP_KEEPALIVE_TIME:
    case SOCK_OPTION_TCP_KEEPALIVE_INTERVAL:
    case SOCK_OPTION_TCP_KEEPALIVE_RETRIES:
      return get_keepalive(socket, option, value);
    case SOCK_OPTION_TTL:
      return socket->domain == AF_INET ? get_hop_limit(socket, value) : -ENOPROTOOPT;
    case SOCK_OPTION_UNICAST_HOPS_V6:
      return socket->domain == AF_INET6 ? get_hop_limit(socket, value) : -ENOPROTOOPT;
    case SOCK_OPTION_ONLY_V6:
      if (socket->domain != AF_INET6) return -ENOPROTOOPT;
      value->number = 1;
      return 0;
    default:
      return -SOCK_EUNSUPPORTED;
  }
}

int sock_set_option(sock_handle handle, unsigned option, const sock_value *value) {
  wasi_socket *const socket = wasi_socket_of(handle);
  if (socket == NULL) return -EBADF;
  const double number = value->number;
  switch (option) {
    case SOCK_OPTION_READ_TIMEOUT:
      socket->read_timeout = number >= 0 ? number : -1;
      return 0;
    case SOCK_OPTION_WRITE_TIMEOUT:
      socket->write_timeout = number >= 0 ? number : -1;
      return 0;
    case SOCK_OPTION_RECV_BUFFER_SIZE:
      return set_buffer_size(socket, true, number);
    case SOCK_OPTION_SEND_BUFFER_SIZE:
      return set_buffer_size(socket, false, number);
    case SOCK_OPTION_REUSE_ADDRESS:
      socket->reuse_address = number != 0;
      return 0;
    case SOCK_OPTION_NODELAY:
      if (socket->type != SOCK_STREAM) return -EOPNOTSUPP;
      socket->nodelay = number != 0;
      return 0;
    case SOCK_OPTION_KEEPALIVE:
    case SOCK_OPTION_TCP_KEEPALIVE_TIME:
    case SOCK_OPTION_TCP_KEEPALIVE_INTERVAL:
    case SOCK_OPTION_TCP_KEEPALIVE_RETRIES:
      return set_keepalive(socket, option, number);
    case SOCK_OPTION_TTL:
      return socket->domain == AF_INET ? set_hop_limit(socket, number) : -ENOPROTOOPT;
    case SOCK_OPTION_UNICAST_HOPS_V6:
      return socket->domain == AF_INET6 ? set_hop_limit(socket, number) : -ENOPROTOOPT;
    case SOCK_OPTION_ONLY_V6:
      if (socket->domain != AF_INET6) return -ENOPROTOOPT;
      /* The interface has no dual-stack sockets. */
      return number != 0 ? 0 : -SOCK_EUNSUPPORTED;
    default:
      return -SOCK_EUNSUPPORTED;
  }
}

int sock_get_option_raw(sock_handle handle, int level, int name, void *data, uint32_t *length) {
  (void)level, (void)name, (void)data, (void)length;
  return wasi_socket_of(handle) == NULL ? -EBADF : -SOCK_EUNSUPPORTED;
}

int sock_set_option_raw(sock_handle handle, int level, int name, const void *data,
                        uint32_t length) {
  (void)level, (void)name, (void)data, (void)length;
  return wasi_socket_of(handle) == NULL ? -EBADF : -SOCK_EUNSUPPORTED;
}

#endif
