/* Many datagrams with one call. */
#include "system.h"

#ifdef SOCK_SYSTEM_UNIX

#include <netinet/udp.h>

/* The tests also compile the code of the systems without recvmmsg(2). */
#if defined(__linux__) && !defined(SOCK_BATCH_LOOP)
#define BATCH_CALLS 1
#else
#define BATCH_CALLS 0
#endif

#if BATCH_CALLS
/* Some C libraries' headers do not have these yet. The numbers are part of the kernel's interface. */
#ifndef SOL_UDP
#define SOL_UDP 17
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

/*
 * Datagrams in one system call: few enough for a small stack, enough to make the cost of the call small for each.
 */
#define CALL 64

/* Room for the control messages of a datagram: for its segment size alone, and for its columns as well. */
#define NARROW ((uint32_t)CMSG_SPACE(sizeof(int)))
#define WIDE 512
_Static_assert(SOCK_COLUMNS_CONTROL <= WIDE, "what a datagram sends fits");

typedef struct batch_frame {
  struct mmsghdr messages[CALL];
  struct iovec pieces[CALL];
  sock_system_address names[CALL];
  /* `room` bytes for each datagram. CMSG_SPACE is a multiple of the alignment, as WIDE is. */
  uint8_t *controls;
  uint32_t room;
} batch_frame;

static uint8_t *datagram(const sock_batch *batch, uint32_t index) {
  return batch->data + (size_t)index * batch->size;
}

static uint32_t coalesced(const struct msghdr *message) {
  sock_control_part part;
  size_t at = 0;
  while (sock_control_next(message->msg_control, message->msg_controllen, &at, &part)) {
    if (part.level != SOL_UDP || part.type != UDP_GRO || part.length < sizeof(int)) continue;
    int size = 0;
    memcpy(&size, part.data, sizeof(size));
    return size > 0 ? (uint32_t)size : 0;
  }
  return 0;
}

static void prepare_receive(batch_frame *frame, const sock_batch *batch, uint32_t from,
                            unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    struct msghdr *const message = &frame->messages[i].msg_hdr;
    frame->pieces[i] = (struct iovec){datagram(batch, from + i), batch->size};
    memset(message, 0, sizeof(*message));
    message->msg_iov = &frame->pieces[i];
    message->msg_iovlen = 1;
    if (batch->addresses != NULL) {
      frame->names[i].any.sa_family = AF_UNSPEC;
      message->msg_name = &frame->names[i];
      message->msg_namelen = sizeof(frame->names[i]);
    }
    if (batch->segments != NULL || batch->columns != NULL) {
      message->msg_control = frame->controls + i * frame->room;
      message->msg_controllen = frame->room;
    }
  }
}

/* Reads the control messages once. Returns the segment size. */
static uint32_t take_columns(const struct msghdr *message, const sock_columns *columns,
                             uint32_t index) {
  sock_control_part part;
  size_t at = 0;
  uint32_t segment = 0;
  int others = 0;
  sock_columns_clear(columns, index);
  while (sock_control_next(message->msg_control, message->msg_controllen, &at, &part)) {
    if (sock_columns_take(columns, index, &part)) continue;
    if (part.level == SOL_UDP && part.type == UDP_GRO && part.length >= sizeof(int)) {
      int size = 0;
      memcpy(&size, part.data, sizeof(size));
      segment = size > 0 ? (uint32_t)size : 0;
    } else {
      others = 1;
    }
  }
  if (others) sock_control_close(message->msg_control, message->msg_controllen);
  return segment;
}

static void take_received(batch_frame *frame, const sock_batch *batch, uint32_t from, int flags,
                          unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    struct msghdr *const message = &frame->messages[i].msg_hdr;
    batch->lengths[from + i] = frame->messages[i].msg_len;
    batch->flags[from + i] = message->msg_flags & ~(SOCK_RECEIVE_FLAGS & ~flags);
    if (batch->addresses != NULL) {
      sock_address_decode(&frame->names[i], message->msg_namelen, &batch->addresses[from + i]);
    }
    if (batch->columns != NULL) {
      const uint32_t segment = take_columns(message, batch->columns, from + i);
      if (batch->segments != NULL) batch->segments[from + i] = segment;
    } else if (batch->segments != NULL) {
      batch->segments[from + i] = coalesced(message);
      /*
       * The peer of a unix socket may send descriptors with a datagram. This call does not return them, so it
       * closes them.
       */
      sock_control_close(message->msg_control, message->msg_controllen);
    }
  }
}

