#pragma once

#include "imaging/compression.h"

namespace cemscope::imaging {

/// Cement on CT (DEFINITIONS: "Cement on CT"). Defaults are those of the shipped definitions file.
struct CementParameters {
  double seed_floor_hu = 800.0;           ///< HU, lowest seed threshold
  double seed_ceiling_hu = 1400.0;        ///< HU, highest seed threshold
  double seed_margin_hu = 150.0;          ///< HU above the 99.5th percentile of untreated bone
  double min_component_mm3 = 10.0;        ///< mm3
};

/// Leakage (DEFINITIONS: "Leakage").
struct LeakageParameters {
  double min_tolerance_mm = 1.0;          ///< mm, epsilon = max(this, half a slice, one voxel)
  double min_leak_mm3 = 10.0;             ///< mm3
  double canal_behind_wall_mm = 1.0;      ///< mm behind the posterior wall
  double disc_beyond_endplate_mm = 1.0;   ///< mm beyond a fitted endplate
  double vascular_length_to_diameter = 3.0;
  double vascular_max_diameter_mm = 5.0;
  double radiographic_min_mm3 = 100.0;    ///< seen on a radiograph from this volume ...
  double radiographic_min_extent_mm = 5.0;///< ... or this extent
};

/// Midline crossing and distribution (DEFINITIONS).
struct DistributionParameters {
  double min_minor_side_fraction = 0.05;
  double min_reach_mm = 3.0;              ///< mm past the midline
  double cell_hit_fraction = 0.05;
  int min_cells_hit = 4;                  ///< of 6, left and right among them
};

struct CtParameters {
  CementParameters cement;
  LeakageParameters leakage;
  DistributionParameters distribution;
  CompressionParameters compression;
  int n_threads = 1;                      ///< for one reading; the result does not depend on it
};

}  // namespace cemscope::imaging
