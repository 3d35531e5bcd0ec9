#include "imaging/phantom/cement_truth.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace cemscope::imaging::phantom {
namespace {

// DEFINITIONS: leakage, midline, distribution.
constexpr double kMinTolerance_mm = 1.0, kMinLeak_ml = 0.01;
constexpr double kMinMinorFraction = 0.05, kMinReach_mm = 3.0, kCellHit = 0.05;
constexpr int kMinCellsHit = 4;
// Calls this near to a limit are marked borderline (TRIALS: a reader's midline is right to 2-3 mm, fractions to 0.03).
constexpr double kSmallLeak_ml = 0.003, kSureLeak_ml = 0.03;
constexpr double kMinorMargin = 0.03, kReachMargin_mm = 1.5, kCellMargin = 0.025;

using Cells = std::array<std::array<double, 2>, 3>;

// The fracture band: a third of the body's height at the collapsed endplate, the upper one when no collapse is visible (DEFINITIONS: a loss
// below 0.20 is none).
constexpr double kVisibleCollapse = 0.20;

enum class Band { upper, lower };

Band band_of(const Vertebra& vertebra) {
  if (vertebra.impaction) return vertebra.impaction->under == PhantomEndplate::lower ? Band::lower : Band::upper;
  const VertebraBody& body = vertebra.body;
  return body.fracture_compression >= kVisibleCollapse && body.upper_drop_share < 0.5 ? Band::lower : Band::upper;
}

// Both plates collapsed alike, or the lower one barely: a reader may choose either band.
bool is_band_ambiguous(const Vertebra& vertebra) {
  const VertebraBody& body = vertebra.body;
  if (vertebra.impaction) return false;
  if (body.fracture_compression < 0.1) return false;
  const bool barely_lower = body.upper_drop_share < 0.5 && body.fracture_compression < kVisibleCollapse + 0.1;
  return barely_lower || (body.upper_drop_share > 0.35 && body.upper_drop_share < 0.65);
}

bool in_band(Band band, double height_fraction) { return band == Band::lower ? height_fraction < 1.0 / 3 : height_fraction > 2.0 / 3; }

int third(double x, double half_width_mm) { return x < -half_width_mm / 3 ? 0 : x > half_width_mm / 3 ? 2 : 1; }

struct BodyCount {
  double body_ml = 0, left_ml = 0, right_ml = 0, reach_left_mm = -1e9, reach_right_mm = -1e9;
  std::array<Cells, 2> band_ml{}, filled_ml{};  ///< of the upper and the lower band
};

BodyCount count_body(const CementBrick& brick, const VertebraBody& body) {
  BodyCount count;
  for (std::int64_t cell = 0; cell < static_cast<std::int64_t>(brick.zone.size()); ++cell) {
    const Point_mm local = brick.local_of(cell);
    if (!body.may_contain(local, 0.0)) continue;
    const BodyPosition position = body.locate(local);
    if (position.distance_mm >= 0) continue;
    count.body_ml += CementBrick::kCell_ml;
    const bool is_cement = brick.zone[cell] == static_cast<std::uint8_t>(CementZone::body);
    const int column = third(local.x(), body.half_width_mm), row = local.y() < 0 ? 0 : 1;
    for (const Band band : {Band::upper, Band::lower}) {
      if (!in_band(band, position.height_fraction)) continue;
      count.band_ml[static_cast<int>(band)][column][row] += CementBrick::kCell_ml;
      if (is_cement) count.filled_ml[static_cast<int>(band)][column][row] += CementBrick::kCell_ml;
    }
    if (!is_cement) continue;
    (local.x() > 0 ? count.left_ml : count.right_ml) += CementBrick::kCell_ml;
    count.reach_left_mm = std::max(count.reach_left_mm, local.x());
    count.reach_right_mm = std::max(count.reach_right_mm, -local.x());
  }
  return count;
}

bool is_even(const Cells& cells, double threshold) {
  const auto hit = [&](int column, int row) { return cells[column][row] >= threshold; };
  int n_hit = 0;
  for (int column = 0; column < 3; ++column)
    for (int row = 0; row < 2; ++row) n_hit += hit(column, row) ? 1 : 0;
  return n_hit >= kMinCellsHit && (hit(0, 0) || hit(0, 1)) && (hit(2, 0) || hit(2, 1));
}

Cells fills_of(const BodyCount& count, Band band) {
  const Cells &whole = count.band_ml[static_cast<int>(band)], &filled = count.filled_ml[static_cast<int>(band)];
  Cells fills{};
  for (int column = 0; column < 3; ++column)
    for (int row = 0; row < 2; ++row) fills[column][row] = whole[column][row] > 0 ? filled[column][row] / whole[column][row] : 0.0;
  return fills;
}

bool is_evenness_borderline(const Cells& cells) { return is_even(cells, kCellHit - kCellMargin) != is_even(cells, kCellHit + kCellMargin); }

void judge_distribution(PhantomVertebraTruth& truth, const BodyCount& count, const Vertebra& vertebra) {
  const double minor = truth.minor_side_fraction, reach = truth.reach_mm;
  truth.midline_crossed = minor >= kMinMinorFraction && reach >= kMinReach_mm;
  const bool minor_near = std::abs(minor - kMinMinorFraction) < kMinorMargin, reach_near = std::abs(reach - kMinReach_mm) < kReachMargin_mm;
  truth.midline_borderline =
      (minor_near && reach > kMinReach_mm - kReachMargin_mm) || (reach_near && minor > kMinMinorFraction - kMinorMargin);
  const bool even = is_even(truth.cells, kCellHit);
  bool even_borderline = is_evenness_borderline(truth.cells);
  if (is_band_ambiguous(vertebra))
    for (const Band band : {Band::upper, Band::lower}) {
      const Cells fills = fills_of(count, band);
      even_borderline = even_borderline || is_evenness_borderline(fills) || is_even(fills, kCellHit) != even;
    }
  truth.satisfactory = truth.midline_crossed && even;
  const bool may_cross = truth.midline_crossed || truth.midline_borderline, may_be_even = even || even_borderline;
  truth.distribution_borderline = (truth.midline_borderline && may_be_even) || (even_borderline && may_cross);
}

void set_body(PhantomVertebraTruth& truth, const BodyCount& count) {
  const double cement_ml = count.left_ml + count.right_ml;
  truth.body_ml = count.body_ml;
  truth.fill = cement_ml / count.body_ml;
  truth.left_fraction = cement_ml > 0 ? count.left_ml / cement_ml : 0.0;
  truth.minor_side_fraction = std::min(truth.left_fraction, 1 - truth.left_fraction);
  truth.reach_mm = truth.left_fraction >= 0.5 ? count.reach_right_mm : count.reach_left_mm;
}

void set_zones(PhantomVertebraTruth& truth, const CementBrick& brick, const VertebraBody& body, double tolerance_mm) {
  std::map<CementZone, double> beyond_ml;
  for (int zone = 1; zone <= kNCementZones; ++zone) truth.volumes_ml[static_cast<CementZone>(zone)] = 0.0;
  for (std::int64_t cell = 0; cell < static_cast<std::int64_t>(brick.zone.size()); ++cell) {
    if (brick.zone[cell] == 0) continue;
    const auto zone = static_cast<CementZone>(brick.zone[cell]);
    truth.volumes_ml[zone] += CementBrick::kCell_ml;
    truth.cement_ml += CementBrick::kCell_ml;
    if (zone != CementZone::body && body.distance_mm(brick.local_of(cell)) > tolerance_mm) beyond_ml[zone] += CementBrick::kCell_ml;
  }
  for (const auto& [zone, volume_ml] : beyond_ml)
    if (zone != CementZone::needle_tract && volume_ml >= kMinLeak_ml) truth.leaks_ml[zone] = truth.volumes_ml[zone];
  truth.leakage = !truth.leaks_ml.empty();
  double largest_ml = 0;
  for (const auto& [zone, volume_ml] : beyond_ml)
    if (zone != CementZone::needle_tract) largest_ml = std::max(largest_ml, volume_ml);
  truth.leakage_borderline = largest_ml >= kSmallLeak_ml && largest_ml < kSureLeak_ml;
}

LeakageType type_of(const std::map<CementZone, double>& leaks_ml) {
  if (leaks_ml.empty()) return LeakageType::none;
  if (!leaks_ml.contains(CementZone::paravertebral)) return LeakageType::other;
  return leaks_ml.size() == 1 ? LeakageType::paravertebral : LeakageType::both;
}

// The unfractured neighbour in a direction, within the simulated spine above the sacrum; -1 when there is none.
int unfractured(const Spine& spine, int index, int step) {
  for (int other = index + step; other >= 0 && other < kFirstSacral; other += step)
    if (!spine.vertebrae[other].is_fractured) return other;
  return -1;
}

double angle_deg(double opposite, double adjacent) { return std::atan2(opposite, adjacent) * 180 / std::numbers::pi; }

}  // namespace

