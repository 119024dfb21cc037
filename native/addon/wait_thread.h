/*
 * A thread that waits until a poller has events, says so, and waits again when the events were fetched. It takes no
 * event itself. One file for each family of systems: wait_thread_posix.cc, wait_thread_windows.cc.
 *
 * If nobody fetches the events, the thread says so again, because a runtime may lose the call: Deno 2.9 sometimes
 * sleeps although a thread-safe function was called.
 */
#ifndef SOCK_ADDON_WAIT_THREAD_H
#define SOCK_ADDON_WAIT_THREAD_H

#include <cstdint>

#if !defined(_WIN32)
#include <pthread.h>
#endif

namespace sock {

class WaitThread {
public:
  /** The thread calls `ready(data)`. It goes on if that returns true, and otherwise only waits for `Stop`. */
  using Ready = bool (*)(void *data);

  /** How long the thread waits for `Resume` before it calls `ready` again, in milliseconds. Doubles each time. */
  static constexpr int PATIENCE = 100;
  /** The time no longer doubles from here on. */
  static constexpr int LONGEST_PATIENCE = 6400;

  WaitThread(int64_t poller, Ready ready, void *data, int patience = PATIENCE)
      : poller_(poller), ready_(ready), data_(data), patience_(patience) {}
  ~WaitThread() { Stop(); }
  WaitThread(const WaitThread &) = delete;
  WaitThread &operator=(const WaitThread &) = delete;

  /** Starts the thread. Returns 0 or a negative error number. */
  int Start();
  /** Lets the thread wait for the poller again, after it called `ready`. */
  void Resume();
  /** Ends the thread and waits for its end. Does nothing if none runs. */
  void Stop();

private:
  int64_t poller_;
  Ready ready_;
  void *data_;
  int patience_;
#if defined(_WIN32)
  static unsigned long __stdcall Run(void *self);

  void *thread_ = nullptr;
  /** The event that `Resume` and `Stop` signal. */
  void *fetched_ = nullptr;
  volatile long stopping_ = 0;
#else
  static void *Run(void *self);
  void Tell(char what);

  pthread_t thread_{};
  bool runs_ = false;
  /** A pipe, by which the thread is told to go on or to end. */
  int control_[2] = {-1, -1};
#endif
};

} // namespace sock

#endif
