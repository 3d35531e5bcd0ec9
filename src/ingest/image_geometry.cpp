#include "src/ingest/image_geometry.h"

#include <cmath>

#include <Eigen/Geometry>

#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

// Printed cosines have 4 digits or more; a larger error is a damaged header.
constexpr double kCosineTolerance = 0.01;

// No scanner's gantry is wider than this; larger positions are damaged headers.
constexpr double kMaxPosition_mm = 1e5;

}  // namespace

std::optional<Eigen::Vector3d> image_position_mm(const FileHeader& header) {
  const auto numbers = parse_numbers(header.text(HeaderTag::ImagePositionPatient));
  if (numbers.size() != 3) return std::nullopt;
  const Eigen::Vector3d position(numbers[0], numbers[1], numbers[2]);
  if (position.cwiseAbs().maxCoeff() > kMaxPosition_mm) return std::nullopt;
  return position;
}

std::optional<std::array<double, 6>> image_orientation(const FileHeader& header) {
  const auto numbers = parse_numbers(header.text(HeaderTag::ImageOrientationPatient));
  if (numbers.size() != 6) return std::nullopt;
  const Eigen::Vector3d row(numbers[0], numbers[1], numbers[2]), column(numbers[3], numbers[4], numbers[5]);
  const bool is_orthonormal = std::abs(row.norm() - 1) < kCosineTolerance && std::abs(column.norm() - 1) < kCosineTolerance &&
                              std::abs(row.dot(column)) < kCosineTolerance;
  if (!is_orthonormal) return std::nullopt;
  return std::array<double, 6>{numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]};
}

std::optional<std::array<double, 2>> pixel_spacing_mm(const FileHeader& header) {
  const auto numbers = parse_numbers(header.text(HeaderTag::PixelSpacing));
  if (numbers.size() != 2 || numbers[0] <= 0 || numbers[1] <= 0) return std::nullopt;
  return std::array<double, 2>{numbers[0], numbers[1]};
}

Eigen::Vector3d image_normal(const std::array<double, 6>& o) {
  return Eigen::Vector3d(o[0], o[1], o[2]).cross(Eigen::Vector3d(o[3], o[4], o[5])).normalized();
}

}  // namespace cemscope::ingest
