#include "imaging/mri/bodies.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "imaging/mri/muscle_field.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::mri {
namespace {

constexpr double kFront_mm = 13, kDepth_mm = 22, kAxis_mm = 24;  // the bodies behind which the canal's centre runs: 13-35 mm in front of it
constexpr std::array<double, 7> kTilts{-0.36, -0.24, -0.12, 0.0, 0.12, 0.24, 0.36};
constexpr std::array<double, 4> kHalves_mm{2.0, 3.0, 4.5, 6.0};
constexpr int kLeast_mm = 12, kMost_mm = 46;  // from disc to disc: a crushed T10, an L4 of a tall man
constexpr double kUsual_mm = 31;

float sample(const Grid<float>& logs, double x, double row, int z) {
  const double u = std::clamp(x, 0.0, logs.nx - 1.001), v = std::clamp(row, 0.0, logs.ny - 1.001);
  const int i = static_cast<int>(u), j = static_cast<int>(v);
  const auto s = static_cast<float>(u - i), t = static_cast<float>(v - j);
  const float top = logs.at(i, j, z) * (1 - s) + logs.at(i + 1, j, z) * s,
              bottom = logs.at(i, j + 1, z) * (1 - s) + logs.at(i + 1, j + 1, z) * s;
  return top * (1 - t) + bottom * t;
}

/// Signal along lines square to the canal, [row][mm in front], the mean of the middle slices.
Grid<float> straightened(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal) {
  const int n_depth = static_cast<int>(kDepth_mm) + 1;
  Grid<float> result(n_depth, logs.ny, 1);
  const int reach = std::max(0, static_cast<int>(std::lround(5.0 / stack.slice_mm)));
  for (int y = 0; y < logs.ny; ++y) {
    const int middle = static_cast<int>(std::lround(canal.slice[static_cast<std::size_t>(y)]));
    for (int a = 0; a < n_depth; ++a) {
      const auto point = body_point(canal, y, kFront_mm + a, 0);
      float sum = 0;
      int n = 0;
      for (int z = std::max(0, middle - reach); z <= std::min(logs.nz - 1, middle + reach); ++z)
        sum += sample(logs, point.x, point.row, z), ++n;
      result.at(a, y, 0) = sum / static_cast<float>(n);
    }
  }
  return result;
}

// Strength of an edge in every row, for lines tilted by `tilt` rows per mm.
std::vector<double> edges(const Grid<float>& image, double tilt) {
  std::vector<double> profile(static_cast<std::size_t>(image.ny));
  for (int y = 0; y < image.ny; ++y) {
    double sum = 0;
    for (int a = 2; a < image.nx; ++a) {
      const double row = std::clamp(y + tilt * (a + kFront_mm - kAxis_mm), 0.0, image.ny - 1.001);
      const int j = static_cast<int>(row);
      sum += image.at(a, j, 0) + (row - j) * (image.at(a, j + 1, 0) - image.at(a, j, 0));
    }
    profile[static_cast<std::size_t>(y)] = sum / (image.nx - 2);
  }
  std::vector<double> edge(profile.size(), 0.0);
  for (std::size_t y = 1; y + 1 < profile.size(); ++y) edge[y] = std::abs(profile[y + 1] - profile[y - 1]);
  return spine::gaussian_smooth(edge, 1.0);
}

double mean_between(const std::vector<double>& values, double low, double high) {
  double sum = 0;
  int n = 0;
  for (int i = std::max(0, static_cast<int>(low)); i <= std::min(static_cast<int>(values.size()) - 1, static_cast<int>(high)); ++i)
    sum += values[static_cast<std::size_t>(i)], ++n;
  return n > 0 ? sum / n : 0;
}

double edge_near(const std::vector<double>& edge, double row) {
  double best = 0;
  for (int i = static_cast<int>(std::floor(row)); i <= static_cast<int>(std::ceil(row)); ++i)
    if (i >= 0 && i < static_cast<int>(edge.size())) best = std::max(best, edge[static_cast<std::size_t>(i)]);
  return best;
}

// From 0 to 1 and half at the usual strength near by: a bright body's edges weigh no more than others, and those far from the coil as much.
std::vector<double> relative_edges(std::vector<double> edge) {
  const auto usual = spine::gaussian_smooth(edge, 35);
  for (std::size_t y = 0; y < edge.size(); ++y) edge[y] /= edge[y] + usual[y] + 1e-6;
  return edge;
}

/// The best disc centred on every row.
std::vector<Disc> discs_by_row(const Grid<float>& image) {
  std::vector<Disc> discs(static_cast<std::size_t>(image.ny));
  for (auto& disc : discs) disc.score = -1e9;
  for (const double tilt : kTilts) {
    const auto edge = relative_edges(edges(image, tilt));
    for (int y = 0; y < image.ny; ++y)
      for (const double half : kHalves_mm) {
        const double upper = edge_near(edge, y - half), lower = edge_near(edge, y + half);
        const double bodies = 0.5 * (mean_between(edge, y - half - 12, y - half - 4) + mean_between(edge, y + half + 4, y + half + 12));
        const double score =
            4 * (0.6 * std::min(upper, lower) + 0.2 * (upper + lower) - bodies) - 0.6 * std::abs(tilt) - 0.12 * std::abs(half - 4);
        auto& disc = discs[static_cast<std::size_t>(y)];
        if (score > disc.score) disc = {static_cast<double>(y), tilt, half, score};
      }
  }
  return discs;
}

// Chain of discs with the greatest sum of scores; steps near those before and near the usual one cost least.
std::vector<Disc> best_chain(const std::vector<Disc>& discs) {
  constexpr int kSteps = kMost_mm - kLeast_mm + 1;
  constexpr double kUsualWidth = 8, kChangeWidth = 5, kOffset = 0.4;
  const int n = static_cast<int>(discs.size());
  std::vector<std::array<double, kSteps>> best(discs.size());
  std::vector<std::array<int, kSteps>> came(discs.size());
  double top = -1e9;
  int top_row = 0, top_step = 0;
  for (int y = 0; y < n; ++y)
    for (int step = 0; step < kSteps; ++step) {
      const double own = discs[static_cast<std::size_t>(y)].score - kOffset;
      const double usual = (step + kLeast_mm - kUsual_mm) / kUsualWidth;
      best[static_cast<std::size_t>(y)][static_cast<std::size_t>(step)] = own,
      came[static_cast<std::size_t>(y)][static_cast<std::size_t>(step)] = -1;
      const int before = y - step - kLeast_mm;
      if (before >= 0)
        for (int last = 0; last < kSteps; ++last) {
          const double change = (step - last) / kChangeWidth,
                       earlier = best[static_cast<std::size_t>(before)][static_cast<std::size_t>(last)];
          const bool is_first = came[static_cast<std::size_t>(before)][static_cast<std::size_t>(last)] < 0;
          const double value =
              own + earlier - 0.35 * std::min(4.0, usual * usual) - (is_first ? 0.0 : 0.35 * std::min(2.0, change * change));
          if (value > best[static_cast<std::size_t>(y)][static_cast<std::size_t>(step)])
            best[static_cast<std::size_t>(y)][static_cast<std::size_t>(step)] = value,
            came[static_cast<std::size_t>(y)][static_cast<std::size_t>(step)] = last;
        }
      if (best[static_cast<std::size_t>(y)][static_cast<std::size_t>(step)] > top)
        top = best[static_cast<std::size_t>(y)][static_cast<std::size_t>(step)], top_row = y, top_step = step;
    }
  std::vector<Disc> chain;
  for (int y = top_row, step = top_step;;) {
    chain.push_back(discs[static_cast<std::size_t>(y)]);
    const int last = came[static_cast<std::size_t>(y)][static_cast<std::size_t>(step)];
    if (last < 0) break;
    y -= step + kLeast_mm, step = last;
  }
  std::reverse(chain.begin(), chain.end());
  return chain;
}

// Mean signal of every row of the straightened spine over the usual one within 50 mm, in logarithms.
std::vector<double> row_levels(const Grid<float>& image) {
  std::vector<double> levels(static_cast<std::size_t>(image.ny));
  for (int y = 0; y < image.ny; ++y) {
    double sum = 0;
    for (int a = 2; a < image.nx; ++a) sum += image.at(a, y, 0);
    levels[static_cast<std::size_t>(y)] = sum / (image.nx - 2);
  }
  const auto usual = spine::running_median(levels, 50);
  for (std::size_t y = 0; y < levels.size(); ++y) levels[y] -= usual[y];
  return levels;
}

// A crushed body full of oedema looks like a disc, but brighter than the others: such places lose score.
void doubt_bright_discs(std::vector<Disc>& discs, const std::vector<Disc>& chain, const std::vector<double>& levels) {
  constexpr double kBrighter = 0.25, kPerLog = 4.0, kMost = 1.5;
  std::vector<double> usual;
  for (const Disc& disc : chain) usual.push_back(mean_between(levels, disc.row - 1.5, disc.row + 1.5));
  const double limit = spine::quantile(usual, 0.5) + kBrighter;
  for (Disc& disc : discs) disc.score -= std::clamp(kPerLog * (mean_between(levels, disc.row - 1.5, disc.row + 1.5) - limit), 0.0, kMost);
}

// Whether oedema fills the place from front to back: a bright disc has a dark ring.
bool is_filled(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal, const Disc& disc, double limit) {
  constexpr double kFrom_mm = 12, kTo_mm = 36, kFilled = 0.7;
  int n = 0, n_bright = 0;
  const int middle = static_cast<int>(std::lround(canal.slice[static_cast<std::size_t>(disc.row)]));
  for (int z = std::max(0, middle - 1); z <= std::min(stack.signal.nz - 1, middle + 1); ++z)
    for (double front = kFrom_mm; front <= kTo_mm; front += 1)
      for (double offset = -1; offset <= 1; offset += 1) {
        const auto point = body_point(canal, std::clamp(disc.row + offset, 0.0, logs.ny - 1.0), front, disc.tilt);
        ++n, n_bright += sample(logs, point.x, point.row, z) > limit ? 1 : 0;
      }
  return n_bright >= kFilled * n;
}

// A "disc" at least 9 mm high, twice as bright as the bodies, brighter than the other discs and filled from front to back, is a crushed
// body between two discs of its own.
std::vector<Disc> with_crushed_bodies(const std::vector<Disc>& chain, const Grid<float>& logs, const SagittalStack& stack,
                                      const CanalCourse& canal, const Grid<float>& image) {
  constexpr double kHigh_mm = 4.5, kBright = 0.8, kOverDiscs = 0.7, kThinDisc_mm = 2.0;
  const auto levels = row_levels(image);
  const auto level_of = [&](const Disc& disc) { return mean_between(levels, disc.row - 1.5, disc.row + 1.5); };
  std::vector<double> discs;
  for (const Disc& disc : chain) discs.push_back(level_of(disc));
  const double usual_disc = spine::quantile(discs, 0.5);
  std::vector<Disc> result;
  for (std::size_t n = 0; n < chain.size(); ++n) {
    const Disc& disc = chain[n];
    std::vector<double> bodies;
    for (const std::size_t m : {n, n + 1}) {
      if (m == 0 || m >= chain.size()) continue;
      for (int y = static_cast<int>(chain[m - 1].row + chain[m - 1].half_mm) + 2; y < chain[m].row - chain[m].half_mm - 2; ++y)
        for (int a = 2; a < image.nx; a += 3) bodies.push_back(image.at(a, y, 0));
    }
    const bool is_high = disc.half_mm >= kHigh_mm && !bodies.empty() && level_of(disc) > usual_disc + kOverDiscs;
    if (!is_high || !is_filled(logs, stack, canal, disc, spine::quantile(bodies, 0.4) + kBright)) {
      result.push_back(disc);
      continue;
    }
    Disc above = disc, below = disc;
    above.row -= disc.half_mm + kThinDisc_mm, below.row += disc.half_mm + kThinDisc_mm;
    above.half_mm = below.half_mm = kThinDisc_mm;
    result.push_back(above), result.push_back(below);
  }
  return result;
}

MrBody body_between(const Disc* above, const Disc* below, const CanalCourse& canal, int n_rows) {
  MrBody body;
  body.is_cut = !above || !below;
  body.top_row = above ? above->row + above->half_mm : 0;
  body.bottom_row = below ? below->row - below->half_mm : n_rows - 1;
  body.top_tilt = above ? above->tilt : below->tilt;
  body.bottom_tilt = below ? below->tilt : above->tilt;
  const double row = 0.5 * (body.top_row + body.bottom_row);
  const auto centre = body_point(canal, row, kAxis_mm, 0);
  body.centre_x = centre.x, body.centre_row = centre.row;
  body.centre_slice = canal.slice[static_cast<std::size_t>(std::clamp(row, 0.0, n_rows - 1.0))];
  const double slope = canal.slope[static_cast<std::size_t>(std::clamp(row, 0.0, n_rows - 1.0))];
  body.height_mm = (body.bottom_row - body.top_row) * std::sqrt(1 + slope * slope);
  return body;
}

}  // namespace

