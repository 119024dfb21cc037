/*
 * What the fuzz targets share. They take values from the front of the input. A MUST that does not hold ends the
 * run.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "system.h"

#include <stdio.h>
#include <stdlib.h>

#define MUST(condition)                                                              \
  do {                                                                               \
    if (!(condition)) {                                                              \
      fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
      abort();                                                                       \
    }                                                                                \
  } while (0)

/** The rest of an input. */
typedef struct fuzz_input {
  const uint8_t *data;
  size_t size;
} fuzz_input;

/** Fills `out` from the front of the input, and with zeros after its end. */
static inline void fuzz_take(fuzz_input *input, void *out, size_t size) {
  const size_t there = input->size < size ? input->size : size;
  memset(out, 0, size);
  if (there > 0) memcpy(out, input->data, there);
  input->data += there;
  input->size -= there;
}

static inline uint32_t fuzz_u32(fuzz_input *input) {
  uint32_t number;
  fuzz_take(input, &number, sizeof(number));
  return number;
}

/** Memory of exactly this size, so the sanitizer sees an access to the first byte after it. */
static inline uint8_t *fuzz_room(size_t size) {
  uint8_t *const room = malloc(size > 0 ? size : 1);
  MUST(room != NULL);
  return room;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
