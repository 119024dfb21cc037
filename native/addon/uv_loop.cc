/*
 * The way onto Node's event loop: one libuv handle on the poller itself. So a wait on a socket costs no thread and
 * no handle of its own, does not change the blocking mode of the socket, and one call brings many events.
 */
#if !defined(_WIN32)

#include "loop.h"
#include "uv_poll.h"

namespace sock {
namespace {

class UvLoop : public Loop {
public:
  UvLoop(napi_env env, Instance *instance, int64_t poller) : Loop(env, instance, poller) {}
  ~UvLoop() override { delete[] memory_; }

  /** Returns whether the context of the calls could be made. */
  bool Init();
  void Detach() override;
  void KeepAlive(bool on) override;

protected:
  int Start() override;
  napi_status Call(napi_value receiver, napi_value callback, napi_value argument) override;

private:
  uv_poll_s *poll() { return reinterpret_cast<uv_poll_s *>(memory_); }
  uv_handle_s *handle() { return reinterpret_cast<uv_handle_s *>(memory_); }

  static void OnPoll(uv_poll_s *poll, int status, int events);
  static void OnCleanup(napi_async_cleanup_hook_handle hook, void *data);
  static void OnClosed(uv_handle_s *handle);

  /** Memory for a uv_poll_t, whose size libuv of the running Node tells. */
  char *memory_ = new char[uv_handle_size(UV_POLL_TYPE)];
  napi_async_context context_ = nullptr;
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
  /** Whether libuv knows the handle. Then only the callback of uv_close may free it. */
  bool opened_ = false;
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
  const int error = uv_poll_init(uv, poll(), static_cast<int>(poller_));
  if (error < 0) return error;
  opened_ = true;
  uv_handle_set_data(handle(), this);
  if (napi_add_async_cleanup_hook(env_, OnCleanup, this, &cleanup_) != napi_ok) {
    return instance_->numbers.invalid;
  }
  return uv_poll_start(poll(), UV_READABLE_EVENT, OnPoll);
}

napi_status UvLoop::Call(napi_value receiver, napi_value callback, napi_value argument) {
  napi_value result;
  return napi_make_callback(env_, context_, receiver, callback, 1, &argument, &result);
}

void UvLoop::KeepAlive(bool on) {
  if (detached_) return;
  if (on) {
    uv_ref(handle());
  } else {
    uv_unref(handle());
  }
}

void UvLoop::OnPoll(uv_poll_s *poll, int, int) {
  static_cast<UvLoop *>(uv_handle_get_data(reinterpret_cast<uv_handle_s *>(poll)))->Dispatch();
}

void UvLoop::Detach() {
  if (detached_) return;
  detached_ = true;
  Forget();
  if (context_ != nullptr) (void)napi_async_destroy(env_, context_);
  if (opened_) {
    uv_close(handle(), OnClosed);
  } else {
    delete this;
  }
}

void UvLoop::OnCleanup(napi_async_cleanup_hook_handle, void *data) {
  auto *loop = static_cast<UvLoop *>(data);
  if (!loop->detached_) loop->instance_->pollers.Replace(loop->poller_, nullptr);
  loop->Detach();
}

void UvLoop::OnClosed(uv_handle_s *handle) {
  auto *loop = static_cast<UvLoop *>(uv_handle_get_data(handle));
  napi_async_cleanup_hook_handle cleanup = loop->cleanup_;
  delete loop;
  // The environment waits for this before it ends. Nothing of it may be used afterwards.
  if (cleanup != nullptr) (void)napi_remove_async_cleanup_hook(cleanup);
}

} // namespace

Loop *MakeUvLoop(napi_env env, Instance *instance, int64_t poller, int *error) {
  auto *loop = new UvLoop(env, instance, poller);
  if (loop->Init()) return loop;
  *error = instance->numbers.invalid;
  loop->Detach();
  return nullptr;
}

} // namespace sock

#endif
