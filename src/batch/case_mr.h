#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "imaging/mri/mr_levels.h"
#include "imaging/mri/mr_reading.h"
#include "src/batch/job.h"
#include "src/cohort/case_result.h"
#include "src/cohort/mr_choice.h"

namespace cemscope::batch {

/// An MR series that was decoded and read.
struct MeasuredMr {
  cohort::MrCandidate candidate;
  imaging::MrReading reading;
  imaging::MrLevels levels;
  std::vector<std::string> warnings;
};

/// What came of the search for the MR that shows the soft tissue.
struct MrSearch {
  std::optional<MeasuredMr> measured;
  std::map<const ingest::Series*, std::string> not_taken;  ///< why a series that could have been read is not
  std::vector<ingest::Failure> failures;
  std::string missing_reason;  ///< why nothing was read: "no_mr", "no_fat_suppressed_mr", "mr_unreadable"
};

/// Reads the patient's fat-suppressed sagittal MR of the best time (rank_mr_candidates). Of several in that study (thoracic and lumbar,
/// STIR and T2) the one that shows marrow oedema and whose soft tissue can be judged is taken; a study gives way to the next one only when
/// none of its series can be decoded.
MrSearch find_baseline_mr(const Job& job, const cohort::Timeline& timeline);

/// Adds the reading to a case: findings, model input, acute levels, warnings, failures, and what series.csv says of the MR series.
void take_mr(cohort::CaseResult& result, const MrSearch& search);

/// Parameters of the MR reading with the definitions' values.
imaging::MrParameters mr_parameters(const cohort::Definitions& definitions);

}  // namespace cemscope::batch
