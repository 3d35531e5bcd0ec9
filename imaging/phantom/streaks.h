#pragma once

#include "imaging/phantom/slice_filters.h"

namespace cemscope::imaging::phantom {

/// Adds the artefacts of dense objects (> 1000 HU): their projections are computed, distorted as a polychromatic beam would (an error
/// growing with the square of the path; noise where hardly a photon passes) and back-projected by filtered back-projection (Kak and Slaney,
/// Principles of Computerized Tomographic Imaging, 1988, ch. 3). Dark bands between and beside deposits, bright and dark rays from metal.
/// Does nothing to a slice without dense objects.
void add_streaks(const Slice& slice, double scale, Random& random);

}  // namespace cemscope::imaging::phantom
