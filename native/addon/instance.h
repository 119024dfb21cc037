/*
 * What one environment (the main thread, or a Worker) has of the addon. There is no other state,
 * so that any number of environments run side by side.
 */
#ifndef SOCK_ADDON_INSTANCE_H
#define SOCK_ADDON_INSTANCE_H

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>

#include "sock.h"

namespace sock {

class Loop;

/** Numbers of the frequent calls: packages/native/src/frequent-calls.ts. */
struct Frame {
  int32_t handle;
  /** Flags, or the id of an option. */
  int32_t number;
  int32_t result;
};

/** Where addresses, values and flags cross: `Layout` of packages/core/src/driver.ts. */
struct Memory {
  sock_address address;
  sock_value value;
  int32_t flags;
  int32_t control_length;
  Frame frame;
  uint8_t reserved[108];
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
static_assert(offsetof(Memory, frame) == 98 * sizeof(int32_t), "HANDLE, NUMBER, RESULT");
static_assert(sizeof(Memory) == 512, "Layout.size");

struct Bytes {
  void *data = nullptr;
  size_t length = 0;
};

/** The system's numbers that the addon itself needs. */
struct Numbers {
  /** Negative results. */
  int bad_handle;
  int exists;
  int invalid;
  /** What brings descriptors: SOL_SOCKET, SCM_RIGHTS. */
  int socket_level;
  int rights;
};

struct Instance {
  /** The bytes of the ArrayBuffer `driver.memory`. */
  Memory *memory = nullptr;
  /** Keeps that ArrayBuffer. */
  Napi::Reference<Napi::ArrayBuffer> memory_reference;
  Numbers numbers{};
  /** The buffers of the last frequent calls. JavaScript keeps them, and checks that they still are there. */
  Bytes incoming;
  Bytes outgoing;
  /** Handles to close when the environment ends. A Worker may be terminated at any time. */
  std::unordered_set<sock_handle> owned;
  /** Pollers and wakers, with what attaches a poller to the event loop. */
  std::unordered_map<int64_t, Loop *> pollers;

  Instance() = default;
  Instance(const Instance &) = delete;
  Instance &operator=(const Instance &) = delete;
  ~Instance();
};

/** Adds the functions of `Driver` that are one call of libsock each. */
bool DefineCalls(napi_env env, napi_value exports, Instance *instance);
/** The object of the functions that frequent-calls.ts is made of, or null. */
napi_value DefineFrequentCalls(napi_env env, Instance *instance);
/** The object of the functions of `Driver.poller`, or null. */
napi_value DefinePoller(napi_env env, Instance *instance);

} // namespace sock

#endif
