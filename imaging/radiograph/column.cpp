#include "imaging/radiograph/column.h"

#include <array>
#include <limits>
#include <numbers>

#include "imaging/radiograph/filters.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kGrid_mm = 1.0;
constexpr double kToneSd_mm = 15.0, kContrastLimit = 2.0;
constexpr int kRowStep = 6, kMaxStep = 3;  // at most 3 columns in 6 rows: 26 degrees
// Chosen on simulated films of seeds 1-60: least bodies missed by the path.
constexpr double kBendCost = 8.0, kSlopeCost = 0.03, kSmooth_mm = 8.0;
constexpr double kThinRadius_mm = 1.25, kDenseMad = 5.0;

/// Rising (sign +1) or falling edge along the rows: derivative over +-1.5 mm, averaged 5 mm down the column.
Plane<float> side_edges(const Plane<float>& contrast, double sign) {
  const Plane<float> smooth = gaussian(contrast, 0.8, 2.5);
  Plane<float> edge(contrast.nx, contrast.ny, 0.F);
  for (int y = 0; y < edge.ny; ++y)
    for (int x = 2; x + 2 < edge.nx; ++x)
      edge.at(x, y) = static_cast<float>(std::max(0.0, sign * (smooth.at(x + 2, y) - smooth.at(x - 2, y))));
  return dilated_along_rows(edge, 2);
}

struct State {
  float score;
  int half_width;
};

/// Best width of a pair of edges about each position, for a range of half widths in mm.
Plane<State> edge_pairs(const Plane<float>& rising, const Plane<float>& falling, int least_half, int most_half) {
  Plane<State> best(rising.nx, rising.ny, State{0.F, (least_half + most_half) / 2});
  for (int y = 0; y < best.ny; ++y)
    for (int x = 0; x < best.nx; ++x)
      for (int half = least_half; half <= most_half; ++half) {
        if (x - half < 0 || x + half >= best.nx) break;
        const float score = std::sqrt(rising.at(x - half, y) * falling.at(x + half, y));
        if (score > best.at(x, y).score) best.at(x, y) = {score, half};
      }
  return best;
}

/// How much brighter the column is than both of its sides: mean inside +-20 mm against the nearer 12 mm beyond.
Plane<float> band_contrast(const Plane<float>& contrast, int half) {
  const Plane<float> smooth = gaussian(contrast, 0.0, 6.0);
  Plane<float> result(contrast.nx, contrast.ny, -1.F);
  std::vector<double> sum(contrast.nx + 1);
  for (int y = 0; y < contrast.ny; ++y) {
    for (int x = 0; x < contrast.nx; ++x) sum[x + 1] = sum[x] + smooth.at(x, y);
    const auto mean = [&](int from, int to) {
      from = std::clamp(from, 0, contrast.nx - 1), to = std::clamp(to, from + 1, contrast.nx);
      return (sum[to] - sum[from]) / (to - from);
    };
    for (int x = 0; x < contrast.nx; ++x) {
      const double inside = mean(x - half, x + half), left = mean(x - half - 12, x - half - 2), right = mean(x + half + 2, x + half + 12);
      result.at(x, y) = static_cast<float>(std::clamp(std::min(inside - left, inside - right), -1.0, 1.0));
    }
  }
  return result;
}

/// Overlap of both sides when folded about each position: sum over 4-36 mm of min(T(x - d), T(x + d)) of what stands out.
Plane<float> mirror_overlap(const Plane<float>& contrast) {
  const Plane<float> smooth = gaussian(contrast, 1.5, 4.0);
  Plane<float> result(contrast.nx, contrast.ny, 0.F);
  for (int y = 0; y < contrast.ny; ++y)
    for (int x = 36; x + 36 < contrast.nx; ++x) {
      float sum = 0;
      for (int d = 4; d <= 36; ++d) sum += std::max(0.F, std::min(smooth.at(x - d, y), smooth.at(x + d, y)));
      result.at(x, y) = sum / 33.F;
    }
  return result;
}

