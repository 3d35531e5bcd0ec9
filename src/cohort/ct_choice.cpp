#include "src/cohort/ct_choice.h"

#include <algorithm>
#include <limits>
#include <optional>

#include <fmt/format.h>

namespace cemscope::cohort {
namespace {

// A series that shows less than this share of the densest one's cement misses a treated level: one of two, with room for sampling.
constexpr double kCoverageFraction = 0.7;
// Series whose stretch is at least this share of the common stretch cover the same; kernels of one scan differ by a slice or two.
constexpr double kSameStretchFraction = 0.9;

struct Stretch {
  double low_mm = 0.0, high_mm = 0.0;
  [[nodiscard]] double length() const { return high_mm - low_mm; }
};

/// From foot to head, in patient coordinates.
std::optional<Stretch> stretch_of(const ingest::Series& series) {
  Stretch stretch{std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest()};
  for (const auto& image : series.images) {
    if (!image.position_mm) return std::nullopt;
    stretch.low_mm = std::min(stretch.low_mm, (*image.position_mm)[2]);
    stretch.high_mm = std::max(stretch.high_mm, (*image.position_mm)[2]);
  }
  if (series.images.empty()) return std::nullopt;
  return stretch;
}

/// Whether the axial series cover the same stretch; reformats are made from them and their positions do not compare.
bool cover_the_same(const std::vector<CtCandidate>& candidates) {
  Stretch all{std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest()};
  double shortest = std::numeric_limits<double>::max();
  for (const auto& candidate : candidates) {
    if (candidate.series->role == ingest::SeriesRole::mpr_ct) continue;
    const auto stretch = stretch_of(*candidate.series);
    if (!stretch) return false;
    all = {std::min(all.low_mm, stretch->low_mm), std::max(all.high_mm, stretch->high_mm)};
    shortest = std::min(shortest, stretch->length());
  }
  if (all.length() < 0) return false;  // reformats only
  return shortest >= kSameStretchFraction * all.length();
}

void put_poor_coverage_last(std::vector<CtCandidate>& candidates, const DenseVolumeProbe& probe) {
  std::map<const ingest::Series*, double> dense_mm3;
  double most = 0.0;
  for (const auto& candidate : candidates) most = std::max(most, dense_mm3[candidate.series] = probe(*candidate.series));
  const auto covers = [&](const CtCandidate& c) { return dense_mm3[c.series] >= kCoverageFraction * most; };
  for (auto& candidate : candidates)
    if (!covers(candidate))
      candidate.reason =
          fmt::format("covers less of the cement ({:.1f} of {:.1f} mL dense)", dense_mm3[candidate.series] / 1000, most / 1000);
  std::stable_partition(candidates.begin(), candidates.end(), covers);
}

/// Day of surgery and later first, by date; undated last.
int phase_rank(StudyPhase phase) {
  switch (phase) {
    case StudyPhase::day_of_surgery:
    case StudyPhase::postop: return 0;
    case StudyPhase::followup: return 1;
    default: return 2;
  }
}

std::vector<const ingest::Study*> studies_to_try(const ingest::Patient& patient, const Timeline& timeline) {
  std::vector<const ingest::Study*> studies;
  for (const auto& study : patient.studies) {
    const bool has_ct = std::any_of(study.series.begin(), study.series.end(), is_measurable_ct);
    if (has_ct && timeline.phase_of.at(study.study_uid) != StudyPhase::preop) studies.push_back(&study);
  }
  std::stable_sort(studies.begin(), studies.end(), [&](const auto* a, const auto* b) {
    return phase_rank(timeline.phase_of.at(a->study_uid)) < phase_rank(timeline.phase_of.at(b->study_uid));
  });
  return studies;
}

}  // namespace

bool is_measurable_ct(const ingest::Series& series) {
  using enum ingest::SeriesRole;
  return series.role == axial_ct || series.role == mpr_ct || series.role == thick_ct;
}

std::vector<CtCandidate> rank_in_study(const ingest::Study& study, const DenseVolumeProbe& probe) {
  std::vector<CtCandidate> candidates;
  for (const auto& series : study.series)
    if (is_measurable_ct(series)) candidates.push_back({&study, &series, {}});
  std::stable_sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) { return a.series->score > b.series->score; });
  if (candidates.size() > 1 && !cover_the_same(candidates)) put_poor_coverage_last(candidates, probe);
  for (auto& candidate : candidates)
    if (candidate.reason.empty())
      candidate.reason =
          candidates.size() == 1 ? "the only measurable CT of its study" : fmt::format("score {:.2f}", candidate.series->score);
  return candidates;
}

std::vector<CtCandidate> rank_baseline_candidates(const ingest::Patient& patient, const Timeline& timeline, const DenseVolumeProbe& probe,
                                                  double min_dense_mm3) {
  const auto studies = studies_to_try(patient, timeline);
  std::vector<std::vector<CtCandidate>> by_study;
  for (const auto* study : studies) by_study.push_back(rank_in_study(*study, probe));
  const bool is_dated =
      std::any_of(studies.begin(), studies.end(), [&](const auto* s) { return timeline.phase_of.at(s->study_uid) != StudyPhase::unknown; });
  if (!is_dated && by_study.size() > 1)
    std::stable_partition(by_study.begin(), by_study.end(),
                          [&](const auto& ranked) { return probe(*ranked.front().series) >= min_dense_mm3; });
  std::vector<CtCandidate> all;
  for (const auto& ranked : by_study) all.insert(all.end(), ranked.begin(), ranked.end());
  return all;
}

}  // namespace cemscope::cohort
