#pragma once

#include <cstdint>
#include <span>

namespace cemscope::ingest {

/// A slice of densities, row by row.
template <typename Value>
struct SliceView {
  std::span<Value> values;  ///< columns x rows
  int columns = 0, rows = 0;
};

/// Writes `source` into the larger `target` with its first pixel at (shift_i, shift_j) in the target's pixels: bilinear, -1024 HU outside.
void place_shifted(const SliceView<const std::int16_t>& source, double shift_i, double shift_j, const SliceView<std::int16_t>& target);

/// target = (1 - weight) * a + weight * b, rounded. All of one size; weight 0-1.
void blend(std::span<const std::int16_t> a, std::span<const std::int16_t> b, double weight, std::span<std::int16_t> target);

}  // namespace cemscope::ingest
