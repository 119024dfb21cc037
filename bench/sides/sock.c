/*
 * The cases over `sock:socket/socket`: composed with sock.wasm, what the component costs in a WASI runtime. Reads
 * "CASE COUNT" lines, answers "CASE NANOSECONDS", the time of one operation, or "CASE missing REASON".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "guest.h"

#define SOCKET(name) sock_socket_socket_##name
#define METHOD(name) sock_socket_socket_method_socket_##name

typedef SOCKET(own_socket_t) owned;
typedef SOCKET(borrow_socket_t) borrowed;
typedef SOCKET(address_t) address_type;

/* Ids of the option table are fixed: packages/core/src/options. */
#ifndef KEEPALIVE
#error "KEEPALIVE: the id of the option keepalive"
#endif

static uint8_t data[65536];
static SOCKET(errno_t) error;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void must(bool ok, const char *what) {
  if (ok) return;
  fprintf(stderr, "%s: error %d\n", what, error);
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

static int32_t inet, stream, datagram;

static owned opened(int32_t type) {
  owned made;
  must(SOCKET(static_socket_open)(inet, type, 0, &made, &error), "open");
  return made;
}

/* Binds to a free port of 127.0.0.1, which `local` has then. */
static owned bound(int32_t type, address_type *local) {
  const owned made = opened(type);
  uint8_t loopback[] = {127, 0, 0, 1};
  address_type any_port = {1, 0, 0, 0, {loopback, sizeof(loopback)}};
  must(METHOD(bind)(SOCKET(borrow_socket)(made), &any_port, &error), "bind");
  must(METHOD(local_address)(SOCKET(borrow_socket)(made), local, &error), "local-address");
  return made;
}

static void send_all(borrowed socket, uint32_t size) {
  for (uint32_t done = 0; done < size;) {
    guest_list_u8_t piece = {data + done, size - done};
    uint32_t sent = 0;
    must(METHOD(send)(socket, &piece, 0, &sent, &error), "send");
    done += sent;
  }
}

static void receive_all(borrowed socket, uint32_t size) {
  for (uint32_t got = 0; got < size;) {
    guest_list_u8_t list;
    must(METHOD(recv)(socket, sizeof(data), 0, &list, &error), "recv");
    got += (uint32_t)list.len;
    guest_list_u8_free(&list);
  }
}

static double udp(long count) {
  address_type local;
  const owned socket = bound(datagram, &local);
  const borrowed self = SOCKET(borrow_socket)(socket);
  must(METHOD(connect)(self, &local, &error), "connect");
  const double start = now();
  for (long i = 0; i < count; i++) {
    send_all(self, 64);
    receive_all(self, 64);
  }
  const double time = now() - start;
  SOCKET(socket_drop_own)(socket);
  return time;
}

static double udp_recvfrom(long count) {
  address_type local;
  const owned socket = bound(datagram, &local);
  const borrowed self = SOCKET(borrow_socket)(socket);
  const double start = now();
  for (long i = 0; i < count; i++) {
    guest_list_u8_t message = {data, 64};
    uint32_t sent = 0;
    must(METHOD(send_to)(self, &message, 0, &local, &sent, &error), "send-to");
    SOCKET(message_t) received;
    must(METHOD(recv_message)(self, 64, 0, &received, &error), "recv-message");
    SOCKET(message_free)(&received);
  }
  const double time = now() - start;
  SOCKET(socket_drop_own)(socket);
  return time;
}

static double tcp(long count, uint32_t size) {
  address_type local;
  const owned listener = bound(stream, &local);
  must(METHOD(listen)(SOCKET(borrow_socket)(listener), 1, &error), "listen");
  const owned client = opened(stream);
  must(METHOD(connect)(SOCKET(borrow_socket)(client), &local, &error), "connect");
  SOCKET(tuple2_own_socket_address_t) accepted;
  must(METHOD(accept)(SOCKET(borrow_socket)(listener), false, &accepted, &error), "accept");
  const double start = now();
  for (long i = 0; i < count; i++) {
    send_all(SOCKET(borrow_socket)(client), size);
    receive_all(SOCKET(borrow_socket)(accepted.f0), size);
  }
  const double time = now() - start;
  SOCKET(socket_drop_own)(accepted.f0);
  SOCKET(socket_drop_own)(client);
  SOCKET(socket_drop_own)(listener);
  return time;
}

static double getsockopt_(long count) {
  const owned socket = opened(stream);
  const double start = now();
  for (long i = 0; i < count; i++) {
    SOCKET(value_t) value;
    must(METHOD(get_option)(SOCKET(borrow_socket)(socket), KEEPALIVE, &value, &error), "option");
    SOCKET(value_free)(&value);
  }
  const double time = now() - start;
  SOCKET(socket_drop_own)(socket);
  return time;
}

static double socket_close(long count) {
  const double start = now();
  for (long i = 0; i < count; i++) SOCKET(socket_drop_own)(opened(stream));
  return now() - start;
}

int main(void) {
  inet = constant("AF_INET");
  stream = constant("SOCK_STREAM");
  datagram = constant("SOCK_DGRAM");
  char name[64];
  long count;
  while (scanf("%63s %ld", name, &count) == 2) {
    double time = -1;
    if (!strcmp(name, "udp-64")) time = udp(count);
    if (!strcmp(name, "udp-64-recvfrom")) time = udp_recvfrom(count);
    if (!strcmp(name, "tcp-64")) time = tcp(count, 64);
    if (!strcmp(name, "tcp-64k")) time = tcp(count, 65536);
    if (!strcmp(name, "getsockopt")) time = getsockopt_(count);
    if (!strcmp(name, "socket-close")) time = socket_close(count);
    if (time < 0)
      printf("%s missing measured in C and @sock/native only\n", name);
    else
      printf("%s %.3f\n", name, time / (double)count);
    fflush(stdout);
  }
  return 0;
}
