#pragma once

#include <array>
#include <vector>

#include "imaging/grid.h"

namespace cemscope::imaging {

/// The connected components (26-neighbourhood) of the voxels where `mask` is non-zero, in scan order, each as its voxels' indices in scan
/// order. By runs and union-find; O(voxels of the grid).
std::vector<std::vector<std::size_t>> label_components(const Grid<std::uint8_t>& mask);

/// The voxels that share a face with [0, 0, 0].
inline constexpr std::array<std::array<int, 3>, 6> kSixNeighbours{{{-1, 0, 0}, {1, 0, 0}, {0, -1, 0}, {0, 1, 0}, {0, 0, -1}, {0, 0, 1}}};

/// The mask grown by one voxel (26-neighbourhood), `rounds` times.
Grid<std::uint8_t> dilate(const Grid<std::uint8_t>& mask, int rounds);

/// The mask less its outermost voxels (6-neighbourhood); the grid's border counts as outside.
Grid<std::uint8_t> erode_once(const Grid<std::uint8_t>& mask);

/// Whether the mask is set in the box of 2 half + 1 voxels about [x, y, z]. O(box).
bool any_in_box(const Grid<std::uint8_t>& mask, const std::array<int, 3>& at, const std::array<int, 3>& half);

}  // namespace cemscope::imaging
