/*
 * What both ways onto the event loop do: fetch the events and call back.
 */
#include "loop.h"

namespace sock {

bool Read(napi_env env, napi_value value, Events *out) {
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

Loop::Loop(napi_env env, Instance *instance, int64_t poller, napi_async_context context)
    : env_(env), instance_(instance), poller_(poller), context_(context) {}

bool Loop::Refer(napi_value events, napi_value callback) {
  return napi_create_reference(env_, events, 1, &events_) == napi_ok &&
         napi_create_reference(env_, callback, 1, &callback_) == napi_ok;
}

void Loop::Forget() {
  if (context_ != nullptr) (void)napi_async_destroy(env_, context_);
  if (callback_ != nullptr) (void)napi_delete_reference(env_, callback_);
  if (events_ != nullptr) (void)napi_delete_reference(env_, events_);
  context_ = nullptr;
  callback_ = nullptr;
  events_ = nullptr;
}

/** Nobody can catch what a listener throws. So it is an uncaught exception, as in every event of Node. */
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
  // Reads the array each time, because code that ran meanwhile may have detached or shrunk it.
  if (napi_get_reference_value(env_, events_, &array) == napi_ok && Read(env_, array, &events)) {
    const int count = sock_poller_wait(poller_, events.first, events.capacity, 0);
    if (count > 0) Report(count);
  } else {
    // There is no room for the events, and the poller would report them for ever.
    instance_->pollers.Replace(poller_, nullptr);
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

} // namespace sock
