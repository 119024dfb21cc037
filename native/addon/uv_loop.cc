/*
 * The way onto Node's event loop: one libuv handle on the poller itself. So a wait on a socket costs no thread and
 * no handle of its own, does not change the blocking mode of the socket, and one call brings many events.
 *
 * While there are always events, an idle handle takes its place: each turn of the loop then polls (pace.h).
 */
#if !defined(_WIN32)

#include "loop.h"
#include "pace.h"
#include "uv_poll.h"

namespace sock {
namespace {

class UvLoop : public Loop {
public:
  UvLoop(napi_env env, Instance *instance, int64_t poller, int polls)
      : Loop(env, instance, poller), pace_(polls) {}
  ~UvLoop() override {
    delete[] poll_memory_;
    delete[] idle_memory_;
  }

  /** Returns whether the context of the calls could be made. */
  bool Init();
  void Detach() override;
  void KeepAlive(bool on) override;

protected:
  int Start() override;
  napi_status Call(napi_value receiver, napi_value callback, napi_value argument) override;

private:
  uv_poll_s *poll() { return reinterpret_cast<uv_poll_s *>(poll_memory_); }
  uv_idle_s *idle() { return reinterpret_cast<uv_idle_s *>(idle_memory_); }
  uv_handle_s *poll_handle() { return reinterpret_cast<uv_handle_s *>(poll_memory_); }
  uv_handle_s *idle_handle() { return reinterpret_cast<uv_handle_s *>(idle_memory_); }

  /** Polls as often as a turn may. `announced`: libuv has seen that the poller has events. */
  void Turn(bool announced);
  /** Has the loop wait for events, or poll at each turn. */
  int Wait();
  void PollEachTurn();

  template <typename Handle> static UvLoop *Of(Handle *handle) {
    return static_cast<UvLoop *>(uv_handle_get_data(reinterpret_cast<uv_handle_s *>(handle)));
  }
  static void OnPoll(uv_poll_s *poll, int status, int events);
  static void OnIdle(uv_idle_s *idle);
  static void OnCleanup(napi_async_cleanup_hook_handle hook, void *data);
  static void OnClosed(uv_handle_s *handle);

  /** Memory for a uv_poll_t and a uv_idle_t, whose sizes libuv of the running Node tells. */
  char *poll_memory_ = new char[uv_handle_size(UV_POLL_TYPE)];
  char *idle_memory_ = new char[uv_handle_size(UV_IDLE_TYPE)];
  Pace pace_;
  napi_async_context context_ = nullptr;
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
  /** How many of the handles libuv knows. Only the callback of uv_close may free those. */
  int opened_ = 0;
  bool polls_each_turn_ = false;
  bool detached_ = false;
};

bool UvLoop::Init() {
  napi_value name;
  return napi_create_string_utf8(env_, "sock:poller", NAPI_AUTO_LENGTH, &name) == napi_ok &&
         napi_async_init(env_, nullptr, name, &context_) == napi_ok;
}

int UvLoop::Start() {
  uv_loop_s *uv = nullptr;
  if (napi_get_uv_event_loop(env_, &uv) != napi_ok) return instance_->numbers.invalid;
  int error = uv_poll_init(uv, poll(), static_cast<int>(poller_));
  if (error < 0) return error;
  opened_ = 1;
  uv_handle_set_data(poll_handle(), this);
  error = uv_idle_init(uv, idle());
  if (error < 0) return error;
  opened_ = 2;
  uv_handle_set_data(idle_handle(), this);
  if (napi_add_async_cleanup_hook(env_, OnCleanup, this, &cleanup_) != napi_ok) {
    return instance_->numbers.invalid;
  }
  return Wait();
}

int UvLoop::Wait() {
  (void)uv_idle_stop(idle());
  polls_each_turn_ = false;
  // The system reports what has arrived before this too: the poller is level-triggered there.
  return uv_poll_start(poll(), UV_READABLE_EVENT, OnPoll);
}

void UvLoop::PollEachTurn() {
  if (uv_idle_start(idle(), OnIdle) < 0) return;
  (void)uv_poll_stop(poll());
  polls_each_turn_ = true;
}

napi_status UvLoop::Call(napi_value receiver, napi_value callback, napi_value argument) {
  napi_value result;
  return napi_make_callback(env_, context_, receiver, callback, 1, &argument, &result);
}

void UvLoop::KeepAlive(bool on) {
  if (detached_) return;
  // Each of them, because the other becomes active without asking.
  void (*const set)(uv_handle_s *) = on ? uv_ref : uv_unref;
  set(poll_handle());
  set(idle_handle());
}

void UvLoop::OnPoll(uv_poll_s *poll, int, int) {
  Of(poll)->Turn(true);
}

void UvLoop::OnIdle(uv_idle_s *idle) {
  Of(idle)->Turn(false);
}

void UvLoop::Turn(bool announced) {
  pace_.Begin(uv_hrtime());
  bool any = Dispatch();
  if (!announced && !detached_) pace_.Found(any);
  // The callback may have detached the poller. The object itself lives until its handles are closed.
  while (any && !detached_ && pace_.Again(uv_hrtime())) {
    any = Dispatch();
    pace_.Found(any);
  }
  if (detached_ || pace_.busy() == polls_each_turn_) return;
  if (pace_.busy()) {
    PollEachTurn();
  } else {
    // It fails only if another handle of the loop has the poller's descriptor, which the poller owns.
    (void)Wait();
  }
}

void UvLoop::Detach() {
  if (detached_) return;
  detached_ = true;
  Forget();
  if (context_ != nullptr) (void)napi_async_destroy(env_, context_);
  if (opened_ == 0)
    delete this;
  else {
    uv_close(poll_handle(), OnClosed);
    if (opened_ == 2) uv_close(idle_handle(), OnClosed);
  }
}

void UvLoop::OnCleanup(napi_async_cleanup_hook_handle, void *data) {
  auto *loop = static_cast<UvLoop *>(data);
  if (!loop->detached_) loop->instance_->pollers.Replace(loop->poller_, nullptr);
  loop->Detach();
}

void UvLoop::OnClosed(uv_handle_s *handle) {
  UvLoop *const loop = Of(handle);
  loop->opened_--;
  if (loop->opened_ > 0) return;
  napi_async_cleanup_hook_handle cleanup = loop->cleanup_;
  delete loop;
  // The environment waits for this before it ends. Nothing of it may be used afterwards.
  if (cleanup != nullptr) (void)napi_remove_async_cleanup_hook(cleanup);
}

} // namespace

Loop *MakeUvLoop(napi_env env, Instance *instance, int64_t poller, int polls, int *error) {
  auto *loop = new UvLoop(env, instance, poller, polls);
  if (loop->Init()) return loop;
  *error = instance->numbers.invalid;
  loop->Detach();
  return nullptr;
}

} // namespace sock

#endif
