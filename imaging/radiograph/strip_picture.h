#pragma once

#include <array>

#include "imaging/radiograph/film_sight.h"

namespace cemscope::imaging::radiograph {

/// A film as the network of shadow_net.h sees it.
struct StripPicture {
  static constexpr int kChannels = 7;
  StripGrid grid;
  /// Excess over bone's noise (inverse hyperbolic sine of a third of it, by three); contrast within 15 mm and within 40 mm; contrast of
  /// bone without cement and metal; 1 where dense things lie; 1 where metal lies; place across (u over 60 mm).
  std::array<Plane<float>, kChannels> channels;
};
/// Needs the column with its posterior side, the relief, things and metal, and the strip.
StripPicture strip_picture(const FilmSight& sight);

}  // namespace cemscope::imaging::radiograph
