/*
 * What the files of the Windows backend share: Winsock's headers, node's error numbers, the one
 * place where an error is made, address conversion and the remembered blocking mode.
 */
#ifndef SOCK_WINDOWS_SOCKET_H
#define SOCK_WINDOWS_SOCKET_H

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN 1
#endif

/* winsock2.h has to come before windows.h, which brings Winsock 1 otherwise. */
#include <winsock2.h>

#include <ws2tcpip.h>

#include <afunix.h>
#include <mstcpip.h>
#include <mswsock.h>
#include <windows.h>

#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "windows_errno.h"

/* Newer than some compilers' headers. The numbers are those of Microsoft's ws2ipdef.h and mstcpip.h. */
#ifndef UDP_SEND_MSG_SIZE
#define UDP_SEND_MSG_SIZE 2
#endif
#ifndef UDP_RECV_MAX_COALESCED_SIZE
#define UDP_RECV_MAX_COALESCED_SIZE 3
#endif
#ifndef UDP_COALESCED_INFO
#define UDP_COALESCED_INFO 3
#endif
#ifndef IP_ECN
#define IP_ECN 50
#endif
#ifndef IP_RECVECN
#define IP_RECVECN 50
#endif
#ifndef IPV6_ECN
#define IPV6_ECN 50
#endif
#ifndef IPV6_RECVECN
#define IPV6_RECVECN 50
#endif
#ifndef SO_ORIGINAL_DST
#define SO_ORIGINAL_DST 0x300f
#endif
#ifndef TCP_KEEPCNT
#define TCP_KEEPCNT 16
#endif
#ifndef TCP_KEEPINTVL
#define TCP_KEEPINTVL 17
#endif

/*
 * WSA_CMSG_LEN and WSA_CMSG_SPACE, whose macros are no C11: they define a type inside offsetof.
 * Header and data are aligned to 8 on every 64-bit Windows.
 */
#undef CMSG_LEN
#undef CMSG_SPACE
#define SOCK_CONTROL_ALIGNED(length) (((size_t)(length) + 7) & ~(size_t)7)
#define CMSG_LEN(length) (SOCK_CONTROL_ALIGNED(sizeof(WSACMSGHDR)) + (size_t)(length))
#define CMSG_SPACE(length) SOCK_CONTROL_ALIGNED(sizeof(WSACMSGHDR) + SOCK_CONTROL_ALIGNED(length))
_Static_assert(_Alignof(WSACMSGHDR) == 8 && MAX_NATURAL_ALIGNMENT == 8, "a 64-bit Windows");

/**
 * Winsock has no MSG_DONTWAIT. This bit, which no flag of Winsock uses, stands for it: libsock takes
 * it out of the flags and keeps the call from waiting.
 */
#define MSG_DONTWAIT 0x01000000

/** The last failed Winsock call's error, as every function of sock.h returns it. */
int sock_fail(void);
/** An error number of Windows or Winsock as node has it; 0 stays 0. */
int sock_error_number(int error);

/** The SOCKET of a handle. Winsock refuses INVALID_SOCKET by itself, but says ENOTSOCK. */
static inline SOCKET sock_socket(sock_handle handle) {
  return handle < 0 || handle > INT_MAX ? INVALID_SOCKET : (SOCKET)handle;
}

/** Room for an address of any family, aligned for each. */
typedef union sock_system_address {
  struct sockaddr any;
  struct sockaddr_in ipv4;
  struct sockaddr_in6 ipv6;
  struct sockaddr_un local;
  struct sockaddr_storage storage;
  uint8_t bytes[sizeof(struct sockaddr_storage)];
} sock_system_address;

/** Fills `out` and `length`. -EINVAL, -ENAMETOOLONG or -EAFNOSUPPORT when `address` cannot be one. */
int sock_address_encode(const sock_address *address, sock_system_address *out, socklen_t *length);
/** `length` is what the system reported, which may exceed the room it had. */
void sock_address_decode(const sock_system_address *in, socklen_t length, sock_address *out);

/** What socket(2) was called with: getsockopt(SO_PROTOCOL_INFOW). */
int sock_protocol_info(SOCKET socket, WSAPROTOCOL_INFOW *info);
/**
 * `sock_fail` of a call with an address. One of another family is EAFNOSUPPORT, for which the providers of
 * Winsock have words of their own.
 */
int sock_fail_with(SOCKET socket, const sock_system_address *name);
/** 1 for a datagram or raw socket, else 0: getsockopt(SO_TYPE). */
int sock_has_messages(SOCKET socket);

/*
 * The blocking mode of sockets. Windows lets a program set it and never read it (ioctlsocket,
 * FIONBIO), so libsock remembers what it set. This is the one state that libsock keeps: it mirrors
 * the system's own table of this process's sockets, and belongs to the process as that does.
 */

/** 1 for non-blocking, else 0. */
int sock_mode_get(SOCKET socket);
/** Remembers the mode of a socket and its clones. */
void sock_mode_set(SOCKET socket, int nonblocking);
/** Has a clone share the mode of its origin, as the system does. -ENOMEM. */
int sock_mode_share(SOCKET origin, SOCKET clone);
/** The number is about to be closed: the next socket that gets it starts in blocking mode. */
void sock_mode_forget(SOCKET socket);

/** ioctlsocket(FIONBIO), and remembers it. */
int sock_mode_change(SOCKET socket, int nonblocking);
/**
 * Puts a blocking socket into non-blocking mode for one call. Returns 1 when it did, and
 * `sock_mode_release` has to follow; 0 for one that is in non-blocking mode anyway.
 *
 * A blocking call of another thread on the same socket may see the mode of these moments.
 */
int sock_mode_hold(SOCKET socket);
/** Ends what `sock_mode_hold` began. Keeps WSAGetLastError(). */
void sock_mode_release(SOCKET socket, int held);

#endif
