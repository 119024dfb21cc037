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
  bool MakeResume();
  bool MakeTurnEnd(napi_value *out);
  void ResumeLater();
  void End();

  static napi_value OnTurnEnd(napi_env env, napi_callback_info info);
  static void OnUnlinked(napi_env env, void *data, void *hint);
  static bool OnThread(void *data);
  static void OnReady(napi_env env, napi_value callback, void *context, void *data);
  static void OnReleased(napi_env env, void *data, void *hint);
  static void OnCleanup(void *data);

  napi_threadsafe_function ready_ = nullptr;
  WaitThread thread_;
  /** The functions queueMicrotask and `OnTurnEnd`. */
  napi_ref queue_ = nullptr;
  napi_ref resume_ = nullptr;
  /**
   * What `OnTurnEnd` finds the object by. A program may keep the function for longer, and a runtime that ends may
   * free the function first. So the one of both that ends last frees this.
   */
  struct Link {
    ThreadLoop *loop;
    int owners;
  } *link_ = nullptr;
  static void Leave(Link *link);
  /** Whether the thread waits for `OnTurnEnd`. */
  bool resumes_ = false;
  bool has_hook_ = false;
  bool detached_ = false;
};

bool ThreadLoop::Init() {
  napi_value name;
  if (!MakeResume() ||
      napi_create_string_utf8(env_, "sock:poller", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_threadsafe_function(env_, nullptr, nullptr, name, 0, 1, this, OnReleased, this,
                                      OnReady, &ready_) != napi_ok) {
    return false;
  }
  // Added after the hook of the function itself, so it runs before that one.
  has_hook_ = napi_add_env_cleanup_hook(env_, OnCleanup, this) == napi_ok;
  return has_hook_;
}

bool ThreadLoop::MakeTurnEnd(napi_value *out) {
  auto *link = new Link{this, 2};
  if (napi_create_function(env_, nullptr, 0, OnTurnEnd, link, out) != napi_ok ||
      napi_add_finalizer(env_, *out, link, OnUnlinked, nullptr, nullptr) != napi_ok) {
    delete link;
    return false;
  }
  link_ = link;
  return true;
}

void ThreadLoop::Leave(Link *link) {
  link->owners--;
  if (link->owners == 0) delete link;
}

void ThreadLoop::OnUnlinked(napi_env, void *data, void *) {
  Leave(static_cast<Link *>(data));
}

bool ThreadLoop::MakeResume() {
  napi_value global, queue, resume;
  return napi_get_global(env_, &global) == napi_ok &&
         napi_get_named_property(env_, global, "queueMicrotask", &queue) == napi_ok &&
         napi_create_reference(env_, queue, 1, &queue_) == napi_ok && MakeTurnEnd(&resume) &&
         napi_create_reference(env_, resume, 1, &resume_) == napi_ok;
}

/**
 * Lets the thread wait again once the promises and ticks of the callback have run. Deno does not run them between
 * two calls of a thread-safe function, so the next events would come before.
 */
void ThreadLoop::ResumeLater() {
  napi_handle_scope scope;
  napi_value receiver, queue, resume, result;
  if (napi_open_handle_scope(env_, &scope) != napi_ok) return;
  resumes_ = true;
  if (napi_get_global(env_, &receiver) != napi_ok ||
      napi_get_reference_value(env_, queue_, &queue) != napi_ok ||
      napi_get_reference_value(env_, resume_, &resume) != napi_ok ||
      napi_call_function(env_, receiver, queue, 1, &resume, &result) != napi_ok) {
    // A program may have put another function there, which threw.
    (void)napi_get_and_clear_last_exception(env_, &result);
    if (resumes_) thread_.Resume();
    resumes_ = false;
  }
  (void)napi_close_handle_scope(env_, scope);
}

napi_value ThreadLoop::OnTurnEnd(napi_env env, napi_callback_info info) {
  size_t count = 0;
  void *data = nullptr;
  if (napi_get_cb_info(env, info, &count, nullptr, nullptr, &data) != napi_ok) return nullptr;
  ThreadLoop *const loop = static_cast<Link *>(data)->loop;
  if (loop == nullptr || !loop->resumes_) return nullptr;
  loop->resumes_ = false;
  loop->thread_.Resume();
  return nullptr;
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
  // If the environment is gone, the call is only discarded. So is one more call for the same events: the promises
  // of the callback have not run yet.
  if (env == nullptr || loop->detached_ || loop->resumes_) return;
  loop->Dispatch();
  // The callback may have detached the poller. The object itself lives longer.
  if (!loop->detached_) loop->ResumeLater();
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
  if (link_ != nullptr) {
    link_->loop = nullptr;
    Leave(link_);
  }
  if (queue_ != nullptr) (void)napi_delete_reference(env_, queue_);
  if (resume_ != nullptr) (void)napi_delete_reference(env_, resume_);
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
