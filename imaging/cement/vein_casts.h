#pragma once

#include <vector>

#include "imaging/cement/candidates.h"
#include "imaging/cement/deposit.h"

namespace cemscope::imaging::cement {

/// Gives thin casts of veins to the deposit they come from: blurred below the cement's half-maximum, yet denser than untreated bone, near
/// the deposit and leading off the treated body through soft tissue, where no other bone lies. Two rules: what is as dense as a seed less
/// its margin and within two voxels of the deposit, whatever its shape; and what is only denser than the bodies' own cortex, or farther
/// from the deposit (the way through the wall shows less than the cast), when it is long and thin (unrolled about the body) and lies beside
/// the wall. A third for cement no denser than the densest bone, which is no seed outside a body: clumps beside the wall as dense as it.
/// Behind the rear wall arches and facets are as dense, and nothing is added. `plateau`: the cement's own density per body, HU, 0 for
/// untreated ones. Changes map.owner. O(treated bodies x region).
void add_vein_casts(const Placement& place, const std::vector<spine::VertebralBody>& bodies, const DensestBone& bone,
                    const std::vector<double>& plateau, const CementParameters& parameters, CementMap& map);

}  // namespace cemscope::imaging::cement
