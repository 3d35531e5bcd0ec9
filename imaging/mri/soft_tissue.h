#pragma once

#include <vector>

#include "imaging/mri/references.h"

namespace cemscope::imaging::mri {

/// What the injury is judged by.
struct Evidence {
  std::vector<FluidPatch> patches;  ///< at the limit of s
  std::vector<FluidPatch> fainter;  ///< at a lower one: how far an injury goes on
  FatState fat;
  Sac sac;
};

/// Fills in the injury, the other fluid and the warnings of a reading that has all else: DEFINITIONS' sizes within three levels of a body
/// with oedema. Weak suppression, faint fluid, ghosts and wrap lower the confidence.
void judge_injury(MrReading& reading, const Evidence& evidence, const MrParameters& parameters);

}  // namespace cemscope::imaging::mri
