#include "imaging/radiograph/shadow_heights.h"

#include "imaging/radiograph/filters.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kBeside_mm = 6.0;  // of the box, within which a body's columns are looked for
constexpr int kLeastColumns = 12;
// Shares of the width, front to back, that stand for a place: the middles of its thirds, clear of the rims.
struct Share {
  double from, to;
};
constexpr std::array<Share, 3> kPlace{{{0.08, 0.28}, {0.40, 0.60}, {0.72, 0.92}}};
// An end is plain when the log odds, limited to +-4, change all the way from 2 mm inside to 3 mm outside.
constexpr int kInside_px = 2, kOutside_px = 3;
constexpr float kLimit = 4;

/// Rows of the strip between which a body's column ends: the middles of its neighbours.
struct Reach {
  double above, below;
};

/// One end of a column of a body's shadow.
struct ColumnEnd {
  double y = 0;  ///< where the log odds change sign, in pixels
  double plainness = 0;
};

/// From the pixel `from` on, which the shadow covers, in the sense of `sense` (-1 up), no farther than `last`; none where it does not end
/// there.
std::optional<ColumnEnd> end_of(const Plane<float>& body, int x, int from, int sense, int last) {
  int y = from;
  while (y != last && body.at(x, y) > 0) y += sense;
  if (body.at(x, y) > 0) return std::nullopt;
  const int covered = y - sense, inside = covered - kInside_px * sense, outside = covered + kOutside_px * sense;
  if (!body.contains(x, inside) || !body.contains(x, outside)) return std::nullopt;
  const auto limited = [&](int at) { return std::clamp(body.at(x, at), -kLimit, kLimit); };
  return ColumnEnd{covered + sense * crossing(body.at(x, covered), body.at(x, y)), (limited(inside) - limited(outside)) / (2 * kLimit)};
}

struct ShadowColumn {
  double mm, above, below;  ///< height, plainness of its ends
};
using ShadowColumns = std::vector<std::optional<ShadowColumn>>;  ///< by pixel of the strip's width, front to back

double middle_row(const BodyBox& box, double u_mm) { return 0.5 * (box.top_at(u_mm) + box.bottom_at(u_mm)); }

ShadowColumns columns_of(const FilmSight& film, const BodyBox& box, const Reach& reach) {
  const StripGrid& grid = film.shadows.grid;
  const Plane<float>& body = film.shadows.body;
  ShadowColumns columns(static_cast<std::size_t>(body.nx));
  for (int x = 0; x < body.nx; ++x) {
    const Eigen::Vector2d first = grid.place(x, 0), step = grid.place(x, 1) - first;
    const double u_mm = first.x();
    if (u_mm < box.left_mm - kBeside_mm || u_mm > box.right_mm + kBeside_mm) continue;
    const auto pixel_row = [&](double row) { return std::clamp(grid.pixel({u_mm, row}).y(), 0, body.ny - 1); };
    const int middle = pixel_row(middle_row(box, u_mm));
    if (body.at(x, middle) <= 0) continue;
    const auto above = end_of(body, x, middle, -1, pixel_row(reach.above)), below = end_of(body, x, middle, +1, pixel_row(reach.below));
    if (!above || !below) continue;
    const auto at = [&](double y) { return film.strip.course.working(u_mm, first.y() + y * step.y()); };
    columns[static_cast<std::size_t>(x)] =
        ShadowColumn{(at(below->y) - at(above->y)).norm() * WorkingFilm::kStep_mm, above->plainness, below->plainness};
  }
  return columns;
}

/// The q-quantile of a number of the columns from `first` to `last`.
double quantile_of(const ShadowColumns& columns, int first, int last, double ShadowColumn::*number, double q) {
  std::vector<float> values;
  for (int x = first; x <= last; ++x)
    if (const auto& column = columns[static_cast<std::size_t>(x)]) values.push_back(static_cast<float>((*column).*number));
  return quantile(std::move(values), q);
}

int count(const ShadowColumns& columns, int first, int last) {
  return static_cast<int>(
      std::count_if(columns.begin() + first, columns.begin() + last + 1, [](const auto& column) { return column.has_value(); }));
}

ShadowHeights heights_of(const ShadowColumns& columns) {
  ShadowHeights heights;
  const int width = static_cast<int>(columns.size());
  if (count(columns, 0, width - 1) < kLeastColumns) return heights;
  // Not the tips of osteophytes.
  const double least_mm = 0.5 * quantile_of(columns, 0, width - 1, &ShadowColumn::mm, 0.75);
  const auto is_body = [&](const auto& column) { return column && column->mm >= least_mm; };
  const int first = static_cast<int>(std::find_if(columns.begin(), columns.end(), is_body) - columns.begin()),
            last = width - 1 - static_cast<int>(std::find_if(columns.rbegin(), columns.rend(), is_body) - columns.rbegin());
  for (std::size_t n = 0; n < kPlace.size(); ++n) {
    const auto at = [&](double share) { return first + static_cast<int>(std::lround(share * (last - first))); };
    const int from = at(kPlace[n].from), to = at(kPlace[n].to);
    if (2 * count(columns, from, to) <= to - from) continue;
    const auto median_of = [&](double ShadowColumn::*number) { return quantile_of(columns, from, to, number, 0.5); };
    heights[n] = {median_of(&ShadowColumn::mm), std::min(median_of(&ShadowColumn::above), median_of(&ShadowColumn::below))};
  }
  return heights;
}

}  // namespace

std::vector<ShadowHeights> shadow_heights(const FilmSight& lateral) {
  const auto& bodies = lateral.strip.bodies;
  std::vector<ShadowHeights> heights;
  for (std::size_t n = 0; n < bodies.size(); ++n) {
    const auto middle = [&](const BodyBox& box) { return 0.5 * (box.top_row + box.bottom_row); };
    const Reach reach{n > 0 ? middle(bodies[n - 1]) : 0.0, n + 1 < bodies.size() ? middle(bodies[n + 1]) : lateral.strip.course.rows()};
    heights.push_back(heights_of(columns_of(lateral, bodies[n], reach)));
  }
  return heights;
}

}  // namespace cemscope::imaging::radiograph
