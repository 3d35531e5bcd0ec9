#include "src/batch/case_series.h"

#include <algorithm>

#include <fmt/format.h>

namespace cemscope::batch {
namespace {

using cohort::StudyPhase;
using imaging::Answer;

bool has_cement(const CtSearch& search) { return search.measured && search.measured->reading.cement_present.answer == Answer::yes; }

/// The latest date before the baseline on which a CT showed no cement; empty when there is none.
std::string last_date_without_cement(const ingest::Patient& patient, const CtSearch& search) {
  const auto baseline_date = cohort::iso_of_dicom(search.measured->candidate.study->date);
  std::string last;
  for (const auto& study : patient.studies) {
    const auto date = cohort::iso_of_dicom(study.date);
    if (search.studies_without_cement.contains(study.study_uid) && date <= baseline_date) last = std::max(last, date);
  }
  return last;
}

bool is_film(const ingest::Series& series) {
  using enum ingest::SeriesRole;
  return series.role == ap_film || series.role == lateral_film || series.role == other_film;
}

bool is_mr(const ingest::Series& series) {
  using enum ingest::SeriesRole;
  return series.role == mr_t1 || series.role == mr_t2 || series.role == mr_t2_fs || series.role == mr_stir || series.role == mr_other;
}

std::string reason_not_tried(const ingest::Study& study, StudyPhase phase, const CtSearch& search) {
  if (phase == StudyPhase::preop) return "taken before surgery";
  if (!search.measured) return "not tried";
  const auto& baseline = search.measured->candidate;
  if (baseline.study->study_uid == study.study_uid)
    return fmt::format("series {} of the same study was preferred ({})", baseline.series->series_number, baseline.reason);
  if (search.studies_without_cement.contains(study.study_uid)) return "no cement found in another series of its study";
  return "another study is the post-operative baseline";
}

std::string ct_reason(const ingest::Study& study, const ingest::Series& series, StudyPhase phase, const CtSearch& search) {
  const auto tried = search.not_taken.find(&series);
  return tried != search.not_taken.end() ? tried->second : reason_not_tried(study, phase, search);
}

std::string with_role_reason(const std::string& reason, const ingest::Series& series) {
  return series.reason.empty() ? reason : fmt::format("{}; {}", reason, series.reason);
}

cohort::SeriesRow row_of(const ingest::Study& study, const ingest::Series& series, StudyPhase phase, const CtSearch& search) {
  cohort::SeriesRow row;
  row.series = series;
  row.series.images.clear();
  row.study_date = cohort::iso_of_dicom(study.date);
  row.phase = to_string(phase);
  row.n_images = static_cast<int>(series.images.size());
  row.chosen = search.measured && search.measured->candidate.series == &series;
  if (row.chosen)
    row.reason = with_role_reason(fmt::format("post-operative baseline, {}", search.measured->candidate.reason), series);
  else if (cohort::is_measurable_ct(series))
    row.reason = with_role_reason(ct_reason(study, series, phase, search), series);
  else if (is_film(series) || is_mr(series))
    row.reason = with_role_reason(is_mr(series) ? "MR is not measured by this version" : "not used", series);
  else
    row.reason = series.reason;
  return row;
}

}  // namespace

cohort::Timeline final_timeline(const Job& job, const cohort::Timeline& by_date, const CtSearch& search) {
  auto timeline = by_date;
  if (by_date.surgery_date.empty() && has_cement(search)) {
    const int window = static_cast<int>(value_of(job.definitions, "timeline.postop_window_days"));
    timeline = cohort::timeline_by_cement(job.patient, search.measured->candidate.study->study_uid,
                                          last_date_without_cement(job.patient, search), window);
  }
  // On the day of surgery itself cement tells before from after.
  for (auto& [study_uid, phase] : timeline.phase_of) {
    if (phase != StudyPhase::day_of_surgery) continue;
    if (search.studies_without_cement.contains(study_uid)) phase = StudyPhase::preop;
    if (has_cement(search) && search.measured->candidate.study->study_uid == study_uid) phase = StudyPhase::postop;
  }
  return timeline;
}

std::vector<cohort::SeriesRow> series_rows(const ingest::Patient& patient, const cohort::Timeline& timeline, const CtSearch& search) {
  std::vector<cohort::SeriesRow> rows;
  for (const auto& study : patient.studies)
    for (const auto& series : study.series) rows.push_back(row_of(study, series, timeline.phase_of.at(study.study_uid), search));
  return rows;
}

std::string stage_of(const cohort::Timeline& timeline, const CtSearch& search) {
  const auto any = [&](StudyPhase phase) {
    return std::any_of(timeline.phase_of.begin(), timeline.phase_of.end(), [&](const auto& entry) { return entry.second == phase; });
  };
  if (any(StudyPhase::followup)) return "followup";
  const bool is_after = has_cement(search) || any(StudyPhase::postop) || any(StudyPhase::day_of_surgery) || any(StudyPhase::unknown);
  return any(StudyPhase::preop) && !is_after ? "preop" : "postop";
}

}  // namespace cemscope::batch
