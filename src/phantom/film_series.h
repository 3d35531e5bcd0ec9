#pragma once

#include "imaging/phantom/film.h"
#include "src/phantom/image_series.h"

namespace cemscope::phantom {

/// Writes a simulated film as a Digital X-Ray Image (for presentation), with the tags that its plan leaves.
void write_film(const imaging::PhantomFilm& film, const FilmPlan& plan, const SeriesIdentity& identity, const SeriesPlan& series,
                const NameImage& name);

}  // namespace cemscope::phantom
