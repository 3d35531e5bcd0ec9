#pragma once

#include <vector>

#include "imaging/grid.h"
#include "imaging/spine/canal.h"

namespace cemscope::imaging::spine {

/// Curved coordinates along the canal: s = arc length upwards (mm, index into the course), a = distance in front of the canal's centre
/// (mm), l = distance to the patient's left (mm). Planes are normal to the course.
struct CurvedFrame {
  std::vector<Point_mm> origin;
  std::vector<Direction> left, anterior, superior;
  [[nodiscard]] int length() const { return static_cast<int>(origin.size()); }
  /// s may be fractional and is clamped to the course.
  [[nodiscard]] Point_mm to_image(double s, double a, double l) const;
};

/// The volume resampled to 1 mm in curved coordinates and limited to [-80, 450] HU, so that cement counts as bone; and where cement
/// or metal lies. x = l, y = a, z = s.
struct StraightSpine {
  static constexpr int kLeft_mm = 40, kFront_mm = 62, kBehind_mm = 14;
  CurvedFrame frame;
  Grid<std::int16_t> hu;
  Grid<std::uint8_t> dense;  ///< 1 within 1 mm of more than 850 HU
  Grid<std::uint8_t> empty;  ///< 1 outside the scan or its reconstruction circle
  [[nodiscard]] int x_of(int l) const { return l + kLeft_mm; }
  [[nodiscard]] int y_of(int a) const { return a + kBehind_mm; }
  [[nodiscard]] int length() const { return hu.nz; }
  [[nodiscard]] int at(int s, int a, int l) const { return hu.at(x_of(l), y_of(a), s); }
  [[nodiscard]] bool is_dense(int s, int a, int l) const { return dense.at(x_of(l), y_of(a), s) != 0; }
  [[nodiscard]] bool is_empty(int s, int a, int l) const { return empty.at(x_of(l), y_of(a), s) != 0; }
};

/// The course prolonged straight by up to `extra_mm` at both ends as long as it stays inside the volume.
CanalCourse prolong(const CanalCourse& course, const VolumeView& volume, double extra_mm);

/// Resamples. Complexity: O(course length in mm x 81 x 77).
StraightSpine straighten(const VolumeView& volume, const CanalCourse& course, int n_threads = 1);

}  // namespace cemscope::imaging::spine
