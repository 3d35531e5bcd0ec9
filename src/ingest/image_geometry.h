#pragma once

#include <array>
#include <optional>

#include <Eigen/Core>

#include "src/ingest/header_record.h"

namespace cemscope::ingest {

/// Positions closer than this are the same position: they are printed with 1 to 6 decimals, and no CT or MR has slices less than 0.1 mm
/// apart.
inline constexpr double kSamePosition_mm = 0.02;

/// Normals and rows whose cosine is below this (about 1 degree; cosines are printed with 4 digits or more) belong to different stacks.
inline constexpr double kSameCosine = 0.9998;

/// ImagePositionPatient, LPS mm; empty when missing, incomplete or no finite number.
std::optional<Eigen::Vector3d> image_position_mm(const FileHeader& header);

/// ImageOrientationPatient: row cosines, column cosines; empty when missing, or not two perpendicular unit vectors (within 1 %).
std::optional<std::array<double, 6>> image_orientation(const FileHeader& header);

/// PixelSpacing: row spacing, column spacing in mm; empty when missing or not positive.
std::optional<std::array<double, 2>> pixel_spacing_mm(const FileHeader& header);

/// The unit normal of the image plane: row x column cosines.
Eigen::Vector3d image_normal(const std::array<double, 6>& orientation);

}  // namespace cemscope::ingest
