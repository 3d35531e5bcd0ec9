#pragma once

#include <vector>

#include "imaging/grid.h"

namespace cemscope::imaging {

/// Connected components of the voxels where `mask` is non-zero, 26-connected: 1..n in scan order in `label`, their voxels in `voxels`.
struct Components {
  Grid<std::int32_t> label;
  std::vector<std::vector<std::size_t>> voxels;  ///< of label q + 1
};
Components label_components(const Grid<std::uint8_t>& mask);

/// The mask grown by one voxel (26-neighbourhood), `rounds` times.
Grid<std::uint8_t> dilate(const Grid<std::uint8_t>& mask, int rounds);

/// The mask less its outermost voxels (6-neighbourhood); the grid's border counts as outside.
Grid<std::uint8_t> erode_once(const Grid<std::uint8_t>& mask);

}  // namespace cemscope::imaging
