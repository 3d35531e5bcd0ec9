#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "imaging/finding.h"
#include "imaging/followup/body_heights.h"

namespace cemscope::imaging::followup {

/// DEFINITIONS, adjacent fracture; from the definitions file.
struct ComparisonParameters {
  double min_loss_fraction = 0.20, min_loss_mm = 4.0;
  double min_loss_fraction_with_oedema = 0.15;
  int reach_levels = 1;
};

/// One body at both times.
struct BodyChange {
  int baseline = 0, followup = 0;  ///< indices into the time points' bodies
  std::string level;
  bool is_adjacent = false;                      ///< next to a treated one
  std::optional<double> loss_fraction, loss_mm;  ///< the largest of front, middle and back; negative when it grew
  std::array<std::optional<double>, 3> losses;   ///< of front, middle and back, fractions; empty where one time has no height
  std::array<double, 3> plainness{};             ///< of these places at both times, the less (films); see BodyHeights
  bool has_new_oedema = false;
  Finding fracture;  ///< of this body; not_assessable when it is cut, unmeasured or misread at one time
};

struct Comparison {
  Finding
      adjacent_fracture;  ///< not_assessable: "levels_not_matched", "adjacent_level_not_in_view", "heights_implausible", "heights_unsure"
  std::vector<BodyChange> changes;  ///< of the bodies seen at both times, top to bottom
  double scale = 1.0;               ///< follow-up heights over baseline heights of the bodies that did not change
};

/// Compares a follow-up with the post-operative baseline. Levels are matched by matching_shift (level_matching.h). Heights are compared as
/// ratios: each over the median ratio of all matched bodies, so that other slices, magnification or another modality's endplates do not
/// count. Of CT and MR "no" wants a loss plainly below the limit. Where one is a film a loss counts as four fifths seen
/// (radiograph::kShownOfLoss), in mm only where the baseline has a scale; "no" wants less than 12.5 % lost and a body of which enough
/// shows, and two places that have grown make their body implausible. O(bodies^2).
Comparison compare(const TimePoint& baseline, const TimePoint& followup, const ComparisonParameters& parameters);

}  // namespace cemscope::imaging::followup
