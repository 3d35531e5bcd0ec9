#pragma once

#include <vector>

#include "imaging/radiograph/column_evidence.h"
#include "imaging/radiograph/working_film.h"

namespace cemscope::imaging::radiograph {

/// The vertebral column on a film: the course of the bodies' middle and their width, row by row, in working pixels (0.5 mm).
struct Column {
  FilmView view = FilmView::unknown;
  std::vector<double> centre_x, half_width;  ///< one per row of the working film
  double score = 0.0;                        ///< mean log probability per row (see column_evidence.h)
  int posterior_sign = 0;                    ///< lateral films: +1 when posterior is to the right, -1 left, 0 unknown
};

constexpr double kToneSd_mm = 15.0;
/// An image on a grid of `step_mm` with local tone removed: (value - mean within `tone_sd_mm`)/local SD, limited to +-2, so that metal
/// cannot dominate.
Plane<float> local_contrast(const Plane<float>& value, double step_mm, double tone_sd_mm = kToneSd_mm);

/// What the column is looked for in, on a grid of 1 mm: the film without dense things.
struct ColumnPicture {
  Plane<float> contrast;  ///< local_contrast
  ProfileChannels channels;
};
ColumnPicture column_picture(const WorkingFilm& film);

/// Finds the column on a film taken as AP or as lateral by its cross profile (column_evidence.h) and dynamic programming over rows (at most
/// 26 degrees of slope, bending costs). `picture`: column_picture of the film.
Column find_column(const WorkingFilm& film, const ColumnPicture& picture, FilmView view);

}  // namespace cemscope::imaging::radiograph
