/*
 * Reads the arguments of a call without allocation. @sock/core has checked their types. An argument that is wrong
 * in spite of that makes the call fail with EINVAL, before any system call.
 */
#ifndef SOCK_ADDON_ARGUMENTS_H
#define SOCK_ADDON_ARGUMENTS_H

#include "instance.h"

namespace sock {

inline bool Read(napi_env env, napi_value value, int *out) {
  return napi_get_value_int32(env, value, out) == napi_ok;
}

inline bool Read(napi_env env, napi_value value, unsigned *out) {
  return napi_get_value_uint32(env, value, out) == napi_ok;
}

inline bool Read(napi_env env, napi_value value, double *out) {
  return napi_get_value_double(env, value, out) == napi_ok;
}

inline bool Read(napi_env env, napi_value value, bool *out) {
  return napi_get_value_bool(env, value, out) == napi_ok;
}

inline bool Read(napi_env env, napi_value value, sock_handle *out) {
  return napi_get_value_int64(env, value, out) == napi_ok;
}

inline bool Read(napi_env env, napi_value value, Bytes *out) {
  napi_typedarray_type type;
  return napi_get_typedarray_info(env, value, &type, &out->length, &out->data, nullptr, nullptr) ==
             napi_ok &&
         type == napi_uint8_array;
}

/** An argument that is not converted. */
struct Value {
  napi_value value;
};

inline bool Read(napi_env, napi_value value, Value *out) {
  out->value = value;
  return true;
}

/** The buffers of a vectored transfer: at most SOCK_BUFFERS_MAX. */
struct Buffers {
  sock_buffer list[SOCK_BUFFERS_MAX];
  uint32_t count;
};

inline bool Read(napi_env env, napi_value value, Buffers *out) {
  if (napi_get_array_length(env, value, &out->count) != napi_ok || out->count > SOCK_BUFFERS_MAX) {
    return false;
  }
  // Reads all elements before the first pointer: reading an element may run code that frees the memory of another.
  napi_value elements[SOCK_BUFFERS_MAX];
  for (uint32_t i = 0; i < out->count; i++) {
    if (napi_get_element(env, value, i, &elements[i]) != napi_ok) return false;
  }
  for (uint32_t i = 0; i < out->count; i++) {
    Bytes bytes;
    if (!Read(env, elements[i], &bytes)) return false;
    out->list[i] = {bytes.data, bytes.length};
  }
  return true;
}

/** A call from JavaScript, with at most N arguments. */
template <size_t N> class Call {
public:
  Call(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = N;
    void *data = nullptr;
    valid_ = napi_get_cb_info(env, info, &count, arguments_, nullptr, &data) == napi_ok;
    instance_ = static_cast<Instance *>(data);
    valid_ = valid_ && count >= N && instance_ != nullptr;
  }

  /** Reads the arguments in order. */
  template <typename... Out> bool Get(Out *...out) {
    static_assert(sizeof...(Out) == N, "one place for each argument");
    size_t index = 0;
    return valid_ && (Read(env_, arguments_[index++], out) && ...);
  }

  Instance *instance() const { return instance_; }

  napi_value Return(int64_t result) const {
    napi_value value = nullptr;
    // The engine holds small integers without allocation.
    napi_status status = result >= INT32_MIN && result <= INT32_MAX
                             ? napi_create_int32(env_, static_cast<int32_t>(result), &value)
                             : napi_create_int64(env_, result, &value);
    return status == napi_ok ? value : nullptr;
  }

  napi_value Invalid() const {
    if (instance_ != nullptr) return Return(instance_->numbers.invalid);
    return nullptr;
  }

private:
  napi_env env_;
  napi_value arguments_[N == 0 ? 1 : N];
  Instance *instance_ = nullptr;
  bool valid_ = false;
};

} // namespace sock

#endif
