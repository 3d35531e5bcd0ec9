#pragma once

#include <cstdio>

namespace cemscope::imaging {

/// A share of right answers; 1 of none.
struct Share {
  int right = 0, of = 0;
  void add(bool is_right) { right += is_right, ++of; }
  void add(const Share& other) { right += other.right, of += other.of; }
  [[nodiscard]] double value() const { return of > 0 ? static_cast<double>(right) / of : 1; }
};

inline void print_share(const char* what, const Share& share, const char* target) {
  std::printf("%-46s %5.1f %% (%d/%d)   target %s\n", what, 100 * share.value(), share.right, share.of, target);
}

}  // namespace cemscope::imaging
