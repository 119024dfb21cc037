/*
 * What both ways onto the event loop do: fetch the events and call back. And which of them the environment takes.
 */
#include "loop.h"

#include <cstring>

#include "uv_poll.h"

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

#if defined(_WIN32)

/** A poller is an I/O completion port there, for which libuv cannot wait. */
bool HasLibuv(napi_env) {
  return false;
}

Loop *Loop::Make(napi_env env, Instance *instance, int64_t poller, int, int *error) {
  return MakeThreadLoop(env, instance, poller, error);
}

#else

/** Reads `process.OUTER.NAME`. */
static bool Property(napi_env env, const char *outer, const char *name, napi_value *out) {
  napi_value value;
  return napi_get_global(env, &value) == napi_ok &&
         napi_get_named_property(env, value, "process", &value) == napi_ok &&
         napi_get_named_property(env, value, outer, &value) == napi_ok &&
         napi_get_named_property(env, value, name, out) == napi_ok;
}

/** Whether `process.versions` names a runtime. */
static bool IsRuntime(napi_env env, const char *name) {
  napi_value version;
  napi_valuetype type;
  return Property(env, "versions", name, &version) && napi_typeof(env, version, &type) == napi_ok &&
         type != napi_undefined;
}

/** The tests run the other way in Node too, where the sanitizers see it: SOCK_EVENT_LOOP=thread. */
static bool AsksForThread(napi_env env) {
  napi_value value;
  char text[8] = "";
  return Property(env, "env", "SOCK_EVENT_LOOP", &value) &&
         napi_get_value_string_utf8(env, value, text, sizeof(text), nullptr) == napi_ok &&
         std::strcmp(text, "thread") == 0;
}

bool HasLibuv(napi_env env) {
  // Bun and Deno export the names of libuv. In Bun uv_poll_init ends the process (oven-sh/bun#18546), and in Deno a
  // poll handle reports the first event only (denoland/deno#36317).
  const bool has = uv_poll_init != nullptr && !IsRuntime(env, "bun") && !IsRuntime(env, "deno") &&
                   !AsksForThread(env);
  // A getter of the program may have thrown.
  napi_value error;
  (void)napi_get_and_clear_last_exception(env, &error);
  return has;
}

Loop *Loop::Make(napi_env env, Instance *instance, int64_t poller, int polls, int *error) {
  return instance->has_libuv ? MakeUvLoop(env, instance, poller, polls, error)
                             : MakeThreadLoop(env, instance, poller, error);
}

#endif

Loop::Loop(napi_env env, Instance *instance, int64_t poller)
    : env_(env), instance_(instance), poller_(poller) {}

int Loop::Attach(napi_value events, napi_value callback) {
  if (napi_create_reference(env_, events, 1, &events_) != napi_ok ||
      napi_create_reference(env_, callback, 1, &callback_) != napi_ok) {
    return instance_->numbers.invalid;
  }
  return Start();
}

void Loop::Forget() {
  if (callback_ != nullptr) (void)napi_delete_reference(env_, callback_);
  if (events_ != nullptr) (void)napi_delete_reference(env_, events_);
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

bool Loop::Dispatch() {
  napi_handle_scope scope;
  if (napi_open_handle_scope(env_, &scope) != napi_ok) return false;
  bool reported = false;
  napi_value array;
  Events events;
  // Reads the array each time, because code that ran meanwhile may have detached or shrunk it.
  if (napi_get_reference_value(env_, events_, &array) == napi_ok && Read(env_, array, &events)) {
    const int count = sock_poller_wait(poller_, events.first, events.capacity, 0);
    reported = count > 0 && Report(count);
  } else {
    // There is no room for the events, and the poller would report them for ever.
    instance_->pollers.Replace(poller_, nullptr);
    Detach();
    (void)napi_throw_type_error(env_, "ERR_INVALID_ARG_VALUE",
                                "The events of an attached poller must not be detached");
    Uncaught(env_);
  }
  (void)napi_close_handle_scope(env_, scope);
  return reported;
}

bool Loop::Report(int count) {
  napi_value callback, receiver, argument;
  if (napi_get_reference_value(env_, callback_, &callback) != napi_ok ||
      napi_get_global(env_, &receiver) != napi_ok ||
      napi_create_int32(env_, count, &argument) != napi_ok) {
    return false;
  }
  const napi_status status = Call(receiver, callback, argument);
  if (status == napi_pending_exception) Uncaught(env_);
  return status == napi_ok || status == napi_pending_exception;
}

} // namespace sock
