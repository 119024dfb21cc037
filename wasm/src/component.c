/*
 * The component's exports over libsock. They convert between the interface's types and the structures of sock.h. By
 * the canonical ABI the callee owns its arguments, so they are freed here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../bindings/core.h"
#include "sock.h"

/* The generated names are long. */
#define EXPORT(name) exports_sock_socket_socket_##name
#define METHOD(name) exports_sock_socket_socket_method_socket_##name

typedef EXPORT(errno_t) errno_type;
typedef EXPORT(own_socket_t) own_socket;
typedef EXPORT(borrow_socket_t) borrowed;
typedef EXPORT(address_t) address_type;

/** The resource that a handle of the host stands for. */
struct EXPORT(socket_t) {
  sock_handle handle;
};

/* The most bytes that one call receives. A larger length is not allocated. */
#define RECV_MAX (1u << 20)

static bool fail(int64_t result, errno_type *error) {
  *error = (errno_type)-result;
  return false;
}

static bool done(int64_t result, errno_type *error) {
  return result < 0 ? fail(result, error) : true;
}

static bool own(int64_t handle, own_socket *out, errno_type *error) {
  if (handle < 0) return fail(handle, error);
  EXPORT(socket_t) *const socket = malloc(sizeof(*socket));
  if (socket == NULL) abort();
  socket->handle = handle;
  *out = EXPORT(socket_new)(socket);
  return true;
}

/* libsock has no such handle: EBADF. */
#define CLOSED (-1)

void METHOD(close)(borrowed self) {
  sock_close(self->handle);
  self->handle = CLOSED;
}

void EXPORT(socket_destructor)(EXPORT(socket_t) * socket) {
  sock_close(socket->handle);
  free(socket);
}

/* No family has an address of this length, so libsock refuses one that was cut to it. */
static sock_address address_in(address_type *from) {
  sock_address address;
  memset(&address, 0, sizeof(address));
  address.family = from->family;
  address.port = from->port;
  address.flowinfo = from->flowinfo;
  address.scope_id = from->scope_id;
  const size_t room = sizeof(address.data);
  address.length = (uint32_t)(from->bytes.len < room ? from->bytes.len : room);
  memcpy(address.data, from->bytes.ptr, address.length);
  EXPORT(address_free)(from);
  return address;
}

static core_list_u8_t bytes_out(const void *bytes, size_t length) {
  core_list_u8_t list = {malloc(length > 0 ? length : 1), length};
  if (list.ptr == NULL) abort();
  memcpy(list.ptr, bytes, length);
  return list;
}

static address_type address_out(const sock_address *address) {
  return (address_type){address->family, address->port, address->flowinfo, address->scope_id,
                        bytes_out(address->data, address->length)};
}

static void list_constants(const sock_constant *from, EXPORT(list_constant_t) * out) {
  size_t count = 0;
  while (from[count].name != NULL) count++;
  out->len = count;
  out->ptr = malloc((count > 0 ? count : 1) * sizeof(*out->ptr));
  if (out->ptr == NULL) abort();
  for (size_t i = 0; i < count; i++) {
    core_string_dup(&out->ptr[i].name, from[i].name);
    out->ptr[i].value = from[i].value;
  }
}

void EXPORT(constants)(EXPORT(list_constant_t) * out) {
  list_constants(sock_constants, out);
}

void EXPORT(errors)(EXPORT(list_constant_t) * out) {
  list_constants(sock_errors, out);
}

bool EXPORT(static_socket_open)(int32_t domain, int32_t type, int32_t protocol, own_socket *out,
                                errno_type *error) {
  return own(sock_open(domain, type, protocol, 0), out, error);
}

bool METHOD(bind)(borrowed self, address_type *to, errno_type *error) {
  const sock_address address = address_in(to);
  return done(sock_bind(self->handle, &address), error);
}

bool METHOD(connect)(borrowed self, address_type *to, errno_type *error) {
  const sock_address address = address_in(to);
  return done(sock_connect(self->handle, &address), error);
}

bool METHOD(try_connect)(borrowed self, address_type *to, errno_type *error) {
  const sock_address address = address_in(to);
  return done(sock_try_connect(self->handle, &address), error);
}

bool METHOD(connect_timeout)(borrowed self, address_type *to, double milliseconds,
                             errno_type *error) {
  const sock_address address = address_in(to);
  return done(sock_connect_timeout(self->handle, &address, milliseconds), error);
}

bool METHOD(listen)(borrowed self, int32_t backlog, errno_type *error) {
  return done(sock_listen(self->handle, backlog), error);
}

