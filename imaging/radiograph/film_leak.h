#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "imaging/radiograph/film_sight.h"

namespace cemscope::imaging::radiograph {

/// Leaked cement on one film by the face that it lies beyond: log odds of the place that most speaks for it. Left and right are the
/// film's.
struct LeakSigns {
  static constexpr double kNone = -5;
  double above = kNone, below = kNone, left = kNone, right = kNone;
};

/// The film about a treated body on a grid of 0.5 mm, straightened along the column, the body at its own size and `around` pixels about it.
struct LeakPicture {
  Plane<float> own;      ///< excess over bone's usual, over the deposit's height
  Plane<float> usual;    ///< the greatest of the untreated neighbours' at the same place, each within 1.5 mm; same unit
  Plane<float> deposit;  ///< 1 where the level's deposit lies
  int around = 0, n_compared = 0;
};
LeakPicture leak_picture(const FilmSight& sight, const FilmLevel& level);

/// Mean over the deposit of its excess over the greatest of the untreated neighbours' at the same place, over its height, each limited to
/// +-1: near 0 for what every level has (pedicles, endplates), near 1 for cement. 0 without neighbours.
double unusual_share(const FilmSight& sight, const FilmLevel& level);

/// The greatest mean log odds of 3 x 3 mm at each face. A place within 12 mm of the outline counts at the face that it lies farthest
/// beyond, or least inside, since outlines are off by millimetres; between two bodies that hold cement at the one whose cement is nearer.
LeakSigns leak_signs(const FilmSight& sight, const FilmLevel& level);

/// A face of a body's outline; left and right are the film's.
enum class BodyFace { above, below, left, right };

/// Where leaked cement is seen beyond one face: pixels of the working grid.
struct PlaceBeyond {
  BodyFace face = BodyFace::above;
  std::vector<std::pair<int, int>> pixels;
  [[nodiscard]] double area_mm2() const { return static_cast<double>(pixels.size()) * WorkingFilm::kStep_mm * WorkingFilm::kStep_mm; }
};

/// The places of more than even odds, told apart as leak_signs does, faces without any left out. O(pixels of the film).
std::vector<PlaceBeyond> places_beyond(const FilmSight& sight, const FilmLevel& level);

/// Log odds that cement lies outside the body, and what of them speaks for cement beside or before the body (`paravertebral`) and for
/// cement in a disc or the canal (`other` is their sum).
struct LeakOdds {
  double log_odds = 0, paravertebral = 0, disc = 0, canal = 0, other = 0;
};

/// Logistic regression on what most speaks for a leak on either film, fitted by tests/tools/fit_leaks.py on 132 vertebrae of pairs that no
/// network was learned on, 9700-9790 (plain), 10-45 and 30010-30045 (scanned). A film without signs adds nothing.
LeakOdds leak_odds(const std::optional<LeakSigns>& ap, const std::optional<LeakSigns>& lateral, bool is_posterior_right);

}  // namespace cemscope::imaging::radiograph
