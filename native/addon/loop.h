/*
 * A poller of libsock on the environment's event loop. How it gets there differs: through one handle
 * of libuv (uv_loop.cc), or through a thread of its own (thread_loop.cc) where libuv takes no poller.
 */
#ifndef SOCK_ADDON_LOOP_H
#define SOCK_ADDON_LOOP_H

#include "instance.h"

namespace sock {

static_assert(sizeof(sock_event) == 2 * sizeof(uint32_t), "pairs of token and readiness");

/** Events as JavaScript has them: a Uint32Array of pairs. */
struct Events {
  sock_event *first;
  int capacity;
};

bool Read(napi_env env, napi_value value, Events *out);

class Loop {
public:
  /** Returns null, and why in `error`. */
  static Loop *Attach(napi_env env, Instance *instance, int64_t poller, napi_async_context context,
                      napi_value events, napi_value callback, int *error);

  /** Takes the poller off the loop at once; the object goes when nothing refers to it any more. */
  virtual void Detach() {}
  /** Whether the process has something to wait for. */
  virtual void KeepAlive(bool) {}

  Loop(const Loop &) = delete;
  Loop &operator=(const Loop &) = delete;

protected:
  Loop(napi_env env, Instance *instance, int64_t poller, napi_async_context context);
  virtual ~Loop() = default;
  /** Makes the references. */
  bool Refer(napi_value events, napi_value callback);
  /** Gives them up. */
  void Forget();
  /** Fetches the events that there are, and calls back with their number. */
  void Dispatch();

  napi_env env_;
  Instance *instance_;
  int64_t poller_;

private:
  void Report(int count);

  napi_async_context context_;
  napi_ref callback_ = nullptr;
  napi_ref events_ = nullptr;
};

} // namespace sock

#endif
