/* WSASendMsg and WSARecvMsg with control messages. */
#include "windows_transfer.h"

#ifdef SOCK_SYSTEM_WINDOWS

typedef struct system_control {
  _Alignas(8) uint8_t bytes[SOCK_CONTROL_MAX];
} system_control;

int sock_find_recvmsg(SOCKET socket, LPFN_WSARECVMSG *out) {
  GUID id = WSAID_WSARECVMSG;
  DWORD filled = 0;
  return WSAIoctl(socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof(id), out, sizeof(*out),
                  &filled, NULL, NULL) != 0
             ? sock_fail()
             : 0;
}

int64_t sock_receive_message(SOCKET socket, LPFN_WSARECVMSG receive, WSAMSG *message,
                             int64_t total) {
  const DWORD flags = message->dwFlags;
  const int held = flags & MSG_DONTWAIT ? sock_mode_hold(socket) : 0;
  if (held < 0) return held;
  const ULONG room = message->Control.len;
  const int name_room = message->namelen;
  int64_t result = -EINTR;
  while (result == -EINTR) {
    DWORD received = 0;
    message->dwFlags = flags & ~(DWORD)MSG_DONTWAIT;
    message->Control.len = room;
    message->namelen = name_room;
    if (receive(socket, message, &received, NULL, NULL) == 0) {
      result = received;
    } else if (WSAGetLastError() == WSAEMSGSIZE) {
      message->dwFlags |= MSG_TRUNC;
      result = total;
    } else {
      result = sock_receive_failed(socket);
    }
  }
  message->dwFlags &= SOCK_MESSAGE_FLAGS;
  sock_mode_release(socket, held);
  return result;
}

/* Streams have no control messages on Windows. */
static int64_t send_stream(sock_handle socket, const sock_message *message, int flags) {
  if (message->control_length > 0) return -ENOTSUP;
  return sock_send_vectored(socket, message->buffers, message->count, flags, message->address);
}

static int64_t send_message(SOCKET socket, const sock_message *message, int flags) {
  sock_wsabufs list;
  int result = sock_wsabufs_fill(&list, message->buffers, message->count);
  if (result < 0) return result;
  sock_system_address name;
  socklen_t name_length = 0;
  if (message->address != NULL) {
    result = sock_address_encode(message->address, &name, &name_length);
    if (result < 0) return result;
  }
  system_control control;
  const int64_t used = sock_control_encode(message->control, message->control_length, control.bytes,
                                           sizeof(control.bytes));
  if (used < 0) return used;
  WSAMSG header = {message->address != NULL ? &name.any : NULL,
                   name_length,
                   list.list,
                   list.count,
                   {(ULONG)used, used > 0 ? (CHAR *)control.bytes : NULL},
                   0};
  const int held = flags & MSG_DONTWAIT ? sock_mode_hold(socket) : 0;
  if (held < 0) return held;
  DWORD sent = 0;
  const int failed = WSASendMsg(socket, &header, (DWORD)(flags & ~MSG_DONTWAIT), &sent, NULL, NULL);
  sock_mode_release(socket, held);
  return failed != 0 ? sock_fail() : (int64_t)sent;
}

int64_t sock_send_message(sock_handle socket, const sock_message *message, int flags) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  const int has_messages = sock_has_messages(number);
  if (has_messages < 0) return has_messages;
  return has_messages ? send_message(number, message, flags) : send_stream(socket, message, flags);
}

static int64_t receive_stream(sock_handle socket, sock_message *message, int flags) {
  message->control_length = 0;
  return sock_recv_vectored(socket, message->buffers, message->count, flags, &message->flags,
                            message->address);
}

static int64_t receive_message(SOCKET socket, sock_message *message, int flags) {
  LPFN_WSARECVMSG receive = NULL;
  int result = sock_find_recvmsg(socket, &receive);
  if (result < 0) return result;
  sock_wsabufs list;
  result = sock_wsabufs_fill(&list, message->buffers, message->count);
  if (result < 0) return result;
  sock_system_address name;
  name.any.sa_family = AF_UNSPEC;
  system_control control;
  /* The header of `sock_control` is not larger than Winsock's, so what fits here also fits there. */
  _Static_assert(sizeof(sock_control) <= CMSG_LEN(0), "what Winsock fills fits `control`");
  const uint32_t room =
      message->control_length < SOCK_CONTROL_MAX ? message->control_length : SOCK_CONTROL_MAX;
  WSAMSG header = {message->address != NULL ? &name.any : NULL,
                   message->address != NULL ? (INT)sizeof(name) : 0,
                   list.list,
                   list.count,
                   {room, room > 0 ? (CHAR *)control.bytes : NULL},
                   (DWORD)flags};
  const int64_t received = sock_receive_message(socket, receive, &header, list.total);
  if (received < 0) return received;
  message->flags = (int)header.dwFlags;
  if (message->address != NULL) sock_address_decode(&name, header.namelen, message->address);
  message->control_length = sock_control_decode(control.bytes, header.Control.len, message->control,
                                                message->control_length);
  return received;
}

int64_t sock_recv_message(sock_handle socket, sock_message *message, int flags) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  const int has_messages = sock_has_messages(number);
  if (has_messages < 0) return has_messages;
  return has_messages ? receive_message(number, message, flags)
                      : receive_stream(socket, message, flags);
}

#endif
