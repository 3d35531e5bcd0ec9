#include "src/batch/case_risk.h"

#include <stdexcept>

#include "src/cohort/clinical_values.h"
#include "src/statistics/model_cell.h"

namespace cemscope::batch {
namespace {

// A number of the clinical table, or a covariate as the model's own table wrote it.
std::optional<double> clinical_value(const cohort::ClinicalRow& row, const analysis::RiskModelInput& input) {
  if (const auto found = row.numbers.find(input.name); found != row.numbers.end()) return found->second;
  for (const auto& name : {input.name, input.table.column}) {
    const auto found = row.covariates.find(name);
    if (found == row.covariates.end()) continue;
    const bool has_codes = input.table.low_code != 0 || input.table.high_code != 1;
    if (!input.table.level.empty()) return statistics::value_in_cell(input, found->second);
    if (has_codes && input.coding == analysis::InputCoding::binary)
      return statistics::value_in_cell(input, found->second, statistics::CellCodes::as_fitted);
    return cohort::number_of(found->second);
  }
  return std::nullopt;
}

analysis::RiskInputs inputs_for(const cohort::CaseResult& result, const analysis::RiskModel& model,
                                const std::optional<cohort::ClinicalRow>& clinical) {
  analysis::RiskInputs values;
  for (const auto& input : model.inputs) {
    const auto found = result.inputs.find(input.name);
    if (found != result.inputs.end())
      values[input.name] = found->second.value;
    else if (clinical)
      values[input.name] = clinical_value(*clinical, input);
  }
  return values;
}

analysis::Stage stage_of(const std::string& word) {
  if (word == "followup") return analysis::Stage::followup;
  return word == "preop" ? analysis::Stage::preop : analysis::Stage::postop;
}

}  // namespace

void fill_risk(cohort::CaseResult& result, const analysis::RiskModel& model, std::optional<double> prevalence,
               const std::optional<cohort::ClinicalRow>& clinical) {
  result.model = model.name + " " + model.version;
  try {
    const analysis::RiskOptions options{.prevalence = prevalence, .stage = stage_of(result.stage)};
    const auto estimate = analysis::estimate_risk(model, inputs_for(result, model, clinical), options);
    result.risk = estimate.risk;
    result.risk_low = estimate.low;
    result.risk_high = estimate.high;
    result.linear_predictor = estimate.lp;
    result.prevalence = estimate.prevalence;
    result.risk_if_adjacent_fracture = estimate.risk_if_adjacent_fracture;
    result.missing = estimate.missing;
    if (!estimate.in_range) result.warnings.emplace_back("input_outside_model_range");
  } catch (const std::invalid_argument&) {
    result.warnings.emplace_back("risk_not_computed");
  }
}

}  // namespace cemscope::batch
