/*
 * The table of handles against std::map. Random calls on few distinct handles make chains of entries that collide and
 * wrap around the end of the table. Removing from such a chain is where open addressing goes wrong.
 */
#include "handles.h"

#include "expect.h"

#include <map>
#include <random>

namespace {

/** A pointer to compare. It is never followed. */
sock::Loop *LoopOf(uintptr_t number) {
  return reinterpret_cast<sock::Loop *>(number);
}

using Model = std::map<int64_t, sock::Loop *>;

bool Same(sock::Handles *handles, const Model &model, int64_t handle) {
  sock::Loop **const found = handles->Find(handle);
  const auto expected = model.find(handle);
  if (expected == model.end()) return found == nullptr;
  return found != nullptr && *found == expected->second;
}

/** Handles are multiples of `step` below `range * step`. Returns after the first difference. */
void Compare(std::mt19937_64 *random, uint64_t range, int64_t step) {
  sock::Handles handles;
  Model model;
  for (int i = 0; i < 3000; i++) {
    const int64_t handle = static_cast<int64_t>((*random)() % range) * step;
    sock::Loop *const loop = LoopOf((*random)() % 1000);
    bool same = true;
    switch ((*random)() % 4) {
      case 0:
      case 1:
        handles.Add(handle, loop);
        model[handle] = loop;
        break;
      case 2:
        same = handles.Remove(handle) == (model.erase(handle) == 1);
        break;
      default:
        handles.Replace(handle, loop);
        if (model.count(handle) == 1) model[handle] = loop;
    }
    same = same && Same(&handles, model, handle);
    if (!same) {
      Expect(false, "a call has another result than with std::map");
      return;
    }
  }
  bool same = true;
  for (uint64_t i = 0; i < range; i++) {
    same = same && Same(&handles, model, static_cast<int64_t>(i) * step);
  }
  Expect(same, "the table has the handles and loops of std::map");
  Model visited;
  size_t visits = 0;
  handles.Each([&](int64_t handle) {
    visits++;
    visited[handle] = nullptr;
  });
  bool each = visits == model.size() && visited.size() == model.size();
  for (const auto &entry : model) each = each && visited.count(entry.first) == 1;
  Expect(each, "Each visits every handle once");
}

} // namespace

int main() {
  sock::Handles empty;
  Expect(empty.Find(3) == nullptr, "an empty table finds nothing");
  Expect(!empty.Remove(3), "an empty table removes nothing");

  // A fixed seed: a failure comes again.
  std::mt19937_64 random(1);
  for (int round = 0; round < 20; round++) {
    for (uint64_t range = 4; range <= 1024; range *= 2) {
      Compare(&random, range, 1);
      Compare(&random, range, 4);
      Compare(&random, range, -1);
    }
  }
  return expect::Finish();
}
