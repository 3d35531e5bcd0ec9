#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cemscope::imaging::radiograph {

/// A plain 2-D array, x fastest; x runs along a film's rows, y downwards.
template <typename T>
struct Plane {
  int nx = 0, ny = 0;
  std::vector<T> values;

  Plane() = default;
  Plane(int nx_, int ny_, T fill = T{}) : nx(nx_), ny(ny_), values(static_cast<std::size_t>(nx_) * ny_, fill) {}
  [[nodiscard]] std::size_t index(int x, int y) const { return static_cast<std::size_t>(y) * nx + x; }
  [[nodiscard]] T& at(int x, int y) { return values[index(x, y)]; }
  [[nodiscard]] const T& at(int x, int y) const { return values[index(x, y)]; }
  [[nodiscard]] bool contains(int x, int y) const { return x >= 0 && y >= 0 && x < nx && y < ny; }
  [[nodiscard]] const T& clamped(int x, int y) const { return at(std::clamp(x, 0, nx - 1), std::clamp(y, 0, ny - 1)); }
};

/// A mask's values.
inline Plane<float> as_float(const Plane<std::uint8_t>& mask) {
  Plane<float> values(mask.nx, mask.ny);
  std::copy(mask.values.begin(), mask.values.end(), values.values.begin());
  return values;
}

/// Bilinear value at a position in pixels, coordinates clamped to the plane.
inline float sample(const Plane<float>& plane, double x, double y) {
  x = std::clamp(x, 0.0, plane.nx - 1.0), y = std::clamp(y, 0.0, plane.ny - 1.0);
  const int i = std::min(static_cast<int>(x), std::max(0, plane.nx - 2)), j = std::min(static_cast<int>(y), std::max(0, plane.ny - 2));
  const auto a = static_cast<float>(x - i), b = static_cast<float>(y - j);
  const int right = plane.nx > 1 ? 1 : 0, down = plane.ny > 1 ? plane.nx : 0;
  const float* p = &plane.values[plane.index(i, j)];
  const float upper = p[0] + a * (p[right] - p[0]), lower = p[down] + a * (p[down + right] - p[down]);
  return upper + b * (lower - upper);
}

}  // namespace cemscope::imaging::radiograph
