/*
 * The functions of `Driver` (packages/core/src/driver.ts). Each reads its arguments and makes one call of
 * libsock, which checks the handle.
 */
#include <cstring>

#include "arguments.h"

namespace sock {
namespace {

napi_value Pair(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  int domain, type, protocol;
  unsigned flags;
  if (!call.Get(&domain, &type, &protocol, &flags)) return call.Invalid();
  sock_handle handles[2];
  int result = sock_pair(domain, type, protocol, flags, handles);
  if (result < 0) return call.Return(result);
  call.instance()->memory->flags = static_cast<int32_t>(call.instance()->Own(handles[1]));
  return call.Return(call.instance()->Own(handles[0]));
}

napi_value Adopt(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  sock_handle handle;
  if (!call.Get(&handle)) return call.Invalid();
  if (call.instance()->owned.Find(handle) != nullptr) {
    return call.Return(call.instance()->numbers.exists);
  }
  int result = sock_check(handle);
  if (result < 0) return call.Return(result);
  call.instance()->Own(handle);
  return call.Return(0);
}

napi_value Release(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  sock_handle handle;
  if (!call.Get(&handle)) return call.Invalid();
  const bool owned = call.instance()->owned.Remove(handle);
  return call.Return(owned ? 0 : call.instance()->numbers.bad_handle);
}

/** A call on a handle alone, or on the handle and one more argument. */
template <auto function> napi_value OnHandle(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  sock_handle handle;
  if (!call.Get(&handle)) return call.Invalid();
  return call.Return(function(handle));
}

template <auto function, typename Argument>
napi_value OnHandleWith(napi_env env, napi_callback_info info) {
  Call<2> call(env, info);
  sock_handle handle;
  Argument argument;
  if (!call.Get(&handle, &argument)) return call.Invalid();
  return call.Return(function(handle, argument));
}

/** A call that reads or fills the address in memory. */
template <auto function> napi_value OnAddress(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  sock_handle handle;
  if (!call.Get(&handle)) return call.Invalid();
  return call.Return(function(handle, &call.instance()->memory->address));
}

napi_value ConnectTimeout(napi_env env, napi_callback_info info) {
  Call<2> call(env, info);
  sock_handle handle;
  double milliseconds;
  if (!call.Get(&handle, &milliseconds)) return call.Invalid();
  return call.Return(sock_connect_timeout(handle, &call.instance()->memory->address, milliseconds));
}

napi_value Accept4(napi_env env, napi_callback_info info) {
  Call<2> call(env, info);
  sock_handle handle;
  int flags;
  if (!call.Get(&handle, &flags)) return call.Invalid();
  Instance *const instance = call.instance();
  return call.Return(instance->Own(sock_accept4(handle, &instance->memory->address, flags)));
}

/** Handles cross as int32, by which no number is made of each. */
bool ReadHandles(napi_env env, napi_value value, int32_t **out, size_t *room) {
  napi_typedarray_type type;
  void *data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, room, &data, nullptr, nullptr) != napi_ok ||
      type != napi_int32_array) {
    return false;
  }
  *out = static_cast<int32_t *>(data);
  return true;
}

napi_value AcceptBatch(napi_env env, napi_callback_info info) {
  Call<5> call(env, info);
  sock_handle listener;
  unsigned flags, count;
  Value array;
  Bytes bytes;
  int32_t *handles = nullptr;
  size_t room = 0;
  if (!call.Get(&listener, &flags, &count, &array, &bytes) ||
      !ReadHandles(env, array.value, &handles, &room) || count == 0 || count > room ||
      count > bytes.length / sizeof(sock_address) ||
      reinterpret_cast<uintptr_t>(bytes.data) % alignof(sock_address) != 0) {
    return call.Invalid();
  }
  auto *const peers = static_cast<sock_address *>(bytes.data);
  constexpr unsigned kMost = 64;
  sock_handle accepted[kMost];
  unsigned done = 0;
  while (done < count) {
    const unsigned most = count - done < kMost ? count - done : kMost;
    const int result =
        sock_accept_batch(listener, accepted, peers + done, static_cast<int>(most), flags);
    if (result < 0) return call.Return(done > 0 ? static_cast<int64_t>(done) : result);
    for (int i = 0; i < result; i++) {
      handles[done++] = static_cast<int32_t>(call.instance()->Own(accepted[i]));
    }
    if (static_cast<unsigned>(result) < most) break;
    flags |= SOCK_OPEN_DONTWAIT;
  }
  return call.Return(done);
}

