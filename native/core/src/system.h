/*
 * What the files of a system share: its headers, the one place where an error is made, address conversion, control
 * messages and deadlines. windows_socket.h has the part for Windows.
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
/* With -std=c11 the C libraries declare only ISO C unless these names are defined. */
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

/** The error of the last failed system call, in the form that the functions of sock.h return. */
static inline int sock_fail(void) {
  return -errno;
}

/** The descriptor of a handle. -EBADF for a number that no descriptor can have. */
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

/**
 * Fills `out` and `length`. -EINVAL, -ENAMETOOLONG or -EAFNOSUPPORT if `address` is not an address of this system.
 */
int sock_address_encode(const sock_address *address, sock_system_address *out, socklen_t *length);
/** `length` is the length that the system reported. It may be larger than the room. */
void sock_address_decode(const sock_system_address *in, socklen_t length, sock_address *out);

/* A send to a peer that is gone returns EPIPE. Without the flag it would also raise SIGPIPE, which ends the process. */
#if defined(MSG_NOSIGNAL)
#define SOCK_SEND_FLAGS MSG_NOSIGNAL
#else
#define SOCK_SEND_FLAGS 0
#endif

/* The caller's array of buffers goes to the system as it is. That needs the same layout. */
_Static_assert(sizeof(sock_buffer) == sizeof(struct iovec), "sock_buffer is an iovec");
_Static_assert(offsetof(sock_buffer, data) == offsetof(struct iovec, iov_base), "same order");
_Static_assert(offsetof(sock_buffer, length) == offsetof(struct iovec, iov_len), "same order");
_Static_assert(SOCK_BUFFERS_MAX <= UINT16_MAX, "a count of buffers fits 16 bits");

/** A msghdr of these buffers, without address and control messages. `count` is at most SOCK_BUFFERS_MAX. */
static inline struct msghdr sock_message_of(const sock_buffer *buffers, size_t count) {
  struct msghdr message;
  memset(&message, 0, sizeof(message));
  message.msg_iov = (struct iovec *)buffers;
  /* The field is an int on some systems and a size_t on others. 16 bits widen to either. */
  message.msg_iovlen = (uint16_t)count;
  return message;
}

/** Closes the descriptors that arrived. */
void sock_control_close(const uint8_t *control, size_t length);

#if defined(__APPLE__)
#define SOCK_BATCH_APPLE 1
#endif
#if defined(SOCK_BATCH_APPLE)
/**
 * Receives without waiting into the datagrams of a batch from `from` on, with few calls. Returns the index after the
 * last one that came. Reports no error: a call for the next datagram does.
 */
uint32_t sock_apple_receive(int descriptor, const sock_batch *batch, uint32_t from, int flags);
/** Sends the first datagrams of a batch with few calls. Returns how many. Reports no error either. */
uint32_t sock_apple_send(int descriptor, const sock_batch *batch, int flags);
#endif

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
 * Reads the control message at `at` and moves `at` to the next one. Returns 0 if there is none. If the header
 * claims more bytes than there are, the message ends with the last byte. This replaces CMSG_NXTHDR, which in some C
 * libraries skips a last message that has no room for its padding, and so loses the descriptors in it.
 */
int sock_control_next(const uint8_t *control, size_t length, size_t *at, sock_control_part *part);
/** Appends a control message to the `used` bytes in `out`. -EMSGSIZE if it does not fit. */
int sock_control_append(uint8_t *out, size_t room, size_t *used, int level, int type,
                        const void *data, size_t length);
/** Converts `sock_control`s to the system's layout. Returns the number of bytes, -EINVAL or -EMSGSIZE. */
int64_t sock_control_encode(const uint8_t *control, uint32_t length, uint8_t *out, size_t room);
/** Converts from the system's layout to `sock_control`s, as many as fit. Returns the number of bytes. */
uint32_t sock_control_decode(const uint8_t *control, size_t length, uint8_t *out, uint32_t room);

/** The protocols whose control messages a datagram needs. */
enum { SOCK_LEVEL_IPV4 = 1, SOCK_LEVEL_IPV6 = 2 };

/** Writes zeros to the received columns of a slot. */
void sock_columns_clear(const sock_columns *columns, uint32_t index);
/**
 * Writes a received control message to the columns of a slot. A message that is too short is ignored. Returns 0 if
 * the message belongs to no column.
 */
int sock_columns_take(const sock_columns *columns, uint32_t index, const sock_control_part *part);
/** The protocols for a destination. Both if it is NULL, for a connected socket: the system ignores the other's. */
int sock_columns_levels(const sock_address *destination);
/** Room for what `sock_columns_write` writes, and a segment size. */
#define SOCK_COLUMNS_CONTROL 256
/**
 * Writes the control messages for a slot to send. Returns the number of bytes, -EINVAL for a source of the wrong
 * family, -EMSGSIZE, or -SOCK_EUNSUPPORTED.
 */
int64_t sock_columns_write(const sock_columns *columns, uint32_t index, int levels, uint8_t *out,
                           size_t room);
/** The moment `milliseconds` from now. 0: at once. Negative: never. */
sock_deadline sock_deadline_after(double milliseconds);
/** The time left as poll(2) takes it: milliseconds, rounded up. -1: for ever. */
int sock_deadline_left(sock_deadline deadline);
#endif
#endif
