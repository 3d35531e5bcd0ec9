#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "imaging/phantom/shapes.h"

namespace cemscope::imaging::phantom {

/// One thin plane of the scan: columns run to the patient's left, rows to posterior, tilted about the left axis by the gantry.
struct ImagePlane {
  Point_mm origin_mm{0, 0, 0};  ///< centre of pixel (0, 0)
  Direction row_step{0, 1, 0};  ///< mm from one row to the next
  double pixel_mm = 0.7;
  double thickness_mm = 0.6;  ///< to the next thin plane
  int columns = 0, rows = 0;
  std::vector<float> hu;
  [[nodiscard]] Point_mm at(int i, int j) const { return origin_mm + row_step * j + Point_mm(i * pixel_mm, 0, 0); }
  [[nodiscard]] float& value(int i, int j) { return hu[static_cast<std::size_t>(j) * columns + i]; }
  /// The width over which an edge is blurred by the voxel itself.
  [[nodiscard]] double edge_mm() const { return std::max(pixel_mm, thickness_mm); }
};

struct PixelBox {
  int first_column, last_column, first_row, last_row;
};

/// Pixels whose centres may lie in the box; empty (last < first) when the plane misses it.
inline PixelBox pixels_in(const ImagePlane& plane, const Box& box) {
  const auto low = [](double value, int count) { return static_cast<int>(std::clamp(std::ceil(value), 0.0, static_cast<double>(count))); };
  const auto high = [](double value, int count) { return static_cast<int>(std::clamp(std::floor(value), -1.0, count - 1.0)); };
  const double last_z = plane.origin_mm.z() + plane.row_step.z() * (plane.rows - 1);
  if (std::min(plane.origin_mm.z(), last_z) > box.high.z() || std::max(plane.origin_mm.z(), last_z) < box.low.z()) return {0, -1, 0, -1};
  return {low((box.low.x() - plane.origin_mm.x()) / plane.pixel_mm, plane.columns),
          high((box.high.x() - plane.origin_mm.x()) / plane.pixel_mm, plane.columns),
          low((box.low.y() - plane.origin_mm.y()) / plane.row_step.y(), plane.rows),
          high((box.high.y() - plane.origin_mm.y()) / plane.row_step.y(), plane.rows)};
}

/// Calls visit(point, hu&) for every pixel of the plane inside the box.
template <typename Visit>
void for_pixels_in(ImagePlane& plane, const Box& box, const Visit& visit) {
  const PixelBox pixels = pixels_in(plane, box);
  for (int j = pixels.first_row; j <= pixels.last_row; ++j) {
    Point_mm point = plane.at(pixels.first_column, j);
    if (point.z() < box.low.z() || point.z() > box.high.z()) continue;
    for (int i = pixels.first_column; i <= pixels.last_column; ++i, point.x() += plane.pixel_mm) visit(point, plane.value(i, j));
  }
}

}  // namespace cemscope::imaging::phantom
