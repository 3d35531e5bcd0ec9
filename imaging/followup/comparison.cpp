#include "imaging/followup/comparison.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "imaging/followup/heights.h"
#include "imaging/followup/level_matching.h"
#include "imaging/radiograph/shadow_heights.h"

namespace cemscope::imaging::followup {
namespace {

constexpr double kUnsureOfPlate = 0.7;  // oedema's own border may be taken for the endplate
constexpr double kUnsureShare = 0.75;  // of the loss that makes a fracture: from here on it is no clear "no"
// Bodies do not grow, and none loses nearly all its height between two examinations: such figures are a body misread at one time.
constexpr double kMostGrowth = 0.30, kMostLoss = 0.75;
constexpr int kSureOfLoss = 2;       // places that lost enough, where the third is implausible
constexpr double kMostScale = 0.10;  // of the logarithm: voxels of one modality are known in mm
constexpr double kLeastScaleOfMixed = 0.80, kMostScaleOfMixed = 1.13;  // MR over CT, both in mm; rightly read pairs have 0.86-0.98
constexpr double kMostScaleOfFilms = 0.35;  // films are enlarged by 1.05-1.4, and their spacing may be a guess
constexpr double kMostGrownOnFilms = 0.12;  // of a place, on films: its landmarks are not the same ones
// To say "no": of some 250 intact bodies of seeds 20001-28070 of draw_follow_up_pair four seem to lose more.
constexpr double kMostLostOnFilms = 0.125;
constexpr double kHardlyLostOnFilms = 0.08;
constexpr double kPlainOnFilms = 0.7;     // from here on a place's loss is right within 0.2 in all but 2 of 870 places
constexpr double kMostOfPlace = 0.06;     // of the logarithm: how much more than the common ratio two modalities differ at front or back
constexpr double kDoubtOfMixed = 0.06;    // of a share lost: as much do heights of CT and MR differ by chance
constexpr double kMostOverOthers = 1.25;  // a body's highest place over its lowest other one; what is higher is another body's endplate
constexpr double kMostWithOedema = 0.12;  // growth of a place in a body with new oedema, which hides its endplates

std::vector<int> treated_of(const TimePoint& point) {
  std::vector<int> treated;
  for (std::size_t n = 0; n < point.bodies.size(); ++n)
    if (point.bodies[n].is_treated) treated.push_back(static_cast<int>(n));
  return treated;
}

// Heights that no body of this spine can have beside its neighbours are of two bodies read as one, or of a disc.
void mark_misread(TimePoint& point) {
  constexpr double kMostOfNeighbours = 1.4, kTallest_mm = 40, kMostEnlarged = 1.4;
  const double tallest_mm = point.modality == "XR" ? kMostEnlarged * kTallest_mm : kTallest_mm;
  std::vector<double> tallest;
  for (const auto& body : point.bodies)
    tallest.push_back(body.is_cut ? 0
                                  : std::max({body.anterior_mm.value_or(0), body.middle_mm.value_or(0), body.posterior_mm.value_or(0)}));
  for (std::size_t n = 0; n < point.bodies.size(); ++n) {
    std::vector<double> near;
    for (std::size_t m = n >= 2 ? n - 2 : 0; m < std::min(tallest.size(), n + 3); ++m)
      if (m != n && tallest[m] > 0) near.push_back(tallest[m]);
    const double highest =
        near.empty() ? tallest_mm : std::min(tallest_mm, kMostOfNeighbours * *std::max_element(near.begin(), near.end()));
    point.bodies[n].is_misread = tallest[n] > highest;
  }
}

/// Follow-up heights over baseline heights of bodies that did not change, at front, middle and back.
struct Scale {
  double common = 1;
  std::array<double, kHeights.size()> at{1, 1, 1};
  bool is_of_films = false, is_mixed = false;
};

// Two modalities see endplates differently, and not alike at front, middle and back.
std::optional<Scale> scale_of(const TimePoint& a, const TimePoint& b, int shift) {
  constexpr std::size_t kLeastOfMixed = 3, kLeastOfSame = 6;
  constexpr std::size_t kLeastUntreated = 6;  // cement hides endplates, and a treated body may go on sinking
  Scale scale;
  scale.is_mixed = a.modality != b.modality;
  scale.is_of_films = a.modality == "XR" || b.modality == "XR";
  const auto of = log_ratios(a, b, shift, kHeights, Of::untreated).size() >= kLeastUntreated ? Of::untreated : Of::all;
  auto ratios = log_ratios(a, b, shift, kHeights, of);
  if (ratios.size() < (scale.is_mixed ? kLeastOfMixed : kLeastOfSame)) return scale.is_mixed ? std::nullopt : std::optional(scale);
  scale.common = std::exp(scale.is_mixed ? common_log_ratio(std::move(ratios), a, b) : median(std::move(ratios)));
  scale.at.fill(scale.common);
  if (!scale.is_mixed) return scale;
  for (std::size_t n = 0; n < kHeights.size(); ++n)
    if (const auto own = log_ratios(a, b, shift, std::span(&kHeights[n], 1), of); own.size() >= kLeastOfMixed)
      scale.at[n] = scale.common * std::exp(std::clamp(median(own) - std::log(scale.common), -kMostOfPlace, kMostOfPlace));
  return scale;
}

// A body is about as high in front as behind before it breaks; a place far above both others was measured to another body's endplate.
bool is_overshot(const BodyHeights& body, Place place) {
  double highest_other = 0;
  int n_others = 0;
  for (const auto height : kHeights)
    if (height != place && (body.*height).has_value()) highest_other = std::max(highest_other, *(body.*height)), ++n_others;
  return n_others == 2 && *(body.*place) > kMostOverOthers * highest_other;
}

void measure_loss(BodyChange& change, const BodyHeights& before, const BodyHeights& after, const Scale& scale) {
  for (std::size_t n = 0; n < kHeights.size(); ++n) {
    const auto height = kHeights[n];
    if (!(before.*height).has_value() || !(after.*height).has_value() || is_overshot(before, height)) continue;
    const double seen = 1 - *(after.*height) / (scale.at[n] * *(before.*height));
    const double loss = scale.is_of_films && seen > 0 ? seen / radiograph::kShownOfLoss : seen;
    change.losses[n] = loss, change.plainness[n] = std::min(before.plainness[n], after.plainness[n]);
    if (!change.loss_fraction || loss > *change.loss_fraction) change.loss_fraction = loss, change.loss_mm = loss * *(before.*height);
  }
}

/// Front or back lost alone: a wedge lowers the middle by about half as much, so an edge was misread there.
bool is_lone_loss(const BodyChange& change) {
  constexpr double kLeastShareOfMiddle = 0.2;
  const auto &front = change.losses[0], &middle = change.losses[1], &back = change.losses[2];
  if (!middle) return false;
  const double edge = std::max(front.value_or(-1), back.value_or(-1));
  return edge > *middle && *middle < kLeastShareOfMiddle * edge;
}

// Places that lost a share of their height between two limits.
int n_lost_between(const BodyChange& change, double low, double high) {
  return static_cast<int>(
      std::count_if(change.losses.begin(), change.losses.end(), [&](const auto& loss) { return loss >= low && loss <= high; }));
}

Finding judge(const BodyChange& change, const ComparisonParameters& p) {
  if (!change.loss_fraction) return {Answer::not_assessable, 0.0, "adjacent_level_not_in_view"};
  const double loss = *change.loss_fraction;
  if (loss > kMostLoss && n_lost_between(change, p.min_loss_fraction, kMostLoss) >= kSureOfLoss) return {Answer::yes, kUnsureOfPlate, ""};
  if (loss < -kMostGrowth || loss > kMostLoss) return {Answer::not_assessable, 0.0, "heights_implausible"};
  if (loss >= p.min_loss_fraction && *change.loss_mm >= p.min_loss_mm)
    return {Answer::yes, loss > 1.25 * p.min_loss_fraction && !change.has_new_oedema ? 0.9 : kUnsureOfPlate, ""};
  if (change.has_new_oedema && loss >= p.min_loss_fraction_with_oedema) return {Answer::yes, kUnsureOfPlate, ""};
  const bool is_near = loss >= kUnsureShare * p.min_loss_fraction;
  return {Answer::no, change.has_new_oedema ? 0.5 : is_near ? 0.6 : 0.9, ""};
}

Finding together(const std::vector<BodyChange>& changes, int n_wanted) {
  Finding finding{Answer::no, 1.0, ""};
  int n_seen = 0;
  for (const auto& change : changes) {
    if (!change.is_adjacent) continue;
    if (change.fracture.answer == Answer::yes) return change.fracture;
    if (change.fracture.answer == Answer::no) ++n_seen, finding.confidence = std::min(finding.confidence, change.fracture.confidence);
  }
  if (n_wanted > 0 && n_seen == n_wanted) return finding;
  for (const char* reason : {"heights_implausible", "heights_unsure"})
    for (const auto& change : changes)
      if (change.is_adjacent && change.fracture.reason == reason) return change.fracture;
  return {Answer::not_assessable, 0.0, "adjacent_level_not_in_view"};
}

// Places of a body that have grown by more than a share.
int n_grown(const BodyHeights& before, const BodyHeights& after, const Scale& scale, double share) {
  return static_cast<int>(std::count_if(kHeights.begin(), kHeights.end(), [&](Place height) {
    return (before.*height).has_value() && (after.*height).has_value() && *(after.*height) > (1 + share) * scale.common * *(before.*height);
  }));
}

// Bodies do not grow: with new oedema its border, or the disc's, was taken for the endplate. On films one place of three may be misread
// while the other two tell that the body kept its height.
bool is_doubtful(const BodyChange& change, const BodyHeights& before, const BodyHeights& after, const Scale& scale) {
  if (change.has_new_oedema && n_grown(before, after, scale, kMostWithOedema) > 0) return true;
  if (!scale.is_of_films) return false;
  const int grown = n_grown(before, after, scale, kMostGrownOnFilms);
  return grown > 1 || (grown == 1 && change.loss_fraction > kMostLostOnFilms);
}

// The sacrum does not collapse.
bool is_sacrum(const TimePoint& point, int index) {
  const auto level_at = [&](int n) {
    return n >= 0 && n < static_cast<int>(point.bodies.size()) ? point.bodies[static_cast<std::size_t>(n)].level : "";
  };
  return level_at(index).starts_with('S') || level_at(index - 1) == "L5";
}

bool is_adjacent(const TimePoint& point, int index, int reach) {
  const auto treated = treated_of(point);
  if (is_sacrum(point, index) || std::find(treated.begin(), treated.end(), index) != treated.end()) return false;
  return std::any_of(treated.begin(), treated.end(), [&](int t) { return std::abs(t - index) <= reach; });
}

// Places next to a treated body, those beyond the ends of the examination among them.
int count_adjacent(const TimePoint& point, int reach) {
  int n = 0;
  for (int i = -reach; i < static_cast<int>(point.bodies.size()) + reach; ++i) n += is_adjacent(point, i, reach) ? 1 : 0;
  return n;
}

// What reaches the end of an examination may be higher than it looks: lost height is sure only if that was before, kept height only if it
// is after.
bool is_left_open(Answer answer, const BodyHeights& before, const BodyHeights& after) {
  return (answer == Answer::yes && after.is_at_end) || (answer == Answer::no && before.is_at_end);
}

/// On films: of two places at least, one of them plainly or with next to nothing lost.
bool shows_enough(const BodyChange& change) {
  constexpr int kLeastPlaces = 2;
  int n_measured = 0, n_plain = 0;
  for (std::size_t n = 0; n < kHeights.size(); ++n)
    if (change.losses[n]) ++n_measured, n_plain += change.plainness[n] >= kPlainOnFilms ? 1 : 0;
  return n_measured >= kLeastPlaces && (n_plain > 0 || *change.loss_fraction < kHardlyLostOnFilms);
}

double least_loss(const BodyChange& change, const ComparisonParameters& parameters) {
  return change.has_new_oedema ? parameters.min_loss_fraction_with_oedema : parameters.min_loss_fraction;
}

BodyChange change_of(const BodyHeights& before, const BodyHeights& after, const Scale& scale, const ComparisonParameters& parameters) {
  BodyChange change;
  change.level = before.level.empty() ? after.level : before.level;
  change.has_new_oedema = after.has_oedema.value_or(false) && !before.has_oedema.value_or(false);
  if (is_comparable(before, after)) measure_loss(change, before, after, scale);
  change.fracture = before.is_misread || after.is_misread || is_doubtful(change, before, after, scale)
                        ? Finding{Answer::not_assessable, 0.0, "heights_implausible"}
                        : judge(change, parameters);
  const bool is_broken_unlikely =
      ((scale.is_mixed || scale.is_of_films) && is_lone_loss(change)) || n_grown(before, after, scale, kMostGrowth) > 0;
  if (change.fracture.answer == Answer::yes && is_broken_unlikely) change.fracture = {Answer::not_assessable, 0.0, "heights_implausible"};
  if (is_left_open(change.fracture.answer, before, after)) change.fracture = {Answer::not_assessable, 0.0, "adjacent_level_not_in_view"};
  const bool is_near = scale.is_mixed && change.loss_fraction > least_loss(change, parameters) - kDoubtOfMixed;
  const bool is_unsure = is_near || (scale.is_of_films && (!shows_enough(change) || change.loss_fraction > kMostLostOnFilms));
  if (change.fracture.answer == Answer::no && is_unsure) change.fracture = {Answer::not_assessable, 0.0, "heights_unsure"};
  return change;
}

bool is_plausible(const Scale& scale, const TimePoint& baseline, const TimePoint& followup) {
  const bool is_in_mm = baseline.is_in_mm && followup.is_in_mm;
  if (scale.is_mixed && scale.is_of_films)
    return !is_in_mm || std::abs(std::log(scale.common) - expected_log_ratio(baseline, followup)) <= kMostScaleOfFilms;
  if (scale.is_mixed) return scale.common >= kLeastScaleOfMixed && scale.common <= kMostScaleOfMixed;
  return std::abs(std::log(scale.common)) <= (scale.is_of_films ? kMostScaleOfFilms : kMostScale);
}

Comparison not_comparable(const char* reason) {
  Comparison result;
  result.adjacent_fracture = {Answer::not_assessable, 0.0, reason};
  return result;
}

}  // namespace

Comparison compare(const TimePoint& as_read_before, const TimePoint& as_read_after, const ComparisonParameters& as_defined) {
  auto parameters = as_defined;
  if (!as_read_before.is_in_mm) parameters.min_loss_mm = 0;
  auto baseline = as_read_before, followup = as_read_after;
  mark_misread(baseline), mark_misread(followup);
  const auto shift = matching_shift(baseline, followup);
  const auto scale = shift ? scale_of(baseline, followup, *shift) : std::nullopt;
  if (!scale) return not_comparable("levels_not_matched");
  if (!is_plausible(*scale, baseline, followup)) return not_comparable("heights_implausible");
  Comparison result;
  result.scale = scale->common;
  for (int i = 0; i < static_cast<int>(baseline.bodies.size()); ++i) {
    const int j = i + *shift;
    if (j < 0 || j >= static_cast<int>(followup.bodies.size())) continue;
    auto change = change_of(baseline.bodies[static_cast<std::size_t>(i)], followup.bodies[static_cast<std::size_t>(j)], *scale, parameters);
    change.baseline = i, change.followup = j, change.is_adjacent = is_adjacent(baseline, i, parameters.reach_levels);
    result.changes.push_back(std::move(change));
  }
  result.adjacent_fracture = together(result.changes, count_adjacent(baseline, parameters.reach_levels));
  return result;
}

}  // namespace cemscope::imaging::followup
