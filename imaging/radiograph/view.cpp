#include "imaging/radiograph/view.h"

#include "imaging/radiograph/filters.h"
#include "imaging/radiograph/straightened.h"

namespace cemscope::imaging::radiograph {
namespace {

double side_asymmetry(const WorkingFilm& film) {
  const int eighth = std::max(1, film.value.nx / 8);
  double left = 0, right = 0, brightest = 0;
  for (int part = 0; part < 8; ++part) {
    double sum = 0;
    int n = 0;
    for (int y = film.value.ny / 6; y < film.value.ny - film.value.ny / 6; y += 2)
      for (int x = part * eighth; x < std::min(film.value.nx, (part + 1) * eighth); x += 2) sum += std::min(1.F, film.value.at(x, y)), ++n;
    const double mean = sum / std::max(1, n);
    if (part == 0) left = mean;
    if (part == 7) right = mean;
    brightest = std::max(brightest, mean);
  }
  return std::abs(left - right) / std::max(1e-6, brightest);
}

/// Correlation of the two sides of the column, 3 to 45 mm off, tones over 6 mm and rows over 10 mm.
double fold_agreement(const WorkingFilm& film, const Column& column) {
  const Straightened course(column);
  const Plane<float> strip = gaussian(course.resample(resampled(local_contrast(film), WorkingFilm::kStep_mm)), 3.0, 6.0);
  double xy = 0, xx = 0;
  const int middle = Straightened::middle();
  for (int y = strip.ny / 8; y < strip.ny - strip.ny / 8; y += 3)
    for (int d = 6; d < 90; d += 2) {
      const double a = strip.at(middle + d, y), b = strip.at(middle - d, y);
      xy += 2 * a * b, xx += a * a + b * b;
    }
  return xx > 0 ? xy / xx : 0.0;
}

double off_centre(const WorkingFilm& film, const Column& column) {
  std::vector<float> off;
  for (int y = 0; y < film.value.ny; y += 4) {
    int left = 0, right = film.value.nx - 1;
    while (left < right && film.value.at(left, y) < 0.05F) ++left;
    while (right > left && film.value.at(right, y) < 0.05F) --right;
    if (right - left > 60)
      off.push_back(static_cast<float>(std::abs((column.centre_x[y] - 0.5 * (left + right)) / (0.5 * (right - left)))));
  }
  return quantile(std::move(off), 0.5);
}

}  // namespace

ViewFeatures view_features(const Radiograph& film) {
  const WorkingFilm working = prepare_film(film);
  const Column ap = find_column(working, FilmView::ap), lateral = find_column(working, FilmView::lateral);
  return {side_asymmetry(working), off_centre(working, lateral), fold_agreement(working, ap), ap.score, lateral.score};
}

ViewGuess guess_view(const Radiograph& film) {
  const ViewFeatures f = view_features(film);
  ViewGuess guess;
  guess.log_odds_of_lateral = 0.0 + 10 * (f.side_asymmetry - 0.21) + 5 * (f.column_off_centre - 0.2) - 6 * (f.fold - 0.25);
  guess.view = guess.log_odds_of_lateral > 0 ? FilmView::lateral : FilmView::ap;
  return guess;
}

}  // namespace cemscope::imaging::radiograph
