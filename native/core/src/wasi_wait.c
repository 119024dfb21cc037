/* Waiting, by wasi:io/poll. */
#include "wasi.h"

#ifdef SOCK_SYSTEM_WASI

#include <stdlib.h>

#define NS_PER_MS 1e6
/* Longer than any process runs, and exact as nanoseconds. */
#define LONGEST_WAIT_MS 1e12

void wasi_drop(wasi_pollable *pollable) {
  if (pollable->made) poll_pollable_drop_own(pollable->own);
  pollable->made = false;
}

static poll_borrow_pollable_t kept(wasi_pollable *pollable,
                                   poll_own_pollable_t (*make)(const wasi_socket *),
                                   const wasi_socket *socket) {
  if (!pollable->made) {
    pollable->own = make(socket);
    pollable->made = true;
  }
  return poll_borrow_pollable(pollable->own);
}

poll_borrow_pollable_t wasi_change(wasi_socket *socket) {
  return kept(&socket->change, socket->kind->subscribe, socket);
}

poll_borrow_pollable_t wasi_readable(wasi_socket *socket) {
  return kept(&socket->readable, socket->kind->subscribe_readable, socket);
}

poll_borrow_pollable_t wasi_writable(wasi_socket *socket) {
  return kept(&socket->writable, socket->kind->subscribe_writable, socket);
}

static poll_own_pollable_t timer(double milliseconds) {
  return monotonic_clock_subscribe_duration((uint64_t)(milliseconds * NS_PER_MS));
}

/* Some hosts keep reporting false readiness: Node's does for a datagram socket that has received once. The
   component asks again at once for so many times, and then rests before each question, longer each time. */
#define MISTAKES_AT_ONCE 16
#define LONGEST_REST_MS 16

double wasi_now(void) {
  return (double)monotonic_clock_now() / NS_PER_MS;
}

void wasi_rest(unsigned mistakes, double milliseconds) {
  if (mistakes <= MISTAKES_AT_ONCE) return;
  double rest = mistakes - MISTAKES_AT_ONCE;
  if (rest > LONGEST_REST_MS) rest = LONGEST_REST_MS;
  if (milliseconds >= 0 && milliseconds < rest) rest = milliseconds;
  const poll_own_pollable_t until = timer(rest);
  poll_method_pollable_block(poll_borrow_pollable(until));
  poll_pollable_drop_own(until);
}

/* A pollable that makes a poll return at once. It stays ready, so the component makes it only once. */
static poll_borrow_pollable_t at_once(void) {
  static wasi_pollable now;
  if (!now.made) {
    now.own = timer(0);
    now.made = true;
  }
  return poll_borrow_pollable(now.own);
}

static size_t count_sending(void) {
  size_t count = 0;
  for (wasi_socket *it = wasi_sending(); it != NULL; it = it->next_sending) count++;
  return count;
}

/* The peer may wait for what is not sent yet while this program waits for the peer: so wait for both. */
static size_t ask_sending(poll_borrow_pollable_t *pollables) {
  size_t count = 0;
  for (wasi_socket *it = wasi_sending(); it != NULL; it = it->next_sending) {
    pollables[count++] = wasi_writable(it);
  }
  return count;
}

/* Polls once. Returns bits for the first two pollables. The others only end the wait. */
static unsigned poll_two(poll_borrow_pollable_t *pollables, size_t count) {
  poll_list_borrow_pollable_t list = {pollables, count};
  wasip2_list_u32_t ready;
  poll_poll(&list, &ready);
  unsigned bits = 0;
  for (size_t i = 0; i < ready.len; i++) {
    if (ready.ptr[i] < 2) bits |= 1u << ready.ptr[i];
  }
  wasip2_list_u32_free(&ready);
  return bits;
}

int wasi_block(poll_borrow_pollable_t pollable, double milliseconds) {
  const bool endless = milliseconds < 0 || milliseconds > LONGEST_WAIT_MS;
  if (milliseconds == 0) return poll_method_pollable_ready(pollable);
  if (endless && wasi_sending() == NULL) {
    poll_method_pollable_block(pollable);
    return 1;
  }
  poll_borrow_pollable_t *const pollables = malloc((2 + count_sending()) * sizeof(*pollables));
  if (pollables == NULL) return 0;
  poll_own_pollable_t until;
  if (!endless) until = timer(milliseconds);
  unsigned bits = 0;
  while (bits == 0) {
    pollables[0] = pollable;
    pollables[1] = endless ? pollable : poll_borrow_pollable(until);
    bits = poll_two(pollables, 2 + ask_sending(pollables + 2));
    if (bits == 0) (void)sock_closing();
  }
  free(pollables);
  if (!endless) poll_pollable_drop_own(until);
  return (int)(bits & 1);
}

/* Readiness that needs no question to the host. 0: the host has to be asked. */
static uint32_t known(const wasi_socket *socket, uint32_t interest) {
  uint32_t ready = socket->kind->known(socket, interest);
  const bool there = socket->ahead_length > 0 || socket->datagrams.len > 0;
  if ((interest & SOCK_READABLE) && (there || socket->ended || socket->read_shut)) {
    ready |= SOCK_READABLE;
  }
  return ready;
}

typedef struct asked {
  uint32_t entry;
  uint32_t bit;
} asked;

