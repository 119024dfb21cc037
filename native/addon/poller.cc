/*
 * `Driver.poller` (packages/core/src/driver.ts).
 */
#include "arguments.h"
#include "loop.h"
#include "pace.h"

namespace sock {

namespace {

/** A call on a poller that this environment owns. */
template <size_t N> class PollerCall : public Call<N> {
public:
  using Call<N>::Call;

  template <typename... Out> bool Get(int64_t *poller, Out *...out) {
    if (!Call<N>::Get(poller, out...)) {
      error_ = this->instance() == nullptr ? 0 : this->instance()->numbers.invalid;
      return false;
    }
    entry_ = this->instance()->pollers.Find(*poller);
    if (entry_ != nullptr) return true;
    error_ = this->instance()->numbers.bad_handle;
    return false;
  }

  /** Finds the poller again after the caller's code has run: it must still be open, and not attached. */
  int Again(int64_t poller) {
    entry_ = this->instance()->pollers.Find(poller);
    if (entry_ == nullptr) return this->instance()->numbers.bad_handle;
    return *entry_ == nullptr ? 0 : this->instance()->numbers.exists;
  }

  napi_value Failed() const { return this->instance() == nullptr ? nullptr : this->Return(error_); }
  /** The loop that the poller is attached to, or null. Adding or removing a poller ends the reference. */
  Loop *&loop() const { return *entry_; }

private:
  Loop **entry_ = nullptr;
  int error_ = 0;
};

napi_value Open(napi_env env, napi_callback_info info) {
  Call<0> call(env, info);
  if (call.instance() == nullptr) return nullptr;
  const int64_t poller = sock_poller_open();
  if (poller >= 0) call.instance()->pollers.Add(poller, nullptr);
  return call.Return(poller);
}

template <auto function> napi_value Register(napi_env env, napi_callback_info info) {
  PollerCall<4> call(env, info);
  int64_t poller;
  sock_handle handle;
  uint32_t token;
  unsigned interest;
  if (!call.Get(&poller, &handle, &token, &interest)) return call.Failed();
  return call.Return(function(poller, handle, token, interest));
}

napi_value Remove(napi_env env, napi_callback_info info) {
  PollerCall<2> call(env, info);
  int64_t poller;
  sock_handle handle;
  if (!call.Get(&poller, &handle)) return call.Failed();
  return call.Return(sock_poller_remove(poller, handle));
}

napi_value Wait(napi_env env, napi_callback_info info) {
  PollerCall<3> call(env, info);
  int64_t poller;
  Events events;
  double milliseconds;
  if (!call.Get(&poller, &events, &milliseconds)) return call.Failed();
  return call.Return(sock_poller_wait(poller, events.first, events.capacity, milliseconds));
}

napi_value Waker(napi_env env, napi_callback_info info) {
  PollerCall<1> call(env, info);
  int64_t poller;
  if (!call.Get(&poller)) return call.Failed();
  const int64_t waker = sock_poller_waker(poller);
  // `close` takes pollers and wakers.
  if (waker >= 0) call.instance()->pollers.Add(waker, nullptr);
  return call.Return(waker);
}

/** The poller may be that of another thread, so this does not ask who owns it. */
napi_value Wake(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  int64_t waker;
  if (!call.Get(&waker)) return call.Invalid();
  return call.Return(sock_poller_wake(waker));
}

/** @tparam polls the most polls of a turn of the event loop */
template <int polls> napi_value AttachPoller(napi_env env, napi_callback_info info) {
  PollerCall<3> call(env, info);
  int64_t poller;
  Value events, callback;
  if (!call.Get(&poller, &events, &callback)) return call.Failed();
  napi_valuetype type;
  if (napi_typeof(env, callback.value, &type) != napi_ok || type != napi_function) {
    return call.Invalid();
  }
  Events array;
  if (!Read(env, events.value, &array)) return call.Invalid();
  int error = 0;
  Loop *loop = Loop::Make(env, call.instance(), poller, polls, &error);
  if (loop == nullptr) return call.Return(error);
  // The hooks of async_hooks have run. They are the caller's code, which may have closed or attached this poller.
  error = call.Again(poller);
  if (error == 0) error = loop->Attach(events.value, callback.value);
  if (error < 0) {
    loop->Detach();
    return call.Return(error);
  }
  call.loop() = loop;
  return call.Return(0);
}

napi_value DetachPoller(napi_env env, napi_callback_info info) {
  PollerCall<1> call(env, info);
  int64_t poller;
  if (!call.Get(&poller)) return call.Failed();
  Loop *loop = call.loop();
  if (loop != nullptr) loop->Detach();
  call.loop() = nullptr;
  return call.Return(0);
}

napi_value KeepAlive(napi_env env, napi_callback_info info) {
  PollerCall<2> call(env, info);
  int64_t poller;
  bool on;
  if (!call.Get(&poller, &on)) return call.Failed();
  if (call.loop() != nullptr) call.loop()->KeepAlive(on);
  return call.Return(0);
}

napi_value Close(napi_env env, napi_callback_info info) {
  PollerCall<1> call(env, info);
  int64_t poller;
  if (!call.Get(&poller)) return call.Failed();
  if (call.loop() != nullptr) call.loop()->Detach();
  call.instance()->pollers.Remove(poller);
  return call.Return(sock_poller_close(poller));
}

constexpr Function functions[] = {
    {"open", Open},
    {"add", Register<sock_poller_add>},
    {"modify", Register<sock_poller_modify>},
    {"remove", Remove},
    {"wait", Wait},
    {"waker", Waker},
    {"wake", Wake},
    {"attach", AttachPoller<Pace::POLLS>},
    // For the waits of sockets: `setImmediate` runs between two events of one connection, as with node:net.
    {"attachWaits", AttachPoller<1>},
    {"detach", DetachPoller},
    {"keepAlive", KeepAlive},
    {"close", Close},
};

} // namespace

bool DefinePoller(napi_env env, napi_value object, Instance *instance) {
  return Define(env, object, functions, instance);
}

} // namespace sock
