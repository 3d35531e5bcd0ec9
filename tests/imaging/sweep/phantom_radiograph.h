#pragma once

#include <cmath>

#include "imaging/phantom/film.h"
#include "imaging/radiograph/radiograph.h"

namespace cemscope::imaging {

/// What ingest would make of a simulated film.
inline Radiograph radiograph_of(const PhantomFilm& film) {
  const auto largest = static_cast<float>((1 << film.parameters.bits_stored) - 1);
  Radiograph radiograph;
  radiograph.pixel_mm = film.parameters.pixel_mm, radiograph.spacing_source = SpacingSource::detector;
  radiograph.density = radiograph::Plane<float>(film.columns, film.rows);
  for (std::size_t n = 0; n < film.stored.size(); ++n) {
    const float stored = film.parameters.is_monochrome1 ? largest - static_cast<float>(film.stored[n]) : static_cast<float>(film.stored[n]);
    radiograph.density.values[n] = film.parameters.is_linear ? -std::log(1.005F - stored / largest) : stored;
  }
  return radiograph;
}

}  // namespace cemscope::imaging
