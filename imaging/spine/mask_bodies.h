#pragma once

#include <vector>

#include "imaging/spine/body.h"

namespace cemscope::imaging::spine {

/// Vertebrae as somebody else segmented them, on a CT volume's grid: VerSe numbers (verse_numbers.h), 0 elsewhere.
struct MaskLabels {
  std::vector<std::uint8_t> number;  ///< as the volume's voxels, i fastest
  [[nodiscard]] bool empty() const { return number.empty(); }
};

/// The mask at the volume's voxels, by nearest neighbour; empty when no vertebra of the mask lies in the volume. Both in LPS, any two grids
/// and orientations. O(voxels of the volume).
MaskLabels labels_on(const HuImage& volume, const LabelImage& mask);

/// Bodies fitted to the mask instead of to densities, and their VerSe numbers, from below upwards. The mask's posterior elements are told
/// from the body by the canal's course. Empty when fewer than two labels have a body in front of the canal or their order along the
/// spine is not the numbers' order. O(bodies x box + course x 14 x 17).
struct MaskBodies {
  std::vector<VertebralBody> bodies;
  std::vector<int> numbers;
};
MaskBodies fit_to_mask(const VolumeView& volume, const MaskLabels& mask, const StraightSpine& spine, const SpineProfiles& profiles, int n_threads = 1);

}  // namespace cemscope::imaging::spine
