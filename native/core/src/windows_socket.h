/*
 * What the files for Windows share: Winsock's headers, node's error numbers, the one place where an error is made,
 * address conversion and the blocking mode.
 */
#ifndef SOCK_WINDOWS_SOCKET_H
#define SOCK_WINDOWS_SOCKET_H

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN 1
#endif

/* winsock2.h must come before windows.h, which would include Winsock 1. */
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

/* Some compilers' headers do not have these yet. The numbers are those of Microsoft's ws2ipdef.h and mstcpip.h. */
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
 * Replacements for the macros WSA_CMSG_LEN and WSA_CMSG_SPACE, which are not C11: they define a type inside
 * offsetof. Header and data are aligned to 8 on every 64-bit Windows.
 */
#undef CMSG_LEN
#undef CMSG_SPACE
#define SOCK_CONTROL_ALIGNED(length) (((size_t)(length) + 7) & ~(size_t)7)
#define CMSG_LEN(length) (SOCK_CONTROL_ALIGNED(sizeof(WSACMSGHDR)) + (size_t)(length))
#define CMSG_SPACE(length) SOCK_CONTROL_ALIGNED(sizeof(WSACMSGHDR) + SOCK_CONTROL_ALIGNED(length))
_Static_assert(_Alignof(WSACMSGHDR) == 8 && MAX_NATURAL_ALIGNMENT == 8, "a 64-bit Windows");

/**
 * Winsock has no MSG_DONTWAIT. This bit stands for it, because no flag of Winsock uses it. libsock removes it from
 * the flags and does not let the call wait.
 */
#define MSG_DONTWAIT 0x01000000

/** The error of the last failed call of Winsock, in the form that the functions of sock.h return. */
int sock_fail(void);
/** Converts an error number of Windows or Winsock into node's. 0 stays 0. */
int sock_error_number(int error);

/** The SOCKET of a handle. The caller checks for INVALID_SOCKET, for which Winsock would say ENOTSOCK. */
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

/**
 * Fills `out` and `length`. -EINVAL, -ENAMETOOLONG or -EAFNOSUPPORT if `address` is not an address of this system.
 */
int sock_address_encode(const sock_address *address, sock_system_address *out, socklen_t *length);
/** `length` is the length that the system reported. It may be larger than the room. */
void sock_address_decode(const sock_system_address *in, socklen_t length, sock_address *out);

/** The arguments with which the socket was made: getsockopt(SO_PROTOCOL_INFOW). */
int sock_protocol_info(SOCKET socket, WSAPROTOCOL_INFOW *info);
/**
 * `sock_fail` for a call with an address. An address of another family is EAFNOSUPPORT. Winsock's providers return
 * other errors.
 */
int sock_fail_with(SOCKET socket, const sock_system_address *name);
/** 1 for a datagram or raw socket, else 0: getsockopt(SO_TYPE). */
int sock_has_messages(SOCKET socket);

/*
 * The blocking mode of sockets. Windows lets a program set it, but not read it (ioctlsocket, FIONBIO). So libsock
 * remembers what it set. This is the only state of libsock outside its pollers. It belongs to the process, as the
 * system's own table of sockets does.
 */

/** 1 for non-blocking, else 0. */
int sock_mode_get(SOCKET socket);
/** Remembers the mode of a socket and its clones. */
void sock_mode_set(SOCKET socket, int nonblocking);
/** Makes a clone share the mode of its origin, as the system does. -ENOMEM. */
int sock_mode_share(SOCKET origin, SOCKET clone);
/**
 * Forgets the mode of a socket that is about to be closed. The next socket with this number starts in blocking
 * mode.
 */
void sock_mode_forget(SOCKET socket);

/** ioctlsocket(FIONBIO), and remembers it. */
int sock_mode_change(SOCKET socket, int nonblocking);
/**
 * Puts a blocking socket into non-blocking mode for one call. Returns 1 if it did, and then `sock_mode_release` has
 * to follow. Returns 0 if the socket was in non-blocking mode.
 *
 * If another thread makes a blocking call on the socket meanwhile, that call may see the mode.
 */
int sock_mode_hold(SOCKET socket);
/** Ends `sock_mode_hold`. Keeps WSAGetLastError(). */
void sock_mode_release(SOCKET socket, int held);

#endif