BodyPoint body_point(const CanalCourse& canal, double row, double front_mm, double tilt) {
  const auto n = static_cast<std::size_t>(std::clamp(row, 0.0, static_cast<double>(canal.x_mm.size()) - 1.0));
  const double slope = canal.slope[n], length = std::sqrt(1 + slope * slope);
  return {canal.x_mm[n] - front_mm / length, row + front_mm * slope / length + tilt * (front_mm - kAxis_mm)};
}

std::vector<MrBody> find_bodies(const SagittalStack& stack, const CanalCourse& canal) {
  const auto logs = log_signal(stack);
  const int n_rows = logs.ny;
  const auto image = straightened(logs, stack, canal);
  auto discs = discs_by_row(image);
  doubt_bright_discs(discs, best_chain(discs), row_levels(image));
  const auto chain = with_crushed_bodies(best_chain(discs), logs, stack, canal, image);
  std::vector<MrBody> bodies;
  if (chain.front().row - chain.front().half_mm > 9) bodies.push_back(body_between(nullptr, &chain.front(), canal, n_rows));
  for (std::size_t n = 0; n + 1 < chain.size(); ++n) bodies.push_back(body_between(&chain[n], &chain[n + 1], canal, n_rows));
  if (n_rows - chain.back().row - chain.back().half_mm > 9) bodies.push_back(body_between(&chain.back(), nullptr, canal, n_rows));
  return bodies;
}

}  // namespace cemscope::imaging::mri
