#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "imaging/phantom/noise_texture.h"
#include "imaging/phantom/phantom_parameters.h"
#include "imaging/phantom/spine.h"
#include "imaging/vertebra_measurement.h"

namespace cemscope::imaging::phantom {

/// The cement of one vertebra as zone labels on small cells in the vertebra's own frame: the geometry that is rendered and that the
/// truth is counted from.
struct CementBrick {
  static constexpr double kCell_mm = 0.4;
  static constexpr double kCell_ml = kCell_mm * kCell_mm * kCell_mm * 1e-3;
  std::string level;
  CementPattern pattern = CementPattern::bilateral;
  LocalFrame frame;
  std::array<int, 3> size{0, 0, 0};
  Point_mm corner_mm{0, 0, 0};     ///< local position of cell (0, 0, 0)'s centre
  std::vector<std::uint8_t> zone;  ///< CementZone, 0 where there is none
  double plateau_hu = 2200, texture_fraction = 0.1;
  Box box;  ///< of the cement, patient coordinates

  [[nodiscard]] std::int64_t index(int i, int j, int k) const { return (static_cast<std::int64_t>(k) * size[1] + j) * size[0] + i; }
  [[nodiscard]] bool holds(int i, int j, int k) const { return i >= 0 && j >= 0 && k >= 0 && i < size[0] && j < size[1] && k < size[2]; }
  [[nodiscard]] Point_mm local_of(std::int64_t cell) const {
    const std::int64_t row = cell / size[0];
    return corner_mm +
           kCell_mm * Point_mm(static_cast<double>(cell % size[0]), static_cast<double>(row % size[1]), static_cast<double>(row / size[1]));
  }
  /// The cell that holds a local point, or -1 outside.
  [[nodiscard]] std::int64_t cell_at(const Point_mm& local) const {
    const Point_mm position = (local - corner_mm) / kCell_mm;
    const int i = static_cast<int>(std::lround(position.x())), j = static_cast<int>(std::lround(position.y())),
              k = static_cast<int>(std::lround(position.z()));
    return holds(i, j, k) ? index(i, j, k) : -1;
  }
  /// Share of cement at a local point, interpolated between cells.
  [[nodiscard]] double share_at(const Point_mm& local) const;
};

/// Injects the wanted cement into a vertebra: the body by invasion percolation from the pattern's seeds, then each leak from a breach of
/// the body's surface near the cement, each to its volume. Leaks stay in their zone by DEFINITIONS and out of all bone. `screw_tips_mm`: in
/// the vertebra's own frame, where the cement of augmented screws comes out.
CementBrick inject_cement(const PhantomDeposit& deposit, const Spine& spine, const std::vector<Point_mm>& screw_tips_mm,
                          const NoiseTexture& texture, std::uint64_t seed);

}  // namespace cemscope::imaging::phantom
