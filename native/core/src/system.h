/*
 * What the files of one system share: its headers, the one place where an error is made, address
 * conversion, control messages and waiting with a deadline. Windows has its part in
 * windows_socket.h.
 */
#ifndef SOCK_SYSTEM_H
#define SOCK_SYSTEM_H

#if defined(__wasi__)
#define SOCK_SYSTEM_WASI 1
#elif defined(_WIN32)
#define SOCK_SYSTEM_WINDOWS 1
#else
#define SOCK_SYSTEM_UNIX 1
#endif

#ifdef SOCK_SYSTEM_WASI
#include <sys/socket.h>

#include <netinet/in.h>

#include <errno.h>
#include <stddef.h>
#include <string.h>
#endif

#ifdef SOCK_SYSTEM_UNIX
/* Under -std=c11 the C libraries hide all but ISO C until asked by these names. */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif
#if defined(__APPLE__)
#ifndef _DARWIN_C_SOURCE
#define _DARWIN_C_SOURCE 1
#endif
#ifndef __APPLE_USE_RFC_3542
#define __APPLE_USE_RFC_3542 1
#endif
#endif
#if defined(__FreeBSD__) || defined(__OpenBSD__) || defined(__DragonFly__)
#ifndef __BSD_VISIBLE
#define __BSD_VISIBLE 1
#endif
#endif
#if defined(__NetBSD__) && !defined(_NETBSD_SOURCE)
#define _NETBSD_SOURCE 1
#endif
#endif

#include "sock.h"

/** A moment of the monotonic clock in nanoseconds. */
typedef int64_t sock_deadline;

#ifdef SOCK_SYSTEM_WINDOWS
#include "windows_socket.h"
#endif

#ifdef SOCK_SYSTEM_UNIX

#include <sys/types.h>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#if defined(__linux__)
#include <netinet/udp.h>

#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#endif

#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__) || \
    defined(__DragonFly__)
/** The BSD family: `sa_len`, kqueue(2), one-byte IPv4 multicast options. */
#define SOCK_SYSTEM_BSD 1
#endif

/** The last failed system call's error, as every function of sock.h returns it. */
static inline int sock_fail(void) {
  return -errno;
}

/** The descriptor of a handle, or -EBADF for a number that no descriptor can have. */
static inline int sock_descriptor(sock_handle handle) {
  return handle < 0 || handle > INT_MAX ? -EBADF : (int)handle;
}

/** Room for an address of any family, aligned for each. */
typedef union sock_system_address {
  struct sockaddr any;
  struct sockaddr_in ipv4;
  struct sockaddr_in6 ipv6;
  struct sockaddr_un local;
#if defined(__linux__)
  struct sockaddr_vm vsock;
  struct sockaddr_ll packet;
  struct sockaddr_nl netlink;
#endif
  struct sockaddr_storage storage;
  uint8_t bytes[sizeof(struct sockaddr_storage)];
} sock_system_address;

/** Fills `out` and `length`. -EINVAL, -ENAMETOOLONG or -EAFNOSUPPORT when `address` cannot be one. */
int sock_address_encode(const sock_address *address, sock_system_address *out, socklen_t *length);
/** `length` is what the system reported, which may exceed the room it had. */
void sock_address_decode(const sock_system_address *in, socklen_t length, sock_address *out);

/** Closes the descriptors that arrived. */
void sock_control_close(const uint8_t *control, size_t length);

#if defined(MSG_CMSG_CLOEXEC)
/** Descriptors arrive close-on-exec. */
#define SOCK_RECEIVE_FLAGS MSG_CMSG_CLOEXEC
#else
#define SOCK_RECEIVE_FLAGS 0
/** Sets close-on-exec on the descriptors that arrived. */
void sock_control_cloexec(const uint8_t *control, size_t length);
#endif

/**
 * poll(2) on one descriptor until something is ready, over EINTR. Returns 1 and
 * fills `ready`, or 0 when the deadline has passed.
 */
int sock_poll_until(int descriptor, short events, sock_deadline deadline, short *ready);

#endif

#if defined(SOCK_SYSTEM_UNIX) || defined(SOCK_SYSTEM_WINDOWS)

/** The header of a control message in the system's layout. */
#if defined(SOCK_SYSTEM_WINDOWS)
typedef WSACMSGHDR sock_control_header;
#else
typedef struct cmsghdr sock_control_header;
#endif

/** One control message in the system's layout. */
typedef struct sock_control_part {
  int level;
  int type;
  const uint8_t *data;
  size_t length;
} sock_control_part;

/**
 * The control message at `at`, which moves on; 0 when there is none. A length that says more than
 * is there is cut down to it. Not CMSG_NXTHDR, which in some C libraries passes over a last message
 * whose padding has no room, and with it over the descriptors in it.
 */
int sock_control_next(const uint8_t *control, size_t length, size_t *at, sock_control_part *part);
/** From `sock_control`s to the system's layout. Returns the bytes filled, -EINVAL or -EMSGSIZE. */
int64_t sock_control_encode(const uint8_t *control, uint32_t length, uint8_t *out, size_t room);
/** From the system's layout to `sock_control`s, as many as fit. Returns the bytes filled. */
uint32_t sock_control_decode(const uint8_t *control, size_t length, uint8_t *out, uint32_t room);
/** The moment `milliseconds` from now: at once for 0, never for a negative number. */
sock_deadline sock_deadline_after(double milliseconds);
/** The time left as poll(2) takes it: milliseconds, rounded up; -1 for ever. */
int sock_deadline_left(sock_deadline deadline);
#endif
#endif
