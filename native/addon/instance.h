/*
 * What the addon keeps for one environment (the main thread or a Worker). It has no other state, so any number of
 * environments run side by side.
 */
#ifndef SOCK_ADDON_INSTANCE_H
#define SOCK_ADDON_INSTANCE_H

#include <node_api.h>

#include <cstddef>
#include <cstdint>

#include "handles.h"
#include "sock.h"

namespace sock {

class Loop;

/** The numbers of the frequent calls: packages/native/src/frequent-calls.ts. */
struct Frame {
  int32_t handle;
  /** Flags, or the id of an option. */
  int32_t number;
  int32_t result;
  /** What socket(2) makes. */
  int32_t domain;
  int32_t type;
  int32_t protocol;
};

/** The memory in which addresses, values and flags cross: `Layout` of packages/core/src/driver.ts. */
struct Memory {
  sock_address address;
  sock_value value;
  int32_t flags;
  int32_t control_length;
  Frame frame;
  sock_spliced spliced;
  uint8_t reserved[84];
};

static_assert(offsetof(sock_address, port) == 2, "Layout.addressPort");
static_assert(offsetof(sock_address, flowinfo) == 4, "Layout.addressFlowinfo");
static_assert(offsetof(sock_address, scope_id) == 8, "Layout.addressScopeId");
static_assert(offsetof(sock_address, length) == 12, "Layout.addressLength");
static_assert(offsetof(sock_address, data) == 16, "Layout.addressData");
static_assert(offsetof(Memory, value) == 128, "Layout.value");
static_assert(offsetof(Memory, value) + offsetof(sock_value, length) == 136, "Layout.valueLength");
static_assert(offsetof(Memory, value) + offsetof(sock_value, bytes) == 140, "Layout.valueBytes");
static_assert(offsetof(Memory, flags) == 384, "Layout.flags");
static_assert(offsetof(Memory, control_length) == 388, "Layout.controlLength");
static_assert(offsetof(Memory, spliced) == 416, "Layout.splicedHeld");
static_assert(offsetof(Memory, spliced) + offsetof(sock_spliced, sent) == 420,
              "Layout.splicedSent");
static_assert(offsetof(Memory, spliced) + offsetof(sock_spliced, piece) == 424,
              "Layout.splicedPiece");
static_assert(offsetof(Memory, frame) == 98 * sizeof(int32_t), "HANDLE and the indices after it");
static_assert(sizeof(Memory) == 512, "Layout.size");

struct Bytes {
  void *data = nullptr;
  size_t length = 0;
};

/** The system's numbers that the addon itself needs. */
struct Numbers {
  /** Errors, as negative numbers. */
  int bad_handle;
  int exists;
  int invalid;
  /** The control message that brings descriptors: SOL_SOCKET, SCM_RIGHTS. */
  int socket_level;
  int rights;
};

struct Instance {
  napi_env env;
  /** The bytes of the ArrayBuffer `driver.memory`. */
  Memory *memory = nullptr;
  /** Keeps that ArrayBuffer alive. Node does not free a reference that the addon does not delete. */
  napi_ref memory_reference = nullptr;
  Numbers numbers{};
  /**
   * The buffers of the last frequent calls. JavaScript keeps them alive, and checks that they were not detached.
   */
  Bytes incoming;
  Bytes outgoing;
  /** The handles to close when the environment ends. A Worker may be terminated at any time. */
  Handles owned;
  /** Pollers and wakers. A poller may be attached to the event loop. */
  Handles pollers;
  /** Whether pollers are attached by libuv. Otherwise each has a thread. */
  bool has_libuv = false;

  explicit Instance(napi_env environment) : env(environment) {}

  /** Remembers a new handle, which is closed with the environment at the latest. Passes an error on. */
  int64_t Own(int64_t handle) {
    if (handle >= 0) owned.Add(handle, nullptr);
    return handle;
  }

  Instance(const Instance &) = delete;
  Instance &operator=(const Instance &) = delete;
  ~Instance();
};

/** A function of the addon. Its data is the environment's `Instance`. */
struct Function {
  const char *name;
  napi_callback callback;
};

/** Makes the functions and sets them as properties of an object. */
template <size_t N>
bool Define(napi_env env, napi_value object, const Function (&functions)[N], Instance *instance) {
  for (const Function &function : functions) {
    napi_value value;
    if (napi_create_function(env, function.name, NAPI_AUTO_LENGTH, function.callback, instance,
                             &value) != napi_ok ||
        napi_set_named_property(env, object, function.name, value) != napi_ok) {
      return false;
    }
  }
  return true;
}

/** Adds the functions of `Driver` that are one call of libsock each. */
bool DefineCalls(napi_env env, napi_value exports, Instance *instance);
/** Adds the functions that frequent-calls.ts calls. */
bool DefineFrequentCalls(napi_env env, napi_value object, Instance *instance);
/** Adds `Driver.poll`. */
bool DefinePoll(napi_env env, napi_value exports, Instance *instance);
/** Adds the functions of `Driver.poller`. */
bool DefinePoller(napi_env env, napi_value object, Instance *instance);

} // namespace sock

#endif
