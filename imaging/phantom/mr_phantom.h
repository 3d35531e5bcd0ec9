#pragma once

#include <string>
#include <vector>

#include "imaging/mri/mr_volume.h"
#include "imaging/phantom/mr_parameters.h"

namespace cemscope::imaging {

/// What is true of a simulated MR examination, from the geometry it was rendered from.
struct PhantomMrTruth {
  bool soft_tissue_injury = false;  ///< by DEFINITIONS: s >= 0.4, 20 mm x 2 mm or 150 mm2, on two slices
  bool is_borderline = false;       ///< within 25 % of one of these limits
  double length_mm = 0;             ///< along the body, from the highest to the lowest end of all injuries
  bool suppression_failed = false;  ///< more than half of the region of interest near the acute level
  std::vector<std::string> acute_levels;
  std::vector<std::string> body_levels;  ///< bodies that lie wholly in the field, top to bottom
  std::vector<Point_mm> body_centres_mm;
  std::vector<double> heights_mm;  ///< in the middle of those bodies
};

struct PhantomMrExam {
  MrVolume volume;  ///< sagittal, rows to inferior, columns to posterior, slices to the left
  PhantomMrTruth truth;
};

/// Simulates the examination: analytic anatomy (see make_phantom) with a back of skin, fat, fascia and muscles of its own, signals after
/// the sequence, slice profile, point spread, coil gain and Rician noise. O(voxels x 3).
PhantomMrExam make_mr_phantom(const PhantomMrParameters& parameters);

}  // namespace cemscope::imaging
