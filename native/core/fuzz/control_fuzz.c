/* Control messages: what a system or a hostile peer may put into `msg_control`, and what a program may send. */
#include "fuzz.h"

#define ROOM_MAX 1024

/* The bytes at the start that are whole `sock_control`s. Returns their number. */
static uint32_t whole(const uint8_t *control, uint32_t length) {
  uint32_t at = 0;
  while (at < length) {
    sock_control part;
    if (length - at < sizeof(part)) return at;
    memcpy(&part, control + at, sizeof(part));
    const uint32_t space = (part.length + 7u) & ~7u;
    if (part.length > length - at - sizeof(part)) return at;
    if (length - at - sizeof(part) < space) return length;
    at += (uint32_t)sizeof(part) + space;
  }
  return at;
}

/* Decodes the system's layout, then encodes the result and decodes it again. */
static void received(const uint8_t *control, size_t length, uint32_t room) {
  uint8_t *const out = fuzz_room(room);
  const uint32_t used = sock_control_decode(control, length, out, room);
  MUST(used <= room);
  MUST(whole(out, used) == used);

  sock_control_part part;
  size_t at = 0, before = 0;
  for (; sock_control_next(control, length, &at, &part); before = at) {
    MUST(at > before);
    MUST(part.data >= control && part.length <= length - (size_t)(part.data - control));
  }

  uint8_t *const system = fuzz_room(2 * ROOM_MAX);
  const int64_t written = sock_control_encode(out, used, system, 2 * ROOM_MAX);
  MUST(written >= 0);
  uint8_t *const again = fuzz_room(room);
  MUST(sock_control_decode(system, (size_t)written, again, room) == used);
  MUST(memcmp(again, out, used) == 0);
  free(again);
  free(system);
  free(out);
}

/* The other direction: what a program sends comes back the same, or is refused. */
static void sent(const uint8_t *control, uint32_t length, uint32_t room) {
  uint8_t *const system = fuzz_room(room);
  const int64_t used = sock_control_encode(control, length, system, room);
  MUST(used == -EINVAL || used == -EMSGSIZE || (used >= 0 && used <= room));
  MUST(used < 0 || whole(control, length) == length);
  if (used >= 0) {
    uint8_t *const out = fuzz_room(2 * ROOM_MAX);
    const uint32_t back = sock_control_decode(system, (size_t)used, out, 2 * ROOM_MAX);
    MUST(back >= length && back - length < 8);
    uint8_t *const again = fuzz_room(room);
    MUST(sock_control_encode(out, back, again, room) == used);
    MUST(memcmp(again, system, (size_t)used) == 0);
    free(again);
    free(out);
  }
  free(system);
}

/* The columns of a batch take any control messages, and write only to their own slot. */
static void columns(const uint8_t *control, size_t length, uint32_t wanted) {
  enum { CAPACITY = 3, SLOT = 320 };
  wanted = (wanted & (uint32_t)SOCK_COLUMNS_ALL) | SOCK_COLUMN_FILLED;
  uint8_t *const memory = fuzz_room(CAPACITY * SLOT);
  memset(memory, 0xa5, CAPACITY * SLOT);
  sock_columns columns;
  MUST(sock_columns_layout(&columns, memory, CAPACITY * SLOT, wanted, CAPACITY) == 0);
  columns.filled[0] = 0xa5a5;
  columns.filled[2] = 0xa5a5;
  sock_columns_clear(&columns, 1);
  sock_control_part part;
  for (size_t at = 0; sock_control_next(control, length, &at, &part);) {
    sock_columns_take(&columns, 1, &part);
  }
  MUST(columns.filled[0] == 0xa5a5 && columns.filled[2] == 0xa5a5);
  MUST(columns.ecn == NULL || (columns.ecn[1] <= 3 && columns.ecn[0] == 0xa5));
  if (columns.destinations != NULL) MUST(columns.destinations[1].length <= 16);
  /* What came goes out again. */
  if (columns.sources != NULL && columns.destinations != NULL) {
    columns.sources[1] = columns.destinations[1];
  } else if (columns.sources != NULL) {
    columns.sources[1].family = SOCK_FAMILY_UNSPEC;
  }
  uint8_t *const system = fuzz_room(SOCK_COLUMNS_CONTROL);
  for (int levels = 0; levels < 4; levels++) {
    const int64_t used = sock_columns_write(&columns, 1, levels, system, SOCK_COLUMNS_CONTROL);
    MUST(used == -EINVAL || (used >= 0 && used <= SOCK_COLUMNS_CONTROL));
    const int64_t few = sock_columns_write(&columns, 1, levels, system, 32);
    MUST(few == -EINVAL || few == -EMSGSIZE || (few >= 0 && few <= 32));
  }
  free(system);
  free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input input = {data, size};
  const uint32_t room = fuzz_u32(&input) % ROOM_MAX;
  const size_t length = input.size < ROOM_MAX ? input.size : ROOM_MAX;
  received(input.data, length, room);
  sent(input.data, (uint32_t)length, room);
  columns(input.data, length, room ^ (uint32_t)length);
  return 0;
}
