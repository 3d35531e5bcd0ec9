#pragma once

#include <string>
#include <vector>

#include "src/cohort/timeline.h"
#include "src/ingest/export_index.h"

namespace cemscope::cohort {

/// An MR series that may be read for soft tissue, in the order in which to try them.
struct MrCandidate {
  const ingest::Study* study = nullptr;
  const ingest::Series* series = nullptr;
  StudyPhase phase = StudyPhase::unknown;
  int days_before_surgery = 0;      ///< of a pre-operative study; 0 when a date is missing
  bool is_weighting_stated = true;  ///< false: the tags are silent and the picture must show that fat is suppressed
  std::string reason;               ///< why it stands at this place, for series.csv
};

/// Soft tissue is read on an examination at most this long before surgery (DEFINITIONS: six weeks).
inline constexpr int kMaxDaysBeforeSurgery = 42;

/// Whether an MR series may be read for soft tissue; if not, why, in the words of series.csv: its role and plane decide.
struct MrEligibility {
  bool is_eligible = false;
  bool is_weighting_stated = true;
  std::string reason;
};
MrEligibility mr_eligibility(const ingest::Series& series);

/// The eligible series of the patient, best first: the nearest pre-operative study of the last six weeks, then unknown phases, the day of
/// surgery, post-operative ones by date, earlier ones; follow-ups last. Within a study: a stated sequence before an unstated one, STIR
/// before other suppression (it does not fail at the edge of the field), more slices and finer pixels first.
std::vector<MrCandidate> rank_mr_candidates(const ingest::Patient& patient, const Timeline& timeline);

}  // namespace cemscope::cohort
