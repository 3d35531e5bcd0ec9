#pragma once

#include <array>
#include <vector>

#include "imaging/phantom/morphometry.h"
#include "imaging/phantom/noise_texture.h"
#include "imaging/phantom/phantom_parameters.h"
#include "imaging/phantom/random.h"
#include "imaging/phantom/shapes.h"

namespace cemscope::imaging::phantom {

/// Height of an endplate over the body's cross-section, on a 1 mm grid; local coordinates, mm.
class EndplateSurface {
 public:
  static constexpr int kHalfX = 42, kHalfY = 34;
  EndplateSurface() : z_mm_(static_cast<std::size_t>(2 * kHalfX + 1) * (2 * kHalfY + 1)) {}
  float& node(int x, int y) { return z_mm_[static_cast<std::size_t>(y + kHalfY) * (2 * kHalfX + 1) + (x + kHalfX)]; }
  [[nodiscard]] double at(double x, double y) const {
    const double fx = std::clamp(x + kHalfX, 0.0, 2.0 * kHalfX - 1e-6), fy = std::clamp(y + kHalfY, 0.0, 2.0 * kHalfY - 1e-6);
    const int i = static_cast<int>(fx), j = static_cast<int>(fy);
    const double u = fx - i, v = fy - j;
    const float* row = &z_mm_[static_cast<std::size_t>(j) * (2 * kHalfX + 1) + i];
    const float* next = row + 2 * kHalfX + 1;
    return (1 - v) * ((1 - u) * row[0] + u * row[1]) + v * ((1 - u) * next[0] + u * next[1]);
  }

 private:
  std::vector<float> z_mm_;
};

/// A quantity by direction round the body's axis, 256 steps of the diamond angle (a pseudo-angle without trigonometry).
class AngularTable {
 public:
  static constexpr int kSteps = 256;
  float& step(int index) { return values_[index]; }
  [[nodiscard]] double at(double diamond_angle) const {
    const double position = diamond_angle * (kSteps / 4.0);
    const int index = static_cast<int>(position) & (kSteps - 1);
    const double u = position - std::floor(position);
    return (1 - u) * values_[index] + u * values_[(index + 1) & (kSteps - 1)];
  }

 private:
  std::array<float, kSteps> values_{};
};

/// 0-4, growing counter-clockwise from +x.
double diamond_angle(double x, double y);
/// The unit vector (x, y) of a diamond angle.
std::array<double, 2> diamond_direction(double angle);

/// Where a point lies in a vertebral body.
struct BodyPosition {
  double distance_mm;      ///< signed, negative inside
  double lateral_mm;       ///< signed distance to the side wall alone
  double above_mm;         ///< beyond the upper endplate
  double below_mm;         ///< beyond the lower endplate
  double height_fraction;  ///< 0 lower, 1 upper endplate, clamped
};

/// A vertebral body in its own frame: a kidney-shaped outline that narrows at the waist, between two concave endplates, collapsed as its
/// fracture says.
struct VertebraBody {
  AngularTable radius_upper_mm, radius_lower_mm, waist_fraction, rim_mm;
  EndplateSurface upper, lower;
  double half_width_mm = 0, half_depth_mm = 0;
  double max_radius_mm = 0, min_z_mm = 0, max_z_mm = 0;
  double fracture_compression = 0;
  double upper_drop_share = 0;  ///< how much of the collapse is the upper endplate's

  [[nodiscard]] BodyPosition locate(const Point_mm& local) const;
  [[nodiscard]] double distance_mm(const Point_mm& local) const { return locate(local).distance_mm; }
  /// Distance of the side wall from the axis at a height fraction.
  [[nodiscard]] double radius_mm(double angle, double height_fraction) const;
  [[nodiscard]] double height_mm(double x, double y) const { return upper.at(x, y) - lower.at(x, y); }
  [[nodiscard]] bool may_contain(const Point_mm& local, double margin_mm) const {
    return local.z() > min_z_mm - margin_mm && local.z() < max_z_mm + margin_mm && std::abs(local.x()) < max_radius_mm + margin_mm &&
           std::abs(local.y()) < max_radius_mm + margin_mm;
  }
};

/// What a body is made from besides its level's mean size.
struct BodyRecipe {
  double scale = 1.0;
  double concavity_mm = 2.0;
  double osteophytes = 0.0;
  const PhantomFracture* fracture = nullptr;
};

VertebraBody make_vertebra_body(const VertebraSize& size, const BodyRecipe& recipe, const NoiseTexture& texture, Random& random);

}  // namespace cemscope::imaging::phantom
