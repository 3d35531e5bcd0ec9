#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "imaging/ct_reading.h"
#include "src/batch/job.h"
#include "src/cohort/ct_choice.h"
#include "src/ingest/volume_reader.h"

namespace cemscope::batch {

/// A CT series that was decoded and read.
struct MeasuredCt {
  cohort::CtCandidate candidate;
  ingest::LoadedCt ct;
  imaging::CtReading reading;
};

/// What came of the search for a patient's post-operative baseline CT.
struct CtSearch {
  std::optional<MeasuredCt> measured;                      ///< the baseline, or the best of what could be read when none holds cement
  std::map<const ingest::Series*, std::string> not_taken;  ///< why a series that was tried is not the baseline
  std::set<std::string> studies_without_cement;            ///< study UIDs
  std::vector<ingest::Failure> failures;                   ///< files and series that could not be read
  int n_candidates = 0;
};

/// Decodes a CT series; of a large scan only what surrounds the spine: most of its pixels are neither looked at nor worth their memory.
/// Throws as ingest::CtStack does.
ingest::LoadedCt load_near_spine(const Job& job, const ingest::Series& series);

/// The code of hints_for's warning and failure.
inline constexpr const char* kMaskRefused = "mask_refused";

/// What is known before a scan of the patient is read: the clinical table's levels, and the first of the job's masks for the series that
/// can be believed and fits. When there are masks and none does, `ct` gets the warning "mask_refused" and a failure with the reasons.
imaging::CtHints hints_for(const Job& job, const ingest::Series& series, ingest::LoadedCt& ct);

/// Tries the patient's measurable CT series in the order of rank_baseline_candidates until one shows cement. A series that cannot be
/// read or assessed gives way to the next of its study; a study without cement to the next study.
CtSearch find_baseline_ct(const Job& job, const cohort::Timeline& timeline);

}  // namespace cemscope::batch
