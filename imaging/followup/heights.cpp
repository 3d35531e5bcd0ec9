#include "imaging/followup/heights.h"

#include <algorithm>
#include <cmath>

namespace cemscope::imaging::followup {
namespace {

// Over CT: seeds 51001-51060 of draw_follow_up_pair; films are enlarged.
constexpr double kMrOverCt = -0.07, kFilmOverCt = 0.25;
constexpr int kPriorRatios = 2;

double log_over_ct(const TimePoint& point) { return point.modality == "MR" ? kMrOverCt : point.modality == "XR" ? kFilmOverCt : 0; }

void append_ratio(std::vector<double>& ratios, const BodyHeights& before, const BodyHeights& after, Place height) {
  if ((before.*height).has_value() && (after.*height).has_value()) ratios.push_back(std::log(*(after.*height) / *(before.*height)));
}

}  // namespace

double expected_log_ratio(const TimePoint& a, const TimePoint& b) { return log_over_ct(b) - log_over_ct(a); }

bool is_untreated(const BodyHeights& before, const BodyHeights& after) { return !before.is_treated && !after.is_treated; }

bool is_comparable(const BodyHeights& before, const BodyHeights& after) {
  return !before.is_cut && !after.is_cut && !before.is_misread && !after.is_misread;
}

bool is_whole(const BodyHeights& before, const BodyHeights& after) { return !before.is_at_end && !after.is_at_end; }

std::vector<double> log_ratios(const TimePoint& a, const TimePoint& b, int shift, std::span<const Place> places, Of of) {
  std::vector<double> ratios;
  for (int i = 0; i < static_cast<int>(a.bodies.size()); ++i) {
    const int j = i + shift;
    if (j < 0 || j >= static_cast<int>(b.bodies.size())) continue;
    const auto &before = a.bodies[static_cast<std::size_t>(i)], &after = b.bodies[static_cast<std::size_t>(j)];
    if (!is_comparable(before, after) || !is_whole(before, after) || (of == Of::untreated && !is_untreated(before, after))) continue;
    for (const auto height : places) append_ratio(ratios, before, after, height);
  }
  return ratios;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double common_log_ratio(std::vector<double> ratios, const TimePoint& a, const TimePoint& b) {
  if (a.modality != "XR" && b.modality != "XR") ratios.insert(ratios.end(), kPriorRatios, expected_log_ratio(a, b));
  return median(std::move(ratios));
}

}  // namespace cemscope::imaging::followup