bool METHOD(accept)(borrowed self, bool dont_wait, EXPORT(tuple2_own_socket_address_t) * out,
                    errno_type *error) {
  sock_address peer;
  const int64_t handle = sock_accept(self->handle, &peer, dont_wait ? SOCK_OPEN_DONTWAIT : 0);
  if (!own(handle, &out->f0, error)) return false;
  out->f1 = address_out(&peer);
  return true;
}

bool METHOD(local_address)(borrowed self, address_type *out, errno_type *error) {
  sock_address address;
  const int result = sock_local_address(self->handle, &address);
  if (result < 0) return fail(result, error);
  *out = address_out(&address);
  return true;
}

bool METHOD(peer_address)(borrowed self, address_type *out, errno_type *error) {
  sock_address address;
  const int result = sock_peer_address(self->handle, &address);
  if (result < 0) return fail(result, error);
  *out = address_out(&address);
  return true;
}

bool METHOD(duplicate)(borrowed self, own_socket *out, errno_type *error) {
  return own(sock_duplicate(self->handle), out, error);
}

bool METHOD(nonblocking)(borrowed self) {
  return sock_nonblocking(self->handle) > 0;
}

void METHOD(set_nonblocking)(borrowed self, bool on) {
  sock_set_nonblocking(self->handle, on);
}

bool METHOD(shutdown)(borrowed self, EXPORT(half_t) how, errno_type *error) {
  return done(sock_shutdown(self->handle, how), error);
}

static uint8_t *room_for(uint32_t *length) {
  if (*length > RECV_MAX) *length = RECV_MAX;
  return malloc(*length > 0 ? *length : 1);
}

bool METHOD(recv)(borrowed self, uint32_t length, int32_t flags, core_list_u8_t *out,
                  errno_type *error) {
  uint8_t *const data = room_for(&length);
  if (data == NULL) return fail(-ENOMEM, error);
  const int64_t result = sock_recv(self->handle, data, length, flags);
  if (result < 0) {
    free(data);
    return fail(result, error);
  }
  *out = (core_list_u8_t){data, (size_t)result < length ? (size_t)result : length};
  return true;
}

bool METHOD(recv_message)(borrowed self, uint32_t length, int32_t flags, EXPORT(message_t) * out,
                          errno_type *error) {
  uint8_t *const data = room_for(&length);
  if (data == NULL) return fail(-ENOMEM, error);
  const sock_buffer buffer = {data, length};
  sock_address from;
  int out_flags = 0;
  const int64_t result = sock_recv_vectored(self->handle, &buffer, 1, flags, &out_flags, &from);
  if (result < 0) {
    free(data);
    return fail(result, error);
  }
  out->data = (core_list_u8_t){data, (size_t)result < length ? (size_t)result : length};
  out->flags = out_flags;
  out->from = address_out(&from);
  return true;
}

static bool sent(int64_t result, core_list_u8_t *data, uint32_t *out, errno_type *error) {
  core_list_u8_free(data);
  if (result < 0) return fail(result, error);
  *out = (uint32_t)result;
  return true;
}

bool METHOD(send)(borrowed self, core_list_u8_t *data, int32_t flags, uint32_t *out,
                  errno_type *error) {
  return sent(sock_send(self->handle, data->ptr, data->len, flags), data, out, error);
}

bool METHOD(send_to)(borrowed self, core_list_u8_t *data, int32_t flags, address_type *to,
                     uint32_t *out, errno_type *error) {
  const sock_address address = address_in(to);
  return sent(sock_send_to(self->handle, data->ptr, data->len, flags, &address), data, out, error);
}

bool METHOD(get_option)(borrowed self, EXPORT(option_id_t) option, EXPORT(value_t) * out,
                        errno_type *error) {
  sock_value value;
  const int result = sock_get_option(self->handle, option, &value);
  if (result < 0) return fail(result, error);
  out->number = value.number;
  out->bytes = bytes_out(value.bytes, value.length);
  return true;
}

bool METHOD(set_option)(borrowed self, EXPORT(option_id_t) option, EXPORT(value_t) * in,
                        errno_type *error) {
  sock_value value;
  memset(&value, 0, sizeof(value));
  value.number = in->number;
  const bool fits = in->bytes.len <= sizeof(value.bytes);
  if (fits) {
    value.length = (uint32_t)in->bytes.len;
    memcpy(value.bytes, in->bytes.ptr, in->bytes.len);
  }
  EXPORT(value_free)(in);
  return fits ? done(sock_set_option(self->handle, option, &value), error) : fail(-EINVAL, error);
}

/** The resource that a handle of a look-up stands for. */
struct EXPORT(lookup_t) {
  sock_lookup *lookup;
};

