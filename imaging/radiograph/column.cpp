#include "imaging/radiograph/column.h"

#include "imaging/radiograph/filters.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kGrid_mm = 1.0;
constexpr double kContrastLimit = 2.0;
constexpr int kRowStep = 6, kMaxStep = 3;  // at most 3 columns in 6 rows: 26 degrees
// Chosen on simulated films of seeds 1-90 and 9000-9069: least bodies missed by the path.
constexpr double kEvidenceWeight = 1.5, kBendCost = 4.0, kSlopeCost = 0.03, kSmooth_mm = 8.0;
constexpr double kThinRadius_mm = 1.25, kDenseMad = 5.0;

/// Path of greatest evidence from top to bottom; changes of its slope cost by their square. State: position and last step.
std::vector<int> best_path(const Plane<float>& score) {
  const int rows = score.ny, nx = score.nx;
  constexpr int kSteps = 2 * kMaxStep + 1;
  constexpr float kNever = -1e30F;
  std::vector<float> now(static_cast<std::size_t>(nx) * kSteps, 0.F), next(now.size());
  Plane<std::uint8_t> from(nx * kSteps, rows, 0);
  for (int row = 0; row < rows; ++row) {
    const float* own = &score.values[score.index(0, row)];
    for (int x = 0; x < nx; ++x)
      for (int s = 0; s < kSteps; ++s) {
        const int before = x - (s - kMaxStep), slope = s - kMaxStep;
        float best = row == 0 ? 0.F : kNever;
        for (int t = 0; row > 0 && t < kSteps && before >= 0 && before < nx; ++t) {
          const float value = now[before * kSteps + t] - static_cast<float>(kBendCost * (s - t) * (s - t) + kSlopeCost * slope * slope);
          if (value > best) best = value, from.at(x * kSteps + s, row) = static_cast<std::uint8_t>(t);
        }
        next[x * kSteps + s] = best + static_cast<float>(kEvidenceWeight) * own[x];
      }
    now.swap(next);
  }
  const auto end = static_cast<int>(std::max_element(now.begin(), now.end()) - now.begin());
  std::vector<int> path(rows);
  int x = end / kSteps, s = end % kSteps;
  for (int row = rows - 1; row >= 0; --row) {
    path[row] = x;
    const int t = from.at(x * kSteps + s, row);
    x = std::clamp(x - (s - kMaxStep), 0, nx - 1), s = t;
  }
  return path;
}

std::vector<double> smoothed(const std::vector<double>& values, double sd) {
  Plane<float> line(static_cast<int>(values.size()), 1);
  std::copy(values.begin(), values.end(), line.values.begin());
  const Plane<float> smooth = gaussian(std::move(line), sd, 0.0);
  return {smooth.values.begin(), smooth.values.end()};
}

std::vector<double> in_rows_of(const std::vector<double>& steps, int n_rows) {
  std::vector<double> rows(n_rows);
  for (int y = 0; y < n_rows; ++y) {
    const double at = std::clamp((y * WorkingFilm::kStep_mm) / kRowStep - 0.5, 0.0, static_cast<double>(steps.size() - 1));
    const auto first = static_cast<std::size_t>(at), next = std::min(first + 1, steps.size() - 1);
    rows[y] = (steps[first] + (at - static_cast<double>(first)) * (steps[next] - steps[first])) / WorkingFilm::kStep_mm;
  }
  return rows;
}

/// The column of greatest log probability.
Column traced(const WorkingFilm& film, FilmView view, const Plane<float>& log_probability) {
  const std::vector<int> path = best_path(log_probability);
  Column column;
  column.view = view;
  for (std::size_t row = 0; row < path.size(); ++row)
    column.score += log_probability.at(path[row], static_cast<int>(row)) / static_cast<double>(path.size());
  column.centre_x = in_rows_of(smoothed(std::vector<double>(path.begin(), path.end()), kSmooth_mm / kRowStep), film.value.ny);
  return column;
}

void set_widths(Column& column, const ProfileChannels& channels) {
  const int n = channels[0].ny;
  std::vector<double> centre_mm(n);
  const auto per_mm = static_cast<int>(1.0 / WorkingFilm::kStep_mm);
  const auto last = static_cast<int>(column.centre_x.size()) - 1;
  for (int y = 0; y < n; ++y) centre_mm[y] = column.centre_x[std::min(last, y * per_mm)] * WorkingFilm::kStep_mm;
  const std::vector<double> half_mm = half_widths_mm(channels, column.view, column.posterior_sign, centre_mm);
  for (int y = 0; y <= last; ++y) column.half_width.push_back(half_mm[std::min(n - 1, y / per_mm)] / WorkingFilm::kStep_mm);
}

/// The film with everything dense and more than 2.5 mm thick (cement, metal, letters) replaced by what surrounds it.
Plane<float> without_dense_things(const WorkingFilm& film) {
  const Plane<float>& background = film.background;
  Plane<float> excess = film.value;
  for (std::size_t n = 0; n < excess.values.size(); ++n) excess.values[n] -= background.values[n];
  const RobustSpread spread = robust_spread(excess.values);
  const Plane<float> thick = dilated(opened(excess, WorkingFilm::px(kThinRadius_mm)), WorkingFilm::px(1.5));
  // Bone itself stands out by what the upper twentieth of the film does; cement and metal by more.
  const auto limit = static_cast<float>(std::max(spread.median + kDenseMad * spread.mad, 1.4 * quantile(thick.values, 0.95)));
  Plane<float> result = film.value;
  for (std::size_t n = 0; n < result.values.size(); ++n)
    if (thick.values[n] > limit) result.values[n] = std::min(result.values[n], background.values[n] + static_cast<float>(spread.median));
  return result;
}

}  // namespace

Plane<float> local_contrast(const Plane<float>& value, double step_mm, double tone_sd_mm) {
  const Plane<float> mean = gaussian(value, tone_sd_mm / step_mm);
  Plane<float> square(value.nx, value.ny), result(value.nx, value.ny);
  for (std::size_t n = 0; n < value.values.size(); ++n) square.values[n] = std::pow(value.values[n] - mean.values[n], 2.F);
  const Plane<float> variance = gaussian(square, tone_sd_mm / step_mm);
  const double floor = 0.25 * quantile(variance.values, 0.5) + 1e-8;
  for (std::size_t n = 0; n < value.values.size(); ++n) {
    const double z = (value.values[n] - mean.values[n]) / std::sqrt(std::max<double>(variance.values[n], floor));
    result.values[n] = static_cast<float>(std::clamp(z, -kContrastLimit, kContrastLimit));
  }
  return result;
}

ColumnPicture column_picture(const WorkingFilm& film) {
  const Plane<float> value = resampled(without_dense_things(film), kGrid_mm / WorkingFilm::kStep_mm);
  ColumnPicture picture{local_contrast(value, kGrid_mm), {}};
  picture.channels = profile_channels(picture.contrast, value);
  return picture;
}

Column find_column(const WorkingFilm& film, const ColumnPicture& picture, FilmView view) {
  Column best;
  for (const int sign : {1, -1}) {
    if (view == FilmView::ap && sign < 0) break;
    Column column = traced(film, view, column_log_probability(picture.channels, view, sign, kRowStep));
    if (sign == 1 || column.score > best.score) best = std::move(column), best.posterior_sign = view == FilmView::lateral ? sign : 0;
  }
  set_widths(best, picture.channels);
  return best;
}

}  // namespace cemscope::imaging::radiograph
