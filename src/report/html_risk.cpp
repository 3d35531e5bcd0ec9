#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "src/report/charts.h"
#include "src/report/html_parts.h"
#include "src/report/patient_words.h"

namespace cemscope::report {
namespace {

using analysis::RiskContribution;
using analysis::RiskModelInput;
using cohort::CaseResult;

analysis::Stage stage_of(const std::string& stage) {
  return stage == "preop" ? analysis::Stage::preop : stage == "followup" ? analysis::Stage::followup : analysis::Stage::postop;
}

/// What each input did, recomputed from the case's inputs; empty when the model is not at hand or is not the one that scored the case.
std::vector<RiskContribution> contributions_of(const CaseResult& result, const RunInfo& run) {
  if (!run.model || !result.risk || (!result.model.empty() && result.model.find(run.model->name) != 0)) return {};
  analysis::RiskInputs inputs;
  for (const auto& input : run.model->inputs) {
    const auto found = result.inputs.find(input.name);
    if (found != result.inputs.end()) inputs[input.name] = found->second.value;
  }
  try {
    return analysis::estimate_risk(*run.model, inputs, {result.prevalence, stage_of(result.stage), 0.95}).contributions;
  } catch (const std::invalid_argument&) {
    return {};
  }
}

/// What was done about an unknown input.
std::string unknown_words(const RiskModelInput& input, const CaseResult& result) {
  if (input.timing == analysis::InputTiming::followup && result.stage != "followup") return "not yet known; counted as no";
  if (input.if_unknown == analysis::IfUnknown::take_centre) {
    return fmt::format("not known; the mean {} taken", words_of_value(input.name, input.direction * input.centre));
  }
  return "not known; the range covers both";
}

Html contribution_row(const RiskModelInput& input, const RiskContribution& contribution, const CaseResult& result, double largest) {
  const auto found = result.inputs.find(input.name);
  const bool is_known = found != result.inputs.end() && found->second.value;
  const std::string label = words_of_input(input.name);
  const std::string value = is_known ? words_of_value(input.name, *found->second.value) : unknown_words(input, result);
  std::string source = is_known ? found->second.source : "";
  if (is_known && found->second.confidence < 1.0) source += fmt::format(" {:.2f}", found->second.confidence);
  return element("tr", element("th", {{"scope", "row"}}, escape(label)) +
                           element("td", {{"class", is_known ? "" : "unknown-text"}}, escape(value)) +
                           element("td", {{"class", "source"}}, escape(source)) +
                           element("td", {{"class", "contribution-cell"}}, contribution_bar(label, contribution.contribution, largest)));
}

Html contribution_table(const CaseResult& result, const RunInfo& run) {
  const auto contributions = contributions_of(result, run);
  if (contributions.empty()) return {};
  double largest = 1.0;
  for (const auto& c : contributions) largest = std::max(largest, std::abs(c.contribution));
  Html rows;
  for (std::size_t i = 0; i < contributions.size(); ++i) rows += contribution_row(run.model->inputs[i], contributions[i], result, largest);
  const Html head = element("tr", element("th", {{"scope", "col"}}, escape("Input")) + element("th", {{"scope", "col"}}, escape("Value")) +
                                      element("th", {{"scope", "col"}}, escape("Source, confidence")) +
                                      element("th", {{"scope", "col"}}, escape("Lowers \u2190 | \u2192 raises the risk")));
  return element("div", {{"class", "scroll"}}, element("table", {{"class", "inputs"}}, element("thead", head) + element("tbody", rows)));
}

std::string list_inputs(const std::vector<std::string>& names) {
  std::vector<std::string> words;
  std::transform(names.begin(), names.end(), std::back_inserter(words), words_of_input);
  return fmt::format("{}", fmt::join(words, ", "));
}

/// Where the interval comes from, in sentences.
std::string range_words(const CaseResult& result, const RunInfo& run) {
  std::string words = "The range covers the uncertainty of the model's coefficients";
  if (run.model && !run.model->interval_note.empty()) words += " (" + run.model->interval_note + ")";
  words += result.missing.empty() ? "; every input is known." : fmt::format(" and of what is not known: {}.", list_inputs(result.missing));
  if (result.prevalence) words += fmt::format(" Base rate {}.", risk_words(*result.prevalence));
  if (result.risk_if_adjacent_fracture)
    words += fmt::format(" Should a neighbouring vertebra fracture: {}.", risk_words(*result.risk_if_adjacent_fracture));
  return words + " Not in the range: errors of measurement and how well the model fits this hospital.";
}

}  // namespace

Html risk_section(const CaseResult& result, const RunInfo& run) {
  if (!result.risk) {
    const std::string missing = result.missing.empty() ? "" : " Not known: " + list_inputs(result.missing) + ".";
    return element("p", escape("No risk was computed." + missing));
  }
  std::string range;
  if (result.risk_low && result.risk_high) range = fmt::format("{} to {}", risk_words(*result.risk_low), risk_words(*result.risk_high));
  const Html number = element("p", {{"class", "risk-number"}},
                              element("strong", escape(risk_words(*result.risk))) + markup(" ") + element("span", escape(range)));
  return number + risk_bar({*result.risk, result.risk_low, result.risk_high, result.prevalence}, RiskAxis::with_ticks) +
         element("p", {{"class", "small"}}, escape(range_words(result, run))) + contribution_table(result, run);
}

}  // namespace cemscope::report
