#include "imaging/radiograph/film_findings.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kStep_mm = WorkingFilm::kStep_mm;

struct Placed {
  double u_mm, row, excess;
  int x, y;
};

std::vector<Placed> placed_pixels(const FilmSight& sight, const FilmLevel& level) {
  std::vector<Placed> placed;
  for (const int member : level.things)
    for (const auto& [x, y] : sight.things[member].pixels) {
      const Eigen::Vector2d at = sight.strip.course.place(x, y);
      placed.push_back({at.x(), at.y(), std::max(0.0, sight.relief.excess.at(x, y) - sight.relief.median), x, y});
    }
  return placed;
}

FilmLevel without(const FilmLevel& level, const std::vector<int>& members) {
  FilmLevel rest = level;
  std::erase_if(rest.things, [&](int member) { return std::find(members.begin(), members.end(), member) != members.end(); });
  return rest;
}

/// 0 at the upper endplate, 1 at the lower one.
double depth_in(const BodyBox& box, double u_mm, double row) {
  return (row - box.top_at(u_mm)) / std::max(1.0, box.bottom_at(u_mm) - box.top_at(u_mm));
}

double weighted_extent(std::vector<std::pair<double, double>> extents, double share) {
  std::sort(extents.begin(), extents.end(), std::greater<>());
  double total = 0, sum = 0;
  for (const auto& [extent, weight] : extents) total += weight;
  for (const auto& [extent, weight] : extents)
    if ((sum += weight) >= share * total) return extent;
  return 0;
}

/// Share of each cell's area that is covered; `n` cells across, for the depth range.
template <std::size_t N>
std::array<double, N> covered(const std::vector<Placed>& pixels, const BodyBox& box, double from, double to) {
  std::array<double, N> area{};
  const double cell = box.width_mm() / N * (to - from) * box.height_mm();
  for (const Placed& p : pixels) {
    const double depth = depth_in(box, p.u_mm, p.row), across = (p.u_mm - box.left_mm) / box.width_mm();
    if (depth < from || depth >= to || across < 0 || across >= 1) continue;
    area[static_cast<std::size_t>(across * N)] += kStep_mm * kStep_mm / cell;
  }
  return area;
}

}  // namespace

std::vector<int> detached_beside(const FilmSight& sight, const FilmLevel& level) {
  constexpr double kMostArea = 0.6, kLeastOff = 0.8, kFaintOff = 0.65, kFaintArea = 0.4, kFaintHeight = 0.75;
  double largest_mm2 = 0, highest = 0;
  for (const int member : level.things) {
    largest_mm2 = std::max(largest_mm2, sight.things[member].area_mm2);
    highest = std::max(highest, sight.things[member].plateau - sight.relief.median);
  }
  std::vector<int> detached;
  for (const int member : level.things) {
    const DenseThing& thing = sight.things[member];
    const double u_mm = sight.strip.course.place(thing.centre.x(), thing.centre.y()).x();
    const bool is_beside = std::abs(u_mm - level.box.midline_mm) > kLeastOff * 0.5 * level.box.width_mm();
    // A pedicle beside the deposit is small, fainter and lies well off the midline.
    const bool is_faint = std::abs(u_mm - level.box.midline_mm) > kFaintOff * 0.5 * level.box.width_mm() &&
                          thing.plateau - sight.relief.median < kFaintHeight * highest;
    if ((is_beside && thing.area_mm2 < kMostArea * largest_mm2) || (is_faint && thing.area_mm2 < kFaintArea * largest_mm2))
      detached.push_back(member);
  }
  return detached;
}

ApSpread ap_spread(const FilmSight& sight, const FilmLevel& level) {
  const BodyBox& box = level.box;
  const std::vector<Placed> pixels = placed_pixels(sight, without(level, detached_beside(sight, level)));
  ApSpread spread;
  double left = 0, right = 0;
  std::vector<std::pair<double, double>> left_reach, right_reach;
  int n_inside = 0;
  for (const Placed& p : pixels) {
    const double depth = depth_in(box, p.u_mm, p.row);
    if (depth < -0.1 || depth > 1.1 || p.u_mm < box.left_mm - 1 || p.u_mm > box.right_mm + 1) continue;
    ++n_inside;
    const double off = p.u_mm - box.midline_mm;
    (off < 0 ? left : right) += p.excess;
    left_reach.emplace_back(-off, p.excess), right_reach.emplace_back(off, p.excess);
  }
  if (left + right > 0) spread.minor_fraction = std::min(left, right) / (left + right);
  spread.reach_mm = std::max(0.0, weighted_extent(left < right ? left_reach : right_reach, 0.01));
  spread.reach_share = spread.reach_mm / (0.5 * box.width_mm());
  spread.fill = n_inside * kStep_mm * kStep_mm / (box.width_mm() * box.height_mm());
  spread.band_thirds = covered<3>(pixels, box, 0.0, 1.0 / 3);
  spread.lower_thirds = covered<3>(pixels, box, 2.0 / 3, 1.0);
  return spread;
}

LateralSpread lateral_spread(const FilmSight& sight, const FilmLevel& level) {
  const BodyBox& box = level.box;
  const std::vector<Placed> pixels = placed_pixels(sight, level);
  LateralSpread spread;
  spread.band_halves = covered<2>(pixels, box, 0.0, 1.0 / 3), spread.lower_halves = covered<2>(pixels, box, 2.0 / 3, 1.0);
  const std::array<double, 1> all = covered<1>(pixels, box, 0.0, 1.0);
  spread.fill = all[0];
  if (sight.column.posterior_sign < 0)
    std::swap(spread.band_halves[0], spread.band_halves[1]), std::swap(spread.lower_halves[0], spread.lower_halves[1]);
  return spread;
}

}  // namespace cemscope::imaging::radiograph
