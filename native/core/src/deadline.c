/* Waiting until a moment of the monotonic clock. */
#include "system.h"

#if defined(SOCK_SYSTEM_UNIX) || defined(SOCK_SYSTEM_WINDOWS)

#include <limits.h>
#include <time.h>

#define NEVER INT64_MAX
#define AT_ONCE 0

/* Longer than any process runs, and far below an overflow of the arithmetic. */
#define LONGEST_WAIT_MS 1e12
#define NS_PER_MS 1000000
#define NS_PER_S 1000000000

#if defined(SOCK_SYSTEM_WINDOWS)
static int64_t monotonic_now(void) {
  LARGE_INTEGER frequency;
  LARGE_INTEGER ticks;
  QueryPerformanceFrequency(&frequency);
  QueryPerformanceCounter(&ticks);
  const int64_t whole = ticks.QuadPart / frequency.QuadPart * NS_PER_S;
  return whole + ticks.QuadPart % frequency.QuadPart * NS_PER_S / frequency.QuadPart;
}
#else
static int64_t monotonic_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}
#endif

sock_deadline sock_deadline_after(double milliseconds) {
  if (milliseconds < 0 || milliseconds > LONGEST_WAIT_MS) return NEVER;
  /* Most waits are of 0 milliseconds (the `try` calls). They need no clock. */
  if (!(milliseconds > 0)) return AT_ONCE;
  return monotonic_now() + (int64_t)(milliseconds * NS_PER_MS);
}

int sock_deadline_left(sock_deadline deadline) {
  if (deadline == NEVER) return -1;
  if (deadline == AT_ONCE) return 0;
  const int64_t left = deadline - monotonic_now();
  if (left <= 0) return 0;
  /* Rounded up. Rounded down, the caller would spin through the last millisecond. */
  const int64_t milliseconds = (left + NS_PER_MS - 1) / NS_PER_MS;
  return milliseconds < INT_MAX ? (int)milliseconds : INT_MAX;
}

#endif
