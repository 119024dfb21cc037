/*
 * Where a host puts the lists that it returns: right into the buffer of the call that receives, if it can, and the list
 * of one datagram into the socket. Then a receive allocates nothing.
 */
#include "wasi.h"

#ifdef SOCK_SYSTEM_WASI

#include <stdlib.h>

typedef struct place {
  uint8_t *start;
  size_t room;
  size_t align;
  /* The size of the list that is there. 0: none. */
  size_t used;
} place;

/* A component instance has one thread. */
static place bytes = {.align = 1};
static place datagrams = {.align = _Alignof(udp_incoming_datagram_t)};

static void set(place *to, void *start, size_t room) {
  to->start = start;
  to->room = room;
  to->used = 0;
}

void wasi_place(void *data, size_t room) {
  set(&bytes, data, room);
}

void wasi_place_datagram(udp_incoming_datagram_t *one) {
  set(&datagrams, one, one != NULL ? sizeof(*one) : 0);
}

/* The memory, or NULL when the list has to go elsewhere. */
static void *placed(place *to, void *old, size_t align, size_t size) {
  if (to->start == NULL || align != to->align) return NULL;
  const bool here = to->used > 0 && old == to->start;
  if (!here && (old != NULL || to->used > 0)) return NULL;
  if (size <= to->room) {
    to->used = size;
    return to->start;
  }
  if (!here) return NULL;
  void *const larger = malloc(size);
  if (larger == NULL) abort();
  memcpy(larger, old, to->used);
  to->used = 0;
  return larger;
}

/*
 * The canonical ABI's allocator. A host calls it while a call to the host runs. The first list that fits a place goes
 * there. The host may resize the list, which stays there while it fits.
 */
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size,
                                                                size_t align, size_t size);
void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  (void)old_size;
  if (size == 0) return (void *)align;
  void *there = placed(&bytes, old, align, size);
  if (there == NULL) there = placed(&datagrams, old, align, size);
  if (there != NULL) return there;
  void *const memory = realloc(old, size);
  if (memory == NULL) abort();
  return memory;
}

#endif
