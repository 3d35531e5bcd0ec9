#pragma once

#include <cstddef>
#include <vector>

#include "imaging/phantom/noise_texture.h"

namespace cemscope::imaging::phantom {

/// A horizontal plane of densities on a square grid; pixel (i, j) is centred at (x0 + i step, y0 + j step).
struct DensityPlane {
  double x0_mm = 0, y0_mm = 0, step_mm = 1.0, z_mm = 0;
  int columns = 0, rows = 0;
  std::vector<float> hu;
  std::vector<float> cavity;  ///< share of each pixel inside the muscular wall; organs stay in it. Empty: no limit
  [[nodiscard]] float& at(int i, int j) { return hu[static_cast<std::size_t>(j) * columns + i]; }
  [[nodiscard]] float at(int i, int j) const { return hu[static_cast<std::size_t>(j) * columns + i]; }
};

/// An ellipse (exponent 2) or superellipse of one density, with a grain of `grain_hu` SD and `grain_mm` size.
struct EllipsePatch {
  double x_mm = 0, y_mm = 0, radius_x_mm = 1, radius_y_mm = 1, turn_rad = 0;
  double hu = 0, grain_hu = 0, grain_mm = 4.0;
  double exponent = 2.0;
  bool stays_in_cavity = false;
  double lowest_y_mm = -1e9, highest_y_mm = 1e9;  ///< painted only between these (gas above fluid)
};

/// Paints over what is there, with partial volume at the edge. Complexity: O(pixels of the patch's box).
void paint(DensityPlane& plane, const EllipsePatch& patch, const NoiseTexture& texture);

}  // namespace cemscope::imaging::phantom
