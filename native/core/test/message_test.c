/* sendmsg(2) and recvmsg(2) with control messages, and the descriptors that arrive. */
#include "expect.h"

typedef struct room {
  _Alignas(8) uint8_t bytes[1024];
} room;

/* A message with `count` duplicates of a descriptor. */
static void send_rights(sock_handle socket, sock_handle passed, unsigned count) {
  room control;
  memset(&control, 0, sizeof(control));
  const sock_control head = {SOL_SOCKET, SCM_RIGHTS, count * (uint32_t)sizeof(int), 0};
  memcpy(control.bytes, &head, sizeof(head));
  for (unsigned i = 0; i < count; i++) {
    const int descriptor = (int)passed;
    memcpy(control.bytes + sizeof(head) + i * sizeof(descriptor), &descriptor, sizeof(descriptor));
  }
  char byte = 'x';
  const sock_buffer piece = {&byte, 1};
  const sock_message message = {
      &piece, 1, NULL, control.bytes, (uint32_t)sizeof(head) + head.length, 0};
  EXPECT_EQUAL(sock_send_message(socket, &message, 0), 1);
}

/* Receives a message into `room` bytes. Closes the descriptors in it and returns how many there were. */
static int receive_rights(sock_handle socket, uint32_t size, int *flags) {
  room control;
  char byte = 0;
  const sock_buffer piece = {&byte, 1};
  sock_message message = {&piece, 1, NULL, control.bytes, size, 0};
  memset(&control, 0x55, sizeof(control));
  EXPECT_EQUAL(sock_recv_message(socket, &message, 0), 1);
  EXPECT(message.control_length <= size);
  int untouched = 1;
  for (uint32_t i = size; i < sizeof(control); i++) untouched &= control.bytes[i] == 0x55;
  EXPECT(untouched);
  *flags = message.flags;
  int count = 0;
  uint32_t at = 0;
  while (at + sizeof(sock_control) <= message.control_length) {
    sock_control part;
    memcpy(&part, control.bytes + at, sizeof(part));
    at += (uint32_t)sizeof(part);
    for (uint32_t i = 0; part.type == SCM_RIGHTS && i + sizeof(int) <= part.length; i += 4) {
      int descriptor;
      memcpy(&descriptor, control.bytes + at + i, sizeof(descriptor));
      EXPECT(fcntl(descriptor, F_GETFD) & FD_CLOEXEC);
      EXPECT_EQUAL(close(descriptor), 0);
      count++;
    }
    at += (part.length + 7u) & ~7u;
  }
  return count;
}

static void unix_pair(sock_handle pair[2]) {
  EXPECT_EQUAL(sock_pair(AF_UNIX, SOCK_DGRAM, 0, 0, pair), 0);
}

static void as_many_descriptors_arrive_as_there_is_room_for(void) {
  sock_handle pair[2];
  unix_pair(pair);
  for (uint32_t size = 0; size < 80; size++) {
    int flags = 0;
    send_rights(pair[0], pair[0], 10);
    const int count = receive_rights(pair[1], size, &flags);
    /* A header of 16 bytes, and a descriptor for every four bytes that are left. */
    const uint32_t fits = size < 16 ? 0 : (size - 16) / 4;
    EXPECT_EQUAL(count, fits < 10 ? fits : 10);
    EXPECT_EQUAL((flags & MSG_CTRUNC) != 0, fits < 10);
    EXPECT_EQUAL(flags & MSG_CMSG_CLOEXEC, 0);
  }
  close_pair(pair);
}

static void the_last_message_needs_no_padding(void) {
  sock_handle pair[2];
  unix_pair(pair);
  const int on = 1;
  int flags = 0;
  EXPECT_EQUAL(sock_set_option_raw(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)), 0);
  send_rights(pair[0], pair[0], 3);
  /* Credentials with their header, then a header and three descriptors. */
  EXPECT_EQUAL(receive_rights(pair[1], 32 + 16 + 12, &flags), 3);
  EXPECT_EQUAL(flags, 0);
  close_pair(pair);
}

