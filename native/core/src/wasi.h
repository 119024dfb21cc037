/*
 * What the files of the WASI backend share. They call wasi:sockets 0.2 by its own interface. They do not use
 * wasi-libc's sockets, which remember some options without applying them and refuse MSG_PEEK.
 *
 * A file calls only those below it:
 *
 *   wasi.c, wasi_options.c, wasi_direct.c    the calls of sock.h, and those of a host in JavaScript
 *   wasi_lookup.c                            names of hosts
 *   wasi_stream.c, wasi_datagram.c           the two kinds of socket
 *   wasi_wait.c                              pollables, sock_poll
 *   wasi_table.c                             handles
 *   wasi_sending.c                           closed sockets that still send
 *   wasi_error.c, wasi_place.c               errors and addresses, where lists go
 */
#ifndef SOCK_WASI_H
#define SOCK_WASI_H

#include "system.h"

#ifdef SOCK_SYSTEM_WASI

#include <stdbool.h>
#include <wasi/wasip2.h>

typedef network_ip_socket_address_t wasi_address;

typedef enum wasi_state {
  WASI_UNBOUND,
  WASI_BOUND,
  WASI_CONNECTING,
  WASI_CONNECTED,
  WASI_LISTENING,
  /** An attempt to connect failed. wasi:sockets allows nothing more than to close the socket. */
  WASI_FAILED
} wasi_state;

/** A pollable. The first wait on it makes it, and the socket keeps it. */
typedef struct wasi_pollable {
  poll_own_pollable_t own;
  bool made;
} wasi_pollable;

typedef struct wasi_kind wasi_kind;

/** A socket. Its duplicates share it, as descriptors of POSIX share a description. */
typedef struct wasi_socket {
  const wasi_kind *kind;
  uint32_t references;
  /** The program has closed it or shut it down, and the host still sends what was written. */
  bool sending;
  /** The next socket of which that is true. */
  struct wasi_socket *next_sending;
  int domain;
  wasi_state state;
  bool nonblocking;
  bool read_shut;
  bool write_shut;
  /** In milliseconds. -1: no time-out. */
  double read_timeout;
  double write_timeout;
  /** The error that SO_ERROR reads next, as a positive number. 0: none. */
  int pending_error;
  /** The program can read these back. What the host does, it decides itself. */
  bool nodelay;
  bool reuse_address;

  tcp_own_tcp_socket_t tcp;
  streams_own_input_stream_t input;
  streams_own_output_stream_t output;
  /** The peer has sent its last byte. */
  bool ended;
  /** Something was sent. */
  bool written;
  /** The connection failed. */
  bool broken;
  /** The FIN is on its way. */
  bool fin;

  udp_own_udp_socket_t udp;
  udp_own_incoming_datagram_stream_t incoming;
  udp_own_outgoing_datagram_stream_t outgoing;
  /** Whether input and output, or incoming and outgoing, exist. */
  bool streams;

  wasi_pollable change;
  wasi_pollable readable;
  wasi_pollable writable;

  /** Bytes of a stream that the component received to look at them, and the program has not received yet. */
  uint8_t *ahead;
  size_t ahead_start;
  size_t ahead_length;
  size_t ahead_room;

  /** The datagrams of the host's last answer. The program has received those before `next_datagram`. */
  udp_list_incoming_datagram_t datagrams;
  size_t next_datagram;
  /** Where the host puts a list of one. */
  udp_incoming_datagram_t datagram;
  /** How many datagrams to ask the host for, and how often all of them must come before asking for more. */
  uint32_t fetch;
  uint32_t patience;
  /** The next `patience` after an answer that was not full. */
  uint32_t caution;
} wasi_socket;

/** A number that a socket of the host has. */
typedef enum wasi_setting {
  WASI_HOP_LIMIT,
  WASI_RECEIVE_BUFFER,
  WASI_SEND_BUFFER,
  /** The settings from here on are those of TCP alone. */
  WASI_KEEPALIVE,
  /** In nanoseconds. */
  WASI_KEEPALIVE_TIME,
  /** In nanoseconds. */
  WASI_KEEPALIVE_INTERVAL,
  WASI_KEEPALIVE_COUNT
} wasi_setting;

/**
 * What a kind of socket does: `wasi_streams` or `wasi_datagrams`. The other files call a kind only through
 * this table, so they do not depend on its file, which depends on them.
 */
struct wasi_kind {
  /** SOCK_STREAM or SOCK_DGRAM. */
  int type;
  int protocol;

  bool (*create)(wasi_socket *socket, network_ip_address_family_t family,
                 network_error_code_t *error);
  /** Drops the host's resources. */
  void (*drop)(wasi_socket *socket);
  /** The number by which the host knows its socket. */
  int32_t (*host_handle)(const wasi_socket *socket);

