/*
 * Readiness on Node's event loop: one poller of libsock for all sockets of an environment, and one
 * libuv handle on that poller. So a wait costs no thread and no libuv handle of its own, the
 * socket's blocking mode stays as it is, and a batch of events is one call into JavaScript.
 */
#include "arguments.h"
#include "loop.h"

namespace sock {

Loop *Loop::Start(napi_env env, Instance *instance, int *error) {
  int64_t poller = sock_poller_open();
  if (poller < 0) {
    *error = static_cast<int>(poller);
    return nullptr;
  }
  auto *loop = new Loop(env, instance, poller);
  *error = loop->Init();
  if (*error == 0) return loop;
  if (loop->handle_memory_ == nullptr) delete loop;
  return nullptr;
}

Loop::Loop(napi_env env, Instance *instance, int64_t poller)
    : env_(env), instance_(instance), poller_(poller) {}

Loop::~Loop() {
  sock_poller_close(poller_);
}

int Loop::Init() {
  uv_loop_s *uv = nullptr;
  if (napi_get_uv_event_loop(env_, &uv) != napi_ok) return instance_->errors.invalid;
  handle_memory_.reset(new char[uv_handle_size(UV_POLL_TYPE)]);
  int result = uv_poll_init(uv, poll(), static_cast<int>(poller_));
  if (result < 0) {
    handle_memory_.reset();
    return result;
  }
  uv_handle_set_data(handle(), this);
  uv_unref(handle());
  // Set before anything can fail: from here on the loop of libuv knows the handle, and only the
  // hook takes it away.
  if (napi_add_async_cleanup_hook(env_, OnCleanup, this, &cleanup_) != napi_ok) {
    uv_close(handle(), OnClosed);
    return instance_->errors.invalid;
  }
  result = uv_poll_start(poll(), UV_READABLE_EVENT, OnPoll);
  if (result < 0) return result;
  napi_value name;
  if (napi_create_string_utf8(env_, "sock:wait", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_async_init(env_, nullptr, name, &context_) != napi_ok) {
    return instance_->errors.invalid;
  }
  return 0;
}

int Loop::Watch(sock_handle socket, unsigned interest) {
  return sock_poller_set(poller_, socket, interest);
}

void Loop::KeepAlive(bool on) {
  if (on) {
    uv_ref(handle());
  } else {
    uv_unref(handle());
  }
}

void Loop::OnPoll(uv_poll_s *poll, int, int) {
  static_cast<Loop *>(uv_handle_get_data(reinterpret_cast<uv_handle_s *>(poll)))->Dispatch();
}

void Loop::Dispatch() {
  sock_event events[EVENTS];
  int count = sock_poller_wait(poller_, events, EVENTS, 0);
  if (count <= 0 || on_ready_ == nullptr) return;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env_, &scope) != napi_ok) return;
  for (int i = 0; i < count; i++) {
    ready_[2 * i] = static_cast<int32_t>(events[i].socket);
    ready_[2 * i + 1] = static_cast<int32_t>(events[i].ready);
  }
  napi_value callback, receiver, argument, result;
  if (napi_get_reference_value(env_, on_ready_, &callback) == napi_ok &&
      napi_get_global(env_, &receiver) == napi_ok &&
      napi_create_int32(env_, count, &argument) == napi_ok) {
    napi_status status =
        napi_make_callback(env_, context_, receiver, callback, 1, &argument, &result);
    if (status == napi_pending_exception) {
      napi_value error;
      if (napi_get_and_clear_last_exception(env_, &error) == napi_ok) {
        // What a listener throws is nobody's to catch: as with every event of Node.
        (void)napi_fatal_exception(env_, error);
      }
    }
  }
  (void)napi_close_handle_scope(env_, scope);
}

bool Loop::SetCallback(napi_value callback, napi_value ready) {
  void *data = nullptr;
  size_t length = 0;
  napi_typedarray_type type;
  if (napi_get_typedarray_info(env_, ready, &type, &length, &data, nullptr, nullptr) != napi_ok ||
      type != napi_int32_array || length < 2 * EVENTS) {
    return false;
  }
  if (napi_create_reference(env_, callback, 1, &on_ready_) != napi_ok) return false;
  if (napi_create_reference(env_, ready, 1, &ready_reference_) != napi_ok) return false;
  ready_ = static_cast<int32_t *>(data);
  return true;
}

void Loop::OnCleanup(napi_async_cleanup_hook_handle, void *data) {
  auto *loop = static_cast<Loop *>(data);
  loop->instance_->loop = nullptr;
  if (loop->context_ != nullptr) (void)napi_async_destroy(loop->env_, loop->context_);
  if (loop->on_ready_ != nullptr) (void)napi_delete_reference(loop->env_, loop->on_ready_);
  if (loop->ready_reference_ != nullptr) {
    (void)napi_delete_reference(loop->env_, loop->ready_reference_);
  }
  loop->on_ready_ = nullptr;
  uv_close(loop->handle(), OnClosed);
}

void Loop::OnClosed(uv_handle_s *handle) {
  auto *loop = static_cast<Loop *>(uv_handle_get_data(handle));
  napi_async_cleanup_hook_handle cleanup = loop->cleanup_;
  delete loop;
  // Lets the environment go on ending; nothing of it may be used afterwards.
  if (cleanup != nullptr) (void)napi_remove_async_cleanup_hook(cleanup);
}

namespace {

/** `onReady(callback, ready)`: where the events of a batch go, and who is told of their number. */
napi_value OnReady(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  size_t count = 2;
  void *data = nullptr;
  if (napi_get_cb_info(env, info, &count, arguments, nullptr, &data) != napi_ok || count < 2) {
    return nullptr;
  }
  auto *instance = static_cast<Instance *>(data);
  int error = 0;
  if (instance->loop == nullptr) instance->loop = Loop::Start(env, instance, &error);
  if (error == 0 && !instance->loop->SetCallback(arguments[0], arguments[1])) {
    error = instance->errors.invalid;
  }
  napi_value result;
  return napi_create_int32(env, error, &result) == napi_ok ? result : nullptr;
}

napi_value Watch(napi_env env, napi_callback_info info) {
  Call<2> call(env, info);
  sock_handle handle;
  unsigned interest;
  if (!call.Get(&handle, &interest)) return call.Invalid();
  Loop *loop = call.instance()->loop;
  if (handle < 0 || loop == nullptr) return call.Return(call.instance()->errors.bad_handle);
  return call.Return(loop->Watch(handle, interest));
}

napi_value KeepAlive(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  bool on;
  if (!call.Get(&on)) return call.Invalid();
  if (call.instance()->loop != nullptr) call.instance()->loop->KeepAlive(on);
  return call.Return(0);
}

} // namespace

bool DefineLoop(napi_env env, napi_value exports, Instance *instance) {
  const napi_property_descriptor properties[] = {
      {"onReady", nullptr, OnReady, nullptr, nullptr, nullptr, napi_default, instance},
      {"watch", nullptr, Watch, nullptr, nullptr, nullptr, napi_default, instance},
      {"keepAlive", nullptr, KeepAlive, nullptr, nullptr, nullptr, napi_default, instance},
  };
  return napi_define_properties(env, exports, 3, properties) == napi_ok;
}

} // namespace sock
