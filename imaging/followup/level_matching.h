#pragma once

#include <optional>

#include "imaging/followup/body_heights.h"

namespace cemscope::imaging::followup {

/// The shift that turns an index of the baseline's bodies into one of the follow-up's. Every shift is judged by the heights of untreated
/// bodies (their log ratios about a common one, which for examinations in mm is known beforehand; cement hides endplates, and a collapse
/// counts as one outlier) and by cement: a body treated at both times speaks for a shift; one that is treated at one time alone was missed
/// or treated since, and one out of view was rarely left out. Where a level is named at both times its shift stands unless another one is
/// plainly likelier; else the likeliest one stands if it plainly is. Empty: levels cannot be matched. O(bodies^2).
std::optional<int> matching_shift(const TimePoint& baseline, const TimePoint& followup);

}  // namespace cemscope::imaging::followup
