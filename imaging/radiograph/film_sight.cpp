#include "imaging/radiograph/film_sight.h"

#include <array>
#include <numeric>

#include "imaging/radiograph/film_leak.h"
#include "imaging/radiograph/filters.h"
#include "imaging/radiograph/hardware.h"
#include "imaging/radiograph/shadow_edges.h"
#include "imaging/radiograph/shadow_net.h"
#include "imaging/radiograph/shadow_outline.h"
#include "imaging/radiograph/thing_weights.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kStep_mm = WorkingFilm::kStep_mm;
// Chosen on simulated films of seeds 1-100: right and left deposits of one body against pedicles beside a deposit.
constexpr double kMemberShare = 0.5, kMemberLogOdds = -1.5;
constexpr double kLeastThing_mm2 = 10.0, kLeastLogOdds = -4.0;
// Edge widths of metal (TRIALS, Radiographs 4): 1.0 mm and 1.2 pixels on real films.
constexpr double kMetalEdge_mm = 1.0, kMetalEdgePerPixel = 1.2;
constexpr double kMetalRim_mm = 1.5, kSharpAllRound_mm = 1.15, kEvenEdge = 1.3;

bool is_cement_like(const DenseThing& thing, const FilmSight& sight) {
  const bool is_placed = sight.column.view == FilmView::lateral ? std::abs(thing.off_axis) < 1.2 : std::abs(thing.off_axis) < 1.15;
  return is_placed && thing.thickness_mm >= 4.0 && cement_log_odds(thing, sight) > kLeastLogOdds;
}

/// Sharp all round, as cages and screws' heads are: cement is sharp in places at most (none of 164 deposits beside metal on display pairs
/// 20001-20100 and plain pairs 9000-9095, 39 of 190 other things over the bodies).
bool is_sharp_all_round(const DenseThing& thing) {
  return thing.edge_upper_mm < kSharpAllRound_mm && thing.edge_upper_mm < kEvenEdge * thing.edge_quartile_mm;
}

/// What is no cement is metal where the film has metal and the thing's edge is as sharp.
ThingKind kind_of(const DenseThing& thing, const FilmSight& sight) {
  if (sight.has_hardware && is_sharp_all_round(thing)) return ThingKind::metal;
  if (is_cement_like(thing, sight)) return ThingKind::cement;
  const bool is_sharp = thing.edge_median_mm < kMetalEdge_mm + kMetalEdgePerPixel * sight.working.pixel_mm;
  return sight.has_hardware && is_sharp ? ThingKind::metal : ThingKind::bone;
}

/// Whether a thing may be the other part of a deposit: as likely cement, and not much fainter. Pedicles are neither.
bool belongs_to(const DenseThing& thing, const DenseThing& seed, const FilmSight& sight) {
  const double median = sight.relief.median;
  return thing.plateau - median > kMemberShare * (seed.plateau - median) && cement_log_odds(thing, sight) > kMemberLogOdds;
}

struct Span {
  double first, last;
};

/// Rows between which the middle 70 % of the pixels lie, along the column.
Span span_of(const std::vector<int>& members, const FilmSight& sight) {
  std::vector<float> rows;
  for (const int member : members)
    for (const auto& [x, y] : sight.things[member].pixels) rows.push_back(static_cast<float>(sight.strip.course.place(x, y).y()));
  return {quantile(rows, 0.15), quantile(rows, 0.85)};
}

void set_body(FilmLevel& level, const Span& span, const ColumnStrip& strip) {
  level.body = body_at(strip, span.first, span.last);
  level.box = level.body >= 0 ? strip.bodies[level.body] : box_at(strip, static_cast<int>(span.first), static_cast<int>(span.last));
}

FilmLevel level_about(int seed, const std::vector<std::uint8_t>& is_taken, const FilmSight& sight) {
  FilmLevel level;
  level.things = {seed};
  Span span = span_of(level.things, sight);
  set_body(level, span, sight.strip);
  for (int n = 0; n < static_cast<int>(sight.things.size()); ++n) {
    if (n == seed || is_taken[n] || sight.kinds[n] != ThingKind::cement) continue;
    if (!belongs_to(sight.things[n], sight.things[seed], sight)) continue;
    const Eigen::Vector2d at = sight.strip.course.place(sight.things[n].centre.x(), sight.things[n].centre.y());
    if (at.y() > level.box.top_at(at.x()) && at.y() < level.box.bottom_at(at.x())) level.things.push_back(n);
  }
  if (level.things.size() > 1) {
    span = span_of(level.things, sight);
    set_body(level, span, sight.strip);
  }
  level.first_row = span.first, level.last_row = span.last;
  level.log_odds = -1e9;
  for (const int n : level.things) {
    level.log_odds = std::max(level.log_odds, cement_log_odds(sight.things[n], sight));
  }
  return level;
}

