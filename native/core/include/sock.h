/*
 * libsock: one socket API over POSIX, WASI and Winsock.
 *
 * Every function returns a value >= 0 on success and a negative error number of the system on failure. A call is
 * one system call unless its comment says otherwise.
 *
 * On unix libsock keeps no state and allocates no memory; only `sock_interfaces` uses a call that allocates. On
 * Windows it remembers the blocking mode of sockets, which Windows does not tell, and a poller has memory of its
 * own. On WASI it keeps the table of sockets and what they received early.
 *
 * Code above this header must not assume a POSIX descriptor, a POSIX `struct sockaddr` or fixed errno values. A
 * handle is a 64-bit number, an address is a `sock_address`, and `sock_errors` and `sock_constants` have the names
 * of the numbers.
 */
#ifndef SOCK_H
#define SOCK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A system socket: a file descriptor on POSIX, a SOCKET on Windows, an index of libsock's table on WASI. */
typedef int64_t sock_handle;

/** Returned as a negative number if this system lacks the operation or option. */
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
  /** This bit and the system's own number of the family, if no name above fits. */
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

/** The most pieces of one vectored call (IOV_MAX on Linux). */
#define SOCK_BUFFERS_MAX 1024

/** Flags of `sock_open`, `sock_pair` and `sock_accept`. */
enum {
  /** Leaves the descriptor inheritable by exec(2). */
  SOCK_OPEN_INHERITABLE = 1,
  /** `sock_accept` returns -EAGAIN instead of waiting, in either blocking mode. */
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
  /** An exceptional condition, such as out-of-band data. */
  SOCK_PRIORITY = 16
};

/** socket(2). Returns the handle. */
int64_t sock_open(int domain, int type, int protocol, unsigned flags);
/** socketpair(2). Fills `out`. */
int sock_pair(int domain, int type, int protocol, unsigned flags, sock_handle out[2]);
/** close(2). The handle is closed whatever this returns. */
int sock_close(sock_handle socket);
/**
 * For WASI. There the component goes on sending what a closed socket had queued. Frees the closed sockets that have
 * sent everything, and returns how many have not.
 */
uint32_t sock_closing(void);
/** Returns 0 if the number is an open socket, else -EBADF or -ENOTSOCK. getsockopt(SO_TYPE). */
int sock_check(sock_handle socket);
/** fcntl(F_SETFD, FD_CLOEXEC). */
int sock_set_cloexec(sock_handle socket, int on);

/** bind(2). */
int sock_bind(sock_handle socket, const sock_address *address);
/** connect(2). */
int sock_connect(sock_handle socket, const sock_address *address);
/** connect(2) that never waits, in either blocking mode: -EINPROGRESS, -EALREADY or -EAGAIN. */
int sock_try_connect(sock_handle socket, const sock_address *address);
/**
 * connect(2) in non-blocking mode, then poll(2) for the time that remains, SO_ERROR, and back to blocking mode.
 * -ETIMEDOUT when time is up. If the queue of a unix socket's listener is full, Linux needs SO_SNDTIMEO instead.
 */
int sock_connect_timeout(sock_handle socket, const sock_address *address, double milliseconds);
/** listen(2). */
int sock_listen(sock_handle socket, int backlog);
/** accept4(2), or accept(2) and fcntl(2). `peer` may be NULL. Returns the handle. */
int64_t sock_accept(sock_handle socket, sock_address *peer, unsigned flags);
/** accept4(2) with the system's flags as they are. `peer` may be NULL. Returns the handle. */
int64_t sock_accept4(sock_handle socket, sock_address *peer, int flags);
/**
 * `sock_accept` until `count` connections are accepted, none waits or one fails. Only the first may wait. Fills
 * `accepted` and `peers`. Returns how many, or the error of the first.
 */
int sock_accept_batch(sock_handle socket, sock_handle *accepted, sock_address *peers, int count,
                      unsigned flags);
/** getsockname(2). */
int sock_local_address(sock_handle socket, sock_address *address);
/** getpeername(2). */
int sock_peer_address(sock_handle socket, sock_address *address);
/** fcntl(F_DUPFD_CLOEXEC). Returns the handle. */
int64_t sock_duplicate(sock_handle socket);
/** 1 in non-blocking mode, else 0. fcntl(F_GETFL). */
int sock_nonblocking(sock_handle socket);
/** fcntl(F_GETFL), then fcntl(F_SETFL) if the mode changes. */
int sock_set_nonblocking(sock_handle socket, int on);
/** shutdown(2). `how`: 0 read, 1 write, 2 both. */
int sock_shutdown(sock_handle socket, int how);

