/*
 * The way onto the event loop on Windows. A poller is an I/O completion port there, for which libuv cannot wait. A
 * thread waits until the poller has events, calls a thread-safe function, and waits again when the events were
 * fetched.
 */
#if defined(_WIN32)

#include <windows.h>

#include "loop.h"

namespace sock {
namespace {

class ThreadLoop : public Loop {
public:
  ThreadLoop(napi_env env, Instance *instance, int64_t poller, napi_async_context context)
      : Loop(env, instance, poller, context) {}

  /** On failure returns null and sets `error`. */
  static ThreadLoop *Open(napi_env env, Instance *instance, int64_t poller,
                          napi_async_context context, napi_value events, napi_value callback,
                          int *error);
  void Detach() override;
  void KeepAlive(bool on) override;

private:
  ~ThreadLoop() override;
  bool Start(napi_value events, napi_value callback);
  void Stop();

  static DWORD WINAPI Run(void *data);
  static void OnReady(napi_env env, napi_value callback, void *context, void *data);
  static void OnReleased(napi_env env, void *data, void *hint);
  static void OnCleanup(void *data);

  napi_threadsafe_function ready_ = nullptr;
  HANDLE thread_ = nullptr;
  /** Signalled when the events were fetched or the thread has to end. */
  HANDLE fetched_ = nullptr;
  volatile LONG stopping_ = 0;
  bool detached_ = false;
};

ThreadLoop *ThreadLoop::Open(napi_env env, Instance *instance, int64_t poller,
                             napi_async_context context, napi_value events, napi_value callback,
                             int *error) {
  auto *loop = new ThreadLoop(env, instance, poller, context);
  *error = 0;
  if (loop->Start(events, callback)) return loop;
  *error = instance->numbers.invalid;
  const bool referred = loop->ready_ != nullptr;
  loop->Detach();
  if (!referred) delete loop;
  return nullptr;
}

bool ThreadLoop::Start(napi_value events, napi_value callback) {
  napi_value name;
  if (!Refer(events, callback) ||
      napi_create_string_utf8(env_, "sock:poller", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_threadsafe_function(env_, nullptr, nullptr, name, 0, 1, this, OnReleased, this,
                                      OnReady, &ready_) != napi_ok) {
    return false;
  }
  // Added after the hook of the function itself, so it runs before that one.
  if (napi_add_env_cleanup_hook(env_, OnCleanup, this) != napi_ok) return false;
  fetched_ = CreateEventW(nullptr, FALSE, FALSE, nullptr);
  if (fetched_ == nullptr) return false;
  thread_ = CreateThread(nullptr, 0, Run, this, 0, nullptr);
  return thread_ != nullptr;
}

DWORD WINAPI ThreadLoop::Run(void *data) {
  auto *loop = static_cast<ThreadLoop *>(data);
  while (loop->stopping_ == 0) {
    const int ready = sock_poller_ready(loop->poller_, -1);
    if (ready < 0) break;
    if (ready == 0 || loop->stopping_ != 0) continue;
    if (napi_call_threadsafe_function(loop->ready_, nullptr, napi_tsfn_nonblocking) != napi_ok) {
      break;
    }
    WaitForSingleObject(loop->fetched_, INFINITE);
  }
  return 0;
}

void ThreadLoop::OnReady(napi_env env, napi_value, void *context, void *) {
  auto *loop = static_cast<ThreadLoop *>(context);
  // If the environment is gone, the call is only discarded.
  if (env == nullptr || loop->detached_) return;
  loop->Dispatch();
  // The callback may have detached the poller. The object itself lives longer.
  if (!loop->detached_) SetEvent(loop->fetched_);
}

void ThreadLoop::KeepAlive(bool on) {
  if (detached_) return;
  if (on) {
    (void)napi_ref_threadsafe_function(env_, ready_);
  } else {
    (void)napi_unref_threadsafe_function(env_, ready_);
  }
}

void ThreadLoop::Stop() {
  if (thread_ == nullptr) return;
  InterlockedExchange(&stopping_, 1);
  SetEvent(fetched_);
  (void)sock_poller_interrupt(poller_);
  WaitForSingleObject(thread_, INFINITE);
}

void ThreadLoop::Detach() {
  if (detached_) return;
  detached_ = true;
  Stop();
  Forget();
  if (ready_ == nullptr) return;
  (void)napi_remove_env_cleanup_hook(env_, OnCleanup, this);
  (void)napi_release_threadsafe_function(ready_, napi_tsfn_abort);
}

void ThreadLoop::OnCleanup(void *data) {
  auto *loop = static_cast<ThreadLoop *>(data);
  loop->instance_->pollers.Replace(loop->poller_, nullptr);
  loop->Detach();
}

void ThreadLoop::OnReleased(napi_env, void *data, void *) {
  delete static_cast<ThreadLoop *>(data);
}

ThreadLoop::~ThreadLoop() {
  if (thread_ != nullptr) CloseHandle(thread_);
  if (fetched_ != nullptr) CloseHandle(fetched_);
}

} // namespace

Loop *Loop::Attach(napi_env env, Instance *instance, int64_t poller, napi_async_context context,
                   napi_value events, napi_value callback, int *error) {
  return ThreadLoop::Open(env, instance, poller, context, events, callback, error);
}

} // namespace sock

#endif
