#pragma once

#include <cmath>
#include <string>

#include "imaging/phantom/film.h"
#include "imaging/radiograph/film_reading.h"

namespace cemscope::imaging {

/// On a film, in its pixels.
struct FilmPlace {
  double x_px, y_px;
};

/// Where the middle of a level's deposit lies.
inline FilmPlace place_of(const radiograph::FilmSight& sight, const radiograph::FilmLevel& level) {
  const auto& box = level.box;
  const auto at = sight.strip.course.working(0.5 * (box.left_mm + box.right_mm), 0.5 * (level.first_row + level.last_row));
  return {sight.working.film_x(at.x()), sight.working.film_y(at.y())};
}

inline double half_height_px(const PhantomFilmBody& body) {
  return 0.25 * (body.corners_px[2].y() + body.corners_px[3].y() - body.corners_px[0].y() - body.corners_px[1].y());
}

/// The level of the phantom's body at a row of the film; empty where there is none.
inline std::string level_at(const PhantomFilm& film, double row_px) {
  for (const PhantomFilmBody& body : film.bodies)
    if (std::abs(row_px - body.centre_px.y()) < 1.4 * half_height_px(body)) return body.level;
  return "";
}

/// The level at which a find lies on the AP film, else on the lateral one; empty where it lies at none. `study`: an AP film, then a
/// lateral.
inline std::string level_of(const TreatedOnFilm& treated, const FilmReading& reading, const PhantomFilmStudy& study) {
  const auto level_on = [&](std::size_t film, const radiograph::FilmSight& sight, int level) {
    return level < 0 ? std::string() : level_at(study.films[film], place_of(sight, sight.levels[static_cast<std::size_t>(level)]).y_px);
  };
  std::string level;
  if (reading.ap) level = level_on(0, *reading.ap, treated.ap_level);
  if (level.empty() && reading.lateral) level = level_on(1, *reading.lateral, treated.lateral_level);
  return level;
}

}  // namespace cemscope::imaging
