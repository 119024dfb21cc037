/*
 * Much of everything, by libc: `endurance bytes COUNT|connections COUNT|datagrams COUNT`. COUNT bytes go each way over one
 * connection. Datagrams go by the functions of the interface, since libc's recv does not give back the memory of a
 * datagram. Ten times a line tells what was done, the pages of memory, and the checksums of what was sent and received.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wasi/wasip2.h>

enum { BLOCK = 65536 };
static uint8_t out[BLOCK];
static uint8_t in[BLOCK];
static uint32_t state = 1;

static int fail(const char *what) {
  printf("%s: %s\n", what, strerror(errno));
  return 1;
}

/* xorshift32: no block is like another. */
static uint32_t next_word(void) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

/* FNV-1a, carried on. */
static uint64_t sum(uint64_t hash, const uint8_t *bytes, size_t length) {
  for (size_t at = 0; at < length; at++) hash = (hash ^ bytes[at]) * 0x100000001b3;
  return hash;
}

static uint64_t sent = 0xcbf29ce484222325;
static uint64_t received = 0xcbf29ce484222325;

static void tell(uint64_t done) {
  printf("%llu %zu %016llx %016llx\n", done, __builtin_wasm_memory_size(0), sent, received);
  fflush(stdout);
}

static int bind_loopback(struct sockaddr_in *address) {
  socklen_t length = sizeof(*address);
  const int made = socket(AF_INET, SOCK_STREAM, 0);
  memset(address, 0, sizeof(*address));
  address->sin_family = AF_INET;
  inet_pton(AF_INET, "127.0.0.1", &address->sin_addr);
  if (made < 0 || bind(made, (void *)address, length) < 0) return -1;
  return getsockname(made, (void *)address, &length) < 0 ? -1 : made;
}

static void fill(size_t length) {
  for (size_t at = 0; at + 4 <= length; at += 4) {
    const uint32_t word = next_word();
    memcpy(out + at, &word, 4);
  }
  sent = sum(sent, out, length);
}

/* One block from one end to the other. */
static int pass(int from, int to, size_t length) {
  fill(length);
  if (send(from, out, length, 0) != (ssize_t)length) return -1;
  for (size_t got = 0; got < length;) {
    const ssize_t part = recv(to, in, length - got, 0);
    if (part <= 0) return -1;
    received = sum(received, in, (size_t)part);
    got += (size_t)part;
  }
  return 0;
}

static int connection(int listener, const struct sockaddr_in *address, int ends[2]) {
  ends[0] = socket(AF_INET, SOCK_STREAM, 0);
  if (ends[0] < 0 || connect(ends[0], (const void *)address, sizeof(*address)) < 0) return -1;
  ends[1] = accept(listener, NULL, NULL);
  return ends[1] < 0 ? -1 : 0;
}

static udp_own_udp_socket_t datagram_socket(udp_ip_socket_address_t *address) {
  const udp_borrow_network_t network = {instance_network_instance_network().__handle};
  udp_own_udp_socket_t made;
  udp_error_code_t error;
  udp_ip_socket_address_t any = {.tag = 0, .val.ipv4 = {0, {127, 0, 0, 1}}};
  if (!udp_create_socket_create_udp_socket(0, &made, &error)) exit(1);
  const udp_borrow_udp_socket_t self = udp_borrow_udp_socket(made);
  if (!udp_method_udp_socket_start_bind(self, network, &any, &error)) exit(1);
  if (!udp_method_udp_socket_finish_bind(self, &error)) exit(1);
  if (!udp_method_udp_socket_local_address(self, address, &error)) exit(1);
  return made;
}

typedef udp_tuple2_own_incoming_datagram_stream_own_outgoing_datagram_stream_t streams_t;

static int datagrams(uint64_t count) {
  udp_ip_socket_address_t to;
  udp_ip_socket_address_t from;
  const udp_own_udp_socket_t receiver = datagram_socket(&to);
  const udp_own_udp_socket_t sender = datagram_socket(&from);
  udp_error_code_t error;
  streams_t sending;
  streams_t receiving;
  if (!udp_method_udp_socket_stream(udp_borrow_udp_socket(sender), &to, &sending, &error)) return 1;
  if (!udp_method_udp_socket_stream(udp_borrow_udp_socket(receiver), NULL, &receiving, &error))
    return 1;
  const udp_borrow_outgoing_datagram_stream_t outgoing =
      udp_borrow_outgoing_datagram_stream(sending.f1);
  const udp_borrow_incoming_datagram_stream_t incoming =
      udp_borrow_incoming_datagram_stream(receiving.f0);
  const udp_own_pollable_t pollable = udp_method_incoming_datagram_stream_subscribe(incoming);
  for (uint64_t at = 1; at <= count; at++) {
    udp_outgoing_datagram_t one = {.data = {out, 64}, .remote_address.is_some = false};
    udp_list_outgoing_datagram_t list = {&one, 1};
    udp_list_incoming_datagram_t got;
    uint64_t number;
    fill(64);
    if (!udp_method_outgoing_datagram_stream_check_send(outgoing, &number, &error)) return 1;
    if (!udp_method_outgoing_datagram_stream_send(outgoing, &list, &number, &error)) return 1;
    poll_method_pollable_block(poll_borrow_pollable(pollable));
    if (!udp_method_incoming_datagram_stream_receive(incoming, 8, &got, &error)) return 1;
    for (size_t which = 0; which < got.len; which++) {
      received = sum(received, got.ptr[which].data.ptr, got.ptr[which].data.len);
      // The function below frees the list, and not what its datagrams hold.
      wasip2_list_u8_free(&got.ptr[which].data);
    }
    udp_list_incoming_datagram_free(&got);
    if (at % (count / 10) == 0) tell(at);
  }
  return sent == received ? 0 : 1;
}

static int much(const char *what, uint64_t count) {
  const int is_bytes = strcmp(what, "bytes") == 0;
  struct sockaddr_in address;
  int ends[2] = {-1, -1};
  const int listener = bind_loopback(&address);
  if (listener < 0) return fail("bind");
  if (listen(listener, 16) < 0) return fail("listen");
  if (is_bytes && connection(listener, &address, ends) < 0) return fail("connect");
  const uint64_t step = is_bytes ? BLOCK : 1;
  const uint64_t tenth = count / step < 10 ? 1 : count / step / 10;
  for (uint64_t at = 1; at <= count / step; at++) {
    if (is_bytes) {
      if (pass(ends[0], ends[1], BLOCK) < 0 || pass(ends[1], ends[0], BLOCK) < 0)
        return fail("pass");
    } else {
      if (connection(listener, &address, ends) < 0) return fail("connect");
      if (pass(ends[0], ends[1], 1024) < 0 || pass(ends[1], ends[0], 1024) < 0) return fail("pass");
      close(ends[0]);
      if (recv(ends[1], in, 1, 0) != 0) return fail("no end");
      close(ends[1]);
    }
    if (at % tenth == 0) tell(at * step);
  }
  return sent == received ? 0 : 1;
}

int main(int arguments, char **argument) {
  if (arguments != 3) return 2;
  const uint64_t count = strtoull(argument[2], NULL, 10);
  return strcmp(argument[1], "datagrams") == 0 ? datagrams(count) : much(argument[1], count);
}