static void expect_no_descriptor(const sock_columns *columns) {
  sock_handle pair[2];
  unix_pair(pair);
  uint8_t data[4 * 8];
  uint32_t lengths[4], segments[4];
  int32_t flags[4];
  const sock_batch batch = {data, 8, 4, lengths, flags, NULL, segments, columns};
  for (unsigned count = 1; count <= 3; count++) send_rights(pair[0], pair[0], count);
  EXPECT_EQUAL(sock_recv_batch(pair[1], &batch, 0), 3);
  for (int i = 0; i < 3; i++) {
    EXPECT_EQUAL(lengths[i], 1);
    EXPECT_EQUAL(segments[i], 0);
    EXPECT_EQUAL(flags[i] & MSG_CMSG_CLOEXEC, 0);
  }
  close_pair(pair);
}

static void a_batch_keeps_no_descriptor(void) {
  expect_no_descriptor(NULL);
}

static void a_batch_with_columns_keeps_no_descriptor(void) {
  _Alignas(8) uint8_t memory[4 * 16];
  sock_columns columns;
  const uint32_t wanted = SOCK_COLUMN_FILLED | SOCK_COLUMN_TIMESTAMP | SOCK_COLUMN_ECN;
  EXPECT_EQUAL(sock_columns_layout(&columns, memory, sizeof(memory), wanted, 4), 0);
  expect_no_descriptor(&columns);
}

static void a_batch_keeps_no_descriptor_of_a_process(void) {
  const int passes_process = 76; /* SO_PASSPIDFD, which older kernels lack */
  sock_handle pair[2];
  unix_pair(pair);
  const int on = 1;
  if (sock_set_option_raw(pair[1], SOL_SOCKET, passes_process, &on, sizeof(on)) < 0) {
    close_pair(pair);
    SKIP("the kernel passes no descriptor of the sender's process");
  }
  uint8_t data[8];
  uint32_t length, segment;
  int32_t flags;
  const sock_batch batch = {data, 8, 1, &length, &flags, NULL, &segment, NULL};
  EXPECT_EQUAL(sock_send(pair[0], "x", 1, 0), 1);
  EXPECT_EQUAL(sock_recv_batch(pair[1], &batch, 0), 1);
  close_pair(pair);
}

static void lengths_that_lie_are_refused(void) {
  sock_handle pair[2];
  unix_pair(pair);
  room control;
  char byte = 0;
  const sock_buffer piece = {&byte, 1};
  const uint32_t lies[] = {5, 8, 1000, UINT32_MAX - 8, UINT32_MAX};
  for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
    const sock_control head = {SOL_SOCKET, SCM_RIGHTS, lies[i], 0};
    memset(&control, 0, sizeof(control));
    memcpy(control.bytes, &head, sizeof(head));
    const sock_message message = {&piece, 1, NULL, control.bytes, sizeof(head) + 4, 0};
    EXPECT_EQUAL(sock_send_message(pair[0], &message, 0), -EINVAL);
  }
  const sock_message half = {&piece, 1, NULL, control.bytes, sizeof(sock_control) - 1, 0};
  EXPECT_EQUAL(sock_send_message(pair[0], &half, 0), -EINVAL);
  EXPECT_EQUAL(sock_recv(pair[1], &byte, 1, MSG_DONTWAIT), -EAGAIN);
  close_pair(pair);
}

static void more_than_the_most_is_refused(void) {
  sock_handle pair[2];
  unix_pair(pair);
  static uint8_t control[2 * SOCK_CONTROL_MAX];
  char byte = 0;
  const sock_buffer piece = {&byte, 1};
  const sock_control head = {999, 1, SOCK_CONTROL_MAX, 0};
  memcpy(control, &head, sizeof(head));
  const sock_message message = {&piece, 1, NULL, control, sizeof(control), 0};
  EXPECT_EQUAL(sock_send_message(pair[0], &message, 0), -EMSGSIZE);
  const sock_message many = {&piece, SOCK_BUFFERS_MAX + 1, NULL, NULL, 0, 0};
  EXPECT_EQUAL(sock_send_message(pair[0], &many, 0), -EMSGSIZE);
  close_pair(pair);
}

int main(void) {
  RUN(as_many_descriptors_arrive_as_there_is_room_for);
  RUN(the_last_message_needs_no_padding);
  RUN(a_batch_keeps_no_descriptor);
  RUN(a_batch_with_columns_keeps_no_descriptor);
  RUN(a_batch_keeps_no_descriptor_of_a_process);
  RUN(lengths_that_lie_are_refused);
  RUN(more_than_the_most_is_refused);
  return report();
}
