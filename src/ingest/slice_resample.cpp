#include "src/ingest/slice_resample.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "src/ingest/hounsfield.h"

namespace cemscope::ingest {

namespace {

/// The whole and the fractional part of a shift.
struct Shift {
  int whole;
  double fraction;
};

Shift shift_of(double shift) {
  // A fraction below a thousandth of a pixel is rounding and would only blur.
  const auto whole = std::floor(shift + 1e-3);
  return {static_cast<int>(whole), std::max(0.0, shift - whole)};
}

// Value at x of a row moved right by the shift; both neighbours must exist.
void move_row(std::span<const std::int16_t> row, Shift shift, std::span<std::int16_t> target) {
  std::fill(target.begin(), target.end(), kPaddingHu);
  const auto n = row.size();
  auto out = target.subspan(static_cast<std::size_t>(shift.whole));
  if (shift.fraction < 2e-3) {
    std::copy(row.begin(), row.end(), out.begin());
    return;
  }
  // Pixel x of the moved row lies `fraction` before the row's pixel x.
  for (std::size_t x = 1; x < n; ++x) {
    out[x] = static_cast<std::int16_t>(std::lround((1 - shift.fraction) * row[x] + shift.fraction * row[x - 1]));
  }
}

}  // namespace

void blend(std::span<const std::int16_t> a, std::span<const std::int16_t> b, double weight, std::span<std::int16_t> target) {
  const auto w = static_cast<float>(weight);
  for (std::size_t i = 0; i < target.size(); ++i) {
    const float value = (1 - w) * static_cast<float>(a[i]) + w * static_cast<float>(b[i]);
    target[i] = static_cast<std::int16_t>(std::lrint(value));
  }
}

void place_shifted(const SliceView<const std::int16_t>& source, double shift_i, double shift_j, const SliceView<std::int16_t>& target) {
  const auto across = shift_of(shift_i), down = shift_of(shift_j);
  const auto source_width = static_cast<std::size_t>(source.columns), width = static_cast<std::size_t>(target.columns);
  const auto row_of = [&](int j) { return source.values.subspan(static_cast<std::size_t>(j) * source_width, source_width); };
  std::vector<std::int16_t> above(width), below(width);
  for (int j = 0; j < target.rows; ++j) {
    const auto out = target.values.subspan(static_cast<std::size_t>(j) * width, width);
    const int from = j - down.whole;
    const bool is_blended = down.fraction >= 2e-3;
    if (from < (is_blended ? 1 : 0) || from >= source.rows) {
      std::fill(out.begin(), out.end(), kPaddingHu);
    } else if (!is_blended) {
      move_row(row_of(from), across, out);
    } else {
      move_row(row_of(from - 1), across, above);
      move_row(row_of(from), across, below);
      blend(below, above, down.fraction, out);
    }
  }
}

}  // namespace cemscope::ingest
