#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/batch/case_ct.h"
#include "src/batch/case_mr.h"
#include "src/cohort/case_result.h"

namespace cemscope::batch {

/// What came of the search for the fracture band in examinations before surgery.
struct BandSearch {
  std::map<const ingest::Series*, std::string> read;  ///< CT series that were read for it, and what they show, for series.csv
  std::vector<ingest::Failure> failures;
};

/// Gives the treated vertebrae the fracture band that an examination of the last six weeks before surgery shows (DEFINITIONS): the MR
/// where its marrow oedema lies plainly under one endplate, else the nearest CT where one endplate is collapsed or the spongiosa under it
/// condensed. The vertebra is found by rigid registration (imaging/preop); an MR that cannot be registered is matched by its level's name,
/// a CT that cannot be is not used. Where neither tells, the scan's own band stays; `band_detail` says why. The CT is read only for
/// vertebrae that the MR left open. Adds about 0.2 s for an MR and 1-2 s for a CT, and the CT's pixels while it is read.
BandSearch find_preoperative_bands(const Job& job, const cohort::Timeline& timeline, MeasuredCt& measured, const MrSearch& mr);

/// Adds failures and what series.csv says of the CT series that were read.
void take_bands(cohort::CaseResult& result, const BandSearch& search);

}  // namespace cemscope::batch
