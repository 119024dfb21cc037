/*
 * `Driver.poller` (packages/core/src/driver.ts), and its way onto Node's event loop: one libuv
 * handle on the poller itself, so that waiting on a socket costs no thread and no handle of its
 * own, leaves its blocking mode as it is, and brings a batch of events in one call.
 */
#include "poller.h"

#include "arguments.h"

namespace sock {

static_assert(sizeof(sock_event) == 2 * sizeof(uint32_t), "pairs of token and readiness");

/** Events as JavaScript has them: a Uint32Array of pairs. */
struct Events {
  sock_event *first;
  int capacity;
};

static bool Read(napi_env env, napi_value value, Events *out) {
  napi_typedarray_type type;
  size_t length = 0;
  void *data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_uint32_array || length < 2) {
    return false;
  }
  out->first = static_cast<sock_event *>(data);
  out->capacity = length / 2 > INT32_MAX ? INT32_MAX : static_cast<int>(length / 2);
  return true;
}

Loop::Loop(napi_env env, Instance *instance, int64_t poller)
    : env_(env), instance_(instance), poller_(poller) {}

Loop *Loop::Attach(napi_env env, Instance *instance, int64_t poller, napi_value events,
                   napi_value callback, int *error) {
  uv_loop_s *uv = nullptr;
  Events array;
  if (!Read(env, events, &array) || napi_get_uv_event_loop(env, &uv) != napi_ok) {
    *error = instance->numbers.invalid;
    return nullptr;
  }
  auto *loop = new Loop(env, instance, poller);
  loop->memory_.reset(new char[uv_handle_size(UV_POLL_TYPE)]);
  *error = uv_poll_init(uv, loop->poll(), static_cast<int>(poller));
  if (*error < 0) {
    delete loop;
    return nullptr;
  }
  uv_handle_set_data(loop->handle(), loop);
  *error = loop->Start(events, callback);
  if (*error == 0) return loop;
  // libuv knows the handle by now: only its own closing may free it.
  loop->Detach();
  return nullptr;
}

int Loop::Start(napi_value events, napi_value callback) {
  napi_value name;
  if (napi_add_async_cleanup_hook(env_, OnCleanup, this, &cleanup_) != napi_ok ||
      napi_create_reference(env_, events, 1, &events_) != napi_ok ||
      napi_create_reference(env_, callback, 1, &callback_) != napi_ok ||
      napi_create_string_utf8(env_, "sock:poller", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_async_init(env_, nullptr, name, &context_) != napi_ok) {
    return instance_->numbers.invalid;
  }
  return uv_poll_start(poll(), UV_READABLE_EVENT, OnPoll);
}

void Loop::KeepAlive(bool on) {
  if (detached_) return;
  if (on) {
    uv_ref(handle());
  } else {
    uv_unref(handle());
  }
}

void Loop::OnPoll(uv_poll_s *poll, int, int) {
  static_cast<Loop *>(uv_handle_get_data(reinterpret_cast<uv_handle_s *>(poll)))->Dispatch();
}

/** What a listener throws is nobody's to catch: as with every event of Node. */
static void Uncaught(napi_env env) {
  napi_value error;
  if (napi_get_and_clear_last_exception(env, &error) == napi_ok) {
    (void)napi_fatal_exception(env, error);
  }
}

void Loop::Dispatch() {
  napi_handle_scope scope;
  if (napi_open_handle_scope(env_, &scope) != napi_ok) return;
  napi_value array;
  Events events;
  // Each time: code that ran meanwhile may have detached the array, or shrunk it.
  if (napi_get_reference_value(env_, events_, &array) == napi_ok && Read(env_, array, &events)) {
    const int count = sock_poller_wait(poller_, events.first, events.capacity, 0);
    if (count > 0) Report(count);
  } else {
    // Nowhere to put events, which would be reported for ever.
    instance_->pollers[poller_] = nullptr;
    Detach();
    (void)napi_throw_type_error(env_, "ERR_INVALID_ARG_VALUE",
                                "The events of an attached poller must not be detached");
    Uncaught(env_);
  }
  (void)napi_close_handle_scope(env_, scope);
}

void Loop::Report(int count) {
  napi_value callback, receiver, argument, result;
  if (napi_get_reference_value(env_, callback_, &callback) == napi_ok &&
      napi_get_global(env_, &receiver) == napi_ok &&
      napi_create_int32(env_, count, &argument) == napi_ok &&
      napi_make_callback(env_, context_, receiver, callback, 1, &argument, &result) ==
          napi_pending_exception) {
    Uncaught(env_);
  }
}

void Loop::Detach() {
  if (detached_) return;
  detached_ = true;
  if (context_ != nullptr) (void)napi_async_destroy(env_, context_);
  if (callback_ != nullptr) (void)napi_delete_reference(env_, callback_);
  if (events_ != nullptr) (void)napi_delete_reference(env_, events_);
  uv_close(handle(), OnClosed);
}

void Loop::OnCleanup(napi_async_cleanup_hook_handle, void *data) {
  auto *loop = static_cast<Loop *>(data);
  if (!loop->detached_) loop->instance_->pollers[loop->poller_] = nullptr;
  loop->Detach();
}

void Loop::OnClosed(uv_handle_s *handle) {
  auto *loop = static_cast<Loop *>(uv_handle_get_data(handle));
  napi_async_cleanup_hook_handle cleanup = loop->cleanup_;
  delete loop;
  // An environment that ends waits for this; nothing of it may be used afterwards.
  if (cleanup != nullptr) (void)napi_remove_async_cleanup_hook(cleanup);
}

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
  if (call.entry()->second != nullptr) return call.Return(call.instance()->numbers.exists);
  int error = 0;
  call.entry()->second =
      Loop::Attach(env, call.instance(), poller, events.value, callback.value, &error);
  return call.Return(error);
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
