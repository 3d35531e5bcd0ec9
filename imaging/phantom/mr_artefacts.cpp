#include "imaging/phantom/mr_artefacts.h"

#include <cmath>

namespace cemscope::imaging::phantom {
namespace {

constexpr int kGhosts = 4;  // on each side; J_5(1) is 0.0002

int folded(int index, int n) { return (index % n + n) % n; }

double weight_of_ghost(int n, double amplitude_rad) {
  const double weight = std::cyl_bessel_j(std::abs(n), amplitude_rad);
  return n < 0 && n % 2 != 0 ? -weight : weight;
}

}  // namespace

void MrSlice::add(int column, int row, bool is_moving, float signal) {
  const std::size_t index = static_cast<std::size_t>(folded(row, rows)) * columns + folded(column, columns);
  (is_moving ? moving : still)[index] += signal;
}

MrWrap wrap_of(const PhantomMrScan& scan) {
  const int n = static_cast<int>(scan.artefacts.wrap_mm / scan.pixel_mm);
  if (scan.artefacts.phase == PhaseDirection::front_back) return {n, 0};
  return {0, n};
}

std::vector<float> with_ghosts(const MrSlice& slice, const PhantomMrArtefacts& artefacts) {
  std::vector<float> image = slice.still;
  const bool is_along_rows = artefacts.phase == PhaseDirection::front_back;
  for (int n = -kGhosts; n <= kGhosts; ++n) {
    const auto weight = static_cast<float>(weight_of_ghost(n, artefacts.ghost_rad));
    if (weight == 0) continue;
    const int shift = n * artefacts.ghost_cycles;
    for (int j = 0; j < slice.rows; ++j)
      for (int i = 0; i < slice.columns; ++i) {
        const int u = is_along_rows ? folded(i - shift, slice.columns) : i, v = is_along_rows ? j : folded(j - shift, slice.rows);
        image[static_cast<std::size_t>(j) * slice.columns + i] += weight * slice.moving[static_cast<std::size_t>(v) * slice.columns + u];
      }
  }
  for (float& signal : image) signal = std::abs(signal);
  return image;
}

}  // namespace cemscope::imaging::phantom
