/* The options of the table that wasi:sockets has. */
#include "wasi.h"

#ifdef SOCK_SYSTEM_WASI

#include "sock_options.h"

#define NS_PER_MS 1e6
#define NS_PER_S UINT64_C(1000000000)
#define MS_PER_S 1000
/* Longer than any process runs. */
#define LONGEST_TIME_MS 1e12

static int get(const wasi_socket *socket, wasi_setting setting, double unit, sock_value *value) {
  uint64_t number = 0;
  network_error_code_t error = 0;
  if (!socket->kind->get(socket, setting, &number, &error)) return wasi_failure(error);
  value->number = (double)number / unit;
  return 0;
}

static int set(const wasi_socket *socket, wasi_setting setting, uint64_t number) {
  network_error_code_t error = 0;
  return socket->kind->set(socket, setting, number, &error) ? 0 : wasi_failure(error);
}

static bool is_tcp(const wasi_socket *socket) {
  return socket->kind->protocol == IPPROTO_TCP;
}

static int get_hop_limit(const wasi_socket *socket, int domain, sock_value *value) {
  return socket->domain == domain ? get(socket, WASI_HOP_LIMIT, 1, value) : -ENOPROTOOPT;
}

static int set_hop_limit(const wasi_socket *socket, int domain, double number) {
  if (socket->domain != domain) return -ENOPROTOOPT;
  if (!(number >= 1 && number <= 255)) return -EINVAL;
  return set(socket, WASI_HOP_LIMIT, (uint64_t)number);
}

static int set_buffer_size(const wasi_socket *socket, wasi_setting setting, double number) {
  if (!(number >= 0 && number <= INT32_MAX)) return -EINVAL;
  /* The interface refuses 0. POSIX takes it for the smallest size. */
  return set(socket, setting, number < 1 ? 1 : (uint64_t)number);
}

/* SO_KEEPALIVE can be read of any socket. The other options are TCP's. */
static int get_keepalive(const wasi_socket *socket, wasi_setting setting, double unit,
                         sock_value *value) {
  if (!is_tcp(socket)) return setting == WASI_KEEPALIVE ? 0 : -EOPNOTSUPP;
  return get(socket, setting, unit, value);
}

static int set_keepalive(const wasi_socket *socket, wasi_setting setting, double number) {
  if (!is_tcp(socket)) return -EOPNOTSUPP;
  if (setting == WASI_KEEPALIVE_COUNT) {
    if (!(number >= 0 && number <= UINT32_MAX)) return -EINVAL;
    return set(socket, setting, (uint64_t)number);
  }
  if (!(number >= 0 && number <= LONGEST_TIME_MS)) return -EINVAL;
  if (setting == WASI_KEEPALIVE) return set(socket, setting, number != 0);
  /* Hosts have whole seconds, as tcp(7): at least one, and the part of a second is cut off. */
  const uint64_t seconds = (uint64_t)(number / MS_PER_S);
  return set(socket, setting, (seconds > 0 ? seconds : 1) * NS_PER_S);
}

/* A program also reads SO_ERROR to learn whether it is connected. So an attempt to connect continues first. */
static double take_error(wasi_socket *socket) {
  (void)socket->kind->advance(socket);
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
      value->number = socket->kind->type;
      return 0;
    case SOCK_OPTION_DOMAIN:
      value->number = socket->domain;
      return 0;
    case SOCK_OPTION_PROTOCOL:
      value->number = socket->kind->protocol;
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
      return get(socket, WASI_RECEIVE_BUFFER, 1, value);
    case SOCK_OPTION_SEND_BUFFER_SIZE:
      return get(socket, WASI_SEND_BUFFER, 1, value);
    case SOCK_OPTION_REUSE_ADDRESS:
      value->number = socket->reuse_address;
      return 0;
    case SOCK_OPTION_NODELAY:
      if (!is_tcp(socket)) return -EOPNOTSUPP;
      value->number = socket->nodelay;
      return 0;
    case SOCK_OPTION_KEEPALIVE:
      return get_keepalive(socket, WASI_KEEPALIVE, 1, value);
    case SOCK_OPTION_TCP_KEEPALIVE_TIME:
      return get_keepalive(socket, WASI_KEEPALIVE_TIME, NS_PER_MS, value);
    case SOCK_OPTION_TCP_KEEPALIVE_INTERVAL:
      return get_keepalive(socket, WASI_KEEPALIVE_INTERVAL, NS_PER_MS, value);
    case SOCK_OPTION_TCP_KEEPALIVE_RETRIES:
      return get_keepalive(socket, WASI_KEEPALIVE_COUNT, 1, value);
    case SOCK_OPTION_TTL:
      return get_hop_limit(socket, AF_INET, value);
    case SOCK_OPTION_UNICAST_HOPS_V6:
      return get_hop_limit(socket, AF_INET6, value);
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
      return set_buffer_size(socket, WASI_RECEIVE_BUFFER, number);
    case SOCK_OPTION_SEND_BUFFER_SIZE:
      return set_buffer_size(socket, WASI_SEND_BUFFER, number);
    case SOCK_OPTION_REUSE_ADDRESS:
      socket->reuse_address = number != 0;
      return 0;
    case SOCK_OPTION_NODELAY:
      if (!is_tcp(socket)) return -EOPNOTSUPP;
      socket->nodelay = number != 0;
      return 0;
    case SOCK_OPTION_KEEPALIVE:
      return set_keepalive(socket, WASI_KEEPALIVE, number);
    case SOCK_OPTION_TCP_KEEPALIVE_TIME:
      return set_keepalive(socket, WASI_KEEPALIVE_TIME, number);
    case SOCK_OPTION_TCP_KEEPALIVE_INTERVAL:
      return set_keepalive(socket, WASI_KEEPALIVE_INTERVAL, number);
    case SOCK_OPTION_TCP_KEEPALIVE_RETRIES:
      return set_keepalive(socket, WASI_KEEPALIVE_COUNT, number);
    case SOCK_OPTION_TTL:
      return set_hop_limit(socket, AF_INET, number);
    case SOCK_OPTION_UNICAST_HOPS_V6:
      return set_hop_limit(socket, AF_INET6, number);
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