/* Adds the pollables that answer for a socket. Returns how many it added. */
static size_t ask(wasi_socket *socket, uint32_t entry, uint32_t interest,
                  poll_borrow_pollable_t *pollables, asked *meaning) {
  size_t count = 0;
  if (socket->state == WASI_CONNECTING || socket->state == WASI_LISTENING) {
    const uint32_t bit = socket->state == WASI_LISTENING ? SOCK_READABLE : SOCK_WRITABLE;
    if (socket->state == WASI_CONNECTING || (interest & bit)) {
      pollables[count] = wasi_change(socket);
      meaning[count++] = (asked){entry, bit};
    }
    return count;
  }
  if (!socket->streams) return 0;
  if (interest & SOCK_READABLE) {
    pollables[count] = wasi_readable(socket);
    meaning[count++] = (asked){entry, SOCK_READABLE};
  }
  if (interest & SOCK_WRITABLE) {
    pollables[count] = wasi_writable(socket);
    meaning[count++] = (asked){entry, SOCK_WRITABLE};
  }
  return count;
}

/* A failed connect makes the socket ready for everything and leaves its error in SO_ERROR. */
static void settle_connecting(wasi_socket *socket, sock_poll_entry *entry) {
  const int result = socket->kind->advance(socket);
  if (result == -EALREADY) {
    entry->ready = 0;
  } else if (result < 0) {
    entry->ready = (entry->interest & (SOCK_READABLE | SOCK_WRITABLE)) | SOCK_ERROR | SOCK_HANGUP;
  } else {
    entry->ready &= entry->interest;
  }
}

/* Some hosts report a socket readable because it was. So the component looks for data or the end. */
static void settle(wasi_socket *socket, sock_poll_entry *entry) {
  if (socket->state == WASI_CONNECTING) {
    settle_connecting(socket, entry);
    return;
  }
  if (!(entry->ready & SOCK_READABLE) || !socket->streams || socket->read_shut) return;
  if (socket->kind->look(socket) == 0) entry->ready &= ~(uint32_t)SOCK_READABLE;
}

static int count_ready(const sock_poll_entry *entries, size_t count) {
  int ready = 0;
  for (size_t i = 0; i < count; i++) ready += entries[i].ready != 0;
  return ready;
}

typedef struct question {
  poll_borrow_pollable_t *pollables;
  asked *meaning;
} question;

/* Asks the host once and waits `milliseconds` at most. Returns how many sockets are ready. */
static int poll_once(sock_poll_entry *entries, size_t count, const question *all,
                     double milliseconds) {
  size_t waiting = 0;
  for (size_t i = 0; i < count; i++) {
    wasi_socket *const socket = wasi_socket_of(entries[i].socket);
    entries[i].ready = SOCK_ERROR;
    if (socket == NULL) continue;
    entries[i].ready = known(socket, entries[i].interest);
    waiting += ask(socket, (uint32_t)i, entries[i].interest, all->pollables + waiting,
                   all->meaning + waiting);
  }
  const bool look = milliseconds == 0 || count_ready(entries, count) > 0;
  const bool timed = !look && milliseconds > 0;
  if (waiting == 0 && look) return count_ready(entries, count);
  /* The component has one thread. Nothing could end this wait. */
  if (waiting == 0 && !timed) return -EDEADLK;
  poll_own_pollable_t until;
  size_t length = waiting + ask_sending(all->pollables + waiting);
  if (look) all->pollables[length++] = at_once();
  if (timed) {
    until = timer(milliseconds);
    all->pollables[length++] = poll_borrow_pollable(until);
  }
  poll_list_borrow_pollable_t list = {all->pollables, length};
  wasip2_list_u32_t ready;
  poll_poll(&list, &ready);
  for (size_t i = 0; i < ready.len; i++) {
    if (ready.ptr[i] >= waiting) continue;
    const asked *const answered = &all->meaning[ready.ptr[i]];
    entries[answered->entry].ready |= answered->bit;
  }
  wasip2_list_u32_free(&ready);
  if (timed) poll_pollable_drop_own(until);
  (void)sock_closing();
  for (size_t i = 0; i < count; i++) {
    wasi_socket *const socket = wasi_socket_of(entries[i].socket);
    if (socket != NULL && entries[i].ready != 0) settle(socket, &entries[i]);
  }
  return count_ready(entries, count);
}

int sock_poll(sock_poll_entry *entries, size_t count, double milliseconds) {
  if (milliseconds != milliseconds) return -EINVAL;
  const size_t most = 2 * count + count_sending() + 1;
  question all = {malloc(most * sizeof(*all.pollables)), malloc(most * sizeof(*all.meaning))};
  int result = -ENOMEM;
  if (all.pollables != NULL && all.meaning != NULL) {
    const bool endless = milliseconds < 0 || milliseconds > LONGEST_WAIT_MS;
    const double deadline = endless || milliseconds == 0 ? 0 : wasi_now() + milliseconds;
    double left = endless ? -1 : milliseconds;
    unsigned mistakes = 0;
    /* Asks again if the host reported false readiness and time is left. */
    while ((result = poll_once(entries, count, &all, left)) == 0 && left != 0) {
      if (!endless) {
        left = deadline - wasi_now();
        if (left <= 0) break;
      }
      wasi_rest(++mistakes, left);
    }
  }
  free(all.pollables);
  free(all.meaning);
  return result;
}

int sock_wait(sock_handle handle, unsigned interest, double milliseconds) {
  if (wasi_socket_of(handle) == NULL) return -EBADF;
  sock_poll_entry entry = {handle, interest, 0};
  const int result = sock_poll(&entry, 1, milliseconds);
  return result < 0 ? result : (int)entry.ready;
}

#endif
