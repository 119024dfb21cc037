/* Many datagrams with one call of libsock. Winsock has no such call, but it cuts and joins segments. */
#include "windows_transfer.h"

#ifdef SOCK_SYSTEM_WINDOWS

/* One control message with a DWORD. */
typedef struct number_control {
  _Alignas(8) uint8_t bytes[CMSG_SPACE(sizeof(DWORD))];
} number_control;

static uint8_t *datagram(const sock_batch *batch, uint32_t index) {
  return batch->data + (size_t)index * batch->size;
}

static uint32_t coalesced(const uint8_t *control, size_t length) {
  sock_control_part part;
  size_t at = 0;
  while (sock_control_next(control, length, &at, &part)) {
    DWORD size = 0;
    if (part.level != IPPROTO_UDP || part.type != UDP_COALESCED_INFO) continue;
    if (part.length < sizeof(size)) continue;
    memcpy(&size, part.data, sizeof(size));
    return size;
  }
  return 0;
}

static int64_t receive_one(SOCKET socket, LPFN_WSARECVMSG receive, const sock_batch *batch,
                           uint32_t index, int flags) {
  WSABUF buffer = {(ULONG)batch->size, (CHAR *)datagram(batch, index)};
  sock_system_address name;
  number_control control;
  name.any.sa_family = AF_UNSPEC;
  WSAMSG header = {batch->addresses != NULL ? &name.any : NULL,
                   batch->addresses != NULL ? (INT)sizeof(name) : 0,
                   &buffer,
                   1,
                   {0, NULL},
                   (DWORD)flags};
  if (batch->segments != NULL) {
    header.Control = (WSABUF){sizeof(control.bytes), (CHAR *)control.bytes};
  }
  const int64_t received = sock_receive_message(socket, receive, &header, (int64_t)batch->size);
  if (received < 0) return received;
  batch->lengths[index] = (uint32_t)received;
  batch->flags[index] = (int32_t)header.dwFlags;
  if (batch->addresses != NULL) {
    sock_address_decode(&name, header.namelen, &batch->addresses[index]);
  }
  if (batch->segments != NULL) {
    batch->segments[index] = coalesced(control.bytes, header.Control.len);
    /* Control messages of other kinds may have used up the room. */
    if (batch->segments[index] == 0) batch->flags[index] &= ~MSG_CTRUNC;
  }
  return 0;
}

/* Streams do not support WSARecvMsg. */
static int64_t receive_stream(sock_handle socket, const sock_batch *batch, uint32_t index,
                              int flags) {
  const sock_buffer piece = {datagram(batch, index), batch->size};
  int out_flags = 0;
  const int64_t received =
      sock_recv_vectored(socket, &piece, 1, flags, &out_flags,
                         batch->addresses != NULL ? &batch->addresses[index] : NULL);
  if (received < 0) return received;
  batch->lengths[index] = (uint32_t)received;
  batch->flags[index] = out_flags;
  if (batch->segments != NULL) batch->segments[index] = 0;
  return 0;
}

int64_t sock_recv_batch(sock_handle socket, const sock_batch *batch, int flags) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  if (batch->count == 0) return 0;
  const int has_messages = sock_has_messages(number);
  if (has_messages < 0) return has_messages;
  LPFN_WSARECVMSG receive = NULL;
  if (has_messages) {
    const int result = sock_find_recvmsg(number, &receive);
    if (result < 0) return result;
  }
  uint32_t done = 0;
  int held = 0;
  int64_t result = 0;
  while (done < batch->count) {
    /* The mode changes once for all datagrams after the first. */
    if (done == 1) held = sock_mode_hold(number);
    if (held < 0) break;
    const int flag = done == 0 ? flags : flags & ~MSG_DONTWAIT;
    result = has_messages ? receive_one(number, receive, batch, done, flag)
                          : receive_stream(socket, batch, done, flag);
    if (result < 0) break;
    done++;
  }
  sock_mode_release(number, held > 0);
  /* The datagrams before an error are returned. A later call gets the error if it lasts. */
  return done > 0 ? (int64_t)done : result;
}

