#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "imaging/volume.h"

namespace cemscope::report {

/// A two-dimensional grid of values, row by row from the top left.
template <typename T>
struct Raster {
  int width = 0, height = 0;
  std::vector<T> values;

  Raster() = default;
  Raster(int w, int h, T fill = T{}) : width(w), height(h), values(static_cast<std::size_t>(w) * static_cast<std::size_t>(h), fill) {}
  T& at(int x, int y) { return values[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)]; }
  const T& at(int x, int y) const {
    return values[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
  }
};

/// A flat picture in the patient (LPS, mm): pixel (x, y) is centred at centre + (x - (width - 1)/2) * mm_per_px * right + likewise down.
/// `right` and `down` are unit vectors. A curved reformat moves each row along the normal (right x down) by its `row_depth_mm`;
/// empty = flat.
struct SlicePlane {
  imaging::Point_mm centre_mm{0, 0, 0};
  imaging::Direction right{1, 0, 0}, down{0, 1, 0};
  double mm_per_px = 1.0;
  int width = 0, height = 0;
  std::vector<double> row_depth_mm;
};

/// Where a pixel lies in the patient, and where a point falls on the picture, along the normal, in (fractional) pixels.
imaging::Point_mm point_of_pixel(const SlicePlane& plane, double x, double y);
Eigen::Vector2d pixel_of_point(const SlicePlane& plane, const imaging::Point_mm& point);

/// The plane with the same extent but `step` times fewer pixels each way; pixel x of it is pixel x * step of the original.
SlicePlane coarsen(const SlicePlane& plane, int step);

/// Trilinear densities on the plane in HU; -1024 outside the volume. Complexity: O(pixels).
Raster<std::int16_t> sample_hu(const imaging::CtVolume& volume, const SlicePlane& plane);

/// For every label that the plane meets, its trilinear coverage 0-1 on the plane (0.5 is the label's surface). An empty mask gives an
/// empty map. Complexity: O(pixels).
std::map<std::uint8_t, Raster<float>> label_coverage(const imaging::LabelMask& mask, const SlicePlane& plane);

/// Grey value 0-255 of a density: linear from -250 HU (black) to 1250 HU (205), as a bone window of level 500 and width 1500, then a
/// flatter slope to 3071 HU (white), so that bone and the texture of cement (1200-3000 HU) are seen in one picture.
std::uint8_t window_grey(int hu);

/// What a caption says of window_grey.
inline constexpr std::string_view kWindowWords = "bone window \u2212250 to 1250 HU, cement to 3071 HU compressed";

}  // namespace cemscope::report
