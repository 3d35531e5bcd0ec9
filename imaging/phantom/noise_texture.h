#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "imaging/volume.h"

namespace cemscope::imaging::phantom {

/// Smooth random field of mean 0 and SD 1, periodic after 64 cells: the grain of bone, cement and soft tissue.
class NoiseTexture {
 public:
  explicit NoiseTexture(std::uint64_t seed);

  /// The field at a point, with `cell_mm` the size of one cell; detail is about 2.5 cells wide.
  [[nodiscard]] double at(const Point_mm& point, double cell_mm) const {
    return at(point.x() / cell_mm, point.y() / cell_mm, point.z() / cell_mm);
  }
  [[nodiscard]] double at(double x, double y, double z) const {
    const double fx = std::floor(x), fy = std::floor(y), fz = std::floor(z);
    const int i = static_cast<int>(fx), j = static_cast<int>(fy), k = static_cast<int>(fz);
    const float u = static_cast<float>(x - fx), v = static_cast<float>(y - fy), w = static_cast<float>(z - fz);
    return (1 - w) * plane(i, j, k, u, v) + w * plane(i, j, k + 1, u, v);
  }

 private:
  static constexpr int kSize = 64;
  [[nodiscard]] float value(int i, int j, int k) const { return values_[((k & 63) * kSize + (j & 63)) * kSize + (i & 63)]; }
  [[nodiscard]] float plane(int i, int j, int k, float u, float v) const {
    return (1 - v) * ((1 - u) * value(i, j, k) + u * value(i + 1, j, k)) + v * ((1 - u) * value(i, j + 1, k) + u * value(i + 1, j + 1, k));
  }
  std::vector<float> values_;
};

}  // namespace cemscope::imaging::phantom
