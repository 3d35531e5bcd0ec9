#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/cohort/case_result.h"
#include "src/cohort/clinical_table.h"

namespace cemscope::cohort {

/// Names of the inputs that score can fill, as model files and cohort tables use them.
inline constexpr const char* kModelInputNames[] = {"leakage",     "adjacent_fracture", "soft_tissue_injury", "distribution_unsatisfactory",
                                                   "bmd_t_score", "cement_ml"};

/// A patient's answer from those of the treated vertebrae: yes if any is yes (with the surest one's confidence), no only if all are no
/// (with the least sure one's) and none is missing, else not_assessable with the first reason.
imaging::Finding any_yes(const std::vector<imaging::Finding>& findings, bool all_treated_seen);

/// The same for a finding that all must share: no if any is no, yes only if all are yes and none is missing.
imaging::Finding all_yes(const std::vector<imaging::Finding>& findings, bool all_treated_seen);

/// Fills the patient's findings and model inputs of `result` from its CT rows in `result.vertebrae` and the clinical row (DEFINITIONS,
/// Principles): any leak, the worst assessable distribution, mean cement per treated vertebra; the input `leakage` is the radiographic
/// one. A clinical value wins and has source "clinical" and confidence 1. What is unknown stays empty, is listed in `missing` and its
/// reason goes to `warnings` as "<finding>:<reason>". Where every level that the clinical row names was seen by name, cement at other
/// levels is of an earlier operation: its vertebra gets the warning `cement_of_earlier_operation` and has no say in the patient's findings.
/// This is the only place where measurements become inputs. Called once, after the vertebrae, series and stage are in.
void fill_patient_findings(CaseResult& result, const std::optional<ClinicalRow>& clinical);

}  // namespace cemscope::cohort
