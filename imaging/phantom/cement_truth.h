#pragma once

#include "imaging/phantom/cement_brick.h"
#include "imaging/phantom/phantom.h"
#include "imaging/phantom/spine.h"

namespace cemscope::imaging::phantom {

/// How far cement must reach beyond the body to count as a leak on a scan: max(1 mm, half a slice, 1 voxel) (DEFINITIONS).
double leak_tolerance_mm(const PhantomScan& scan);

/// Every truth of a treated vertebra, counted on the brick's cells by DEFINITIONS. body_label is left 0.
PhantomVertebraTruth measure_truth(const CementBrick& brick, const Spine& spine, double leak_tolerance_mm);

/// The frame of a vertebra with its centre in the middle of what is left of the body.
VertebralFrame truth_frame(const Vertebra& vertebra);

/// Heights at front, middle and back in the mid-sagittal plane.
struct BodyHeights {
  double anterior_mm, middle_mm, posterior_mm;
};
BodyHeights heights_of(const VertebraBody& body);

/// 1 - the smallest ratio of a height to the same height of the nearest unfractured neighbours, not below 0.
double compression_of(const Spine& spine, int index);

}  // namespace cemscope::imaging::phantom