/// The ladder averaged over the width of a body and over a level's height, so that rows between endplates share in it.
Plane<float> ladder_band(const Plane<float>& ladder, double half_width) { return gaussian(ladder, half_width * 0.55, 14.0); }

struct Evidence {
  Plane<float> score;
  Plane<int> half_width;
};

/// Skin at both sides of each row, mm from the film's left; negative where the film ends within the patient.
struct Skin {
  std::vector<double> left_mm, right_mm;
};

Skin find_skin(const WorkingFilm& film) {
  const Plane<float> value = gaussian(resampled(film.value, kGrid_mm / WorkingFilm::kStep_mm), 2.0, 4.0);
  constexpr float kAir = 0.05F;
  Skin skin{std::vector<double>(value.ny, -1.0), std::vector<double>(value.ny, -1.0)};
  for (int y = 0; y < value.ny; ++y) {
    int left = 0, right = value.nx - 1;
    while (left < value.nx && value.at(left, y) < kAir) ++left;
    while (right > 0 && value.at(right, y) < kAir) --right;
    if (left > 2 && left < value.nx) skin.left_mm[y] = left;
    if (right < value.nx - 3 && right > left) skin.right_mm[y] = right;
  }
  return skin;
}

/// The bodies' middle lies some 95 mm before the skin of the back (TRIALS, Radiographs 3); a cost where a position does not.
void add_skin_cost(Plane<float>& score, const Skin& skin, int posterior_sign) {
  for (int y = 0; y < score.ny; ++y) {
    const double edge = posterior_sign > 0 ? skin.right_mm[y] : skin.left_mm[y];
    if (edge < 0) continue;
    for (int x = 0; x < score.nx; ++x) {
      const double off = std::abs(posterior_sign * (edge - x) - 95.0) / 45.0;
      score.at(x, y) -= static_cast<float>(0.5 * std::clamp(off - 0.7, 0.0, 3.0));
    }
  }
}

/// On AP films the column lies about the middle of the trunk, or of the film.
void add_centre_cost(Plane<float>& score, const Skin& skin) {
  for (int y = 0; y < score.ny; ++y) {
    const bool has_both = skin.left_mm[y] >= 0 && skin.right_mm[y] >= 0;
    const double middle = has_both ? 0.5 * (skin.left_mm[y] + skin.right_mm[y]) : 0.5 * score.nx,
                 reach = has_both ? 40.0 : 0.25 * score.nx + 25;
    for (int x = 0; x < score.nx; ++x) {
      const double off = (x - middle) / reach;
      score.at(x, y) -= static_cast<float>(0.35 * std::min(off * off, 4.0));
    }
  }
}

/// Bone is rough, what lies beside it smooth: mean steepness within +-half against that beyond, both sides on their own.
Plane<float> roughness_band(const Plane<float>& contrast, int half) {
  Plane<float> steep(contrast.nx, contrast.ny, 0.F);
  const Plane<float> fine = gaussian(contrast, 0.8);
  for (int y = 1; y + 1 < contrast.ny; ++y)
    for (int x = 1; x + 1 < contrast.nx; ++x)
      steep.at(x, y) = std::min(0.6F, std::hypot(fine.at(x + 1, y) - fine.at(x - 1, y), fine.at(x, y + 1) - fine.at(x, y - 1)));
  steep = gaussian(std::move(steep), 0.0, 10.0);
  const double typical = std::max(1e-6, quantile(steep.values, 0.8));
  for (float& v : steep.values) v /= static_cast<float>(typical);
  return band_contrast(steep, half);
}

Evidence ap_evidence(const Plane<float>& contrast, const Plane<float>& ladder) {
  const Plane<float> rough = roughness_band(contrast, 22);
  const Plane<State> pairs = edge_pairs(side_edges(contrast, 1.0), side_edges(contrast, -1.0), 15, 31);
  const Plane<float> band = band_contrast(contrast, 20), mirror = mirror_overlap(contrast), rungs = ladder_band(ladder, 20);
  Evidence evidence{Plane<float>(contrast.nx, contrast.ny), Plane<int>(contrast.nx, contrast.ny)};
  for (std::size_t n = 0; n < contrast.values.size(); ++n) {
    evidence.score.values[n] =
        pairs.values[n].score + 1.5F * rungs.values[n] + band.values[n] + 0.9F * mirror.values[n] + 1.5F * rough.values[n];
    evidence.half_width.values[n] = pairs.values[n].half_width;
  }
  return evidence;
}

