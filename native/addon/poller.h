#ifndef SOCK_ADDON_POLLER_H
#define SOCK_ADDON_POLLER_H

#include "instance.h"
#include "uv_poll.h"

namespace sock {

/** A poller of libsock on the environment's event loop, through one handle of libuv. */
class Loop {
public:
  /** Returns null, and why in `error`. */
  static Loop *Attach(napi_env env, Instance *instance, int64_t poller, napi_value events,
                      napi_value callback, int *error);

  /** Takes the poller off the loop at once; the object goes when libuv has let go of it. */
  void Detach();
  /** Whether the process has something to wait for. */
  void KeepAlive(bool on);

private:
  Loop(napi_env env, Instance *instance, int64_t poller);
  ~Loop() = default;
  int Start(napi_value events, napi_value callback);
  void Dispatch();
  void Report(int count);
  uv_poll_s *poll() { return reinterpret_cast<uv_poll_s *>(memory_.get()); }
  uv_handle_s *handle() { return reinterpret_cast<uv_handle_s *>(memory_.get()); }

  static void OnPoll(uv_poll_s *poll, int status, int events);
  static void OnCleanup(napi_async_cleanup_hook_handle hook, void *data);
  static void OnClosed(uv_handle_s *handle);

  napi_env env_;
  Instance *instance_;
  int64_t poller_;
  /** As large as libuv of the running Node says that a uv_poll_t is. */
  std::unique_ptr<char[]> memory_;
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
  napi_async_context context_ = nullptr;
  napi_ref callback_ = nullptr;
  napi_ref events_ = nullptr;
  bool detached_ = false;
};

} // namespace sock

#endif
