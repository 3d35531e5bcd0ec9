#pragma once

#include <vector>

#include "imaging/preop/itk_registration.h"
#include "imaging/vertebra_measurement.h"

namespace cemscope::imaging::preop {

/// A rigid motion of patient coordinates from one examination to another, mm.
struct RigidMotion {
  Eigen::Matrix3d rotation = Eigen::Matrix3d::Identity();
  Point_mm translation_mm{0, 0, 0};
  [[nodiscard]] Point_mm of(const Point_mm& point) const { return rotation * point + translation_mm; }
  [[nodiscard]] Point_mm back(const Point_mm& point) const { return rotation.transpose() * (point - translation_mm); }
};

/// The motion that takes one vertebral frame to another.
RigidMotion motion_between(const VertebralFrame& from, const VertebralFrame& to);

/// How far two motions part: of a point, mm, and in angle, degrees.
struct MotionDifference {
  double shift_mm = 0, angle_deg = 0;
};
MotionDifference difference_at(const RigidMotion& a, const RigidMotion& b, const Point_mm& point);

/// Finds the motion from `fixed` to `moving` by ITK's ImageRegistrationMethodv4: Euler3DTransform about `points`' centre, mean squares or
/// Mattes mutual information (Mattes et al., IEEE Trans Med Imaging 2003;22:120) at the given points (patient coordinates of `fixed`; those
/// that fall out of `moving` have no say), regular step gradient descent, two resolutions (2 mm and 0.7 mm of smoothing). Single-threaded,
/// so that the result does not depend on the machine. Returns `start` when fewer than a tenth of the points lie
/// in the moving image there, or ITK gives up. Complexity:
/// O(points x steps); about 0.2 s for 9,000 points.
RigidMotion register_rigid(const ScalarImage& fixed, const std::vector<Point_mm>& points, const ScalarImage& moving,
                           const RigidMotion& start, const RigidParameters& parameters);

}  // namespace cemscope::imaging::preop
