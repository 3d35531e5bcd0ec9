#include "src/cohort/mr_choice.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "src/ingest/series_role.h"

namespace cemscope::cohort {
namespace {

using ingest::SeriesRole;

constexpr std::size_t kMinSlices = 3;

bool is_mr(SeriesRole role) {
  using enum SeriesRole;
  return role == mr_t1 || role == mr_t2 || role == mr_t2_fs || role == mr_stir || role == mr_other;
}

/// Studies of a lower class are tried first; within a class by the distance in days.
struct StudyRank {
  int time_class = 0;
  int days = 0;
  std::string words;
};

StudyRank rank_of(const ingest::Study& study, const Timeline& timeline) {
  const auto date = iso_of_dicom(study.date);
  const bool is_dated = !date.empty() && !timeline.surgery_date.empty();
  const int days = is_dated ? days_between(date, timeline.surgery_date) : 0;
  switch (timeline.phase_of.at(study.study_uid)) {
    case StudyPhase::preop:
      if (days <= kMaxDaysBeforeSurgery)
        return {0, days, is_dated ? fmt::format("pre-operative, {} days before surgery", days) : "pre-operative"};
      return {4, days, fmt::format("pre-operative, but {} days before surgery; {} at most are wanted", days, kMaxDaysBeforeSurgery)};
    case StudyPhase::unknown: return {1, 0, "date of surgery or of the study unknown"};
    case StudyPhase::day_of_surgery: return {2, 0, "on the day of surgery"};
    case StudyPhase::postop: return {3, -days, is_dated ? fmt::format("post-operative, {} days after surgery", -days) : "post-operative"};
    case StudyPhase::followup: return {5, -days, "follow-up"};
  }
  return {};
}

auto order_within(const MrCandidate& c) {
  const auto& series = *c.series;
  const double pixel_mm = series.pixel_spacing_mm ? (*series.pixel_spacing_mm)[0] : 9.0;
  const int n_missing = -std::min(15, static_cast<int>(series.images.size()));  // 15 slices cover the spine; more are no better
  return std::tuple(!c.is_weighting_stated, series.role != SeriesRole::mr_stir, n_missing, pixel_mm, series.series_number,
                    series.series_uid, series.part);
}

}  // namespace

MrEligibility mr_eligibility(const ingest::Series& series) {
  if (!is_mr(series.role)) return {false, true, ""};
  const auto plane = ingest::plane_name(series);
  if (plane != "sagittal")
    return {false, true, plane.empty() ? "its plane is unknown" : fmt::format("{}; soft tissue is read on sagittal slices", plane)};
  if (series.images.size() < kMinSlices) return {false, true, "fewer than 3 slices"};
  switch (series.role) {
    case SeriesRole::mr_stir:
    case SeriesRole::mr_t2_fs: return {true, true, ""};
    case SeriesRole::mr_t1: return {false, true, "T1 does not show fluid"};
    case SeriesRole::mr_t2: return {false, true, "fat is not suppressed"};
    default: break;
  }
  const bool is_unstated = series.reason.find("weighting not stated") != std::string::npos;
  return {is_unstated, !is_unstated, is_unstated ? "" : "not fluid-sensitive with suppressed fat"};
}

std::vector<MrCandidate> rank_mr_candidates(const ingest::Patient& patient, const Timeline& timeline) {
  std::vector<std::pair<StudyRank, MrCandidate>> ranked;
  for (const auto& study : patient.studies)
    for (const auto& series : study.series) {
      const auto eligibility = mr_eligibility(series);
      if (!eligibility.is_eligible) continue;
      const auto rank = rank_of(study, timeline);
      const auto phase = timeline.phase_of.at(study.study_uid);
      ranked.push_back(
          {rank, {&study, &series, phase, phase == StudyPhase::preop ? rank.days : 0, eligibility.is_weighting_stated, rank.words}});
    }
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
    const auto time = [](const StudyRank& r) { return std::tuple(r.time_class, r.days); };
    if (time(a.first) != time(b.first)) return time(a.first) < time(b.first);
    if (a.second.study != b.second.study) return a.second.study->study_uid < b.second.study->study_uid;
    return order_within(a.second) < order_within(b.second);
  });
  std::vector<MrCandidate> candidates;
  for (auto& entry : ranked) candidates.push_back(std::move(entry.second));
  return candidates;
}

}  // namespace cemscope::cohort
