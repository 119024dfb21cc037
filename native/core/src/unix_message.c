/* sendmsg(2) and recvmsg(2) with control messages. */
#include "system.h"

#ifdef SOCK_SYSTEM_UNIX

/*
 * How much the system may fill so that the result fits `room` in the layout of `sock_control`, whose header is
 * larger than that of some systems.
 */
static size_t fitting(uint32_t room) {
  const size_t most = CMSG_LEN(0) < sizeof(sock_control) ? room / 2 : room;
  return most < SOCK_CONTROL_MAX ? most : SOCK_CONTROL_MAX;
}

typedef struct system_control {
  _Alignas(struct cmsghdr) uint8_t bytes[SOCK_CONTROL_MAX];
} system_control;

int64_t sock_send_message(sock_handle socket, const sock_message *message, int flags) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  if (message->count > SOCK_BUFFERS_MAX) return -EMSGSIZE;
  struct msghdr header = sock_message_of(message->buffers, message->count);
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
    const int64_t used = sock_control_encode(message->control, message->control_length,
                                             control.bytes, sizeof(control.bytes));
    if (used < 0) return used;
    header.msg_control = control.bytes;
    header.msg_controllen = (socklen_t)used;
  }
  const ssize_t sent = sendmsg(descriptor, &header, flags | SOCK_SEND_FLAGS);
  return sent < 0 ? sock_fail() : sent;
}

/* Packet sockets refuse flags that they do not know. They do not carry descriptors, so the flag is not needed. */
static ssize_t receive(int descriptor, struct msghdr *header, int flags) {
  const ssize_t received = recvmsg(descriptor, header, flags | SOCK_RECEIVE_FLAGS);
  if (received >= 0 || errno != EINVAL || SOCK_RECEIVE_FLAGS == 0) return received;
  return recvmsg(descriptor, header, flags);
}

int64_t sock_recv_message(sock_handle socket, sock_message *message, int flags) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  if (message->count > SOCK_BUFFERS_MAX) return -EMSGSIZE;
  struct msghdr header = sock_message_of(message->buffers, message->count);
  sock_system_address name;
  if (message->address != NULL) {
    name.any.sa_family = AF_UNSPEC;
    header.msg_name = &name;
    header.msg_namelen = sizeof(name);
  }
  system_control control;
  if (message->control_length > 0) {
    /* The system gets no more room than `control` has: a descriptor that arrives must not get lost. */
    header.msg_control = control.bytes;
    header.msg_controllen = (socklen_t)fitting(message->control_length);
  }
  const ssize_t received = receive(descriptor, &header, flags);
  if (received < 0) return sock_fail();
  /* Linux returns the flag that was added. */
  message->flags = header.msg_flags & ~(SOCK_RECEIVE_FLAGS & ~flags);
  if (message->address != NULL) {
    sock_address_decode(&name, header.msg_namelen, message->address);
  }
  if (message->control_length > 0) {
    const size_t filled = header.msg_controllen;
#if !defined(MSG_CMSG_CLOEXEC)
    sock_control_cloexec(control.bytes, filled);
#endif
    message->control_length =
        sock_control_decode(control.bytes, filled, message->control, message->control_length);
  }
  return received;
}

#endif
