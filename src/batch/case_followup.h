#pragma once

#include <optional>
#include <string>
#include <vector>

#include "imaging/followup/comparison.h"
#include "src/batch/case_ct.h"
#include "src/batch/case_film.h"
#include "src/batch/case_mr.h"
#include "src/cohort/case_result.h"

namespace cemscope::batch {

/// A follow-up held against the post-operative baseline.
struct MeasuredFollowup {
  const ingest::Series* series = nullptr;
  imaging::followup::TimePoint baseline, followup;
  imaging::followup::Comparison comparison;
};

struct FollowupSearch {
  std::vector<MeasuredFollowup> comparisons;  ///< CT, then MR, then films
  std::vector<ingest::Failure> failures;
  std::string missing_reason;  ///< "one_time_point", "no_postoperative_baseline", "followup_unreadable"
};

/// Compares the latest CT after the baseline with it, and the latest MR after surgery with the earlier MR (and with the CT's treated
/// levels); where neither is to be had, the latest MR with the baseline CT. Where none of these could be judged, the latest lateral film
/// with the baseline's. A baseline before surgery, two modalities, and films lower the confidence. Nothing is read twice; without a second
/// time point nothing is read at all.
FollowupSearch find_followup(const Job& job, const cohort::Timeline& timeline, const CtSearch& ct, const MrSearch& mr,
                             const FilmSearch& films);

/// The comparison that the patient's finding rests on: the first that says yes, else the first that could be judged (CT before MR before
/// films), else the first; null when there is none.
const MeasuredFollowup* decisive_comparison(const FollowupSearch& search);

/// Adds the finding to a case, with its source, and what series.csv says of the follow-up series.
void take_followup(cohort::CaseResult& result, const FollowupSearch& search);

}  // namespace cemscope::batch
