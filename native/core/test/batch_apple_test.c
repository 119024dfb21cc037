/*
 * batch_test.c with the code for Apple's systems, over functions that do what Apple's recvmsg_x(2) and sendmsg_x(2)
 * are described to do. Then again over functions that refuse everything, as an older system does.
 */
#define SOCK_BATCH_LOOP 1
#define SOCK_BATCH_APPLE 1
#define sock_recv_batch sock_recv_batch_apple
#define sock_send_batch sock_send_batch_apple
#include "../src/unix_batch.c"
#include "../src/unix_batch_apple.c"

#include "expect.h"

static int refuses;
static unsigned calls;

ssize_t recvmsg_x(int descriptor, apple_message *messages, unsigned count, int flags) {
  EXPECT(flags == MSG_DONTWAIT && count > 0 && count <= 100);
  if (refuses) return errno = ENOSYS, -1;
  calls++;
  for (unsigned i = 0; i < count; i++) {
    EXPECT(messages[i].flags == 0 && messages[i].control == NULL);
    struct msghdr one = {.msg_name = messages[i].name,
                         .msg_namelen = messages[i].name_length,
                         .msg_iov = messages[i].pieces,
                         .msg_iovlen = (size_t)messages[i].piece_count};
    const ssize_t received = recvmsg(descriptor, &one, flags);
    if (received < 0) return i > 0 ? (ssize_t)i : -1;
    messages[i].length = (size_t)received;
    messages[i].flags = one.msg_flags;
    messages[i].name_length = one.msg_namelen;
  }
  return (ssize_t)count;
}

ssize_t sendmsg_x(int descriptor, const apple_message *messages, unsigned count, int flags) {
  EXPECT((flags & ~MSG_DONTWAIT) == 0 && count > 0 && count <= 100);
  if (refuses) return errno = EINVAL, -1;
  calls++;
  for (unsigned i = 0; i < count; i++) {
    const struct msghdr one = {.msg_name = messages[i].name,
                               .msg_namelen = messages[i].name_length,
                               .msg_iov = messages[i].pieces,
                               .msg_iovlen = (size_t)messages[i].piece_count};
    if (sendmsg(descriptor, &one, flags | MSG_NOSIGNAL) < 0) return i > 0 ? (ssize_t)i : -1;
  }
  return (ssize_t)count;
}

/* The summary of both runs is the last line. */
#define main batch_main
#include "batch_test.c"
#undef main

int main(void) {
  refuses = 1;
  (void)batch_main();
  EXPECT(calls == 0);
  refuses = 0;
  const int status = batch_main();
  /* The test sends and receives more datagrams than this. */
  EXPECT(calls > 4);
  return status == EXIT_SUCCESS ? report() : status;
}
