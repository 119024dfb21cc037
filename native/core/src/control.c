/* Converts control messages between the system's layout and that of `sock_control`. */
#include "system.h"

#if defined(SOCK_SYSTEM_UNIX) || defined(SOCK_SYSTEM_WINDOWS)

/* A `sock_control` starts at a multiple of 8. */
#define ALIGNED(length) (((length) + 7u) & ~7u)

int sock_control_append(uint8_t *out, size_t room, size_t *used, int level, int type,
                        const void *data, size_t length) {
  if (length > room || CMSG_SPACE(length) > room - *used) return -EMSGSIZE;
  sock_control_header header;
  memset(&header, 0, sizeof(header));
  header.cmsg_level = level;
  header.cmsg_type = type;
  header.cmsg_len = CMSG_LEN((uint32_t)length);
  memset(out + *used, 0, CMSG_SPACE(length));
  memcpy(out + *used, &header, sizeof(header));
  if (length > 0) memcpy(out + *used + CMSG_LEN(0), data, length);
  *used += CMSG_SPACE(length);
  return 0;
}

int64_t sock_control_encode(const uint8_t *control, uint32_t length, uint8_t *out, size_t room) {
  size_t used = 0;
  uint32_t at = 0;
  while (at < length) {
    sock_control part;
    if (length - at < sizeof(part)) return -EINVAL;
    memcpy(&part, control + at, sizeof(part));
    at += (uint32_t)sizeof(part);
    if (part.length > length - at) return -EINVAL;
    const int result =
        sock_control_append(out, room, &used, part.level, part.type, control + at, part.length);
    if (result < 0) return result;
    /* The last message may come without padding. */
    at = length - at < ALIGNED(part.length) ? length : at + ALIGNED(part.length);
  }
  return (int64_t)used;
}

int sock_control_next(const uint8_t *control, size_t length, size_t *at, sock_control_part *part) {
  const size_t left = *at < length ? length - *at : 0;
  sock_control_header header;
  if (left < CMSG_LEN(0)) return 0;
  memcpy(&header, control + *at, sizeof(header));
  if (header.cmsg_len < CMSG_LEN(0)) return 0;
  const size_t claimed = header.cmsg_len - CMSG_LEN(0);
  part->level = header.cmsg_level;
  part->type = header.cmsg_type;
  part->data = control + *at + CMSG_LEN(0);
  part->length = claimed < left - CMSG_LEN(0) ? claimed : left - CMSG_LEN(0);
  *at += CMSG_SPACE(part->length);
  return 1;
}

uint32_t sock_control_decode(const uint8_t *control, size_t length, uint8_t *out, uint32_t room) {
  sock_control_part part;
  size_t at = 0;
  uint32_t used = 0;
  while (sock_control_next(control, length, &at, &part)) {
    const sock_control head = {part.level, part.type, (uint32_t)part.length, 0};
    if (room - used < sizeof(head) || room - used - sizeof(head) < part.length) break;
    memcpy(out + used, &head, sizeof(head));
    used += (uint32_t)sizeof(head);
    memcpy(out + used, part.data, part.length);
    const uint32_t space = ALIGNED((uint32_t)part.length);
    if (room - used < space) return room;
    memset(out + used + part.length, 0, space - part.length);
    used += space;
  }
  return used;
}

#endif

#ifdef SOCK_SYSTEM_UNIX

#if defined(__linux__)
/*
 * The C libraries' headers do not have it yet. With SO_PASSPIDFD a descriptor of the sender's process arrives too.
 */
#ifndef SCM_PIDFD
#define SCM_PIDFD 4
#endif
#else
#define SCM_PIDFD SCM_RIGHTS
#endif

/* Calls `take` with each descriptor that arrived. */
static void each_descriptor(const uint8_t *control, size_t length, void (*take)(int descriptor)) {
  sock_control_part part;
  size_t at = 0;
  while (sock_control_next(control, length, &at, &part)) {
    if (part.level != SOL_SOCKET) continue;
    if (part.type != SCM_RIGHTS && part.type != SCM_PIDFD) continue;
    for (size_t i = 0; i + sizeof(int) <= part.length; i += sizeof(int)) {
      int descriptor;
      memcpy(&descriptor, part.data + i, sizeof(descriptor));
      take(descriptor);
    }
  }
}

static void close_one(int descriptor) {
  close(descriptor);
}

void sock_control_close(const uint8_t *control, size_t length) {
  each_descriptor(control, length, close_one);
}

#if !defined(MSG_CMSG_CLOEXEC)
static void set_cloexec(int descriptor) {
  sock_set_cloexec(descriptor, 1);
}

void sock_control_cloexec(const uint8_t *control, size_t length) {
  each_descriptor(control, length, set_cloexec);
}
#endif

#endif
