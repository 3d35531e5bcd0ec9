#pragma once

#include <vector>

#include "imaging/radiograph/film_sight.h"

namespace cemscope::imaging::radiograph {

/// A level as the films show it; nullptr where a film shows nothing there or was not read.
struct LevelOnFilms {
  const FilmLevel *ap = nullptr, *lateral = nullptr;
};

enum class FilmsRead { one, both };

/// Log odds that a level holds cement: logistic regressions on what either film says of it alone and on how far it stands out from
/// untreated levels, for levels that both films show and for those that one of two, or the only one, shows.
double cement_log_odds(const LevelOnFilms& level, FilmsRead films);

/// Height of a level on its film, mm from the film's upper edge.
double height_mm(const FilmSight& sight, const FilmLevel& level);

/// The lateral level that each AP level is, -1 for none. The films may be centred differently (TRIALS, Radiographs 4) and are enlarged
/// differently: over common offsets the one is taken under which cement that one film shows plainly is shown by the other, too, where it
/// looks, the bodies of both films lie at the same heights, and so does the metal.
std::vector<int> match_levels(const FilmSight& ap, const FilmSight& lateral);

}  // namespace cemscope::imaging::radiograph
