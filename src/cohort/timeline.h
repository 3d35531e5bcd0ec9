#pragma once

#include <map>
#include <string>

#include "src/ingest/export_index.h"

namespace cemscope::cohort {

/// Where a study stands against the augmentation. On the day of surgery the date alone does not tell before from after.
enum class StudyPhase { unknown, preop, day_of_surgery, postop, followup };
std::string to_string(StudyPhase phase);

/// When the patient was treated and how that is known.
struct Timeline {
  std::string surgery_date;                    ///< YYYY-MM-DD, empty when unknown
  std::string source = "none";                 ///< "clinical", "inferred", "none"
  std::map<std::string, StudyPhase> phase_of;  ///< by study UID; every study of the patient
};

/// Phases by the date of surgery: before it preop, up to `postop_window_days` after it postop, later followup. A study without a date,
/// and every study when the date of surgery is unknown, is unknown.
Timeline timeline_by_date(const ingest::Patient& patient, const std::string& surgery_date, int postop_window_days);

/// Phases when no date of surgery is given, from the first CT study in which cement was found: studies before `last_without_cement` (the
/// date of the last CT study without cement before it, empty when there is none) are preop, those from the cement study on postop or
/// followup, those between unknown. The date of surgery is inferred only when exactly one day can be it: both dates are the same, or
/// one single fluoroscopy day (modality XA or RF) lies between them.
Timeline timeline_by_cement(const ingest::Patient& patient, const std::string& cement_study_uid, const std::string& last_without_cement,
                            int postop_window_days);

/// Whole days from `from` to `to`, both YYYY-MM-DD and valid.
int days_between(const std::string& from, const std::string& to);

/// DICOM's YYYYMMDD as YYYY-MM-DD; empty when it is no date.
std::string iso_of_dicom(const std::string& date);

}  // namespace cemscope::cohort
