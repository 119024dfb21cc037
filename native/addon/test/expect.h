/* Counts checks, and says where one failed. */
#ifndef SOCK_ADDON_EXPECT_H
#define SOCK_ADDON_EXPECT_H

#include <cstdio>
#include <cstdlib>

namespace expect {

inline int passed = 0;
inline int failed = 0;

inline void Check(bool holds, const char *file, const char *text) {
  if (holds) {
    passed++;
    return;
  }
  failed++;
  std::fprintf(stderr, "%s: %s\n", file, text);
}

/** Prints the line that run.sh sums up. Returns the exit status of the test. */
inline int Finish() {
  std::printf("%d passed, %d failed, 0 skipped\n", passed, failed);
  return failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

} // namespace expect

#define Expect(holds, text) expect::Check(holds, __FILE__, text)

#endif
