#pragma once

#include <array>

#include "imaging/grid.h"
#include "imaging/spine/straighten.h"

namespace cemscope::imaging::spine {

/// The lattice of the column of bodies: nodes every 2 mm of the straightened spine's coordinates, 28 to the left from l = -27.5 mm, 32
/// forwards from a = -7.5 mm, upwards from s = 0.5 mm. There are four times a whole number along s, so that the last may lie beyond the
/// course.
struct ColumnLattice {
  static constexpr int kLeft = 28, kFront = 32, kStep_mm = 2;
  static constexpr int kFirstLeft_mm = -28, kFirstFront_mm = -8;  ///< of the first node's first voxel
  static int nodes_along(int length_mm);
};

/// What the network of body_map sees, [left][front][along], means over each node's voxels: density limited to [-80, 450] HU, by 250 HU, and
/// what lies outside the scan as -80 HU; the share that is cement or metal; the share that the scan shows.
struct ColumnPicture {
  static constexpr int kChannels = 3;
  std::array<Grid<float>, kChannels> channels;
};
ColumnPicture column_picture(const StraightSpine& spine);

/// Log odds, on the same lattice, that a place lies in a vertebral body, and in a disc (or just beyond an endplate that borders on none).
struct BodyMap {
  Grid<float> body, disc;
};

/// A convolutional network (feature_net.h; body_map_weights.h), learned from random phantoms and warped real spines whose bodies are known
/// (tests/tools/fit_columns.py). It sees some 36 mm about a place.
BodyMap body_map(const ColumnPicture& picture, int n_threads = 1);

/// Log odds of a map at a place of the straightened spine, mm: trilinear, clamped to the lattice, no surer than 4.
double log_odds_at(const Grid<float>& map, double s, double a, double l);

}  // namespace cemscope::imaging::spine
