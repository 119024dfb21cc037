/*
 * How often an attached poller is polled in one turn of the event loop, and by whom.
 *
 * Each turn costs a call of the event loop's own epoll_wait(2), and the loop's wait on the poller makes every sender
 * wake two epoll instances for each packet. Both are a waste while sockets are always ready. So a poller that has
 * new events again and again is polled more than once a turn, and then by each turn without being waited for. That
 * is what the kernel's network drivers do under load (NAPI).
 *
 * The rules count, and do not measure time: a poll that finds nothing costs four that do.
 */
#ifndef SOCK_ADDON_PACE_H
#define SOCK_ADDON_PACE_H

#include <cstdint>

namespace sock {

class Pace {
public:
  /** The most polls of a turn, unless told otherwise. Timers and other handles of the loop run after them. */
  static constexpr int POLLS = 16;
  /** No further poll begins later in a turn than this, in nanoseconds. */
  static constexpr uint64_t LONGEST = 1000 * 1000;

  explicit Pace(int most = POLLS) : most_(most) {}

  /** A turn begins. */
  void Begin(uint64_t now) {
    polls_ = 1;
    end_ = now + LONGEST;
  }

  /** Whether to poll once more in this turn, after a poll that found events. */
  bool Again(uint64_t now) {
    if (polls_ >= most_) return false;
    if (now >= end_) {
      // The callback had so much to do that there may be more by now.
      if (polls_ == 1) Found(true);
      return false;
    }
    if (score_ == 0 && polls_ == 1) {
      untried_++;
      if (untried_ < pause_) return false;
      untried_ = 0;
    }
    polls_++;
    return true;
  }

  /** A poll that nothing had announced found events, or none. */
  void Found(bool any) {
    if (any) {
      if (score_ < FULL) score_++;
      if (score_ == FULL) busy_ = true;
      pause_ = 1;
    } else {
      score_ = score_ > PENALTY ? score_ - PENALTY : 0;
      if (score_ == 0) {
        busy_ = false;
        if (pause_ < LONGEST_PAUSE) pause_ *= 2;
      }
    }
  }

  /** Whether each turn polls, without waiting for events first. */
  bool busy() const { return busy_; }

private:
  static constexpr int FULL = 16;
  static constexpr int PENALTY = 4;
  static constexpr int LONGEST_PAUSE = 64;

  int most_;
  uint64_t end_ = 0;
  int polls_ = 0;
  int score_ = 0;
  /** With a score of 0, only one turn of so many tries a second poll. */
  int pause_ = 1;
  int untried_ = 0;
  bool busy_ = false;
};

} // namespace sock

#endif
