#include "imaging/followup/comparison.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace cemscope::imaging::followup {
namespace {

constexpr double kAgree = 0.10;  // of log height: bodies of one patient measured twice
constexpr int kLeastAgreeing = 3;
constexpr double kUnsureShare = 0.75;  // of the loss that makes a fracture: from here on it is no clear "no"
// Bodies do not grow, and none loses nearly all its height between two examinations: such figures are a body misread at one time.
constexpr double kMostGrowth = 0.30, kMostLoss = 0.75;
constexpr double kMostScale = 0.10;  // of the logarithm: voxels of one modality are known in mm
constexpr std::array kHeights{&BodyHeights::anterior_mm, &BodyHeights::middle_mm, &BodyHeights::posterior_mm};

// Index in the follow-up = index in the baseline + shift.
std::optional<int> shift_by_names(const TimePoint& a, const TimePoint& b) {
  for (std::size_t i = 0; i < a.bodies.size(); ++i)
    for (std::size_t j = 0; j < b.bodies.size(); ++j)
      if (!a.bodies[i].level.empty() && a.bodies[i].level == b.bodies[j].level) return static_cast<int>(j) - static_cast<int>(i);
  return std::nullopt;
}

std::vector<int> treated_of(const TimePoint& point) {
  std::vector<int> treated;
  for (std::size_t n = 0; n < point.bodies.size(); ++n)
    if (point.bodies[n].is_treated) treated.push_back(static_cast<int>(n));
  return treated;
}

std::optional<int> shift_by_treated(const TimePoint& a, const TimePoint& b) {
  const auto first = treated_of(a), second = treated_of(b);
  if (first.empty() || first.size() != second.size()) return std::nullopt;
  for (std::size_t n = 0; n < first.size(); ++n)
    if (second[n] - first[n] != second[0] - first[0]) return std::nullopt;
  return second[0] - first[0];
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::vector<double> log_ratios(const TimePoint& a, const TimePoint& b, int shift) {
  std::vector<double> ratios;
  for (int i = 0; i < static_cast<int>(a.bodies.size()); ++i) {
    const int j = i + shift;
    if (j < 0 || j >= static_cast<int>(b.bodies.size())) continue;
    const auto &before = a.bodies[static_cast<std::size_t>(i)], &after = b.bodies[static_cast<std::size_t>(j)];
    if (before.is_cut || after.is_cut) continue;
    for (const auto height : kHeights)
      if ((before.*height).has_value() && (after.*height).has_value()) ratios.push_back(std::log(*(after.*height) / *(before.*height)));
  }
  return ratios;
}

std::optional<int> shift_by_heights(const TimePoint& a, const TimePoint& b) {
  std::optional<int> best;
  int most = kLeastAgreeing - 1;
  for (int shift = -static_cast<int>(a.bodies.size()); shift <= static_cast<int>(b.bodies.size()); ++shift) {
    const auto ratios = log_ratios(a, b, shift);
    if (ratios.empty()) continue;
    const double middle = median(ratios);
    const auto n = static_cast<int>(std::count_if(ratios.begin(), ratios.end(), [&](double r) { return std::abs(r - middle) < kAgree; }));
    if (n > most) most = n, best = shift;
  }
  return best;
}

std::optional<int> shift_of(const TimePoint& a, const TimePoint& b) {
  if (const auto shift = shift_by_names(a, b)) return shift;
  if (const auto shift = shift_by_treated(a, b)) return shift;
  return shift_by_heights(a, b);
}

void measure_loss(BodyChange& change, const BodyHeights& before, const BodyHeights& after, double scale) {
  for (const auto height : kHeights) {
    if (!(before.*height).has_value() || !(after.*height).has_value()) continue;
    const double loss = 1 - *(after.*height) / (scale * *(before.*height));
    if (!change.loss_fraction || loss > *change.loss_fraction) change.loss_fraction = loss, change.loss_mm = loss * *(before.*height);
  }
}

Finding judge(const BodyChange& change, const ComparisonParameters& p) {
  if (!change.loss_fraction) return {Answer::not_assessable, 0.0, "adjacent_level_not_in_view"};
  const double loss = *change.loss_fraction;
  if (loss < -kMostGrowth || loss > kMostLoss) return {Answer::not_assessable, 0.0, "heights_implausible"};
  if (loss >= p.min_loss_fraction && *change.loss_mm >= p.min_loss_mm)
    return {Answer::yes, loss > 1.25 * p.min_loss_fraction ? 0.9 : 0.7, ""};
  if (change.has_new_oedema && loss >= p.min_loss_fraction_with_oedema) return {Answer::yes, 0.85, ""};
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
  for (const auto& change : changes)
    if (change.is_adjacent && change.fracture.reason == "heights_implausible") return change.fracture;
  return {Answer::not_assessable, 0.0, "adjacent_level_not_in_view"};
}

bool is_adjacent(const TimePoint& point, int index, int reach) {
  const auto treated = treated_of(point);
  if (std::find(treated.begin(), treated.end(), index) != treated.end()) return false;
  return std::any_of(treated.begin(), treated.end(), [&](int t) { return std::abs(t - index) <= reach; });
}

// Places next to a treated body, those beyond the ends of the examination among them.
int count_adjacent(const TimePoint& point, int reach) {
  int n = 0;
  for (int i = -reach; i < static_cast<int>(point.bodies.size()) + reach; ++i) n += is_adjacent(point, i, reach) ? 1 : 0;
  return n;
}

}  // namespace

Comparison compare(const TimePoint& baseline, const TimePoint& followup, const ComparisonParameters& parameters) {
  Comparison result;
  const auto shift = shift_of(baseline, followup);
  if (!shift) {
    result.adjacent_fracture = {Answer::not_assessable, 0.0, "levels_not_matched"};
    return result;
  }
  const auto ratios = log_ratios(baseline, followup, *shift);
  if (baseline.modality != followup.modality && ratios.size() < kLeastAgreeing) {  // nothing to tell endplates from loss by
    result.adjacent_fracture = {Answer::not_assessable, 0.0, "levels_not_matched"};
    return result;
  }
  result.scale = ratios.size() >= 6 || (ratios.size() >= 3 && baseline.modality != followup.modality) ? std::exp(median(ratios)) : 1.0;
  if (baseline.modality == followup.modality && std::abs(std::log(result.scale)) > kMostScale) {
    result.adjacent_fracture = {Answer::not_assessable, 0.0, "heights_implausible"};
    return result;
  }
  for (int i = 0; i < static_cast<int>(baseline.bodies.size()); ++i) {
    const bool adjacent = is_adjacent(baseline, i, parameters.reach_levels);
    const int j = i + *shift;
    if (j < 0 || j >= static_cast<int>(followup.bodies.size())) continue;
    const auto &before = baseline.bodies[static_cast<std::size_t>(i)], &after = followup.bodies[static_cast<std::size_t>(j)];
    BodyChange change;
    change.baseline = i, change.followup = j, change.is_adjacent = adjacent;
    change.level = before.level.empty() ? after.level : before.level;
    change.has_new_oedema = after.has_oedema.value_or(false) && !before.has_oedema.value_or(false);
    if (!before.is_cut && !after.is_cut) measure_loss(change, before, after, result.scale);
    change.fracture = judge(change, parameters);
    result.changes.push_back(std::move(change));
  }
  result.adjacent_fracture = together(result.changes, count_adjacent(baseline, parameters.reach_levels));
  return result;
}

}  // namespace cemscope::imaging::followup
