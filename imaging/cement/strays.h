#pragma once

#include <vector>

#include "imaging/cement/candidates.h"
#include "imaging/cement/deposit.h"

namespace cemscope::imaging::cement {

/// Takes pieces out of the map that are as dense as cement but are none: thick cortex, which lies along a body's face and is hardly denser
/// than the densest bone of the patient, and what lies beside the column, neither begins at a body nor hangs together with what does:
/// calcified vessels. O(voxels of the map, of small pieces times what 6 mm about them hold).
void drop_strays(const Placement& place, const std::vector<spine::VertebralBody>& bodies, const DensestBone& bone, CementMap& map);

}  // namespace cemscope::imaging::cement
