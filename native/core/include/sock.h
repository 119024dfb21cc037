/*
 * libsock: one socket API over POSIX, WASI and Winsock.
 *
 * Every function returns a value >= 0 on success and a negative system error
 * number on failure. There is no global state and no allocation; each call is
 * one system call unless its comment says otherwise. Nothing above this header
 * may assume a POSIX descriptor, a POSIX `struct sockaddr` or an errno value:
 * handles are opaque 64-bit numbers, addresses are `sock_address`, and error
 * and constant names come from `sock_error_name` and `sock_constants`.
 */
#ifndef SOCK_H
#define SOCK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A system socket: a file descriptor on POSIX and WASI, a SOCKET on Windows. */
typedef int64_t sock_handle;

/** Returned (negative) when this system has no such operation or option. */
#define SOCK_EUNSUPPORTED 100000

/** Portable address families of `sock_address.family`. */
enum {
  SOCK_FAMILY_UNSPEC = 0,
  SOCK_FAMILY_IPV4 = 1,
  SOCK_FAMILY_IPV6 = 2,
  SOCK_FAMILY_UNIX = 3,
  SOCK_FAMILY_VSOCK = 4,
  SOCK_FAMILY_PACKET = 5,
  SOCK_FAMILY_NETLINK = 6,
  /** Set together with the system's own family number when none of the above fits. */
  SOCK_FAMILY_SYSTEM = 0x8000
};

#define SOCK_ADDRESS_DATA 112

/**
 * A socket address in one layout for every system, so that the layers above
 * read it without knowing the system's `struct sockaddr`. All numbers are in
 * host byte order.
 *
 * | family  | port     | flowinfo | scope_id        | data                          |
 * |---------|----------|----------|-----------------|-------------------------------|
 * | IPV4    | port     |          |                 | 4 address bytes               |
 * | IPV6    | port     | flowinfo | zone index      | 16 address bytes              |
 * | UNIX    |          |          |                 | path, or NUL + abstract name  |
 * | VSOCK   |          | port     | context id      |                               |
 * | PACKET  | protocol | hatype << 16 \| pkttype | interface index | link-layer address |
 * | NETLINK |          | groups   | port id         |                               |
 * | system  |          |          |                 | the bytes after the family    |
 *
 * A unix address of length 0 is unnamed.
 */
typedef struct sock_address {
  uint16_t family;
  uint16_t port;
  uint32_t flowinfo;
  uint32_t scope_id;
  uint32_t length;
  uint8_t data[SOCK_ADDRESS_DATA];
} sock_address;

#define SOCK_VALUE_BYTES 244

/**
 * The value of a socket option in one layout for every system. Which part
 * holds the value follows from the codec of the option's row:
 *
 * | codec           | number                            | bytes                                  |
 * |-----------------|-----------------------------------|----------------------------------------|
 * | bool            | 0 or 1                            |                                        |
 * | int, u32, u8    | the number                        |                                        |
 * | seconds         | milliseconds                      |                                        |
 * | milliseconds    | milliseconds, -1 for no time-out  |                                        |
 * | timeval         | milliseconds, -1 for no time-out  |                                        |
 * | linger          | milliseconds, -1 for off          |                                        |
 * | errno           | 0 or a positive error number      |                                        |
 * | interfaceIndex  | the index                         |                                        |
 * | ipv4            |                                   | 4 address bytes                        |
 * | ipMreq, ipMreqn | interface index (0: by address)   | 4 group bytes, 4 interface bytes       |
 * | ipMreqSource    |                                   | 4 group, 4 interface, 4 source bytes   |
 * | ipv6Mreq        | interface index                   | 16 group bytes                         |
 * | string, bytes   |                                   | `length` bytes                         |
 * | u64             |                                   | 8 bytes, host byte order               |
 */
typedef struct sock_value {
  double number;
  uint32_t length;
  uint8_t bytes[SOCK_VALUE_BYTES];
} sock_value;

/** One piece of a vectored transfer. */
typedef struct sock_buffer {
  void *data;
  size_t length;
} sock_buffer;

/** At most this many pieces cross in one vectored call (IOV_MAX on Linux). */
#define SOCK_BUFFERS_MAX 1024

