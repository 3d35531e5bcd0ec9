#pragma once

#include <vector>

#include "imaging/radiograph/radiograph.h"

namespace cemscope::imaging::radiograph {

/// What is known along a straightened column (see body_box.h), rows and columns of 0.5 mm.
struct StripView {
  const Plane<float>& contrast;                      ///< local contrast
  const Plane<float>& covered;                       ///< above 0 where cement or metal lies, which is passed over
  const std::vector<float>&upper_edge, &lower_edge;  ///< by row: mean derivative across the body by the best tilt, any scale
  const std::vector<double>&middle_mm, &half_mm;     ///< by row: middle of the bodies, half their width
  FilmView view;
  int posterior_sign;  ///< lateral: +1 when the back is to the right
};

/// Log odds in steps of 1 mm that a body's upper or lower endplate lies there.
struct EndplateLogOdds {
  static constexpr int kRowsPerStep = 2;  ///< of the straightened column
  std::vector<float> upper, lower;
};

/// Logistic regression on what is seen within 20 mm above and below (endplate_weights.h): the mean contrast of bands side by side, from
/// before the body to the arches behind it (AP: both sides taken together), less its mean and over its SD in the window; and both edges'
/// evidence, over the column's 95th percentiles. The film's gain and offset and a body's size across cancel. Errors of single rows add up
/// to whole columns, so only a chain of bodies (body_chain.h) decides.
EndplateLogOdds endplate_log_odds(const StripView& strip);

}  // namespace cemscope::imaging::radiograph
