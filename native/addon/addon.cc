/*
 * The module: `Driver` of packages/core/src/driver.ts over libsock.
 */
#include <cstring>

#include "instance.h"
#include "sock_options.h"

namespace sock {

namespace {

/** Closes without waiting: sockets that are left to exit(2) linger in the background. */
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
  for (sock_handle handle : owned) CloseAtEnd(handle);
  // The event loop has let go of them: its hooks ran before.
  for (const auto &poller : pollers) sock_poller_close(poller.first);
}

namespace {

/** The number of a name, or one that no name has. */
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
 * A new ArrayBuffer that nobody can detach, as that of a WebAssembly.Memory: otherwise a program could
 * take the memory from the addon, which would go on using what it last held. Without WebAssembly (node
 * --jitless), an ordinary one.
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
  instance->memory_reference = Napi::Persistent(buffer);
  instance->memory = static_cast<Memory *>(buffer.Data());
  return buffer;
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  auto *instance = new Instance();
  env.SetInstanceData(instance);
  instance->numbers = {-Number(sock_errors, "EBADF"), -Number(sock_errors, "EEXIST"),
                       -Number(sock_errors, "EINVAL"), Number(sock_constants, "SOL_SOCKET"),
                       Number(sock_constants, "SCM_RIGHTS")};
  Napi::ArrayBuffer memory = ShareMemory(env, instance);
  if (env.IsExceptionPending() || instance->memory == nullptr) return exports;

  exports.Set("system", sock_system);
  exports.Set("constants", Table(env, sock_constants));
  exports.Set("errors", Table(env, sock_errors));
  exports.Set("memory", memory);
  napi_value poller = DefinePoller(env, instance);
  napi_value frequent = DefineFrequentCalls(env, instance);
  if (poller == nullptr || frequent == nullptr || !DefineCalls(env, exports, instance) ||
      napi_set_named_property(env, exports, "frequent", frequent) != napi_ok ||
      napi_set_named_property(env, exports, "poller", poller) != napi_ok) {
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
