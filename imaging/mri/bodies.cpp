#include "imaging/mri/bodies.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "imaging/mri/muscle_field.h"
#include "imaging/mri/settled_bodies.h"
#include "imaging/spine/smoothing.h"

namespace cemscope::imaging::mri {

float sample(const Grid<float>& logs, double x, double row, int z) {
  const double u = std::clamp(x, 0.0, logs.nx - 1.001), v = std::clamp(row, 0.0, logs.ny - 1.001);
  const int i = static_cast<int>(u), j = static_cast<int>(v);
  const auto s = static_cast<float>(u - i), t = static_cast<float>(v - j);
  const float top = logs.at(i, j, z) * (1 - s) + logs.at(i + 1, j, z) * s,
              bottom = logs.at(i, j + 1, z) * (1 - s) + logs.at(i + 1, j + 1, z) * s;
  return top * (1 - t) + bottom * t;
}

namespace {

constexpr double kFront_mm = 13, kDepth_mm = 22;  // the bodies behind which the canal's centre runs: 13-35 mm in front of it
constexpr std::array<double, 7> kTilts{-0.36, -0.24, -0.12, 0.0, 0.12, 0.24, 0.36};
constexpr std::array<double, 4> kHalves_mm{2.0, 3.0, 4.5, 6.0};
constexpr double kGrowthPerMm = 0.028;        // of a level's height: 1 mm a level from T10 to L5 (Panjabi et al. 1992)
constexpr int kLeast_mm = 12, kMost_mm = 46;  // from disc to disc: a crushed T10, an L4 of a tall man

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

/// How far apart discs are expected: `at_middle_mm` in the middle of the field, more below.
struct Spacing {
  double at_middle_mm = 31, per_mm = kGrowthPerMm, width_mm = 8;
  [[nodiscard]] double at(double row, int n_rows) const { return at_middle_mm + per_mm * (row - 0.5 * n_rows); }
};

// How far the signal of the spine's middle at `row` goes on to the front and to the back, in mm: to the cortex in a body, to the dark ring
// in a disc.
double reach_at(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal, int row, double tilt) {
  constexpr int kFirst_mm = 6, kLast_mm = 44, kMiddleFirst = 19 - kFirst_mm, kMiddleLast = 27 - kFirst_mm;
  constexpr double kSame = 0.35;
  const int middle = static_cast<int>(std::lround(canal.slice[static_cast<std::size_t>(row)]));
  std::vector<double> line;
  for (int front = kFirst_mm; front <= kLast_mm; ++front) {
    const auto point = body_point(canal, row, front, tilt);
    double sum = 0;
    int n = 0;
    for (int z = std::max(0, middle - 1); z <= std::min(stack.signal.nz - 1, middle + 1); ++z)
      for (double offset = -1; offset <= 1; offset += 1) sum += sample(logs, point.x, point.row + offset, z), ++n;
    line.push_back(sum / n);
  }
  const double level = mean_between(line, kMiddleFirst, kMiddleLast);
  const auto is_same = [&](int n) { return std::abs(line[static_cast<std::size_t>(n)] - level) < kSame; };
  int first = kMiddleFirst, last = kMiddleLast;
  while (first > 0 && is_same(first - 1)) --first;
  while (last < kLast_mm - kFirst_mm && is_same(last + 1)) ++last;
  return last - first + 1;
}

// The farthest over three tilts: a crushed body is a wedge.
std::vector<double> reaches(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal) {
  std::vector<double> result;
  for (int y = 0; y < logs.ny; ++y)
    result.push_back(
        std::max({reach_at(logs, stack, canal, y, -0.24), reach_at(logs, stack, canal, y, 0), reach_at(logs, stack, canal, y, 0.24)}));
  return spine::running_median(result, 1);
}

// 0 where the signal reaches as far as in the bodies near by, 1 where it ends 9 mm before, as a disc's does at its dark ring. Oedema goes
// on to the cortex.
std::vector<double> ringed_rows(const Grid<float>& logs, const SagittalStack& stack, const CanalCourse& canal) {
  constexpr int kNear = 45;
  constexpr double kTolerance_mm = 3, kClear_mm = 6;
  const Spacing expected;  // bodies are about as deep as they are apart; beyond a dark body the signal may go on
  const auto reach = reaches(logs, stack, canal);
  std::vector<double> ringed(reach.size());
  const int n_rows = static_cast<int>(reach.size());
  for (int y = 0; y < n_rows; ++y) {
    const auto begin = reach.begin() + std::max(0, y - kNear), end = reach.begin() + std::min(n_rows, y + kNear + 1);
    const double usual = std::min(spine::quantile(std::vector<double>(begin, end), 0.7), expected.at(y, n_rows));
    ringed[static_cast<std::size_t>(y)] = std::clamp((usual - reach[static_cast<std::size_t>(y)] - kTolerance_mm) / kClear_mm, 0.0, 1.0);
  }
  return ringed;
}

// How much surer the map is of a disc than of a body along lines tilted by `tilt`, by row.
std::vector<double> mapped_discs(const BodyMap& map, double tilt, int n_rows) {
  std::vector<double> profile;
  for (int y = 0; y < n_rows; ++y) profile.push_back(0.5 * (odds_along(map.disc, y, tilt) - odds_along(map.body, y, tilt)));
  return profile;
}

// What the map has for a disc of this height at a row: against what lies beyond its edges.
double mapped_contrast(const std::vector<double>& mapped, int row, double half) {
  const double beside = mean_between(mapped, row - half - 8, row - half - 2) + mean_between(mapped, row + half + 2, row + half + 8);
  return mean_between(mapped, row - half + 1, row + half - 1) - 0.5 * beside;
}

/// The best disc centred on every row.
std::vector<Disc> discs_by_row(const Grid<float>& image, const BodyMap& map) {
  constexpr double kMapped = 0.5, kNoDisc = 2;
  std::vector<Disc> discs(static_cast<std::size_t>(image.ny));
  for (auto& disc : discs) disc.score = -1e9;
  for (const double tilt : kTilts) {
    const auto edge = relative_edges(edges(image, tilt));
    const auto mapped = mapped_discs(map, tilt, image.ny);
    for (int y = 0; y < image.ny; ++y)
      for (const double half : kHalves_mm) {
        const double upper = edge_near(edge, y - half), lower = edge_near(edge, y + half);
        const double bodies = 0.5 * (mean_between(edge, y - half - 12, y - half - 4) + mean_between(edge, y + half + 4, y + half + 12));
        const double score = 4 * (0.6 * std::min(upper, lower) + 0.2 * (upper + lower) - bodies) - 0.6 * std::abs(tilt) -
                             0.12 * std::abs(half - 4) + kMapped * (mapped_contrast(mapped, y, half) - kNoDisc);
        auto& disc = discs[static_cast<std::size_t>(y)];
        if (score > disc.score) disc = {static_cast<double>(y), tilt, half, score};
      }
  }
  return discs;
}

/// What speaks for disc or body, by row, 0 to 1.
struct RowLooks {
  std::vector<double> ringed;  // a disc
  std::vector<double> oedema;  // a body, crushed perhaps; empty when not known yet
};

// Chain of discs with the greatest sum of scores; steps near those before and near the usual one cost least.
std::vector<Disc> best_chain(const std::vector<Disc>& discs, const RowLooks& rows, const Spacing& spacing) {
  constexpr int kSteps = kMost_mm - kLeast_mm + 1;
  constexpr double kChangeWidth = 5, kOffset = 0.4, kRinged = 1.0, kOedema = 2.5, kCrushed = 0.25;
  const int n = static_cast<int>(discs.size());
  std::vector<std::array<double, kSteps>> best(discs.size());
  std::vector<std::array<int, kSteps>> came(discs.size());
  double top = -1e9;
  int top_row = 0, top_step = 0;
  for (int y = 0; y < n; ++y)
    for (int step = 0; step < kSteps; ++step) {
      const auto& disc = discs[static_cast<std::size_t>(y)];
      const double own = disc.score - kOffset - kOedema * mean_between(rows.oedema, y - disc.half_mm, y + disc.half_mm);
      const double usual = (step + kLeast_mm - spacing.at(y, n)) / spacing.width_mm;
      best[static_cast<std::size_t>(y)][static_cast<std::size_t>(step)] = own,
      came[static_cast<std::size_t>(y)][static_cast<std::size_t>(step)] = -1;
      const int before = y - step - kLeast_mm;
      const double middle = y - 0.5 * (step + kLeast_mm);
      const double is_no_body = kRinged * mean_between(rows.ringed, middle - 3, middle + 3);
      const bool may_be_crushed = usual < 0 && mean_between(rows.oedema, middle - 2, middle + 2) > 0.5;
      const double trust = may_be_crushed ? kCrushed : 1.0;
      if (before >= 0)
        for (int last = 0; last < kSteps; ++last) {
          const double change = (step - last) / kChangeWidth,
                       earlier = best[static_cast<std::size_t>(before)][static_cast<std::size_t>(last)];
          const bool is_first = came[static_cast<std::size_t>(before)][static_cast<std::size_t>(last)] < 0;
          const double value = own + earlier - is_no_body -
                               trust * (0.35 * std::min(4.0, usual * usual) + (is_first ? 0.0 : 0.35 * std::min(2.0, change * change)));
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

// The patient's own spacing: the median step of a first chain, growing downwards as lumbar bodies and discs do.
Spacing spacing_of(const std::vector<Disc>& chain, int n_rows) {
  constexpr std::size_t kLeastSteps = 4;
  std::vector<double> at_middle;
  for (std::size_t n = 1; n < chain.size(); ++n)
    at_middle.push_back(chain[n].row - chain[n - 1].row - kGrowthPerMm * (0.5 * (chain[n].row + chain[n - 1].row) - 0.5 * n_rows));
  if (at_middle.size() < kLeastSteps) return {};
  return {std::clamp(spine::quantile(at_middle, 0.5), 24.0, 40.0), kGrowthPerMm, 6};
}

// What was learned of discs' surroundings counts beside the edges and the ring of each.
void favour_learned_places(std::vector<Disc>& discs, const std::vector<double>& log_odds) {
  constexpr double kWeight = 0.5, kNeutral = -2.2, kLeast = -6, kMost = 4;
  for (std::size_t y = 0; y < discs.size(); ++y) discs[y].score += kWeight * (std::clamp(log_odds[y], kLeast, kMost) - kNeutral);
}

void favour_ringed_discs(std::vector<Disc>& discs, const std::vector<double>& ringed) {
  constexpr double kMost = 0.8;
  for (Disc& disc : discs) disc.score += kMost * mean_between(ringed, disc.row - 1, disc.row + 1);
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

// 1 in rows that are brighter than discs and not ringed: bodies full of oedema, however crushed.
std::vector<double> oedema_rows(const std::vector<Disc>& chain, const std::vector<double>& levels, const std::vector<double>& ringed) {
  constexpr double kBrighter = 0.25, kClear = 0.3;
  auto unringed = levels;
  for (std::size_t y = 0; y < levels.size(); ++y) unringed[y] *= 1 - ringed[y];
  std::vector<double> usual;
  for (const Disc& disc : chain) usual.push_back(mean_between(unringed, disc.row - 1.5, disc.row + 1.5));
  const double limit = std::max(0.0, spine::quantile(usual, 0.5)) + kBrighter;
  for (double& level : unringed) level = std::clamp((level - limit) / kClear, 0.0, 1.0);
  return unringed;
}

MrBody body_between(const Disc* above, const Disc* below, const CanalCourse& canal, int n_rows) {
  MrBody body;
  body.is_cut = !above || !below;
  body.top_row = above ? above->row + above->half_mm : 0;
  body.bottom_row = below ? below->row - below->half_mm : n_rows - 1;
  body.top_tilt = above ? above->tilt : below->tilt;
  body.bottom_tilt = below ? below->tilt : above->tilt;
  stand_between_edges(body, canal);
  return body;
}

/// What a body is held against.
struct Usual {
  Spacing spacing;
  double disc_level = 0;  // of the patient's discs, as row_levels
};

bool may_be_disc(const MrBody& body, const std::vector<double>& ringed, const std::vector<double>& levels, const Usual& usual) {
  constexpr double kLow = 0.62, kLowAtEnd = 0.7, kRinged = 0.5, kEnd_mm = 30,
                   kBrighter = 0.25;  // a body is 0.75-0.8 of the way from disc to disc
  constexpr double kMapped = 0.75, kLeastMappedDisc = 0.2;
  if (body.mapped_share > kMapped || body.mapped_disc_share < kLeastMappedDisc) return false;
  const int n_rows = static_cast<int>(ringed.size());
  const double middle = 0.5 * (body.top_row + body.bottom_row), quarter = 0.25 * (body.bottom_row - body.top_row);
  const double spacing = usual.spacing.at(middle, n_rows);
  const bool is_at_end = body.is_cut || body.top_row < kEnd_mm || body.bottom_row > n_rows - kEnd_mm;
  if (body.height_mm > (is_at_end ? kLowAtEnd : kLow) * spacing) return false;
  if (body.is_cut) return true;
  if (!is_at_end && mean_between(ringed, middle - quarter, middle + quarter) < kRinged) return false;
  double brightest = -1e9;
  for (double row = middle - quarter; row <= middle + quarter; row += 1)
    brightest = std::max(brightest, mean_between(levels, row - 2, row + 2));
  return brightest < usual.disc_level + kBrighter;
}

void mark_beyond(std::vector<MrBody>& bodies) {
  constexpr double kLeastMapped = 0.25;
  const auto mark = [](auto first, auto last) {
    for (; first != last && first->mapped_share < kLeastMapped; ++first) first->is_beyond = true;
  };
  mark(bodies.begin(), bodies.end());
  mark(bodies.rbegin(), bodies.rend());
}

}  // namespace

BodyPoint body_point(const CanalCourse& canal, double row, double front_mm, double tilt) {
  const auto n = static_cast<std::size_t>(std::clamp(row, 0.0, static_cast<double>(canal.x_mm.size()) - 1.0));
  const double slope = canal.lean[n], length = std::sqrt(1 + slope * slope);
  return {canal.x_mm[n] - front_mm / length, row + front_mm * slope / length + tilt * (front_mm - kAxis_mm)};
}

CoursePoint course_point(const CanalCourse& canal, double x, double row) {
  constexpr int kRounds = 6;  // the lean changes slowly
  CoursePoint at{0, row};
  for (int n = 0; n < kRounds; ++n) {
    const auto y = static_cast<std::size_t>(std::clamp(at.row, 0.0, static_cast<double>(canal.x_mm.size()) - 1.0));
    const double slope = canal.lean[y], length = std::sqrt(1 + slope * slope);
    at.front_mm = (canal.x_mm[y] - x) * length, at.row = row - at.front_mm * slope / length;
  }
  return at;
}

double tilted_odds_at(const Grid<float>& map, double row, double front_mm, double tilt) {
  return log_odds_at(map, front_mm, row + tilt * (front_mm - kAxis_mm));
}

double odds_along(const Grid<float>& map, double row, double tilt) {
  constexpr double kFirst_mm = 15, kLast_mm = 33, kStep_mm = 2;
  double sum = 0;
  int n = 0;
  for (double front = kFirst_mm; front <= kLast_mm; front += kStep_mm, ++n) sum += tilted_odds_at(map, row, front, tilt);
  return sum / n;
}

std::vector<MrBody> find_bodies(const SagittalStack& stack, const CanalCourse& canal, const RowEvidence& evidence, const BodyMap& map) {
  const auto logs = log_signal(stack);
  const int n_rows = logs.ny;
  const auto image = straightened(logs, stack, canal);
  auto discs = discs_by_row(image, map);
  RowLooks rows{ringed_rows(logs, stack, canal), {}};
  favour_ringed_discs(discs, rows.ringed);
  favour_learned_places(discs, evidence.disc);
  const auto first = best_chain(discs, rows, {});
  const auto levels = row_levels(image);
  rows.oedema = oedema_rows(first, levels, rows.ringed);
  const auto chain = best_chain(discs, rows, spacing_of(first, n_rows));
  std::vector<MrBody> bodies;
  if (chain.front().row - chain.front().half_mm > 9) bodies.push_back(body_between(nullptr, &chain.front(), canal, n_rows));
  for (std::size_t n = 0; n + 1 < chain.size(); ++n) bodies.push_back(body_between(&chain[n], &chain[n + 1], canal, n_rows));
  if (n_rows - chain.back().row - chain.back().half_mm > 9) bodies.push_back(body_between(&chain.back(), nullptr, canal, n_rows));
  for (MrBody& body : bodies) settle_on_map(body, map, canal);
  mark_beyond(bodies);
  std::vector<double> disc_levels;
  for (const Disc& disc : chain) disc_levels.push_back(mean_between(levels, disc.row - 1.5, disc.row + 1.5));
  const Usual usual{spacing_of(chain, n_rows), spine::quantile(disc_levels, 0.5)};
  for (MrBody& body : bodies) body.may_be_disc = may_be_disc(body, rows.ringed, levels, usual);
  return bodies;
}

}  // namespace cemscope::imaging::mri