/** recv(2). Returns the number of bytes. */
int64_t sock_recv(sock_handle socket, void *data, size_t length, int flags);
/** recvfrom(2). `from->family` is UNSPEC if the system gave no address. */
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

/** The most bytes of control messages in one call. */
#define SOCK_CONTROL_MAX 16384

/**
 * A control message in one layout for every system. In a buffer of several, each starts at a multiple of 8. Its
 * `length` bytes of data follow it.
 */
typedef struct sock_control {
  int32_t level;
  int32_t type;
  uint32_t length;
  uint32_t reserved;
} sock_control;

/** The message of sendmsg(2) and recvmsg(2). */
typedef struct sock_message {
  const sock_buffer *buffers;
  size_t count;
  /** May be NULL. */
  sock_address *address;
  /**
   * `sock_control`s, aligned to 8. `control_length` is their length. Receiving: first the room, then the filled
   * length.
   */
  uint8_t *control;
  uint32_t control_length;
  /** Receiving: msg_flags. */
  int flags;
} sock_message;

/** sendmsg(2) with MSG_NOSIGNAL and control messages. */
int64_t sock_send_message(sock_handle socket, const sock_message *message, int flags);
/**
 * recvmsg(2) with control messages. Descriptors that arrive (SCM_RIGHTS) are close-on-exec. The caller has to close
 * them, even if the message was truncated.
 */
int64_t sock_recv_message(sock_handle socket, sock_message *message, int flags);

/** Bits of a set of columns, in the order in which the columns are in memory. */
enum {
  SOCK_COLUMN_DESTINATION = 1 << 0,
  SOCK_COLUMN_SOURCE = 1 << 1,
  SOCK_COLUMN_TIMESTAMP = 1 << 2,
  SOCK_COLUMN_HARDWARE_TIMESTAMP = 1 << 3,
  SOCK_COLUMN_TRANSMIT_TIME = 1 << 4,
  SOCK_COLUMN_INTERFACE = 1 << 5,
  SOCK_COLUMN_DROPS = 1 << 6,
  /** Always there: which of the others the system gave for a datagram. */
  SOCK_COLUMN_FILLED = 1 << 7,
  SOCK_COLUMN_TOS = 1 << 8,
  SOCK_COLUMN_ECN = 1 << 9,
  SOCK_COLUMN_TTL = 1 << 10,
  SOCK_COLUMNS = 11,
  /** No column: sets `whole`. */
  SOCK_COLUMNS_WHOLE = 1 << 11,
  SOCK_COLUMNS_ALL = (1 << 12) - 1
};

/**
 * What comes and goes with each datagram of a batch. An array is NULL if it was not asked for. Times are in
 * nanoseconds. Receiving fills each element, with 0 for what the system did not give. Sending uses `sources`,
 * `interfaces`, `transmit_times`, `tos`, `ecn` and `ttl`. There 0 or the family UNSPEC leaves the choice to the
 * system, except for `tos` and `ecn`.
 */
typedef struct sock_columns {
  /** The address in the header of the datagram. The port is 0. */
  sock_address *destinations;
  sock_address *sources;
  /** When the kernel received the datagram, and when the device did: since 1970. */
  uint64_t *timestamps;
  uint64_t *hardware_timestamps;
  /** By the clock of SO_TXTIME. */
  uint64_t *transmit_times;
  uint32_t *interfaces;
  /** How many datagrams the socket has lost to a full buffer so far. */
  uint32_t *drops;
  uint16_t *filled;
  /** The whole type of service or traffic class, and its two bits of ECN. */
  uint8_t *tos;
  uint8_t *ecn;
  uint8_t *ttl;
  /** Sending: a system that refuses to cut a datagram into segments is an error, and the datagram is not sent. */
  int whole;
} sock_columns;

/**
 * Points `columns` at the arrays in `memory`: `capacity` elements of each column of `wanted`, in the order of the
 * bits. -EINVAL if they do not fit, for unknown bits, and for memory that is not aligned to 8.
 */
int sock_columns_layout(sock_columns *columns, uint8_t *memory, size_t length, uint32_t wanted,
                        uint32_t capacity);

/**
 * Many datagrams in one piece of memory: datagram `i` is at `data + i * size`. The arrays have `count` elements
 * each. `addresses`, `segments` and `columns` may be NULL.
 */
typedef struct sock_batch {
  uint8_t *data;
  size_t size;
  uint32_t count;
  /** Receiving: gets the number of bytes of each datagram. Sending: has it. */
  uint32_t *lengths;
  /** Receiving: gets msg_flags. */
  int32_t *flags;
  /** Receiving: gets the senders. Sending: has the receivers. */
  sock_address *addresses;
  /**
   * Receiving: gets the size of the datagrams that the system joined (UDP_GRO), or 0 for a single datagram.
   * Sending: has the size to cut each datagram into (UDP_SEGMENT), or 0 to send it whole.
   */
  uint32_t *segments;
  const sock_columns *columns;
} sock_batch;