/** Flags of `sock_open`, `sock_pair` and `sock_accept`. */
enum {
  /** Leave the descriptor as the system makes it: inheritable by exec. */
  SOCK_OPEN_INHERITABLE = 1,
  /** `sock_accept`: return -EAGAIN instead of waiting, whatever the blocking mode. */
  SOCK_OPEN_DONTWAIT = 2
};

/** Bits of interest and readiness. */
enum {
  SOCK_READABLE = 1,
  SOCK_WRITABLE = 2,
  /** Only reported: an error is pending. */
  SOCK_ERROR = 4,
  /** Only reported: the peer closed. */
  SOCK_HANGUP = 8,
  /** Exceptional condition, such as out-of-band data. */
  SOCK_PRIORITY = 16
};

/** socket(2). Returns the handle. */
int64_t sock_open(int domain, int type, int protocol, unsigned flags);
/** socketpair(2). Fills `out`. */
int sock_pair(int domain, int type, int protocol, unsigned flags, sock_handle out[2]);
/** close(2). The handle is gone whatever this returns. */
int sock_close(sock_handle socket);
/**
 * WASI only, where closing leaves the sending of what is queued to the component: lets go of the
 * closed sockets that are done with it. Returns how many are not.
 */
uint32_t sock_closing(void);
/** 0 when the number is an open socket; -EBADF or -ENOTSOCK. getsockopt(SO_TYPE). */
int sock_check(sock_handle socket);
/** fcntl(F_SETFD, FD_CLOEXEC). */
int sock_set_cloexec(sock_handle socket, int on);

/** bind(2). */
int sock_bind(sock_handle socket, const sock_address *address);
/** connect(2). */
int sock_connect(sock_handle socket, const sock_address *address);
/** connect(2) that never waits, whatever the blocking mode: -EINPROGRESS, -EALREADY or -EAGAIN. */
int sock_try_connect(sock_handle socket, const sock_address *address);
/**
 * connect(2) in non-blocking mode, poll(2) over EINTR with the time that
 * remains, SO_ERROR, and back to blocking mode. -ETIMEDOUT when time is up.
 * Linux's unix sockets with SO_SNDTIMEO instead, while the listener's queue is full.
 */
int sock_connect_timeout(sock_handle socket, const sock_address *address, double milliseconds);
/** listen(2). */
int sock_listen(sock_handle socket, int backlog);
/** accept4(2), or accept(2) and fcntl(2). `peer` may be NULL. Returns the handle. */
int64_t sock_accept(sock_handle socket, sock_address *peer, unsigned flags);
/** accept4(2), with the system's flags alone. `peer` may be NULL. Returns the handle. */
int64_t sock_accept4(sock_handle socket, sock_address *peer, int flags);
/** getsockname(2). */
int sock_local_address(sock_handle socket, sock_address *address);
/** getpeername(2). */
int sock_peer_address(sock_handle socket, sock_address *address);
/** fcntl(F_DUPFD_CLOEXEC). Returns the handle. */
int64_t sock_duplicate(sock_handle socket);
/** 1 in non-blocking mode, else 0. fcntl(F_GETFL). */
int sock_nonblocking(sock_handle socket);
/** fcntl(F_GETFL), then fcntl(F_SETFL) when the mode changes. */
int sock_set_nonblocking(sock_handle socket, int on);
/** shutdown(2). `how`: 0 read, 1 write, 2 both. */
int sock_shutdown(sock_handle socket, int how);

/** recv(2). Returns the number of bytes. */
int64_t sock_recv(sock_handle socket, void *data, size_t length, int flags);
/** recvfrom(2). `from->family` is UNSPEC when the system gave no address. */
int64_t sock_recv_from(sock_handle socket, void *data, size_t length, int flags,
                       sock_address *from);
/** recvmsg(2). `from` may be NULL; `out_flags` gets msg_flags. */
int64_t sock_recv_vectored(sock_handle socket, const sock_buffer *buffers, size_t count, int flags,
                           int *out_flags, sock_address *from);
/** send(2) with MSG_NOSIGNAL. */
int64_t sock_send(sock_handle socket, const void *data, size_t length, int flags);
/** sendto(2) with MSG_NOSIGNAL. */
int64_t sock_send_to(sock_handle socket, const void *data, size_t length, int flags,
                     const sock_address *to);