/* Packet sockets refuse flags that they do not know, as in unix_message.c. */
static int receive(int descriptor, struct mmsghdr *messages, unsigned count, int flags) {
  const int received = recvmmsg(descriptor, messages, count, flags | SOCK_RECEIVE_FLAGS, NULL);
  if (received >= 0 || errno != EINVAL || SOCK_RECEIVE_FLAGS == 0) return received;
  return recvmmsg(descriptor, messages, count, flags, NULL);
}

static int64_t receive_batch(int descriptor, const sock_batch *batch, int flags, uint8_t *controls,
                             uint32_t room) {
  batch_frame frame;
  frame.controls = controls;
  frame.room = room;
  uint32_t done = 0;
  while (done < batch->count) {
    const unsigned count = batch->count - done < CALL ? batch->count - done : CALL;
    prepare_receive(&frame, batch, done, count);
    const int wait = done == 0 ? MSG_WAITFORONE : MSG_DONTWAIT;
    const int received = receive(descriptor, frame.messages, count, flags | wait);
    /* The datagrams before an error are returned. A later call gets the error if it lasts. */
    if (received < 0) return done > 0 ? (int64_t)done : sock_fail();
    take_received(&frame, batch, done, flags, (unsigned)received);
    done += (unsigned)received;
    if ((unsigned)received < count) break;
  }
  return done;
}

int64_t sock_recv_batch(sock_handle socket, const sock_batch *batch, int flags) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  if (batch->count == 0) return 0;
  if (batch->columns != NULL) {
    _Alignas(struct cmsghdr) uint8_t wide[CALL * WIDE];
    return receive_batch(descriptor, batch, flags, wide, WIDE);
  }
  _Alignas(struct cmsghdr) uint8_t narrow[CALL * NARROW];
  return receive_batch(descriptor, batch, flags, narrow, NARROW);
}

/* Writes the control messages of a datagram. Returns their length. */
static int64_t prepare_control(const sock_batch *batch, uint32_t index, uint32_t length,
                               uint8_t *control, size_t room) {
  const uint32_t segment = batch->segments != NULL ? batch->segments[index] : 0;
  size_t used = 0;
  if (segment > UINT16_MAX) return -EINVAL;
  if (batch->columns != NULL) {
    const int levels =
        sock_columns_levels(batch->addresses != NULL ? &batch->addresses[index] : NULL);
    const int64_t written = sock_columns_write(batch->columns, index, levels, control, room);
    if (written < 0) return written;
    used = (size_t)written;
  }
  if (segment != 0 && segment < length) {
    const uint16_t size = (uint16_t)segment;
    const int result =
        sock_control_append(control, room, &used, SOL_UDP, UDP_SEGMENT, &size, sizeof(size));
    if (result < 0) return result;
  }
  return (int64_t)used;
}

static int prepare_one(batch_frame *frame, const sock_batch *batch, uint32_t index, unsigned i) {
  struct msghdr *const message = &frame->messages[i].msg_hdr;
  const uint32_t length = batch->lengths[index];
  if (length > batch->size) return -EINVAL;
  frame->pieces[i] = (struct iovec){datagram(batch, index), length};
  memset(message, 0, sizeof(*message));
  message->msg_iov = &frame->pieces[i];
  message->msg_iovlen = 1;
  if (batch->addresses != NULL) {
    socklen_t name_length = 0;
    const int result =
        sock_address_encode(&batch->addresses[index], &frame->names[i], &name_length);
    if (result < 0) return result;
    message->msg_name = &frame->names[i];
    message->msg_namelen = name_length;
  }
  if (batch->segments == NULL && batch->columns == NULL) return 0;
  uint8_t *const control = frame->controls + i * frame->room;
  const int64_t used = prepare_control(batch, index, length, control, frame->room);
  if (used < 0) return (int)used;
  if (used > 0) {
    message->msg_control = control;
    message->msg_controllen = (socklen_t)used;
  }
  return 0;
}