/**
 * recvmmsg(2) as often as needed, or recvmsg(2) for each. Waits for the first datagram as the blocking mode says,
 * and for no other. Returns how many came.
 */
int64_t sock_recv_batch(sock_handle socket, const sock_batch *batch, int flags);
/**
 * sendmmsg(2) with MSG_NOSIGNAL, or sendmsg(2) for each. A system that cannot cut segments gets them one by one.
 * Returns how many datagrams were sent, or the error of the first.
 */
int64_t sock_send_batch(sock_handle socket, const sock_batch *batch, int flags);

/**
 * sendfile(2): sends at most `length` bytes of a file from `offset`, without a copy through the program. Returns
 * the number of bytes, 0 at the end of the file. This is the only call that may raise SIGPIPE, because sendfile(2)
 * takes no MSG_NOSIGNAL. The program has to ignore it, as Node does.
 */
int64_t sock_send_file(sock_handle socket, int64_t file, int64_t offset, size_t length);

/** pipe2(2), non-blocking and close-on-exec. Fills `out`: the end to read from, the end to write to. Linux. */
int sock_pipe(sock_handle out[2]);

/** Why `sock_splice` returned: there is more to do, a receive or a send would block, or the stream has ended. */
enum { SOCK_SPLICE_MORE, SOCK_SPLICE_RECV, SOCK_SPLICE_SEND, SOCK_SPLICE_END };

typedef struct sock_spliced {
  /** The bytes in the pipe: before the call, and after it. */
  uint32_t held;
  /** How many bytes the call has sent. */
  uint32_t sent;
  /** The length of the last piece that the call has received; 0 if it has received none. */
  uint32_t piece;
} sock_spliced;

/**
 * splice(2): moves bytes from a stream socket to another through a pipe of `sock_pipe`, without a copy through the program.
 * Goes on until a call would block, `from` ends or at least `most` bytes are sent; a piece of no more than `small` bytes is
 * the last, as it would be faster to copy. Returns one of SOCK_SPLICE_, or an error; `spliced` holds either way what was
 * done before. Waits for a blocking socket. May raise SIGPIPE, as `sock_send_file` does. Linux.
 */
int sock_splice(sock_handle from, const sock_handle pipe[2], sock_handle to, uint32_t most,
                uint32_t small, sock_spliced *spliced);

/** One instruction of classic BPF: `struct sock_filter`. */
typedef struct sock_instruction {
  uint16_t code;
  uint8_t jump_true;
  uint8_t jump_false;
  uint32_t k;
} sock_instruction;

/**
 * setsockopt(2), SO_ATTACH_FILTER: the program decides which packets the socket receives. With `reuse_port`
 * SO_ATTACH_REUSEPORT_CBPF: the program decides which socket of a group receives a packet.
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

/** if_nametoindex(3). -ENODEV or -ENXIO if there is no such interface. */
int64_t sock_interface_index(const char *name, size_t length);
/** if_indextoname(3). Fills `name` without a NUL and returns its length. -ENXIO if there is no such interface. */
int sock_interface_name(uint32_t index, char *name, size_t room);
/**
 * if_nameindex(3), which allocates. Fills `list`. Returns how many interfaces there are, which may be more than
 * `room`.
 */
int64_t sock_interfaces(sock_interface *list, size_t room);

/** getsockopt(2) by the id of an option row. -SOCK_EUNSUPPORTED if this system lacks the row. */
int sock_get_option(sock_handle socket, unsigned option, sock_value *value);
/** setsockopt(2) by the id of an option row. */
int sock_set_option(sock_handle socket, unsigned option, const sock_value *value);
/** getsockopt(2). `length` is first the room, then the length of the value. */
int sock_get_option_raw(sock_handle socket, int level, int name, void *data, uint32_t *length);
/** setsockopt(2). */
int sock_set_option_raw(sock_handle socket, int level, int name, const void *data, uint32_t length);

/** Why a look-up has no addresses: EAI_NONAME, EAI_AGAIN, EAI_FAIL and what only a host of WASI says. */
typedef enum sock_lookup_failure {
  SOCK_LOOKUP_WOULD_BLOCK = 1,
  SOCK_LOOKUP_NOT_FOUND,
  SOCK_LOOKUP_TRY_AGAIN,
  SOCK_LOOKUP_FAILED,
  SOCK_LOOKUP_ACCESS_DENIED,
  SOCK_LOOKUP_INVALID_NAME,
  SOCK_LOOKUP_UNSUPPORTED
} sock_lookup_failure;

