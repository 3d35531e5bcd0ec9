#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "imaging/radiograph/film_sight.h"

namespace cemscope::imaging::radiograph {

/// What stands out beside a body beyond one of its faces.
struct LeakSign {
  double peak = 0;         ///< greatest excess that a disc of 1 mm radius reaches everywhere, over the deposit's height
  double area_mm2 = 0;     ///< where it is at least a fifth of the deposit's height
  double deposit_mm2 = 0;  ///< of the deposit itself more than 1 mm beyond the face
};

/// Signs of cement outside a body on one film. Left and right are the film's.
struct LeakSigns {
  LeakSign above, below, left, right;
  int n_compared = 0;       ///< untreated bodies that say what is usual there; without any all signs are 0
  double inside_share = 0;  ///< of the deposit, within the outline; a small one is a wrong outline rather than a leak
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

/// Compares the film about a treated body with that about its untreated neighbours, at the same place in the bodies' own coordinates
/// (millimetres outside their outlines, shares inside): what exceeds all of them by more than their bone can be misplaced (1.5 mm) was not
/// there before. Only what hangs together with the cement inside counts: not letters, clips and gas edges near by. Needs FilmLevel::body;
/// other treated levels are no neighbours to compare with.
LeakSigns leak_signs(const FilmSight& sight, const FilmLevel& level);

/// A face of a body's outline; left and right are the film's.
enum class BodyFace { above, below, left, right };

/// Where the signs of a leak beyond one face lie: pixels of the working grid that LeakSign counts, those that stand out by a fifth of the
/// deposit's height and those of the deposit more than 1 mm beyond the face. At a corner they belong to the face that they are farther off.
struct PlaceBeyond {
  BodyFace face = BodyFace::above;
  std::vector<std::pair<int, int>> pixels;
  [[nodiscard]] double area_mm2() const { return static_cast<double>(pixels.size()) * WorkingFilm::kStep_mm * WorkingFilm::kStep_mm; }
};

/// The places of leak_signs' signs, faces without any left out. O(pixels about the body).
std::vector<PlaceBeyond> places_beyond(const FilmSight& sight, const FilmLevel& level);

/// Log odds that cement lies outside the body, and what of them speaks for cement beside or before the body (`paravertebral`) and for
/// cement in a disc or the canal (`other` is their sum).
struct LeakOdds {
  double log_odds = 0, paravertebral = 0, disc = 0, canal = 0, other = 0;
};

/// Logistic regression on the signs of both films, where the body's outlines are to be trusted, on 416 vertebrae of the simulated pairs of
/// seeds 1-130, 9000-9149 and 9400-9599 without a leak or with 0.2 mL or more. A film without signs adds nothing.
LeakOdds leak_odds(const std::optional<LeakSigns>& ap, const std::optional<LeakSigns>& lateral, bool is_posterior_right);

}  // namespace cemscope::imaging::radiograph
