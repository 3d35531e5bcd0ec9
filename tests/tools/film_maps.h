#pragma once

#include "imaging/phantom/film_beam.h"
#include "imaging/radiograph/film_sight.h"

namespace cemscope::tools {

/// What the vertebral bodies and the cement of a simulated patient cast on a film, mm along the ray, on the working grid of a film that was
/// read.
struct TruthMaps {
  explicit TruthMaps(const imaging::radiograph::WorkingFilm& working)
      : body(working.value.nx, working.value.ny, 0.F), right(body), in_body(body), leaked(body) {}
  imaging::radiograph::Plane<float> body;     ///< vertebral bodies
  imaging::radiograph::Plane<float> right;    ///< their parts right of their mid-sagittal planes, as the film shows them
  imaging::radiograph::Plane<float> in_body;  ///< cement inside it, and in the needle's tract
  imaging::radiograph::Plane<float> leaked;   ///< cement of the other zones
  /// The map that a zone's cement is cast on.
  imaging::radiograph::Plane<float>& cement(imaging::CementZone zone);
};

/// Casts small volumes on the working grid of a film.
class ShadowOnFilm {
 public:
  /// Both must outlive it.
  ShadowOnFilm(const imaging::phantom::FilmBeam& beam, const imaging::radiograph::WorkingFilm& working) : beam_(beam), working_(working) {}
  /// Adds the mm that a volume at a place casts.
  void add(imaging::radiograph::Plane<float>& map, const imaging::Point_mm& at, double volume_mm3) const;

 private:
  const imaging::phantom::FilmBeam& beam_;
  const imaging::radiograph::WorkingFilm& working_;
};

/// By the film's own beam. `film`: as it was simulated, before the cache left out the beam.
TruthMaps truth_maps(const imaging::PhantomParameters& patient, const imaging::PhantomFilmParameters& film,
                     const imaging::radiograph::WorkingFilm& working);

}  // namespace cemscope::tools