Evidence lateral_evidence(const Plane<float>& contrast, const Plane<float>& ladder) {
  const Plane<State> pairs = edge_pairs(side_edges(contrast, 1.0), side_edges(contrast, -1.0), 13, 25);
  const Plane<float> band = band_contrast(contrast, 17), rungs = ladder_band(ladder, 17);
  Evidence evidence{Plane<float>(contrast.nx, contrast.ny), Plane<int>(contrast.nx, contrast.ny)};
  for (std::size_t n = 0; n < contrast.values.size(); ++n) {
    evidence.score.values[n] = 0.5F * pairs.values[n].score + 2.6F * rungs.values[n] + 0.5F * band.values[n];
    evidence.half_width.values[n] = pairs.values[n].half_width;
  }
  return evidence;
}

/// Mean evidence of each row step.
Plane<float> step_means(const Plane<float>& score) {
  Plane<float> means(score.nx, (score.ny + kRowStep - 1) / kRowStep, 0.F);
  for (int y = 0; y < means.ny; ++y)
    for (int x = 0; x < score.nx; ++x) {
      float sum = 0;
      for (int n = 0; n < kRowStep; ++n) sum += score.clamped(x, y * kRowStep + n);
      means.at(x, y) = sum / kRowStep;
    }
  return means;
}

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
        next[x * kSteps + s] = best + 3.F * own[x];
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

/// The width of a film's column: the edge pairs near the path vote in a window of 80 mm.
std::vector<double> widths_along(const Evidence& evidence, const std::vector<int>& path) {
  std::vector<double> widths(path.size());
  for (std::size_t row = 0; row < path.size(); ++row) {
    std::vector<float> seen;
    for (int off = -7; off <= 7; ++off) {
      const int other = static_cast<int>(row) + off;
      if (other < 0 || other >= static_cast<int>(path.size())) continue;
      seen.push_back(static_cast<float>(evidence.half_width.clamped(path[other], other * kRowStep)));
    }
    widths[row] = quantile(std::move(seen), 0.5);
  }
  return widths;
}

Column traced(const WorkingFilm& film, FilmView view, const Evidence& evidence) {
  const std::vector<int> path = best_path(step_means(evidence.score));
  const std::vector<double> widths = smoothed(widths_along(evidence, path), 4 * kSmooth_mm / kRowStep);
  const std::vector<double> smooth = smoothed(std::vector<double>(path.begin(), path.end()), kSmooth_mm / kRowStep);
  Column column;
  column.view = view;
  for (std::size_t row = 0; row < path.size(); ++row)
    column.score += evidence.score.clamped(path[row], static_cast<int>(row) * kRowStep) / static_cast<double>(path.size());
  const double per_working = WorkingFilm::kStep_mm / kGrid_mm;
  for (int y = 0; y < film.value.ny; ++y) {
    const double row = std::clamp(y * per_working / kRowStep - 0.5, 0.0, static_cast<double>(path.size() - 1));
    const auto at = static_cast<std::size_t>(row);
    const auto next = std::min(at + 1, path.size() - 1);
    const double share = row - static_cast<double>(at);
    column.centre_x.push_back((smooth[at] + share * (smooth[next] - smooth[at])) / per_working);
    column.half_width.push_back((widths[at] + share * (widths[next] - widths[at])) / per_working);
  }
  return column;
}

}  // namespace

