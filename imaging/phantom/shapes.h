#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <Eigen/Core>

#include "imaging/volume.h"

namespace cemscope::imaging::phantom {

/// Axes of a bone in the patient: columns of `axes` are left, posterior, superior.
struct LocalFrame {
  Point_mm centre_mm{0, 0, 0};
  Eigen::Matrix3d axes = Eigen::Matrix3d::Identity();
  [[nodiscard]] Point_mm to_local(const Point_mm& point) const { return axes.transpose() * (point - centre_mm); }
  [[nodiscard]] Point_mm to_patient(const Point_mm& point) const { return centre_mm + axes * point; }
};

/// Axis-aligned box in patient coordinates.
struct Box {
  Point_mm low{1e9, 1e9, 1e9}, high{-1e9, -1e9, -1e9};
  void include(const Point_mm& point, double margin_mm) {
    low = low.cwiseMin((point.array() - margin_mm).matrix());
    high = high.cwiseMax((point.array() + margin_mm).matrix());
  }
};

/// Share of a voxel of width `width_mm` that lies inside a surface at signed distance `distance_mm` (negative inside).
inline double coverage(double distance_mm, double width_mm) { return std::clamp(0.5 - distance_mm / width_mm, 0.0, 1.0); }

/// Union and intersection of signed distances with a rounded seam of about `radius_mm`.
inline double smooth_min(double a, double b, double radius_mm) {
  const double h = std::max(radius_mm - std::abs(a - b), 0.0);
  return std::min(a, b) - h * h / (4 * radius_mm);
}
inline double smooth_max(double a, double b, double radius_mm) { return -smooth_min(-a, -b, radius_mm); }

/// What a part of bone (or metal) belongs to; it decides its density.
enum class PartKind { pedicle, lamina, spinous, transverse, facet, rib, pelvis, metal, calcification };

/// A capsule between two points with radii of its own, stretched along one direction: the brick of which posterior elements, ribs,
/// pelvis, hardware and calcifications are made.
class BonePart {
 public:
  /// `stretch` multiplies the radius along the unit vector `along`.
  BonePart(PartKind kind, Point_mm a, Point_mm b, double radius_a_mm, double radius_b_mm, Direction along = Direction::UnitX(),
           double stretch = 1.0);

  /// First-order signed distance in mm, exact on the surface.
  [[nodiscard]] double distance_mm(const Point_mm& point) const {
    const Point_mm offset = point - a_;
    const Point_mm q = offset - along_ * (along_.dot(offset) * squeeze_);
    const double h = std::clamp(q.dot(axis_) * inverse_length2_, 0.0, 1.0);
    const Point_mm v = q - h * axis_;
    const double length = v.norm() + 1e-9;
    const double nu = v.dot(along_) / length;
    return (length - radius_a_mm_ - h * (radius_b_mm_ - radius_a_mm_)) / std::sqrt(1.0 - nu * nu * gradient_loss_);
  }
  /// False only where distance_mm is more than kNear_mm.
  [[nodiscard]] bool is_near(const Point_mm& point) const {
    return point.x() > near_.low.x() && point.x() < near_.high.x() && point.y() > near_.low.y() && point.y() < near_.high.y() &&
           point.z() > near_.low.z() && point.z() < near_.high.z();
  }
  static constexpr double kNear_mm = 8;
  [[nodiscard]] PartKind kind() const { return kind_; }
  [[nodiscard]] const Box& box() const { return box_; }

 private:
  PartKind kind_;
  Point_mm a_, axis_;
  Direction along_;
  double radius_a_mm_, radius_b_mm_, squeeze_, gradient_loss_, inverse_length2_;
  Box box_, near_;
};

/// Box round all parts.
Box box_of(const std::vector<BonePart>& parts);

}  // namespace cemscope::imaging::phantom
