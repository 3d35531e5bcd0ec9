#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "imaging/radiograph/plane.h"

namespace cemscope::imaging::radiograph {

/// A connected part of an image above a threshold of its own.
struct DenseRegion {
  std::vector<std::pair<int, int>> pixels;
  double steepness = 0;  ///< mean gradient along its outline, image units per pixel, after a blur of one pixel
};

struct RegionSearch {
  double lowest = 0, highest = 1;  ///< thresholds between which regions are looked for, 0 < lowest < highest
  int least_px = 40, most_px = 10000;
  double kept_steepness = 0.85;  ///< a region is widened to lower thresholds while its outline keeps this share of the steepest one
};

/// Regions with the steepest outlines, disjoint, steepest first: of the tree of components over falling thresholds (in 12 % steps; after
/// Matas et al., Image Vis Comput 2004;22:761) the steepest node, widened to its lowest threshold that is nearly as steep, then the next
/// one beside it. Cement ends in a step, bone fades, so one threshold for both would join them. `where`: pixels that may belong to one.
std::vector<DenseRegion> find_dense_regions(const Plane<float>& image, const Plane<std::uint8_t>& where, const RegionSearch& search);

}  // namespace cemscope::imaging::radiograph