/// Mean log odds of cement where a level's deposit lies.
double shadow_of(const FilmSight& sight, const FilmLevel& level) {
  constexpr float kMost = 6.F;
  double sum = 0;
  int n = 0;
  for (const int member : level.things)
    for (const auto& [x, y] : sight.things[member].pixels)
      sum += std::clamp(sight.shadows.at(sight.shadows.cement, sight.strip.course.place(x, y), -kMost), -kMost, kMost), ++n;
  return n > 0 ? sum / n : -kMost;
}

/// Puts a level into a surer one of the same body when it is as likely cement, by its look or by the shadows: the halves of one deposit,
/// far apart.
bool is_merged(const FilmLevel& level, std::vector<FilmLevel>& levels, const FilmSight& sight) {
  if (level.body < 0 || (level.log_odds < kMemberLogOdds && shadow_of(sight, level) < 0)) return false;
  for (FilmLevel& surer : levels)
    if (surer.body == level.body) {
      surer.things.insert(surer.things.end(), level.things.begin(), level.things.end());
      surer.first_row = std::min(surer.first_row, level.first_row), surer.last_row = std::max(surer.last_row, level.last_row);
      return true;
    }
  return false;
}

/// Levels from the surest thing downwards; each thing belongs to one.
std::vector<FilmLevel> find_levels(const FilmSight& sight) {
  std::vector<int> order;
  for (int n = 0; n < static_cast<int>(sight.things.size()); ++n)
    if (sight.kinds[n] == ThingKind::cement) order.push_back(n);
  const auto odds = [&](int n) { return cement_log_odds(sight.things[n], sight); };
  std::sort(order.begin(), order.end(), [&](int a, int b) { return odds(a) > odds(b); });
  std::vector<std::uint8_t> is_taken(sight.things.size(), 0);
  std::vector<FilmLevel> levels;
  for (const int seed : order) {
    if (is_taken[seed]) continue;
    FilmLevel level = level_about(seed, is_taken, sight);
    for (const int n : level.things) is_taken[n] = 1;
    if (!is_merged(level, levels, sight)) levels.push_back(std::move(level));
  }
  std::sort(levels.begin(), levels.end(),
            [](const FilmLevel& a, const FilmLevel& b) { return a.first_row + a.last_row < b.first_row + b.last_row; });
  return levels;
}

/// Metal inside or beside a level's body.
void mark_hardware(FilmSight& sight) {
  if (!sight.has_hardware) return;
  const int margin = static_cast<int>(3.0 / kStep_mm);
  for (FilmLevel& level : sight.levels) {
    const BodyBox& box = level.box;
    for (double u = box.left_mm; u <= box.right_mm && !level.has_hardware; u += 1.0)
      for (double row = box.top_at(u) - margin; row <= box.bottom_at(u) + margin && !level.has_hardware; row += 2) {
        const Eigen::Vector2d at = sight.strip.course.working(u, row);
        const int x = static_cast<int>(std::lround(at.x())), y = static_cast<int>(std::lround(at.y()));
        level.has_hardware = sight.hardware.contains(x, y) && sight.hardware.at(x, y) != 0;
      }
  }
}

}  // namespace

double cement_log_odds(const DenseThing& thing, const FilmSight& sight) {
  const auto log_of = [](double value, double least) { return std::log(std::max(least, value)); };
  const double off = std::abs(thing.off_axis);
  const std::array<double, kThingFeatures> features{1.0,
                                                    log_of(thing.prominence, 0.05),
                                                    log_of(thing.thickness_mm, 1.0),
                                                    log_of(thing.solidity, 0.1),
                                                    log_of(thing.edge_median_mm, 0.3),
                                                    off,
                                                    log_of(thing.elongation, 1.0),
                                                    log_of(thing.steepness_ratio, 0.05),
                                                    log_of(thing.edge_quartile_mm, 0.3),
                                                    log_of(thing.edge_upper_mm, 0.3),
                                                    std::min(1.0, thing.texture),
                                                    std::max(0.0, off - 0.6),
                                                    log_of(thing.relative_height, 0.05),
                                                    std::min(0.0, log_of(thing.edge_median_mm / kSharpMedian_mm, 0.2)),
                                                    std::min(0.0, log_of(thing.edge_upper_mm / kSharpUpper_mm, 0.2))};
  const auto& weights = sight.column.view == FilmView::ap ? (sight.has_hardware ? kApThingBesideMetal : kApThing)
                                                          : (sight.has_hardware ? kLateralThingBesideMetal : kLateralThing);
  return std::inner_product(features.begin(), features.end(), weights.begin(), 0.0);
}

