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

typedef struct batch_frame {
  struct mmsghdr messages[CALL];
  struct iovec pieces[CALL];
  sock_system_address names[CALL];
  /* CMSG_SPACE is a multiple of the alignment, so each element is aligned as the first is. */
  _Alignas(struct cmsghdr) char controls[CALL][CMSG_SPACE(sizeof(int))];
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
    if (batch->segments != NULL) {
      message->msg_control = frame->controls[i];
      message->msg_controllen = sizeof(frame->controls[i]);
    }
  }
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
    if (batch->segments != NULL) {
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

int64_t sock_recv_batch(sock_handle socket, const sock_batch *batch, int flags) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  if (batch->count == 0) return 0;
  batch_frame frame;
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

static int prepare_send(batch_frame *frame, const sock_batch *batch, uint32_t from,
                        unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    struct msghdr *const message = &frame->messages[i].msg_hdr;
    const uint32_t length = batch->lengths[from + i];
    if (length > batch->size) return -EINVAL;
    frame->pieces[i] = (struct iovec){datagram(batch, from + i), length};
    memset(message, 0, sizeof(*message));
    message->msg_iov = &frame->pieces[i];
    message->msg_iovlen = 1;
    if (batch->addresses != NULL) {
      socklen_t name_length = 0;
      const int result =
          sock_address_encode(&batch->addresses[from + i], &frame->names[i], &name_length);
      if (result < 0) return result;
      message->msg_name = &frame->names[i];
      message->msg_namelen = name_length;
    }
    const uint32_t segment = batch->segments != NULL ? batch->segments[from + i] : 0;
    if (segment > UINT16_MAX) return -EINVAL;
    if (segment != 0 && segment < length) {
      const uint16_t size = (uint16_t)segment;
      memset(frame->controls[i], 0, sizeof(frame->controls[i]));
      message->msg_control = frame->controls[i];
      message->msg_controllen = CMSG_SPACE(sizeof(size));
      struct cmsghdr *const part = CMSG_FIRSTHDR(message);
      part->cmsg_level = SOL_UDP;
      part->cmsg_type = UDP_SEGMENT;
      part->cmsg_len = CMSG_LEN(sizeof(size));
      memcpy(CMSG_DATA(part), &size, sizeof(size));
    }
  }
  return 0;
}

#endif

/* Sends datagram `index` in pieces of its segment size, one call for each. */
static int64_t send_pieces(int descriptor, const sock_batch *batch, uint32_t index, int flags) {
  const uint32_t length = batch->lengths[index];
  if (length > batch->size) return -EINVAL;
  const uint32_t segment = batch->segments != NULL ? batch->segments[index] : 0;
  const uint32_t piece = segment != 0 ? segment : length;
  const uint8_t *const data = batch->data + (size_t)index * batch->size;
  sock_system_address name;
  socklen_t name_length = 0;
  if (batch->addresses != NULL) {
    const int result = sock_address_encode(&batch->addresses[index], &name, &name_length);
    if (result < 0) return result;
  }
  uint32_t sent = 0;
  do {
    const uint32_t size = length - sent < piece ? length - sent : piece;
    if (sendto(descriptor, data + sent, size, flags | SOCK_SEND_FLAGS,
               batch->addresses != NULL ? &name.any : NULL, name_length) < 0) {
      return sock_fail();
    }
    sent += size;
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

int64_t sock_send_batch(sock_handle socket, const sock_batch *batch, int flags) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  batch_frame frame;
  uint32_t done = 0;
  while (done < batch->count) {
    const unsigned count = batch->count - done < CALL ? batch->count - done : CALL;
    const int result = prepare_send(&frame, batch, done, count);
    if (result < 0) return done > 0 ? (int64_t)done : result;
    const int sent = sendmmsg(descriptor, frame.messages, count, flags | SOCK_SEND_FLAGS);
    if (sent < 0) {
      /* A device without checksum offload cannot cut segments: EIO. Older kernels: EINVAL. */
      const int cut = batch->segments != NULL && batch->segments[done] != 0;
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

#else

int64_t sock_recv_batch(sock_handle socket, const sock_batch *batch, int flags) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  uint32_t done = 0;
  for (; done < batch->count; done++) {
    const sock_buffer piece = {batch->data + (size_t)done * batch->size, batch->size};
    int out_flags = 0;
    const int64_t received =
        sock_recv_vectored(socket, &piece, 1, done == 0 ? flags : flags | MSG_DONTWAIT, &out_flags,
                           batch->addresses != NULL ? &batch->addresses[done] : NULL);
    if (received < 0) return done > 0 ? (int64_t)done : received;
    batch->lengths[done] = (uint32_t)received;
    batch->flags[done] = out_flags;
    if (batch->segments != NULL) batch->segments[done] = 0;
  }
  return done;
}

int64_t sock_send_batch(sock_handle socket, const sock_batch *batch, int flags) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  return send_one_by_one(descriptor, batch, 0, flags);
}

#endif

#endif