  int (*bind)(wasi_socket *socket, const wasi_address *address);
  /** -EINPROGRESS when `advance` has to finish it. */
  int (*connect)(wasi_socket *socket, const wasi_address *address);
  /** Continues an attempt to connect as far as it goes without waiting. -EALREADY: it is not finished. */
  int (*advance)(wasi_socket *socket);
  int (*listen)(wasi_socket *socket, int backlog);
  int64_t (*accept)(wasi_socket *socket, sock_address *peer, bool wait);
  bool (*local_address)(const wasi_socket *socket, wasi_address *out, network_error_code_t *error);
  bool (*peer_address)(const wasi_socket *socket, wasi_address *out, network_error_code_t *error);
  int (*shutdown)(wasi_socket *socket, int how);

  /** `out_flags` and `from` may be NULL. The caller has cleared them. */
  int64_t (*recv)(wasi_socket *socket, const sock_buffer *buffers, size_t count, int flags,
                  int *out_flags, sock_address *from);
  /** `to` may be NULL. */
  int64_t (*send)(wasi_socket *socket, const sock_buffer *buffers, size_t count, int flags,
                  const sock_address *to);

  bool (*get)(const wasi_socket *socket, wasi_setting setting, uint64_t *out,
              network_error_code_t *error);
  bool (*set)(const wasi_socket *socket, wasi_setting setting, uint64_t value,
              network_error_code_t *error);

  poll_own_pollable_t (*subscribe)(const wasi_socket *socket);
  poll_own_pollable_t (*subscribe_readable)(const wasi_socket *socket);
  poll_own_pollable_t (*subscribe_writable)(const wasi_socket *socket);
  /** Readiness that follows from the socket's state alone. */
  uint32_t (*known)(const wasi_socket *socket, uint32_t interest);
  /**
   * Returns 1 if there is something to receive, the end or an error, and keeps it for the call that
   * receives. Else returns 0. Never waits.
   */
  int (*look)(wasi_socket *socket);

  /** Has the host report from now on whether it still sends what was written. */
  void (*flush)(wasi_socket *socket);
  /** Whether the host still sends. To drop the socket now would wait, or lose what is not sent. */
  bool (*is_sending)(const wasi_socket *socket);
  /** Ends the sending direction: sends the FIN. */
  int (*end)(wasi_socket *socket);
};

extern const wasi_kind wasi_streams;
extern const wasi_kind wasi_datagrams;

/* wasi_table.c */

/** The socket of a handle, or NULL. */
wasi_socket *wasi_socket_of(sock_handle handle);
/** Makes a socket without resources of the host. NULL: out of memory. */
wasi_socket *wasi_new(int domain, const wasi_kind *kind);
/** Gives a new socket a handle. Without room for it, frees the socket and returns the error. */
int64_t wasi_insert(wasi_socket *socket);
/** Drops the host's resources and frees the socket. */
void wasi_free(wasi_socket *socket);

/* wasi_sending.c */

/** When the host has sent everything: frees a closed socket, or ends the sending direction of an open one. */
void wasi_after_sending(wasi_socket *socket);
/** The first socket that waits for that, or NULL. `next_sending` leads to the others. */
wasi_socket *wasi_sending(void);

/* wasi_error.c */

/** A negative error number for an error of wasi:sockets. */
int wasi_failure(network_error_code_t code);
/** The same for an error of a stream. `closed` is the number for the stream's end. Frees the error. */
int wasi_stream_failure(streams_stream_error_t *error, int closed);
/** -EINVAL, or -EAFNOSUPPORT when the address is not of the socket's domain. */
int wasi_address_encode(const wasi_socket *socket, const sock_address *address, wasi_address *out);
void wasi_address_decode(const wasi_address *address, sock_address *out);
/** The unspecified address of the domain, port 0. */
wasi_address wasi_any(int domain);

/* wasi_wait.c */

/** Waits for a pollable. Returns 1 when it is ready, 0 when time is up. Negative milliseconds: no end. */
int wasi_block(poll_borrow_pollable_t pollable, double milliseconds);
poll_borrow_pollable_t wasi_change(wasi_socket *socket);
poll_borrow_pollable_t wasi_readable(wasi_socket *socket);
poll_borrow_pollable_t wasi_writable(wasi_socket *socket);
void wasi_drop(wasi_pollable *pollable);
/** The monotonic clock in milliseconds. */
double wasi_now(void);
/** Waits a little after so many false reports of readiness, `milliseconds` at most (negative: no limit). */
void wasi_rest(unsigned mistakes, double milliseconds);

/* wasi_direct.c */

/** Whether the host runs the core module itself. Such a host sends what is queued when a stream is dropped. */
bool wasi_is_direct(void);

/* wasi_place.c */

/** Has the host put the next list of bytes that it returns at `data` if `room` is enough. NULL ends that. */
void wasi_place(void *data, size_t room);
/** Has the host put the next list of one datagram there. NULL ends that. */
void wasi_place_datagram(udp_incoming_datagram_t *one);

#endif
#endif