napi_value Duplicate(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  sock_handle handle;
  if (!call.Get(&handle)) return call.Invalid();
  return call.Return(call.instance()->Own(sock_duplicate(handle)));
}

napi_value RecvVectored(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  sock_handle handle;
  Buffers buffers;
  int flags;
  bool from;
  if (!call.Get(&handle, &buffers, &flags, &from)) return call.Invalid();
  Memory *memory = call.instance()->memory;
  int out_flags = 0;
  int64_t result = sock_recv_vectored(handle, buffers.list, buffers.count, flags, &out_flags,
                                      from ? &memory->address : nullptr);
  memory->flags = out_flags;
  return call.Return(result);
}

napi_value SendVectored(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  sock_handle handle;
  Buffers buffers;
  int flags;
  bool to;
  if (!call.Get(&handle, &buffers, &flags, &to)) return call.Invalid();
  return call.Return(sock_send_vectored(handle, buffers.list, buffers.count, flags,
                                        to ? &call.instance()->memory->address : nullptr));
}

/** Makes this environment the owner of the descriptors that arrived. */
void OwnRights(Instance *instance, const uint8_t *control, uint32_t length) {
  uint32_t at = 0;
  while (at + sizeof(sock_control) <= length) {
    sock_control part;
    std::memcpy(&part, control + at, sizeof(part));
    at += sizeof(part);
    if (part.length > length - at) return;
    if (part.level == instance->numbers.socket_level && part.type == instance->numbers.rights) {
      for (uint32_t i = 0; i + sizeof(int32_t) <= part.length; i += sizeof(int32_t)) {
        int32_t handle;
        std::memcpy(&handle, control + at + i, sizeof(handle));
        instance->Own(handle);
      }
    }
    at += (part.length + 7u) & ~7u;
  }
}

napi_value SendMessage(napi_env env, napi_callback_info info) {
  Call<5> call(env, info);
  sock_handle handle;
  Buffers buffers;
  int flags;
  bool to;
  Bytes control;
  if (!call.Get(&handle, &buffers, &flags, &to, &control)) return call.Invalid();
  if (control.length > SOCK_CONTROL_MAX) return call.Invalid();
  const sock_message message = {buffers.list,
                                buffers.count,
                                to ? &call.instance()->memory->address : nullptr,
                                static_cast<uint8_t *>(control.data),
                                static_cast<uint32_t>(control.length),
                                0};
  return call.Return(sock_send_message(handle, &message, flags));
}

napi_value RecvMessage(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  sock_handle handle;
  Buffers buffers;
  int flags;
  Bytes control;
  if (!call.Get(&handle, &buffers, &flags, &control)) return call.Invalid();
  if (control.length > SOCK_CONTROL_MAX) return call.Invalid();
  Memory *memory = call.instance()->memory;
  sock_message message = {buffers.list,
                          buffers.count,
                          &memory->address,
                          static_cast<uint8_t *>(control.data),
                          static_cast<uint32_t>(control.length),
                          0};
  const int64_t result = sock_recv_message(handle, &message, flags);
  if (result >= 0) {
    OwnRights(call.instance(), message.control, message.control_length);
    memory->flags = message.flags;
    memory->control_length = static_cast<int32_t>(message.control_length);
  }
  return call.Return(result);
}

/** Reads a typed array with room for `count` elements. `undefined` is read as null. */
template <typename Element>
bool Room(napi_env env, napi_value value, napi_typedarray_type expected, size_t count,
          Element **out) {
  napi_valuetype kind;
  *out = nullptr;
  if (napi_typeof(env, value, &kind) != napi_ok) return false;
  if (kind == napi_undefined) return true;
  napi_typedarray_type type;
  size_t length = 0;
  void *data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) != napi_ok) {
    return false;
  }
  const size_t bytes = expected == napi_uint8_array ? length : length * sizeof(Element);
  if (type != expected || bytes / sizeof(Element) < count) return false;
  if (reinterpret_cast<uintptr_t>(data) % alignof(Element) != 0) return false;
  *out = static_cast<Element *>(data);
  return true;
}

