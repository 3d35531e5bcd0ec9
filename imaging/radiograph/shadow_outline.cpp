#include "imaging/radiograph/shadow_outline.h"

#include <Eigen/Dense>

#include "imaging/radiograph/filters.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kStep_mm = WorkingFilm::kStep_mm;
constexpr double kOff_mm = 4.0, kOff_rows = kOff_mm / kStep_mm;
constexpr double kLeastShare = 0.6, kMostShare = 1.5;
constexpr double kRim = 0.1;       // of the width, whose columns do not set the endplates
constexpr double kWallFrom = 0.2;  // of the height, rows nearer to an endplate do not set the walls
constexpr int kLeastPoints = 8, kPasses = 6;
constexpr double kTukey = 4.7, kLeastScale = 0.5;  // rows

struct Line {
  double at = 0, tilt = 0;  // at x = 0
};

/// Least squares, outliers left out by Tukey's biweight.
Line fit_line(const std::vector<Eigen::Vector2d>& points) {
  Line line;
  std::vector<float> values;
  for (const auto& p : points) values.push_back(static_cast<float>(p.y()));
  line.at = quantile(values, 0.5);
  for (int pass = 0; pass < kPasses; ++pass) {
    std::vector<float> off;
    for (const auto& p : points) off.push_back(static_cast<float>(std::abs(p.y() - line.at - line.tilt * p.x())));
    const double scale = kTukey * std::max(kLeastScale, 1.48 * quantile(off, 0.5));
    Eigen::Matrix2d normal = 1e-6 * Eigen::Matrix2d::Identity();
    Eigen::Vector2d right(0, 0);
    for (std::size_t n = 0; n < points.size(); ++n) {
      const double share = off[n] / scale, weight = share < 1 ? (1 - share * share) * (1 - share * share) : 0;
      const Eigen::Vector2d row(1, points[n].x());
      normal += weight * row * row.transpose(), right += weight * row * points[n].y();
    }
    const Eigen::Vector2d solved = normal.ldlt().solve(right);
    line = {solved[0], solved[1]};
  }
  return line;
}

bool is_like(double own, double usual) { return own > kLeastShare * usual && own < kMostShare * usual; }

/// Rows where the columns begin (or end), against u in mm from the middle.
std::vector<Eigen::Vector2d> endplate(const FilmShadows& shadows, const std::vector<ShadowColumn>& columns, const ColumnSpan& span,
                                      double middle_mm, bool is_upper) {
  const int rim = static_cast<int>(kRim * (span.last - span.first + 1));
  std::vector<Eigen::Vector2d> points;
  for (int x = span.first + rim; x <= span.last - rim; ++x) {
    const ShadowColumn& column = columns[static_cast<std::size_t>(x)];
    if (column.height() <= 0) continue;
    const int y = is_upper ? column.top : column.bottom, before = is_upper ? y - 1 : y + 1;
    const double off = shadows.body.contains(x, before) ? crossing(shadows.body.at(x, y), shadows.body.at(x, before)) : 0.5;
    const Eigen::Vector2d place = shadows.grid.place(x, y);
    points.emplace_back(place.x() - middle_mm, place.y() + (is_upper ? -off : off) / kStep_mm);
  }
  return points;
}

/// Columns (with fractions) where the body's rows begin and end, medians over the inner rows.
struct Sides {
  double first, last;
};
std::optional<Sides> sides_of(const FilmShadows& shadows, const ColumnSpan& span, int first_row, int last_row) {
  std::vector<float> firsts, lasts;
  const int middle = (span.first + span.last) / 2, reach = static_cast<int>(kOff_mm);
  const auto is_body = [&](int x, int y) { return x >= 0 && x < shadows.body.nx && shadows.body.at(x, y) > 0; };
  for (int y = std::max(0, first_row); y <= std::min(last_row, shadows.body.ny - 1); ++y) {
    if (!is_body(middle, y)) continue;
    int first = middle, last = middle;
    while (first > span.first - reach && is_body(first - 1, y)) --first;
    while (last < span.last + reach && is_body(last + 1, y)) ++last;
    if (first > 0) firsts.push_back(static_cast<float>(first - crossing(shadows.body.at(first, y), shadows.body.at(first - 1, y))));
    if (last + 1 < shadows.body.nx)
      lasts.push_back(static_cast<float>(last + crossing(shadows.body.at(last, y), shadows.body.at(last + 1, y))));
  }
  if (firsts.empty() || lasts.empty()) return std::nullopt;
  return Sides{quantile(firsts, 0.5), quantile(lasts, 0.5)};
}

}  // namespace

