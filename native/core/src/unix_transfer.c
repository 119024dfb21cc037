/* Receiving and sending. */
#include "system.h"

#ifdef SOCK_SYSTEM_UNIX

int64_t sock_recv(sock_handle socket, void *data, size_t length, int flags) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  const ssize_t count = recv(descriptor, data, length, flags);
  return count < 0 ? sock_fail() : count;
}

int64_t sock_recv_from(sock_handle socket, void *data, size_t length, int flags,
                       sock_address *from) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  sock_system_address name;
  socklen_t name_length = sizeof(name);
  /* Some systems do not set the length for a stream. Then the address must read as none. */
  name.any.sa_family = AF_UNSPEC;
  const ssize_t count = recvfrom(descriptor, data, length, flags, &name.any, &name_length);
  if (count < 0) return sock_fail();
  sock_address_decode(&name, name_length, from);
  return count;
}

int64_t sock_recv_vectored(sock_handle socket, const sock_buffer *buffers, size_t count, int flags,
                           int *out_flags, sock_address *from) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  if (count > SOCK_BUFFERS_MAX) return -EMSGSIZE;
  struct msghdr message = sock_message_of(buffers, count);
  sock_system_address name;
  if (from != NULL) {
    name.any.sa_family = AF_UNSPEC;
    message.msg_name = &name;
    message.msg_namelen = sizeof(name);
  }
  const ssize_t received = recvmsg(descriptor, &message, flags);
  if (received < 0) return sock_fail();
  *out_flags = message.msg_flags;
  if (from != NULL) sock_address_decode(&name, message.msg_namelen, from);
  return received;
}

int64_t sock_send(sock_handle socket, const void *data, size_t length, int flags) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  const ssize_t count = send(descriptor, data, length, flags | SOCK_SEND_FLAGS);
  return count < 0 ? sock_fail() : count;
}

int64_t sock_send_to(sock_handle socket, const void *data, size_t length, int flags,
                     const sock_address *to) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  sock_system_address name;
  socklen_t name_length = 0;
  const int result = sock_address_encode(to, &name, &name_length);
  if (result < 0) return result;
  const ssize_t count =
      sendto(descriptor, data, length, flags | SOCK_SEND_FLAGS, &name.any, name_length);
  return count < 0 ? sock_fail() : count;
}

int64_t sock_send_vectored(sock_handle socket, const sock_buffer *buffers, size_t count, int flags,
                           const sock_address *to) {
  const int descriptor = sock_descriptor(socket);
  if (descriptor < 0) return descriptor;
  if (count > SOCK_BUFFERS_MAX) return -EMSGSIZE;
  struct msghdr message = sock_message_of(buffers, count);
  sock_system_address name;
  if (to != NULL) {
    socklen_t name_length = 0;
    const int result = sock_address_encode(to, &name, &name_length);
    if (result < 0) return result;
    message.msg_name = &name;
    message.msg_namelen = name_length;
  }
  const ssize_t sent = sendmsg(descriptor, &message, flags | SOCK_SEND_FLAGS);
  return sent < 0 ? sock_fail() : sent;
}

#endif
