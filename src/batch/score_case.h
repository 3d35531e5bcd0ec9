#pragma once

#include <map>
#include <string>

#include "src/batch/job.h"
#include "src/cohort/case_result.h"

namespace cemscope::batch {

/// A scored patient: the result and the other files of cases/<case id>/ by name.
struct ScoredCase {
  cohort::CaseResult result;
  std::map<std::string, std::string> files;  ///< "vertebra_1.png", "cement.nrrd" ...
  bool is_ct_lost = false;                   ///< there was a CT to measure and none could be read
};

/// Scores one patient: finds the post-operative baseline CT, measures it, draws it, and computes the risk. What cannot be found or read is
/// not_assessable with the reason and a failure; only a broken job throws.
ScoredCase score_case(const Job& job);

/// result.json: the case with schema, program, definitions and model, so that the file can be understood alone.
std::string result_json(const Job& job, const cohort::CaseResult& result);

/// The case of a result.json. Throws Error{inconsistent} when it is none.
cohort::CaseResult parse_result_json(const std::string& text);

}  // namespace cemscope::batch