/** The arguments that are the arrays of a DatagramBatch. */
struct Arrays {
  Value data, lengths, flags, addresses, segments;
  double size;
  unsigned count;
};

/** Checks the room of each array before the system writes to it. */
bool Read(napi_env env, const Arrays &arrays, sock_batch *batch) {
  const unsigned count = arrays.count;
  if (!(arrays.size >= 1 && arrays.size <= 65536)) return false;
  *batch = {};
  batch->size = static_cast<size_t>(arrays.size);
  batch->count = count;
  return Room(env, arrays.data.value, napi_uint8_array, batch->size * count, &batch->data) &&
         Room(env, arrays.lengths.value, napi_uint32_array, count, &batch->lengths) &&
         Room(env, arrays.flags.value, napi_int32_array, count, &batch->flags) &&
         Room(env, arrays.addresses.value, napi_uint8_array, count, &batch->addresses) &&
         Room(env, arrays.segments.value, napi_uint32_array, count, &batch->segments) &&
         batch->data != nullptr && batch->lengths != nullptr && batch->flags != nullptr;
}

/** A call on a DatagramBatch. */
template <auto function> napi_value OnBatch(napi_env env, napi_callback_info info) {
  Call<9> call(env, info);
  sock_handle handle;
  Arrays arrays;
  int flags;
  sock_batch batch;
  if (!call.Get(&handle, &arrays.data, &arrays.lengths, &arrays.flags, &arrays.addresses,
                &arrays.segments, &arrays.size, &arrays.count, &flags) ||
      !Read(env, arrays, &batch)) {
    return call.Invalid();
  }
  return call.Return(function(handle, &batch, flags));
}

/** A call on a DatagramBatch with columns: their memory, which they are, and the length of each. */
template <auto function> napi_value OnColumns(napi_env env, napi_callback_info info) {
  Call<12> call(env, info);
  sock_handle handle;
  Arrays arrays;
  int flags;
  Bytes memory;
  unsigned wanted, capacity;
  sock_batch batch;
  sock_columns columns;
  if (!call.Get(&handle, &arrays.data, &arrays.lengths, &arrays.flags, &arrays.addresses,
                &arrays.segments, &arrays.size, &arrays.count, &flags, &memory, &wanted,
                &capacity) ||
      !Read(env, arrays, &batch) || capacity < arrays.count ||
      sock_columns_layout(&columns, static_cast<uint8_t *>(memory.data), memory.length, wanted,
                          capacity) < 0) {
    return call.Invalid();
  }
  batch.columns = &columns;
  return call.Return(function(handle, &batch, flags));
}

napi_value GetOptionRaw(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  sock_handle handle;
  int level, name;
  Bytes bytes;
  if (!call.Get(&handle, &level, &name, &bytes)) return call.Invalid();
  if (bytes.length > UINT32_MAX) return call.Invalid();
  uint32_t length = static_cast<uint32_t>(bytes.length);
  int result = sock_get_option_raw(handle, level, name, bytes.data, &length);
  return call.Return(result < 0 ? result : static_cast<int64_t>(length));
}

napi_value SetOptionRaw(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  sock_handle handle;
  int level, name;
  Bytes bytes;
  if (!call.Get(&handle, &level, &name, &bytes)) return call.Invalid();
  if (bytes.length > UINT32_MAX) return call.Invalid();
  return call.Return(
      sock_set_option_raw(handle, level, name, bytes.data, static_cast<uint32_t>(bytes.length)));
}

napi_value SendFile(napi_env env, napi_callback_info info) {
  Call<4> call(env, info);
  sock_handle handle;
  sock_handle file, offset;
  double length;
  if (!call.Get(&handle, &file, &offset, &length) || !(length >= 0 && length <= 1e15)) {
    return call.Invalid();
  }
  return call.Return(sock_send_file(handle, file, offset, static_cast<size_t>(length)));
}