Plane<float> without_dense_things(const WorkingFilm& film) {
  const auto px = [](double mm) { return static_cast<int>(std::lround(mm / WorkingFilm::kStep_mm)); };
  const Plane<float>& background = film.background;
  Plane<float> excess = film.value;
  for (std::size_t n = 0; n < excess.values.size(); ++n) excess.values[n] -= background.values[n];
  const RobustSpread spread = robust_spread(excess.values);
  const Plane<float> thick = dilated(opened(excess, px(kThinRadius_mm)), px(1.5));
  // Bone itself stands out by what the upper twentieth of the film does; cement and metal by more.
  const auto limit = static_cast<float>(std::max(spread.median + kDenseMad * spread.mad, 1.4 * quantile(thick.values, 0.95)));
  Plane<float> result = film.value;
  for (std::size_t n = 0; n < result.values.size(); ++n)
    if (thick.values[n] > limit) result.values[n] = std::min(result.values[n], background.values[n] + static_cast<float>(spread.median));
  return result;
}

Plane<float> local_contrast(const Plane<float>& value, double step_mm) {
  const Plane<float> mean = gaussian(value, kToneSd_mm / step_mm);
  Plane<float> square(value.nx, value.ny), result(value.nx, value.ny);
  for (std::size_t n = 0; n < value.values.size(); ++n) square.values[n] = std::pow(value.values[n] - mean.values[n], 2.F);
  const Plane<float> variance = gaussian(square, kToneSd_mm / step_mm);
  const double floor = 0.25 * quantile(variance.values, 0.5) + 1e-8;
  for (std::size_t n = 0; n < value.values.size(); ++n) {
    const double z = (value.values[n] - mean.values[n]) / std::sqrt(std::max<double>(variance.values[n], floor));
    result.values[n] = static_cast<float>(std::clamp(z, -kContrastLimit, kContrastLimit));
  }
  return result;
}

Plane<float> local_contrast(const WorkingFilm& film) {
  return local_contrast(resampled(without_dense_things(film), kGrid_mm / WorkingFilm::kStep_mm), kGrid_mm);
}

Plane<float> endplate_ladder(const Plane<float>& contrast, double length_mm) {
  constexpr double kMostTilt_deg = 35, kTiltStep_deg = 7;
  Plane<float> ladder(contrast.nx, contrast.ny, 0.F);
  const int half = static_cast<int>(length_mm / 2 / 2);
  for (double tilt_deg = -kMostTilt_deg; tilt_deg <= kMostTilt_deg; tilt_deg += kTiltStep_deg) {
    const double tilt = tilt_deg * std::numbers::pi / 180, ux = std::cos(tilt), uy = std::sin(tilt);
    Plane<float> across(contrast.nx, contrast.ny);
    for (int y = 0; y < contrast.ny; ++y)
      for (int x = 0; x < contrast.nx; ++x) across.at(x, y) = sample(contrast, x - uy, y + ux) - sample(contrast, x + uy, y - ux);
    std::vector<std::ptrdiff_t> offsets;
    for (int y = 0; y < contrast.ny; ++y)
      for (int x = 0; x < contrast.nx; ++x) {
        float sum = 0;
        for (int n = -half; n <= half; ++n)
          sum += across.clamped(x + static_cast<int>(std::lround(2 * n * ux)), y + static_cast<int>(std::lround(2 * n * uy)));
        ladder.at(x, y) = std::max(ladder.at(x, y), std::abs(sum) / static_cast<float>(2 * half + 1));
      }
  }
  return ladder;
}

Column find_column(const WorkingFilm& film, const Plane<float>& contrast, FilmView view) {
  const Plane<float> ladder = endplate_ladder(contrast, view == FilmView::lateral ? 22 : 18);
  const Skin skin = find_skin(film);
  if (view != FilmView::lateral) {
    Evidence evidence = ap_evidence(contrast, ladder);
    add_centre_cost(evidence.score, skin);
    return traced(film, view, evidence);
  }
  const Evidence evidence = lateral_evidence(contrast, ladder);
  Column best;
  for (const int sign : {1, -1}) {
    Evidence signed_evidence = evidence;
    add_skin_cost(signed_evidence.score, skin, sign);
    Column column = traced(film, view, signed_evidence);
    if (sign == 1 || column.score > best.score) best = std::move(column), best.posterior_sign = sign;
  }
  return best;
}

}  // namespace cemscope::imaging::radiograph
