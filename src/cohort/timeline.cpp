#include "src/cohort/timeline.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "src/cohort/clinical_table.h"

namespace cemscope::cohort {
namespace {

std::chrono::sys_days day_of(const std::string& iso) {
  using namespace std::chrono;
  return sys_days{year(std::stoi(iso.substr(0, 4))) / std::stoi(iso.substr(5, 2)) / std::stoi(iso.substr(8, 2))};
}

StudyPhase phase_by_date(const std::string& study_date, const std::string& surgery_date, int postop_window_days) {
  if (study_date.empty() || surgery_date.empty()) return StudyPhase::unknown;
  const int days = days_between(surgery_date, study_date);
  if (days < 0) return StudyPhase::preop;
  if (days == 0) return StudyPhase::day_of_surgery;
  return days <= postop_window_days ? StudyPhase::postop : StudyPhase::followup;
}

bool is_fluoroscopy(const ingest::Study& study) {
  return std::any_of(study.series.begin(), study.series.end(), [](const auto& s) { return s.modality == "XA" || s.modality == "RF"; });
}

/// The only day in [from, to] on which the patient can have been treated; empty when there are several.
std::string single_surgery_day(const ingest::Patient& patient, const std::string& from, const std::string& to) {
  if (from.empty() || to.empty()) return {};
  if (from == to) return to;
  std::set<std::string> days;
  for (const auto& study : patient.studies) {
    const auto date = iso_of_dicom(study.date);
    if (is_fluoroscopy(study) && date >= from && date <= to) days.insert(date);
  }
  return days.size() == 1 ? *days.begin() : std::string{};
}

StudyPhase phase_by_cement(const std::string& date, const std::string& cement_date, const std::string& last_without, int window_days) {
  if (date.empty() || cement_date.empty()) return StudyPhase::unknown;
  if (date >= cement_date) return days_between(cement_date, date) <= window_days ? StudyPhase::postop : StudyPhase::followup;
  return !last_without.empty() && date <= last_without ? StudyPhase::preop : StudyPhase::unknown;
}

}  // namespace

std::string to_string(StudyPhase phase) {
  switch (phase) {
    case StudyPhase::unknown: return "unknown";
    case StudyPhase::preop: return "preop";
    case StudyPhase::day_of_surgery: return "day_of_surgery";
    case StudyPhase::postop: return "postop";
    case StudyPhase::followup: return "followup";
  }
  return "unknown";
}

int days_between(const std::string& from, const std::string& to) { return static_cast<int>((day_of(to) - day_of(from)).count()); }

std::string iso_of_dicom(const std::string& date) { return iso_date(date).value_or(""); }

Timeline timeline_by_date(const ingest::Patient& patient, const std::string& surgery_date, int postop_window_days) {
  Timeline timeline;
  timeline.surgery_date = surgery_date;
  timeline.source = surgery_date.empty() ? "none" : "clinical";
  for (const auto& study : patient.studies)
    timeline.phase_of[study.study_uid] = phase_by_date(iso_of_dicom(study.date), surgery_date, postop_window_days);
  return timeline;
}

Timeline timeline_by_cement(const ingest::Patient& patient, const std::string& cement_study_uid, const std::string& last_without_cement,
                            int postop_window_days) {
  const auto cement_study =
      std::find_if(patient.studies.begin(), patient.studies.end(), [&](const auto& s) { return s.study_uid == cement_study_uid; });
  const auto cement_date = cement_study == patient.studies.end() ? std::string{} : iso_of_dicom(cement_study->date);
  const auto surgery_date = single_surgery_day(patient, last_without_cement, cement_date);
  Timeline timeline = timeline_by_date(patient, surgery_date, postop_window_days);
  if (!surgery_date.empty()) timeline.source = "inferred";
  for (const auto& study : patient.studies)
    if (surgery_date.empty())
      timeline.phase_of[study.study_uid] = phase_by_cement(iso_of_dicom(study.date), cement_date, last_without_cement, postop_window_days);
  timeline.phase_of[cement_study_uid] = StudyPhase::postop;
  return timeline;
}

}  // namespace cemscope::cohort