/** sendmsg(2) with MSG_NOSIGNAL. `to` may be NULL. */
int64_t sock_send_vectored(sock_handle socket, const sock_buffer *buffers, size_t count, int flags,
                           const sock_address *to);

/** Bytes of control messages that cross in one call at most. */
#define SOCK_CONTROL_MAX 16384

/**
 * A control message in one layout for every system. In a buffer of several each starts at a
 * multiple of 8, and its `length` bytes of data follow it.
 */
typedef struct sock_control {
  int32_t level;
  int32_t type;
  uint32_t length;
  uint32_t reserved;
} sock_control;

/** sendmsg(2) and recvmsg(2): all that a message has. */
typedef struct sock_message {
  const sock_buffer *buffers;
  size_t count;
  /** NULL without one. */
  sock_address *address;
  /** `sock_control`s, aligned to 8. Receiving: `control_length` is their room, then what was filled. */
  uint8_t *control;
  uint32_t control_length;
  /** Receiving: msg_flags. */
  int flags;
} sock_message;

/** sendmsg(2) with MSG_NOSIGNAL and control messages. */
int64_t sock_send_message(sock_handle socket, const sock_message *message, int flags);
/**
 * recvmsg(2) with control messages. Descriptors that arrive (SCM_RIGHTS) are close-on-exec, and the
 * caller's to close, however the message was truncated.
 */
int64_t sock_recv_message(sock_handle socket, sock_message *message, int flags);

/**
 * Many datagrams of one size at most, in one arena: datagram `i` is at `data + i * size`.
 * The arrays have `count` elements each; `addresses` and `segments` may be NULL.
 */
typedef struct sock_batch {
  uint8_t *data;
  size_t size;
  uint32_t count;
  /** Receiving: filled with the bytes of each. Sending: the bytes of each. */
  uint32_t *lengths;
  /** Receiving: filled with msg_flags. */
  int32_t *flags;
  /** Receiving: filled with the senders. Sending: the receivers. */
  sock_address *addresses;
  /**
   * Receiving: filled with the size of the datagrams that the system coalesced (UDP_GRO), 0 for one
   * datagram. Sending: the size to cut each into (UDP_SEGMENT), 0 to send it whole.
   */
  uint32_t *segments;
} sock_batch;

/**
 * recvmmsg(2), as often as it takes, or recvmsg(2) for each. Waits for the first
 * as the blocking mode says and for no other. Returns how many came.
 */
int64_t sock_recv_batch(sock_handle socket, const sock_batch *batch, int flags);
/**
 * sendmmsg(2) with MSG_NOSIGNAL, or sendmsg(2) for each; a system that can't cut segments is sent
 * them one by one. Returns how many went, or the error of the first.
 */
int64_t sock_send_batch(sock_handle socket, const sock_batch *batch, int flags);

/**
 * sendfile(2): from a file's `offset`, at most `length` bytes, without a copy through the program.
 * Returns the number of bytes; 0 at the end of the file. The only call that may raise SIGPIPE, which
 * the program has to ignore, as Node does: sendfile(2) takes no MSG_NOSIGNAL.
 */
int64_t sock_send_file(sock_handle socket, int64_t file, int64_t offset, size_t length);

/** One instruction of classic BPF: `struct sock_filter`. */
typedef struct sock_instruction {
  uint16_t code;
  uint8_t jump_true;
  uint8_t jump_false;
  uint32_t k;
} sock_instruction;

/**
 * setsockopt(2), SO_ATTACH_FILTER: keeps what the program refuses from the socket. With `reuse_port`
 * SO_ATTACH_REUSEPORT_CBPF: the program says which socket of a group gets it.
 */
int sock_attach_filter(sock_handle socket, const sock_instruction *program, size_t count,
                       int reuse_port);

/** IF_NAMESIZE, with the NUL. */
#define SOCK_INTERFACE_NAME 16

/** A network interface: `struct if_nameindex`. */
typedef struct sock_interface {
  uint32_t index;
  /** Ended by a NUL. */
  char name[SOCK_INTERFACE_NAME];
} sock_interface;

/** if_nametoindex(3). -ENODEV or -ENXIO when there is none. */
int64_t sock_interface_index(const char *name, size_t length);
/** if_indextoname(3). Fills `name`, without a NUL, and returns its length. -ENXIO when there is none. */
int sock_interface_name(uint32_t index, char *name, size_t room);
/** if_nameindex(3), which allocates. Fills `list`; returns how many there are, which may be more. */
int64_t sock_interfaces(sock_interface *list, size_t room);

