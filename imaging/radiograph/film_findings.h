#pragma once

#include <array>

#include "imaging/radiograph/film_sight.h"

namespace cemscope::imaging::radiograph {

/// Cement of a level along the column, excess summed (proportional to thickness).
struct ApSpread {
  double minor_fraction = 0, reach_mm = 0, reach_share = 0;  ///< reach_share: of the half width
};
ApSpread ap_spread(const FilmSight& sight, const FilmLevel& level);

/// The same of the shadows that the network sees: the probability of cement in each pixel of the body times its excess, without what
/// detached_beside leaves out.
ApSpread shadow_ap_spread(const FilmSight& sight, const FilmLevel& level);

/// Cement's shadow within a body's own (shadow_net.h), in thirds of the body: mean probability by third of its height from the top and by
/// third across from the left (AP) or the front (lateral).
struct ShadowSpread {
  std::array<std::array<double, 3>, 3> cover{};
  double body_mm2 = 0;  ///< of the body's shadow; 0 where none is seen
};
ShadowSpread shadow_spread(const FilmShadows& shadows, const BodyBox& box);

/// Log odds that cement which crosses the midline is spread evenly in the fracture band, since depth along the beam is lost: logistic
/// regression on the logarithms of what the smaller side covers of the upper and of the middle third (AP), and of what is covered of the
/// upper third's front and back (lateral; without it the usual). The upper third is the band of most fractures (DEFINITIONS). Fitted by
/// tests/tools/fit_spreads.py on 204 vertebrae of pairs that no network was learned on (8001-8100, 49001-49040, 60001-60160, 60201-60270).
double even_log_odds(const ShadowSpread& ap, const std::optional<ShadowSpread>& lateral);

/// Members of an AP level that lie apart from its largest one at or beyond a side wall: cement beside the body, no part of its spread.
/// Smaller than 0.6 of the largest, centre more than 0.75 half widths off the midline (TRIALS, Radiographs 5, has 0.55), or a pedicle:
/// smaller than 0.4, fainter than 0.75 of the highest, more than 0.65 off.
std::vector<int> detached_beside(const FilmSight& sight, const FilmLevel& level);

}  // namespace cemscope::imaging::radiograph
