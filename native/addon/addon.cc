/*
 * The module: `Driver` of packages/core/src/driver.ts over libsock.
 */
#include <napi.h>

#include <cstring>

#include "instance.h"
#include "loop.h"
#include "sock_options.h"

namespace sock {

namespace {

/** Closes without waiting. A socket that lingers would wait; one that exit(2) closes lingers in the background. */
void CloseAtEnd(sock_handle handle) {
  sock_value linger = {};
  if (sock_get_option(handle, SOCK_OPTION_LINGER, &linger) == 0 && linger.number > 0) {
    linger.number = -1;
    (void)sock_set_option(handle, SOCK_OPTION_LINGER, &linger);
  }
  sock_close(handle);
}

} // namespace

Instance::~Instance() {
  if (memory_reference != nullptr) (void)napi_delete_reference(env, memory_reference);
  owned.Each(CloseAtEnd);
  // No loop uses them any more: the loops' cleanup hooks ran before this.
  pollers.Each([](int64_t poller) { sock_poller_close(poller); });
}

namespace {

/** The number of a name. If the system lacks the name, a number that no error and no option has. */
int Number(const sock_constant *constants, const char *name) {
  for (; constants->name != nullptr; constants++) {
    if (std::strcmp(constants->name, name) == 0) return constants->value;
  }
  return SOCK_EUNSUPPORTED;
}

Napi::Object Table(Napi::Env env, const sock_constant *constants) {
  Napi::Object table = Napi::Object::New(env);
  for (; constants->name != nullptr; constants++) table.Set(constants->name, constants->value);
  return table;
}

/**
 * A new ArrayBuffer that cannot be detached, because it belongs to a WebAssembly.Memory. A program that detached it
 * would take the memory from the addon, which would go on using it. Without WebAssembly (node --jitless), an
 * ordinary ArrayBuffer.
 */
Napi::ArrayBuffer NewMemory(Napi::Env env) {
  const Napi::Value wasm = env.Global().Get("WebAssembly");
  if (wasm.IsObject()) {
    const Napi::Value constructor = wasm.As<Napi::Object>().Get("Memory");
    Napi::Object pages = Napi::Object::New(env);
    pages.Set("initial", 1);
    pages.Set("maximum", 1);
    if (constructor.IsFunction()) {
      const Napi::Object memory = constructor.As<Napi::Function>().New({pages});
      if (!env.IsExceptionPending()) {
        const Napi::Value buffer = memory.Get("buffer");
        if (buffer.IsArrayBuffer()) return buffer.As<Napi::ArrayBuffer>();
      }
    }
  }
  (void)env.GetAndClearPendingException();
  return Napi::ArrayBuffer::New(env, sizeof(Memory));
}

/** Makes the memory where addresses, values and flags cross. */
Napi::ArrayBuffer ShareMemory(Napi::Env env, Instance *instance) {
  Napi::ArrayBuffer buffer = NewMemory(env);
  if (env.IsExceptionPending() || buffer.ByteLength() < sizeof(Memory)) return buffer;
  std::memset(buffer.Data(), 0, sizeof(Memory));
  if (napi_create_reference(env, buffer, 1, &instance->memory_reference) != napi_ok) return buffer;
  instance->memory = static_cast<Memory *>(buffer.Data());
  return buffer;
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  auto *instance = new Instance(env);
  env.SetInstanceData(instance);
  instance->numbers = {-Number(sock_errors, "EBADF"), -Number(sock_errors, "EEXIST"),
                       -Number(sock_errors, "EINVAL"), Number(sock_constants, "SOL_SOCKET"),
                       Number(sock_constants, "SCM_RIGHTS")};
  instance->has_libuv = HasLibuv(env);
  Napi::ArrayBuffer memory = ShareMemory(env, instance);
  if (env.IsExceptionPending()) return exports;
  if (instance->memory == nullptr) {
    Napi::Error::New(env, "the memory of the addon could not be made").ThrowAsJavaScriptException();
    return exports;
  }

  exports.Set("system", sock_system);
  exports.Set("constants", Table(env, sock_constants));
  exports.Set("errors", Table(env, sock_errors));
  exports.Set("memory", memory);
  Napi::Object poller = Napi::Object::New(env);
  Napi::Object frequent = Napi::Object::New(env);
  exports.Set("poller", poller);
  exports.Set("frequent", frequent);
  if (!DefineCalls(env, exports, instance) || !DefinePoll(env, exports, instance) ||
      !DefinePoller(env, poller, instance) || !DefineFrequentCalls(env, frequent, instance)) {
    Napi::Error::New(env, "the functions of the addon could not be defined")
        .ThrowAsJavaScriptException();
  }
  return exports;
}

} // namespace
} // namespace sock

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  return sock::Init(env, exports);
}

NODE_API_MODULE(sock, Init)
