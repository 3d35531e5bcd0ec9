#include "src/report/mr_picture.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>

#include "src/report/caption.h"
#include "src/report/panel.h"
#include "src/report/picture_layout.h"
#include "src/report/words.h"

namespace cemscope::report {
namespace {

using imaging::Answer;
using imaging::MrReading;

constexpr int kSide_px = (kPictureWidth_px - 2 * kMargin_px - kGap_px) / 2, kTallest_px = 760;
constexpr double kBesideMidline_mm = 8;
constexpr double kWhite_s = 1.1;  // the brightest grey; muscle (s = 0) is a quarter of it
constexpr double kMuscleGrey = 0.25;

LineStyle injury_style() { return {{255, 107, 107}, 2.0, {}, true}; }
LineStyle other_fluid_style() { return {{86, 180, 233}, 1.5, {}, true}; }
LineStyle fascia_style() { return {{240, 228, 66}, 1.2, {6, 4}, true}; }

LineStyle region_style() { return {{125, 211, 252}, 1.0, {}, true}; }
LineStyle reference_style() { return {{255, 214, 102}, 1.0, {1.5, 3.0}, true}; }

/// A slice fitted into its place: picture pixels per mm.
struct Place {
  double scale = 1.0;
  Eigen::Vector2d corner{0, 0};
  int width = 0, height = 0;
  [[nodiscard]] Eigen::Vector2d at(double x, double y) const { return corner + Eigen::Vector2d(x + 0.5, y + 0.5) * scale; }
};

Place place_of(const MrReading& reading, const Eigen::Vector2d& corner) {
  const auto& signal = reading.stack.signal;
  const double scale = std::min(static_cast<double>(kSide_px) / signal.nx, static_cast<double>(kTallest_px) / signal.ny);
  return {scale, corner, static_cast<int>(signal.nx * scale), static_cast<int>(signal.ny * scale)};
}

// Where nothing was read the grey follows the signal alone.
double relative_signal(const MrReading& reading, double brightest, int x, int y, int z) {
  const double value = std::max(0.0F, reading.stack.signal.at(x, y, z));
  if (!reading.canal || reading.fluid_ratio <= 1) return value / brightest;
  const double muscle = std::exp(reading.muscle.log_at(y, z, x - reading.canal->x_mm[static_cast<std::size_t>(y)]));
  const double s = (value / muscle - 1) / (reading.fluid_ratio - 1);
  return s < 0 ? kMuscleGrey * value / muscle : kMuscleGrey + (1 - kMuscleGrey) * s / kWhite_s;
}

double brightest_signal(const MrReading& reading) {
  auto values = reading.stack.signal.values;
  const auto high = values.begin() + static_cast<std::ptrdiff_t>(values.size() * 99 / 100);
  std::nth_element(values.begin(), high, values.end());
  return std::max(1e-3F, *high);
}

Raster<std::uint8_t> grey_of(const MrReading& reading, const Place& place, int z) {
  const double brightest = brightest_signal(reading);
  const auto& signal = reading.stack.signal;
  Raster<float> values(signal.nx, signal.ny);
  for (int y = 0; y < signal.ny; ++y)
    for (int x = 0; x < signal.nx; ++x)
      values.at(x, y) = static_cast<float>(std::clamp(relative_signal(reading, brightest, x, y, z), 0.0, 1.0));
  Raster<std::uint8_t> grey(place.width, place.height);
  for (int y = 0; y < place.height; ++y)
    for (int x = 0; x < place.width; ++x) {
      const double u = std::clamp((x + 0.5) / place.scale - 0.5, 0.0, signal.nx - 1.001),
                   v = std::clamp((y + 0.5) / place.scale - 0.5, 0.0, signal.ny - 1.001);
      const int i = static_cast<int>(u), j = static_cast<int>(v);
      const auto s = static_cast<float>(u - i), t = static_cast<float>(v - j);
      const float top = values.at(i, j) * (1 - s) + values.at(i + 1, j) * s,
                  bottom = values.at(i, j + 1) * (1 - s) + values.at(i + 1, j + 1) * s;
      grey.at(x, y) = static_cast<std::uint8_t>(std::lround(255 * (top * (1 - t) + bottom * t)));
    }
  return grey;
}

void draw_fluid(Canvas& canvas, const MrReading& reading, const Place& place, const std::vector<imaging::mri::FluidPatch>& patches, int z,
                const LineStyle& style) {
  Raster<float> mask(reading.stack.signal.nx, reading.stack.signal.ny, 0.F);
  for (const auto& patch : patches)
    if (patch.slice == z)
      for (const auto& run : patch.runs)
        for (int x = run.first_x; x <= run.last_x; ++x) mask.at(x, run.row) = 1.F;
  for (auto outline : smooth_outlines(trace_outlines(mask, 0.5F), 1)) {
    for (auto& point : outline) point = place.at(point.x(), point.y());
    canvas.line(outline, style);
  }
}

void draw_fascia(Canvas& canvas, const MrReading& reading, const Place& place, int z) {
  if (reading.fascia.x_mm.empty()) return;
  Polyline line;
  for (int y = reading.canal->first_row; y <= reading.canal->last_row; y += 2)
    line.push_back(place.at(reading.fascia.x_mm[static_cast<std::size_t>(z)][static_cast<std::size_t>(y)], y));
  canvas.line(line, fascia_style());
}

/// A strip along the body: the columns at which it begins and ends, by row.
struct Strip {
  int first_row, last_row;
  std::function<double(int)> front, back;
};

void draw_strip(Canvas& canvas, const Place& place, const Strip& strip, const LineStyle& style) {
  if (strip.last_row <= strip.first_row) return;
  Polyline line;
  for (int y = strip.first_row; y <= strip.last_row; ++y) line.push_back(place.at(strip.front(y), y));
  for (int y = strip.last_row; y >= strip.first_row; --y) line.push_back(place.at(strip.back(y), y));
  line.push_back(line.front());
  canvas.line(line, style);
}

// Where soft tissue was looked for.
void draw_region(Canvas& canvas, const MrReading& reading, const Place& place, int z) {
  const auto& canal = *reading.canal;
  const auto front = [&](int y) {
    return canal.x_mm[static_cast<std::size_t>(y)] + imaging::mri::first_depth_mm(reading.stack, canal, reading.fascia, y, z);
  };
  const auto back = [&](int y) { return reading.fascia.x_mm[static_cast<std::size_t>(z)][static_cast<std::size_t>(y)]; };
  draw_strip(canvas, place, {reading.first_region_row, reading.last_region_row, front, back}, region_style());
}

// Where fluid (in the canal's slices) or muscle (beside them) was read, and subcutaneous fat.
void draw_references(Canvas& canvas, const MrReading& reading, const Place& place, int z) {
  constexpr double kFluidHalf_mm = 8, kFluidBeside_mm = 6, kMuscleFrom_mm = 15, kOffFascia_mm = 4, kFatFrom_mm = 3, kFatTo_mm = 14;
  const auto& canal = *reading.canal;
  const auto centre = [&](int y) { return canal.x_mm[static_cast<std::size_t>(y)]; };
  const auto fascia = [&](int y) { return reading.fascia.x_mm[static_cast<std::size_t>(z)][static_cast<std::size_t>(y)]; };
  const auto strip = [&](std::function<double(int)> front, std::function<double(int)> back) {
    draw_strip(canvas, place, {canal.first_row, canal.last_row, std::move(front), std::move(back)}, reference_style());
  };
  const auto middle = static_cast<std::size_t>((canal.first_row + canal.last_row) / 2);
  if (std::abs(z - canal.slice[middle]) * reading.stack.slice_mm <= kFluidBeside_mm)
    strip([&](int y) { return centre(y) - kFluidHalf_mm; }, [&](int y) { return centre(y) + kFluidHalf_mm; });
  else
    strip([&](int y) { return centre(y) + kMuscleFrom_mm; }, [&](int y) { return fascia(y) - kOffFascia_mm; });
  if (reading.fat_ratio) strip([&](int y) { return fascia(y) + kFatFrom_mm; }, [&](int y) { return fascia(y) + kFatTo_mm; });
}

void draw_bodies(Canvas& canvas, const MrReading& reading, const imaging::MrLevels& levels, const Place& place) {
  for (int n = 0; n < reading.first_sacral; ++n) {
    const auto index = static_cast<std::size_t>(n);
    const auto& body = reading.bodies[index];
    const bool is_acute = std::find(reading.acute_bodies.begin(), reading.acute_bodies.end(), n) != reading.acute_bodies.end();
    const auto corner = [&](double row, double front, double tilt) {
      const auto point = imaging::mri::body_point(*reading.canal, row, front, tilt);
      return place.at(point.x, point.row);
    };
    const LineStyle style = is_acute ? injury_style() : wall_style();
    canvas.line({corner(body.top_row, body.rear_mm, body.top_tilt), corner(body.top_row, body.front_mm, body.top_tilt),
                 corner(body.bottom_row, body.front_mm, body.bottom_tilt), corner(body.bottom_row, body.rear_mm, body.bottom_tilt),
                 corner(body.top_row, body.rear_mm, body.top_tilt)},
                style);
    const auto label = corner(0.5 * (body.top_row + body.bottom_row), body.front_mm + 6, 0);
    canvas.text(levels.names[index], label, {13.0, style.colour, Align::right, is_acute, true});
  }
}

void draw_grey_scale(Canvas& canvas, const Place& place) {
  const double x = place.corner.x() + 14, top = place.corner.y() + 40, height = 150;
  for (int i = 0; i < 50; ++i) {
    const int grey = 255 - i * 5;
    canvas.fill({x, top + i * height / 50, 12, height / 50 + 0.5}, {grey, grey, grey});
  }
  const TextStyle style{12.0, kPlainTitle, Align::left, false, true};
  for (const double s : {1.0, 0.5, 0.0})
    canvas.text(fmt::format("s {:.1f}", s), {x + 18, top + height * (1 - kMuscleGrey - (1 - kMuscleGrey) * s / kWhite_s) + 4}, style);
}

int canal_slice(const MrReading& reading) {
  if (!reading.canal) return reading.stack.signal.nz / 2;
  double row = 0.5 * (reading.canal->first_row + reading.canal->last_row);
  if (!reading.acute_bodies.empty()) row = reading.bodies[static_cast<std::size_t>(reading.acute_bodies.front())].centre_row;
  const auto index = static_cast<std::size_t>(std::clamp(row, 0.0, reading.stack.signal.ny - 1.0));
  return std::clamp(static_cast<int>(std::lround(reading.canal->slice[index])), 0, reading.stack.signal.nz - 1);
}

int injury_slice(const MrReading& reading) {
  const auto largest = std::max_element(reading.injury.patches.begin(), reading.injury.patches.end(),
                                        [](const auto& a, const auto& b) { return a.area_mm2 < b.area_mm2; });
  if (largest != reading.injury.patches.end()) return largest->slice;
  const int beside = std::max(1, static_cast<int>(std::lround(kBesideMidline_mm / reading.stack.slice_mm)));
  const int canal = canal_slice(reading);
  return canal + beside < reading.stack.signal.nz ? canal + beside : std::max(0, canal - beside);
}

void draw_slice(Canvas& canvas, const MrReading& reading, const Place& place, int z, const std::string& title) {
  canvas.text(title, {place.corner.x(), place.corner.y() - 8}, {14.0, kPlainTitle, Align::left, true, false});
  canvas.put_grey(grey_of(reading, place, z), static_cast<int>(place.corner.x()), static_cast<int>(place.corner.y()));
  if (!reading.canal) return;
  canvas.clip_to({place.corner.x(), place.corner.y(), static_cast<double>(place.width), static_cast<double>(place.height)});
  if (reading.last_region_row > reading.first_region_row) {
    draw_references(canvas, reading, place, z);
    draw_region(canvas, reading, place, z);
  }
  draw_fascia(canvas, reading, place, z);
  draw_fluid(canvas, reading, place, reading.other_fluid, z, other_fluid_style());
  draw_fluid(canvas, reading, place, reading.injury.patches, z, injury_style());
  canvas.unclip();
}

std::string names_of(const std::vector<int>& bodies, const imaging::MrLevels& levels) {
  std::string names;
  for (const int body : bodies) {
    const auto& name = levels.names[static_cast<std::size_t>(body)];
    names += (names.empty() ? "" : ", ") + (name.empty() ? fmt::format("body {} from the top", body + 1) : name);
  }
  return names;
}

CaptionContent caption_of(const MrReading& reading, const imaging::MrLevels& levels) {
  CaptionContent content;
  content.legend = {{injury_style(), "injury; body with oedema", true, {0, 0}},
                    {other_fluid_style(), "other fluid", !reading.other_fluid.empty(), {0, 0}},
                    {fascia_style(), "fascia", reading.canal.has_value(), {0, 0}},
                    {region_style(), "region judged", reading.last_region_row > reading.first_region_row, {0, 0}},
                    {reference_style(), "references: fluid, muscle, fat", reading.last_region_row > reading.first_region_row, {0, 0}},
                    {wall_style(), "body", !reading.bodies.empty(), {0, 0}}};
  const auto& injury = reading.injury;
  auto statement = describe_finding("Soft tissue", injury.finding, YesMeans::attention);
  if (injury.finding.answer == Answer::yes)
    statement.words +=
        fmt::format(": {:.0f}\u00a0mm long, {:.0f}\u00a0mm\u00b2, {:.1f}\u00a0mm thick, peak s {:.2f}, extent grade {}, behind {}",
                    injury.length_mm.value_or(0), injury.area_mm2.value_or(0), injury.thickness_mm.value_or(0), injury.peak_s.value_or(0),
                    injury.extent_grade, names_of(injury.bodies, levels));
  content.statements.push_back(std::move(statement));
  auto marrow = describe_finding("Marrow", reading.marrow_oedema, YesMeans::attention);
  if (!reading.acute_bodies.empty()) marrow.words += ": " + names_of(reading.acute_bodies, levels);
  content.statements.push_back(std::move(marrow));
  if (!reading.acute_bodies.empty()) {
    auto cleft = describe_finding("Fluid cleft", reading.fluid_cleft, YesMeans::attention);
    std::vector<int> bodies;
    for (const auto& one : reading.clefts) bodies.push_back(one.body);
    if (!bodies.empty()) cleft.words += ": " + names_of(bodies, levels);
    content.statements.push_back(std::move(cleft));
  }
  if (reading.fat_ratio)
    content.statements.push_back(
        {"Fat", fmt::format("subcutaneous fat {:.2f} of muscle, fluid {:.1f} of muscle", *reading.fat_ratio, reading.fluid_ratio),
         std::nullopt, "", Tone::neutral});
  content.warnings = reading.warnings;
  return content;
}

}  // namespace

std::string render_mr(const MrReading& reading, const imaging::MrLevels& levels, const PictureText& text) {
  const Eigen::Vector2d left(kMargin_px, kHeader_px + kPanelTitle_px), right(kMargin_px + kSide_px + kGap_px, kHeader_px + kPanelTitle_px);
  const Place first = place_of(reading, left), second = place_of(reading, right);
  const double caption_y = left.y() + first.height + kGap_px;
  const Caption caption = lay_out_caption(caption_of(reading, levels), kPictureWidth_px - 2 * kMargin_px);
  Canvas canvas(kPictureWidth_px, static_cast<int>(caption_y + caption.height_px) + kFooter_px, kGround);
  draw_header(canvas, "MR: soft tissue and marrow", text.ordinal);
  draw_slice(canvas, reading, first, canal_slice(reading), "Through the canal");
  canvas.clip_to({first.corner.x(), first.corner.y(), static_cast<double>(first.width), static_cast<double>(first.height)});
  if (reading.canal) draw_bodies(canvas, reading, levels, first);
  canvas.unclip();
  draw_slice(canvas, reading, second, injury_slice(reading), reading.injury.patches.empty() ? "Beside the midline" : "Largest injury");
  if (reading.canal) draw_grey_scale(canvas, second);
  draw_caption(canvas, caption, {kMargin_px, caption_y});
  draw_plain_footer(canvas, text.footer);
  return canvas.to_png(picture_accents());
}

}  // namespace cemscope::report
