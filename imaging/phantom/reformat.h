#pragma once

#include "imaging/phantom/phantom.h"
#include "imaging/phantom/scanner.h"

namespace cemscope::imaging::phantom {

/// A volume from an axial acquisition: identity direction.
CtVolume axial_volume(const AxialField& field, const std::vector<std::int16_t>& hu, std::int16_t saturation_hu);

/// The same from a tilted gantry: each slice is shifted along its rows (linear interpolation) so that the grid becomes orthonormal; rows
/// that come from outside the field are -1024.
CtVolume sheared_volume(const AxialField& field, const std::vector<std::int16_t>& hu, std::int16_t saturation_hu);

/// Sagittal or coronal slices through a thin axial volume as a workstation makes them: `thickness_mm` averaged across, interpolated along
/// z; rows run downwards. Sagittal slices go from the patient's left to right, coronal ones from front to back, over `half_range_mm` on
/// both sides of `centre`.
struct ReformatField {
  SlicePlane plane = SlicePlane::sagittal;
  double pixel_mm = 0.7, spacing_mm = 2.0, thickness_mm = 2.0, half_range_mm = 50;
  Point_mm centre_mm{0, 0, 0};
};
CtVolume reformat(const CtVolume& axial, const ReformatField& field);

}  // namespace cemscope::imaging::phantom
