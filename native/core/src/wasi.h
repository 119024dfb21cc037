/*
 * What the files of the WASI backend share. The sockets are those of wasi:sockets 0.2, called by
 * its own interface: wasi-libc's are not used, as they remember some options without applying them
 * and refuse to peek.
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
  /** Connecting failed: wasi:sockets lets nothing but closing be done with it. */
  WASI_FAILED
} wasi_state;

/** A pollable that is made when it is first waited on, and kept. */
typedef struct wasi_pollable {
  poll_own_pollable_t own;
  bool made;
} wasi_pollable;

/** A socket. Its duplicates share it, as descriptors of POSIX share a description. */
typedef struct wasi_socket {
  uint32_t references;
  /** Whether it is closed or shut down and the host still sends what it was given; the next of these. */
  bool sending;
  struct wasi_socket *next_sending;
  int domain;
  int type;
  wasi_state state;
  bool nonblocking;
  bool read_shut;
  bool write_shut;
  /** Milliseconds, -1 without. */
  double read_timeout;
  double write_timeout;
  /** Positive: what SO_ERROR reads next. */
  int pending_error;
  /** Read back; the host decides. */
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
  /** Whether input and output, or incoming and outgoing, are there. */
  bool streams;

  wasi_pollable change;
  wasi_pollable readable;
  wasi_pollable writable;

  /** Of a stream: received and not yet taken, as it was only looked at. */
  uint8_t *ahead;
  size_t ahead_start;
  size_t ahead_length;
  size_t ahead_room;

  /** What the host brought last; those before `next_datagram` are taken. */
  udp_list_incoming_datagram_t datagrams;
  size_t next_datagram;
  /** How many are asked for, and how often that many must come before more are. */
  uint32_t fetch;
  uint32_t patience;
} wasi_socket;

/** The socket of a handle, or NULL. */
wasi_socket *wasi_socket_of(sock_handle handle);
/** Puts a new socket into the table; frees it when there is no room. */
int64_t wasi_insert(wasi_socket *socket);
wasi_socket *wasi_new(int domain, int type);
/** Ends the sending direction of a stream when the host has sent everything; a closed one is let go of then. */
void wasi_after_sending(wasi_socket *socket);
/** The first of those that wait for it, or NULL; `next_sending` has the others. */
wasi_socket *wasi_sending(void);

/** A negative error number for an error of wasi:sockets. */
int wasi_failure(network_error_code_t code);
/** The same for a stream's; `closed` is what its end means. Frees the error. */
int wasi_stream_failure(streams_stream_error_t *error, int closed);

/** -EINVAL, -EAFNOSUPPORT when the address is not of the socket's domain. */
int wasi_address_encode(const wasi_socket *socket, const sock_address *address, wasi_address *out);
void wasi_address_decode(const wasi_address *address, sock_address *out);
/** The unspecified address of the domain, port 0. */
wasi_address wasi_any(int domain);

/** Waits for a pollable. 1: ready, 0: time is up. Negative milliseconds: no end. */
int wasi_block(poll_borrow_pollable_t pollable, double milliseconds);
poll_borrow_pollable_t wasi_change(wasi_socket *socket);
poll_borrow_pollable_t wasi_readable(wasi_socket *socket);
poll_borrow_pollable_t wasi_writable(wasi_socket *socket);
void wasi_drop(wasi_pollable *pollable);
/** Milliseconds of the monotonic clock. */
double wasi_now(void);
/** After so many mistakes of the host about what is ready: waits a little, at most so long (negative: no end). */
void wasi_rest(unsigned mistakes, double milliseconds);

/** Whether the host runs the core module itself, and sends what is queued (wasi_direct.c). */
bool wasi_is_direct(void);
/** Has the next list of bytes that a host returns be at `data`, when it is no longer than `room`. NULL: no more. */
void wasi_place(void *data, size_t room);

/** Room for `size` bytes in `ahead`. */
int wasi_reserve(wasi_socket *socket, size_t size);

int wasi_stream_bind(wasi_socket *socket, const wasi_address *address);
int wasi_stream_start_connect(wasi_socket *socket, const wasi_address *address);
/** Takes a connection that is being made as far as it is. 0: connected; -EALREADY: not yet. */
int wasi_stream_advance(wasi_socket *socket);
int wasi_stream_listen(wasi_socket *socket, int backlog);
int64_t wasi_stream_accept(wasi_socket *socket, sock_address *peer, bool wait);
int64_t wasi_stream_recv(wasi_socket *socket, const sock_buffer *buffers, size_t count, int flags);
int64_t wasi_stream_send(wasi_socket *socket, const sock_buffer *buffers, size_t count, int flags);
/** Whether there is something to receive, or the end: > 0; it is kept ahead. Never waits. */
int wasi_stream_look(wasi_socket *socket);
int wasi_stream_shutdown(wasi_socket *socket, int how);
/** Has the host say, from now on, that it sends until the system has all that was written. */
void wasi_stream_flush(wasi_socket *socket);
/** Whether the host is still sending what was written: letting go of it would wait, or cut it off. */
bool wasi_stream_sending(wasi_socket *socket);
/** Ends the sending direction: the FIN. */
int wasi_stream_end(wasi_socket *socket);
void wasi_stream_close(wasi_socket *socket);

int wasi_datagram_bind(wasi_socket *socket, const wasi_address *address);
int wasi_datagram_connect(wasi_socket *socket, const wasi_address *address);
int64_t wasi_datagram_recv(wasi_socket *socket, const sock_buffer *buffers, size_t count, int flags,
                           int *out_flags, sock_address *from);
int64_t wasi_datagram_send(wasi_socket *socket, const sock_buffer *buffers, size_t count, int flags,
                           const wasi_address *to);
/** Whether there is a datagram, or an error: > 0; it is kept. Never waits. */
int wasi_datagram_look(wasi_socket *socket);
void wasi_datagram_close(wasi_socket *socket);

#endif
#endif
