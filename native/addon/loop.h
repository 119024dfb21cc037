#ifndef SOCK_ADDON_LOOP_H
#define SOCK_ADDON_LOOP_H

#include "instance.h"
#include "uv_poll.h"

namespace sock {

/** The poller of one environment, on its event loop. */
class Loop {
public:
  /** Events that one call into JavaScript brings at most: `EVENTS` of packages/native/src/driver.ts. */
  static constexpr int EVENTS = 256;

  /** Returns null, and why in `error`, where the system is out of descriptors. */
  static Loop *Start(napi_env env, Instance *instance, int *error);

  int Watch(sock_handle socket, unsigned interest);
  /** Whether the process has something to wait for. */
  void KeepAlive(bool on);
  bool SetCallback(napi_value callback, napi_value ready);

private:
  Loop(napi_env env, Instance *instance, int64_t poller);
  ~Loop();
  int Init();
  void Dispatch();
  uv_poll_s *poll() { return reinterpret_cast<uv_poll_s *>(handle_memory_.get()); }
  uv_handle_s *handle() { return reinterpret_cast<uv_handle_s *>(handle_memory_.get()); }

  static void OnPoll(uv_poll_s *poll, int status, int events);
  static void OnCleanup(napi_async_cleanup_hook_handle hook, void *data);
  static void OnClosed(uv_handle_s *handle);

  napi_env env_;
  Instance *instance_;
  int64_t poller_;
  /** As large as libuv of the running Node says that a uv_poll_t is. */
  std::unique_ptr<char[]> handle_memory_;
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
  napi_async_context context_ = nullptr;
  napi_ref on_ready_ = nullptr;
  napi_ref ready_reference_ = nullptr;
  int32_t *ready_ = nullptr;
};

} // namespace sock

#endif
