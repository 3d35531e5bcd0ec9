#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "imaging/volume.h"

namespace cemscope::imaging {

/// A plain 3-D array, x fastest. Used inside algorithms; what crosses a public header is an ITK image.
template <typename T>
struct Grid {
  int nx = 0, ny = 0, nz = 0;
  std::vector<T> values;

  Grid() = default;
  Grid(int nx_, int ny_, int nz_, T fill = T{}) : nx(nx_), ny(ny_), nz(nz_), values(static_cast<std::size_t>(nx_) * ny_ * nz_, fill) {}
  [[nodiscard]] std::size_t index(int x, int y, int z) const { return (static_cast<std::size_t>(z) * ny + y) * nx + x; }
  [[nodiscard]] T& at(int x, int y, int z) { return values[index(x, y, z)]; }
  [[nodiscard]] const T& at(int x, int y, int z) const { return values[index(x, y, z)]; }
  [[nodiscard]] bool contains(int x, int y, int z) const { return x >= 0 && y >= 0 && z >= 0 && x < nx && y < ny && z < nz; }
};

/// Trilinear blend of the eight values about a place, in voxels; it and the next voxel of each axis must lie in the grid.
inline double blend(const Grid<float>& g, double u, double v, double w) {
  const int x = static_cast<int>(std::floor(u)), y = static_cast<int>(std::floor(v)), z = static_cast<int>(std::floor(w));
  const double fx = u - x, fy = v - y, fz = w - z;
  const auto line = [&](int j, int k) { return g.at(x, j, k) * (1 - fx) + g.at(x + 1, j, k) * fx; };
  const auto plane = [&](int k) { return line(y, k) * (1 - fy) + line(y + 1, k) * fy; };
  return plane(z) * (1 - fz) + plane(z + 1) * fz;
}

/// Read access to an LPS-oriented volume in "image millimetres": x = i * spacing_i (to the left), y = j * spacing_j (posterior),
/// z = k * spacing_k (superior), origin in the centre of voxel (0, 0, 0). Does not own the pixels.
struct VolumeView {
  const std::int16_t* hu = nullptr;
  std::array<int, 3> size{0, 0, 0};
  std::array<double, 3> spacing_mm{1, 1, 1};

  [[nodiscard]] std::size_t index(int i, int j, int k) const { return (static_cast<std::size_t>(k) * size[1] + j) * size[0] + i; }
  [[nodiscard]] std::int16_t at(int i, int j, int k) const { return hu[index(i, j, k)]; }
  [[nodiscard]] bool contains_mm(const Point_mm& p) const {
    for (int d = 0; d < 3; ++d)
      if (p[d] < 0 || p[d] > (size[d] - 1) * spacing_mm[d]) return false;
    return true;
  }
  [[nodiscard]] double voxel_mm3() const { return spacing_mm[0] * spacing_mm[1] * spacing_mm[2]; }
  /// Trilinear interpolation, coordinates clamped to the grid; each voxel is limited to [low, high] before it is blended.
  [[nodiscard]] float sample(const Point_mm& p, float low = -1024.f, float high = 32767.f) const;
  /// Whether p lies outside the grid, or `sample` would blend padding into it.
  [[nodiscard]] bool is_missing(const Point_mm& p) const;
};

VolumeView view_of(const CtVolume& lps_volume);

inline bool VolumeView::is_missing(const Point_mm& p) const {
  constexpr std::int16_t kPadding_hu = -1020;  // CtVolume pads with -1024
  if (!contains_mm(p)) return true;
  std::array<int, 3> lower{}, upper{};
  for (int d = 0; d < 3; ++d) {
    lower[d] = static_cast<int>(p[d] / spacing_mm[d]);
    upper[d] = std::min(lower[d] + 1, size[d] - 1);
  }
  for (int k : {lower[2], upper[2]})
    for (int j : {lower[1], upper[1]})
      for (int i : {lower[0], upper[0]})
        if (at(i, j, k) <= kPadding_hu) return true;
  return false;
}

inline float VolumeView::sample(const Point_mm& p, float low, float high) const {
  std::array<int, 3> lower{}, step{};
  std::array<float, 3> w{};
  const std::array<int, 3> stride{1, size[0], size[0] * size[1]};
  for (int d = 0; d < 3; ++d) {
    const double u = std::clamp(p[d] / spacing_mm[d], 0.0, static_cast<double>(size[d] - 1));
    lower[d] = std::min(static_cast<int>(u), std::max(0, size[d] - 2));
    w[d] = static_cast<float>(u - lower[d]);
    step[d] = size[d] > 1 ? stride[d] : 0;
  }
  const std::int16_t* q = hu + (static_cast<std::size_t>(lower[2]) * size[1] + lower[1]) * size[0] + lower[0];
  auto v = [&](int offset) { return std::clamp(static_cast<float>(q[offset]), low, high); };
  auto line = [&](int offset) { return v(offset) + w[0] * (v(offset + step[0]) - v(offset)); };
  auto plane = [&](int offset) {
    const float a = line(offset);
    return a + w[1] * (line(offset + step[1]) - a);
  };
  const float a = plane(0);
  return a + w[2] * (plane(step[2]) - a);
}

}  // namespace cemscope::imaging
