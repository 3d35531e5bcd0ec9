#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "imaging/ct_reading.h"

namespace cemscope::report::testing {

/// Values by position in the patient (LPS, mm).
using HuAt = std::function<double(const imaging::Point_mm&)>;
using LabelAt = std::function<std::uint8_t(const imaging::Point_mm&)>;

/// A grid of cubic voxels round a centre; `direction` holds the axes of i, j, k as columns.
struct PhantomGrid {
  double spacing_mm = 1.0;
  int n = 121;
  imaging::Point_mm centre_mm{5.0, -20.0, 300.0};
  Eigen::Matrix3d direction = Eigen::Matrix3d::Identity();
};

imaging::CtVolume make_volume(const PhantomGrid& grid, const HuAt& hu);
imaging::LabelMask make_labels(const PhantomGrid& grid, const LabelAt& label);

/// (p - centre) / half lies in the unit sphere.
bool in_ellipsoid(const imaging::Point_mm& p, const imaging::Point_mm& centre, const Eigen::Vector3d& half);

/// A body (ellipsoid 24 x 17 x 14 mm at 250 HU, label 1) with a ball of body cement (radius 9 mm, 2500 HU) at its centre; `more` adds
/// cement: it gives a zone's label or 0. Frame axes are the patient's.
struct EllipsoidPatient {
  imaging::CtVolume volume;
  imaging::CtReading reading;
};
inline constexpr double kCementRadius_mm = 9.0;
inline const Eigen::Vector3d kBodyHalf_mm(24.0, 17.0, 14.0);
EllipsoidPatient make_patient(const PhantomGrid& grid, const LabelAt& more);

/// A decoded PNG.
struct Picture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> rgb;
  [[nodiscard]] std::array<int, 3> at(int x, int y) const;
};
Picture decode_png(const std::string& bytes);

}  // namespace cemscope::report::testing
