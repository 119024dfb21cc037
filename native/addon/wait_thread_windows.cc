/*
 * The thread on Windows, where a poller is an I/O completion port. libsock waits for it without taking its events.
 */
#if defined(_WIN32)

#include <windows.h>

#include "sock.h"
#include "wait_thread.h"

namespace sock {

int WaitThread::Start() {
  fetched_ = CreateEventW(nullptr, FALSE, FALSE, nullptr);
  if (fetched_ == nullptr) return -static_cast<int>(GetLastError());
  thread_ = CreateThread(nullptr, 0, Run, this, 0, nullptr);
  if (thread_ != nullptr) return 0;
  const int error = -static_cast<int>(GetLastError());
  CloseHandle(fetched_);
  return error;
}

unsigned long __stdcall WaitThread::Run(void *data) {
  auto *self = static_cast<WaitThread *>(data);
  while (self->stopping_ == 0) {
    const int ready = sock_poller_ready(self->poller_, -1);
    if (ready < 0) break;
    if (ready == 0 || self->stopping_ != 0) continue;
    if (!self->ready_(self->data_)) break;
    DWORD patience = static_cast<DWORD>(self->patience_);
    while (WaitForSingleObject(self->fetched_, patience) == WAIT_TIMEOUT) {
      if (!self->ready_(self->data_)) return 0;
      if (patience < LONGEST_PATIENCE) patience *= 2;
    }
  }
  return 0;
}

void WaitThread::Resume() {
  if (thread_ != nullptr) SetEvent(fetched_);
}

void WaitThread::Stop() {
  if (thread_ == nullptr) return;
  InterlockedExchange(&stopping_, 1);
  SetEvent(fetched_);
  (void)sock_poller_interrupt(poller_);
  WaitForSingleObject(thread_, INFINITE);
  CloseHandle(thread_);
  CloseHandle(fetched_);
  thread_ = nullptr;
}

} // namespace sock

#endif
