#pragma once

#include <string>
#include <vector>

#include "imaging/mri/mr_reading.h"

namespace cemscope::imaging {

/// Names of the bodies of a reading, top to bottom; empty names where none is known.
struct MrLevels {
  std::vector<std::string> names;
  std::string source = "none";  ///< "clinical", "counted", "none"
};

/// Names the bodies: from the treated levels when they fit the bodies with oedema in one way only ("clinical"), else counted up from the
/// sacrum when it is in view ("counted"). `treated` runs from the top downwards.
MrLevels name_mr_levels(const MrReading& reading, const std::vector<std::string>& treated);

}  // namespace cemscope::imaging
