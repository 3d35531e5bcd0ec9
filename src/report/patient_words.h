#pragma once

#include <string>
#include <vector>

#include "src/cohort/case_result.h"
#include "src/report/words.h"

namespace cemscope::report {

/// A patient's finding with where it comes from ("CT", "clinical", ... or empty).
struct PatientFinding {
  Statement statement;
  std::string source;
};

/// The patient's findings in reading order; those that could not be made are among them, with the reason.
std::vector<PatientFinding> describe_patient(const cohort::CaseResult& result);

/// "surgery 2019-03-05", "post-operative", "L1, L3" ... what is known of the case, without identifiers.
std::vector<std::string> describe_case(const cohort::CaseResult& result);

/// "Bone density T-score" for "bmd_t_score"; the name in words when it is unknown.
std::string words_of_input(const std::string& name);

/// "postop" -> "post-operative".
std::string words_of_stage(const std::string& stage);

/// A model input's value as people say it: "yes", "no", "-3.4 SD", "5.38 mL".
std::string words_of_value(const std::string& name, double value);

}  // namespace cemscope::report