namespace {

/// Metal but for the cement that touches it.
Plane<std::uint8_t> without_cement(const FilmSight& sight) {
  Plane<std::uint8_t> metal = sight.hardware;
  for (std::size_t n = 0; n < sight.things.size(); ++n)
    if (sight.kinds[n] == ThingKind::cement && cement_log_odds(sight.things[n], sight) > kMemberLogOdds)
      for (const auto& [x, y] : sight.things[n].pixels) metal.at(x, y) = 0;
  return metal;
}

/// What metal covers is no bone to compare with, and no cement either.
void leave_out(const Plane<std::uint8_t>& hardware, FilmSight& sight) {
  const Plane<float> mask = dilated(as_float(hardware), static_cast<int>(kMetalRim_mm / kStep_mm));
  for (std::size_t n = 0; n < mask.values.size(); ++n) {
    if (mask.values[n] == 0) continue;
    sight.working.field.values[n] = 0;
    sight.relief.excess.values[n] = static_cast<float>(sight.relief.median);
  }
  refresh(sight.relief, sight.working, sight.column);
}

/// What hides bone: cement and metal.
Plane<std::uint8_t> covered_by(const FilmSight& sight) {
  Plane<std::uint8_t> covered = sight.hardware;
  for (std::size_t n = 0; n < sight.things.size(); ++n)
    if (sight.kinds[n] != ThingKind::bone)
      for (const auto& [x, y] : sight.things[n].pixels) covered.at(x, y) = 1;
  return covered;
}

/// Local contrast of what bone there is: cement and metal give way to their background, so that they do not set the tone.
Plane<float> bone_contrast(const FilmSight& sight, const Plane<std::uint8_t>& covered) {
  Plane<float> value = sight.working.value;
  for (std::size_t n = 0; n < value.values.size(); ++n)
    if (covered.values[n]) value.values[n] = sight.working.background.values[n] + static_cast<float>(sight.relief.median);
  return local_contrast(value, kStep_mm);
}

/// +1 when the film's right side of a lateral column is the back: by the film's tags, else the arches' side is rougher than the soft tissue
/// in front (right on 70 of 70 simulated films of seeds 2001-2070).
int posterior_sign(const FilmSight& sight) {
  if (sight.film->rows_run == RowsRun::to_posterior) return 1;
  if (sight.film->rows_run == RowsRun::to_anterior) return -1;
  constexpr double kFrom_mm = 3, kTo_mm = 30;
  constexpr float kSharpest = 0.5F;
  const ColumnStrip& strip = sight.strip;
  const Plane<float> fine = gaussian(strip.contrast, 1.5);
  double difference = 0;
  for (int y = fine.ny / 8; y < fine.ny - fine.ny / 8; ++y)
    for (double d = kFrom_mm; d < kTo_mm; d += kStep_mm)
      for (const int side : {-1, 1}) {
        const int x = Straightened::middle() + static_cast<int>((strip.sides_mm[y] + side * (strip.half_width_mm[y] + d)) / kStep_mm);
        const float along = fine.clamped(x, y + 1) - fine.clamped(x, y - 1), across = fine.clamped(x + 1, y) - fine.clamped(x - 1, y);
        difference += side * std::min(kSharpest, std::hypot(along, across));
      }
  return difference > 0 ? 1 : -1;
}

/// Outlines of bodies as their shadows have them, and on AP films their midlines.
void draw_by_shadows(FilmSight& sight) {
  for (BodyBox& box : sight.strip.bodies) {
    box = shadow_outline(sight.shadows, box).value_or(box);
    if (sight.column.view != FilmView::ap) continue;
    const double sides_mm = 0.5 * (box.left_mm + box.right_mm);
    box.midline_mm = midline_of(sight.shadows, box).value_or(box.midline_mm);
    box.midline_spread_mm = std::abs(box.midline_mm - sides_mm);
  }
}

}  // namespace

FilmSight see_film(Radiograph film, FilmView view) {
  auto owned = std::make_unique<Radiograph>(std::move(film));
  WorkingFilm working = prepare_film(*owned);
  Column column = find_column(working, column_picture(working), view);
  Relief relief = relief_of(working, column);
  FilmSight sight{std::move(owned), std::move(working), std::move(column), std::move(relief), {}, {}, {}, {}, {}, {}, false};
  Hardware hardware = find_hardware(sight.working, sight.column, sight.relief);
  sight.hardware = std::move(hardware.mask), sight.has_hardware = hardware.is_present;
  const Relief searched = sight.has_hardware ? without_bars(sight.relief, sight.working, sight.column) : sight.relief;
  sight.things = find_dense_things(sight.working, sight.column, searched, kLeastThing_mm2);
  for (const DenseThing& thing : sight.things) sight.kinds.push_back(kind_of(thing, sight));
  if (sight.has_hardware) leave_out(without_cement(sight), sight);
  const Plane<std::uint8_t> covered = covered_by(sight);
  sight.strip = make_strip(bone_contrast(sight, covered), covered, sight.column);
  if (view == FilmView::lateral) sight.column.posterior_sign = posterior_sign(sight);
  sight.shadows = film_shadows(strip_picture(sight), view);
  const EndplateLogOdds contrast = contrast_log_odds(sight.strip, sight.column.posterior_sign);
  find_bodies(sight.strip, combined_log_odds(contrast, shadow_edges(sight.strip, sight.shadows), view));
  draw_by_shadows(sight);
  sight.levels = find_levels(sight);
  mark_hardware(sight);
  for (FilmLevel& level : sight.levels) level.unusual = unusual_share(sight, level), level.shadow = shadow_of(sight, level);
  return sight;
}

}  // namespace cemscope::imaging::radiograph
