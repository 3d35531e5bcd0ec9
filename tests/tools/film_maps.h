#pragma once

#include <map>
#include <string>

#include "imaging/phantom/film.h"
#include "imaging/radiograph/film_sight.h"

namespace cemscope::tools {

/// What a simulated vertebra and its cement cast on a film, mm along the ray, on the working grid of a film that was read.
struct TruthMaps {
  imaging::radiograph::Plane<float> body;     ///< vertebral body
  imaging::radiograph::Plane<float> in_body;  ///< cement inside it, and in the needle's tract
  imaging::radiograph::Plane<float> leaked;   ///< cement of the other zones
};

/// Of every treated level of the patient by the film's own beam. `film`: as it was simulated, before the cache left out the beam.
std::map<std::string, TruthMaps> truth_maps(const imaging::PhantomParameters& patient, const imaging::PhantomFilmParameters& film,
                                            const imaging::radiograph::WorkingFilm& working);

}  // namespace cemscope::tools
