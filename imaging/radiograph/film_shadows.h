#pragma once

#include "imaging/radiograph/straightened.h"

namespace cemscope::imaging::radiograph {

inline double probability(double log_odds) { return 1.0 / (1.0 + std::exp(-log_odds)); }

/// How far off a pixel that a shadow covers its log odds change sign towards the next one, 0-1 pixels.
inline double crossing(float covered, float next) { return next >= covered ? 0.5 : std::clamp(covered / (covered - next), 0.F, 1.F); }

/// Pixels of 1 mm of a film along its column, 60 mm to either side; on lateral films the back is to the right.
struct StripGrid {
  static constexpr int kWidth = 120;   ///< pixels across
  static constexpr int kRowsUnit = 8;  ///< rows are filled up with zeros to a multiple of these
  bool is_flipped = false;

  /// (u in mm, row) of a pixel's middle, as Straightened has them.
  [[nodiscard]] Eigen::Vector2d place(int x, int y) const;
  /// The pixel (as x and y) that holds a place (u in mm, row).
  [[nodiscard]] Eigen::Vector2i pixel(const Eigen::Vector2d& place) const;
  /// An image of the straightened film on this grid, each pixel the mean of four; not filled up.
  [[nodiscard]] Plane<float> means(const Plane<float>& straightened) const;
};

/// Log odds, pixel by pixel, of what is cast on a film (see shadow_net.h): vertebral bodies; within them, that a place lies right of the
/// mid-sagittal plane as the picture shows it (AP alone); cement inside bodies; cement beside their shadows.
struct FilmShadows {
  StripGrid grid;
  Plane<float> body, right, cement, leak;

  /// Of the pixel that holds a place (u in mm, row); `otherwise` beside the film.
  [[nodiscard]] float at(const Plane<float>& shadow, const Eigen::Vector2d& place, float otherwise) const {
    const Eigen::Vector2i px = grid.pixel(place);
    return shadow.contains(px.x(), px.y()) ? shadow.at(px.x(), px.y()) : otherwise;
  }
};

}  // namespace cemscope::imaging::radiograph