/* Prepares datagrams up to the first that is wrong. Returns how many, or the error of the first. */
static int prepare_send(batch_frame *frame, const sock_batch *batch, uint32_t from,
                        unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    const int result = prepare_one(frame, batch, from + i, i);
    if (result < 0) return i > 0 ? (int)i : result;
  }
  return (int)count;
}

#endif

/*
 * The protocols of a datagram. Some systems refuse control messages of the other protocol, so they are asked for
 * the family of a connected socket.
 */
static int levels_of(int descriptor, const sock_batch *batch, uint32_t index) {
  sock_system_address name;
  sock_address peer;
  socklen_t length = sizeof(name);
  if (batch->addresses != NULL) return sock_columns_levels(&batch->addresses[index]);
  if (getpeername(descriptor, &name.any, &length) < 0) return sock_columns_levels(NULL);
  sock_address_decode(&name, length, &peer);
  return sock_columns_levels(&peer);
}

/* Sends datagram `index` in pieces of its segment size, one call for each. */
static int64_t send_pieces(int descriptor, const sock_batch *batch, uint32_t index, int flags) {
  const uint32_t length = batch->lengths[index];
  if (length > batch->size) return -EINVAL;
  const uint32_t segment = batch->segments != NULL ? batch->segments[index] : 0;
  const uint32_t piece = segment != 0 ? segment : length;
  sock_buffer buffer = {batch->data + (size_t)index * batch->size, 0};
  struct msghdr message = sock_message_of(&buffer, 1);
  sock_system_address name;
  if (batch->addresses != NULL) {
    socklen_t name_length = 0;
    const int result = sock_address_encode(&batch->addresses[index], &name, &name_length);
    if (result < 0) return result;
    message.msg_name = &name;
    message.msg_namelen = name_length;
  }
  _Alignas(struct cmsghdr) uint8_t control[SOCK_COLUMNS_CONTROL];
  if (batch->columns != NULL) {
    const int64_t used = sock_columns_write(
        batch->columns, index, levels_of(descriptor, batch, index), control, sizeof(control));
    if (used < 0) return used;
    if (used > 0) {
      message.msg_control = control;
      message.msg_controllen = (socklen_t)used;
    }
  }
  uint32_t sent = 0;
  do {
    buffer.length = length - sent < piece ? length - sent : piece;
    if (sendmsg(descriptor, &message, flags | SOCK_SEND_FLAGS) < 0) return sock_fail();
    sent += (uint32_t)buffer.length;
    buffer.data = (uint8_t *)buffer.data + buffer.length;
  } while (sent < length);
  return sent;
}

static int64_t send_one_by_one(int descriptor, const sock_batch *batch, uint32_t from, int flags) {
  uint32_t done = from;
  for (; done < batch->count; done++) {
    const int64_t result = send_pieces(descriptor, batch, done, flags);
    if (result < 0) return done > 0 ? (int64_t)done : result;
  }
  return done;
}

#if BATCH_CALLS

static int64_t send_batch(int descriptor, const sock_batch *batch, int flags, uint8_t *controls,
                          uint32_t room) {
  batch_frame frame;
  frame.controls = controls;
  frame.room = room;
  const int whole = batch->columns != NULL && batch->columns->whole;
  uint32_t done = 0;
  while (done < batch->count) {
    const unsigned count = batch->count - done < CALL ? batch->count - done : CALL;
    const int ready = prepare_send(&frame, batch, done, count);
    if (ready < 0) return done > 0 ? (int64_t)done : ready;
    const int sent = sendmmsg(descriptor, frame.messages, (unsigned)ready, flags | SOCK_SEND_FLAGS);
    if (sent < 0) {
      /* A device without checksum offload cannot cut segments: EIO. Older kernels: EINVAL. */
      const int cut = batch->segments != NULL && batch->segments[done] != 0 && !whole;
      if (cut && (errno == EIO || errno == EINVAL)) {
        return send_one_by_one(descriptor, batch, done, flags);
      }
      return done > 0 ? (int64_t)done : sock_fail();
    }
    done += (unsigned)sent;
    if ((unsigned)sent < count) break;
  }
  return done;
}