#define FAILURE(name) EXPORTS_SOCK_SOCKET_SOCKET_LOOKUP_FAILURE_##name
_Static_assert(SOCK_LOOKUP_WOULD_BLOCK - 1 == FAILURE(WOULD_BLOCK) &&
                   SOCK_LOOKUP_NOT_FOUND - 1 == FAILURE(NOT_FOUND) &&
                   SOCK_LOOKUP_TRY_AGAIN - 1 == FAILURE(TRY_AGAIN) &&
                   SOCK_LOOKUP_FAILED - 1 == FAILURE(FAILED) &&
                   SOCK_LOOKUP_ACCESS_DENIED - 1 == FAILURE(ACCESS_DENIED) &&
                   SOCK_LOOKUP_INVALID_NAME - 1 == FAILURE(INVALID_NAME) &&
                   SOCK_LOOKUP_UNSUPPORTED - 1 == FAILURE(UNSUPPORTED),
               "failures of a look-up have one order");

static bool not_found(int64_t result, EXPORT(lookup_failure_t) * failure) {
  *failure = (EXPORT(lookup_failure_t))(-result - 1);
  return false;
}

bool EXPORT(static_lookup_start)(core_string_t *name, EXPORT(own_lookup_t) * out,
                                 EXPORT(lookup_failure_t) * failure) {
  sock_lookup *made;
  const int result = sock_lookup_start((const char *)name->ptr, name->len, &made);
  core_string_free(name);
  if (result < 0) return not_found(result, failure);
  EXPORT(lookup_t) *const lookup = malloc(sizeof(*lookup));
  if (lookup == NULL) abort();
  lookup->lookup = made;
  *out = EXPORT(lookup_new)(lookup);
  return true;
}

void EXPORT(lookup_destructor)(EXPORT(lookup_t) * lookup) {
  sock_lookup_end(lookup->lookup);
  free(lookup);
}

bool EXPORT(method_lookup_addresses)(EXPORT(borrow_lookup_t) self, double *milliseconds,
                                     core_list_list_u8_t *out, EXPORT(lookup_failure_t) * failure) {
  const double wait = milliseconds == NULL ? -1 : *milliseconds > 0 ? *milliseconds : 0;
  const sock_found *list;
  const int64_t count = sock_lookup_addresses(self->lookup, wait, &list);
  if (count < 0) return not_found(count, failure);
  out->len = (size_t)count;
  out->ptr = malloc((count > 0 ? (size_t)count : 1) * sizeof(*out->ptr));
  if (out->ptr == NULL) abort();
  for (size_t i = 0; i < out->len; i++) out->ptr[i] = bytes_out(list[i].data, list[i].length);
  return true;
}

uint32_t EXPORT(closing)(void) {
  return sock_closing();
}

bool EXPORT(poll)(EXPORT(list_poll_entry_t) * in, double *milliseconds,
                  EXPORT(list_readiness_t) * out, errno_type *error) {
  const size_t count = in->len;
  sock_poll_entry *const entries = malloc((count > 0 ? count : 1) * sizeof(*entries));
  if (entries == NULL) abort();
  for (size_t i = 0; i < count; i++) {
    uint32_t interest = 0;
    if (in->ptr[i].interest & EXPORTS_SOCK_SOCKET_SOCKET_READINESS_READABLE)
      interest |= SOCK_READABLE;
    if (in->ptr[i].interest & EXPORTS_SOCK_SOCKET_SOCKET_READINESS_WRITABLE)
      interest |= SOCK_WRITABLE;
    entries[i] = (sock_poll_entry){in->ptr[i].socket->handle, interest, 0};
  }
  EXPORT(list_poll_entry_free)(in);
  const int result = sock_poll(entries, count, milliseconds == NULL ? -1 : *milliseconds);
  if (result < 0) {
    free(entries);
    return fail(result, error);
  }
  out->len = count;
  out->ptr = malloc((count > 0 ? count : 1) * sizeof(*out->ptr));
  if (out->ptr == NULL) abort();
  for (size_t i = 0; i < count; i++) {
    EXPORT(readiness_t) ready = 0;
    if (entries[i].ready & SOCK_READABLE) ready |= EXPORTS_SOCK_SOCKET_SOCKET_READINESS_READABLE;
    if (entries[i].ready & SOCK_WRITABLE) ready |= EXPORTS_SOCK_SOCKET_SOCKET_READINESS_WRITABLE;
    if (entries[i].ready & SOCK_ERROR) ready |= EXPORTS_SOCK_SOCKET_SOCKET_READINESS_ERROR;
    if (entries[i].ready & SOCK_HANGUP) ready |= EXPORTS_SOCK_SOCKET_SOCKET_READINESS_HANGUP;
    out->ptr[i] = ready;
  }
  free(entries);
  return true;
}
