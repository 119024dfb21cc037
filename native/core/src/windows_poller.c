/*
 * Waiting on many sockets with IOCTL_AFD_POLL of \Device\Afd, the call below select and WSAPoll. A request is
 * asynchronous and for one socket, and its completion comes through an I/O completion port. Microsoft documents it
 * for drivers only, but every Windows since NT 4 has it, and libuv, mio (so all of Rust's tokio), .NET and Wine use
 * it.
 *
 * The poller is level-triggered: the next wait asks again for a socket that was reported. AFD has no edges. A
 * poller allocates memory, because the system writes to the request of a socket until it completes.
 */
#include "system.h"

#ifdef SOCK_SYSTEM_WINDOWS

#include <winternl.h>

#define BATCH 256
#define IOCTL_AFD_POLL 0x00012024

/* Bits of AFD. */
#define AFD_RECEIVE 0x0001u
#define AFD_RECEIVE_EXPEDITED 0x0002u
#define AFD_SEND 0x0004u
#define AFD_DISCONNECT 0x0008u
#define AFD_ABORT 0x0010u
#define AFD_LOCAL_CLOSE 0x0020u
#define AFD_ACCEPT 0x0080u
#define AFD_CONNECT_FAIL 0x0100u

#ifndef STATUS_PENDING
#define STATUS_PENDING ((NTSTATUS)0x00000103)
#endif

typedef struct afd_poll {
  LARGE_INTEGER time;
  ULONG count;
  ULONG exclusive;
  HANDLE socket;
  ULONG events;
  NTSTATUS status;
} afd_poll;

NTSTATUS NTAPI NtCancelIoFileEx(HANDLE file, PIO_STATUS_BLOCK request, PIO_STATUS_BLOCK status);

/* A registered socket. */
typedef struct registration {
  IO_STATUS_BLOCK status;
  afd_poll request;
  uint32_t token;
  uint32_t interest;
  /* The system has the request and writes to it until its completion comes. */
  uint8_t pending;
  /* The completion will be of an earlier interest. */
  uint8_t stale;
  /* Deregistered. Its memory is freed with its completion. */
  uint8_t removed;
  /* It is in the list of sockets to ask for again. */
  uint8_t listed;
  SOCKET socket;
  struct registration *next;
} registration;

typedef struct poller {
  HANDLE port;
  HANDLE afd;
  SRWLOCK lock;
  /* Indexed by SOCKET / 4. */
  registration **sockets;
  size_t room;
  /* The sockets that the next wait asks for again. */
  registration *again;
  /* The number of requests that the system has. */
  size_t pending;
} poller;

static poller *poller_of(int64_t handle) {
  return (poller *)(intptr_t)handle;
}

/* Keys of the packets that are posted to the port. */
#define KEY_WAKE 0
#define KEY_INTERRUPT 1

/* The handle of a waker is odd. A HANDLE and the address of a poller are even. */
#define WAKER_BIT 1

static void *allocate(size_t size) {
  return HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, size);
}

static void release(void *memory) {
  (void)HeapFree(GetProcessHeap(), 0, memory);
}

static int last_error(void) {
  const int number = sock_error_number((int)GetLastError());
  return number > 0 ? -number : -EIO;
}

static int status_error(NTSTATUS status) {
  const int number = sock_error_number((int)RtlNtStatusToDosError(status));
  return number > 0 ? -number : -EIO;
}

static int open_afd(HANDLE *out) {
  static const wchar_t path[] = L"\\Device\\Afd\\Sock";
  UNICODE_STRING name = {sizeof(path) - sizeof(path[0]), sizeof(path), (wchar_t *)path};
  OBJECT_ATTRIBUTES attributes;
  IO_STATUS_BLOCK status;
  memset(&attributes, 0, sizeof(attributes));
  attributes.Length = sizeof(attributes);
  attributes.ObjectName = &name;
  const NTSTATUS result = NtCreateFile(out, SYNCHRONIZE, &attributes, &status, NULL, 0,
                                       FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_OPEN, 0, NULL, 0);
  return result < 0 ? status_error(result) : 0;
}

static int open_poller(poller *opened) {
  opened->port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
  if (opened->port == NULL) return last_error();
  const int result = open_afd(&opened->afd);
  if (result < 0) return result;
  if (CreateIoCompletionPort(opened->afd, opened->port, 0, 0) == NULL) return last_error();
  /* Nobody waits on the event of the device itself. */
  return SetFileCompletionNotificationModes(opened->afd, FILE_SKIP_SET_EVENT_ON_HANDLE)
             ? 0
             : last_error();
}

