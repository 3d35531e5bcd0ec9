#include "src/report/followup_picture.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "src/report/caption.h"
#include "src/report/outline.h"
#include "src/report/panel.h"
#include "src/report/picture_layout.h"
#include "src/report/words.h"

namespace cemscope::report {
namespace {

using imaging::Answer;
using imaging::followup::BodyChange;
using imaging::followup::BodyHeights;
using imaging::followup::Comparison;
using imaging::followup::TimePoint;

constexpr double kRow_px = 46, kHead_px = 30, kBars_px = 210, kWords_px = 620, kPxPerMm = 10;
constexpr Colour kBefore{139, 148, 158}, kAfter{86, 180, 233}, kLost{255, 107, 107}, kTreated{126, 231, 135};

/// The height that lost most, before and after, both in the earlier examination's mm.
struct HeightPair {
  double before_mm, after_mm;
};
std::optional<HeightPair> most_lost(const BodyChange& change, const BodyHeights& before) {
  std::optional<HeightPair> pair;
  const std::array heights{before.anterior_mm, before.middle_mm, before.posterior_mm};
  for (std::size_t n = 0; n < heights.size(); ++n)
    if (heights[n] && change.losses[n] && change.losses[n] == change.loss_fraction)
      pair = {*heights[n], *heights[n] * (1 - *change.losses[n])};
  return pair;
}

std::string name_of(const BodyChange& change, const BodyHeights& body) {
  const auto name = change.level.empty() ? fmt::format("{}. from the top", change.baseline + 1) : change.level;
  return name + (body.is_treated ? " (treated)" : change.is_adjacent ? " (adjacent)" : "");
}

std::string words_of(const BodyChange& change) {
  if (!change.loss_fraction) return "not measured at both times";
  const bool is_kept = std::abs(*change.loss_fraction) < 0.005;  // else "-0 %"
  const auto words =
      is_kept ? std::string("unchanged") : fmt::format("{:+.0f}\u00a0% ({:+.1f}\u00a0mm)", -100 * *change.loss_fraction, -*change.loss_mm);
  return words + (change.has_new_oedema ? ", new oedema" : "") +
         (change.is_adjacent && change.fracture.answer == Answer::yes ? ": new fracture" : "");
}

void draw_bar(Canvas& canvas, double y, double height_mm, const Colour& colour) {
  canvas.fill({kBars_px, y, height_mm * kPxPerMm, 12}, colour, 2);
  canvas.text(fmt::format("{:.1f}\u00a0mm", height_mm), {kBars_px + height_mm * kPxPerMm + 6, y + 10},
              {11.0, kPlainTitle, Align::left, false, false});
}

/// Which part of a view is shown: the bodies seen at both times and some of what lies round them.
struct Window {
  int first_column = 0, last_column = -1, first_row = 0, last_row = -1;
};

Window window_of(const imaging::followup::SagittalView& view, const std::vector<int>& bodies) {
  constexpr int kAbove = 12, kInFront = 25, kBehind = 60;
  Window window{view.bodies.nx, -1, view.bodies.ny, -1};
  for (int y = 0; y < view.bodies.ny; ++y)
    for (int x = 0; x < view.bodies.nx; ++x) {
      if (std::find(bodies.begin(), bodies.end(), view.bodies.at(x, y, 0) - 1) == bodies.end()) continue;
      window.first_column = std::min(window.first_column, x), window.last_column = std::max(window.last_column, x);
      window.first_row = std::min(window.first_row, y), window.last_row = std::max(window.last_row, y);
    }
  return {std::max(0, window.first_column - kInFront), std::min(view.bodies.nx - 1, window.last_column + kBehind),
          std::max(0, window.first_row - kAbove), std::min(view.bodies.ny - 1, window.last_row + kAbove)};
}

/// A body of a view and how it is outlined.
struct Outlined {
  int body = 0;
  std::string name;
  LineStyle style;
};

Raster<std::uint8_t> enlarged(const imaging::followup::SagittalView& view, const Window& window, double scale) {
  Raster<std::uint8_t> grey(static_cast<int>((window.last_column - window.first_column + 1) * scale),
                            static_cast<int>((window.last_row - window.first_row + 1) * scale));
  for (int v = 0; v < grey.height; ++v)
    for (int u = 0; u < grey.width; ++u) {
      const double x = std::clamp(window.first_column + (u + 0.5) / scale - 0.5, 0.0, view.grey.nx - 1.001),
                   y = std::clamp(window.first_row + (v + 0.5) / scale - 0.5, 0.0, view.grey.ny - 1.001);
      const int i = static_cast<int>(x), j = static_cast<int>(y);
      const double s = x - i, t = y - j;
      const double value = (1 - t) * ((1 - s) * view.grey.at(i, j, 0) + s * view.grey.at(i + 1, j, 0)) +
                           t * ((1 - s) * view.grey.at(i, j + 1, 0) + s * view.grey.at(i + 1, j + 1, 0));
      grey.at(u, v) = static_cast<std::uint8_t>(std::lround(255 * value));
    }
  return grey;
}

// One time as a picture, `height_px` high at most; the height that it takes.
double draw_view(Canvas& canvas, const imaging::followup::SagittalView& view, const std::vector<Outlined>& bodies,
                 const Eigen::Vector2d& corner) {
  constexpr double kTallest_px = 560, kWidest_px = 0.5 * kPictureWidth_px - kMargin_px - kGap_px;
  std::vector<int> shown;
  for (const auto& body : bodies) shown.push_back(body.body);
  const auto window = window_of(view, shown);
  if (window.last_row <= window.first_row || window.last_column <= window.first_column) return 0;
  const double scale =
      std::min(kTallest_px / (window.last_row - window.first_row + 1), kWidest_px / (window.last_column - window.first_column + 1));
  const auto grey = enlarged(view, window, scale);
  canvas.put_grey(grey, static_cast<int>(corner.x()), static_cast<int>(corner.y()));
  const auto place = [&](double x, double y) {
    return Eigen::Vector2d(corner + Eigen::Vector2d(x - window.first_column + 0.5, y - window.first_row + 0.5) * scale);
  };
  for (const auto& body : bodies) {
    Raster<float> mask(view.bodies.nx, view.bodies.ny, 0.F);
    double right = 0, sum = 0, n = 0;
    for (int y = 0; y < mask.height; ++y)
      for (int x = 0; x < mask.width; ++x)
        if (view.bodies.at(x, y, 0) == body.body + 1) mask.at(x, y) = 1.F, right = std::max<double>(right, x), sum += y, n += 1;
    if (n == 0) continue;
    for (auto outline : smooth_outlines(trace_outlines(mask, 0.5F), 3)) {
      for (auto& point : outline) point = place(point.x(), point.y());
      canvas.line(outline, body.style);
    }
    canvas.text(body.name, place(right + 34, sum / n), {13.0, body.style.colour, Align::left, true, true});
  }
  return grey.height;
}

LineStyle outline_of(const BodyChange& change, const BodyHeights& body) {
  if (change.is_adjacent && change.fracture.answer == Answer::yes) return {kLost, 2.0, {}, true};
  if (body.is_treated) return {kTreated, 1.5, {}, true};
  return {change.is_adjacent ? kAfter : kPlainTitle, change.is_adjacent ? 1.5 : 1.0, {}, true};
}

// Both times side by side; the height that they take.
double draw_views(Canvas& canvas, const TimePoint& baseline, const TimePoint& followup, const Comparison& comparison, double top) {
  std::vector<Outlined> before, after;
  for (const auto& change : comparison.changes) {
    const auto& body = baseline.bodies[static_cast<std::size_t>(change.baseline)];
    before.push_back({change.baseline, change.level, outline_of(change, body)});
    after.push_back({change.followup, change.level, outline_of(change, body)});
  }
  const double second = 0.5 * kPictureWidth_px + 0.5 * kGap_px;
  const double height =
      std::max(draw_view(canvas, baseline.view, before, {kMargin_px, top}), draw_view(canvas, followup.view, after, {second, top}));
  if (height == 0) return 0;
  const TextStyle title{14.0, kPlainTitle, Align::left, true, false};
  canvas.text(fmt::format("Before: {} of {}", baseline.modality, baseline.date), {kMargin_px, top - 8}, title);
  canvas.text(fmt::format("After: {} of {}", followup.modality, followup.date), {second, top - 8}, title);
  return height + kGap_px;
}

}  // namespace

std::string render_followup(const TimePoint& baseline, const TimePoint& followup, const Comparison& comparison, const PictureText& text) {
  CaptionContent content;
  content.statements.push_back(describe_finding("New fracture", comparison.adjacent_fracture, YesMeans::attention));
  const Caption caption = lay_out_caption(content, kPictureWidth_px - 2 * kMargin_px);
  Canvas ruler(kPictureWidth_px, 1, kGround);
  const double views_top = kHeader_px + kPanelTitle_px, views = draw_views(ruler, baseline, followup, comparison, views_top);
  const double table = views > 0 ? views_top + views : kHeader_px, top = table + kHead_px,
               caption_y = top + kRow_px * static_cast<double>(comparison.changes.size()) + kGap_px;
  Canvas canvas(kPictureWidth_px, static_cast<int>(caption_y + caption.height_px) + kFooter_px, kGround);
  draw_header(canvas,
              fmt::format("Follow-up: {} of {} against {} of {}", followup.modality, followup.date, baseline.modality, baseline.date),
              text.ordinal);
  draw_views(canvas, baseline, followup, comparison, views_top);
  const TextStyle head{12.0, kPlainTitle, Align::left, true, false};
  canvas.text("height that lost most, before (grey) and after (blue; red where lost)", {kBars_px, table + 16}, head);
  canvas.text("largest loss of front, middle and back", {kWords_px + 120, table + 16}, head);
  double y = top;
  for (const auto& change : comparison.changes) {
    const auto& before = baseline.bodies[static_cast<std::size_t>(change.baseline)];
    const bool is_lost = change.is_adjacent && change.fracture.answer == Answer::yes;
    canvas.text(name_of(change, before), {kMargin_px, y + 20},
                {13.0, is_lost ? kLost : kPlainTitle, Align::left, change.is_adjacent, false});
    if (const auto height = most_lost(change, before)) {
      draw_bar(canvas, y + 2, height->before_mm, kBefore);
      draw_bar(canvas, y + 18, height->after_mm, is_lost ? kLost : kAfter);
    }
    canvas.text(words_of(change), {kWords_px + 120, y + 20}, {13.0, is_lost ? kLost : kPlainTitle, Align::left, is_lost, false});
    y += kRow_px;
  }
  draw_caption(canvas, caption, {kMargin_px, caption_y});
  draw_plain_footer(canvas, text.footer);
  return canvas.to_png(picture_accents());
}

}  // namespace cemscope::report
