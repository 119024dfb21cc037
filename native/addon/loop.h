/*
 * A poller of libsock on the environment's event loop. There are two ways: one handle of libuv (uv_loop.cc), or a
 * thread (thread_loop.cc) where there is no libuv or where libuv cannot wait for a poller.
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

/** Whether the runtime's event loop is one of libuv that can wait for a poller. */
bool HasLibuv(napi_env env);

class Loop {
public:
  /**
   * Makes the object for one poller, which does not wait yet. Runs the hooks of async_hooks, which are the caller's
   * code. `polls`: the most of a turn, where the poller is on libuv's loop. On failure returns null and sets `error`.
   */
  static Loop *Make(napi_env env, Instance *instance, int64_t poller, int polls, int *error);

  /** Puts the poller on the loop. Calls back with the number of events that `events` got. Returns 0 or an error. */
  int Attach(napi_value events, napi_value callback);
  /** Takes the poller off the loop at once. The object is freed when nothing refers to it any more. */
  virtual void Detach() = 0;
  /** Decides whether the attached poller keeps the process alive. */
  virtual void KeepAlive(bool on) = 0;

  Loop(const Loop &) = delete;
  Loop &operator=(const Loop &) = delete;

protected:
  Loop(napi_env env, Instance *instance, int64_t poller);
  virtual ~Loop() = default;
  /** Begins to wait. Returns 0 or an error. */
  virtual int Start() = 0;
  /** Calls a function of JavaScript from the event loop, with everything that Node does around that. */
  virtual napi_status Call(napi_value receiver, napi_value callback, napi_value argument) = 0;
  /** Deletes the references to the array and the callback. */
  void Forget();
  /**
   * Fetches the events and calls back with their number. Returns whether there were any. The callback may have
   * detached the poller.
   */
  bool Dispatch();

  napi_env env_;
  Instance *instance_;
  int64_t poller_;

private:
  /** Returns whether JavaScript could be called. */
  bool Report(int count);

  napi_ref callback_ = nullptr;
  napi_ref events_ = nullptr;
};

/** The two ways. On failure each returns null and sets `error`. */
Loop *MakeUvLoop(napi_env env, Instance *instance, int64_t poller, int polls, int *error);
Loop *MakeThreadLoop(napi_env env, Instance *instance, int64_t poller, int *error);

} // namespace sock

#endif
