#pragma once

#include <vector>

#include "src/batch/case_ct.h"
#include "src/cohort/case_result.h"
#include "src/cohort/timeline.h"

namespace cemscope::batch {

/// The patient's timeline once the baseline is known: by the clinical table's date of surgery, else by the cement that was found.
cohort::Timeline final_timeline(const Job& job, const cohort::Timeline& by_date, const CtSearch& search);

/// A row for every series of the patient, with the reason why it was chosen or not.
std::vector<cohort::SeriesRow> series_rows(const ingest::Patient& patient, const cohort::Timeline& timeline, const CtSearch& search);

/// "preop", "postop" or "followup": followup once a study lies in the follow-up; preop when every dated study is before surgery and no
/// cement was found; else postop, since cemscope is run on treated patients.
std::string stage_of(const cohort::Timeline& timeline, const CtSearch& search);

}  // namespace cemscope::batch