BodyHeights heights_of(const VertebraBody& body) {
  const double depth = 0.82 * body.half_depth_mm;
  return {body.height_mm(0, -depth), body.height_mm(0, 0), body.height_mm(0, depth)};
}

double compression_of(const Spine& spine, int index) {
  const BodyHeights own = heights_of(spine.vertebrae[index].body);
  const int above = unfractured(spine, index, -1), below = unfractured(spine, index, 1);
  const BodyHeights upper = heights_of(spine.vertebrae[above < 0 ? below : above].body),
                    lower = heights_of(spine.vertebrae[below < 0 ? above : below].body);
  const auto ratio = [](double height, double a, double b) { return height / (0.5 * (a + b)); };
  const double smallest =
      std::min({ratio(own.anterior_mm, upper.anterior_mm, lower.anterior_mm), ratio(own.middle_mm, upper.middle_mm, lower.middle_mm),
                ratio(own.posterior_mm, upper.posterior_mm, lower.posterior_mm)});
  return std::max(0.0, 1 - smallest);
}

VertebralFrame truth_frame(const Vertebra& vertebra) {
  const VertebraBody& body = vertebra.body;
  const double middle = 0.5 * (body.upper.at(0, 0) + body.lower.at(0, 0));
  VertebralFrame frame;
  frame.centre_mm = vertebra.frame.to_patient({0, 0, middle});
  frame.left = vertebra.frame.axes.col(0), frame.posterior = vertebra.frame.axes.col(1), frame.superior = vertebra.frame.axes.col(2);
  frame.half_width_mm = body.half_width_mm, frame.half_depth_mm = body.half_depth_mm, frame.half_height_mm = 0.5 * body.height_mm(0, 0);
  frame.axial_rotation_deg = angle_deg(frame.left.y(), frame.left.x());
  frame.sagittal_tilt_deg = angle_deg(frame.superior.y(), frame.superior.z());
  frame.coronal_tilt_deg = angle_deg(frame.superior.x(), frame.superior.z());
  return frame;
}

