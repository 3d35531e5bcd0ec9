#include "imaging/radiograph/film_sight.h"

#include "imaging/radiograph/filters.h"
#include "imaging/radiograph/hardware.h"

namespace cemscope::imaging::radiograph {
namespace {

constexpr double kStep_mm = WorkingFilm::kStep_mm;
// Chosen on simulated films of seeds 1-100: right and left deposits of one body against pedicles beside a deposit.
constexpr double kMemberShare = 0.5, kMemberLogOdds = -1.5;
constexpr double kLeastThing_mm2 = 10.0, kLeastLogOdds = -4.0;
// Edge widths of metal (TRIALS, Radiographs 4): 1.0 mm and 1.2 pixels on real films.
constexpr double kMetalEdge_mm = 1.0, kMetalEdgePerPixel = 1.2;
// A screw's shaft, and what holds both metal and bone; simulated films with screws of seeds 1-100.
constexpr double kShaftElongation = 3.5, kMetalTexture = 0.35, kMetalRim_mm = 1.5;

bool is_cement_like(const DenseThing& thing, FilmView view) {
  const bool is_placed = view == FilmView::lateral ? std::abs(thing.off_axis) < 1.2 : std::abs(thing.off_axis) < 1.15;
  return is_placed && thing.thickness_mm >= 4.0 && cement_log_odds(thing, view) > kLeastLogOdds;
}

/// Without rods or screws on the film a thing is cement or bone; with them, sharp edges and the shape of a shaft tell what is left of
/// metal.
ThingKind kind_of(const DenseThing& thing, const FilmSight& sight) {
  const ThingKind soft_kind = is_cement_like(thing, sight.column.view) ? ThingKind::cement : ThingKind::bone;
  if (!sight.has_hardware) return soft_kind;
  const bool is_sharp = thing.edge_median_mm < kMetalEdge_mm + kMetalEdgePerPixel * sight.working.pixel_mm;
  return is_sharp || thing.elongation > kShaftElongation || thing.texture > kMetalTexture ? ThingKind::metal : soft_kind;
}

/// Whether a thing may be the other part of a deposit: as likely cement, and not much fainter. Pedicles are neither.
bool belongs_to(const DenseThing& thing, const DenseThing& seed, const FilmSight& sight) {
  const double median = sight.relief.median;
  return thing.plateau - median > kMemberShare * (seed.plateau - median) && cement_log_odds(thing, sight.column.view) > kMemberLogOdds;
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
    level.log_odds = std::max(level.log_odds, cement_log_odds(sight.things[n], sight.column.view));
  }
  return level;
}

/// Puts a level into a surer one of the same body when it is as likely cement: the halves of one deposit, far apart.
bool is_merged(const FilmLevel& level, std::vector<FilmLevel>& levels) {
  if (level.body < 0 || level.log_odds < kMemberLogOdds) return false;
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
  const auto odds = [&](int n) { return cement_log_odds(sight.things[n], sight.column.view); };
  std::sort(order.begin(), order.end(), [&](int a, int b) { return odds(a) > odds(b); });
  std::vector<std::uint8_t> is_taken(sight.things.size(), 0);
  std::vector<FilmLevel> levels;
  for (const int seed : order) {
    if (is_taken[seed]) continue;
    FilmLevel level = level_about(seed, is_taken, sight);
    for (const int n : level.things) is_taken[n] = 1;
    if (!is_merged(level, levels)) levels.push_back(std::move(level));
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

double cement_log_odds(const DenseThing& thing, FilmView view) {
  const double prominence = std::log(std::max(0.05, thing.prominence)), thickness = std::log(std::max(1.0, thing.thickness_mm)),
               solidity = std::log(std::max(0.1, thing.solidity)), edge = std::log(std::max(0.3, thing.edge_median_mm)),
               off = std::abs(thing.off_axis), elongation = std::log(std::max(1.0, thing.elongation)),
               steepness = std::log(std::max(0.05, thing.steepness_ratio));
  if (view == FilmView::ap)
    return -4.77 + 3.06 * prominence + 2.33 * thickness + 1.57 * solidity - 1.70 * edge - 2.19 * off - 1.87 * elongation + 4.53 * steepness;
  return -4.82 + 0.18 * prominence + 2.44 * thickness + 3.41 * solidity - 1.38 * edge - 2.05 * off - 1.63 * elongation + 3.54 * steepness;
}

namespace {

/// What metal covers is no bone to compare with, and no cement either.
void leave_out(const Plane<std::uint8_t>& hardware, FilmSight& sight) {
  Plane<float> mask(hardware.nx, hardware.ny, 0.F);
  for (std::size_t n = 0; n < mask.values.size(); ++n) mask.values[n] = hardware.values[n];
  mask = dilated(mask, static_cast<int>(kMetalRim_mm / kStep_mm));
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

}  // namespace

FilmSight see_film(Radiograph film, FilmView view) {
  auto owned = std::make_unique<Radiograph>(std::move(film));
  WorkingFilm working = prepare_film(*owned);
  Column column = find_column(working, column_picture(working), view);
  Relief relief = relief_of(working, column);
  FilmSight sight{std::move(owned), std::move(working), std::move(column), std::move(relief), {}, {}, {}, {}, {}, false};
  Hardware hardware = find_hardware(sight.working, sight.column, sight.relief);
  sight.hardware = std::move(hardware.mask), sight.has_hardware = hardware.is_present;
  if (sight.has_hardware) leave_out(sight.hardware, sight);
  sight.things = find_dense_things(sight.working, sight.column, sight.relief, kLeastThing_mm2);
  for (const DenseThing& thing : sight.things) sight.kinds.push_back(kind_of(thing, sight));
  const Plane<std::uint8_t> covered = covered_by(sight);
  sight.strip = make_strip(bone_contrast(sight, covered), covered, sight.column);
  if (view == FilmView::lateral) sight.column.posterior_sign = posterior_sign(sight);
  find_bodies(sight.strip, sight.column.posterior_sign);
  sight.levels = find_levels(sight);
  mark_hardware(sight);
  return sight;
}

}  // namespace cemscope::imaging::radiograph
