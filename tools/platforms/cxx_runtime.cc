/*
 * The few functions of a C++ library that the addon's code refers to: with them it links without one,
 * which would be three times its size. An allocation that fails ends the process, as in Node itself.
 */
#include <cstddef>
#include <cstdlib>
#include <memory>

void *operator new(std::size_t size) {
  void *memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}
void *operator new[](std::size_t size) {
  return operator new(size);
}
void operator delete(void *memory) noexcept {
  std::free(memory);
}
void operator delete[](void *memory) noexcept {
  std::free(memory);
}
void operator delete(void *memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void *memory, std::size_t) noexcept {
  std::free(memory);
}

extern "C" [[noreturn]] void __cxa_pure_virtual() {
  std::abort();
}

_LIBCPP_BEGIN_NAMESPACE_STD
[[noreturn]] void __libcpp_verbose_abort(const char *, ...) noexcept {
  std::abort();
}

__shared_count::~__shared_count() {}
__shared_weak_count::~__shared_weak_count() {}
void __shared_weak_count::__release_weak() noexcept {
  if (__libcpp_atomic_refcount_decrement(__shared_weak_owners_) == -1) __on_zero_shared_weak();
}
const void *__shared_weak_count::__get_deleter(const type_info &) const noexcept {
  return nullptr;
}
_LIBCPP_END_NAMESPACE_STD