int64_t sock_send_batch(sock_handle socket, const sock_batch *batch, int flags) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  if (batch->columns != NULL) {
    _Alignas(struct cmsghdr) uint8_t wide[CALL * SOCK_COLUMNS_CONTROL];
    return send_batch(descriptor, batch, flags, wide, SOCK_COLUMNS_CONTROL);
  }
  _Alignas(struct cmsghdr) uint8_t narrow[CALL * NARROW];
  return send_batch(descriptor, batch, flags, narrow, NARROW);
}

#else

/* recvmsg(2) with room for the control messages of the columns. */
static int64_t receive_columns(int descriptor, const sock_batch *batch, uint32_t index, int flags) {
  const sock_buffer piece = {batch->data + (size_t)index * batch->size, batch->size};
  struct msghdr message = sock_message_of(&piece, 1);
  sock_system_address name;
  _Alignas(struct cmsghdr) uint8_t control[512];
  if (batch->addresses != NULL) {
    name.any.sa_family = AF_UNSPEC;
    message.msg_name = &name;
    message.msg_namelen = sizeof(name);
  }
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  const ssize_t received = recvmsg(descriptor, &message, flags);
  if (received < 0) return sock_fail();
  batch->lengths[index] = (uint32_t)received;
  batch->flags[index] = message.msg_flags;
  if (batch->addresses != NULL) {
    sock_address_decode(&name, message.msg_namelen, &batch->addresses[index]);
  }
  sock_control_part part;
  size_t at = 0;
  sock_columns_clear(batch->columns, index);
  while (sock_control_next(control, message.msg_controllen, &at, &part)) {
    sock_columns_take(batch->columns, index, &part);
  }
  sock_control_close(control, message.msg_controllen);
  return received;
}

static int64_t receive_plain(sock_handle socket, const sock_batch *batch, uint32_t index,
                             int flags) {
  const sock_buffer piece = {batch->data + (size_t)index * batch->size, batch->size};
  int out_flags = 0;
  const int64_t received =
      sock_recv_vectored(socket, &piece, 1, flags, &out_flags,
                         batch->addresses != NULL ? &batch->addresses[index] : NULL);
  if (received < 0) return received;
  batch->lengths[index] = (uint32_t)received;
  batch->flags[index] = out_flags;
  return received;
}

int64_t sock_recv_batch(sock_handle socket, const sock_batch *batch, int flags) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  uint32_t done = 0;
  for (; done < batch->count; done++) {
    const int flag = done == 0 ? flags : flags | MSG_DONTWAIT;
    const int64_t received = batch->columns != NULL ? receive_columns(descriptor, batch, done, flag)
                                                    : receive_plain(socket, batch, done, flag);
    if (received < 0) return done > 0 ? (int64_t)done : received;
    if (batch->segments != NULL) batch->segments[done] = 0;
#if defined(SOCK_BATCH_APPLE)
    /* The first datagram came by the call that waits. The next ones come together, if the system can do that. */
    if (done == 0 && batch->columns == NULL) {
      done = sock_apple_receive(descriptor, batch, 1, flags) - 1;
    }
#endif
  }
  return done;
}

int64_t sock_send_batch(sock_handle socket, const sock_batch *batch, int flags) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
#if defined(SOCK_BATCH_APPLE)
  const uint32_t sent = batch->columns == NULL ? sock_apple_send(descriptor, batch, flags) : 0;
#else
  const uint32_t sent = 0;
#endif
  return send_one_by_one(descriptor, batch, sent, flags);
}

#endif

#endif