/** getsockopt(2) by the id of an option row. -SOCK_EUNSUPPORTED when this system lacks the row. */
int sock_get_option(sock_handle socket, unsigned option, sock_value *value);
/** setsockopt(2) by the id of an option row. */
int sock_set_option(sock_handle socket, unsigned option, const sock_value *value);
/** getsockopt(2). `length` goes in as the room and comes out as what was filled. */
int sock_get_option_raw(sock_handle socket, int level, int name, void *data, uint32_t *length);
/** setsockopt(2). */
int sock_set_option_raw(sock_handle socket, int level, int name, const void *data, uint32_t length);

/**
 * poll(2) on one socket, over EINTR. Returns the readiness bits, 0 when time is
 * up. `milliseconds` < 0 waits for ever.
 */
int sock_wait(sock_handle socket, unsigned interest, double milliseconds);

/** One socket of `sock_poll`. */
typedef struct sock_poll_entry {
  sock_handle socket;
  uint32_t interest;
  /** Filled in; SOCK_ERROR for a handle that is none. */
  uint32_t ready;
} sock_poll_entry;

/** poll(2) on many sockets, over EINTR. Returns how many are ready, 0 when time is up. */
int sock_poll(sock_poll_entry *entries, size_t count, double milliseconds);

/** How a socket is registered with a poller, beside SOCK_READABLE, SOCK_WRITABLE and SOCK_PRIORITY. */
enum {
  /** Report a change once, not the state again and again. EPOLLET, EV_CLEAR. */
  SOCK_EDGE = 32,
  /** Report once, then not before it is modified. EPOLLONESHOT, EV_ONESHOT. */
  SOCK_ONE_SHOT = 64
};

/** Readiness of one registered socket. */
typedef struct sock_event {
  /** The caller's own name of the socket. */
  uint32_t token;
  uint32_t ready;
} sock_event;

/** epoll_create1(2) or kqueue(2). Returns the poller's own handle, which polls readable when events wait. */
int64_t sock_poller_open(void);
/** Registers a socket. -EEXIST when it is registered. EPOLL_CTL_ADD. */
int sock_poller_add(int64_t poller, sock_handle socket, uint32_t token, unsigned interest);
/** Changes how a socket is registered. -ENOENT when it is not. EPOLL_CTL_MOD. */
int sock_poller_modify(int64_t poller, sock_handle socket, uint32_t token, unsigned interest);
/** -ENOENT when the socket is not registered. EPOLL_CTL_DEL. */
int sock_poller_remove(int64_t poller, sock_handle socket);
/** Fills up to `capacity` events, over EINTR. Returns how many; 0 when time is up or it was woken. */
int sock_poller_wait(int64_t poller, sock_event *events, int capacity, double milliseconds);
#if defined(_WIN32)
/**
 * Waits until `sock_poller_wait` has something to return, and leaves it there: for a thread that only
 * says so to another. Returns 1; 0 when time is up or `sock_poller_interrupt` was called. Of Windows
 * alone: elsewhere a poller is a descriptor, which poll(2) takes.
 */
int sock_poller_ready(int64_t poller, double milliseconds);
/** Ends a `sock_poller_ready`, or the next one. `sock_poller_wait` does not see it. */
int sock_poller_interrupt(int64_t poller);
#endif
/** Makes what `sock_poller_wake` needs: eventfd(2), or a reference to the queue. Returns its handle. */
int64_t sock_poller_waker(int64_t poller);
/** Ends the wait of another thread on the waker's poller, or its next one. */
int sock_poller_wake(int64_t waker);
/** close(2). Of a waker too. */
int sock_poller_close(int64_t poller);

/** A named number of this system: AF_*, SOCK_*, IPPROTO_*, MSG_*, E*. */
typedef struct sock_constant {
  const char *name;
  int value;
} sock_constant;

/** The constants this system has, ended by a NULL name. */
extern const sock_constant sock_constants[];
/** Error names and numbers of this system, ended by a NULL name. */
extern const sock_constant sock_errors[];
/** "linux", "darwin", "freebsd", "win32", "wasi": process.platform's words. */
extern const char *const sock_system;

#ifdef __cplusplus
}
#endif
#endif
