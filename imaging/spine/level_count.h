#pragma once

#include <string>
#include <vector>

#include "imaging/spine/body.h"
#include "imaging/spine/straighten.h"

namespace cemscope::imaging::spine {

/// What stands beside one vertebral body, each on both of the patient's sides.
struct BesideBody {
  bool has_ribs = false;     ///< a rib or longer process reaches kRibReach_mm from the canal's middle
  bool rules_out_ribs = false;  ///< the flanks are in view and no bone reaches that far
  bool is_sacral = false;    ///< the alae and the iliac bones
};

/// Names of n bodies (index 0 lowest) counted from the sacrum upwards ("L5" is the first body above it) and from the last pair of ribs
/// (T12) downwards; five lumbar vertebrae are taken for granted.
struct LevelCount {
  std::vector<std::string> levels;  ///< n names; all empty when neither anchor is in view
  bool anchors_disagree = false;    ///< four or six lumbar vertebrae between the anchors, or missed bodies: nothing is named
};
LevelCount count_levels(const std::vector<BesideBody>& beside, bool sacrum_below_lowest);

/// Looks beside the bodies (index 0 lowest) for ribs, alae and iliac bones and counts. Limits: a thirteenth or rudimentary twelfth rib and
/// lumbosacral transitions shift the count when only one anchor is in view. Complexity: O(course length x flank).
LevelCount count_levels(const VolumeView& volume, const CanalCourse& course, const StraightSpine& spine, const std::vector<VertebralBody>& bodies);

}  // namespace cemscope::imaging::spine
