/* Where a host puts the lists that it returns: right into the buffer of the call that receives, if it can. */
#include "wasi.h"

#ifdef SOCK_SYSTEM_WASI

#include <stdlib.h>

/* A component instance has one thread. */
static uint8_t *place;
static size_t place_room;
static bool placed;

void wasi_place(void *data, size_t room) {
  place = data;
  place_room = room;
  placed = false;
}

/*
 * The canonical ABI's allocator. A host calls it while a call to the host runs. The first list of bytes that fits goes
 * to `place`. The host may shorten the list, which then stays there.
 */
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size,
                                                                size_t align, size_t size);
void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  (void)old_size;
  if (size == 0) return (void *)align;
  if (place != NULL && align == 1 && size <= place_room) {
    if (placed && old == place) return place;
    if (!placed && old == NULL) {
      placed = true;
      return place;
    }
  }
  void *const memory = realloc(old, size);
  if (memory == NULL) abort();
  return memory;
}

#endif
