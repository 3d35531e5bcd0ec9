#pragma once

#include "imaging/phantom/scene.h"
#include "imaging/volume.h"

namespace cemscope::imaging::phantom {

/// Where an axial acquisition lies: slices 0..n-1 upwards from the origin.
struct AxialField {
  Point_mm origin_mm{0, 0, 0};  ///< centre of the first voxel
  double pixel_mm = 0.7, spacing_mm = 1.25, thickness_mm = 1.25;
  double gantry_tilt_deg = 0;
  int columns = 0, rows = 0, slices = 0;
};

/// The field that the scan parameters ask for.
AxialField field_of(const Scene& scene);

/// Scans the scene: thin planes with partial volume, averaged over the slice, blurred by the kernel, with streaks and noise, clipped to
/// [-1024, saturation] and rounded. Row-major, [slice][row][column]. Memory: 4 bytes per voxel. Complexity: O(voxels x planes per slice).
std::vector<std::int16_t> scan_axial(const Scene& scene, const AxialField& field);

}  // namespace cemscope::imaging::phantom
