#pragma once

#include <Eigen/Core>

#include "imaging/radiograph/column.h"

namespace cemscope::imaging::radiograph {

/// A film along its column: x across (u, mm from the column's middle, growing to the film's right), y along (the working row where the
/// line across meets the middle). Step 0.5 mm across, one working row along.
class Straightened {
 public:
  static constexpr double kHalfWidth_mm = 60.0;
  Straightened() = default;
  explicit Straightened(const Column& column);

  [[nodiscard]] int rows() const { return static_cast<int>(centre_x_.size()); }
  [[nodiscard]] int columns() const { return 2 * middle() + 1; }
  [[nodiscard]] static int middle() { return static_cast<int>(kHalfWidth_mm / WorkingFilm::kStep_mm); }
  /// Working position of a place (u in mm, row).
  [[nodiscard]] Eigen::Vector2d working(double u_mm, double row) const;
  /// (u in mm, row) of a working position.
  [[nodiscard]] Eigen::Vector2d place(double x, double y) const;
  /// The image resampled along the column.
  [[nodiscard]] Plane<float> resample(const Plane<float>& image) const;

 private:
  std::vector<double> centre_x_, slope_;
};

}  // namespace cemscope::imaging::radiograph
