#pragma once

#include <vector>

#include "imaging/ct_parameters.h"
#include "imaging/grid.h"
#include "imaging/spine/body.h"

namespace cemscope::imaging::cement {

/// The part of the volume in which cement is looked for, as a box in index space, and its maps. All grids are region.size.
struct CementMap {
  Region region;
  Grid<std::uint8_t> owner;      ///< 0: no cement; else 1 + index of the treated body whose cement this voxel is (half-maximum boundary)
  Grid<float> fraction;          ///< partial-volume fraction of cement over the deposit and its one-voxel rim, 0-1; up to 1.5 deep inside
  Grid<std::uint8_t> metal;      ///< 1: hardware
  double seed_hu = 0;            ///< the threshold that seeded
  double brightest_seed_ml = 0;  ///< volume above it, cement or not
};

/// One treated vertebral body and its cement as a whole.
struct Deposit {
  int body = -1;                 ///< index into the bodies
  double plateau_hu = 0;         ///< the cement's own density
  double background_hu = 0;      ///< around it
  double partial_volume_ml = 0;  ///< sum of fractions, those below 0 in the rim among them
  double half_max_ml = 0, above_600_ml = 0, above_1000_ml = 0;
  double saturated_fraction = 0;
  bool touches_metal = false;
};

struct Deposits {
  CementMap map;
  std::vector<Deposit> deposits;  ///< in the bodies' order, from below upwards
};

/// Finds cement: seeds above the brightest cortex of untreated bodies, kept where a deposit lies inside a vertebral body; boundary half-way
/// between the deposit's plateau and its background; volume as a partial-volume sum (DEFINITIONS, "Cement on CT"). Long thin straight
/// objects are hardware. A body is treated when at least 0.3 mL of cement lie inside it. Complexity: O(region).
Deposits find_cement(const VolumeView& volume, const std::vector<spine::VertebralBody>& bodies, int saturation_hu,
                     const CementParameters& parameters);

}  // namespace cemscope::imaging::cement
