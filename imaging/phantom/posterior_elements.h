#pragma once

#include "imaging/phantom/random.h"
#include "imaging/phantom/spine.h"

namespace cemscope::imaging::phantom {

/// Adds pedicles, laminae, facets, spinous and transverse processes, and ribs where the level has them, to a vertebra whose frame, body
/// and canal are set. `trunk_half_width_mm` shapes the ribs.
void add_posterior_elements(Vertebra& vertebra, double trunk_half_width_mm, Random& random);

/// The alae of a sacral segment.
void add_sacral_parts(Vertebra& segment);

/// The two iliac wings beside the sacrum.
std::vector<BonePart> make_pelvis(const Vertebra& first_sacral);

}  // namespace cemscope::imaging::phantom
