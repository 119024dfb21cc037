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

/* The control messages of a datagram with columns. */
typedef struct wide_control {
  _Alignas(8) uint8_t bytes[512];
} wide_control;
_Static_assert(SOCK_COLUMNS_CONTROL <= sizeof(wide_control), "what a datagram sends fits");

static void take_columns(const sock_columns *columns, uint32_t index, const uint8_t *control,
                         size_t length) {
  sock_control_part part;
  size_t at = 0;
  sock_columns_clear(columns, index);
  while (sock_control_next(control, length, &at, &part)) sock_columns_take(columns, index, &part);
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
  wide_control control;
  name.any.sa_family = AF_UNSPEC;
  WSAMSG header = {batch->addresses != NULL ? &name.any : NULL,
                   batch->addresses != NULL ? (INT)sizeof(name) : 0,
                   &buffer,
                   1,
                   {0, NULL},
                   (DWORD)flags};
  if (batch->columns != NULL) {
    header.Control = (WSABUF){sizeof(control.bytes), (CHAR *)control.bytes};
  } else if (batch->segments != NULL) {
    header.Control = (WSABUF){sizeof(number_control), (CHAR *)control.bytes};
  }
  const int64_t received = sock_receive_message(socket, receive, &header, (int64_t)batch->size);
  if (received < 0) return received;
  batch->lengths[index] = (uint32_t)received;
  batch->flags[index] = (int32_t)header.dwFlags;
  if (batch->addresses != NULL) {
    sock_address_decode(&name, header.namelen, &batch->addresses[index]);
  }
  if (batch->columns != NULL) {
    take_columns(batch->columns, index, control.bytes, header.Control.len);
    if (batch->segments != NULL) {
      batch->segments[index] = coalesced(control.bytes, header.Control.len);
    }
  } else if (batch->segments != NULL) {
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
  if (batch->columns != NULL) sock_columns_clear(batch->columns, index);
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

/* The protocols of a datagram. Without an address they are those of the connected peer. */
static int levels_of(SOCKET socket, const sock_batch *batch, uint32_t index) {
  sock_address peer;
  if (batch->addresses != NULL) return sock_columns_levels(&batch->addresses[index]);
  return sock_columns_levels(sock_peer_address((sock_handle)socket, &peer) < 0 ? NULL : &peer);
}

/* Writes the control messages of a datagram. With a segment size the system cuts it: UDP_SEND_MSG_SIZE. */
static int64_t prepare_control(SOCKET socket, const sock_batch *batch, uint32_t index,
                               DWORD segment, wide_control *control) {
  size_t used = 0;
  if (batch->columns != NULL) {
    const int64_t written =
        sock_columns_write(batch->columns, index, levels_of(socket, batch, index), control->bytes,
                           SOCK_COLUMNS_CONTROL);
    if (written < 0) return written;
    used = (size_t)written;
  }
  if (segment != 0) {
    const int result =
        sock_control_append(control->bytes, sizeof(control->bytes), &used, IPPROTO_UDP,
                            UDP_SEND_MSG_SIZE, &segment, sizeof(segment));
    if (result < 0) return result;
  }
  return (int64_t)used;
}

/* WSASendMsg, or WSASend and WSASendTo if there are no control messages. */
static int64_t send_with(SOCKET socket, WSABUF *buffer, const wide_control *control, size_t length,
                         int flags, sock_system_address *name, int name_length) {
  if (length == 0) return sock_transmit(socket, buffer, 1, flags, name, name_length);
  WSAMSG message = {name != NULL ? &name->any : NULL,
                    name_length,
                    buffer,
                    1,
                    {(ULONG)length, (CHAR *)control->bytes},
                    0};
  DWORD sent = 0;
  if (WSASendMsg(socket, &message, (DWORD)flags, &sent, NULL, NULL) != 0) return sock_fail();
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
  const int several = segment != 0 && segment < length;
  const int whole = batch->columns != NULL && batch->columns->whole;
  wide_control control;
  if (several && (cuts || whole)) {
    const int64_t used = prepare_control(socket, batch, index, segment, &control);
    if (used < 0) return used;
    const int64_t cut = send_with(socket, &buffer, &control, (size_t)used, flags, to, name_length);
    /* A device that cannot cut segments. */
    if (whole || (cut != -EINVAL && cut != -ENOPROTOOPT && cut != -ENOTSUP)) return cut;
  }
  const int64_t used = prepare_control(socket, batch, index, 0, &control);
  if (used < 0) return used;
  ULONG sent = 0;
  do {
    const ULONG left = length - sent;
    WSABUF piece = {several && left > segment ? segment : left, buffer.buf + sent};
    const int64_t result =
        send_with(socket, &piece, &control, (size_t)used, flags, to, name_length);
    if (result < 0) return result;
    sent += piece.len;
  } while (sent < length);
  return sent;
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
