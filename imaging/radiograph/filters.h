#pragma once

#include <cstdint>
#include <vector>

#include "imaging/radiograph/plane.h"

namespace cemscope::imaging::radiograph {

/// Filters of films. Sizes in pixels; borders repeat the outermost pixel unless said otherwise. All are O(pixels).

/// Gaussian of this SD by three running means (Kovesi, DICTA 2010), whose widths are whole pixels: the SD is right to half a pixel. SDs may
/// differ by axis; below 0.4 px no blur.
Plane<float> gaussian(Plane<float> image, double sd_x, double sd_y);
inline Plane<float> gaussian(Plane<float> image, double sd) { return gaussian(std::move(image), sd, sd); }

/// Least and greatest value in an octagon of this radius (van Herk, Pattern Recognit Lett 1992;13:517; two lines and two diagonals).
Plane<float> eroded(const Plane<float>& image, int radius);
Plane<float> dilated(const Plane<float>& image, int radius);
inline Plane<float> opened(const Plane<float>& image, int radius) { return dilated(eroded(image, radius), radius); }

/// The image on a grid `step` times as coarse (or finer, below 1): means of what a new pixel covers; new pixel (0, 0) starts where the old
/// does.
Plane<float> resampled(const Plane<float>& image, double step);

/// The value below which this share of the values lies; 0 for none. Takes a copy.
double quantile(std::vector<float> values, double share);

/// Median and median absolute deviation.
struct RobustSpread {
  double median = 0.0, mad = 0.0;
};
RobustSpread robust_spread(const std::vector<float>& values);

/// 4-connected components of non-zero pixels: labels from 1, in the order in which they are met.
struct PlaneComponents {
  Plane<int> label;
  int n = 0;
};
PlaneComponents components_of(const Plane<std::uint8_t>& mask);

/// Distance in pixels from each non-zero pixel to the nearest zero one (3-4 chamfer, 6 % off at most); outside the plane counts as zero.
Plane<float> inner_distance(const Plane<std::uint8_t>& mask);

}  // namespace cemscope::imaging::radiograph
