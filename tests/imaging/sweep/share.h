#pragma once

namespace cemscope::imaging {

/// A share of right answers; 1 of none.
struct Share {
  int right = 0, of = 0;
  void add(bool is_right) { right += is_right, ++of; }
  void add(const Share& other) { right += other.right, of += other.of; }
  [[nodiscard]] double value() const { return of > 0 ? static_cast<double>(right) / of : 1; }
};

}  // namespace cemscope::imaging
