/*
 * A poller of libsock on the environment's event loop. There are two ways: one handle of libuv (uv_loop.cc), or a
 * thread (thread_loop.cc) where libuv cannot wait for a poller.
 */
#ifndef SOCK_ADDON_LOOP_H
#define SOCK_ADDON_LOOP_H

#include "instance.h"

namespace sock {

static_assert(sizeof(sock_event) == 2 * sizeof(uint32_t), "pairs of token and readiness");

/** The events in JavaScript's form: a Uint32Array of pairs. */
struct Events {
  sock_event *first;
  int capacity;
};

bool Read(napi_env env, napi_value value, Events *out);

class Loop {
public:
  /** On failure returns null and sets `error`. */
  static Loop *Attach(napi_env env, Instance *instance, int64_t poller, napi_async_context context,
                      napi_value events, napi_value callback, int *error);

  /** Takes the poller off the loop at once. The object is freed when nothing refers to it any more. */
  virtual void Detach() {}
  /** Decides whether the attached poller keeps the process alive. */
  virtual void KeepAlive(bool) {}

  Loop(const Loop &) = delete;
  Loop &operator=(const Loop &) = delete;

protected:
  Loop(napi_env env, Instance *instance, int64_t poller, napi_async_context context);
  virtual ~Loop() = default;
  /** Makes the references to the array and the callback. */
  bool Refer(napi_value events, napi_value callback);
  /** Deletes the references. */
  void Forget();
  /** Fetches the events and calls back with their number. */
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
