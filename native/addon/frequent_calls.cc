/*
 * The calls of packages/native/src/frequent-calls.ts. Their numbers and their result are in the frame of the
 * memory, because reading or making a Node-API value is a call into the engine.
 */
#include "arguments.h"

namespace sock {
namespace {

/** The instance of the environment. Null with an exception. */
Instance *State(napi_env env, napi_callback_info info, size_t *count, napi_value *arguments) {
  void *data = nullptr;
  if (napi_get_cb_info(env, info, count, arguments, nullptr, &data) != napi_ok) {
    (void)napi_throw_error(env, nullptr, "the arguments of the call could not be read");
    return nullptr;
  }
  return static_cast<Instance *>(data);
}

/** The most bytes that Linux moves in one call. More would not fit the result. */
constexpr size_t kTransferMax = 0x7ffff000;

/** A transfer. Its argument is the buffer. Without an argument it uses the buffer of the last such call. */
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

napi_value Open(napi_env env, napi_callback_info info) {
  Instance *instance = State(env, info, nullptr, nullptr);
  if (instance == nullptr) return nullptr;
  Frame &frame = instance->memory->frame;
  frame.result = static_cast<int32_t>(instance->Own(
      sock_open(frame.domain, frame.type, frame.protocol, static_cast<unsigned>(frame.number))));
  return nullptr;
}

napi_value Accept(napi_env env, napi_callback_info info) {
  Instance *instance = State(env, info, nullptr, nullptr);
  if (instance == nullptr) return nullptr;
  Memory *memory = instance->memory;
  Frame &frame = memory->frame;
  frame.result = static_cast<int32_t>(instance->Own(
      sock_accept(frame.handle, &memory->address, static_cast<unsigned>(frame.number))));
  return nullptr;
}

napi_value Close(napi_env env, napi_callback_info info) {
  Instance *instance = State(env, info, nullptr, nullptr);
  if (instance == nullptr) return nullptr;
  Frame &frame = instance->memory->frame;
  // A number that this environment does not own may belong to somebody else by now.
  frame.result = instance->owned.Remove(frame.handle) ? sock_close(frame.handle)
                                                      : instance->numbers.bad_handle;
  return nullptr;
}

constexpr Function functions[] = {
    {"open", Open},
    {"accept", Accept},
    {"close", Close},
    {"recv", Transfer<sock_recv, &Instance::incoming, false>},
    {"recvFrom", Transfer<sock_recv_from, &Instance::incoming, true>},
    {"send", Transfer<sock_send, &Instance::outgoing, false>},
    {"sendTo", Transfer<sock_send_to, &Instance::outgoing, true>},
    {"getOption", OnOption<sock_get_option>},
    {"setOption", OnOption<sock_set_option>},
};

} // namespace

bool DefineFrequentCalls(napi_env env, napi_value object, Instance *instance) {
  return Define(env, object, functions, instance);
}

} // namespace sock
