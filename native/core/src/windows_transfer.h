/* Receiving and sending: what the files that do it share. */
#ifndef SOCK_WINDOWS_TRANSFER_H
#define SOCK_WINDOWS_TRANSFER_H

#include "system.h"

#ifdef SOCK_SYSTEM_WINDOWS

/** What Winsock says of what it received; the rest of the flags is what it was asked for. */
#define SOCK_MESSAGE_FLAGS (MSG_TRUNC | MSG_CTRUNC | MSG_BCAST | MSG_MCAST | MSG_PARTIAL)

/** The buffers of a call as Winsock takes them. */
typedef struct sock_wsabufs {
  WSABUF list[SOCK_BUFFERS_MAX];
  DWORD count;
  /** All of them together. */
  int64_t total;
} sock_wsabufs;

/** -EMSGSIZE when there are too many buffers, or too much in them. */
int sock_wsabufs_fill(sock_wsabufs *out, const sock_buffer *buffers, size_t count);

/**
 * WSARecv or WSARecvFrom, as the mode says; `flags` come back as msg_flags. `name` may be NULL. Returns the
 * number of bytes as recvmsg(2) does: what did not fit is gone, and MSG_TRUNC says so.
 */
int64_t sock_receive(SOCKET socket, WSABUF *buffers, DWORD count, int64_t total, int *flags,
                     sock_system_address *name, int *name_length);
/** WSASend or WSASendTo. `name` may be NULL. */
int64_t sock_transmit(SOCKET socket, WSABUF *buffers, DWORD count, int flags,
                      const sock_system_address *name, int name_length);
/**
 * What a failed receive returns; -EINTR for a failure that only says what became of an earlier
 * datagram to another peer: then the caller receives again.
 */
int sock_receive_failed(SOCKET socket);

/** WSARecvMsg, which every provider has its own of: WSAIoctl(SIO_GET_EXTENSION_FUNCTION_POINTER). */
int sock_find_recvmsg(SOCKET socket, LPFN_WSARECVMSG *out);
/** `sock_receive` with a WSAMSG. `message->dwFlags` go in as flags and come out as msg_flags. */
int64_t sock_receive_message(SOCKET socket, LPFN_WSARECVMSG receive, WSAMSG *message,
                             int64_t total);

#endif
#endif
