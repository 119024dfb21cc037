/*
 * A guest in C: a component that imports `sock:socket/socket` and uses no other sockets. It listens,
 * connects to itself, and sends a message around. Composed with sock.wasm it runs in any WASI
 * runtime; see run.mjs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"

#define SOCKET(name) sock_socket_socket_##name
#define METHOD(name) sock_socket_socket_method_socket_##name

typedef SOCKET(own_socket_t) owned;
typedef SOCKET(errno_t) error_number;

/* Prints the name of an error, and ends the program with it. */
static void fail(const char *what, error_number error) {
  SOCKET(list_constant_t) errors;
  SOCKET(errors)(&errors);
  for (size_t i = 0; i < errors.len; i++) {
    if (errors.ptr[i].value != error) continue;
    printf("%s: %.*s\n", what, (int)errors.ptr[i].name.len, (char *)errors.ptr[i].name.ptr);
    exit(1);
  }
  printf("%s: error %d\n", what, error);
  exit(1);
}

static int32_t constant(const char *name) {
  SOCKET(list_constant_t) constants;
  SOCKET(constants)(&constants);
  int32_t value = -1;
  for (size_t i = 0; i < constants.len; i++) {
    const guest_string_t *const it = &constants.ptr[i].name;
    if (it->len == strlen(name) && memcmp(it->ptr, name, it->len) == 0) {
      value = constants.ptr[i].value;
    }
  }
  SOCKET(list_constant_free)(&constants);
  return value;
}

static owned open_stream(void) {
  owned made;
  error_number error;
  if (!SOCKET(static_socket_open)(constant("AF_INET"), constant("SOCK_STREAM"), 0, &made, &error)) {
    fail("socket", error);
  }
  return made;
}

int main(void) {
  error_number error;
  uint8_t loopback[] = {127, 0, 0, 1};
  SOCKET(address_t) any_port = {1, 0, 0, 0, {loopback, sizeof(loopback)}};

  const owned listener = open_stream();
  if (!METHOD(bind)(SOCKET(borrow_socket)(listener), &any_port, &error)) fail("bind", error);
  if (!METHOD(listen)(SOCKET(borrow_socket)(listener), 8, &error)) fail("listen", error);
  SOCKET(address_t) local;
  if (!METHOD(local_address)(SOCKET(borrow_socket)(listener), &local, &error)) {
    fail("getsockname", error);
  }

  const owned client = open_stream();
  if (!METHOD(connect)(SOCKET(borrow_socket)(client), &local, &error)) fail("connect", error);
  SOCKET(tuple2_own_socket_address_t) accepted;
  if (!METHOD(accept)(SOCKET(borrow_socket)(listener), false, &accepted, &error)) {
    fail("accept", error);
  }

  char text[] = "hello from C";
  guest_list_u8_t message = {(uint8_t *)text, strlen(text)};
  uint32_t sent = 0;
  if (!METHOD(send)(SOCKET(borrow_socket)(client), &message, 0, &sent, &error)) fail("send", error);
  guest_list_u8_t received;
  if (!METHOD(recv)(SOCKET(borrow_socket)(accepted.f0), 64, 0, &received, &error)) {
    fail("recv", error);
  }
  printf("sent %u bytes, received: %.*s\n", sent, (int)received.len, (char *)received.ptr);
  guest_list_u8_free(&received);
  SOCKET(socket_drop_own)(accepted.f0);
  SOCKET(socket_drop_own)(client);
  SOCKET(socket_drop_own)(listener);
  return 0;
}
