/* Errors and addresses of wasi:sockets as those of POSIX. */
#include "wasi.h"

#ifdef SOCK_SYSTEM_WASI

const char *const sock_system = "wasi";

int wasi_failure(network_error_code_t code) {
  switch (code) {
    case NETWORK_ERROR_CODE_ACCESS_DENIED:
      return -EACCES;
    case NETWORK_ERROR_CODE_NOT_SUPPORTED:
      return -EOPNOTSUPP;
    case NETWORK_ERROR_CODE_INVALID_ARGUMENT:
      return -EINVAL;
    case NETWORK_ERROR_CODE_OUT_OF_MEMORY:
      return -ENOMEM;
    case NETWORK_ERROR_CODE_TIMEOUT:
      return -ETIMEDOUT;
    case NETWORK_ERROR_CODE_CONCURRENCY_CONFLICT:
      return -EALREADY;
    case NETWORK_ERROR_CODE_NOT_IN_PROGRESS:
      return -EINVAL;
    case NETWORK_ERROR_CODE_WOULD_BLOCK:
      return -EAGAIN;
    case NETWORK_ERROR_CODE_INVALID_STATE:
      return -EINVAL;
    case NETWORK_ERROR_CODE_NEW_SOCKET_LIMIT:
      return -EMFILE;
    case NETWORK_ERROR_CODE_ADDRESS_NOT_BINDABLE:
      return -EADDRNOTAVAIL;
    case NETWORK_ERROR_CODE_ADDRESS_IN_USE:
      return -EADDRINUSE;
    case NETWORK_ERROR_CODE_REMOTE_UNREACHABLE:
      return -EHOSTUNREACH;
    case NETWORK_ERROR_CODE_CONNECTION_REFUSED:
      return -ECONNREFUSED;
    case NETWORK_ERROR_CODE_CONNECTION_RESET:
      return -ECONNRESET;
    case NETWORK_ERROR_CODE_CONNECTION_ABORTED:
      return -ECONNABORTED;
    case NETWORK_ERROR_CODE_DATAGRAM_TOO_LARGE:
      return -EMSGSIZE;
    default:
      return -EIO;
  }
}

int wasi_stream_failure(streams_stream_error_t *error, int closed) {
  if (error->tag == STREAMS_STREAM_ERROR_CLOSED) return closed;
  /* The interface does not tell which error it was. A connection that breaks mostly has this one. */
  streams_stream_error_free(error);
  return -ECONNRESET;
}

int wasi_address_encode(const wasi_socket *socket, const sock_address *address, wasi_address *out) {
  const uint8_t *const data = address->data;
  memset(out, 0, sizeof(*out));
  if (address->family == SOCK_FAMILY_IPV4) {
    if (socket->domain != AF_INET) return -EAFNOSUPPORT;
    if (address->length != 4) return -EINVAL;
    out->tag = NETWORK_IP_SOCKET_ADDRESS_IPV4;
    out->val.ipv4.port = address->port;
    out->val.ipv4.address = (network_ipv4_address_t){data[0], data[1], data[2], data[3]};
    return 0;
  }
  if (address->family == SOCK_FAMILY_IPV6) {
    if (socket->domain != AF_INET6) return -EAFNOSUPPORT;
    if (address->length != 16) return -EINVAL;
    uint16_t words[8];
    for (int i = 0; i < 8; i++) words[i] = (uint16_t)(data[2 * i] << 8 | data[2 * i + 1]);
    out->tag = NETWORK_IP_SOCKET_ADDRESS_IPV6;
    out->val.ipv6.port = address->port;
    out->val.ipv6.flow_info = address->flowinfo;
    out->val.ipv6.scope_id = address->scope_id;
    memcpy(&out->val.ipv6.address, words, sizeof(words));
    return 0;
  }
  return -EAFNOSUPPORT;
}

void wasi_address_decode(const wasi_address *address, sock_address *out) {
  memset(out, 0, sizeof(*out));
  if (address->tag == NETWORK_IP_SOCKET_ADDRESS_IPV4) {
    const network_ipv4_address_t *const ip = &address->val.ipv4.address;
    out->family = SOCK_FAMILY_IPV4;
    out->port = address->val.ipv4.port;
    out->length = 4;
    const uint8_t bytes[4] = {ip->f0, ip->f1, ip->f2, ip->f3};
    memcpy(out->data, bytes, sizeof(bytes));
    return;
  }
  uint16_t words[8];
  memcpy(words, &address->val.ipv6.address, sizeof(words));
  out->family = SOCK_FAMILY_IPV6;
  out->port = address->val.ipv6.port;
  out->flowinfo = address->val.ipv6.flow_info;
  out->scope_id = address->val.ipv6.scope_id;
  out->length = 16;
  for (int i = 0; i < 8; i++) {
    out->data[2 * i] = (uint8_t)(words[i] >> 8);
    out->data[2 * i + 1] = (uint8_t)words[i];
  }
}

wasi_address wasi_any(int domain) {
  wasi_address any;
  memset(&any, 0, sizeof(any));
  any.tag = domain == AF_INET ? NETWORK_IP_SOCKET_ADDRESS_IPV4 : NETWORK_IP_SOCKET_ADDRESS_IPV6;
  return any;
}

#endif
