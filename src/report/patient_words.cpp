#include "src/report/patient_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace cemscope::report {
namespace {

using cohort::CaseResult;
using imaging::Answer;

struct InputWords {
  std::string label, unit;  ///< no unit: yes or no
};

const std::map<std::string, InputWords>& input_words() {
  static const std::map<std::string, InputWords> kWords{
      {"leakage", {"Leakage (radiograph grade)", ""}},    {"adjacent_fracture", {"Adjacent fracture", ""}},
      {"soft_tissue_injury", {"Soft-tissue injury", ""}}, {"distribution_unsatisfactory", {"Unsatisfactory distribution", ""}},
      {"bmd_t_score", {"Bone density T-score", "SD"}},    {"cement_ml", {"Cement per vertebra", "mL"}}};
  return kWords;
}

std::string source_of(const CaseResult& result, const std::string& input) {
  const auto found = result.inputs.find(input);
  return found == result.inputs.end() || found->second.source == "none" ? "" : found->second.source;
}

/// A number, or "not known" with the reason that its model input is missing.
PatientFinding describe_number(const CaseResult& result, const std::string& input, const std::optional<double>& value) {
  Statement statement{words_of_input(input), value ? words_of_value(input, *value) : "not known", std::nullopt, "",
                      value ? Tone::neutral : Tone::unknown};
  const auto found = result.inputs.find(input);
  if (value && found != result.inputs.end()) statement.confidence = found->second.confidence;
  return {statement, source_of(result, input)};
}

PatientFinding describe_leak_grade(const CaseResult& result) {
  return {describe_finding("Leakage (radiograph grade)", result.leakage_radiographic, YesMeans::attention), source_of(result, "leakage")};
}

PatientFinding describe_any_leak(const CaseResult& result) {
  Statement statement = describe_finding("Leakage (any)", result.leakage, YesMeans::attention);
  if (result.leakage.answer == Answer::yes && result.leakage_type != imaging::LeakageType::not_assessable) {
    const std::string type = imaging::to_string(result.leakage_type);
    statement.words += type == "both" ? ", paravertebral and other" : type == "other" ? ", not paravertebral" : ", " + type;
  }
  return {statement, statement.tone == Tone::unknown ? "" : "CT"};
}

/// Why a finding without a field for it could not be made: the warning "<finding>:<reason>".
std::string reason_in_warnings(const CaseResult& result, const std::string& finding) {
  const auto found = std::find_if(result.warnings.begin(), result.warnings.end(),
                                  [&](const auto& warning) { return warning.rfind(finding + ":", 0) == 0; });
  return found == result.warnings.end() ? "" : words_of_code(found->substr(finding.size() + 1));
}

PatientFinding describe_distribution(const CaseResult& result) {
  const bool is_good = result.distribution == imaging::Distribution::satisfactory;
  Statement statement{"Distribution", words_of_code(imaging::to_string(result.distribution)), std::nullopt, "",
                      is_good ? Tone::good : Tone::attention};
  if (result.distribution == imaging::Distribution::not_assessable) {
    statement.tone = Tone::unknown;
    statement.reason = reason_in_warnings(result, "distribution");
  }
  const auto found = result.inputs.find("distribution_unsatisfactory");
  if (found != result.inputs.end() && found->second.value) statement.confidence = found->second.confidence;
  return {statement, source_of(result, "distribution_unsatisfactory")};
}

PatientFinding describe_soft_tissue(const CaseResult& result) {
  Statement statement = describe_finding("Soft-tissue injury", result.soft_tissue_injury, YesMeans::attention);
  if (result.soft_tissue_length_mm) statement.words += fmt::format(", {:.0f}\u00a0mm long", *result.soft_tissue_length_mm);
  if (result.soft_tissue_area_mm2) statement.words += fmt::format(", {:.0f}\u00a0mm\u00b2", *result.soft_tissue_area_mm2);
  return {statement, source_of(result, "soft_tissue_injury")};
}

void add_measured(std::vector<PatientFinding>& findings, const CaseResult& result) {
  if (result.hu_l1) {
    findings.push_back({{"Trabecular density", fmt::format("{:.0f}\u00a0HU", *result.hu_l1), std::nullopt, "", Tone::neutral}, "CT"});
  }
  if (result.compression) {
    const auto row = std::find_if(result.vertebrae.begin(), result.vertebrae.end(),
                                  [&](const auto& one) { return one.measurement.compression == result.compression; });
    findings.push_back({{"Compression", percent(*result.compression), std::nullopt, "", Tone::neutral},
                        row == result.vertebrae.end() ? "" : row->modality});
  }
}

std::string list(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, ", ")); }

}  // namespace

std::vector<PatientFinding> describe_patient(const CaseResult& result) {
  std::vector<PatientFinding> findings{describe_leak_grade(result), describe_any_leak(result)};
  const Statement midline = describe_finding("Midline crossed", result.midline_crossed, YesMeans::good);
  findings.push_back({midline, midline.tone == Tone::unknown ? "" : "CT"});
  findings.push_back(describe_distribution(result));
  findings.push_back(describe_number(result, "cement_ml", result.cement_ml));
  findings.push_back(describe_soft_tissue(result));
  findings.push_back(
      {describe_finding("Adjacent fracture", result.adjacent_fracture, YesMeans::attention), source_of(result, "adjacent_fracture")});
  findings.push_back(describe_number(result, "bmd_t_score", result.bmd_t_score));
  add_measured(findings, result);
  return findings;
}

std::vector<std::string> describe_case(const CaseResult& result) {
  std::vector<std::string> words;
  if (!result.treated_levels.empty()) words.push_back("treated " + list(result.treated_levels));
  if (!result.surgery_date.empty()) words.push_back("surgery " + result.surgery_date);
  if (!result.stage.empty()) words.push_back(words_of_stage(result.stage));
  if (!result.acute_levels.empty()) words.push_back("acute fracture " + list(result.acute_levels));
  if (!result.fluid_cleft_levels.empty()) words.push_back("fluid cleft " + list(result.fluid_cleft_levels));
  for (const auto& [name, value] : result.covariates) {
    if (!value.empty()) words.push_back(words_of_code(name) + " " + value);
  }
  return words;
}

std::string words_of_input(const std::string& name) {
  const auto found = input_words().find(name);
  return found == input_words().end() ? words_of_code(name) : found->second.label;
}

std::string words_of_stage(const std::string& stage) {
  if (stage == "preop") return "pre-operative";
  if (stage == "postop") return "post-operative";
  if (stage == "day_of_surgery") return "day of surgery";
  return stage == "followup" ? "follow-up" : words_of_code(stage);
}

std::string words_of_value(const std::string& name, double value) {
  const auto found = input_words().find(name);
  if (found == input_words().end()) return fmt::format("{:g}", value);
  if (found->second.unit.empty()) return value > 0.5 ? "yes" : "no";
  const std::string sign = value < 0 ? "\u2212" : "";
  return fmt::format("{}{:.{}f}\u00a0{}", sign, std::abs(value), found->second.unit == "mL" ? 2 : 1, found->second.unit);
}

}  // namespace cemscope::report
