/* The blocking mode of this process's sockets. Windows lets a program set it, but not read it. */
#include "system.h"

#ifdef SOCK_SYSTEM_WINDOWS

/* A process has at most 2^24 handles (Windows Internals, "Handles and the object table"), and the
   lowest two bits of each are zero. */
#define PAGE_BITS 12
#define PAGE_ENTRIES (1u << PAGE_BITS)
#define PAGES (1u << 12)

/* The mode that clones share. */
typedef struct shared_mode {
  uint32_t clones;
  int nonblocking;
} shared_mode;

/* Blocking mode is all zeros, because the system makes sockets in that mode. */
typedef struct mode_entry {
  int nonblocking;
  /* NULL for a socket without clones. */
  shared_mode *shared;
} mode_entry;

static SRWLOCK lock = SRWLOCK_INIT;
/* A page is allocated when it is needed, and stays. */
static mode_entry *pages[PAGES];

/* The entry of a socket. NULL if there is none and `make` is 0, or if memory is short. */
static mode_entry *entry_of(SOCKET socket, int make) {
  const size_t index = (size_t)socket >> 2;
  if (index >= (size_t)PAGES * PAGE_ENTRIES) return NULL;
  mode_entry **const page = &pages[index >> PAGE_BITS];
  if (*page == NULL && make) {
    *page = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, PAGE_ENTRIES * sizeof(mode_entry));
  }
  return *page == NULL ? NULL : &(*page)[index & (PAGE_ENTRIES - 1)];
}

int sock_mode_get(SOCKET socket) {
  AcquireSRWLockShared(&lock);
  const mode_entry *const entry = entry_of(socket, 0);
  int mode = 0;
  if (entry != NULL) mode = entry->shared != NULL ? entry->shared->nonblocking : entry->nonblocking;
  ReleaseSRWLockShared(&lock);
  return mode;
}

void sock_mode_set(SOCKET socket, int nonblocking) {
  AcquireSRWLockExclusive(&lock);
  mode_entry *const entry = entry_of(socket, nonblocking);
  if (entry != NULL && entry->shared != NULL) entry->shared->nonblocking = nonblocking;
  if (entry != NULL) entry->nonblocking = nonblocking;
  ReleaseSRWLockExclusive(&lock);
}

static void forget(mode_entry *entry) {
  if (entry->shared != NULL && --entry->shared->clones == 0) {
    HeapFree(GetProcessHeap(), 0, entry->shared);
  }
  *entry = (mode_entry){0, NULL};
}

void sock_mode_forget(SOCKET socket) {
  AcquireSRWLockExclusive(&lock);
  mode_entry *const entry = entry_of(socket, 0);
  if (entry != NULL) forget(entry);
  ReleaseSRWLockExclusive(&lock);
}

static int share(SOCKET origin, SOCKET clone) {
  mode_entry *const from = entry_of(origin, 1);
  mode_entry *const to = entry_of(clone, 1);
  if (from == NULL || to == NULL) return -ENOMEM;
  if (from->shared == NULL) {
    shared_mode *const made = HeapAlloc(GetProcessHeap(), 0, sizeof(*made));
    if (made == NULL) return -ENOMEM;
    *made = (shared_mode){1, from->nonblocking};
    from->shared = made;
  }
  forget(to);
  to->shared = from->shared;
  to->shared->clones++;
  return 0;
}

int sock_mode_share(SOCKET origin, SOCKET clone) {
  AcquireSRWLockExclusive(&lock);
  const int result = share(origin, clone);
  ReleaseSRWLockExclusive(&lock);
  return result;
}

static int change(SOCKET socket, int nonblocking) {
  u_long mode = nonblocking ? 1 : 0;
  return ioctlsocket(socket, (long)FIONBIO, &mode) != 0 ? sock_fail() : 0;
}

int sock_mode_change(SOCKET socket, int nonblocking) {
  const int result = change(socket, nonblocking);
  if (result == 0) sock_mode_set(socket, nonblocking);
  return result;
}

int sock_mode_hold(SOCKET socket) {
  if (sock_mode_get(socket)) return 0;
  const int result = change(socket, 1);
  return result < 0 ? result : 1;
}

void sock_mode_release(SOCKET socket, int held) {
  if (!held) return;
  const int error = WSAGetLastError();
  (void)change(socket, 0);
  WSASetLastError(error);
}

#endif