/* Whether the system cuts segments: Windows 10 2004 and later do. An older one might send the whole. */
static int can_cut(SOCKET socket, const sock_batch *batch) {
  if (batch->segments == NULL) return 0;
  DWORD size = 0;
  int length = sizeof(size);
  return getsockopt(socket, IPPROTO_UDP, UDP_SEND_MSG_SIZE, (char *)&size, &length) == 0;
}

/* Has the system cut a datagram into segments: UDP_SEND_MSG_SIZE. */
static int64_t send_cut(SOCKET socket, WSABUF *buffer, DWORD segment, int flags,
                        sock_system_address *name, int name_length) {
  number_control control;
  memset(&control, 0, sizeof(control));
  const sock_control_header header = {CMSG_LEN(sizeof(segment)), IPPROTO_UDP, UDP_SEND_MSG_SIZE};
  memcpy(control.bytes, &header, sizeof(header));
  memcpy(control.bytes + CMSG_LEN(0), &segment, sizeof(segment));
  WSAMSG message = {name != NULL ? &name->any : NULL,
                    name_length,
                    buffer,
                    1,
                    {sizeof(control.bytes), (CHAR *)control.bytes},
                    0};
  DWORD sent = 0;
  if (WSASendMsg(socket, &message, (DWORD)flags, &sent, NULL, NULL) != 0) return sock_fail();
  return sent;
}

static int64_t send_pieces(SOCKET socket, WSABUF whole, DWORD segment, int flags,
                           const sock_system_address *name, int name_length) {
  ULONG sent = 0;
  do {
    const ULONG left = whole.len - sent;
    WSABUF piece = {left < segment ? left : segment, whole.buf + sent};
    const int64_t result = sock_transmit(socket, &piece, 1, flags, name, name_length);
    if (result < 0) return result;
    sent += piece.len;
  } while (sent < whole.len);
  return sent;
}

static int64_t send_one(SOCKET socket, const sock_batch *batch, uint32_t index, int flags,
                        int cuts) {
  const uint32_t length = batch->lengths[index];
  const uint32_t segment = batch->segments != NULL ? batch->segments[index] : 0;
  if (length > batch->size || segment > UINT16_MAX) return -EINVAL;
  sock_system_address name;
  socklen_t name_length = 0;
  if (batch->addresses != NULL) {
    const int result = sock_address_encode(&batch->addresses[index], &name, &name_length);
    if (result < 0) return result;
  }
  sock_system_address *const to = batch->addresses != NULL ? &name : NULL;
  WSABUF buffer = {length, (CHAR *)datagram(batch, index)};
  if (segment == 0 || segment >= length) {
    return sock_transmit(socket, &buffer, 1, flags, to, name_length);
  }
  if (cuts) {
    const int64_t cut = send_cut(socket, &buffer, segment, flags, to, name_length);
    /* A device that cannot cut segments. */
    if (cut != -EINVAL && cut != -ENOPROTOOPT && cut != -ENOTSUP) return cut;
  }
  return send_pieces(socket, buffer, segment, flags, to, name_length);
}

int64_t sock_send_batch(sock_handle socket, const sock_batch *batch, int flags) {
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  const int held = flags & MSG_DONTWAIT ? sock_mode_hold(number) : 0;
  if (held < 0) return held;
  const int cuts = can_cut(number, batch);
  uint32_t done = 0;
  int64_t result = 0;
  for (; done < batch->count && result >= 0; done++) {
    result = send_one(number, batch, done, flags & ~MSG_DONTWAIT, cuts);
    if (result < 0) break;
  }
  sock_mode_release(number, held);
  return done > 0 || result >= 0 ? (int64_t)done : result;
}

#endif