/** A look-up of the addresses of a host. For WASI: elsewhere a program calls getaddrinfo(3). */
typedef struct sock_lookup sock_lookup;

/** An address that was found: 4 or 16 bytes. */
typedef struct sock_found {
  uint8_t length;
  uint8_t data[16];
} sock_found;

/** Starts a look-up, which does not wait. Returns 0, or a negative sock_lookup_failure. */
int sock_lookup_start(const char *name, size_t length, sock_lookup **out);
/**
 * Waits at most so many milliseconds (negative: no limit) for all addresses. Returns their number, or a negative
 * sock_lookup_failure. `out` is valid until the look-up ends.
 */
int64_t sock_lookup_addresses(sock_lookup *lookup, double milliseconds, const sock_found **out);
/** Ends a look-up and frees it. */
void sock_lookup_end(sock_lookup *lookup);

/**
 * poll(2) on one socket, over EINTR. Returns the readiness bits, 0 when time is
 * up. `milliseconds` < 0 waits for ever.
 */
int sock_wait(sock_handle socket, unsigned interest, double milliseconds);

/** One socket of `sock_poll`. */
typedef struct sock_poll_entry {
  sock_handle socket;
  uint32_t interest;
  /** Gets the readiness. SOCK_ERROR if the number is not an open socket. */
  uint32_t ready;
} sock_poll_entry;

/**
 * poll(2) on many sockets, over EINTR. Except on WASI, -EINVAL for more than 256, and for a number that no
 * descriptor can have. Returns how many are ready, 0 when time is up.
 */
int sock_poll(sock_poll_entry *entries, size_t count, double milliseconds);

/** How a socket is registered with a poller, besides SOCK_READABLE, SOCK_WRITABLE and SOCK_PRIORITY. */
enum {
  /** Reports each change once instead of reporting the state again and again. EPOLLET, EV_CLEAR. */
  SOCK_EDGE = 32,
  /** Reports once, and not again before the registration is modified. EPOLLONESHOT, EV_ONESHOT. */
  SOCK_ONE_SHOT = 64
};

/** Readiness of one registered socket. */
typedef struct sock_event {
  /** The caller's number for the socket. */
  uint32_t token;
  uint32_t ready;
} sock_event;

/** epoll_create1(2) or kqueue(2). Returns the handle of the poller. It polls readable when events wait. */
int64_t sock_poller_open(void);
/** Registers a socket. -EEXIST if it is registered already. EPOLL_CTL_ADD. */
int sock_poller_add(int64_t poller, sock_handle socket, uint32_t token, unsigned interest);
/** Changes how a socket is registered. -ENOENT if it is not registered. EPOLL_CTL_MOD. */
int sock_poller_modify(int64_t poller, sock_handle socket, uint32_t token, unsigned interest);
/** Ends the registration of a socket. -ENOENT if it is not registered. EPOLL_CTL_DEL. */
int sock_poller_remove(int64_t poller, sock_handle socket);
/** Fills up to `capacity` events, over EINTR. Returns how many, 0 when time is up or the poller was woken. */
int sock_poller_wait(int64_t poller, sock_event *events, int capacity, double milliseconds);
#if defined(_WIN32)
/**
 * For Windows: elsewhere a poller is a descriptor, which poll(2) takes. Waits until `sock_poller_wait` has
 * something to return, and takes nothing. A thread uses it to tell another one. Returns 1, or 0 when time is up or
 * `sock_poller_interrupt` was called.
 */
int sock_poller_ready(int64_t poller, double milliseconds);
/** Ends the running or the next `sock_poller_ready`. `sock_poller_wait` does not notice. */
int sock_poller_interrupt(int64_t poller);
#endif
/** Makes the handle that `sock_poller_wake` takes: eventfd(2), or a duplicate of the queue. */
int64_t sock_poller_waker(int64_t poller);
/** Ends the running or the next wait on the waker's poller, from any thread. */
int sock_poller_wake(int64_t waker);
/** close(2). Closes a waker too. */
int sock_poller_close(int64_t poller);

/** A named number of this system: AF_*, SOCK_*, IPPROTO_*, MSG_*, E*. */
typedef struct sock_constant {
  const char *name;
  int value;
} sock_constant;

/** The constants of this system. A NULL name ends the list. */
extern const sock_constant sock_constants[];
/** The error names and numbers of this system. A NULL name ends the list. */
extern const sock_constant sock_errors[];
/** The system in the words of process.platform: "linux", "darwin", "freebsd", "win32", "wasi". */
extern const char *const sock_system;

#ifdef __cplusplus
}
#endif
#endif
