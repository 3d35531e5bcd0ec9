#pragma once

#include "imaging/spine/body_block.h"

namespace cemscope::imaging::spine {

/// Log odds, voxel by voxel of the block, that the vertebral body is there: a convolutional network of one step down and up (after Cicek et
/// al., MICCAI 2016;9901:424; seven layers, some 80,000 weights: outline_weights.h) that sees the body as found and what lies some 20 mm
/// about each place. Learned from treated bodies of random phantoms and of warped real spines whose outline is known
/// (tests/tools/fit_outlines.py). Where cement hides bone's edge it knows what the rest of the body and its neighbours are shaped like.
/// Some 0.4 thousand million multiplications.
Grid<float> outline_log_odds(const BodyBlock& block);

}  // namespace cemscope::imaging::spine
