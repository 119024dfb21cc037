/* What the files that receive and send share. */
#ifndef SOCK_WINDOWS_TRANSFER_H
#define SOCK_WINDOWS_TRANSFER_H

#include "system.h"

#ifdef SOCK_SYSTEM_WINDOWS

/** The flags that Winsock sets. The other flags are those of the call. */
#define SOCK_MESSAGE_FLAGS (MSG_TRUNC | MSG_CTRUNC | MSG_BCAST | MSG_MCAST | MSG_PARTIAL)

/** The buffers of a call in Winsock's form. */
typedef struct sock_wsabufs {
  WSABUF list[SOCK_BUFFERS_MAX];
  DWORD count;
  /** The bytes of all of them. */
  int64_t total;
} sock_wsabufs;

/** -EMSGSIZE if there are too many buffers or too many bytes. */
int sock_wsabufs_fill(sock_wsabufs *out, const sock_buffer *buffers, size_t count);

/**
 * WSARecv or WSARecvFrom in the blocking mode of the socket. `flags` gets msg_flags. `name` may be NULL. Returns
 * the number of bytes as recvmsg(2) does: bytes that did not fit are lost, and MSG_TRUNC is set.
 */
int64_t sock_receive(SOCKET socket, WSABUF *buffers, DWORD count, int64_t total, int *flags,
                     sock_system_address *name, int *name_length);
/** WSASend or WSASendTo. `name` may be NULL. */
int64_t sock_transmit(SOCKET socket, WSABUF *buffers, DWORD count, int flags,
                      const sock_system_address *name, int name_length);
/**
 * The result of a failed receive. -EINTR if the failure is only about an earlier datagram to another peer. Then the
 * caller receives again.
 */
int sock_receive_failed(SOCKET socket);

/** Finds WSARecvMsg, of which every provider has its own: WSAIoctl(SIO_GET_EXTENSION_FUNCTION_POINTER). */
int sock_find_recvmsg(SOCKET socket, LPFN_WSARECVMSG *out);
/** `sock_receive` with a WSAMSG. `message->dwFlags` has the flags and gets msg_flags. */
int64_t sock_receive_message(SOCKET socket, LPFN_WSARECVMSG receive, WSAMSG *message,
                             int64_t total);

#endif
#endif
