/*
 * The thread that waits for a poller, without Node: it says that there are events, and says so again if nobody fetches
 * them; it waits for more only when it is told to, and ends in any state.
 */
#include "wait_thread.h"

#include "expect.h"
#include "sock.h"

#include <atomic>
#include <csignal>
#include <ctime>

#include <dirent.h>
#include <unistd.h>

namespace {

void Rest() {
  const timespec time = {0, 1000000};
  (void)nanosleep(&time, nullptr);
}

/** Counts the calls of the thread. */
struct Calls {
  std::atomic<int> count{0};
  static bool Ready(void *data) {
    static_cast<Calls *>(data)->count++;
    return true;
  }
  /** Waits until there were so many, 10 s at most. */
  bool Reach(int least) const {
    for (int i = 0; i < 10000 && count < least; i++) Rest();
    return count >= least;
  }
};

/** A poller, and a socket that it watches. Writing to the other one makes an event. */
struct Watched {
  int64_t poller = sock_poller_open();
  int ends[2] = {-1, -1};

  Watched() {
    if (pipe(ends) != 0 || sock_poller_add(poller, ends[0], 1, SOCK_READABLE) != 0) std::abort();
  }
  ~Watched() {
    sock_poller_close(poller);
    close(ends[0]);
    close(ends[1]);
  }
  void Make() const {
    if (write(ends[1], "x", 1) != 1) std::abort();
  }
  void Take() const {
    char byte;
    if (read(ends[0], &byte, 1) != 1) std::abort();
  }
};

size_t Descriptors() {
  size_t count = 0;
  DIR *const folder = opendir("/dev/fd");
  if (folder == nullptr) std::abort();
  while (readdir(folder) != nullptr) count++;
  closedir(folder);
  return count;
}

void TellsOnce() {
  const Watched watched;
  Calls calls;
  sock::WaitThread thread(watched.poller, Calls::Ready, &calls, 60000);
  Expect(thread.Start() == 0, "the thread starts");
  for (int i = 0; i < 20; i++) Rest();
  Expect(calls.count == 0, "it says nothing while there are no events");
  watched.Make();
  Expect(calls.Reach(1), "it says that there are events");
  for (int i = 0; i < 20; i++) Rest();
  Expect(calls.count == 1, "it says so once, though nobody fetched them");
  thread.Resume();
  Expect(calls.Reach(2), "it says so again after Resume, because they were not fetched");
  watched.Take();
  thread.Resume();
  for (int i = 0; i < 20; i++) Rest();
  Expect(calls.count == 2, "it says nothing after they were fetched");
  watched.Make();
  Expect(calls.Reach(3), "it says that there are new ones");
  thread.Stop();
  thread.Stop();
  thread.Resume();
  Expect(calls.count == 3, "a thread that was stopped says nothing");
}

void TellsAgain() {
  const Watched watched;
  Calls calls;
  sock::WaitThread thread(watched.poller, Calls::Ready, &calls, 1);
  if (thread.Start() != 0) std::abort();
  watched.Make();
  Expect(calls.Reach(4), "it says so again while nobody fetches the events");
  watched.Take();
  thread.Resume();
  // It may have been about to say so.
  for (int i = 0; i < 20; i++) Rest();
  const int count = calls.count;
  for (int i = 0; i < 100; i++) Rest();
  Expect(calls.count == count, "it says nothing more after they were fetched");
}

void EndsInAnyState() {
  const size_t before = Descriptors();
  Calls calls;
  {
    const Watched watched;
    {
      sock::WaitThread never(watched.poller, Calls::Ready, &calls);
      sock::WaitThread waits(watched.poller, Calls::Ready, &calls);
      Expect(waits.Start() == 0, "a second thread starts on the same poller");
    }
    Expect(calls.count == 0, "one that waits is ended by its destructor");
    watched.Make();
    for (int i = 0; i < 100; i++) {
      sock::WaitThread told(watched.poller, Calls::Ready, &calls);
      if (told.Start() != 0) std::abort();
      if (i % 2 == 0) (void)calls.Reach(i / 2 + 1);
    }
    sock::WaitThread resumed(watched.poller, Calls::Ready, &calls);
    if (resumed.Start() != 0) std::abort();
    for (int i = 0; i < 1000; i++) {
      const int count = calls.count;
      (void)calls.Reach(count);
      resumed.Resume();
    }
  }
  Expect(Descriptors() == before, "no descriptor is left");
}

void ClosedPoller() {
  Watched watched;
  Calls calls;
  sock::WaitThread thread(watched.poller, Calls::Ready, &calls);
  sock_poller_close(watched.poller);
  Expect(thread.Start() == 0, "the thread starts on a poller that is closed");
  for (int i = 0; i < 20; i++) Rest();
  Expect(calls.count == 0, "a poller that is closed has no events");
  thread.Stop();
  watched.poller = sock_poller_open();
}

volatile sig_atomic_t handled = 0;
pthread_t handler;

void OnSignal(int) {
  handled = 1;
  handler = pthread_self();
}

void LeavesSignals() {
  const Watched watched;
  Calls calls;
  sock::WaitThread thread(watched.poller, Calls::Ready, &calls);
  if (thread.Start() != 0) std::abort();
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  sigaction(SIGUSR1, &action, nullptr);
  for (int i = 0; i < 20; i++) {
    handled = 0;
    kill(getpid(), SIGUSR1);
    while (handled == 0) Rest();
    if (!pthread_equal(handler, pthread_self())) break;
  }
  Expect(pthread_equal(handler, pthread_self()), "signals go to the thread that expects them");
}

} // namespace

int main() {
  TellsOnce();
  TellsAgain();
  EndsInAnyState();
  ClosedPoller();
  LeavesSignals();
  return expect::Finish();
}
