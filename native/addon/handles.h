/*
 * The handles that an environment has, each with the loop that it is attached to. This is a hash table with open
 * addressing. The containers of the standard library would need parts of libc++, which a cross-compiled addon would
 * have to contain.
 */
#ifndef SOCK_ADDON_HANDLES_H
#define SOCK_ADDON_HANDLES_H

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace sock {

class Loop;

class Handles {
public:
  Handles() = default;
  ~Handles() { std::free(entries_); }
  Handles(const Handles &) = delete;
  Handles &operator=(const Handles &) = delete;

  /**
   * The loop that the handle is attached to. Null if the handle is not in the table. `Add` and `Remove` make the
   * pointer invalid.
   */
  Loop **Find(int64_t handle) {
    if (room_ == 0) return nullptr;
    Entry &entry = entries_[Place(handle)];
    return entry.used ? &entry.loop : nullptr;
  }

  void Add(int64_t handle, Loop *loop) {
    // The table is at most half full, so a search reaches a free entry soon.
    if (count_ * 2 >= room_) Grow();
    Entry &entry = entries_[Place(handle)];
    if (!entry.used) count_++;
    entry = {handle, loop, true};
  }

  /** Returns whether the handle was in the table. */
  bool Remove(int64_t handle) {
    if (Find(handle) == nullptr) return false;
    size_t free = Place(handle);
    entries_[free].used = false;
    count_--;
    // An entry moves up if the removed one was in its way. Otherwise a search would miss it.
    for (size_t at = Next(free); entries_[at].used; at = Next(at)) {
      const size_t home = Home(entries_[at].handle);
      const bool reachable = free < at ? home > free && home <= at : home > free || home <= at;
      if (reachable) continue;
      entries_[free] = entries_[at];
      entries_[at].used = false;
      free = at;
    }
    return true;
  }

  /** Changes the loop of a handle. Does nothing if the handle is not in the table. */
  void Replace(int64_t handle, Loop *loop) {
    Loop **const found = Find(handle);
    if (found != nullptr) *found = loop;
  }

  /** Calls `visit(handle)` for each. */
  template <typename Visit> void Each(Visit visit) const {
    for (size_t at = 0; at < room_; at++) {
      if (entries_[at].used) visit(entries_[at].handle);
    }
  }

private:
  struct Entry {
    int64_t handle;
    Loop *loop;
    bool used;
  };

  /** Descriptors are small successive numbers and SOCKETs are multiples of 4. The factor spreads both. */
  size_t Home(int64_t handle) const {
    const uint64_t hash = static_cast<uint64_t>(handle) * UINT64_C(0x9e3779b97f4a7c15);
    return static_cast<size_t>(hash >> 32) & (room_ - 1);
  }

  size_t Next(size_t at) const { return (at + 1) & (room_ - 1); }

  /** The index of the handle's entry, or of the free entry where it would go. */
  size_t Place(int64_t handle) const {
    size_t at = Home(handle);
    while (entries_[at].used && entries_[at].handle != handle) at = Next(at);
    return at;
  }

  void Grow() {
    Entry *const before = entries_;
    const size_t entries_before = room_;
    room_ = room_ == 0 ? 16 : room_ * 2;
    entries_ = static_cast<Entry *>(std::calloc(room_, sizeof(Entry)));
    // Operator new does the same without exceptions. A handle that is not remembered would never be closed.
    if (entries_ == nullptr) std::abort();
    for (size_t i = 0; i < entries_before; i++) {
      if (before[i].used) entries_[Place(before[i].handle)] = before[i];
    }
    std::free(before);
  }

  Entry *entries_ = nullptr;
  /** A power of two, or 0. */
  size_t room_ = 0;
  size_t count_ = 0;
};

} // namespace sock

#endif
