#include "src/report/film_picture.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "src/report/caption.h"
#include "src/report/panel.h"
#include "src/report/picture_layout.h"
#include "src/report/words.h"

namespace cemscope::report {
namespace {

using imaging::radiograph::FilmLevel;
using imaging::radiograph::FilmSight;
using imaging::radiograph::ThingKind;

namespace radiograph = imaging::radiograph;

constexpr double kLeak_px = 2.2;
constexpr int kSide_px = (kPictureWidth_px - 2 * kMargin_px - kGap_px) / 2, kTallest_px = 760;

/// A film fitted into its place: picture pixels per working pixel (0.5 mm).
struct Place {
  double scale = 1.0;
  Eigen::Vector2d corner{0, 0};
  int width = 0, height = 0;
  [[nodiscard]] Eigen::Vector2d at(const Eigen::Vector2d& working) const { return corner + working * scale; }
};

Place place_of(const FilmSight& sight, const Eigen::Vector2d& corner) {
  const auto& value = sight.working.value;
  const double scale = std::min(static_cast<double>(kSide_px) / value.nx, static_cast<double>(kTallest_px) / value.ny);
  return {scale, corner, static_cast<int>(value.nx * scale), static_cast<int>(value.ny * scale)};
}

Raster<std::uint8_t> grey_of(const FilmSight& sight, const Place& place) {
  const auto film = imaging::radiograph::Plane<float>(sight.working.value);
  Raster<std::uint8_t> grey(place.width, place.height);
  for (int y = 0; y < place.height; ++y)
    for (int x = 0; x < place.width; ++x) {
      const float value = imaging::radiograph::sample(film, (x + 0.5) / place.scale - 0.5, (y + 0.5) / place.scale - 0.5);
      grey.at(x, y) = static_cast<std::uint8_t>(std::lround(255 * std::clamp(value, 0.F, 1.F)));
    }
  return grey;
}

template <typename IsIn>
void draw_mask(Canvas& canvas, const FilmSight& sight, const Place& place, const LineStyle& style, const IsIn& is_in) {
  const auto& value = sight.working.value;
  Raster<float> mask(value.nx, value.ny, 0.F);
  is_in(mask);
  for (auto outline : smooth_outlines(trace_outlines(mask, 0.5F), 2)) {
    for (auto& point : outline) point = place.at(point);
    canvas.line(outline, style);
  }
}

void draw_box(Canvas& canvas, const FilmSight& sight, const Place& place, const FilmLevel& level) {
  const auto& box = level.box;
  const auto corner = [&](double u, double row) { return place.at(sight.strip.course.working(u, row)); };
  canvas.line({corner(box.left_mm, box.top_at(box.left_mm)), corner(box.right_mm, box.top_at(box.right_mm)),
               corner(box.right_mm, box.bottom_at(box.right_mm)), corner(box.left_mm, box.bottom_at(box.left_mm)),
               corner(box.left_mm, box.top_at(box.left_mm))},
              wall_style());
  if (sight.column.view != imaging::FilmView::ap) return;
  canvas.line({corner(box.midline_mm, box.top_at(0) - 20), corner(box.midline_mm, box.bottom_at(0) + 20)}, midline_style());
}

void draw_course(Canvas& canvas, const FilmSight& sight, const Place& place) {
  Polyline course;
  for (int row = 0; row < sight.strip.course.rows(); row += 10) course.push_back(place.at(sight.strip.course.working(0, row)));
  LineStyle style = midline_style();
  style.colour.opacity = 0.35;
  canvas.line(course, style);
}

/// A treated level of a film and the cement that lies outside it there.
struct ShownLevel {
  int level = 0;
  std::vector<const imaging::LeakOnFilm*> leaks;
};

std::vector<ShownLevel> shown_levels(const imaging::FilmReading& reading, imaging::FilmView view) {
  std::vector<ShownLevel> levels;
  for (const auto& treated : reading.treated) {
    ShownLevel shown{view == imaging::FilmView::ap ? treated.ap_level : treated.lateral_level, {}};
    if (shown.level < 0) continue;
    for (const auto& leak : treated.leaks)
      if (leak.view == view) shown.leaks.push_back(&leak);
    levels.push_back(std::move(shown));
  }
  return levels;
}

void set_pixels(Raster<float>& mask, const std::vector<std::pair<int, int>>& pixels, float value) {
  for (const auto& [x, y] : pixels) mask.at(x, y) = value;
}

/// Cement in the body's colour and, outside it, in its zone's.
void draw_cement(Canvas& canvas, const FilmSight& sight, const Place& place, const ShownLevel& shown) {
  const FilmLevel& level = sight.levels[static_cast<std::size_t>(shown.level)];
  draw_mask(canvas, sight, place, zone_style(imaging::CementZone::body), [&](Raster<float>& mask) {
    for (const int thing : level.things) set_pixels(mask, sight.things[static_cast<std::size_t>(thing)].pixels, 1.F);
    for (const auto* leak : shown.leaks) set_pixels(mask, leak->place.pixels, 0.F);
  });
  for (const auto* leak : shown.leaks) {
    LineStyle style = zone_style(leak->zone);
    style.width_px = kLeak_px;
    draw_mask(canvas, sight, place, style, [&](Raster<float>& mask) { set_pixels(mask, leak->place.pixels, 1.F); });
  }
}

void draw_film(Canvas& canvas, const FilmSight& sight, const std::vector<ShownLevel>& levels, const Place& place,
               const std::string& title) {
  canvas.text(title, {place.corner.x(), place.corner.y() - 8}, {14.0, kPlainTitle, Align::left, true, false});
  canvas.put_grey(grey_of(sight, place), static_cast<int>(place.corner.x()), static_cast<int>(place.corner.y()));
  canvas.clip_to({place.corner.x(), place.corner.y(), static_cast<double>(place.width), static_cast<double>(place.height)});
  draw_course(canvas, sight, place);
  if (sight.has_hardware)
    draw_mask(canvas, sight, place, zone_style(imaging::CementZone::foramen), [&](Raster<float>& mask) {
      for (std::size_t n = 0; n < mask.values.size(); ++n) mask.values[n] = sight.hardware.values[n];
    });
  for (const auto& shown : levels) {
    draw_box(canvas, sight, place, sight.levels[static_cast<std::size_t>(shown.level)]);
    draw_cement(canvas, sight, place, shown);
  }
  canvas.unclip();
}

bool is_shown(const imaging::FilmReading& reading, imaging::CementZone zone) {
  return std::any_of(reading.treated.begin(), reading.treated.end(), [&](const auto& treated) {
    return std::any_of(treated.leaks.begin(), treated.leaks.end(), [&](const auto& leak) { return leak.zone == zone; });
  });
}

LegendItem leak_item(const imaging::FilmReading& reading, imaging::CementZone zone) {
  return {zone_style(zone), words_of_zone(zone) + " leak", is_shown(reading, zone), {0, 0}};
}

/// "AP left", "lateral above": as the picture shows it.
std::string words_of_place(const imaging::LeakOnFilm& leak) {
  using radiograph::BodyFace;
  const auto face = leak.place.face;
  return fmt::format("{} {}", imaging::to_string(leak.view),
                     face == BodyFace::above   ? "above"
                     : face == BodyFace::below ? "below"
                     : face == BodyFace::left  ? "left"
                                               : "right");
}

/// "yes: paravertebral (AP left), disc (AP above, lateral above)".
std::string leak_words(const imaging::TreatedOnFilm& treated) {
  std::vector<std::string> zones;
  for (const auto zone : treated.leak_zones) {
    std::vector<std::string> places;
    for (const auto& leak : treated.leaks)
      if (leak.zone == zone) places.push_back(words_of_place(leak));
    zones.push_back(words_of_zone(zone) + (places.empty() ? " (too faint to outline)" : fmt::format(" ({})", fmt::join(places, ", "))));
  }
  return fmt::format("yes: {}", fmt::join(zones, ", "));
}

CaptionContent caption_of(const imaging::FilmReading& reading) {
  CaptionContent content;
  content.legend = {{zone_style(imaging::CementZone::body), "cement", true, {0, 0}},
                    leak_item(reading, imaging::CementZone::paravertebral),
                    leak_item(reading, imaging::CementZone::disc),
                    leak_item(reading, imaging::CementZone::canal),
                    {zone_style(imaging::CementZone::foramen), "metal", reading.ap ? reading.ap->has_hardware : false, {0, 0}},
                    {wall_style(), "body", true, {0, 0}},
                    {midline_style(), "midline and course of the column", true, {0, 0}}};
  for (std::size_t n = 0; n < reading.treated.size(); ++n) {
    const auto& m = reading.treated[n].measurement;
    for (Statement statement : describe_vertebra(m)) {
      if (statement.topic == kLeakageTopic && !reading.treated[n].leak_zones.empty()) statement.words = leak_words(reading.treated[n]);
      if (reading.treated.size() > 1)
        statement.topic = fmt::format("{} {}", m.level.empty() ? fmt::format("{}.", n + 1) : m.level, statement.topic);
      content.statements.push_back(std::move(statement));
    }
    content.warnings.insert(content.warnings.end(), m.warnings.begin(), m.warnings.end());
  }
  if (reading.treated.empty())
    content.statements.push_back({"Cement", "none found on the films", reading.cement_present.confidence, "", Tone::neutral});
  return content;
}

}  // namespace

std::string render_films(const imaging::FilmReading& reading, const PictureText& text) {
  const Eigen::Vector2d left(kMargin_px, kHeader_px + kPanelTitle_px), right(kMargin_px + kSide_px + kGap_px, kHeader_px + kPanelTitle_px);
  int height = 0;
  if (reading.ap) height = std::max(height, place_of(*reading.ap, left).height);
  if (reading.lateral) height = std::max(height, place_of(*reading.lateral, right).height);
  const double caption_y = left.y() + height + kGap_px;
  const Caption caption = lay_out_caption(caption_of(reading), kPictureWidth_px - 2 * kMargin_px);
  Canvas canvas(kPictureWidth_px, static_cast<int>(caption_y + caption.height_px) + kFooter_px, kGround);
  draw_header(canvas, "Radiographs", text.ordinal);
  if (reading.ap) draw_film(canvas, *reading.ap, shown_levels(reading, imaging::FilmView::ap), place_of(*reading.ap, left), "AP");
  if (reading.lateral)
    draw_film(canvas, *reading.lateral, shown_levels(reading, imaging::FilmView::lateral), place_of(*reading.lateral, right), "Lateral");
  draw_caption(canvas, caption, {kMargin_px, caption_y});
  draw_plain_footer(canvas, text.footer);
  return canvas.to_png(picture_accents());
}

}  // namespace cemscope::report
