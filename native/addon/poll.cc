/*
 * poll(2) on many sockets. A host of WebAssembly components waits with it, because its guests name other sockets
 * each time.
 */
#include "arguments.h"

namespace sock {
namespace {

static_assert(sizeof(sock_poll_entry) == 4 * sizeof(int32_t), "Driver.poll");
static_assert(offsetof(sock_poll_entry, interest) == 8, "Driver.poll");
static_assert(offsetof(sock_poll_entry, ready) == 12, "Driver.poll");

napi_value Poll(napi_env env, napi_callback_info info) {
  Call<3> call(env, info);
  Value entries;
  unsigned count = 0;
  double milliseconds = 0;
  if (!call.Get(&entries, &count, &milliseconds)) return call.Invalid();
  napi_typedarray_type type;
  size_t length = 0;
  void *data = nullptr;
  if (napi_get_typedarray_info(env, entries.value, &type, &length, &data, nullptr, nullptr) !=
          napi_ok ||
      type != napi_int32_array || length / 4 < count ||
      reinterpret_cast<uintptr_t>(data) % alignof(sock_poll_entry) != 0) {
    return call.Invalid();
  }
  return call.Return(sock_poll(static_cast<sock_poll_entry *>(data), count, milliseconds));
}

constexpr Function functions[] = {{"poll", Poll}};

} // namespace

bool DefinePoll(napi_env env, napi_value exports, Instance *instance) {
  return Define(env, exports, functions, instance);
}

} // namespace sock
