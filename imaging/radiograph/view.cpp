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

/// Correlation of the strip's two sides, `from` to `to` mm off its middle.
double fold_agreement(const Plane<float>& strip, double from_mm, double to_mm) {
  double xy = 0, xx = 0;
  const int middle = Straightened::middle();
  for (int y = strip.ny / 8; y < strip.ny - strip.ny / 8; y += 2)
    for (int d = static_cast<int>(from_mm / WorkingFilm::kStep_mm); d < to_mm / WorkingFilm::kStep_mm; ++d) {
      const double a = strip.at(middle + d, y), b = strip.at(middle - d, y);
      xy += 2 * a * b, xx += a * a + b * b;
    }
  return xx > 0 ? xy / xx : 0.0;
}

/// The strip without what is alike from wall to wall: endplates.
Plane<float> without_endplates(Plane<float> strip, double half_mm) {
  const int middle = Straightened::middle(), half = static_cast<int>(half_mm / WorkingFilm::kStep_mm);
  for (int y = 0; y < strip.ny; ++y) {
    double sum = 0;
    for (int d = -half; d <= half; ++d) sum += strip.at(middle + d, y);
    for (int x = 0; x < strip.nx; ++x) strip.at(x, y) -= static_cast<float>(sum / (2 * half + 1));
  }
  return strip;
}

/// Mean steepness across the column over that along it, within 12 mm of its middle: bodies seen from the side have endplates alone, from
/// the front also pedicles and spinous processes.
double upright_share(const Plane<float>& strip) {
  const Plane<float> fine = gaussian(strip, 1.0);
  double across = 0, along = 0;
  const int middle = Straightened::middle();
  for (int y = strip.ny / 8; y < strip.ny - strip.ny / 8; y += 2)
    for (int x = middle - 24; x <= middle + 24; ++x) {
      across += std::abs(fine.at(x + 1, y) - fine.at(x - 1, y));
      along += std::abs(fine.clamped(x, y + 1) - fine.clamped(x, y - 1));
    }
  return across / std::max(1e-9, along);
}

/// |left - right| / (left + right) of the mean steepness beside the column.
double roughness_asymmetry(const Plane<float>& strip) {
  const Plane<float> fine = gaussian(strip, 1.5);
  double left = 0, right = 0;
  const int middle = Straightened::middle();
  for (int y = strip.ny / 8; y < strip.ny - strip.ny / 8; y += 2)
    for (int d = static_cast<int>(24 / WorkingFilm::kStep_mm); d < 55 / WorkingFilm::kStep_mm; ++d) {
      const auto steep = [&](int x) {
        return std::hypot(fine.at(x + 1, y) - fine.at(x - 1, y), fine.clamped(x, y + 1) - fine.clamped(x, y - 1));
      };
      left += steep(middle - d), right += steep(middle + d);
    }
  return std::abs(left - right) / std::max(1e-9, left + right);
}

Plane<float> strip_of(const Plane<float>& contrast, const Column& column) {
  return Straightened(column).resample(resampled(contrast, WorkingFilm::kStep_mm));
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
  const ColumnPicture picture = column_picture(working);
  const Column ap = find_column(working, picture, FilmView::ap), lateral = find_column(working, picture, FilmView::lateral);
  const Plane<float> ap_strip = strip_of(picture.contrast, ap), lateral_strip = strip_of(picture.contrast, lateral);
  ViewFeatures features;
  features.side_asymmetry = side_asymmetry(working);
  features.column_off_centre = off_centre(working, lateral);
  features.inner_fold = fold_agreement(without_endplates(gaussian(ap_strip, 1.5, 2.0), 20), 3, 20);
  features.upright_share = upright_share(ap_strip), features.lateral_upright_share = upright_share(lateral_strip);
  features.roughness_asymmetry = roughness_asymmetry(ap_strip);
  features.ap_score = ap.score, features.lateral_score = lateral.score;
  return features;
}

ViewGuess guess_view(const Radiograph& film) {
  const ViewFeatures f = view_features(film);
  ViewGuess guess;
  guess.log_odds_of_lateral = 3.09 + 2.60 * f.side_asymmetry + 0.68 * f.column_off_centre - 0.93 * f.inner_fold - 2.33 * f.upright_share -
                              4.99 * f.lateral_upright_share + 9.60 * std::min(f.roughness_asymmetry, 0.3) +
                              2.81 * (f.lateral_score - f.ap_score);
  guess.view = guess.log_odds_of_lateral > 0 ? FilmView::lateral : FilmView::ap;
  return guess;
}

}  // namespace cemscope::imaging::radiograph
