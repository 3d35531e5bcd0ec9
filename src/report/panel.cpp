#include "src/report/panel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cemscope::report {
namespace {

using imaging::CementZone;

constexpr Colour kScale{240, 246, 252};
constexpr Colour kFrame{48, 54, 61};
constexpr int kOutlineStep_px = 2;
constexpr int kSmoothingPasses = 10;

void draw_outlines(Canvas& canvas, const std::vector<Polyline>& outlines, const Eigen::Vector2d& by, const LineStyle& style) {
  for (const auto& outline : outlines) canvas.line(moved(outline, by), style);
}

void draw_walls(Canvas& canvas, const Panel& panel, const Eigen::Vector2d& by, const imaging::LabelMask& bodies) {
  for (const auto& [label, outlines] : label_outlines(bodies, panel.plane)) {
    LineStyle style = wall_style();
    if (panel.own_body != 0 && label != panel.own_body) style.colour.opacity = 0.45;
    draw_outlines(canvas, outlines, by, style);
  }
}

void draw_cement(Canvas& canvas, const Panel& panel, const Eigen::Vector2d& by, const imaging::LabelMask& cement) {
  for (const auto& [label, outlines] : label_outlines(cement, panel.plane)) {
    draw_outlines(canvas, outlines, by, zone_style(static_cast<CementZone>(label)));
  }
}

void draw_midlines(Canvas& canvas, const Panel& panel, const Eigen::Vector2d& by) {
  for (const auto& line : panel.midlines) {
    canvas.line({pixel_of_point(panel.plane, line.from_mm) + by, pixel_of_point(panel.plane, line.to_mm) + by}, midline_style());
  }
}

/// Short ticks at the edges where the other slices cut this one.
void draw_guides(Canvas& canvas, const Panel& panel, const Box& box) {
  constexpr double kTick_px = 9.0;
  const LineStyle style{kGuide, 1.5, {}, true};
  for (const double column : panel.guide_columns_px) {
    const double x = box.x + column + 0.5;
    canvas.line({{x, box.y}, {x, box.y + kTick_px}}, style);
    canvas.line({{x, box.y + box.height - kTick_px}, {x, box.y + box.height}}, style);
  }
  for (const double row : panel.guide_rows_px) {
    const double y = box.y + row + 0.5;
    canvas.line({{box.x, y}, {box.x + kTick_px, y}}, style);
    canvas.line({{box.x + box.width - kTick_px, y}, {box.x + box.width, y}}, style);
  }
}

}  // namespace

LineStyle zone_style(CementZone zone) {
  switch (zone) {
    case CementZone::body: return {{86, 180, 233}, 1.6, {}, true};
    case CementZone::paravertebral: return {{255, 170, 20}, 1.6, {}, true};
    case CementZone::disc: return {{0, 200, 140}, 1.6, {}, true};
    case CementZone::canal: return {{255, 90, 60}, 1.6, {}, true};
    case CementZone::foramen: return {{225, 130, 190}, 1.6, {}, true};
    case CementZone::vascular: return {{240, 228, 66}, 1.6, {}, true};
    case CementZone::needle_tract: return {{200, 190, 255}, 1.6, {4.0, 3.0}, true};
  }
  return {{255, 255, 255}, 1.6, {}, true};
}

LineStyle wall_style() { return {{255, 255, 255, 0.95}, 1.2, {5.0, 3.0}, true}; }
LineStyle midline_style() { return {{255, 255, 255, 0.85}, 1.0, {12.0, 4.0, 2.0, 4.0}, true}; }

Polyline moved(Polyline line, const Eigen::Vector2d& by) {
  for (auto& point : line) point += by;
  return line;
}

std::map<std::uint8_t, std::vector<Polyline>> label_outlines(const imaging::LabelMask& mask, const SlicePlane& plane) {
  std::map<std::uint8_t, std::vector<Polyline>> outlines;
  for (const auto& [label, coverage] : label_coverage(mask, coarsen(plane, kOutlineStep_px))) {
    auto lines = smooth_outlines(trace_outlines(coverage, 0.5F), kSmoothingPasses);
    for (auto& line : lines) {
      for (auto& point : line) point *= kOutlineStep_px;
    }
    outlines.emplace(label, std::move(lines));
  }
  return outlines;
}

void draw_letters(Canvas& canvas, const Box& box, const std::array<std::string, 4>& letters, double side_y_px) {
  TextStyle style{15.0, kLetter, Align::left, true, true};
  const double middle_y = box.y + side_y_px + 5;
  canvas.text(letters[0], {box.x + 13, middle_y}, style);
  style.align = Align::right;
  canvas.text(letters[1], {box.x + box.width - 13, middle_y}, style);
  style.align = Align::centre;
  canvas.text(letters[2], {box.x + box.width / 2, box.y + 25}, style);
  canvas.text(letters[3], {box.x + box.width / 2, box.y + box.height - 14}, style);
}

void draw_scale(Canvas& canvas, const Box& box, double mm_per_px) {
  const int n_cm = std::clamp(static_cast<int>(0.3 * box.width * mm_per_px / 10.0), 1, 10);
  const double cm_px = 10.0 / mm_per_px, x = box.x + 12, y = box.y + box.height - 14;
  const LineStyle style{kScale, 1.5, {}, true};
  canvas.line({{x, y}, {x + n_cm * cm_px, y}}, style);
  for (int i = 0; i <= n_cm; ++i) canvas.line({{x + i * cm_px, y - (i == 0 || i == n_cm ? 7 : 4)}, {x + i * cm_px, y + 1}}, style);
  canvas.text(fmt::format("{} mm", 10 * n_cm), {x, y - 11}, {11.0, kScale, Align::left, false, true});
}

void draw_title(Canvas& canvas, const Box& box, const std::string& title, const Colour& colour) {
  canvas.text(title, {box.x + 1, box.y - 8}, {box.width < 350 ? 12.0 : 13.0, colour, Align::left, true, false});
}

void draw_image(Canvas& canvas, const Box& box, const imaging::CtVolume& volume, const SlicePlane& plane) {
  const auto hu = sample_hu(volume, plane);
  Raster<std::uint8_t> grey(hu.width, hu.height);
  std::transform(hu.values.begin(), hu.values.end(), grey.values.begin(), [](std::int16_t value) { return window_grey(value); });
  canvas.put_grey(grey, static_cast<int>(box.x), static_cast<int>(box.y));
}

void draw_panel(Canvas& canvas, const Panel& panel, const Eigen::Vector2d& corner, const Scan& scan) {
  const Box box{corner.x(), corner.y() + kPanelTitle_px, static_cast<double>(panel.plane.width), static_cast<double>(panel.plane.height)};
  const Eigen::Vector2d by(box.x + 0.5, box.y + 0.5);
  draw_image(canvas, box, scan.volume, panel.plane);
  canvas.clip_to(box);
  draw_walls(canvas, panel, by, scan.reading.bodies);
  draw_cement(canvas, panel, by, scan.reading.cement);
  draw_midlines(canvas, panel, by);
  draw_guides(canvas, panel, box);
  draw_letters(canvas, box, panel.letters, box.height / 2);
  draw_scale(canvas, box, panel.plane.mm_per_px);
  canvas.unclip();
  canvas.frame(box, kFrame, 1.0);
  draw_title(canvas, box, panel.title, panel.title_colour);
}

}  // namespace cemscope::report