double leak_tolerance_mm(const PhantomScan& scan) {
  return std::max({kMinTolerance_mm, 0.5 * std::max(scan.slice_thickness_mm, scan.slice_spacing_mm), scan.pixel_mm});
}

PhantomVertebraTruth measure_truth(const CementBrick& brick, const Spine& spine, double leak_tolerance_mm) {
  const int index = level_index(brick.level);
  const Vertebra& vertebra = spine.vertebrae[index];
  PhantomVertebraTruth truth;
  truth.level = brick.level, truth.pattern = to_string(brick.pattern);
  const BodyCount count = count_body(brick, vertebra.body);
  set_body(truth, count);
  set_zones(truth, brick, vertebra.body, leak_tolerance_mm);
  truth.leakage_type = type_of(truth.leaks_ml);
  truth.is_band_lower = band_of(vertebra) == Band::lower;
  truth.is_band_ambiguous = is_band_ambiguous(vertebra);
  truth.cells = fills_of(count, band_of(vertebra));
  judge_distribution(truth, count, vertebra);
  const BodyHeights heights = heights_of(vertebra.body);
  truth.height_anterior_mm = heights.anterior_mm, truth.height_middle_mm = heights.middle_mm,
  truth.height_posterior_mm = heights.posterior_mm;
  truth.compression = compression_of(spine, index);
  truth.frame = truth_frame(vertebra);
  return truth;
}

}  // namespace cemscope::imaging::phantom
