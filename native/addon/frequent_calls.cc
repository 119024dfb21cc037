/*
 * The calls of packages/native/src/frequent-calls.ts: their numbers and their result are in the frame of
 * memory, as each value of Node-API is a call into the engine to read or to make.
 */
#include "arguments.h"

namespace sock {
namespace {

/** The environment's state, or null with an exception. */
Instance *State(napi_env env, napi_callback_info info, size_t *count, napi_value *arguments) {
  void *data = nullptr;
  if (napi_get_cb_info(env, info, count, arguments, nullptr, &data) != napi_ok) {
    (void)napi_throw_error(env, nullptr, "the arguments of the call could not be read");
    return nullptr;
  }
  return static_cast<Instance *>(data);
}

/** The most that one call moves on Linux; more would not fit the result. */
constexpr size_t kTransferMax = 0x7ffff000;

/** A transfer with the buffer that is its argument, or without one with that of the last such call. */
template <auto function, Bytes Instance::*buffer, bool address>
napi_value Transfer(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  Instance *instance = State(env, info, &count, &argument);
  if (instance == nullptr) return nullptr;
  Frame &frame = instance->memory->frame;
  Bytes &bytes = instance->*buffer;
  if (count == 0 ? bytes.data == nullptr : !Read(env, argument, &bytes)) {
    bytes = {};
    frame.result = instance->numbers.invalid;
    return nullptr;
  }
  const size_t length = bytes.length < kTransferMax ? bytes.length : kTransferMax;
  int64_t result;
  if constexpr (address) {
    result = function(frame.handle, bytes.data, length, frame.number, &instance->memory->address);
  } else {
    result = function(frame.handle, bytes.data, length, frame.number);
  }
  frame.result = static_cast<int32_t>(result);
  return nullptr;
}

/** A call that reads or fills the option value in memory. */
template <auto function> napi_value OnOption(napi_env env, napi_callback_info info) {
  Instance *instance = State(env, info, nullptr, nullptr);
  if (instance == nullptr) return nullptr;
  Memory *memory = instance->memory;
  memory->frame.result =
      function(memory->frame.handle, static_cast<unsigned>(memory->frame.number), &memory->value);
  return nullptr;
}

} // namespace

napi_value DefineFrequentCalls(napi_env env, Instance *instance) {
  const napi_property_descriptor properties[] = {
      {"recv", nullptr, Transfer<sock_recv, &Instance::incoming, false>, nullptr, nullptr, nullptr,
       napi_enumerable, instance},
      {"recvFrom", nullptr, Transfer<sock_recv_from, &Instance::incoming, true>, nullptr, nullptr,
       nullptr, napi_enumerable, instance},
      {"send", nullptr, Transfer<sock_send, &Instance::outgoing, false>, nullptr, nullptr, nullptr,
       napi_enumerable, instance},
      {"sendTo", nullptr, Transfer<sock_send_to, &Instance::outgoing, true>, nullptr, nullptr,
       nullptr, napi_enumerable, instance},
      {"getOption", nullptr, OnOption<sock_get_option>, nullptr, nullptr, nullptr, napi_enumerable,
       instance},
      {"setOption", nullptr, OnOption<sock_set_option>, nullptr, nullptr, nullptr, napi_enumerable,
       instance},
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
