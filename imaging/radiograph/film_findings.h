#pragma once

#include <array>

#include "imaging/radiograph/film_sight.h"

namespace cemscope::imaging::radiograph {

/// Cement of a level along the column, excess summed (proportional to thickness).
struct ApSpread {
  double minor_fraction = 0, reach_mm = 0, reach_share = 0;  ///< reach_share: of the half width
  double fill = 0;                                           ///< covered share of the body's outline
  std::array<double, 3> band_thirds{};                       ///< covered share of the upper third's left, middle, right cell of the film
  std::array<double, 3> lower_thirds{};
};
ApSpread ap_spread(const FilmSight& sight, const FilmLevel& level);

struct LateralSpread {
  double fill = 0;
  std::array<double, 2> band_halves{}, lower_halves{};  ///< front, back
};
LateralSpread lateral_spread(const FilmSight& sight, const FilmLevel& level);

/// Members of an AP level that lie apart from its largest one at or beyond a side wall: cement beside the body, no part of its spread.
/// Smaller than 0.6 of the largest, centre more than 0.8 half widths off the midline (after TRIALS, Radiographs 5), or a pedicle: smaller
/// than 0.4, fainter than 0.75 of the highest, more than 0.65 off.
std::vector<int> detached_beside(const FilmSight& sight, const FilmLevel& level);

}  // namespace cemscope::imaging::radiograph