static void close_handles(poller *closed) {
  if (closed->afd != NULL) CloseHandle(closed->afd);
  if (closed->port != NULL) CloseHandle(closed->port);
}

int64_t sock_poller_open(void) {
  poller *const opened = allocate(sizeof(*opened));
  if (opened == NULL) return -ENOMEM;
  InitializeSRWLock(&opened->lock);
  const int result = open_poller(opened);
  if (result == 0) return (int64_t)(intptr_t)opened;
  close_handles(opened);
  release(opened);
  return result;
}

static ULONG afd_events(uint32_t interest) {
  ULONG events = AFD_ABORT | AFD_CONNECT_FAIL | AFD_LOCAL_CLOSE;
  if (interest & SOCK_READABLE) events |= AFD_RECEIVE | AFD_ACCEPT | AFD_DISCONNECT;
  if (interest & SOCK_PRIORITY) events |= AFD_RECEIVE_EXPEDITED;
  if (interest & SOCK_WRITABLE) events |= AFD_SEND;
  return events;
}

/* The handle that AFD knows. A layer over Winsock may have given the program another one. */
static int base_handle(SOCKET socket, HANDLE *out) {
  SOCKET base = INVALID_SOCKET;
  DWORD filled = 0;
  if (WSAIoctl(socket, SIO_BASE_HANDLE, NULL, 0, &base, sizeof(base), &filled, NULL, NULL) != 0) {
    return sock_fail();
  }
  *out = (HANDLE)base;
  return 0;
}

/* Asks the system to report once when the socket is ready, now or later. */
static int ask(poller *of, registration *one) {
  one->request.time.QuadPart = INT64_MAX;
  one->request.count = 1;
  one->request.exclusive = FALSE;
  one->request.events = afd_events(one->interest);
  one->request.status = 0;
  one->stale = 0;
  const NTSTATUS result =
      NtDeviceIoControlFile(of->afd, NULL, NULL, one, &one->status, IOCTL_AFD_POLL, &one->request,
                            sizeof(one->request), &one->request, sizeof(one->request));
  if (result < 0) return status_error(result);
  one->pending = 1;
  of->pending++;
  return 0;
}

static void ask_again_later(poller *of, registration *one) {
  if (one->listed) return;
  one->listed = 1;
  one->next = of->again;
  of->again = one;
}

static void ask_again(poller *of) {
  while (of->again != NULL) {
    registration *const one = of->again;
    of->again = one->next;
    one->listed = 0;
    if (one->removed) {
      release(one);
    } else if (!one->pending) {
      /* For a socket that was closed meanwhile this fails. It is not reported again, as with epoll(7). */
      (void)ask(of, one);
    }
  }
}

static void cancel(poller *of, registration *one) {
  IO_STATUS_BLOCK status;
  one->stale = 1;
  (void)NtCancelIoFileEx(of->afd, &one->status, &status);
}

static registration **slot_of(poller *of, SOCKET socket) {
  const size_t index = (size_t)socket >> 2;
  return index < of->room ? &of->sockets[index] : NULL;
}

static int make_room(poller *of, SOCKET socket) {
  const size_t index = (size_t)socket >> 2;
  if (index < of->room) return 0;
  size_t room = of->room == 0 ? 256 : of->room;
  while (room <= index) room *= 2;
  registration **const sockets = allocate(room * sizeof(sockets[0]));
  if (sockets == NULL) return -ENOMEM;
  if (of->room > 0) memcpy(sockets, of->sockets, of->room * sizeof(sockets[0]));
  release(of->sockets);
  of->sockets = sockets;
  of->room = room;
  return 0;
}

static void remove_registration(poller *of, registration **slot) {
  registration *const one = *slot;
  *slot = NULL;
  one->removed = 1;
  if (one->pending) {
    cancel(of, one);
  } else if (!one->listed) {
    release(one);
  }
}

static int check_interest(unsigned interest) {
  const unsigned known = SOCK_READABLE | SOCK_WRITABLE | SOCK_PRIORITY | SOCK_ONE_SHOT;
  if (interest & SOCK_EDGE) return -SOCK_EUNSUPPORTED;
  return interest & ~known ? -EINVAL : 0;
}

/* Whether the registered socket is closed and its number may belong to another one. */
static int is_gone(const registration *one) {
  return one->pending && one->status.Status != STATUS_PENDING &&
         (one->request.events & AFD_LOCAL_CLOSE);
}

