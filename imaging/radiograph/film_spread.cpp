#include "imaging/radiograph/film_findings.h"
#include "imaging/radiograph/filters.h"
#include "imaging/radiograph/shadow_outline.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kStep_mm = WorkingFilm::kStep_mm;
constexpr double kUsualFrontAndBack = -3.02;  // mean of the logarithms' sum

struct Placed {
  double u_mm, row, excess;
};

std::vector<Placed> placed_pixels(const FilmSight& sight, const FilmLevel& level) {
  std::vector<Placed> placed;
  for (const int member : level.things)
    for (const auto& [x, y] : sight.things[member].pixels) {
      const Eigen::Vector2d at = sight.strip.course.place(x, y);
      placed.push_back({at.x(), at.y(), std::max(0.0, sight.relief.excess.at(x, y) - sight.relief.median)});
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

}  // namespace

std::vector<int> detached_beside(const FilmSight& sight, const FilmLevel& level) {
  constexpr double kMostArea = 0.6, kLeastOff = 0.75, kFaintOff = 0.65, kFaintArea = 0.4, kFaintHeight = 0.75;
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

namespace {

/// u in mm and how much cement.
using Amount = std::pair<double, double>;

ApSpread spread_about(const BodyBox& box, const std::vector<Amount>& amounts) {
  double left = 0, right = 0;
  std::vector<std::pair<double, double>> left_reach, right_reach;
  for (const auto& [u_mm, amount] : amounts) {
    const double off = u_mm - box.midline_mm;
    (off < 0 ? left : right) += amount;
    left_reach.emplace_back(-off, amount), right_reach.emplace_back(off, amount);
  }
  ApSpread spread;
  if (left + right > 0) spread.minor_fraction = std::min(left, right) / (left + right);
  spread.reach_mm = std::max(0.0, weighted_extent(left < right ? left_reach : right_reach, 0.01));
  spread.reach_share = spread.reach_mm / (0.5 * box.width_mm());
  return spread;
}

}  // namespace

ApSpread ap_spread(const FilmSight& sight, const FilmLevel& level) {
  const BodyBox& box = level.box;
  std::vector<Amount> amounts;
  for (const Placed& p : placed_pixels(sight, without(level, detached_beside(sight, level)))) {
    const double depth = depth_in(box, p.u_mm, p.row);
    if (depth >= -0.1 && depth <= 1.1 && p.u_mm >= box.left_mm - 1 && p.u_mm <= box.right_mm + 1) amounts.emplace_back(p.u_mm, p.excess);
  }
  return spread_about(box, amounts);
}

ApSpread shadow_ap_spread(const FilmSight& sight, const FilmLevel& level) {
  const FilmShadows& shadows = sight.shadows;
  const std::vector<ShadowColumn> columns = shadow_columns(shadows, level.box);
  Plane<float> beside(shadows.body.nx, shadows.body.ny, 0.F);
  for (const int member : detached_beside(sight, level))
    for (const auto& [x, y] : sight.things[member].pixels) {
      const Eigen::Vector2i px = shadows.grid.pixel(sight.strip.course.place(x, y));
      if (beside.contains(px.x(), px.y())) beside.at(px.x(), px.y()) = 1.F;
    }
  beside = dilated(beside, 1);
  std::vector<Amount> amounts;
  for (int x = 0; x < shadows.body.nx; ++x)
    for (int y = columns[static_cast<std::size_t>(x)].top; y <= columns[static_cast<std::size_t>(x)].bottom; ++y) {
      if (beside.at(x, y) > 0) continue;
      const Eigen::Vector2d place = shadows.grid.place(x, y), at = sight.strip.course.working(place.x(), place.y());
      const double excess = sample(sight.relief.excess, at.x(), at.y()) - sight.relief.median;
      amounts.emplace_back(place.x(), std::max(0.0, excess) * probability(shadows.cement.at(x, y)));
    }
  return spread_about(level.box, amounts);
}

ShadowSpread shadow_spread(const FilmShadows& shadows, const BodyBox& box) {
  const std::vector<ShadowColumn> columns = shadow_columns(shadows, box);
  const auto [first, last] = span_of(columns);
  ShadowSpread spread;
  std::array<std::array<int, 3>, 3> n{};
  for (int x = first; x <= last; ++x) {
    const ShadowColumn& column = columns[static_cast<std::size_t>(x)];
    for (int y = column.top; y <= column.bottom; ++y) {
      const auto down = static_cast<std::size_t>(3 * (y - column.top) / column.height()),
                 across = static_cast<std::size_t>(3 * (x - first) / (last - first + 1));
      spread.cover[down][across] += probability(shadows.cement.at(x, y)), ++n[down][across];
      spread.body_mm2 += 1.0;
    }
  }
  for (std::size_t down = 0; down < 3; ++down)
    for (std::size_t across = 0; across < 3; ++across) spread.cover[down][across] /= std::max(1, n[down][across]);
  return spread;
}

double even_log_odds(const ShadowSpread& ap, const std::optional<ShadowSpread>& lateral) {
  const auto log_of = [](double cover) { return std::log(cover + 0.03); };
  const auto smaller_side = [&](std::size_t down) { return log_of(std::min(ap.cover[down][0], ap.cover[down][2])); };
  const double front_and_back = lateral ? log_of(lateral->cover[0][0]) + log_of(lateral->cover[0][2]) : kUsualFrontAndBack;
  return 5.06 + 1.37 * (smaller_side(0) + smaller_side(1)) + 0.82 * front_and_back;
}

}  // namespace cemscope::imaging::radiograph
