#include "imaging/followup/level_matching.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <vector>

#include "imaging/followup/heights.h"

namespace cemscope::imaging::followup {
namespace {

// Log likelihoods against bodies that have nothing to do with each other. Spreads are of log heights (seeds 51001-51060 of
// draw_follow_up_pair: the same body read twice differs by 0.03-0.08, bodies next to each other by 0.05-0.3).
constexpr double kSameSpread = 0.06, kOtherSpread = 0.16, kOutlierSpread = 0.35, kOutliers = 0.12;
constexpr double kPlacesCount = 0.6;  // the three places of a body are misread together
constexpr double kBothTreated = 3.0, kTreatmentGone = -3.0, kTreatedSince = -2.5, kTreatedOutOfView = -3.0;
constexpr double kPlainly = 2.0;
constexpr double kCollapsed = -2.0;  // of one body: it may have broken meanwhile

double density(double deviation, double spread) { return std::exp(-0.5 * deviation * deviation / (spread * spread)) / spread; }

double evidence_of_ratio(double deviation) {
  const double outlier = kOutliers * density(deviation, kOutlierSpread);
  return std::log((1 - kOutliers) * density(deviation, kSameSpread) + outlier) -
         std::log((1 - kOutliers) * density(deviation, kOtherSpread) + outlier);
}

double evidence_of_body(const BodyHeights& before, const BodyHeights& after, double common) {
  double evidence = 0;
  for (const auto height : kHeights)
    if ((before.*height).has_value() && (after.*height).has_value())
      evidence += kPlacesCount * evidence_of_ratio(std::log(*(after.*height) / *(before.*height)) - common);
  return std::max(evidence, kCollapsed);
}

// Cement hides endplates, but not a body's outline on a film: a treated body is known again by its shape.
bool tells(const TimePoint& point, const BodyHeights& before, const BodyHeights& after) {
  return is_untreated(before, after) || (point.modality == "XR" && before.is_treated && after.is_treated);
}

double evidence_of_heights(const TimePoint& a, const TimePoint& b, int shift) {
  auto ratios = log_ratios(a, b, shift, kHeights, Of::untreated);
  if (ratios.empty()) return 0;
  const double common = common_log_ratio(std::move(ratios), a, b);
  double evidence = 0;
  for (int i = 0; i < static_cast<int>(a.bodies.size()); ++i) {
    const int j = i + shift;
    if (j < 0 || j >= static_cast<int>(b.bodies.size())) continue;
    const auto &before = a.bodies[static_cast<std::size_t>(i)], &after = b.bodies[static_cast<std::size_t>(j)];
    if (is_comparable(before, after) && is_whole(before, after) && tells(a, before, after))
      evidence += evidence_of_body(before, after, common);
  }
  return evidence;
}

// Of the treated bodies of `a` by what they are in `b`, `both` counted here only.
double evidence_of_treated(const TimePoint& a, const TimePoint& b, int shift, double both, double alone) {
  double evidence = 0;
  for (int i = 0; i < static_cast<int>(a.bodies.size()); ++i) {
    if (!a.bodies[static_cast<std::size_t>(i)].is_treated) continue;
    const int j = i + shift;
    const bool is_in_view = j >= 0 && j < static_cast<int>(b.bodies.size());
    evidence += !is_in_view ? kTreatedOutOfView : b.bodies[static_cast<std::size_t>(j)].is_treated ? both : alone;
  }
  return evidence;
}

double evidence_of(const TimePoint& a, const TimePoint& b, int shift) {
  return evidence_of_heights(a, b, shift) + evidence_of_treated(a, b, shift, kBothTreated, kTreatmentGone) +
         evidence_of_treated(b, a, -shift, 0, kTreatedSince);
}

std::optional<int> shift_by_names(const TimePoint& a, const TimePoint& b) {
  for (std::size_t i = 0; i < a.bodies.size(); ++i)
    for (std::size_t j = 0; j < b.bodies.size(); ++j)
      if (!a.bodies[i].level.empty() && a.bodies[i].level == b.bodies[j].level) return static_cast<int>(j) - static_cast<int>(i);
  return std::nullopt;
}

// Names are counted from body to body, so two bodies read as one make all beyond them wrong.
bool has_misread(const TimePoint& point) {
  return std::any_of(point.bodies.begin(), point.bodies.end(), [](const BodyHeights& body) { return body.is_misread; });
}

}  // namespace

std::optional<int> matching_shift(const TimePoint& baseline, const TimePoint& followup) {
  const int n_first = static_cast<int>(baseline.bodies.size()), n_second = static_cast<int>(followup.bodies.size());
  const auto by_names = shift_by_names(baseline, followup);
  std::map<int, double> shifts;
  for (int shift = 1 - n_first; shift < n_second; ++shift) shifts[shift] = evidence_of(baseline, followup, shift);
  if (shifts.empty()) return std::nullopt;
  const auto best = std::max_element(shifts.begin(), shifts.end(), [](const auto& x, const auto& y) { return x.second < y.second; });
  if (by_names && !has_misread(baseline) && !has_misread(followup))
    return best->second - shifts[*by_names] < kPlainly ? by_names : std::nullopt;
  const bool is_plain = std::all_of(shifts.begin(), shifts.end(), [&](const auto& other) {
    return other.first == best->first || best->second - other.second >= kPlainly;
  });
  const bool is_likelier_than_none = best->second > 0;
  return is_plain && is_likelier_than_none ? std::optional(best->first) : std::nullopt;
}

}  // namespace cemscope::imaging::followup
