/*
 * Many datagrams with one call on Apple's systems: recvmsg_x(2) and sendmsg_x(2). No public header declares them, and
 * quinn-udp, which Firefox uses, and curl call them too. An older system may lack them or refuse what is asked of
 * them: then the caller goes on with one call for each datagram, which reports the errors.
 *
 * @see bsd/sys/socket_private.h of Apple's xnu
 */
#include "system.h"

#if defined(SOCK_BATCH_APPLE)

/* The tests call functions of their own. */
#if defined(__APPLE__)
#define SOCK_WEAK __attribute__((weak_import))
#define IS_THERE(function) ((function) != NULL)
#else
#define SOCK_WEAK
#define IS_THERE(function) 1
#endif

/* `struct msghdr_x`. The call fills `length` on receive, and ignores it on send. */
typedef struct apple_message {
  void *name;
  socklen_t name_length;
  struct iovec *pieces;
  int piece_count;
  void *control;
  socklen_t control_length;
  int flags;
  size_t length;
} apple_message;

SOCK_WEAK ssize_t recvmsg_x(int descriptor, apple_message *messages, unsigned count, int flags);
SOCK_WEAK ssize_t sendmsg_x(int descriptor, const apple_message *messages, unsigned count,
                            int flags);

/* Datagrams in one call. The system refuses more than 100 (kern.ipc.somaxsendmsgx). */
#define CALL 32

typedef struct batch_frame {
  apple_message messages[CALL];
  struct iovec pieces[CALL];
  sock_system_address names[CALL];
} batch_frame;

static uint8_t *datagram(const sock_batch *batch, uint32_t index) {
  return batch->data + (size_t)index * batch->size;
}

static void prepare_receive(batch_frame *frame, const sock_batch *batch, uint32_t from,
                            unsigned count) {
  memset(frame->messages, 0, count * sizeof(frame->messages[0]));
  for (unsigned i = 0; i < count; i++) {
    apple_message *const message = &frame->messages[i];
    frame->pieces[i] = (struct iovec){datagram(batch, from + i), batch->size};
    message->pieces = &frame->pieces[i];
    message->piece_count = 1;
    if (batch->addresses == NULL) continue;
    frame->names[i].any.sa_family = AF_UNSPEC;
    message->name = &frame->names[i];
    message->name_length = sizeof(frame->names[i]);
  }
}

static void take_received(const batch_frame *frame, const sock_batch *batch, uint32_t from,
                          unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    const apple_message *const message = &frame->messages[i];
    batch->lengths[from + i] = (uint32_t)message->length;
    batch->flags[from + i] = message->flags;
    if (batch->segments != NULL) batch->segments[from + i] = 0;
    if (batch->addresses == NULL) continue;
    sock_address_decode(&frame->names[i], message->name_length, &batch->addresses[from + i]);
  }
}

uint32_t sock_apple_receive(int descriptor, const sock_batch *batch, uint32_t from, int flags) {
  /* MSG_DONTWAIT is the only flag that the call knows. */
  if (!IS_THERE(recvmsg_x) || (flags & ~MSG_DONTWAIT) != 0) return from;
  batch_frame frame;
  uint32_t done = from;
  while (done < batch->count) {
    const unsigned count = batch->count - done < CALL ? batch->count - done : CALL;
    prepare_receive(&frame, batch, done, count);
    const ssize_t received = recvmsg_x(descriptor, frame.messages, count, MSG_DONTWAIT);
    if (received <= 0) return done;
    take_received(&frame, batch, done, (unsigned)received);
    done += (uint32_t)received;
    if ((unsigned)received < count) return done;
  }
  return done;
}

/* Returns how many datagrams of the run could be prepared. */
static unsigned prepare_send(batch_frame *frame, const sock_batch *batch, uint32_t from,
                             unsigned count) {
  memset(frame->messages, 0, count * sizeof(frame->messages[0]));
  for (unsigned i = 0; i < count; i++) {
    apple_message *const message = &frame->messages[i];
    const uint32_t length = batch->lengths[from + i];
    const uint32_t segment = batch->segments != NULL ? batch->segments[from + i] : 0;
    /* One call for each sends the pieces of a datagram that has to be cut. */
    if (length > batch->size || (segment != 0 && segment < length)) return i;
    frame->pieces[i] = (struct iovec){datagram(batch, from + i), length};
    message->pieces = &frame->pieces[i];
    message->piece_count = 1;
    if (batch->addresses == NULL) continue;
    message->name = &frame->names[i];
    if (sock_address_encode(&batch->addresses[from + i], &frame->names[i], &message->name_length) <
        0) {
      return i;
    }
  }
  return count;
}

uint32_t sock_apple_send(int descriptor, const sock_batch *batch, int flags) {
  if (!IS_THERE(sendmsg_x) || (flags & ~MSG_DONTWAIT) != 0) return 0;
  batch_frame frame;
  uint32_t done = 0;
  while (done < batch->count) {
    const unsigned room = batch->count - done < CALL ? batch->count - done : CALL;
    const unsigned count = prepare_send(&frame, batch, done, room);
    if (count == 0) return done;
    const ssize_t sent = sendmsg_x(descriptor, frame.messages, count, flags);
    if (sent <= 0) return done;
    done += (uint32_t)sent;
    if ((unsigned)sent < room) return done;
  }
  return done;
}

#endif
