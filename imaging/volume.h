#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include <Eigen/Core>
#include <Eigen/Geometry>
#include <itkImage.h>

namespace cemscope::imaging {

/// Patient coordinates are DICOM's LPS in millimetres: +x left, +y posterior, +z superior.
using Point_mm = Eigen::Vector3d;
using Direction = Eigen::Vector3d;

using HuImage = itk::Image<std::int16_t, 3>;
using LabelImage = itk::Image<std::uint8_t, 3>;

/// A CT volume in Hounsfield units on a regular grid. The ITK geometry (origin, spacing, direction) is LPS in mm, the
/// origin is the centre of the first voxel, and the direction matrix is orthonormal (gantry tilt is sheared out by ingest).
/// Padding outside the reconstruction circle is -1024.
struct CtVolume {
  HuImage::Pointer image;
  /// The highest density the stored pixels can express; voxels at or above it are saturated. Typically 3071.
  std::int16_t saturation_hu = 3071;
};

/// Labels on the grid of the volume they were made from.
struct LabelMask {
  LabelImage::Pointer image;
};

/// A region of interest in a volume's index space: first index and size, [i, j, k].
struct Region {
  std::array<int, 3> start{0, 0, 0};
  std::array<int, 3> size{0, 0, 0};
};

/// The volume with its axes permuted and flipped (never resampled) so that index i runs most nearly to the patient's left,
/// j to posterior and k to superior. Shares the buffer when the volume is so already. Complexity: O(voxels).
CtVolume reorient_to_lps(const CtVolume& volume);

/// The label image taken back to the grid of `like`, the inverse of reorient_to_lps.
/// Throws Error{inconsistent} when the two grids do not hold the same voxels.
LabelMask reorient_like(const LabelMask& labels, const CtVolume& like);

}  // namespace cemscope::imaging