static int add(poller *of, SOCKET socket, HANDLE base, uint32_t token, unsigned interest) {
  int result = make_room(of, socket);
  if (result < 0) return result;
  registration **const slot = slot_of(of, socket);
  if (*slot != NULL) {
    if (!is_gone(*slot)) return -EEXIST;
    remove_registration(of, slot);
  }
  registration *const one = allocate(sizeof(*one));
  if (one == NULL) return -ENOMEM;
  one->socket = socket;
  one->request.socket = base;
  one->token = token;
  one->interest = interest;
  result = ask(of, one);
  if (result < 0) {
    release(one);
    return result;
  }
  *slot = one;
  return 0;
}

int sock_poller_add(int64_t handle, sock_handle socket, uint32_t token, unsigned interest) {
  poller *const of = poller_of(handle);
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  HANDLE base = NULL;
  int result = check_interest(interest);
  if (result == 0) result = base_handle(number, &base);
  if (result < 0) return result;
  AcquireSRWLockExclusive(&of->lock);
  result = add(of, number, base, token, interest);
  ReleaseSRWLockExclusive(&of->lock);
  return result;
}

static int modify(poller *of, SOCKET socket, HANDLE base, uint32_t token, unsigned interest) {
  registration **const slot = slot_of(of, socket);
  if (slot == NULL || *slot == NULL) return -ENOENT;
  registration *const one = *slot;
  one->token = token;
  one->interest = interest;
  if (one->pending) {
    /* Its completion asks again, with the new interest. */
    cancel(of, one);
    one->request.socket = base;
    return 0;
  }
  one->request.socket = base;
  return ask(of, one);
}

int sock_poller_modify(int64_t handle, sock_handle socket, uint32_t token, unsigned interest) {
  poller *const of = poller_of(handle);
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  HANDLE base = NULL;
  int result = check_interest(interest);
  if (result == 0) result = base_handle(number, &base);
  if (result < 0) return result;
  AcquireSRWLockExclusive(&of->lock);
  result = modify(of, number, base, token, interest);
  ReleaseSRWLockExclusive(&of->lock);
  return result;
}

int sock_poller_remove(int64_t handle, sock_handle socket) {
  poller *const of = poller_of(handle);
  const SOCKET number = sock_socket(socket);
  if (number == INVALID_SOCKET) return -EBADF;
  AcquireSRWLockExclusive(&of->lock);
  registration **const slot = slot_of(of, number);
  const int is_there = slot != NULL && *slot != NULL;
  if (is_there) remove_registration(of, slot);
  ReleaseSRWLockExclusive(&of->lock);
  return is_there ? 0 : -ENOENT;
}

static uint32_t readiness(ULONG events, uint32_t interest) {
  uint32_t ready = 0;
  const uint32_t asked = interest & (SOCK_READABLE | SOCK_WRITABLE);
  if (events & (AFD_RECEIVE | AFD_ACCEPT)) ready |= SOCK_READABLE;
  if (events & AFD_RECEIVE_EXPEDITED) ready |= SOCK_PRIORITY;
  if (events & AFD_SEND) ready |= SOCK_WRITABLE;
  if (events & AFD_DISCONNECT) ready |= SOCK_READABLE | SOCK_HANGUP;
  /* A call would not wait: it would fail, or find the end of the stream. */
  if (events & AFD_ABORT) ready |= SOCK_HANGUP | asked;
  if (events & AFD_CONNECT_FAIL) ready |= SOCK_ERROR | SOCK_HANGUP | asked;
  return ready & (interest | SOCK_ERROR | SOCK_HANGUP);
}

/* Processes a completion. Returns 1 if it is an event. */
static int complete(poller *of, registration *one, sock_event *event) {
  one->pending = 0;
  of->pending--;
  if (one->removed) {
    if (!one->listed) release(one);
    return 0;
  }
  if (one->stale) {
    one->stale = 0;
    (void)ask(of, one);
    return 0;
  }
  const ULONG events = one->status.Status < 0 || one->request.count == 0 ? 0 : one->request.events;
  if (events & AFD_LOCAL_CLOSE) {
    registration **const slot = slot_of(of, one->socket);
    if (slot != NULL && *slot == one) *slot = NULL;
    release(one);
    return 0;
  }
  const uint32_t ready = readiness(events, one->interest);
  if (ready == 0 || !(one->interest & SOCK_ONE_SHOT)) ask_again_later(of, one);
  if (ready == 0) return 0;
  event->token = one->token;
  event->ready = ready;
  return 1;
}

