/*
 * How often an attached poller is polled: the budget of a turn, what a quiet poller costs, and how soon polling without
 * waiting begins and ends. All by count.
 */
#include "pace.h"

#include "expect.h"

namespace {

using sock::Pace;

/** A turn that libuv announced. `more` says of each further poll whether it finds events. Returns the polls. */
template <typename More> int Announced(Pace *pace, More more, uint64_t now = 0) {
  int polls = 1;
  pace->Begin(0);
  for (bool any = true; any && pace->Again(now); polls++) {
    any = more();
    pace->Found(any);
  }
  return polls;
}

/** A turn that polls unasked. */
template <typename More> int Unasked(Pace *pace, More more) {
  int polls = 1;
  pace->Begin(0);
  bool any = more();
  pace->Found(any);
  for (; any && pace->Again(0); polls++) {
    any = more();
    pace->Found(any);
  }
  return polls;
}

bool Always() {
  return true;
}
bool Never() {
  return false;
}

Pace Busy() {
  Pace pace;
  for (int turn = 0; turn < 3; turn++) Announced(&pace, Always);
  return pace;
}

} // namespace

int main() {
  {
    Pace pace;
    int polls = 0;
    for (int turn = 0; turn < 6400; turn++) polls += Announced(&pace, Never);
    Expect(polls <= 6400 + 6400 / 64 + 8, "of a quiet poller one turn in 64 polls a second time");
    Expect(!pace.busy(), "a quiet poller is waited for");
    polls = 0;
    for (int turn = 0; turn < 66; turn++) polls += Announced(&pace, Always);
    Expect(pace.busy(), "it is polled each turn once it has events again and again");
  }
  {
    Pace pace;
    Announced(&pace, Always);
    Expect(!pace.busy(), "the first turn with much to do is not enough");
    Announced(&pace, Always);
    Expect(pace.busy(), "the second is");
    bool kept = true;
    for (int turn = 0; turn < 100; turn++) kept = kept && Unasked(&pace, Always) == Pace::POLLS;
    Expect(kept, "a turn uses its budget and no more");
  }
  {
    Pace pace = Busy();
    int turns = 0;
    for (; pace.busy() && turns < 100; turns++) Unasked(&pace, Never);
    Expect(turns == 4, "four turns without events end it");
  }
  {
    Pace pace = Busy();
    int turns = 0;
    bool any = false;
    auto other = [&any] { return any = !any; };
    for (; pace.busy() && turns < 100; turns++) Unasked(&pace, other);
    Expect(turns < 10, "events at every second poll do not keep it up");
  }
  {
    Pace pace = Busy();
    int count = 0;
    auto mostly = [&count] { return ++count % 8 != 0; };
    for (int turn = 0; turn < 1000; turn++) Unasked(&pace, mostly);
    Expect(pace.busy(), "events at seven of eight polls do");
  }
  {
    Pace pace = Busy();
    Expect(Announced(&pace, Always, Pace::LONGEST) == 1, "no further poll begins late in a turn");
    Expect(Announced(&pace, Always, Pace::LONGEST - 1) == Pace::POLLS, "until then, they do");
  }
  {
    Pace pace;
    int turns = 0;
    for (; !pace.busy() && turns < 100; turns++) Announced(&pace, Always, Pace::LONGEST);
    Expect(turns == 16, "turns whose callbacks take all their time make it busy too");
  }
  return expect::Finish();
}