napi_value Pipe(napi_env env, napi_callback_info info) {
  Call<0> call(env, info);
  if (call.instance() == nullptr) return nullptr;
  sock_handle ends[2];
  const int result = sock_pipe(ends);
  if (result < 0) return call.Return(result);
  call.instance()->memory->flags = static_cast<int32_t>(call.instance()->Own(ends[1]));
  return call.Return(call.instance()->Own(ends[0]));
}

napi_value Splice(napi_env env, napi_callback_info info) {
  Call<6> call(env, info);
  sock_handle from, to, pipe[2];
  unsigned most, small;
  if (!call.Get(&from, &pipe[0], &pipe[1], &to, &most, &small)) return call.Invalid();
  return call.Return(sock_splice(from, pipe, to, most, small, &call.instance()->memory->spliced));
}

napi_value AttachFilter(napi_env env, napi_callback_info info) {
  Call<3> call(env, info);
  sock_handle handle;
  Bytes program;
  bool reuse_port;
  if (!call.Get(&handle, &program, &reuse_port)) return call.Invalid();
  if (program.length % sizeof(sock_instruction) != 0) return call.Invalid();
  return call.Return(sock_attach_filter(handle, static_cast<const sock_instruction *>(program.data),
                                        program.length / sizeof(sock_instruction), reuse_port));
}

napi_value InterfaceIndex(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  Bytes name;
  if (!call.Get(&name)) return call.Invalid();
  return call.Return(sock_interface_index(static_cast<const char *>(name.data), name.length));
}

napi_value InterfaceName(napi_env env, napi_callback_info info) {
  Call<2> call(env, info);
  unsigned index;
  Bytes name;
  if (!call.Get(&index, &name)) return call.Invalid();
  return call.Return(sock_interface_name(index, static_cast<char *>(name.data), name.length));
}

napi_value Interfaces(napi_env env, napi_callback_info info) {
  Call<1> call(env, info);
  Bytes list;
  if (!call.Get(&list)) return call.Invalid();
  if (reinterpret_cast<uintptr_t>(list.data) % alignof(sock_interface) != 0) return call.Invalid();
  return call.Return(sock_interfaces(static_cast<sock_interface *>(list.data),
                                     list.length / sizeof(sock_interface)));
}

constexpr Function functions[] = {
    {"pair", Pair},
    {"adopt", Adopt},
    {"release", Release},
    {"setCloexec", OnHandleWith<sock_set_cloexec, bool>},
    {"bind", OnAddress<sock_bind>},
    {"connect", OnAddress<sock_connect>},
    {"tryConnect", OnAddress<sock_try_connect>},
    {"connectTimeout", ConnectTimeout},
    {"listen", OnHandleWith<sock_listen, int>},
    {"accept4", Accept4},
    {"acceptBatch", AcceptBatch},
    {"localAddress", OnAddress<sock_local_address>},
    {"peerAddress", OnAddress<sock_peer_address>},
    {"duplicate", Duplicate},
    {"nonblocking", OnHandle<sock_nonblocking>},
    {"setNonblocking", OnHandleWith<sock_set_nonblocking, bool>},
    {"shutdown", OnHandleWith<sock_shutdown, int>},
    {"recvVectored", RecvVectored},
    {"sendVectored", SendVectored},
    {"sendMessage", SendMessage},
    {"recvMessage", RecvMessage},
    {"recvBatch", OnBatch<sock_recv_batch>},
    {"sendBatch", OnBatch<sock_send_batch>},
    {"recvColumns", OnColumns<sock_recv_batch>},
    {"sendColumns", OnColumns<sock_send_batch>},
    {"sendFile", SendFile},
    {"pipe", Pipe},
    {"splice", Splice},
    {"attachFilter", AttachFilter},
    {"interfaceIndex", InterfaceIndex},
    {"interfaceName", InterfaceName},
    {"interfaces", Interfaces},
    {"getOptionRaw", GetOptionRaw},
    {"setOptionRaw", SetOptionRaw},
};

} // namespace

bool DefineCalls(napi_env env, napi_value exports, Instance *instance) {
  return Define(env, exports, functions, instance);
}

} // namespace sock
