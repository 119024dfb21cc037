/*
 * `Driver.poller` (packages/core/src/driver.ts).
 */
#include "arguments.h"
#include "loop.h"

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
    entry_ = this->instance()->pollers.find(*poller);
    if (entry_ != this->instance()->pollers.end()) return true;
    error_ = this->instance()->numbers.bad_handle;
    return false;
  }

  /** Finds the poller once more, after code of the caller's has run: it must still be there, and not attached. */
  int Again(int64_t poller) {
    entry_ = this->instance()->pollers.find(poller);
    if (entry_ == this->instance()->pollers.end()) return this->instance()->numbers.bad_handle;
    return entry_->second == nullptr ? 0 : this->instance()->numbers.exists;
  }

  napi_value Failed() const { return this->instance() == nullptr ? nullptr : this->Return(error_); }
  auto entry() const { return entry_; }

private:
  std::unordered_map<int64_t, Loop *>::iterator entry_;
  int error_ = 0;
};

napi_value Open(napi_env env, napi_callback_info info) {
  Call<0> call(env, info);
  if (call.instance() == nullptr) return nullptr;
  const int64_t poller = sock_poller_open();
  if (poller >= 0) call.instance()->pollers[poller] = nullptr;
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
  // Closed like a poller: `close` takes both.
  if (waker >= 0) call.instance()->pollers[waker] = nullptr;
  return call.Return(waker);
}

/** Of any thread's poller: so it asks for no ownership. */
napi_value Wake(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  int64_t waker;
  if (!call.Get(&waker)) return call.Invalid();
  return call.Return(sock_poller_wake(waker));
}

napi_value AttachPoller(napi_env env, napi_callback_info info) {
  PollerCall<3> call(env, info);
  int64_t poller;
  Value events, callback;
  if (!call.Get(&poller, &events, &callback)) return call.Failed();
  napi_valuetype type;
  if (napi_typeof(env, callback.value, &type) != napi_ok || type != napi_function) {
    return call.Invalid();
  }
  Events array;
  napi_value name;
  napi_async_context context;
  if (!Read(env, events.value, &array) ||
      napi_create_string_utf8(env, "sock:poller", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_async_init(env, nullptr, name, &context) != napi_ok) {
    return call.Invalid();
  }
  // The hooks of async_hooks have run: the caller's code, which may have closed or attached this poller.
  const int error = call.Again(poller);
  if (error < 0) {
    (void)napi_async_destroy(env, context);
    return call.Return(error);
  }
  int failure = 0;
  Loop *loop =
      Loop::Attach(env, call.instance(), poller, context, events.value, callback.value, &failure);
  if (loop == nullptr) return call.Return(failure);
  // A thread-safe function runs those hooks too.
  const int changed = call.Again(poller);
  if (changed < 0) {
    loop->Detach();
    return call.Return(changed);
  }
  call.entry()->second = loop;
  return call.Return(0);
}

napi_value DetachPoller(napi_env env, napi_callback_info info) {
  PollerCall<1> call(env, info);
  int64_t poller;
  if (!call.Get(&poller)) return call.Failed();
  Loop *loop = call.entry()->second;
  if (loop != nullptr) loop->Detach();
  call.entry()->second = nullptr;
  return call.Return(0);
}

napi_value KeepAlive(napi_env env, napi_callback_info info) {
  PollerCall<2> call(env, info);
  int64_t poller;
  bool on;
  if (!call.Get(&poller, &on)) return call.Failed();
  if (call.entry()->second != nullptr) call.entry()->second->KeepAlive(on);
  return call.Return(0);
}

napi_value Close(napi_env env, napi_callback_info info) {
  PollerCall<1> call(env, info);
  int64_t poller;
  if (!call.Get(&poller)) return call.Failed();
  if (call.entry()->second != nullptr) call.entry()->second->Detach();
  call.instance()->pollers.erase(call.entry());
  return call.Return(sock_poller_close(poller));
}

} // namespace

napi_value DefinePoller(napi_env env, Instance *instance) {
  const napi_property_descriptor properties[] = {
      {"open", nullptr, Open, nullptr, nullptr, nullptr, napi_enumerable, instance},
      {"add", nullptr, Register<sock_poller_add>, nullptr, nullptr, nullptr, napi_enumerable,
       instance},
      {"modify", nullptr, Register<sock_poller_modify>, nullptr, nullptr, nullptr, napi_enumerable,
       instance},
      {"remove", nullptr, Remove, nullptr, nullptr, nullptr, napi_enumerable, instance},
      {"wait", nullptr, Wait, nullptr, nullptr, nullptr, napi_enumerable, instance},
      {"waker", nullptr, Waker, nullptr, nullptr, nullptr, napi_enumerable, instance},
      {"wake", nullptr, Wake, nullptr, nullptr, nullptr, napi_enumerable, instance},
      {"attach", nullptr, AttachPoller, nullptr, nullptr, nullptr, napi_enumerable, instance},
      {"detach", nullptr, DetachPoller, nullptr, nullptr, nullptr, napi_enumerable, instance},
      {"keepAlive", nullptr, KeepAlive, nullptr, nullptr, nullptr, napi_enumerable, instance},
      {"close", nullptr, Close, nullptr, nullptr, nullptr, napi_enumerable, instance},
  };
  napi_value object = nullptr;
  if (napi_create_object(env, &object) != napi_ok ||
      napi_define_properties(env, object, sizeof(properties) / sizeof(properties[0]), properties) !=
          napi_ok) {
    return nullptr;
  }
  return object;
}

} // namespace sock