std::vector<ShadowColumn> shadow_columns(const FilmShadows& shadows, const BodyBox& box) {
  std::vector<ShadowColumn> columns(static_cast<std::size_t>(shadows.body.nx));
  for (int x = 0; x < shadows.body.nx; ++x) {
    const double u_mm = shadows.grid.place(x, 0).x();
    if (u_mm < box.left_mm - kOff_mm || u_mm > box.right_mm + kOff_mm) continue;
    ShadowColumn run, &longest = columns[static_cast<std::size_t>(x)];
    for (int y = 0; y < shadows.body.ny; ++y) {
      const double row = shadows.grid.place(x, y).y();
      if (shadows.body.at(x, y) <= 0 || row < box.top_at(u_mm) - kOff_rows || row > box.bottom_at(u_mm) + kOff_rows) {
        run = {};
        continue;
      }
      if (run.height() == 0) run.top = y;
      run.bottom = y;
      if (run.height() > longest.height()) longest = run;
    }
  }
  return columns;
}

ColumnSpan span_of(const std::vector<ShadowColumn>& columns) {
  int most = 0;
  for (const ShadowColumn& column : columns) most = std::max(most, column.height());
  ColumnSpan span;
  for (int x = 0; x < static_cast<int>(columns.size()); ++x)
    if (most > 0 && 2 * columns[static_cast<std::size_t>(x)].height() >= most) {
      if (span.last < span.first) span.first = x;
      span.last = x;
    }
  return span;
}

std::optional<BodyBox> shadow_outline(const FilmShadows& shadows, const BodyBox& box) {
  const std::vector<ShadowColumn> columns = shadow_columns(shadows, box);
  const ColumnSpan span = span_of(columns);
  if (!is_like(span.last - span.first + 1, box.width_mm())) return std::nullopt;
  const double middle_mm = shadows.grid.place(0, 0).x() + 0.5 * (span.first + span.last) * (shadows.grid.is_flipped ? -1 : 1);
  const auto upper = endplate(shadows, columns, span, middle_mm, true), lower = endplate(shadows, columns, span, middle_mm, false);
  if (std::min(upper.size(), lower.size()) < kLeastPoints) return std::nullopt;
  const Line top = fit_line(upper), bottom = fit_line(lower);
  if (!is_like(bottom.at - top.at, box.bottom_row - box.top_row)) return std::nullopt;
  const double inner = kWallFrom * (bottom.at - top.at);
  const auto sides =
      sides_of(shadows, span, static_cast<int>(kStep_mm * (top.at + inner)), static_cast<int>(kStep_mm * (bottom.at - inner)));
  if (!sides || !is_like(sides->last - sides->first, box.width_mm())) return std::nullopt;
  const double first_mm = shadows.grid.place(0, 0).x(), sign = shadows.grid.is_flipped ? -1 : 1;
  BodyBox outline = box;
  outline.left_mm = first_mm + sign * (shadows.grid.is_flipped ? sides->last : sides->first);
  outline.right_mm = first_mm + sign * (shadows.grid.is_flipped ? sides->first : sides->last);
  const double off_mm = 0.5 * (outline.left_mm + outline.right_mm) - middle_mm;
  outline.top_row = top.at + top.tilt * off_mm, outline.top_tilt = top.tilt;
  outline.bottom_row = bottom.at + bottom.tilt * off_mm, outline.bottom_tilt = bottom.tilt;
  return outline;
}

std::optional<double> midline_of(const FilmShadows& shadows, const BodyBox& box) {
  constexpr float kMost = 4.F;
  const std::vector<ShadowColumn> columns = shadow_columns(shadows, box);
  double before = 0, most = -1e9;
  std::optional<double> midline;
  for (int x = 0; x < shadows.body.nx; ++x) {
    const ShadowColumn& column = columns[static_cast<std::size_t>(x)];
    for (int y = column.top; y <= column.bottom; ++y) before -= std::clamp(shadows.right.at(x, y), -kMost, kMost);
    // Whatever lies right of the split counts the other way, so that the sum up to it decides.
    if (column.height() > 0 && before > most) most = before, midline = shadows.grid.place(x, 0).x() + 0.5;
  }
  return midline;
}

}  // namespace cemscope::imaging::radiograph
