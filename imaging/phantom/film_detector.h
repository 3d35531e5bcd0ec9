#pragma once

#include <vector>

#include "imaging/phantom/film_beam.h"
#include "imaging/phantom/random.h"

namespace cemscope::imaging::phantom {

/// Stored values of a film from its line integrals: blur, scatter, noise, logarithm, unsharp mask, window, letters, collimation.
std::vector<std::uint16_t> expose(std::vector<float> attenuation, const FilmBeam& beam, const PhantomFilmParameters& film, Random& random);

}  // namespace cemscope::imaging::phantom
