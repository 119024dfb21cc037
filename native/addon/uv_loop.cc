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
  UvLoop(napi_env env, Instance *instance, int64_t poller, napi_async_context context)
      : Loop(env, instance, poller, context) {}

  /** On failure returns null and sets `error`. */
  static UvLoop *Open(napi_env env, Instance *instance, int64_t poller, napi_async_context context,
                      napi_value events, napi_value callback, int *error);
  void Detach() override;
  void KeepAlive(bool on) override;

private:
  ~UvLoop() override { delete[] memory_; }
  int Start(napi_value events, napi_value callback);
  uv_poll_s *poll() { return reinterpret_cast<uv_poll_s *>(memory_); }
  uv_handle_s *handle() { return reinterpret_cast<uv_handle_s *>(memory_); }

  static void OnPoll(uv_poll_s *poll, int status, int events);
  static void OnCleanup(napi_async_cleanup_hook_handle hook, void *data);
  static void OnClosed(uv_handle_s *handle);

  /** Memory for a uv_poll_t, whose size libuv of the running Node tells. */
  char *memory_ = new char[uv_handle_size(UV_POLL_TYPE)];
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
  bool detached_ = false;
};

UvLoop *UvLoop::Open(napi_env env, Instance *instance, int64_t poller, napi_async_context context,
                     napi_value events, napi_value callback, int *error) {
  uv_loop_s *uv = nullptr;
  if (napi_get_uv_event_loop(env, &uv) != napi_ok) {
    *error = instance->numbers.invalid;
    (void)napi_async_destroy(env, context);
    return nullptr;
  }
  auto *loop = new UvLoop(env, instance, poller, context);
  *error = uv_poll_init(uv, loop->poll(), static_cast<int>(poller));
  if (*error < 0) {
    loop->Forget();
    delete loop;
    return nullptr;
  }
  uv_handle_set_data(loop->handle(), loop);
  *error = loop->Start(events, callback);
  if (*error == 0) return loop;
  // libuv knows the handle by now. Only the callback of uv_close may free it.
  loop->Detach();
  return nullptr;
}

int UvLoop::Start(napi_value events, napi_value callback) {
  if (napi_add_async_cleanup_hook(env_, OnCleanup, this, &cleanup_) != napi_ok ||
      !Refer(events, callback)) {
    return instance_->numbers.invalid;
  }
  return uv_poll_start(poll(), UV_READABLE_EVENT, OnPoll);
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
  uv_close(handle(), OnClosed);
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

Loop *Loop::Attach(napi_env env, Instance *instance, int64_t poller, napi_async_context context,
                   napi_value events, napi_value callback, int *error) {
  return UvLoop::Open(env, instance, poller, context, events, callback, error);
}

} // namespace sock

#endif
