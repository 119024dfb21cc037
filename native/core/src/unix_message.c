/* sendmsg(2) and recvmsg(2) with control messages. */
#include "system.h"

#ifdef SOCK_SYSTEM_UNIX

#if defined(MSG_NOSIGNAL)
#define SEND_FLAGS MSG_NOSIGNAL
#else
#define SEND_FLAGS 0
#endif
#if defined(MSG_CMSG_CLOEXEC)
#define RECEIVE_FLAGS MSG_CMSG_CLOEXEC
#else
#define RECEIVE_FLAGS 0
#endif

/* `sock_control`s start at multiples of it. */
#define ALIGNED(length) (((length) + 7u) & ~7u)

/* How much the system may fill so that it fits `room` in the other layout, whose header is larger
   than that of some systems. */
static size_t fitting(uint32_t room) {
  const size_t most = CMSG_LEN(0) < sizeof(sock_control) ? room / 2 : room;
  return most < SOCK_CONTROL_MAX ? most : SOCK_CONTROL_MAX;
}

typedef struct system_control {
  _Alignas(struct cmsghdr) char bytes[SOCK_CONTROL_MAX];
} system_control;

static struct msghdr message_of(const sock_message *message) {
  struct msghdr header;
  memset(&header, 0, sizeof(header));
  header.msg_iov = (struct iovec *)message->buffers;
  /* int on some systems and size_t on others; 16 bits widen to either. */
  header.msg_iovlen = (uint16_t)message->count;
  return header;
}

/* Returns the bytes that the control messages take as the system lays them out. */
static int64_t encode_control(const sock_message *message, system_control *out) {
  size_t used = 0;
  uint32_t at = 0;
  while (at < message->control_length) {
    sock_control part;
    if (message->control_length - at < sizeof(part)) return -EINVAL;
    memcpy(&part, message->control + at, sizeof(part));
    at += (uint32_t)sizeof(part);
    if (part.length > message->control_length - at) return -EINVAL;
    if (CMSG_SPACE(part.length) > sizeof(out->bytes) - used) return -EMSGSIZE;
    struct cmsghdr *const header = (struct cmsghdr *)(void *)(out->bytes + used);
    memset(header, 0, CMSG_SPACE(part.length));
    header->cmsg_level = part.level;
    header->cmsg_type = part.type;
    header->cmsg_len = CMSG_LEN(part.length);
    memcpy(CMSG_DATA(header), message->control + at, part.length);
    used += CMSG_SPACE(part.length);
    at += ALIGNED(part.length);
  }
  return (int64_t)used;
}

int64_t sock_send_message(sock_handle socket, const sock_message *message, int flags) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  if (message->count > SOCK_BUFFERS_MAX) return -EMSGSIZE;
  struct msghdr header = message_of(message);
  sock_system_address name;
  if (message->address != NULL) {
    socklen_t length = 0;
    const int result = sock_address_encode(message->address, &name, &length);
    if (result < 0) return result;
    header.msg_name = &name;
    header.msg_namelen = length;
  }
  system_control control;
  if (message->control_length > 0) {
    const int64_t used = encode_control(message, &control);
    if (used < 0) return used;
    header.msg_control = control.bytes;
    header.msg_controllen = (socklen_t)used;
  }
  const ssize_t sent = sendmsg(descriptor, &header, flags | SEND_FLAGS);
  return sent < 0 ? sock_fail() : sent;
}

/* Packet sockets refuse flags that they do not know. No descriptor comes through them. */
static ssize_t receive(int descriptor, struct msghdr *header, int flags) {
  const ssize_t received = recvmsg(descriptor, header, flags | RECEIVE_FLAGS);
  if (received >= 0 || errno != EINVAL || RECEIVE_FLAGS == 0) return received;
  return recvmsg(descriptor, header, flags);
}

#if !defined(MSG_CMSG_CLOEXEC)
static void close_on_exec(const struct cmsghdr *part, size_t length) {
  if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) return;
  for (size_t at = 0; at + sizeof(int) <= length; at += sizeof(int)) {
    int descriptor;
    memcpy(&descriptor, CMSG_DATA(part) + at, sizeof(descriptor));
    sock_set_cloexec(descriptor, 1);
  }
}
#endif

/* Returns the bytes filled. What the system truncated has the length that is there. */
static uint32_t decode_control(struct msghdr *header, uint8_t *out, uint32_t room) {
  const char *const end = (const char *)header->msg_control + header->msg_controllen;
  uint32_t used = 0;
  for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part != NULL;
       part = CMSG_NXTHDR(header, part)) {
    if (part->cmsg_len < CMSG_LEN(0)) break;
    size_t length = part->cmsg_len - CMSG_LEN(0);
    const size_t there = (size_t)(end - (const char *)CMSG_DATA(part));
    if (length > there) length = there;
#if !defined(MSG_CMSG_CLOEXEC)
    close_on_exec(part, length);
#endif
    const sock_control control = {part->cmsg_level, part->cmsg_type, (uint32_t)length, 0};
    if (room - used < sizeof(control) || room - used - sizeof(control) < length) break;
    memcpy(out + used, &control, sizeof(control));
    used += (uint32_t)sizeof(control);
    memcpy(out + used, CMSG_DATA(part), length);
    const uint32_t next = used + ALIGNED((uint32_t)length);
    used = next < room ? next : room;
  }
  return used;
}

int64_t sock_recv_message(sock_handle socket, sock_message *message, int flags) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  if (message->count > SOCK_BUFFERS_MAX) return -EMSGSIZE;
  struct msghdr header = message_of(message);
  sock_system_address name;
  if (message->address != NULL) {
    name.any.sa_family = AF_UNSPEC;
    header.msg_name = &name;
    header.msg_namelen = sizeof(name);
  }
  system_control control;
  if (message->control_length > 0) {
    /* Never more than fits `control` again: a descriptor that arrives must not get lost. */
    header.msg_control = control.bytes;
    header.msg_controllen = (socklen_t)fitting(message->control_length);
  }
  const ssize_t received = receive(descriptor, &header, flags);
  if (received < 0) return sock_fail();
  /* Linux gives the flag of ours back. */
  message->flags = header.msg_flags & ~(RECEIVE_FLAGS & ~flags);
  if (message->address != NULL) {
    sock_address_decode(&name, header.msg_namelen, message->address);
  }
  message->control_length = header.msg_controllen > 0
                                ? decode_control(&header, message->control, message->control_length)
                                : 0;
  return received;
}

#endif
