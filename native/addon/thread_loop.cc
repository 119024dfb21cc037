/*
 * The way onto the event loop where there is no libuv: in Bun and Deno, and on Windows. A thread waits until the
 * poller has events and calls a thread-safe function. That fetches the events on the thread of JavaScript.
 */
#include "loop.h"
#include "wait_thread.h"

namespace sock {
namespace {

class ThreadLoop : public Loop {
public:
  ThreadLoop(napi_env env, Instance *instance, int64_t poller)
      : Loop(env, instance, poller), thread_(poller, OnThread, this) {}
  ~ThreadLoop() override = default;

  /** Returns whether the thread-safe function could be made. */
  bool Init();
  void Detach() override;
  void KeepAlive(bool on) override;

protected:
  int Start() override;
  napi_status Call(napi_value receiver, napi_value callback, napi_value argument) override;

private:
  void End();

  static bool OnThread(void *data);
  static void OnReady(napi_env env, napi_value callback, void *context, void *data);
  static void OnReleased(napi_env env, void *data, void *hint);
  static void OnCleanup(void *data);

  napi_threadsafe_function ready_ = nullptr;
  WaitThread thread_;
  bool has_hook_ = false;
  bool detached_ = false;
};

bool ThreadLoop::Init() {
  napi_value name;
  if (napi_create_string_utf8(env_, "sock:poller", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_threadsafe_function(env_, nullptr, nullptr, name, 0, 1, this, OnReleased, this,
                                      OnReady, &ready_) != napi_ok) {
    return false;
  }
  // Added after the hook of the function itself, so it runs before that one.
  has_hook_ = napi_add_env_cleanup_hook(env_, OnCleanup, this) == napi_ok;
  return has_hook_;
}

int ThreadLoop::Start() {
  return thread_.Start();
}

bool ThreadLoop::OnThread(void *data) {
  auto *loop = static_cast<ThreadLoop *>(data);
  return napi_call_threadsafe_function(loop->ready_, nullptr, napi_tsfn_nonblocking) == napi_ok;
}

void ThreadLoop::OnReady(napi_env env, napi_value, void *context, void *) {
  auto *loop = static_cast<ThreadLoop *>(context);
  // If the environment is gone, the call is only discarded.
  if (env == nullptr || loop->detached_) return;
  loop->Dispatch();
  // The callback may have detached the poller. The object itself lives longer.
  if (!loop->detached_) loop->thread_.Resume();
}

/** A thread-safe function has a context of its own, in which `OnReady` runs. */
napi_status ThreadLoop::Call(napi_value receiver, napi_value callback, napi_value argument) {
  napi_value result;
  return napi_call_function(env_, receiver, callback, 1, &argument, &result);
}

void ThreadLoop::KeepAlive(bool on) {
  if (detached_) return;
  if (on) {
    (void)napi_ref_threadsafe_function(env_, ready_);
  } else {
    (void)napi_unref_threadsafe_function(env_, ready_);
  }
}

void ThreadLoop::End() {
  detached_ = true;
  thread_.Stop();
  Forget();
}

void ThreadLoop::Detach() {
  if (detached_) return;
  End();
  if (has_hook_) (void)napi_remove_env_cleanup_hook(env_, OnCleanup, this);
  if (ready_ == nullptr) {
    delete this;
  } else {
    (void)napi_release_threadsafe_function(ready_, napi_tsfn_abort);
  }
}

/** The environment ends. It frees the thread-safe function, which frees the object. */
void ThreadLoop::OnCleanup(void *data) {
  auto *loop = static_cast<ThreadLoop *>(data);
  loop->has_hook_ = false;
  loop->instance_->pollers.Replace(loop->poller_, nullptr);
  loop->Detach();
}

void ThreadLoop::OnReleased(napi_env, void *data, void *) {
  auto *loop = static_cast<ThreadLoop *>(data);
  // A runtime may free the function at its end before it calls the hooks.
  if (!loop->detached_) {
    loop->instance_->pollers.Replace(loop->poller_, nullptr);
    loop->End();
    if (loop->has_hook_) (void)napi_remove_env_cleanup_hook(loop->env_, OnCleanup, loop);
  }
  delete loop;
}

} // namespace

Loop *MakeThreadLoop(napi_env env, Instance *instance, int64_t poller, int *error) {
  auto *loop = new ThreadLoop(env, instance, poller);
  if (loop->Init()) return loop;
  *error = instance->numbers.invalid;
  loop->Detach();
  return nullptr;
}

} // namespace sock