int sock_poller_wait(int64_t handle, sock_event *events, int capacity, double milliseconds) {
  poller *const of = poller_of(handle);
  if (capacity <= 0 || milliseconds != milliseconds) return -EINVAL;
  OVERLAPPED_ENTRY batch[BATCH];
  const ULONG room = (ULONG)(capacity < BATCH ? capacity : BATCH);
  const sock_deadline deadline = sock_deadline_after(milliseconds);
  for (;;) {
    AcquireSRWLockExclusive(&of->lock);
    ask_again(of);
    ReleaseSRWLockExclusive(&of->lock);
    const int left = sock_deadline_left(deadline);
    ULONG count = 0;
    if (!GetQueuedCompletionStatusEx(of->port, batch, room, &count,
                                     left < 0 ? INFINITE : (DWORD)left, FALSE)) {
      if (GetLastError() != WAIT_TIMEOUT) return last_error();
      if (left == 0) return 0;
      continue;
    }
    int filled = 0;
    int woken = 0;
    AcquireSRWLockExclusive(&of->lock);
    for (ULONG i = 0; i < count; i++) {
      registration *const one = (registration *)batch[i].lpOverlapped;
      if (one == NULL) {
        if (batch[i].lpCompletionKey == KEY_WAKE) woken = 1;
      } else {
        filled += complete(of, one, &events[filled]);
      }
    }
    ReleaseSRWLockExclusive(&of->lock);
    if (filled > 0 || woken) return filled;
  }
}

int sock_poller_ready(int64_t handle, double milliseconds) {
  poller *const of = poller_of(handle);
  if (milliseconds != milliseconds) return -EINVAL;
  const sock_deadline deadline = sock_deadline_after(milliseconds);
  AcquireSRWLockExclusive(&of->lock);
  ask_again(of);
  ReleaseSRWLockExclusive(&of->lock);
  for (;;) {
    const int left = sock_deadline_left(deadline);
    DWORD bytes = 0;
    ULONG_PTR key = 0;
    OVERLAPPED *one = NULL;
    const BOOL ok =
        GetQueuedCompletionStatus(of->port, &bytes, &key, &one, left < 0 ? INFINITE : (DWORD)left);
    if (!ok && one == NULL) {
      if (GetLastError() != WAIT_TIMEOUT) return last_error();
      if (left == 0) return 0;
      continue;
    }
    if (one == NULL && key == KEY_INTERRUPT) return 0;
    /* A program cannot look at a port without taking a packet. So the packet is posted again. */
    return PostQueuedCompletionStatus(of->port, bytes, key, one) ? 1 : last_error();
  }
}

int sock_poller_interrupt(int64_t handle) {
  return PostQueuedCompletionStatus(poller_of(handle)->port, 0, KEY_INTERRUPT, NULL) ? 0
                                                                                     : last_error();
}

int64_t sock_poller_waker(int64_t handle) {
  HANDLE waker = NULL;
  if (!DuplicateHandle(GetCurrentProcess(), poller_of(handle)->port, GetCurrentProcess(), &waker, 0,
                       FALSE, DUPLICATE_SAME_ACCESS)) {
    return last_error();
  }
  return (int64_t)(intptr_t)waker | WAKER_BIT;
}

int sock_poller_wake(int64_t waker) {
  if (waker < 0 || !(waker & WAKER_BIT)) return -EBADF;
  const HANDLE port = (HANDLE)(intptr_t)(waker & ~(int64_t)WAKER_BIT);
  return PostQueuedCompletionStatus(port, 0, KEY_WAKE, NULL) ? 0 : last_error();
}

/* The system must complete all requests before their memory is freed. */
static void drain(poller *of) {
  OVERLAPPED_ENTRY batch[BATCH];
  sock_event ignored;
  while (of->pending > 0) {
    ULONG count = 0;
    if (!GetQueuedCompletionStatusEx(of->port, batch, BATCH, &count, INFINITE, FALSE)) return;
    for (ULONG i = 0; i < count; i++) {
      registration *const one = (registration *)batch[i].lpOverlapped;
      if (one != NULL) (void)complete(of, one, &ignored);
    }
  }
}

int sock_poller_close(int64_t handle) {
  if (handle & WAKER_BIT) {
    return CloseHandle((HANDLE)(intptr_t)(handle & ~(int64_t)WAKER_BIT)) ? 0 : last_error();
  }
  poller *const of = poller_of(handle);
  for (size_t i = 0; i < of->room; i++) {
    if (of->sockets[i] != NULL) remove_registration(of, &of->sockets[i]);
  }
  drain(of);
  ask_again(of);
  close_handles(of);
  release(of->sockets);
  release(of);
  return 0;
}

#endif
