#pragma once

#include <vector>

#include "imaging/radiograph/working_film.h"

namespace cemscope::imaging::radiograph {

/// The vertebral column on a film: the course of the bodies' middle and their width, row by row, in working pixels (0.5 mm).
struct Column {
  FilmView view = FilmView::unknown;
  std::vector<double> centre_x, half_width;  ///< one per row of the working film
  double score = 0.0;                        ///< mean log probability per row (see column_evidence.h)
  int posterior_sign = 0;                    ///< lateral films: +1 when posterior is to the right, -1 left, 0 unknown
};

/// The film with everything dense and more than 2.5 mm thick (cement, metal, letters) replaced by what surrounds it.
Plane<float> without_dense_things(const WorkingFilm& film);

/// Such a film with local tone removed: (value - mean within 15 mm)/local SD, limited to +-2, so that metal cannot dominate. 1 mm grid.
Plane<float> local_contrast(const WorkingFilm& film);
/// The same of any image on a grid of `step_mm`, and within `tone_sd_mm`.
constexpr double kToneSd_mm = 15.0;
Plane<float> local_contrast(const Plane<float>& value, double step_mm, double tone_sd_mm = kToneSd_mm);

/// Finds the column on a film taken as AP or as lateral by its cross profile (column_evidence.h) and dynamic programming over rows (at most
/// 26 degrees of slope, bending costs).
/// `contrast`: local_contrast of the film.
Column find_column(const WorkingFilm& film, const Plane<float>& contrast, FilmView view);

}  // namespace cemscope::imaging::radiograph
