#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cemscope::statistics {

/// The cells of one column of a table in eight bytes each. A cell whose text follows from its number is held as the number, any other as
/// the index of its text, so that a large table of measurements takes no more than its numbers and every text is given back as it was read.
class CellColumn {
 public:
  void add(std::string_view text);

  [[nodiscard]] std::size_t size() const { return cells_.size(); }
  /// The number of a cell held as one; empty for text, which may still be readable as a number ("1e3", "007").
  [[nodiscard]] std::optional<double> number(std::size_t row) const;
  [[nodiscard]] std::string text(std::size_t row) const;

  /// Gives the memory back; the column must not be read any more.
  void release() { *this = CellColumn(); }

 private:
  [[nodiscard]] std::uint64_t encode(std::string_view text);
  void choose_style();

  std::vector<std::uint64_t> cells_;  ///< a finite number's bits, or kText + index into texts_
  std::vector<std::string> texts_;
  std::map<std::string, std::uint64_t, std::less<>> known_;  ///< index of the first different texts
  std::optional<int> decimals_;                              ///< numbers were written with so many; empty: as short as they can be
};

}  // namespace cemscope::statistics
