#pragma once

#include <vector>

#include "imaging/spine/discs.h"

namespace cemscope::imaging::spine {

/// Log odds by millimetre of the course, 16 mm in front of the rear wall.
struct DiscEvidence {
  std::vector<double> disc;         ///< the middle of a disc, within 2 mm
  std::vector<double> upper_plate;  ///< the upper endplate of a body (the disc's lower border), within 1 mm
  std::vector<double> lower_plate;  ///< the lower endplate of a body
};

/// Logistic regressions on what lies 24 mm above and below: ten profiles along the spine (five depths through the bodies, the cortical ring
/// in front and beside, pedicles, cement, the rear wall), each as its deviation from what is usual along the spine, as the strength of its
/// edges and as dark lines. A dark osteoporotic body has a bright ring, a disc has none. Learned on simulated scans (disc_weights.h).
/// O(length x features).
DiscEvidence disc_evidence(const StraightSpine& spine, const SpineProfiles& profiles);

/// The channels that it looks at, by millimetre of the course; for the program that fits the weights.
std::vector<std::vector<double>> disc_channels(const StraightSpine& spine, const SpineProfiles& profiles);

}  // namespace cemscope::imaging::spine
