#pragma once

#include <optional>

#include "analysis/risk.h"
#include "src/cohort/case_result.h"
#include "src/cohort/clinical_table.h"

namespace cemscope::batch {

/// Fills risk, interval, linear predictor, prevalence, model and missing inputs of `result` from its model inputs, findings and stage. An
/// input of the model that is not among those of CONTRACT.md is looked up in the clinical row by name. A risk that cannot be computed stays
/// empty and leaves the warning "risk_not_computed".
void fill_risk(cohort::CaseResult& result, const analysis::RiskModel& model, std::optional<double> prevalence,
               const std::optional<cohort::ClinicalRow>& clinical);

}  // namespace cemscope::batch
