#pragma once

#include <array>
#include <optional>

#include <Eigen/Core>

#include "src/ingest/header_record.h"

namespace cemscope::ingest {

/// ImagePositionPatient, LPS mm; empty when missing, incomplete or no finite number.
std::optional<Eigen::Vector3d> image_position_mm(const FileHeader& header);

/// ImageOrientationPatient: row cosines, column cosines; empty when missing, or not two perpendicular unit vectors (within 1 %).
std::optional<std::array<double, 6>> image_orientation(const FileHeader& header);

/// PixelSpacing: row spacing, column spacing in mm; empty when missing or not positive.
std::optional<std::array<double, 2>> pixel_spacing_mm(const FileHeader& header);

/// The unit normal of the image plane: row x column cosines.
Eigen::Vector3d image_normal(const std::array<double, 6>& orientation);

}  // namespace cemscope::ingest
