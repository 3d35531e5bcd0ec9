#pragma once

#include <string>

#include "imaging/vertebra_measurement.h"

namespace cemscope::imaging {

/// A plane over a vertebra's frame: mm above the frame's centre, over mm to the left of it and mm to posterior.
struct FramePlane {
  double centre_mm = 0, per_left = 0, per_posterior = 0;
  [[nodiscard]] double at(double left_mm, double posterior_mm) const {
    return centre_mm + per_left * left_mm + per_posterior * posterior_mm;
  }
};

/// Where a vertebral body lies in one examination: its frame and the planes of its endplates. Patient coordinates (LPS), mm.
struct BodyPlace {
  std::string level;  ///< "L1", empty when unnamed
  VertebralFrame frame;
  FramePlane upper, lower;

  /// Left, posterior and superior of the frame's centre, mm.
  [[nodiscard]] Eigen::Vector3d to_local(const Point_mm& point) const {
    const Direction d = point - frame.centre_mm;
    return {d.dot(frame.left), d.dot(frame.posterior), d.dot(frame.superior)};
  }
  [[nodiscard]] Point_mm to_patient(const Eigen::Vector3d& local) const {
    return frame.centre_mm + local[0] * frame.left + local[1] * frame.posterior + local[2] * frame.superior;
  }
  /// 0 at the lower endplate's plane, 1 at the upper one's; not limited.
  [[nodiscard]] double relative_height(const Point_mm& point) const {
    const auto local = to_local(point);
    const double low = lower.at(local[0], local[1]), high = upper.at(local[0], local[1]);
    return (local[2] - low) / std::max(1.0, high - low);
  }
  /// The point of a column at a relative height.
  [[nodiscard]] Point_mm at_height(double left_mm, double posterior_mm, double relative) const {
    const double low = lower.at(left_mm, posterior_mm), high = upper.at(left_mm, posterior_mm);
    return to_patient({left_mm, posterior_mm, low + relative * (high - low)});
  }
};

/// What a scan shows of the bone at one endplate of a body.
struct EndplateSigns {
  double sunken_mm = 0;      ///< its middle below the plane of its rim
  double front_drop_mm = 0;  ///< its front below the square of the rear wall, over the body's depth
  double layer_hu = 0;       ///< mean density of the spongiosa a sixth to a third of the height under it
};

/// A vertebral body of a CT.
struct CtBody {
  BodyPlace place;
  EndplateSigns upper, lower;
  double middle_hu = 0;  ///< mean density of the spongiosa at mid-height
  double dense_ml = 0;   ///< cement or metal in it
  bool is_cut = false;   ///< the scan ends inside it
};

}  // namespace cemscope::imaging
