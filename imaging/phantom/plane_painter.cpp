#include "imaging/phantom/plane_painter.h"

#include <algorithm>
#include <cmath>

#include "imaging/phantom/shapes.h"

namespace cemscope::imaging::phantom {
namespace {

// First-order distance to a superellipse; beyond all doubt outside or inside a border of `width_mm`, the whole border is given instead.
double outline_distance(const EllipsePatch& patch, double x, double y, double width_mm) {
  const double u = std::abs(x) / patch.radius_x_mm, v = std::abs(y) / patch.radius_y_mm, n2 = u * u + v * v;
  const double smaller_mm = std::min(patch.radius_x_mm, patch.radius_y_mm);
  if (patch.exponent == 2.0) {
    const double f = n2 - 1.0;
    if (std::abs(f) * smaller_mm > width_mm * std::max(n2, 1.0)) return f > 0 ? width_mm : -width_mm;
    const double s = u / patch.radius_x_mm, t = v / patch.radius_y_mm;
    return f / (2.0 * std::sqrt(s * s + t * t) + 1e-9);
  }
  // Within the unit square |u|^n is at most u squared for n > 2, and the slope at most n times the square root of two.
  if (patch.exponent > 2.0 && (1.0 - n2) * smaller_mm > 0.75 * patch.exponent * width_mm) return -width_mm;
  const double n = patch.exponent, un = std::pow(u, n - 1), vn = std::pow(v, n - 1);
  return (un * u + vn * v - 1.0) / (n * std::hypot(un / patch.radius_x_mm, vn / patch.radius_y_mm) + 1e-9);
}

int clamped_pixel(double position, int last) { return static_cast<int>(std::clamp(position, 0.0, static_cast<double>(last))); }

struct PixelRange {
  int first, last;
};

PixelRange pixels_between(double low_mm, double high_mm, double origin_mm, double step_mm, int count) {
  if (high_mm < origin_mm - step_mm || low_mm > origin_mm + count * step_mm) return {0, -1};
  return {clamped_pixel(std::floor((low_mm - origin_mm) / step_mm), count - 1),
          clamped_pixel(std::ceil((high_mm - origin_mm) / step_mm), count - 1)};
}

}  // namespace

void paint(DensityPlane& plane, const EllipsePatch& patch, const NoiseTexture& texture) {
  if (patch.radius_x_mm <= 0.1 || patch.radius_y_mm <= 0.1) return;
  const double cosine = std::cos(patch.turn_rad), sine = std::sin(patch.turn_rad);
  const double reach_x =
      std::hypot(patch.radius_x_mm * cosine, patch.radius_y_mm * sine) * (patch.exponent > 2 ? 1.2 : 1.0) + plane.step_mm;
  const double reach_y =
      std::hypot(patch.radius_x_mm * sine, patch.radius_y_mm * cosine) * (patch.exponent > 2 ? 1.2 : 1.0) + plane.step_mm;
  const PixelRange columns = pixels_between(patch.x_mm - reach_x, patch.x_mm + reach_x, plane.x0_mm, plane.step_mm, plane.columns);
  const PixelRange rows = pixels_between(std::max(patch.y_mm - reach_y, patch.lowest_y_mm),
                                         std::min(patch.y_mm + reach_y, patch.highest_y_mm), plane.y0_mm, plane.step_mm, plane.rows);
  for (int j = rows.first; j <= rows.last; ++j) {
    for (int i = columns.first; i <= columns.last; ++i) {
      const double x = plane.x0_mm + i * plane.step_mm, y = plane.y0_mm + j * plane.step_mm, dx = x - patch.x_mm, dy = y - patch.y_mm;
      double share = coverage(outline_distance(patch, cosine * dx + sine * dy, cosine * dy - sine * dx, plane.step_mm), plane.step_mm);
      if (share <= 0) continue;
      share *= coverage(patch.lowest_y_mm - y, plane.step_mm) * coverage(y - patch.highest_y_mm, plane.step_mm);
      if (patch.stays_in_cavity && !plane.cavity.empty()) share *= plane.cavity[static_cast<std::size_t>(j) * plane.columns + i];
      const double grain =
          patch.grain_hu > 0 ? patch.grain_hu * texture.at(x / patch.grain_mm, y / patch.grain_mm, plane.z_mm / patch.grain_mm) : 0.0;
      float& hu = plane.at(i, j);
      hu += static_cast<float>(share * (patch.hu + grain - hu));
    }
  }
}

}  // namespace cemscope::imaging::phantom
