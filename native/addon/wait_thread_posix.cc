/*
 * The thread on POSIX systems. A poller is a descriptor there, which poll(2) takes.
 */
#if !defined(_WIN32)

#include "wait_thread.h"

#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace sock {
namespace {

constexpr char RESUME = 'r';
constexpr char STOP = 's';

int MakePipe(int ends[2]) {
#if defined(__APPLE__)
  if (pipe(ends) < 0) return -errno;
  for (int i = 0; i < 2; i++) (void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
#else
  if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
#endif
  return 0;
}

} // namespace

int WaitThread::Start() {
  const int error = MakePipe(control_);
  if (error < 0) return error;
  // Signals are for the threads of the runtime. A thread inherits the mask of the one that creates it.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int failure = pthread_create(&thread_, nullptr, Run, this);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  runs_ = failure == 0;
  if (runs_) return 0;
  for (int &end : control_) {
    close(end);
    end = -1;
  }
  return -failure;
}

void *WaitThread::Run(void *data) {
  auto *self = static_cast<WaitThread *>(data);
  bool watching = true;
  int patience = self->patience_;
  for (;;) {
    // poll ignores an entry with a negative descriptor.
    pollfd entries[] = {{self->control_[0], POLLIN, 0},
                        {watching ? static_cast<int>(self->poller_) : -1, POLLIN, 0}};
    const int found = poll(entries, 2, watching ? -1 : patience);
    if (found < 0) continue;
    if (found == 0) {
      if (patience < LONGEST_PATIENCE) patience *= 2;
      (void)self->ready_(self->data_);
    } else if (entries[0].revents != 0) {
      char told = STOP;
      if (read(self->control_[0], &told, 1) < 0 && errno == EINTR) continue;
      if (told == STOP) return nullptr;
      watching = true;
    } else if (entries[1].revents != 0) {
      watching = false;
      patience = self->patience_;
      // A poller that somebody else closed would be ready for ever.
      if ((entries[1].revents & POLLNVAL) != 0)
        patience = -1;
      else
        (void)self->ready_(self->data_);
    }
  }
}

void WaitThread::Tell(char what) {
  // The pipe has room: for each call of `ready_` there is one byte at most, and the thread reads them.
  while (write(control_[1], &what, 1) < 0 && errno == EINTR) {
  }
}

void WaitThread::Resume() {
  if (runs_) Tell(RESUME);
}

void WaitThread::Stop() {
  if (!runs_) return;
  runs_ = false;
  Tell(STOP);
  pthread_join(thread_, nullptr);
  close(control_[0]);
  close(control_[1]);
}

} // namespace sock

#endif
