#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "imaging/grid.h"
#include "imaging/spine/discs.h"

namespace cemscope::tools {

/// A scan in LPS order; x to the left, y back, z up.
struct LabelledScan {
  imaging::CtVolume volume;
  std::vector<std::uint8_t> vertebrae;  ///< number of the vertebra in each voxel (of a phantom: of its body), 0 for none
  std::vector<std::uint8_t> bodies;     ///< number of the vertebral body
  std::vector<std::uint8_t> cement;     ///< CementZone, 0 for none
};

/// As warp_cohort.py --raw writes them: int32 size (k, j, i), float64 spacing (k, j, i) mm, int16 HU, uint8 vertebrae, bodies, cement's
/// zones. Throws std::runtime_error when it is shorter than that.
LabelledScan read_raw(const char* path);

/// The spine along its canal, as read_ct has it; none where no canal is found.
struct StraightenedScan {
  imaging::spine::StraightSpine spine;
  imaging::spine::SpineProfiles profiles;
};
std::optional<StraightenedScan> straightened(const imaging::VolumeView& view);

/// The label of the nearest voxel, 0 outside.
std::uint8_t label_at(const imaging::VolumeView& view, const std::vector<std::uint8_t>& labels, const imaging::Point_mm& p);

/// The bodies as an image on the scan's grid.
imaging::LabelMask bodies_of(const LabelledScan& scan);

/// The random phantom of the seed; none when its axes are not the scan's.
std::optional<LabelledScan> upright_phantom(unsigned seed);

/// The same with up to three more treated bodies in the field, their deposits and fractures those of other seeds.
std::optional<LabelledScan> much_treated_phantom(unsigned seed);

}  // namespace cemscope::tools
