/* Names of hosts, by wasi:sockets/ip-name-lookup. */
#include "wasi.h"

#ifdef SOCK_SYSTEM_WASI

#include <stdlib.h>

struct sock_lookup {
  ip_name_lookup_own_resolve_address_stream_t stream;
  bool has_stream;
  /** The host has told all addresses. */
  bool finished;
  /** What the host answered in place of more addresses. 0: nothing yet. */
  int failure;
  sock_found *list;
  size_t count;
  size_t room;
};

static int failure_of(network_error_code_t code) {
  switch (code) {
    case NETWORK_ERROR_CODE_WOULD_BLOCK:
      return -SOCK_LOOKUP_WOULD_BLOCK;
    case NETWORK_ERROR_CODE_NAME_UNRESOLVABLE:
      return -SOCK_LOOKUP_NOT_FOUND;
    case NETWORK_ERROR_CODE_TEMPORARY_RESOLVER_FAILURE:
    case NETWORK_ERROR_CODE_TIMEOUT:
      return -SOCK_LOOKUP_TRY_AGAIN;
    case NETWORK_ERROR_CODE_ACCESS_DENIED:
      return -SOCK_LOOKUP_ACCESS_DENIED;
    case NETWORK_ERROR_CODE_INVALID_ARGUMENT:
      return -SOCK_LOOKUP_INVALID_NAME;
    case NETWORK_ERROR_CODE_NOT_SUPPORTED:
      return -SOCK_LOOKUP_UNSUPPORTED;
    default:
      return -SOCK_LOOKUP_FAILED;
  }
}

int sock_lookup_start(const char *name, size_t length, sock_lookup **out) {
  const instance_network_own_network_t network = instance_network_instance_network();
  /* The host reads the text and does not change it. */
  wasip2_string_t text = {(uint8_t *)(uintptr_t)name, length};
  ip_name_lookup_own_resolve_address_stream_t stream;
  network_error_code_t error;
  const bool ok =
      ip_name_lookup_resolve_addresses(network_borrow_network(network), &text, &stream, &error);
  network_network_drop_own(network);
  if (!ok) return failure_of(error);
  sock_lookup *const lookup = calloc(1, sizeof(*lookup));
  if (lookup == NULL) abort();
  lookup->stream = stream;
  lookup->has_stream = true;
  *out = lookup;
  return 0;
}

/* As soon as possible: a host may drop the whole look-up late. */
static void drop_stream(sock_lookup *lookup) {
  if (lookup->has_stream) ip_name_lookup_resolve_address_stream_drop_own(lookup->stream);
  lookup->has_stream = false;
}

static void add(sock_lookup *lookup, const network_ip_address_t *address) {
  if (lookup->count == lookup->room) {
    lookup->room = lookup->room > 0 ? 2 * lookup->room : 8;
    lookup->list = realloc(lookup->list, lookup->room * sizeof(*lookup->list));
    if (lookup->list == NULL) abort();
  }
  sock_found *const found = &lookup->list[lookup->count++];
  memset(found, 0, sizeof(*found));
  if (address->tag == NETWORK_IP_ADDRESS_IPV4) {
    const network_ipv4_address_t *const ip = &address->val.ipv4;
    const uint8_t bytes[4] = {ip->f0, ip->f1, ip->f2, ip->f3};
    found->length = 4;
    memcpy(found->data, bytes, sizeof(bytes));
    return;
  }
  uint16_t words[8];
  memcpy(words, &address->val.ipv6, sizeof(words));
  found->length = 16;
  for (int i = 0; i < 8; i++) {
    found->data[2 * i] = (uint8_t)(words[i] >> 8);
    found->data[2 * i + 1] = (uint8_t)words[i];
  }
}

/* Takes the addresses that the host has. It has told all when it has no more and would not block. */
static void take(sock_lookup *lookup) {
  while (!lookup->finished && lookup->failure == 0) {
    ip_name_lookup_option_ip_address_t next;
    network_error_code_t error;
    if (!ip_name_lookup_method_resolve_address_stream_resolve_next_address(
            ip_name_lookup_borrow_resolve_address_stream(lookup->stream), &next, &error)) {
      if (error == NETWORK_ERROR_CODE_WOULD_BLOCK) return;
      lookup->failure = failure_of(error);
    } else if (next.is_some) {
      add(lookup, &next.val);
    } else {
      lookup->finished = true;
    }
  }
  drop_stream(lookup);
}

int64_t sock_lookup_addresses(sock_lookup *lookup, double milliseconds, const sock_found **out) {
  const double end = milliseconds > 0 ? wasi_now() + milliseconds : 0;
  unsigned mistakes = 0;
  for (;;) {
    take(lookup);
    if (lookup->failure != 0) return lookup->failure;
    if (lookup->finished) {
      *out = lookup->list;
      return (int64_t)lookup->count;
    }
    const double left = milliseconds > 0 ? end - wasi_now() : milliseconds;
    if (milliseconds >= 0 && left <= 0) return -SOCK_LOOKUP_WOULD_BLOCK;
    const poll_own_pollable_t change = ip_name_lookup_method_resolve_address_stream_subscribe(
        ip_name_lookup_borrow_resolve_address_stream(lookup->stream));
    (void)wasi_block(poll_borrow_pollable(change), left);
    poll_pollable_drop_own(change);
    wasi_rest(++mistakes, left);
  }
}

void sock_lookup_end(sock_lookup *lookup) {
  drop_stream(lookup);
  free(lookup->list);
  free(lookup);
}

#endif
